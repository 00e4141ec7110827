import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GapSpan } from '../../../../local/standins/kinesis-video/producer.ts';
import { produceCall } from '../../../../local/standins/kinesis-video/producer.ts';
import type { StoredFragment } from '../../../../local/standins/kinesis-video/stream.ts';
import { type ElementHeader, readHeader, UNKNOWN_SIZE } from '../../../../matroska/bytes.ts';
import { ID } from '../../../../matroska/elements.ts';
import type { Block, Fragment } from '../../../../matroska/fragment.ts';
import { CONTACT_ID } from '../../../support/call.ts';
import { call, difference, documentsOf, join, noise, STARTED_AT_MS } from '../../../support/kinesis.ts';
import { readBody } from '../../../support/read-body.ts';

const NAMES = ['AUDIO_FROM_CUSTOMER', 'AUDIO_TO_CUSTOMER'];

function read(stored: readonly StoredFragment[]): readonly Fragment[] {
  const { fragments, error } = readBody(documentsOf(stored));
  expect(error).toBeUndefined();
  return fragments;
}

interface TrackBlock extends Block {
  readonly samples: Int16Array;
}

/** A channel's blocks, in the order in which they come. */
function blocksOf(fragments: readonly Fragment[], channel: number): TrackBlock[] {
  return fragments.flatMap((fragment) => {
    const track = fragment.tracks.find(({ name }) => name === NAMES[channel])?.trackNumber;
    return fragment.blocks
      .filter(({ trackNumber }) => trackNumber === track)
      .map((block) => {
        const bytes = block.audio.slice();
        return { ...block, samples: new Int16Array(bytes.buffer, 0, bytes.length / 2) };
      });
  });
}

function samplesOf(blocks: readonly TrackBlock[]): Uint8Array {
  return join(blocks.map(({ samples }) => new Uint8Array(samples.buffer)));
}

/** What is left of a channel, frame by frame. */
function withoutGaps(samples: Int16Array, sampleRate: number, gaps: readonly GapSpan[]): Uint8Array {
  return new Uint8Array(samples.filter((_, at) => !gapAt(gaps, sampleRate, at)).buffer);
}

const sizeField = fc.record({ known: fc.boolean(), bytes: fc.integer({ min: 1, max: 8 }) });
const layout = fc.record({
  firstTrack: fc.constantFrom('customer' as const, 'agent' as const),
  connectTags: fc.constantFrom('before' as const, 'after' as const, 'around' as const),
  segmentSize: sizeField,
  clusterSize: sizeField,
  eventsTag: fc.boolean(),
});
const gapSpan = fc.record({
  channel: fc.integer({ min: 0, max: 1 }),
  startMs: fc.integer({ min: 0, max: 4_000 }),
  lengthMs: fc.integer({ min: 0, max: 3_000 }),
});

