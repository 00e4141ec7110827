/** `callspool/live` on the stand-in of Kinesis Video Streams: what is heard is the WAV, whatever breaks off. */
import { afterEach, describe, expect, test } from 'vitest';
import {
  type Gap,
  type Late,
  listen,
  type ListenOptions,
  type Second,
  StreamError,
} from '../../library/live.ts';
import { readWav } from '../../local/run/wav-input.ts';
import type { StoredFragment } from '../../local/standins/kinesis-video/stream.ts';
import type { Fragment } from '../../matroska/fragment.ts';
import { fragmentsOf, plansOf, stall } from '../recording/audio/timed-calls.ts';
import { layOut } from '../support/audio.ts';
import { CONTACT_ID, STREAM_ARN } from '../support/call.ts';
import { collect } from '../support/collect.ts';
import { documentOf, ramp, T0, type TestDocument } from '../support/documents.ts';
import { call, noise } from '../support/kinesis.ts';
import { ELEMENT, leaf, master, text, uint } from '../support/matroska.ts';
import { type StreamForTest, streamForTest } from './stream-for-test.ts';

let under: StreamForTest | undefined;
afterEach(async () => {
  await under?.close();
  under = undefined;
});

async function given(...args: Parameters<typeof streamForTest>): Promise<ListenOptions> {
  under = await streamForTest(...args);
  return { ...under.options, from: 'earliest' };
}

/** The same, for what neither begins at the oldest fragment nor ends in quiet. */
async function bare(...args: Parameters<typeof streamForTest>): Promise<ListenOptions> {
  under = await streamForTest(...args);
  return { client: under.client, streamArn: STREAM_ARN };
}

/** Writes what is heard where it belongs. */
class Ears {
  readonly seconds: Second[] = [];
  readonly gaps: Gap[] = [];
  readonly lates: Late[] = [];
  readonly hear = {
    onGap: (gap: Gap) => void this.gaps.push(gap),
    onLate: (late: Late) => void this.lates.push(late),
    onAudio: (second: Second) => void this.seconds.push(second),
  };

  /** Interleaved, with what came late where it belongs. */
  all(): Int16Array {
    const channels = this.seconds[0]?.channels ?? 2;
    const all = Int16Array.from(this.seconds.flatMap(({ samples }) => [...samples]));
    for (const { channel, startFrame, samples } of this.lates)
      samples.forEach((sample, index) => (all[(startFrame + index) * channels + channel] = sample));
    return all;
  }
}

function isSame(actual: Int16Array, expected: Int16Array): boolean {
  return actual.length === expected.length && actual.every((sample, index) => sample === expected[index]);
}

const CALL = call(5.5);
const CUSTOMER = noise(44_000, 1);
const AGENT = noise(44_000, 2);
const BOTH = Int16Array.from({ length: 88_000 }, (_, at) => (at % 2 === 0 ? CUSTOMER : AGENT)[at >> 1] ?? 0);

test('gives a call second by second, and what is left at its end', async () => {
  const options = await given(CALL);
  const ears = new Ears();
  for await (const second of listen(options)) ears.seconds.push(second);
  const { seconds } = ears;
  expect(seconds.map(({ startFrame }) => startFrame)).toEqual([0, 8_000, 16_000, 24_000, 32_000, 40_000]);
  expect(seconds.map(({ frames }) => frames)).toEqual([8_000, 8_000, 8_000, 8_000, 8_000, 4_000]);
  expect(isSame(ears.all(), BOTH)).toBe(true);
  const [first, second] = seconds;
  expect(first).toMatchObject({ channels: 2, sampleRate: 8_000, gaps: [] });
  expect((second?.startMs ?? 0) - (first?.startMs ?? 0)).toBe(1_000);
  expect(isSame(first?.side(1) ?? new Int16Array(), AGENT.slice(0, 8_000))).toBe(true);
  const wav = readWav(first?.wav() ?? new Uint8Array());
  expect(wav.sampleRate).toBe(8_000);
  expect(isSame(wav.channels[0] ?? new Int16Array(), CUSTOMER.slice(0, 8_000))).toBe(true);
});

