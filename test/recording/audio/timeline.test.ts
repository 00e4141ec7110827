import { describe, expect, it } from 'vitest';
import { Timeline } from '../../../recording/audio/timeline.ts';
import type { OwnFragment } from '../../../recording/ownership.ts';
import { channelOf, layOut } from '../../support/audio.ts';
import { START_FRAGMENT_NUMBER } from '../../support/call.ts';
import { fragmentOf, ramp, T0, type TestBlock, type TestDocument } from '../../support/documents.ts';

const SECOND = 8_000;
const FRAGMENT_MS = 1_024;

/** One block a channel, 1,024 ms long, unless said otherwise. */
function second(
  index: number,
  options: TestDocument & { shiftMs?: number; channels?: readonly (0 | 1)[] } = {},
): OwnFragment {
  const { shiftMs = 0, channels = [0, 1], ...rest } = options;
  const atMs = T0 + index * FRAGMENT_MS + shiftMs;
  const samples = (FRAGMENT_MS * SECOND) / 1000;
  const blocks = channels.map((channel): TestBlock => ({
    channel,
    atMs,
    pcm: ramp(samples, index * samples),
  }));
  return fragmentOf({
    number: START_FRAGMENT_NUMBER + BigInt(index) * 1000n,
    serverMs: T0 + index * FRAGMENT_MS,
    blocks,
    ...rest,
  });
}

const block = (channel: 0 | 1, offsetMs: number, samples: number, from = 1): TestBlock => ({
  channel,
  atMs: T0 + offsetMs,
  pcm: ramp(samples, from),
});

