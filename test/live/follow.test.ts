/** Whatever happens to recorder, feed and follower: every fragment once, in order, from where one was asked for. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Feed } from '../../live/feed.ts';
import { follow, type FollowEnd } from '../../live/follow.ts';
import { silentTelemetry } from '../../ports/runtime/telemetry.ts';
import { MemoryTape } from '../../ports/tape/memory-tape.ts';
import type { Checkpoint } from '../../recording/checkpoint.ts';
import { NO_COUNTS } from '../../recording/checkpoint.ts';
import { RECORDING, RECORDING_ID, START_FRAGMENT_NUMBER } from '../support/call.ts';
import { documentOf, ramp, T0 } from '../support/documents.ts';
import { ManualClock, settled } from '../support/manual-clock.ts';

const numberOf = (index: number) => START_FRAGMENT_NUMBER + BigInt(index) * 10n;
const bytesOf = (index: number) =>
  documentOf({
    number: numberOf(index),
    blocks: [{ channel: 0, atMs: T0 + index * 100, pcm: ramp(80, index * 80) }],
  });

/** A recorder as the follower knows it: a checkpoint, a tape, and maybe a feed. */
class Recorder {
  readonly tape = new MemoryTape();
  readonly clock = new ManualClock();
  kept = 0;
  stored = 0;
  over = false;
  erased = false;
  /** Fragments that are the recording's, once the end tells so. */
  owned: number | undefined;
  /** Fragments on the tape of which the checkpoint doesn't say so. */
  unsaid = 0;
  failures = 0;
  readonly #feeds: boolean;
  readonly #connections = new Set<Connection>();

  /** @param feeds whether there is a feed at all */
  constructor(feeds: boolean) {
    this.#feeds = feeds;
  }

