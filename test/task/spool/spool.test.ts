import { describe, expect, it } from 'vitest';
import { byteLengthOf } from '../../../matroska/fragment.ts';
import { silentTelemetry } from '../../../ports/runtime/telemetry.ts';
import { MemoryTape } from '../../../ports/tape/memory-tape.ts';
import { LOSSES_MAX } from '../../../recording/checkpoint.ts';
import { Spool } from '../../../task/spool/spool.ts';
import { EXECUTION_ARN, RECORDING, RECORDING_ID, START_FRAGMENT_NUMBER } from '../../support/call.ts';
import { fragmentOf, ramp, T0 } from '../../support/documents.ts';
import { settled } from '../../support/manual-clock.ts';
import { add, claimed, fragment, heldTape, MIB, SECOND, spool } from './spools.ts';

describe('Spool', () => {
  it('stores a segment when it holds enough media', async () => {
    const tape = new MemoryTape();
    const { spool: it } = await spool({ tape });
    for (let index = 0; index < 5; index += 1) await add(it, fragment(index));
    await settled();
    expect(tape.history.map(({ object }) => object.last - START_FRAGMENT_NUMBER)).toEqual([1n, 3n]);
    await it.finish();
    expect(tape.history.map(({ object }) => object.first - START_FRAGMENT_NUMBER)).toEqual([0n, 2n, 4n]);
    expect(it.progress.counters).toMatchObject({ fragments: 5, segments: 3, mediaMs: 5_000 });
  });

  it('goes on with the Segment of what an earlier task kept', async () => {
    const first = await spool();
    await add(first.spool, fragment(0));
    await first.spool.finish();
    const { claim, checkpoint } = await claimed(first.checkpoints);
    const { clock, checkpoints } = first;
    const ports = { tape: new MemoryTape(), checkpoints, clock, telemetry: silentTelemetry };
    const next = new Spool({ ...ports, recording: RECORDING, claim, checkpoint, segmentMs: 2_000 });
    // It doesn't say whose it is, and is of another Segment: taken since it lies between two of ours.
    const blocks = [{ channel: 0, atMs: T0 + 1_000, pcm: ramp(SECOND) } as const];
    const number = START_FRAGMENT_NUMBER + 1n;
    await add(next, fragmentOf({ number, blocks, contactId: '', segmentUid: 'other' }));
    await next.finish();
    expect(next.progress.position).toMatchObject({
      lastFragmentNumber: number,
      lastSegmentUid: fragment(0).segmentUid,
    });
  });

  it('stores what little has come after twice the time, and not before', async () => {
    const tape = new MemoryTape();
    const { spool: it, clock } = await spool({ tape });
    await add(it, fragment(0));
    await clock.advance(3_999);
    it.storeIfOld();
    await settled();
    expect(tape.history).toEqual([]);
    await clock.advance(1);
    it.storeIfOld();
    await settled();
    expect(tape.history).toHaveLength(1);
  });

  it('reads on while a segment is being stored, and makes the reader wait for long only beyond its bound', async () => {
    const { held, waiting } = heldTape();
    const { spool: it, clock } = await spool({ tape: held, segmentMs: 1_000 });
    const added: number[] = [];
    const adding = (async () => {
      for (let index = 0; index < 12; index += 1) {
        await add(it, fragment(index, MIB));
        added.push(index);
      }
    })();
    await settled();
    const length = byteLengthOf(fragment(0, MIB));
    expect(added).toHaveLength(Math.floor((2 * MIB) / length));
    await clock.advance(249);
    expect(added).toHaveLength(Math.floor((2 * MIB) / length));
    await clock.advance(60_000);
    expect(added).toHaveLength(Math.floor((8 * MIB) / length));
    for (let count = 0; count < 12; count += 1) {
      await settled();
      waiting.shift()?.let();
    }
    await adding;
    expect(added).toHaveLength(12);
  });

  it('makes nobody wait for a MiB that waits, nor for long for eight', async () => {
    const room = byteLengthOf(fragment(0, MIB / 4)) - MIB / 2;
    const whole = (index: number) => fragment(index, (MIB - room) / 2);
    expect(byteLengthOf(whole(0))).toBe(MIB);
    const { held, waiting } = heldTape();
    const { spool: it, clock } = await spool({ tape: held, segmentMs: 1_000 });
    let added = 0;
    const adding = (async () => {
      for (; added < 9; added += 1) await add(it, whole(added));
    })();
    await settled();
    expect(added).toBe(1);
    await clock.advance(60_000);
    expect(added).toBe(8);
    for (let count = 0; count < 9; count += 1) {
      waiting.shift()?.let();
      await settled();
    }
    await adding;
  });

  it('stores some segments side by side, and the checkpoint never goes beyond the first that is not stored', async () => {
    const { held, waiting } = heldTape();
    const { spool: it, checkpoints } = await spool({ tape: held, segmentMs: 1_000 });
    const checkpointed = async () => (await checkpoints.read(RECORDING_ID))?.position?.lastFragmentNumber;
    for (let index = 0; index < 6; index += 1) await add(it, fragment(index));
    await settled();
    expect(waiting).toHaveLength(4);
    for (const index of [3, 1]) waiting[index]?.let();
    await settled();
    expect(await checkpointed()).toBeUndefined();
    waiting[0]?.let();
    await settled();
    expect(await checkpointed()).toBe(START_FRAGMENT_NUMBER + 1n);
    expect(it.progress.counters).toMatchObject({ fragments: 2, segments: 2 });
    const finished = it.finish();
    for (const held of waiting) held.let();
    await finished;
    expect(await checkpointed()).toBe(START_FRAGMENT_NUMBER + 5n);
    expect(it.progress.counters).toMatchObject({ fragments: 6, segments: 6 });
  });

  it('writes one checkpoint for what is stored while the last one is written', async () => {
    const { spool: it, checkpoints } = await spool({ segmentMs: 1_000 });
    const advance = checkpoints.advance.bind(checkpoints);
    const writes: (() => void)[] = [];
    checkpoints.advance = (claim, progress) =>
      new Promise<void>((resolve) => writes.push(resolve)).then(() => advance(claim, progress));
    for (let index = 0; index < 5; index += 1) await add(it, fragment(index));
    const finished = it.finish();
    await settled();
    writes[0]?.();
    await settled();
    writes[1]?.();
    await finished;
    expect(writes).toHaveLength(2);
    const written = await checkpoints.read(RECORDING_ID);
    expect(written?.position?.lastFragmentNumber).toBe(START_FRAGMENT_NUMBER + 4n);
  });

  it('tries a failed store again, and says that it is alive meanwhile', async () => {
    const { tape, held, waiting } = heldTape();
    const { spool: it, clock, moves } = await spool({ tape: held, segmentMs: 1_000 });
    await add(it, fragment(0));
    await add(it, fragment(1));
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
    const stored = tape.history.map(({ object }) => object.first - START_FRAGMENT_NUMBER);
    expect(stored.toSorted()).toEqual([0n, 1n]);
  });

  it('gives up when a store fails again and again, and passes on why', async () => {
    const { held, waiting } = heldTape();
    const { spool: it, clock } = await spool({ tape: held, segmentMs: 1_000 });
    await add(it, fragment(0));
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
    await add(it, fragment(0));
    await expect(it.finish()).rejects.toThrow('has been claimed anew (attempt 2)');
  });

  it('declares every loss, also those that an item has no room for, and always how it ended', async () => {
    const { spool: it, checkpoints, claim } = await spool();
    for (let number = 1; number <= 500; number += 1) {
      const text = number.toString();
      it.declare({
        kind: 'FRAGMENT_MALFORMED',
        why: 'bad',
        firstFragmentNumber: text,
        lastFragmentNumber: text,
      });
    }
    it.declare({ kind: 'RECORDER_STOPPED', why: 'no key' });
    await checkpoints.end(claim, it.progress, { reason: 'KEY_UNAVAILABLE', at: new Date(T0).toISOString() });
    const losses = (await checkpoints.read(RECORDING_ID))?.losses ?? [];
    expect(losses.length).toBeLessThanOrEqual(LOSSES_MAX);
    expect(losses.slice(-2)).toMatchObject([
      { kind: 'FRAGMENT_MALFORMED', lastFragmentNumber: '500' },
      { kind: 'RECORDER_STOPPED', why: 'no key' },
    ]);
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
