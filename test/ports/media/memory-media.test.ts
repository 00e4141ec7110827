/** The twin and its stream under a clock of the test's own: nothing in them waits for anything else. */
import { describe, expect, it } from 'vitest';
import { MediaError } from '../../../ports/media/media.ts';
import { MemoryMedia, type OpenPlan } from '../../../ports/media/memory-media.ts';
import {
  FRAGMENT_MS_MAX,
  MemoryStream,
  type MemoryStreamOptions,
} from '../../../ports/media/memory-stream.ts';
import { collect } from '../../support/collect.ts';
import { join, tinyFragments } from '../../support/kinesis.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const FRAGMENTS = tinyFragments(10);
const NEVER = new AbortController().signal;

function given(plan: OpenPlan = {}, options: Omit<MemoryStreamOptions, 'clock'> = {}) {
  const clock = new ManualClock();
  const stream = new MemoryStream({ ...options, clock });
  return { clock, stream, media: new MemoryMedia(stream, () => plan) };
}

/** What came so far, and whether that is all. */
function read(body: AsyncIterable<Uint8Array>) {
  const state = { bytes: [] as number[], over: false, error: undefined as unknown };
  void (async () => {
    try {
      for await (const chunk of body) state.bytes.push(...chunk);
    } catch (error) {
      state.error = error;
    }
    state.over = true;
  })();
  return state;
}

describe('MemoryStream', () => {
  it('takes fragments in order of number only', () => {
    const { stream } = given();
    const [first, second] = FRAGMENTS;
    if (!first || !second) throw new Error('too few fragments');
    stream.put(second);
    expect(() => {
      stream.put(first);
    }).toThrow(RangeError);
    expect(() => {
      stream.put(second);
    }).toThrow(RangeError);
    expect(stream.fragments).toEqual([second]);
  });

  it('shows a fragment from the time on that it comes at', async () => {
    const { clock, stream } = given();
    for (const [index, fragment] of FRAGMENTS.entries()) stream.put(fragment, clock.now() + index * 1000);
    expect(stream.fragments).toEqual(FRAGMENTS.slice(0, 1));
    await clock.advance(2_999);
    expect(stream.fragments).toEqual(FRAGMENTS.slice(0, 3));
    await clock.advance(1);
    expect(stream.fragments).toEqual(FRAGMENTS.slice(0, 4));
  });

  it('forgets a fragment when its time is over', async () => {
    const { clock, stream } = given({}, { keepMs: 5_000 });
    for (const [index, fragment] of FRAGMENTS.entries()) stream.put(fragment, clock.now() + index * 1000);
    await clock.advance(7_000);
    expect(stream.fragments).toEqual(FRAGMENTS.slice(2, 8));
    expect(stream.seek({ kind: 'afterFragment', number: FRAGMENTS[1]?.number ?? 0n })).toBeUndefined();
    expect(stream.seek({ kind: 'afterFragment', number: FRAGMENTS[2]?.number ?? 0n })?.take()).toEqual(
      FRAGMENTS[3],
    );
    expect(stream.seek({ kind: 'earliest' })?.take()).toEqual(FRAGMENTS[2]);
  });

  it('lists a fragment later than it can be read', async () => {
    const { clock, stream } = given({}, { listingDelayMs: 2_000 });
    for (const fragment of FRAGMENTS) stream.put(fragment);
    expect(stream.fragments).toHaveLength(10);
    expect(stream.listed).toHaveLength(0);
    await clock.advance(2_000);
    expect(stream.listed).toHaveLength(10);
  });

  it('begins by the producer’s clock, and with the latest fragment', () => {
    const { stream } = given();
    for (const fragment of FRAGMENTS) stream.put(fragment);
    const atMs = (FRAGMENTS[4]?.producerTimestampMs ?? 0) + 1;
    expect(stream.seek({ kind: 'producerTimestamp', atMs })?.take()).toEqual(FRAGMENTS[4]);
    expect(stream.seek({ kind: 'now' })?.take()).toEqual(FRAGMENTS[9]);
  });

  it('takes no fragment to be longer than the longest there can be', () => {
    const { stream } = given();
    const [first] = FRAGMENTS;
    if (!first) throw new Error('no fragment');
    stream.put(first);
    const endMs = first.serverTimestampMs + FRAGMENT_MS_MAX;
    expect(stream.seek({ kind: 'serverTimestamp', atMs: endMs - 1 })?.take()).toEqual(first);
    expect(stream.seek({ kind: 'serverTimestamp', atMs: endMs })?.take()).toBeUndefined();
  });

  it('waits for a time that is still to come', () => {
    const { stream } = given();
    const cursor = stream.seek({ kind: 'serverTimestamp', atMs: FRAGMENTS[5]?.serverTimestampMs ?? 0 });
    expect(cursor?.take()).toBeUndefined();
    const later = tinyFragments(1, FRAGMENTS[0] ? FRAGMENTS[0].serverTimestampMs - 60_000 : 0);
    for (const fragment of later) stream.put(fragment);
    expect(cursor?.take()).toBeUndefined();
    for (const fragment of FRAGMENTS.slice(5)) stream.put(fragment);
    expect(cursor?.take()).toEqual(FRAGMENTS[5]);
  });
});

