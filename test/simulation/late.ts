/**
 * What came too late for the last assembly. Onto a tape: by a task that slept until then, was superseded, and stored once
 * more before a refusal told it so. No record can tell of that; it stays on the tape for whoever assembles again. Into the
 * calls table: the contact's next recording.
 */
import type { CallRecord } from '../../recording/call-record.ts';
import { recordingId } from '../../recording/identity.ts';
import { tapePrefix } from '../../recording/tape/keys.ts';
import type { SimulatedProcess } from './process.ts';
import type { TrueFragment, TrueRecording } from './stream.ts';
import { TapeContent } from './tape-content.ts';
import type { TapeRecord, World } from './world.ts';

/**
 * What the assembly may have read: all that was there when it began to, and of what came later, one after the other,
 * so much as it still met. Nothing where nothing came later.
 * @param assembly the one that completed the record
 */
export function readings(world: World, one: TrueRecording, assembly: SimulatedProcess): TapeContent[] {
  const { tapeReadAtMs: readAtMs } = assembly;
  if (readAtMs === undefined) return [];
  const prefix = tapePrefix(one.recording);
  const writes = world.tapeWrites.filter(({ recording }) => tapePrefix(recording) === prefix);
  const isLate = (write: TapeRecord) =>
    write.atMs > readAtMs && (isOfEarlierAssembly(write, assembly) || isSuperseded(world, one, write));
  const late = writes.filter(isLate);
  const early = writes.filter((write) => !late.includes(write));
  return late.map((_, count) => {
    const tape = new TapeContent(world.stream.fragments);
    for (const { segment } of [...early, ...late.slice(0, count)]) tape.add(segment);
    return tape;
  });
}

/**
 * A recorder that gave up may have read into the contact's next recording, and the assembly that follows know nothing of that
 * one yet. Where there is a schedule, it has it assembled again.
 * @returns what is taken for its fragments then; nothing where the assembly had to know better
 */
export function takenFromTheNext(
  { scenario, stream, begunAtMs }: World,
  one: TrueRecording,
  { tapeReadAtMs = 0 }: SimulatedProcess,
  { endReason }: CallRecord,
): (readonly TrueFragment[])[] {
  const next = one.part === 'ours' ? stream.recordings.find(({ part }) => part === 'next') : undefined;
  if (next === undefined || endReason !== 'RECORDER_GAVE_UP') return [];
  if (scenario.service.resumeEveryMs !== undefined) return [];
  const knownMs = begunAtMs.get(recordingId(next.recording)) ?? Infinity;
  return tapeReadAtMs < knownMs ? [[...one.fragments, ...next.fragments]] : [];
}

/** An assembly that was given up restores a fragment for another that has read the tape. */
function isOfEarlierAssembly({ by }: TapeRecord, assembly: SimulatedProcess): boolean {
  return by?.attempt === 0 && by !== assembly;
}

/** Whoever wrote it had lost the recording to a later attempt, or to the fence. */
function isSuperseded({ checkpoints }: World, { recording }: TrueRecording, { by }: TapeRecord): boolean {
  const id = recordingId(recording);
  const standing = checkpoints.history.findLast(({ after }) => after.recordingId === id);
  return by !== undefined && by.attempt > 0 && by.attempt < (standing?.after.attempt ?? 0);
}
