/** How a session goes that a test plans, and what its stream knows of time: what the simulation relies on. */
import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { StartSelector } from '../../../ports/media/media.ts';
import { session, type SessionPlan } from '../../../ports/media/memory-session.ts';
import {
  MemoryStream,
  type MemoryStreamOptions,
  type StoredFragment,
} from '../../../ports/media/memory-stream.ts';
import { tinyFragments } from '../../support/kinesis.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { readBody } from '../../support/read-body.ts';

const FRAGMENTS = tinyFragments(10);
const EARLIEST: StartSelector = { kind: 'earliest' };
const REPORT = { id: 4500, code: 'KMS_KEY_ACCESS_DENIED' };

function fragment(index: number): StoredFragment {
  const found = FRAGMENTS[index];
  if (!found) throw new Error(`there is no fragment ${index}`);
  return found;
}

function given(options: Omit<MemoryStreamOptions, 'clock'> = {}) {
  const clock = new ManualClock();
  return { clock, stream: new MemoryStream({ ...options, clock }) };
}

/** What a session has given so far. */
function opened(stream: MemoryStream, plan: SessionPlan, start = EARLIEST) {
  const controller = new AbortController();
  const state = { chunks: [] as Uint8Array[], over: false, error: undefined as unknown };
  void (async () => {
    try {
      for await (const chunk of session(stream, start, plan, controller.signal)) state.chunks.push(chunk);
    } catch (error) {
      state.error = error;
    }
    state.over = true;
  })();
  const bytes = () => state.chunks.flatMap((chunk) => [...chunk]);
  const reports = () =>
    readBody(Buffer.concat(state.chunks)).fragments.map(({ error, number }) => ({ error, number }));
  return {
    state,
    bytes,
    reports,
    abort: () => {
      controller.abort();
    },
  };
}