describe('Timeline', () => {
  it('lays one fragment after the other, customer left and agent right', () => {
    const { audio, gaps, frames } = layOut([second(0), second(1), second(2)]);
    const expected = channelOf(Buffer.concat([0, 1, 2].map((index) => stereo(index))), 0);
    expect(channelOf(audio, 0)).toEqual(expected);
    expect(channelOf(audio, 1)).toEqual(expected);
    expect(gaps).toEqual([]);
    expect(frames).toBe(expected.length);
  });

  it.each([
    [['AUDIO_FROM_CUSTOMER', 'AUDIO_TO_CUSTOMER'], 0],
    [['AUDIO_TO_CUSTOMER', 'AUDIO_FROM_CUSTOMER'], 1],
    [[undefined], 0],
    [['Track_audio/L16'], 0],
  ])('knows tracks %j by their names: the first is channel %d', (trackNames, channel) => {
    const { audio } = layOut([fragmentOf({ trackNames, blocks: [block(0, 0, 10)] })]);
    expect(channelOf(audio, channel === 0 ? 0 : 1)).toEqual(channelOf(stereoOf(ramp(10)), 0));
    expect(channelOf(audio, channel === 0 ? 1 : 0).every((sample) => sample === 0)).toBe(true);
  });

  it('knows unnamed tracks by Connect’s tags', () => {
    const extraTags = [
      ['AUDIO_FROM_CUSTOMER', '2'],
      ['AUDIO_TO_CUSTOMER', '1'],
    ] as const;
    const { audio } = layOut([
      fragmentOf({ trackNames: [undefined, undefined], extraTags, blocks: [block(0, 0, 10)] }),
    ]);
    expect(channelOf(audio, 1)).toEqual(channelOf(stereoOf(ramp(10)), 0));
  });

  it('leaves silence of exactly the right length where audio is missing, and notes it for each track', () => {
    const { audio, gaps, gapMs } = layOut([second(0), second(1, { shiftMs: 2_000 })]);
    const gap = { startMs: FRAGMENT_MS, lengthMs: 2_000 };
    expect(gaps).toEqual([
      { track: 'AUDIO_FROM_CUSTOMER', ...gap },
      { track: 'AUDIO_TO_CUSTOMER', ...gap },
    ]);
    expect(gapMs).toEqual({ AUDIO_FROM_CUSTOMER: 2_000, AUDIO_TO_CUSTOMER: 2_000 });
    const left = channelOf(audio, 0);
    const from = (FRAGMENT_MS * SECOND) / 1000;
    expect(left.slice(from, from + 2 * SECOND).every((sample) => sample === 0)).toBe(true);
    expect(left.slice(from + 2 * SECOND)).toEqual(channelOf(stereo(1), 0));
  });

  it.each([-500, -1, 0, 1, 32])(
    'lets a block that is %d ms off its track’s end follow on, untrimmed',
    (offMs) => {
      const { audio, gaps } = layOut([second(0), second(1, { shiftMs: offMs })]);
      expect(channelOf(audio, 0)).toEqual(channelOf(Buffer.concat([stereo(0), stereo(1)]), 0));
      expect(gaps).toEqual([]);
    },
  );

  it('takes 33 ms for a gap', () => {
    expect(layOut([second(0), second(1, { shiftMs: 33, channels: [0] })]).gaps).toEqual([
      { track: 'AUDIO_FROM_CUSTOMER', startMs: FRAGMENT_MS, lengthMs: 33 },
    ]);
  });

  it('places a track’s first block by its time, however small the silence before it', () => {
    const { audio, gaps } = layOut([fragmentOf({ blocks: [block(0, 0, 800), block(1, 20, 80)] })]);
    expect(gaps).toEqual([{ track: 'AUDIO_TO_CUSTOMER', startMs: 0, lengthMs: 20 }]);
    expect(channelOf(audio, 1).findIndex((sample) => sample !== 0)).toBe(160);
  });

  it('is nothing where no fragment has audio that can be placed', () => {
    for (const fragments of [[], [fragmentOf({})], [second(0, { mimeType: 'audio/AAC' })]]) {
      const { audio, frames, originMs, fragments: placed, sampleRate } = layOut(fragments);
      expect({ length: audio.length, frames, originMs, placed, sampleRate }).toEqual({
        length: 0,
        frames: 0,
        originMs: undefined,
        placed: 0,
        sampleRate: SECOND,
      });
    }
  });

  it('knows its sample rate as soon as it is told', () => {
    const timeline = new Timeline();
    const chunks = [...timeline.add(second(0, { mimeType: 'audio/L16;rate=16000' }))];
    expect([chunks, timeline.sampleRate, timeline.originMs]).toEqual([[], 16_000, undefined]);
    expect([...timeline.finish()].length).toBeGreaterThan(0);
    expect([timeline.sampleRate, timeline.originMs]).toEqual([16_000, T0]);
  });

  it('pads the shorter track, which is no gap', () => {
    const { audio, gaps, frames } = layOut([second(0), second(1, { channels: [0] })]);
    expect(gaps).toEqual([]);
    expect(frames).toBe((2 * FRAGMENT_MS * SECOND) / 1000);
    expect(audio.length).toBe(frames * 4);
  });

  it('orders a track’s blocks by time within a fragment', () => {
    const blocks = [block(0, 64, 512, 512), block(0, 0, 512, 0)];
    expect(channelOf(layOut([fragmentOf({ blocks })]).audio, 0)).toEqual(
      channelOf(stereoOf(ramp(1024, 0)), 0),
    );
  });

  it('begins with the earliest block of the first fragment that has one', () => {
    const { gaps, frames } = layOut([
      fragmentOf({ blocks: [], clusterMs: T0 - 60_000 }),
      fragmentOf({ number: START_FRAGMENT_NUMBER + 1n, blocks: [block(1, 100, 80), block(0, 40, 80)] }),
    ]);
    expect(gaps).toEqual([{ track: 'AUDIO_TO_CUSTOMER', startMs: 0, lengthMs: 60 }]);
    expect(frames).toBe(((60 + 10) * SECOND) / 1000);
  });

  it('keeps odd block sizes whole', () => {
    const blocks = [block(0, 0, 512, 0), block(0, 64, 96, 512), block(0, 76, 1, 608), block(0, 76, 512, 609)];
    expect(channelOf(layOut([fragmentOf({ blocks })]).audio, 0)).toEqual(
      channelOf(stereoOf(ramp(1121, 0)), 0),
    );
  });

  it('puts a block more than 60 s behind the furthest track at that edge', () => {
    const { audio, gaps, lateBlocks, frames } = layOut([
      fragmentOf({ blocks: [block(0, 0, 8)] }),
      ...Array.from({ length: 100 }, (_, index) =>
        fragmentOf({
          number: START_FRAGMENT_NUMBER + BigInt(index + 1),
          blocks: [block(0, 1_000 + index * 1_000, SECOND)],
        }),
      ),
      fragmentOf({
        number: START_FRAGMENT_NUMBER + 500n,
        blocks: [block(1, 10_000, 8)],
        clusterMs: T0 + 10_000,
        serverMs: T0 + 10_000,
      }),
    ]);
    expect(lateBlocks).toBe(1);
    expect(frames).toBe(101 * SECOND);
    expect(gaps.at(-1)).toEqual({ track: 'AUDIO_TO_CUSTOMER', startMs: 0, lengthMs: 41_000 });
    expect(channelOf(audio, 1).findIndex((sample) => sample !== 0)).toBe(41 * SECOND);
  });

  it('gives out silence of hours in small pieces', () => {
    const timeline = new Timeline();
    let bytes = 0;
    let largestChunk = 0;
    for (const fragment of [second(0), second(1, { shiftMs: 5 * 3_600_000, serverMs: T0 + 5 * 3_600_000 })]) {
      for (const chunk of timeline.add(fragment)) {
        bytes += chunk.length;
        largestChunk = Math.max(largestChunk, chunk.length);
      }
    }
    for (const chunk of timeline.finish()) bytes += chunk.length;
    expect(timeline.facts().gaps[0]?.lengthMs).toBe(5 * 3_600_000);
    expect(bytes).toBe(((5 * 3_600_000 + 2 * FRAGMENT_MS) * SECOND * 4) / 1000);
    expect(largestChunk).toBeLessThanOrEqual(256 * 1024);
  });
});

