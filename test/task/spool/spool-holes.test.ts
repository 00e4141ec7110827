/** Holes that are filled beside the reading, what a spool tells of what it does, and what becomes of it when it fails. */
import { describe, expect, it } from 'vitest';
import type { NumberedFragment } from '../../../matroska/fragment.ts';
import { MemoryTape } from '../../../ports/tape/memory-tape.ts';
import type { Loss } from '../../../recording/call-record.ts';
import { SEGMENT_BYTES_MAX } from '../../../task/spool/segment.ts';
import type { Spool } from '../../../task/spool/spool.ts';
import { EXECUTION_ARN, RECORDING_ID, START_FRAGMENT_NUMBER as START } from '../../support/call.ts';
import { gate } from '../../support/gate.ts';
import { settled } from '../../support/manual-clock.ts';
import { add, fragment, heldTape, MIB, spool } from './spools.ts';

const LOSS: Loss = { kind: 'FRAGMENTS_MISSING', why: 'gone', firstFragmentNumber: START.toString() };

/** Object by object, the first and the last fragment. */
function objects(tape: MemoryTape): string[] {
  return tape.history.map(({ object: { first, last } }) => `${first - START}–${last - START}`);
}

/** Fills a hole with these; the archive answers once the gate is open. */
function fillLater(it: Spool, fragments: readonly NumberedFragment[], losses: readonly Loss[] = []) {
  const answers = gate();
  const answer = () => {
    answers.open();
  };
  const hole = { isBegun: false, answer };
  it.fill(async (keep) => {
    hole.isBegun = true;
    await answers.passed;
    await keep(fragments);
    return losses;
  });
  return hole;
}

describe('A hole', () => {
  it('is filled while more is read, and the checkpoint waits before it', async () => {
    const tape = new MemoryTape();
    const { spool: it, checkpoints } = await spool({ tape, segmentMs: 1_000 });
    await add(it, fragment(0));
    const hole = fillLater(it, [fragment(1), fragment(2)], [LOSS]);
    await add(it, fragment(3));
    await settled();
    expect(objects(tape)).toEqual(['0–0', '3–3']);
    expect((await checkpoints.read(RECORDING_ID))?.position?.lastFragmentNumber).toBe(START);
    hole.answer();
    await it.finish();
    expect(objects(tape)).toEqual(['0–0', '3–3', '1–2']);
    expect(await checkpoints.read(RECORDING_ID)).toMatchObject({
      position: { lastFragmentNumber: START + 3n },
      counters: { fragments: 4, restored: 2, segments: 3 },
      losses: [LOSS],
    });
  });

  it('is told of with what is read behind it, and not before', async () => {
    const { spool: it, checkpoints } = await spool({ segmentMs: 1_000 });
    fillLater(it, [fragment(0)], [LOSS]).answer();
    await it.finish();
    expect(checkpoints.history.map(({ operation }) => operation)).toEqual(['claim']);
    expect(it.progress.losses).toEqual([LOSS]);
    await add(it, fragment(1));
    await it.finish();
    expect(await checkpoints.read(RECORDING_ID)).toMatchObject({
      counters: { fragments: 2, restored: 1 },
      losses: [LOSS],
    });
  });

  it('is filled after those before it', async () => {
    const tape = new MemoryTape();
    const { spool: it } = await spool({ tape });
    const first = fillLater(it, [fragment(0)]);
    const second = fillLater(it, [fragment(2)]);
    second.answer();
    await settled();
    expect([first.isBegun, second.isBegun, objects(tape)]).toEqual([true, false, []]);
    first.answer();
    await it.finish();
    expect(objects(tape)).toEqual(['0–0', '2–2']);
  });

  it('is put on the tape in objects of 8 MiB', async () => {
    const tape = new MemoryTape();
    const { spool: it } = await spool({ tape });
    const fragments = [0, 1, 2, 3, 4, 5].map((index) => fragment(index, MIB));
    fillLater(it, fragments).answer();
    await it.finish();
    expect(objects(tape)).toEqual(['0–3', '4–5']);
    expect(tape.history[0]?.object.bytes).toBeGreaterThan(SEGMENT_BYTES_MAX);
  });

  it('that can’t be filled stops the task, with the reason', async () => {
    const { spool: it } = await spool();
    it.fill(() => Promise.reject(new Error('out of memory')));
    await expect(it.finish()).rejects.toThrow('out of memory');
  });

  it('is not filled any further once the task has failed', async () => {
    const tape = new MemoryTape();
    const { spool: it, checkpoints } = await spool({ tape, segmentMs: 1_000 });
    await checkpoints.claim(RECORDING_ID, EXECUTION_ARN);
    await add(it, fragment(0));
    await settled();
    fillLater(it, [fragment(1)]).answer();
    await it.settled();
    expect(objects(tape)).toEqual(['0–0']);
  });
});