describe('a session', () => {
  it('ends half a minute after the last fragment, and no sooner', async () => {
    const { clock, stream } = given();
    stream.put(fragment(0), clock.now() + 20_000);
    const { state, bytes } = opened(stream, {});
    await clock.advance(49_999);
    expect([bytes(), state.over]).toEqual([[0], false]);
    await clock.advance(1);
    expect(state).toMatchObject({ over: true, error: undefined });
  });

  it('ends after three quarters of an hour, whatever comes', async () => {
    const { clock, stream } = given();
    const many = tinyFragments(300);
    for (const [index, one] of many.entries()) stream.put(one, clock.now() + index * 10_000);
    const { state, bytes } = opened(stream, {});
    await clock.advance(45 * 60_000 - 1);
    expect([bytes().length, state.over]).toEqual([270, false]);
    await clock.advance(1);
    expect([bytes().length, state.over]).toEqual([270, true]);
  });

  it('ends when it is aborted, with what has come', async () => {
    const { clock, stream } = given();
    stream.put(fragment(0));
    const { state, bytes, abort } = opened(stream, {});
    await clock.advance(0);
    abort();
    stream.put(fragment(1));
    await clock.advance(0);
    expect([bytes(), state.over]).toEqual([[0], true]);
  });

  it('counts its silence from when a fragment was taken, not from when it came', async () => {
    const { clock, stream } = given();
    stream.put(fragment(0));
    const { signal } = new AbortController();
    const body = session(stream, EARLIEST, { idleMs: 5_000 }, signal)[Symbol.asyncIterator]();
    expect((await body.next()).done).toBe(false);
    await clock.advance(60_000);
    const next = body.next();
    await clock.advance(4_999);
    stream.put(fragment(1));
    expect(await next).toMatchObject({ done: false });
  });

  it.each([
    ['no fragments', { afterFragments: 0 }, []],
    ['no bytes', { afterBytes: 0 }, []],
    ['two fragments', { afterFragments: 2 }, [0, 1]],
    ['three bytes', { afterBytes: 3 }, [0, 1, 2]],
    ['four fragments or two bytes', { afterFragments: 4, afterBytes: 2 }, [0, 1]],
  ])('breaks off after %s, with an error where it is to', async (_, plan, expected) => {
    const { clock, stream } = given();
    for (const one of FRAGMENTS) stream.put(one);
    const breakOff = new Error('as told');
    const { state, bytes } = opened(stream, { ...plan, breakOff });
    await clock.advance(0);
    expect([bytes(), state.over, state.error]).toEqual([expected, true, breakOff]);
  });

  it.each([{ afterFragments: 0 }, { afterBytes: 0 }])(
    'breaks off before anything has come: %o',
    async (plan) => {
      const { clock, stream } = given();
      const breakOff = new Error('as told');
      const { state } = opened(stream, { ...plan, breakOff });
      await clock.advance(0);
      expect(state).toMatchObject({ over: true, error: breakOff });
    },
  );

  it('does not break off where it ends by itself before', async () => {
    const { clock, stream } = given();
    stream.put(fragment(0));
    const { state } = opened(stream, { idleMs: 0, afterFragments: 2, breakOff: new Error('as told') });
    await clock.advance(0);
    expect(state).toMatchObject({ over: true, error: undefined });
  });

  it('cuts the fragment that its last byte is of', async () => {
    const { clock, stream } = given();
    stream.put({ ...fragment(0), document: Uint8Array.of(1, 2, 3) });
    stream.put({ ...fragment(1), document: Uint8Array.of(4, 5, 6) });
    const { bytes } = opened(stream, { afterBytes: 5 });
    await clock.advance(0);
    expect(bytes()).toEqual([1, 2, 3, 4, 5]);
  });

  it('sends nothing for a fragment whose document is nothing', async () => {
    const { clock, stream } = given();
    for (const one of FRAGMENTS.slice(0, 3)) stream.put(one);
    const alter = ({ number, document }: StoredFragment) =>
      number === fragment(1).number ? new Uint8Array() : document;
    const { state } = opened(stream, { idleMs: 0, alter });
    await clock.advance(0);
    expect(state.chunks).toEqual([Uint8Array.of(0), Uint8Array.of(2)]);
  });

  it.each([
    ['the fragment before it', { kind: 'afterFragment', number: fragment(0).number }, 0, fragment(0).number],
    [
      'the fragment of the token',
      { kind: 'continuationToken', token: fragment(1).number.toString() },
      0,
      fragment(1).number,
    ],
    ['the last that was sent', { kind: 'afterFragment', number: fragment(0).number }, 2, fragment(2).number],
    ['none', { kind: 'earliest' }, 0, 0n],
  ] as const)('names in a report %s', async (_, start, afterFragments, number) => {
    const { clock, stream } = given();
    for (const one of FRAGMENTS) stream.put({ ...one, document: new Uint8Array() });
    const { state, reports } = opened(stream, { afterFragments, breakOff: { report: REPORT } }, start);
    await clock.advance(0);
    expect(reports()).toEqual([{ error: REPORT, number }]);
    expect(state.over).toBe(true);
  });

  it.each([
    [{ kind: 'afterFragment', number: 7n }, 7n],
    [{ kind: 'continuationToken', token: '8' }, 8n],
    [{ kind: 'continuationToken', token: '8x' }, 0n],
    [{ kind: 'continuationToken', token: 'x8' }, 0n],
  ] as const)('reports a position that the stream doesn’t know: %o', async (start, number) => {
    const { clock, stream } = given();
    stream.put(fragment(0));
    const { state, reports } = opened(stream, {}, start);
    await clock.advance(0);
    expect(reports()).toEqual([{ error: { id: 4000, code: 'FRAGMENT_NOT_FOUND' }, number }]);
    expect(state.over).toBe(true);
  });
});

