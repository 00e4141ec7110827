/** A spool on a clock that stands still, on tapes that answer when they are told to. */
import { MemoryCheckpoints } from '../../../ports/checkpoints/memory-checkpoints.ts';
import { MemoryTape } from '../../../ports/tape/memory-tape.ts';
import type { Tape } from '../../../ports/tape/tape.ts';
import { Spool } from '../../../task/spool/spool.ts';
import { watchedClock } from '../../../task/watchdog.ts';
import { EXECUTION_ARN, RECORDING, RECORDING_ID, START_FRAGMENT_NUMBER } from '../../support/call.ts';
import { fragmentOf, ramp, T0 } from '../../support/documents.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { RecordedTelemetry } from '../../support/telemetry.ts';

export const SECOND = 8_000;
export const MIB = 1024 * 1024;

/** @param behindMs behind the stream's head, as the stream says it */
export function fragment(index: number, samples = SECOND, behindMs?: number) {
  const blocks = [{ channel: 0, atMs: T0 + index * 1_000, pcm: ramp(samples) } as const];
  const extraTags = [['AWS_KINESISVIDEO_MILLIS_BEHIND_NOW', String(behindMs)]] as const;
  return fragmentOf({
    number: START_FRAGMENT_NUMBER + BigInt(index),
    blocks,
    ...(behindMs !== undefined && { extraTags }),
  });
}

/** Waits as the recorder does. */
export async function add(spool: Spool, one: ReturnType<typeof fragment>): Promise<void> {
  spool.take({ fragment: one, keptAs: 'whole', source: 'live' });
  await spool.room();
}

/** A tape whose appends wait until they are let through, or made to fail. */
export function heldTape() {
  const tape = new MemoryTape();
  const waiting: { let: () => void; fail: (error: Error) => void }[] = [];
  const held: Tape = {
    list: (recording, from) => tape.list(recording, from),
    read: (key) => tape.read(key),
    remove: (key) => tape.remove(key),
    append: (recording, segment) =>
      new Promise<void>((resolve, reject) => {
        waiting.push({ let: resolve, fail: reject });
      }).then(() => tape.append(recording, segment)),
  };
  return { tape, held, waiting };
}

export async function claimed(checkpoints: MemoryCheckpoints) {
  const result = await checkpoints.claim(RECORDING_ID, EXECUTION_ARN);
  if (!result.claimed) throw new Error('its own execution can claim it');
  return result;
}

export async function spool(options: { tape?: Tape; segmentMs?: number } = {}) {
  const { tape = new MemoryTape(), segmentMs = 2_000 } = options;
  const clock = new ManualClock(T0);
  const checkpoints = new MemoryCheckpoints(clock);
  const { claim, checkpoint } = await claimed(checkpoints);
  const telemetry = new RecordedTelemetry();
  const onTape: bigint[] = [];
  let moved = 0;
  const alive = () => {
    moved += 1;
  };
  const made = new Spool({
    recording: RECORDING,
    tape,
    checkpoints,
    clock: watchedClock(clock, alive),
    telemetry,
    claim,
    checkpoint,
    segmentMs,
    onTape: (last) => onTape.push(last),
  });
  return { spool: made, clock, checkpoints, claim, telemetry, onTape, moves: () => moved };
}
