import { describe, expect, it } from 'vitest';
import { MemoryCheckpoints } from '../../ports/memory-checkpoints.ts';
import { MemoryTape } from '../../ports/memory-tape.ts';
import { silentTelemetry } from '../../ports/telemetry.ts';
import type { Tape } from '../../ports/tape.ts';
import { Spool } from '../../task/spool.ts';
import { EXECUTION_ARN, RECORDING, RECORDING_ID, START_FRAGMENT_NUMBER } from '../support/call.ts';
import { fragmentOf, ramp, T0 } from '../support/documents.ts';
import { ManualClock, settled } from '../support/manual-clock.ts';

const SECOND = 8_000;
const MIB = 1024 * 1024;

function fragment(index: number, samples = SECOND) {
  const blocks = [{ channel: 0, atMs: T0 + index * 1_000, pcm: ramp(samples) } as const];
  return fragmentOf({ number: START_FRAGMENT_NUMBER + BigInt(index), blocks });
}

/** A tape whose appends wait until they are let through, or made to fail. */
function heldTape() {
  const tape = new MemoryTape();
  const waiting: { let: () => void; fail: (error: Error) => void }[] = [];
  const held: Tape = {
    list: (recording) => tape.list(recording),
    read: (key) => tape.read(key),
    append: (recording, segment) =>
      new Promise<void>((resolve, reject) => {
        waiting.push({ let: resolve, fail: reject });
      }).then(() => tape.append(recording, segment)),
  };
  return { tape, held, waiting };
}

async function spool(options: { tape?: Tape; segmentMs?: number } = {}) {
  const { tape = new MemoryTape(), segmentMs = 2_000 } = options;
  const clock = new ManualClock(T0);
  const checkpoints = new MemoryCheckpoints(clock);
  const result = await checkpoints.claim(RECORDING_ID, EXECUTION_ARN);
  if (!result.claimed) throw new Error('a new recording can be claimed');
  const { claim, checkpoint } = result;
  let moved = 0;
  const alive = () => {
    moved += 1;
  };
  const made = new Spool({
    recording: RECORDING,
    tape,
    checkpoints,
    clock,
    telemetry: silentTelemetry,
    claim,
    checkpoint,
    segmentMs,
    alive,
  });
  return { spool: made, clock, checkpoints, claim, moves: () => moved };
}

describe('Spool', () => {
  it('stores a segment when it holds enough media', async () => {
    const tape = new MemoryTape();
    const { spool: it } = await spool({ tape });
    for (let index = 0; index < 5; index += 1) await it.add(fragment(index));
    await settled();
    expect(tape.history.map(({ object }) => object.last - START_FRAGMENT_NUMBER)).toEqual([1n, 3n]);
    await it.finish();
    expect(tape.history.map(({ object }) => object.first - START_FRAGMENT_NUMBER)).toEqual([0n, 2n, 4n]);
    expect(it.progress.counters).toMatchObject({ fragments: 5, segments: 3, mediaMs: 5_000 });
  });

  it('stores what little has come after twice the time, and not before', async () => {
    const tape = new MemoryTape();
    const { spool: it, clock } = await spool({ tape });
    await it.add(fragment(0));
    await clock.advance(3_999);
    it.storeIfOld();
    await settled();
    expect(tape.history).toEqual([]);
    await clock.advance(1);
    it.storeIfOld();
    await settled();
    expect(tape.history).toHaveLength(1);
  });

  it('reads on while a segment is being stored, and makes the reader wait only beyond its bound', async () => {
    const { held, waiting } = heldTape();
    const { spool: it } = await spool({ tape: held, segmentMs: 1_000 });
    const added: number[] = [];
    const adding = (async () => {
      for (let index = 0; index < 12; index += 1) {
        await it.add(fragment(index, MIB));
        added.push(index);
      }
    })();
    await settled();
    const fitting = Math.floor((8 * MIB) / fragment(0, MIB).bytes.length);
    expect(fitting).toBeGreaterThan(1);
    expect(added).toHaveLength(fitting);
    for (let count = 0; count < 12; count += 1) {
      await settled();
      waiting.shift()?.let();
    }
    await adding;
    expect(added).toHaveLength(12);
  });

  it('tries a failed store again, in order, and says that it is alive meanwhile', async () => {
    const { tape, held, waiting } = heldTape();
    const { spool: it, clock, moves } = await spool({ tape: held, segmentMs: 1_000 });
    await it.add(fragment(0));
    await it.add(fragment(1));
    const finished = it.finish();
    for (let tries = 0; tries < 5; tries += 1) {
      await settled();
      waiting.shift()?.fail(new Error('SlowDown'));
      await clock.advance(10_000);
    }
    const before = moves();
    expect(before).toBeGreaterThanOrEqual(5);
    for (let count = 0; count < 2; count += 1) {
      await settled();
      waiting.shift()?.let();
    }
    await finished;
    expect(tape.history.map(({ object }) => object.first - START_FRAGMENT_NUMBER)).toEqual([0n, 1n]);
  });

  it('gives up when a store fails again and again, and passes on why', async () => {
    const { held, waiting } = heldTape();
    const { spool: it, clock } = await spool({ tape: held, segmentMs: 1_000 });
    await it.add(fragment(0));
    const finished = expect(it.finish()).rejects.toThrow('AccessDenied');
    for (let tries = 0; tries < 13; tries += 1) {
      await settled();
      waiting.shift()?.fail(new Error('AccessDenied'));
      await clock.advance(30_000);
    }
    await finished;
  });

  it('stops at once when another task has claimed the recording', async () => {
    const { spool: it, checkpoints } = await spool({ segmentMs: 1_000 });
    await checkpoints.claim(RECORDING_ID, EXECUTION_ARN);
    await it.add(fragment(0));
    await expect(it.finish()).rejects.toThrow('has been claimed anew (attempt 2)');
  });

  it('declares a loss once', async () => {
    const { spool: it } = await spool();
    const loss = {
      kind: 'FRAGMENT_CUT',
      why: 'cut',
      firstFragmentNumber: '1',
      lastFragmentNumber: '1',
    } as const;
    it.declare(loss);
    it.declare(loss);
    it.declare({ ...loss, firstFragmentNumber: '2' });
    expect(it.progress.losses).toHaveLength(2);
  });
});