describe('Timeline, when clocks jump', () => {
  it('lets one absurd timecode neither eat nor invent an hour', () => {
    const { audio, reanchored, gaps } = layOut([
      second(0),
      second(1, { shiftMs: 3_600_000 }),
      second(2),
      second(3),
    ]);
    expect(reanchored).toBe(0);
    expect(gaps).toEqual([]);
    expect(channelOf(audio, 0)).toEqual(
      channelOf(Buffer.concat([0, 1, 2, 3].map((index) => stereo(index))), 0),
    );
  });

  it('follows the server’s clock when the producer’s jumps back for good', () => {
    const { reanchored, gaps } = layOut([
      second(0),
      second(1, { shiftMs: -86_400_000, serverMs: T0 + FRAGMENT_MS + 3_000 }),
      second(2, { shiftMs: -86_400_000, serverMs: T0 + 2 * FRAGMENT_MS + 3_000 }),
    ]);
    expect(reanchored).toBe(1);
    expect(gaps.map(({ lengthMs }) => lengthMs)).toEqual([3_000, 3_000]);
  });

  it('takes no notice of a slow upload', () => {
    const { reanchored, gaps } = layOut([
      second(0),
      second(1, { serverMs: T0 + 600_000 }),
      second(2, { serverMs: T0 + 600_100 }),
    ]);
    expect({ reanchored, gaps }).toEqual({ reanchored: 0, gaps: [] });
  });

  it('takes a long pause for a pause when both clocks agree', () => {
    const { reanchored, gaps } = layOut([
      second(0),
      second(1, { shiftMs: 300_000, serverMs: T0 + FRAGMENT_MS + 301_000 }),
    ]);
    expect(reanchored).toBe(0);
    expect(gaps[0]?.lengthMs).toBe(300_000);
  });
});

describe('Timeline, with audio that can’t be placed', () => {
  const next = (index: number) => START_FRAGMENT_NUMBER + BigInt(index) * 1000n;

  it.each([
    ['audio/L16;rate=16000;channels=1;', 'sample rate is 16000'],
    ['audio/AAC;rate=8000', 'not audio/L16'],
    ['audio/L16;rate=8000;channels=2;', 'not mono'],
    ['audio/L16;rate=0', 'no usable sample rate'],
  ])('declares fragments of %s as lost, once, and leaves silence', (mimeType, why) => {
    const { losses, gaps, fragments } = layOut([
      second(0),
      second(1, { mimeType }),
      second(2, { mimeType }),
      second(3),
    ]);
    expect(losses).toHaveLength(1);
    expect(losses[0]).toMatchObject({
      kind: 'FRAGMENT_UNUSABLE',
      firstFragmentNumber: next(1).toString(),
      lastFragmentNumber: next(2).toString(),
    });
    expect(losses[0]?.why).toContain(why);
    expect(gaps.map(({ lengthMs }) => lengthMs)).toEqual([2 * FRAGMENT_MS, 2 * FRAGMENT_MS]);
    expect(fragments).toBe(2);
  });

  it('tells losses with sound fragments between them apart', () => {
    const { losses } = layOut([
      second(0),
      second(1, { mimeType: 'audio/x' }),
      second(2),
      second(3, { mimeType: 'audio/x' }),
    ]);
    expect(losses.map(({ firstFragmentNumber }) => firstFragmentNumber)).toEqual([
      next(1).toString(),
      next(3).toString(),
    ]);
  });

  it('takes a fragment without a MimeType to be as the ones before it', () => {
    const rate = 'audio/L16;rate=16000;channels=1;';
    const { sampleRate, losses } = layOut([second(0, { mimeType: rate }), second(1, { mimeType: '' })]);
    expect({ sampleRate, losses }).toEqual({ sampleRate: 16_000, losses: [] });
  });

  it('declares a track that is nobody’s, and keeps the others', () => {
    const trackNames = ['AUDIO_FROM_CUSTOMER', 'MUSIC'];
    const { losses, audio } = layOut([
      fragmentOf({ trackNames, blocks: [block(0, 0, 10), block(1, 0, 10)] }),
    ]);
    expect(losses).toHaveLength(1);
    expect(channelOf(audio, 0)).toEqual(channelOf(stereoOf(ramp(10)), 0));
  });

  it('declares half a sample', () => {
    const { losses, frames } = layOut([
      fragmentOf({ blocks: [{ channel: 0, atMs: T0, pcm: ramp(10).subarray(0, 19) }] }),
    ]);
    expect(losses).toHaveLength(1);
    expect(frames).toBe(9);
  });
});

/** What fragment `index` of {@link second} holds, as stereo with both channels alike. */
function stereo(index: number): Buffer {
  const samples = (FRAGMENT_MS * SECOND) / 1000;
  return stereoOf(ramp(samples, index * samples));
}

function stereoOf(pcm: Uint8Array): Buffer {
  const mono = Buffer.from(pcm);
  return Buffer.concat(
    Array.from({ length: mono.length / 2 }, (_, index) => {
      const sample = mono.subarray(index * 2, index * 2 + 2);
      return Buffer.concat([sample, sample]);
    }),
  );
}