describe('MemoryMedia', () => {
  it('brings each fragment when it comes, whether it was put ahead of time or just then', async () => {
    const { clock, stream, media } = given();
    for (const [index, fragment] of FRAGMENTS.slice(0, 5).entries()) {
      stream.put(fragment, clock.now() + index * 1000);
    }
    const body = read(await media.open({ kind: 'earliest' }, NEVER));
    await clock.advance(2_500);
    expect(body.bytes).toEqual([0, 1, 2]);
    await clock.advance(2_000);
    expect(body.bytes).toEqual([0, 1, 2, 3, 4]);
    for (const fragment of FRAGMENTS.slice(5, 6)) stream.put(fragment);
    await clock.advance(0);
    expect(body).toMatchObject({ bytes: [0, 1, 2, 3, 4, 5], over: false });
  });

  it('ends, cleanly, when nothing came for too long', async () => {
    const { clock, stream, media } = given({ idleMs: 3_000 });
    stream.put(FRAGMENTS[0] ?? unreachable(), clock.now() + 2_000);
    const body = read(await media.open({ kind: 'earliest' }, NEVER));
    await clock.advance(4_999);
    expect(body).toMatchObject({ bytes: [0], over: false });
    await clock.advance(1);
    expect(body).toMatchObject({ bytes: [0], over: true, error: undefined });
    expect(media.openBodies).toBe(0);
  });

  it('ends, cleanly, when the session has lasted for too long', async () => {
    const { clock, stream, media } = given({ sessionMs: 4_500 });
    for (const [index, fragment] of FRAGMENTS.entries()) stream.put(fragment, clock.now() + index * 1000);
    const body = read(await media.open({ kind: 'earliest' }, NEVER));
    await clock.advance(4_499);
    expect(body).toMatchObject({ bytes: [0, 1, 2, 3, 4], over: false });
    await clock.advance(60_000);
    expect(body).toMatchObject({ bytes: [0, 1, 2, 3, 4], over: true, error: undefined });
  });

  it('falls silent until it is aborted', async () => {
    const { clock, stream, media } = given({ afterFragments: 2, breakOff: 'stall' });
    for (const fragment of FRAGMENTS) stream.put(fragment);
    const controller = new AbortController();
    const body = read(await media.open({ kind: 'earliest' }, controller.signal));
    await clock.advance(3_600_000);
    expect(body).toMatchObject({ bytes: [0, 1], over: false });
    controller.abort();
    await clock.advance(0);
    expect(body).toMatchObject({ bytes: [0, 1], over: true });
  });

  it('hands bodies on in chunks of the size that is wanted', async () => {
    const { stream, media } = given({ idleMs: 0, chunkBytes: 3 });
    stream.put({ ...(FRAGMENTS[0] ?? unreachable()), document: Uint8Array.of(1, 2, 3, 4, 5, 6, 7) });
    stream.put({ ...(FRAGMENTS[1] ?? unreachable()), document: Uint8Array.of(1, 2, 3, 4, 5, 6) });
    const chunks = await collect(await media.open({ kind: 'earliest' }, NEVER));
    expect(chunks.map((chunk) => [...chunk])).toEqual([[1, 2, 3], [4, 5, 6], [7], [1, 2, 3], [4, 5, 6]]);
  });

  it('takes a chunk to be of a byte at least, and its size from whoever says it each time', async () => {
    const sizes = [2, 0, 3];
    const { stream, media } = given({ idleMs: 0, chunkBytes: () => sizes.shift() ?? 9 });
    stream.put({ ...(FRAGMENTS[0] ?? unreachable()), document: Uint8Array.of(1, 2, 3, 4, 5, 6, 7) });
    const chunks = await collect(await media.open({ kind: 'earliest' }, NEVER));
    expect(chunks.map((chunk) => [...chunk])).toEqual([[1, 2], [3], [4, 5, 6], [7]]);
  });

  it.each(['x7', '7x'])('says of a token that is none that it is malformed: %s', async (token) => {
    const { media } = given();
    await expect(media.open({ kind: 'continuationToken', token }, NEVER)).rejects.toMatchObject({
      kind: 'positionUnknown',
      message: expect.stringContaining('malformed') as string,
    });
    expect(media.openBodies).toBe(0);
  });

  it('goes on by itself where nothing is planned', async () => {
    const { clock, stream } = given();
    stream.put(FRAGMENTS[0] ?? unreachable());
    const body = read(await new MemoryMedia(stream).open({ kind: 'earliest' }, NEVER));
    await clock.advance(29_999);
    expect(body).toMatchObject({ bytes: [0], over: false });
    await clock.advance(1);
    expect(body).toMatchObject({ over: true, error: undefined });
  });

  it('counts the bodies that are being read', async () => {
    const { clock, media } = given();
    const bodies = [
      await media.open({ kind: 'earliest' }, NEVER),
      await media.open({ kind: 'earliest' }, NEVER),
    ];
    expect(media.openBodies).toBe(0);
    for (const body of bodies) read(body);
    expect(media.openBodies).toBe(2);
    await clock.advance(30_000);
    expect(media.openBodies).toBe(0);
  });

  it('sends another document in a fragment’s place where it is told to', async () => {
    const { stream, media } = given({ idleMs: 0, alter: ({ document }) => join([document, document]) });
    for (const fragment of FRAGMENTS.slice(0, 2)) stream.put(fragment);
    const body = join(await collect(await media.open({ kind: 'earliest' }, NEVER)));
    expect([...body]).toEqual([0, 0, 1, 1]);
  });

  it('goes by a plan of its own for each session, and notes where each began', async () => {
    const clock = new ManualClock();
    const stream = new MemoryStream({ clock });
    const refuse = new MediaError('accessDenied', 'as told');
    const media = new MemoryMedia(stream, (session) => (session === 1 ? { refuse } : { idleMs: 0 }));
    const after = { kind: 'afterFragment', number: 7n } as const;
    await expect(media.open(after, NEVER)).rejects.toBe(refuse);
    expect(await collect(await media.open({ kind: 'earliest' }, NEVER))).toEqual([]);
    expect(media.starts).toEqual([after, { kind: 'earliest' }]);
  });
});

function unreachable(): never {
  throw new Error('there is no such fragment');
}