describe('A spool tells', () => {
  it('how far the tape reaches, whenever the checkpoint says so', async () => {
    const { held, waiting } = heldTape();
    const { spool: it, onTape } = await spool({ tape: held, segmentMs: 1_000 });
    for (const index of [0, 1, 2]) await add(it, fragment(index));
    waiting[1]?.let();
    await settled();
    expect(onTape).toEqual([]);
    waiting[0]?.let();
    await settled();
    expect(onTape).toEqual([START + 1n]);
    waiting[2]?.let();
    await it.finish();
    expect(onTape).toEqual([START + 1n, START + 2n]);
  });

  it('the metrics of what reached the checkpoint together, each reopening once', async () => {
    const { held, waiting } = heldTape();
    const { spool: it, clock, telemetry } = await spool({ tape: held, segmentMs: 2_000 });
    it.observe(3, 700);
    for (const index of [0, 1, 2, 3]) {
      await add(it, fragment(index, 8_000, (9 - index) * 100));
      await clock.advance(1_000);
    }
    for (const one of waiting) one.let();
    await settled();
    expect(telemetry.metrics).toEqual([
      { Fragments: 4, MediaLagMs: 600, SegmentLatencyMs: 3_000, Reopenings: 2 },
    ]);
    await add(it, fragment(4, 8_000));
    const finished = it.finish();
    await settled();
    waiting.at(-1)?.let();
    await finished;
    expect(telemetry.metrics.slice(1)).toEqual([
      { Fragments: 1, MediaLagMs: 0, SegmentLatencyMs: 0, Reopenings: 0 },
    ]);
    expect(it.progress.counters).toMatchObject({ reopenings: 2, maxBehindMs: 700 });
  });

  it('that it is done only when the checkpoint says so, too', async () => {
    const { spool: it, checkpoints } = await spool({ segmentMs: 1_000 });
    const advance = checkpoints.advance.bind(checkpoints);
    const written = gate();
    checkpoints.advance = (claim, progress) => written.passed.then(() => advance(claim, progress));
    await add(it, fragment(0));
    await settled();
    let isDone = false;
    const finished = it.finish().then(() => (isDone = true));
    await settled();
    expect(isDone).toBe(false);
    written.open();
    await finished;
    expect((await checkpoints.read(RECORDING_ID))?.position?.lastFragmentNumber).toBe(START);
  });

  it('nobody to wait for what is stored', async () => {
    const { spool: it } = await spool({ segmentMs: 1_000 });
    it.take({ fragment: fragment(0, MIB), keptAs: 'whole', source: 'live' });
    await settled();
    let hasRoom = false;
    void it.room().then(() => (hasRoom = true));
    await settled();
    expect(hasRoom).toBe(true);
  });

  it('nobody to wait when it has moved', async () => {
    const { held, waiting } = heldTape();
    const { spool: it, clock } = await spool({ tape: held, segmentMs: 1_000 });
    const added = add(it, fragment(0, MIB));
    await settled();
    waiting[0]?.let();
    await added;
    expect(clock.pass()).toBe(false);
  });
});

describe('A spool whose task has been superseded', () => {
  async function superseded() {
    const { held, tape, waiting } = heldTape();
    const made = await spool({ tape: held, segmentMs: 1_000 });
    for (const index of [0, 1]) await add(made.spool, fragment(index));
    await made.checkpoints.claim(RECORDING_ID, EXECUTION_ARN);
    waiting[0]?.let();
    await settled();
    return { ...made, tape, waiting };
  }

  it('takes no more, whatever is asked of it', async () => {
    const { spool: it } = await superseded();
    const why = 'has been claimed anew (attempt 2)';
    await expect(it.room()).rejects.toThrow(why);
    await expect(it.finish()).rejects.toThrow(why);
    expect(() => {
      it.storeIfOld();
    }).toThrow(why);
  });

  it('writes nothing more, and is settled when what was on its way to the tape is there', async () => {
    const { spool: it, checkpoints, tape, waiting, onTape } = await superseded();
    const before = checkpoints.history.length;
    let isSettled = false;
    const done = it.settled().then(() => (isSettled = true));
    await settled();
    expect(isSettled).toBe(false);
    waiting[1]?.let();
    await done;
    await settled();
    expect(objects(tape)).toEqual(['0–0', '1–1']);
    expect([checkpoints.history.length, onTape]).toEqual([before, []]);
  });

  it('makes nobody wait who waited for room', async () => {
    const { held, waiting } = heldTape();
    const { spool: it, checkpoints, clock } = await spool({ tape: held, segmentMs: 1_000 });
    await checkpoints.claim(RECORDING_ID, EXECUTION_ARN);
    await add(it, fragment(0));
    const adding = add(it, fragment(1, 5 * MIB));
    const refused = expect(adding).rejects.toThrow('has been claimed anew');
    await clock.advance(1_000);
    waiting[0]?.let();
    await refused;
  });

  it('says so at once, however much waits to be stored', async () => {
    const { held, waiting } = heldTape();
    const { spool: it, checkpoints } = await spool({ tape: held, segmentMs: 1_000 });
    await checkpoints.claim(RECORDING_ID, EXECUTION_ARN);
    await add(it, fragment(0));
    it.take({ fragment: fragment(1, MIB), keptAs: 'whole', source: 'live' });
    waiting[0]?.let();
    await settled();
    let isRefused = false;
    it.room().catch(() => (isRefused = true));
    await settled();
    expect(isRefused).toBe(true);
  });
});