test('or tells functions, and waits for each of them', async () => {
  const options = await given(CALL);
  const ears = new Ears();
  const told: string[] = [];
  const end = await listen({
    ...options,
    pieceMs: 500,
    onFragment: () => void told.push('fragment'),
    onAudio: async (second) => {
      await new Promise(setImmediate);
      ears.seconds.push(second);
    },
    onEnd: (why) => void told.push(why),
  }).finished();
  expect(end).toBe('quiet');
  expect(told).toEqual([...CALL.map(() => 'fragment'), 'quiet']);
  expect(ears.seconds).toHaveLength(11);
  expect(isSame(ears.all(), BOTH)).toBe(true);
});

test('hears the same through sessions that end anywhere', async () => {
  const cutAtBytes = Math.max(...CALL.map(({ document }) => document.length)) + 777;
  const options = await given(CALL, { cutAtBytes, callsPerSecond: 1_000 });
  const ears = new Ears();
  await listen({ ...options, ...ears.hear }).finished();
  expect(isSame(ears.all(), BOTH)).toBe(true);
});

test('what one side brings late is silence, told, and follows', async () => {
  const plans = plansOf(12);
  stall(plans, 1, 4, 7);
  const fragments = fragmentsOf(plans);
  const options = await given(fragments.map(stored));
  const ears = new Ears();
  await listen({ ...options, ...ears.hear }).finished();
  const wav = layOut(fragments).audio;
  const expected = new Int16Array(Uint8Array.from(wav).buffer);
  expect(ears.lates.length).toBeGreaterThan(0);
  expect(ears.gaps.some(({ why, channel }) => why === 'LATE' && channel === 1)).toBe(true);
  expect(isSame(ears.all().slice(0, expected.length), expected)).toBe(true);
  // Each gap is told before the second that is silent there, which has it, too.
  const inSeconds = ears.seconds.flatMap(({ gaps }) => gaps);
  expect(ears.gaps.filter(({ why }) => why !== 'MOVED')).toEqual(inSeconds);
});

function stored(fragment: Fragment & { readonly number: bigint }): StoredFragment {
  const { number, serverTimestampMs = T0, producerTimestampMs = serverTimestampMs, pieces } = fragment;
  return { number, serverTimestampMs, producerTimestampMs, document: Buffer.concat(pieces) };
}

describe('one contact’s', () => {
  const other = call(30, {
    contactId: 'other',
    startedAtMs: (CALL[0]?.producerTimestampMs ?? 0) + 10_000,
    firstSequence: Date.now(),
  });

  test('is heard alone, up to the next one’s', async () => {
    const options = await bare([...CALL, ...other]);
    const ears = new Ears();
    const contactId = CONTACT_ID.toUpperCase();
    const end = await listen({ ...options, ...ears.hear, contactId, from: 'earliest' }).finished();
    expect(end).toBe('nextContact');
    expect(isSame(ears.all(), BOTH)).toBe(true);
  });

  test('is heard from its first fragment on, though another one’s come before', async () => {
    const earlier = call(3, {
      contactId: 'earlier',
      startedAtMs: (CALL[0]?.producerTimestampMs ?? 0) - 60_000,
    });
    const options = await bare([...earlier, ...CALL]);
    const ears = new Ears();
    const which = { contactId: CONTACT_ID, startFragmentNumber: CALL[0]?.number ?? 0n, endWhenQuietMs: 300 };
    await listen({ ...options, ...ears.hear, ...which }).finished();
    expect(isSame(ears.all(), BOTH)).toBe(true);
  });
});