  keep(): void {
    const bytes = bytesOf(this.kept++);
    for (const connection of this.#connections) connection.push(bytes);
  }

  async store(): Promise<void> {
    if (this.kept === this.stored) return;
    const run = Array.from({ length: this.kept - this.stored }, (_, index) => bytesOf(this.stored + index));
    const [first, last] = [numberOf(this.stored), numberOf(this.kept - 1)];
    await this.tape.append(RECORDING, { first, last, bytes: Buffer.concat(run) });
    this.stored = this.kept;
  }

  /** What isn't on the tape is read, and kept, once more by the next one. */
  crash(): void {
    this.kept = this.stored;
    this.cut();
  }

  cut(): void {
    for (const connection of this.#connections) connection.close();
    this.#connections.clear();
  }

  end(): void {
    this.over = true;
    this.cut();
  }

  readonly feed: Feed = {
    join: (signal) => {
      if (!this.#feeds || this.over) return Promise.resolve(undefined);
      const connection = new Connection();
      for (let index = this.stored; index < this.kept; index += 1) connection.push(bytesOf(index));
      this.#connections.add(connection);
      signal.addEventListener(
        'abort',
        () => {
          connection.close();
        },
        { once: true },
      );
      return Promise.resolve(connection);
    },
    leave: () => undefined,
  };

  readonly checkpoints = {
    read: (recordingId: string): Promise<Checkpoint | undefined> => {
      expect(recordingId).toBe(RECORDING_ID);
      if (this.failures-- > 0) return Promise.reject(new Error('throttled'));
      const said = this.stored - this.unsaid;
      return Promise.resolve({
        recordingId,
        attempt: 1,
        counters: NO_COUNTS,
        losses: [],
        ...(said > 0 && { position: { lastFragmentNumber: numberOf(said - 1) } }),
        ...(this.over && {
          ended: {
            reason: 'NEXT_RECORDING',
            at: '2026-03-14T09:30:00Z',
            ...(this.owned !== undefined && { endBefore: numberOf(this.owned).toString() }),
          },
        }),
        ...(this.erased && { erasedAt: '2026-03-14T09:30:00Z' }),
      });
    },
  };
}

class Connection implements AsyncIterable<Uint8Array> {
  readonly #queue: Uint8Array[] = [];
  #closed = false;
  #wake: () => void = () => undefined;

  push(bytes: Uint8Array): void {
    const cut = Math.floor(bytes.length / 2);
    this.#queue.push(bytes.subarray(0, cut), bytes.subarray(cut));
    this.#wake();
  }

  close(): void {
    this.#closed = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const next = this.#queue.shift();
      if (next) yield next;
      else if (this.#closed) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

class Listener {
  readonly got: number[] = [];
  readonly done: Promise<void>;
  end: FollowEnd | undefined;
  readonly #stop = new AbortController();

  constructor(recorder: Recorder, after?: bigint) {
    const { tape, clock, checkpoints, feed } = recorder;
    const ports = { tape, clock, checkpoints, feed, telemetry: silentTelemetry };
    const fragments = follow(ports, RECORDING, { after, signal: this.#stop.signal });
    this.done = (async () => {
      for (let next = await fragments.next(); ; next = await fragments.next()) {
        if (next.done === true) this.end = next.value;
        if (next.done === true || this.#stop.signal.aborted) return;
        this.got.push(Number(next.value.number - START_FRAGMENT_NUMBER) / 10);
      }
    })();
  }

  stop(): void {
    this.#stop.abort();
  }
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);
/** Longer than any look at the tape is away. */
const SOON_MS = 3_000;

describe('A follower', () => {
  test('hears by the feed at once, and by the tape what was before', async () => {
    const recorder = new Recorder(true);
    recorder.keep();
    recorder.keep();
    await recorder.store();
    recorder.keep();
    const listener = new Listener(recorder);
    await settled();
    expect(listener.got).toEqual([0, 1, 2]);
    recorder.keep();
    await settled();
    expect(listener.got).toEqual([0, 1, 2, 3]);
  });

  test('without a feed hears by the tape alone, up to the checkpoint', async () => {
    const recorder = new Recorder(false);
    recorder.keep();
    const listener = new Listener(recorder);
    await recorder.clock.advance(SOON_MS);
    expect(listener.got).toEqual([]);
    await recorder.store();
    await recorder.clock.advance(SOON_MS);
    expect(listener.got).toEqual([0]);
  });

  test('is over with the recording, once the tape is read to the end', async () => {
    const recorder = new Recorder(true);
    const listener = new Listener(recorder);
    recorder.keep();
    await recorder.store();
    recorder.end();
    await recorder.clock.advance(SOON_MS);
    await listener.done;
    expect([listener.got, listener.end]).toEqual([[0], 'ended']);
  });

  test('hears all that is on the tape of a recorder that gave up, whatever its checkpoint says', async () => {
    const recorder = new Recorder(false);
    for (let kept = 0; kept < 4; kept += 1) recorder.keep();
    await recorder.store();
    recorder.unsaid = 3;
    const listener = new Listener(recorder);
    await recorder.clock.advance(SOON_MS);
    expect(listener.got).toEqual([0]);
    recorder.end();
    await recorder.clock.advance(SOON_MS);
    await listener.done;
    expect([listener.got, listener.end]).toEqual([[0, 1, 2, 3], 'ended']);
  });

  test('hears from the tape what lies before all that is fed, and no checkpoint tells of', async () => {
    const recorder = new Recorder(true);
    for (let kept = 0; kept < 4; kept += 1) recorder.keep();
    await recorder.store();
    recorder.unsaid = 3;
    const listener = new Listener(recorder);
    await settled();
    recorder.keep();
    await settled();
    expect(listener.got).toEqual([0, 1, 2, 3, 4]);
  });

  test('hears nothing of what was kept beyond the recording’s end, once that is known', async () => {
    const recorder = new Recorder(false);
    recorder.owned = 2;
    for (let kept = 0; kept < 4; kept += 1) recorder.keep();
    await recorder.store();
    recorder.end();
    const listener = new Listener(recorder);
    await recorder.clock.advance(SOON_MS);
    await listener.done;
    expect([listener.got, listener.end]).toEqual([[0, 1], 'ended']);
  });

  test('is over where the recording has been erased', async () => {
    const recorder = new Recorder(true);
    recorder.erased = true;
    const listener = new Listener(recorder);
    await listener.done;
    expect(listener.end).toBe('erased');
  });

  test('stops when it is told to, in whatever it waits', async () => {
    for (const feeds of [true, false]) {
      const listener = new Listener(new Recorder(feeds));
      await settled();
      listener.stop();
      await listener.done;
      expect(listener.end).toBe('stopped');
    }
  });

  test('a table that doesn’t answer is asked again', async () => {
    const recorder = new Recorder(false);
    recorder.keep();
    await recorder.store();
    recorder.failures = 3;
    const listener = new Listener(recorder);
    await recorder.clock.advance(SOON_MS);
    expect(listener.got).toEqual([0]);
  });
});

const step = fc.constantFrom('keep', 'keep', 'keep', 'store', 'cut', 'crash', 'wait', 'restart');

test('Whatever breaks off, every fragment comes once, in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.boolean(), async (steps, feeds) => {
      const recorder = new Recorder(feeds);
      let listener = new Listener(recorder);
      const got: number[] = [];
      for (const one of [...steps, 'store', 'end'] as const) {
        if (one === 'keep') recorder.keep();
        if (one === 'store') await recorder.store();
        if (one === 'cut') recorder.cut();
        if (one === 'crash') recorder.crash();
        if (one === 'wait') await recorder.clock.advance(SOON_MS);
        if (one === 'end') recorder.end();
        await settled();
        if (one === 'restart') {
          listener.stop();
          got.push(...listener.got);
          const last = got.at(-1);
          listener = new Listener(recorder, last === undefined ? undefined : numberOf(last));
        }
      }
      await recorder.clock.advance(SOON_MS);
      await listener.done;
      got.push(...listener.got);
      // A recorder that crashed may have fed what it kept last, and the stream, asked again, may hold no more of it.
      expect(got.slice(0, recorder.kept)).toEqual(upTo(recorder.kept));
      expect(got).toEqual(upTo(got.length));
    }),
    { numRuns: 200 },
  );
});