describe('produceCall', () => {
  it('sends every sample once, at its time, whatever the layout', () => {
    fc.assert(
      fc.property(
        fc.record({
          frames: fc.integer({ min: 1, max: 30_000 }),
          channelCount: fc.integer({ min: 1, max: 2 }),
          sampleRate: fc.constantFrom(8_000, 11_025, 16_000, 44_100),
          layout,
          gaps: fc.array(gapSpan, { maxLength: 3 }),
          clockSkewMs: fc.integer({ min: -5_000, max: 5_000 }),
          oddBlocks: fc.boolean(),
          lastTagless: fc.boolean(),
          seed: fc.integer(),
        }),
        ({ frames, channelCount, ...options }) => {
          const channels = Array.from({ length: channelCount }, (_, channel) => noise(frames, channel));
          const fragments = read(
            produceCall({ channels, contactId: CONTACT_ID, startedAtMs: STARTED_AT_MS, ...options }),
          );
          for (const [channel, samples] of channels.entries()) {
            const gaps = options.gaps.filter((gap) => gap.channel === channel);
            const blocks = blocksOf(fragments, channel);
            expect(
              difference(samplesOf(blocks), withoutGaps(samples, options.sampleRate, gaps)),
            ).toBeUndefined();
            let at = 0;
            for (const block of blocks) {
              const startMs = STARTED_AT_MS + options.clockSkewMs;
              while (gapAt(gaps, options.sampleRate, at)) at += 1;
              expect(block.timeMs).toBe(startMs + Math.round((at * 1000) / options.sampleRate));
              at += block.samples.length;
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('writes 16 or 17 blocks of 1,024 bytes a track and fragment, and the rest into a shorter one', () => {
    const fragments = read(call(30.1));
    for (const fragment of fragments.slice(0, -1)) {
      for (const channel of [0, 1]) {
        const blocks = blocksOf([fragment], channel);
        expect([16, 17]).toContain(blocks.length);
        expect(blocks.every(({ samples }) => samples.length === 512)).toBe(true);
      }
    }
    const both = new Set(fragments.slice(0, -1).map(({ blocks }) => blocks.length));
    expect(both).toEqual(new Set([32, 34]));
    const rest = (30.1 * 8000) % 512;
    expect(blocksOf(fragments, 0).at(-1)?.samples.length).toBe(rest);
  });

  it('numbers fragments as Kinesis Video Streams does', () => {
    const fragments = call(10);
    for (const [index, { number, serverTimestampMs }] of fragments.entries()) {
      expect(number.toString()).toHaveLength(47);
      expect((number >> 28n) & ((1n << 64n) - 1n)).toBe(BigInt(serverTimestampMs));
      expect((number - 2n ** 156n) >> 92n).toBe(BigInt(STARTED_AT_MS + index));
    }
    const later = call(3, { startedAtMs: STARTED_AT_MS + 10_000 });
    expect(later[0]?.number).toBeGreaterThan(fragments.at(-1)?.number ?? 0n);
  });

  it('stamps fragments by both clocks', () => {
    for (const { serverTimestampMs, producerTimestampMs } of call(5, { clockSkewMs: 970 })) {
      const aheadMs = producerTimestampMs - serverTimestampMs;
      expect(aheadMs).toBeGreaterThan(700);
      expect(aheadMs).toBeLessThan(900);
    }
    const [first] = read(call(2, { clockSkewMs: 970 }));
    expect(first?.producerTimestampMs).toBe(STARTED_AT_MS + 970);
    expect(first?.blocks[0]?.timeMs).toBe(STARTED_AT_MS + 970);
  });

  it('tags every fragment whole, with whose it is and what is in it', () => {
    const stored = call(3, { millisBehindNow: 131_207 });
    for (const [index, fragment] of read(stored).entries()) {
      expect(fragment).toMatchObject({
        wholeness: 'tagged',
        number: stored[index]?.number,
        serverTimestampMs: stored[index]?.serverTimestampMs,
        producerTimestampMs: stored[index]?.producerTimestampMs,
        continuationToken: stored[index]?.number.toString(),
        millisBehindNow: 131_207,
      });
      expect(fragment.tags.get('ContactId')).toBe(CONTACT_ID);
      expect(fragment.tags.get('MimeType')).toBe('audio/L16;rate=8000;channels=1;');
      expect(fragment.segmentUid).toHaveLength(32);
    }
    expect(new Set(read(stored).map(({ segmentUid }) => segmentUid)).size).toBe(1);
  });

  it.each([
    ['customer', NAMES],
    ['agent', [...NAMES].reverse()],
  ] as const)('puts the %s’s track first', (firstTrack, names) => {
    const [fragment] = read(call(1, { layout: { firstTrack } }));
    expect(fragment?.tracks.map(({ trackNumber, name }) => [trackNumber, name])).toEqual([
      [1, names[0]],
      [2, names[1]],
    ]);
  });

  it('leaves the last fragment without its tags where it is told to', () => {
    const fragments = read(call(3, { lastTagless: true, lastContactless: true }));
    expect(fragments.map(({ wholeness }) => wholeness)).toEqual([
      ...fragments.slice(1).map(() => 'tagged'),
      'structural',
    ]);
    expect(fragments.map(({ tags }) => tags.has('ContactId'))).toEqual([
      ...fragments.slice(1).map(() => true),
      false,
    ]);
  });

  it('writes no fragment where nobody sends', () => {
    const gaps = [0, 1].map((channel) => ({ channel, startMs: 2_000, lengthMs: 4_000 }));
    const times = call(8, { gaps }).map(({ producerTimestampMs }) => producerTimestampMs - STARTED_AT_MS);
    expect(times.filter((ms) => ms > 2_000 && ms < 6_000)).toEqual([]);
    expect(times.some((ms) => ms >= 6_000)).toBe(true);
  });

  it('lets the agent join late, at the ms', () => {
    const fragments = read(call(9, { agentJoinsAtMs: 7_003 }));
    expect(blocksOf(fragments, 0)[0]?.timeMs).toBe(STARTED_AT_MS);
    expect(blocksOf(fragments, 1)[0]?.timeMs).toBe(STARTED_AT_MS + 7_003);
  });

  it('makes odd blocks where it is told to', () => {
    const sizes = blocksOf(read(call(30, { oddBlocks: true })), 0).map(({ samples }) => samples.length);
    expect(sizes.slice(0, -1).some((frames) => frames !== 512)).toBe(true);
  });

  it('gives the same call for the same seed only', () => {
    const document = (seed: number) => documentsOf(call(3, { seed }));
    expect(difference(document(7), document(7))).toBeUndefined();
    expect(difference(document(7), document(8))).toBeDefined();
  });

  it.each([
    [[], 8000],
    [[noise(1), noise(1), noise(1)], 8000],
    [[noise(1)], 999],
    [[noise(1)], NaN],
  ])('makes no call of %o at %i Hz', (channels, sampleRate) => {
    expect(() =>
      produceCall({ channels, sampleRate, contactId: CONTACT_ID, startedAtMs: STARTED_AT_MS }),
    ).toThrow(RangeError);
  });
});

describe('the layout of a fragment', () => {
  /** Offsets and payload sizes of a fragment that Connect wrote. */
  const SEEN = [
    ['EBML', 0, 35],
    ['Segment', 40, 34_716],
    ['Info', 52, 119],
    ['Tracks', 177, 110],
    ['Tags', 295, 85],
    ['Tags', 392, 86],
    ['Tags', 490, 79],
    ['Tags', 581, 58],
    ['Tags', 651, 60],
    ['Tags', 723, 235],
    ['Cluster', 966, 33_197],
  ];

  it('is, byte for byte, that of one that was seen', () => {
    const [stored] = call(16 * 0.064, {
      layout: { firstTrack: 'agent' },
      millisBehindNow: 131_207,
    });
    if (!stored) throw new Error('nothing was produced');
    expect(stored.document).toHaveLength(34_768);
    expect(topLevel(stored.document).slice(0, SEEN.length)).toEqual(SEEN);
  });
});

/** Names, offsets and payload sizes of what a document is made of; an unknown size is that of what follows. */
function topLevel(document: Uint8Array): (string | number)[][] {
  const header: ElementHeader = { id: 0, size: 0, payload: 0 };
  const found: (string | number)[][] = [];
  for (let at = 0; at < document.length && readHeader(document, at, document.length, header);) {
    const { id, size, payload } = header;
    const name = Object.entries(ID).find(([, known]) => known === id)?.[0] ?? '';
    const end = size === UNKNOWN_SIZE ? endOf(document, id, payload) : payload + size;
    found.push([name, at, end - payload]);
    at = id === ID.Segment ? payload : end;
  }
  return found;
}

function endOf(document: Uint8Array, id: number, payload: number): number {
  if (id === ID.Segment) return document.length;
  const header: ElementHeader = { id: 0, size: 0, payload: 0 };
  let at = payload;
  while (readHeader(document, at, document.length, header) && header.id !== ID.Tags) {
    at = header.payload + header.size;
  }
  return at;
}

function gapAt(gaps: readonly GapSpan[], sampleRate: number, at: number): boolean {
  const frame = (ms: number) => Math.round((ms * sampleRate) / 1000);
  return gaps.some(({ startMs, lengthMs }) => at >= frame(startMs) && at < frame(startMs + lengthMs));
}
