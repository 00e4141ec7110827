/**
 * Erasing recordings so that nothing of them comes back: one use case, in this order.
 *
 * 1. *Fence*: a tombstone in place of the checkpoint. From then on every claim, checkpoint, fence and handover is refused;
 *    the connect function makes no record, and no assembly completes one; and whoever was at work meets the tombstone,
 *    leaves, and removes what it has put back itself (task/record.ts, functions/assemble/erased.ts)
 * 2. *Cut back* the contact's earlier recordings, whose tapes and range may hold its beginning (siblings.ts)
 * 3. *Erase* every version of every object, unfinished uploads, and the rows of what was said
 * 4. *Wait* until nobody can be at work any more who was so before 1 (quiet.ts): S3 takes no condition on a DynamoDB item,
 *    so what was on its way then can't be refused. For most recordings that is long past
 * 5. Steps 2 and 3 again, until a listing finds nothing; and what S3 has copied elsewhere (copies.ts)
 * 6. *Forget* the call record. It goes last, so that whoever looks for the caller finds what isn't done yet
 *
 * What a crash, or Ctrl-C, leaves behind:
 * - before 1: all as it was
 * - between 1 and 6: the record; the tombstone, which refuses all that would add to the recording; and fewer and fewer
 *   objects. The same command, run again, finds the record, takes every step once more (none does harm twice), and waits
 *   no longer than counted from the first tombstone
 * - after 6: the tombstone. It says which recording it is of and when that was erased, and expires when neither an
 *   execution nor the stream remembers the recording
 *
 * A program that was frozen for longer than step 4 waits still looks for the tombstone after its last write (whoever writes down
 * what is said, too: live/erased-words.ts, cli/calls/written-unless-erased.ts), and, where it records an earlier recording of the contact, for what step 2 has noted. One that dies between that write and the look,
 * or whose last request S3 carries out when it has given that up and left, leaves an object: those of a tape expire, and
 * erasing by id finds them.
 */
import { rm } from 'node:fs/promises';
import type { ContactCall } from '../../../ports/calls/calls.ts';
import { knownFromMs, mayHoldErased } from '../../../recording/next-known.ts';
import type { Access } from '../../access/access.ts';
import { CliError, EXIT } from '../../terminal/exit.ts';
import { eraseCopies, type Outside } from './copies.ts';
import { quietFromMs } from './quiet.ts';
import { cutBack, siblingsOf } from './siblings.ts';
import { idOf, type Target, versionsOf } from './targets.ts';

/** Fenced, and of what there was nothing is left, but for what still comes. */
export interface Fenced {
  readonly target: Target;
  readonly siblings: readonly ContactCall[];
  /** Epoch ms: from then on nobody is at work any more. */
  readonly quietFromMs: number;
}

/** Steps 1 to 3. @param targets all that are being erased. @param expiresAtMs when the tombstone may go */
export async function fenceAndErase(
  access: Access,
  target: Target,
  targets: readonly Target[],
  expiresAtMs: number,
  nowMs: number,
): Promise<Fenced> {
  const { checkpoints } = access;
  const standing = await checkpoints.read(target.id).catch(() => undefined);
  const before =
    standing?.erasedAt === undefined ? await checkpoints.erase(target.id, expiresAtMs) : standing;
  const siblings = await siblingsOf(access, target, targets);
  const quiet = [quietFromMs(access, target.call, before, nowMs)];
  for (const sibling of siblings)
    quiet.push(quietFromMs(access, sibling, await checkpoints.read(idOf(sibling)), nowMs));
  const fenced = { target, siblings, quietFromMs: Math.max(...(await Promise.all(quiet))) };
  await erasePass(access, fenced);
  return fenced;
}

/** Nothing should be left after the second; one more for what was completed while an upload was being abandoned. */
const PASSES_MAX = 5;

/**
 * Steps 5 and 6, once it is quiet. @throws CliError when something keeps coming
 * @returns what could not be erased, of copies in other buckets or of the contact's earlier recordings, a line each: by then
 * nothing else is left to find it by
 */
export async function eraseRest(access: Access, fenced: Fenced, outside: Outside): Promise<string[]> {
  const { id, recording } = fenced.target;
  let found = await erasePass(access, fenced);
  for (let pass = 1; found > 0 && pass < PASSES_MAX; pass += 1) found = await erasePass(access, fenced);
  if (found > 0)
    throw new CliError(
      EXIT.failed,
      `objects of ${id} keep coming: what is at work on it doesn’t look whether it has been erased`,
      'find and stop it, and erase it again: its call record is still there',
    );
  const left = [...(await eraseCopies(fenced.target, outside)), ...(await heldStill(access, fenced))];
  for (const file of await access.extraFilesOf(recording.contactId)) await rm(file, { force: true });
  await access.erasure.eraseCall(recording);
  return left;
}

function knownFromOf({ call }: Target): string | undefined {
  return call && new Date(knownFromMs(call.startedAt)).toISOString();
}

/** An earlier recording's WAV is its own assembly's to make anew, which takes no more than is its own. */
async function heldStill(access: Access, { target, siblings }: Fenced): Promise<string[]> {
  const ids = new Set(siblings.map(idOf));
  const calls = await access.calls.ofContact(target.recording.contactId);
  const held = calls.filter((call) => ids.has(idOf(call)) && mayHoldErased(call, call.nextKnownFrom));
  return held.map((call) => {
    const id = idOf(call);
    return (
      `${id} was assembled before anybody could tell it from ${target.id}, since its recorder had given up, and may hold the ` +
      'first seconds of that. Its deployment assembles it anew within some hours (resumeByItself); to have it done now: ' +
      `callspool calls resume ${id}`
    );
  });
}

/** @returns how much there was to erase. */
async function erasePass(access: Access, { target, siblings }: Fenced): Promise<number> {
  const next = { start: target.recording.startFragmentNumber, knownFrom: knownFromOf(target) };
  for (const sibling of siblings) await cutBack(access, sibling, next);
  const versions = await versionsOf(target);
  await target.objects.erase(versions);
  return versions.length + (await access.transcripts.erase(target.id));
}
