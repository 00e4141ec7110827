/**
 * The contact's earlier recordings of the same stream. A recorder reads on for some seconds before it learns that the
 * next recording has begun, so their tapes may hold its first fragments; and what bounds their range is that one's
 * record. So, when it is erased:
 *
 * - its start is noted in their records, which keeps every later task and assembly of theirs out of its range; and how
 *   many fragments of their tapes go, so that no assembly takes those for removed
 * - tape objects of theirs that reach into its range are cut there (ports/tape/cut-tape.ts). Beside the erased recordings'
 *   own tapes these are the only objects that are ever removed from a tape. A task that was frozen meanwhile does the same
 *   when it leaves (task/erased-behind.ts)
 *
 * Their recordings hold nothing of it: an assembly ends at the next recording's start.
 */
import type { ContactCall } from '../../../ports/calls/calls.ts';
import type { Going } from '../../../ports/calls/record-erasure.ts';
import type { ObjectVersion } from '../../../ports/objects/stored-objects.ts';
import { cutTape, reachingTo } from '../../../ports/tape/cut-tape.ts';
import { type Tape, type TapeObject, TapeObjectUnreadable } from '../../../ports/tape/tape.ts';
import { parseRecording, type Recording, recordingId } from '../../../recording/identity.ts';
import { mayHoldErased } from '../../../recording/next-known.ts';
import { rangeFrom, rangeUpTo } from '../../../recording/range.ts';
import { TapeMerge } from '../../../recording/tape/merge.ts';
import type { Access } from '../../access/access.ts';
import type { Target } from './targets.ts';

/**
 * The contact's recordings that stay, the latest last. A record of which a part can't be read doesn't keep another from
 * being erased. @param targets all that are being erased
 */
export async function siblingsOf(
  access: Access,
  { recording, call }: Target,
  targets: readonly Target[],
): Promise<ContactCall[]> {
  if (call === undefined) return [];
  const going = new Set(targets.map(({ id }) => id));
  const calls = await access.calls.ofContact(recording.contactId);
  return calls.filter(({ contactId, startFragmentNumber, streamArn = call.streamArn }) => {
    const other = parseRecording(contactId, startFragmentNumber);
    const isEarlier = other.startFragmentNumber < recording.startFragmentNumber;
    return isEarlier && streamArn === call.streamArn && !going.has(recordingId(other));
  });
}

/** The one that is being erased. */
export interface NextRecording {
  readonly start: bigint;
  /** See {@link Going.knownFrom}. */
  readonly knownFrom: string | undefined;
}

/** May be done again. @throws what keeps an object from being read: it can't be split then, and stays */
export async function cutBack(
  access: Access,
  sibling: ContactCall,
  { start, knownFrom }: NextRecording,
): Promise<void> {
  const recording = parseRecording(sibling.contactId, sibling.startFragmentNumber);
  const tape = access.tapeOf(sibling);
  const checkpoint = await access.checkpoints.read(recordingId(recording));
  // What a task stored behind the last count, and was given up, is in no count that an assembly compares with.
  const countedUpTo = checkpoint?.ended && checkpoint.position?.lastFragmentNumber;
  const objects = await reachingTo(tape, recording, start);
  const going = await heldFrom(tape, recording, objects, { start, countedUpTo });
  const mayHold = objects.length > 0 && (await holdsMore(tape, sibling, { start, knownFrom }));
  await access.erasure.noteNextStart(recording, start, { ...going, ...(mayHold && { knownFrom }) });
  // From now on nobody stores there any more, but who was at it.
  await cutTape(tape, recording, start, (key) => eraseObject(access, sibling, key));
}

/**
 * The WAV is of more fragments than the tape has before the start: nobody knew of that one when it was made. All of the tape
 * is read for that, and seldom: where a recorder had given up just then.
 */
async function holdsMore(
  tape: Tape,
  sibling: ContactCall,
  { start, knownFrom }: NextRecording,
): Promise<boolean> {
  if (!mayHoldErased(sibling, knownFrom)) return false;
  const recording = parseRecording(sibling.contactId, sibling.startFragmentNumber);
  const merge = new TapeMerge(recording, rangeUpTo(recording, start));
  for await (const { key, first, last, uuid } of tape.list(recording)) {
    const pieces = await tape.read(key).catch(noneIfUnreadable);
    if (pieces) drain(merge.add({ first, last, uuid, content: { pieces } }));
  }
  drain(merge.finish());
  return (sibling.media?.fragments ?? Infinity) > merge.numbers.size;
}

/**
 * How many fragments from the start on these objects hold, as assemblies count them. What can't be read, however often one
 * tries, is in no count. @throws what passes: it would be missing in the count for ever
 */
async function heldFrom(
  tape: Tape,
  recording: Recording,
  objects: readonly TapeObject[],
  { start, countedUpTo }: { readonly start: bigint; readonly countedUpTo: bigint | undefined },
): Promise<Going> {
  const merged = () => new TapeMerge(recording, rangeFrom(recording), [], countedUpTo);
  const [all, before] = [merged(), merged()];
  for (const { key, first, last, uuid } of objects) {
    const pieces = await tape.read(key).catch(noneIfUnreadable);
    if (!pieces) continue;
    const object = { first, last, uuid, content: { pieces } };
    drain(all.add(object));
    if (first < start) drain(before.add(object));
  }
  drain(all.finish());
  drain(before.upTo(start - 1n));
  return {
    fragments: all.counted.stored - before.counted.stored,
    live: all.counted.live - before.counted.live,
  };
}

function noneIfUnreadable(error: unknown): undefined {
  if (!(error instanceof TapeObjectUnreadable)) throw error;
}

/** Takes all, for the sake of what is counted on the way. */
function drain(fragments: Iterator<unknown>): void {
  while (fragments.next().done !== true);
}

async function eraseObject(access: Access, call: ContactCall, key: string): Promise<void> {
  const objects = access.objectsOf(call);
  const versions: ObjectVersion[] = [];
  for await (const version of objects.versions(key)) versions.push(version);
  await objects.erase(versions);
}