describe('any other stream of 16-bit PCM', () => {
  const PCM = leaf(ELEMENT.CodecID, text('A_PCM/INT/LIT'));
  const float64 = (value: number) => {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value);
    return new Uint8Array(view.buffer);
  };
  const audio = (rate: number, channels: number, bits = 16) =>
    master(
      ELEMENT.Audio,
      leaf(ELEMENT.SamplingFrequency, float64(rate)),
      leaf(ELEMENT.Channels, uint(channels)),
      leaf(ELEMENT.BitDepth, uint(bits)),
    );
  const waveFormat = (rate: number, channels: number) => {
    const view = new DataView(new ArrayBuffer(18));
    view.setUint16(0, 1, true);
    view.setUint16(2, channels, true);
    view.setUint32(4, rate, true);
    view.setUint16(14, 16, true);
    return leaf(ELEMENT.CodecPrivate, new Uint8Array(view.buffer));
  };
  const ACM = leaf(ELEMENT.CodecID, text('A_MS/ACM'));
  const BARE = { contactId: '', mimeType: '', trackNames: ['microphone'] } as const;

  /** Fragments of a second, with blocks of a quarter. @param width samples of a frame */
  function streamOf(
    rate: number,
    width: number,
    facts: Partial<TestDocument>,
    pcm: Uint8Array,
  ): StoredFragment[] {
    const quarter = (rate / 4) * width * 2;
    return Array.from({ length: pcm.length / (4 * quarter) }, (_, index) => {
      const atMs = T0 + index * 1_000;
      const number = 10n ** 46n + BigInt(index);
      const blocks = [0, 1, 2, 3].map((nth) => ({
        channel: 0 as const,
        atMs: atMs + nth * 250,
        pcm: pcm.subarray((4 * index + nth) * quarter, (4 * index + nth + 1) * quarter),
      }));
      const document = documentOf({ ...BARE, number, blocks, serverMs: atMs, ...facts });
      return { number, serverTimestampMs: atMs, producerTimestampMs: atMs, document };
    });
  }

  test.each([
    ['mono, by what its track says', 16_000, 1, { trackElements: [PCM, audio(16_000, 1)] }],
    ['stereo, by what its track says', 44_100 - 100, 2, { trackElements: [PCM, audio(44_000, 2)] }],
    ['mono, by its CodecPrivate', 48_000, 1, { trackElements: [ACM, waveFormat(48_000, 1)] }],
    ['stereo, by its CodecPrivate', 8_000, 2, { trackElements: [ACM, waveFormat(8_000, 2)] }],
    ['mono, by its MimeType', 16_000, 1, { mimeType: 'audio/L16;rate=16000;channels=1' }],
    ['stereo, by its MimeType', 16_000, 2, { mimeType: 'audio/L16; rate=16000; channels=2' }],
  ] as const)('is heard: %s', async (_, rate, channels, facts) => {
    const pcm = ramp(3 * rate * channels);
    const options = await given(streamOf(rate, channels, facts, pcm));
    const ears = new Ears();
    await listen({ ...options, ...ears.hear }).finished();
    expect(ears.seconds[0]).toMatchObject({ channels, sampleRate: rate, frames: rate });
    expect(isSame(ears.all(), new Int16Array(Uint8Array.from(pcm).buffer))).toBe(true);
    expect(ears.gaps).toEqual([]);
  });

  test('is heard where it doesn’t say what it is, and whoever listens does', async () => {
    const pcm = ramp(3 * 16_000);
    const options = await given(streamOf(16_000, 1, {}, pcm));
    const ears = new Ears();
    await listen({ ...options, ...ears.hear, assume: { sampleRate: 16_000, channels: 1 } }).finished();
    expect(isSame(ears.all(), new Int16Array(Uint8Array.from(pcm).buffer))).toBe(true);
  });

  test.each([
    ['it doesn’t say', {}],
    ['it isn’t', { mimeType: 'audio/aac' }],
    ['24 bits', { trackElements: [PCM, audio(8_000, 1, 24)] }],
    ['three channels', { trackElements: [PCM, audio(8_000, 3)] }],
    ['compressed', { trackElements: [PCM, master(ELEMENT.ContentEncodings)] }],
  ])('is refused where it can’t be heard: %s', async (_, facts) => {
    const options = await given(streamOf(8_000, 1, facts, ramp(8_000)));
    const error: unknown = await collect(listen(options)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StreamError);
    expect(error).toMatchObject({ kind: 'notPcm' });
  });
});

test.each([
  [{ contactId: '' }, 'contactId is empty: leave it out to hear all that comes'],
  // It would never have been filled.
  [{ pieceMs: NaN }, 'pieceMs is a number from 1 to 3600000'],
  [{ pieceMs: 0 }, 'pieceMs is a number from 1 to 3600000'],
  [{ windowMs: -1 }, 'windowMs is a number from 0 to 3600000'],
  [{ assume: { sampleRate: 0, channels: 1 } }, 'assume.sampleRate is a number from 1 to 192000'],
] as const)('refuses %j', async (options, message) => {
  const listening = listen({ streamArn: STREAM_ARN, ...options });
  await expect(listening.finished()).rejects.toThrow(new TypeError(message));
});