describe('a stream', () => {
  it('takes no fragment that comes before the one before it', () => {
    const { clock, stream } = given();
    stream.put(fragment(0), clock.now() + 10);
    expect(() => {
      stream.put(fragment(1), clock.now() + 9);
    }).toThrow(/in order of number: \d+ after \d+/);
    stream.put(fragment(1), clock.now() + 10);
  });

  it('keeps a fragment up to the last ms, and lists it no longer', async () => {
    const { clock, stream } = given({ keepMs: 5_000 });
    stream.put(fragment(0));
    await clock.advance(5_000);
    expect([stream.fragments.length, stream.listed.length]).toEqual([1, 1]);
    await clock.advance(1);
    expect([stream.fragments.length, stream.listed.length]).toEqual([0, 0]);
  });

  it('forgets what is older than so much, or all, and keeps what comes then', async () => {
    const { clock, stream } = given();
    for (const one of FRAGMENTS.slice(0, 3)) stream.put(one);
    await clock.advance(1_000);
    stream.put(fragment(3));
    stream.forget(1);
    expect(stream.fragments).toEqual([fragment(3)]);
    stream.forget();
    expect(stream.fragments).toEqual([]);
    stream.put(fragment(4));
    expect(stream.fragments).toEqual([fragment(4)]);
    expect(stream.seek(EARLIEST)?.take()).toEqual(fragment(4));
  });

  it('forgets by its retention, too, what it wasn’t told to forget', async () => {
    const { clock, stream } = given({ keepMs: 1_000 });
    stream.put(fragment(0));
    stream.forget();
    await clock.advance(500);
    stream.put(fragment(1));
    await clock.advance(501);
    expect(stream.fragments).toEqual([fragment(1)]);
    await clock.advance(500);
    expect(stream.fragments).toEqual([]);
  });

  it('passes over what it has forgotten before it was taken', () => {
    const { stream } = given();
    const cursor = stream.seek(EARLIEST);
    for (const one of FRAGMENTS.slice(0, 3)) stream.put(one);
    stream.forget();
    stream.put(fragment(3));
    expect(cursor?.take()).toEqual(fragment(3));
    expect(cursor?.take()).toBeUndefined();
  });

  it('knows a token by all of it', () => {
    const { stream } = given();
    stream.put(fragment(0));
    const token = fragment(0).number.toString();
    expect(stream.seek({ kind: 'continuationToken', token })).toBeDefined();
    for (const none of [`${token}x`, `x${token}`, 'x', ''])
      expect(stream.seek({ kind: 'continuationToken', token: none })).toBeUndefined();
  });

  it('begins “now” with the first that comes where nothing has come yet', () => {
    const { stream } = given();
    const cursor = stream.seek({ kind: 'now' });
    stream.put(fragment(0));
    expect(cursor?.take()).toEqual(fragment(0));
  });

  it('tells when the next one is to come', () => {
    const { clock, stream } = given();
    const cursor = stream.seek(EARLIEST);
    expect(cursor?.nextAtMs).toBe(Infinity);
    stream.put(fragment(0), clock.now() + 7);
    expect(cursor?.nextAtMs).toBe(clock.now() + 7);
  });

  it('does not know a fragment that is still to come', () => {
    const { clock, stream } = given();
    stream.put(fragment(0));
    stream.put(fragment(1), clock.now() + 1_000);
    expect(stream.seek({ kind: 'afterFragment', number: fragment(0).number })).toBeDefined();
    expect(stream.seek({ kind: 'afterFragment', number: fragment(1).number })).toBeUndefined();
  });

  it('begins with the first of several that began at that very time', () => {
    const { stream } = given();
    const atMs = fragment(0).serverTimestampMs;
    for (const one of FRAGMENTS.slice(0, 3)) stream.put({ ...one, serverTimestampMs: atMs });
    expect(stream.seek({ kind: 'serverTimestamp', atMs })?.take()?.number).toBe(fragment(0).number);
  });

  it('takes a fragment that is still to come for no end of the one before it', () => {
    const { clock, stream } = given();
    stream.put(fragment(0));
    stream.put(fragment(1), clock.now() + 1_000);
    const atMs = fragment(1).serverTimestampMs + 500;
    expect(stream.seek({ kind: 'serverTimestamp', atMs })?.take()).toEqual(fragment(0));
  });
});

describe('waiting for a stream', () => {
  const waiting = (stream: MemoryStream, untilMs: number, signal: AbortSignal) => {
    const state = { over: false };
    void stream.wait(untilMs, signal).then(() => (state.over = true));
    return state;
  };

  it('is over at its time, at a fragment, or at an abort, and leaves nothing behind', async () => {
    const { clock, stream } = given();
    const controller = new AbortController();
    const timed = waiting(stream, clock.now() + 1_000, controller.signal);
    await clock.advance(999);
    expect(timed.over).toBe(false);
    await clock.advance(1);
    expect(timed.over).toBe(true);
    const woken = waiting(stream, Infinity, controller.signal);
    stream.put(fragment(0));
    await clock.advance(0);
    expect(woken.over).toBe(true);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    const aborted = waiting(stream, Infinity, controller.signal);
    controller.abort();
    await clock.advance(0);
    expect(aborted.over).toBe(true);
    expect(waiting(stream, Infinity, controller.signal).over).toBe(false);
    await clock.advance(0);
    expect(clock.pass()).toBe(false);
  });

  it('is over at once where its time has come, and asks no timer for more than one takes', async () => {
    const askedMs: number[] = [];
    const clock = {
      now: () => 1_000,
      sleep: (ms: number) => {
        askedMs.push(ms);
        return Promise.resolve();
      },
    };
    const stream = new MemoryStream({ clock });
    const { signal } = new AbortController();
    await stream.wait(500, signal);
    await stream.wait(1_500, signal);
    await stream.wait(Infinity, signal);
    expect(askedMs).toEqual([0, 500, 2 ** 31 - 1]);
  });
});
