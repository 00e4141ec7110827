/**
 * Decides which losses stand in the end: those that were noted on the way, now or by an earlier assembly, less those that
 * better evidence has disproved. What is only not seen any more is not disproved.
 */
import { type Loss, SAW_THE_END } from '../call-record.ts';
import { compareFragmentNumbers } from '../fragment-number.ts';
import { isBehind } from '../range.ts';
import { removedFrom } from '../tape/count.ts';
import type { Earlier, Evidence, Witness } from './evidence.ts';
import { spans } from './in-part.ts';
import { isMerged } from './merging.ts';

export interface ReconciledLosses {
  readonly losses: readonly Loss[];
  /** Noted, now or before, and there after all. */
  readonly disproved: readonly Loss[];
}

export function standingLosses(evidence: Evidence): ReconciledLosses {
  const { checkpoint, timeline, witness, earlier } = evidence;
  const noted = distinct([
    ...checkpoint.losses.filter((loss) => !isBehindEnd(loss, evidence)),
    ...stoppedLoss(evidence),
    ...forgottenLoss(evidence),
    ...tapeLosses(evidence),
  ]);
  const news = noted.filter((loss) => !isSettled(loss, evidence));
  const before = (earlier?.losses ?? []).filter((loss) => !isRepeated(loss, evidence));
  const known = distinct([...news, ...before]);
  const standing = [
    ...known.filter((loss) => !isDisproved(loss, evidence)),
    ...goneLoss(witness),
    ...untoldLoss(evidence),
  ];
  const losses = [...distinct([...standing, ...endLoss(evidence, standing)]), ...timeline.losses];
  const gone = [...noted, ...known].filter((loss) => !losses.some((other) => isSame(other, loss)));
  return { losses, disproved: distinct([...(earlier?.disproved ?? []), ...gone]) };
}

/**
 * Losses of an earlier assembly's WAV, which stays as it is: what that one found missing is missing in it, whatever has
 * been put on the tape since; and what has gone from the tape since is in it.
 */
export function keptLosses(evidence: Evidence, { losses, disproved, fragments }: Earlier): ReconciledLosses {
  const { checkpoint, witness } = evidence;
  const own = checkpoint.losses.filter((loss) => !isBehindEnd(loss, evidence));
  const noted = distinct([...own, ...stoppedLoss(evidence)]);
  const known = [...losses, ...noted.filter((loss) => !isSettled(loss, evidence))];
  const more = (witness.listed?.length ?? 0) - fragments;
  return { losses: distinct(known.length > 0 || more <= 0 ? known : [lackingLoss(more)]), disproved };
}

function lackingLoss(count: number): Loss {
  return {
    kind: 'FRAGMENTS_MISSING',
    why: `${count} fragments that the stream lists are not in the WAV that was kept`,
  };
}

/** The recorder read on into what follows ours, and could not read some of that. */
function isBehindEnd({ firstFragmentNumber }: Loss, { checkpoint, range, merge }: Evidence): boolean {
  if (firstFragmentNumber === undefined) return false;
  const first = BigInt(firstFragmentNumber);
  if (isBehind(range, first)) return true;
  const { reason, foreignFragmentNumber } = checkpoint.ended;
  if (foreignFragmentNumber === undefined || !SAW_THE_END.has(reason)) return false;
  const isAmidOurs = merge.last !== undefined && first < merge.last;
  return first >= BigInt(foreignFragmentNumber) && !isAmidOurs;
}

/** The recorder stopped for good without a word; the assembly's fence says so. */
function stoppedLoss({ checkpoint: { ended } }: Evidence): Loss[] {
  if (ended.reason !== 'RECORDER_GAVE_UP') return [];
  const why = ended.why ?? 'the recorder stopped before the call was over';
  return [{ kind: 'RECORDER_STOPPED', why }];
}

/**
 * The tape reaches further than the position that the recorder ended at: an earlier task stored that, and when the
 * last one came to read it again the stream had forgotten it, and maybe what followed. What came from the archive says
 * nothing of that kind.
 */
function forgottenLoss({ checkpoint, merge, witness, recording }: Evidence): Loss[] {
  const reached = checkpoint.position?.lastFragmentNumber ?? recording.startFragmentNumber - 1n;
  if (checkpoint.ended.reason === 'RECORDER_GAVE_UP') return [];
  const isBeyond = (number: bigint) =>
    number > reached && !witness.restored.has(number) && !merge.archived.has(number);
  if (![...merge.numbers.keys()].some(isBeyond)) return [];
  const why =
    'a task was interrupted for so long that the stream had forgotten where it was; more may have followed';
  return [{ kind: 'POSITION_LOST', why, firstFragmentNumber: (reached + 1n).toString() }];
}

/**
 * What followed the last fragment that the recorder took for ours didn't say whose it was, and the archive has brought one of
 * ours from behind it: so it lies between two of ours, and is ours.
 */
function untoldLoss({ checkpoint: { ended }, merge, witness }: Evidence): Loss[] {
  const { foreignFragmentNumber: foreign, isForeignUntold: isUntold = false } = ended;
  if (foreign === undefined || !isUntold) return [];
  const first = BigInt(foreign);
  if (merge.numbers.has(first) || witness.ofOthers.has(first) || witness.gone.includes(first)) return [];
  const [next] = [...merge.numbers.keys()].filter((number) => number > first).sort(compareFragmentNumbers);
  if (next === undefined) return [];
  return [
    {
      kind: 'FRAGMENTS_MISSING',
      why: 'a fragment that didn’t say whose it is lay between two of the recording’s, and is not on its tape',
      firstFragmentNumber: foreign,
      lastFragmentNumber: (next - 1n).toString(),
    },
  ];
}

/** Nothing is known of a tape that may not be read at all, but that it is there. */
function tapeLosses(evidence: Evidence): Loss[] {
  const { merge } = evidence;
  return merge.refusal === undefined ? [...merge.losses(), ...removedLoss(evidence)] : [];
}

/** Fewer fragments than the recorder counted: objects of the tape have been removed. */
function removedLoss({ checkpoint, merge, contact }: Evidence): Loss[] {
  const removed = removedFrom(checkpoint, merge.counted, contact);
  if (removed === 0) return [];
  return [
    { kind: 'TAPE_DAMAGED', why: `${removed} fragments were stored that are not on the tape any more` },
  ];
}

function goneLoss({ gone }: Witness): Loss[] {
  const first = gone[0];
  const last = gone.at(-1);
  if (first === undefined || last === undefined) return [];
  return [
    {
      kind: 'FRAGMENTS_MISSING',
      why: `${gone.length} fragments that the stream lists could not be had from it`,
      firstFragmentNumber: first.toString(),
      lastFragmentNumber: last.toString(),
    },
  ];
}

/** Connect's word for the last fragment shows that the end is missing, also where the stream doesn't list it (yet). */
function endLoss({ merge, lastNamed, recording }: Evidence, standing: readonly Loss[]): Loss[] {
  if (lastNamed === undefined) return [];
  const last = merge.last ?? recording.startFragmentNumber - 1n;
  if (last >= lastNamed || standing.some((loss) => tellsOf(loss, lastNamed))) return [];
  return [
    {
      kind: 'FRAGMENTS_MISSING',
      why: 'the contact’s record in Connect names a later fragment as the last one',
      firstFragmentNumber: (last + 1n).toString(),
      lastFragmentNumber: lastNamed.toString(),
    },
  ];
}

/** Tells that the fragment's loss is declared already. */
function tellsOf(loss: Loss, number: bigint): boolean {
  if (loss.firstFragmentNumber !== undefined) return spans(loss, number);
  return loss.kind === 'RECORDER_STOPPED' || loss.kind === 'CUT_AT_LIMIT';
}

/** What a resumption notes that could find out nothing more, because the stream has forgotten by then: no news of the call. */
const NOTHING_MORE: ReadonlySet<Loss['kind']> = new Set([
  'START_MISSING',
  'POSITION_LOST',
  'RECORDER_STOPPED',
]);

/** An earlier assembly knew of it and had better evidence; or it only says that there is none any more. */
function isSettled(loss: Loss, { earlier, checkpoint, merge }: Evidence): boolean {
  if (!earlier || earlier.losses.some((known) => isSame(known, loss))) return false;
  if (earlier.disproved.some((known) => isSame(known, loss) && known.why === loss.why)) return true;
  const isVerified = earlier.verification.method === 'LIST_FRAGMENTS';
  // A record of a version that didn't say what it had disproved.
  const { at } = checkpoint.endedBefore ?? checkpoint.ended;
  const isOfThen = checkpoint.losses.includes(loss) && earlier.endedAt === at;
  if (isVerified && isOfThen && earlier.disproved.length === 0) return true;
  // Where the recorder had stopped, the list of then may have ended before the call did.
  const hadStopped = earlier.losses.some(({ kind }) => kind === 'RECORDER_STOPPED');
  const sawTheEnd =
    (isVerified && !hadStopped) || (earlier.endReason !== undefined && SAW_THE_END.has(earlier.endReason));
  return sawTheEnd && NOTHING_MORE.has(loss.kind) && merge.numbers.size <= earlier.fragments;
}

/** An earlier assembly's loss that this one would find itself, since all that it needs for that is there. */
function isRepeated(loss: Loss, { merge, checkpoint, witness, recording, contact }: Evidence): boolean {
  const first = BigInt(loss.firstFragmentNumber ?? recording.startFragmentNumber);
  const last = BigInt(loss.lastFragmentNumber ?? first);
  switch (loss.kind) {
    case 'FRAGMENT_UNUSABLE':
      return merge.numbers.has(first) && merge.numbers.has(last);
    case 'TAPE_DAMAGED': {
      if (loss.firstFragmentNumber !== undefined) return merge.isMended(loss);
      return checkpoint.counters.fragments > 0 && removedFrom(checkpoint, merge.counted, contact) === 0;
    }
    case 'FRAGMENTS_MISSING': {
      if (loss.lastFragmentNumber === undefined) return false;
      if (first === last && merge.numbers.get(first) === true) return true;
      // The list of now speaks of all that the earlier one spoke of.
      const listed = witness.listed ?? [];
      return listed.some((number) => number <= first) && listed.some((number) => number >= last);
    }
    case 'RECORDER_STOPPED':
    case 'CUT_AT_LIMIT':
      // A task went on from there; what it could not read any more it has declared.
      return SAW_THE_END.has(checkpoint.ended.reason) && checkpoint.endedBefore === undefined;
    case 'START_MISSING':
    case 'FRAGMENT_CUT':
    case 'FRAGMENT_MALFORMED':
    case 'POSITION_LOST':
      return false;
  }
}

function isDisproved(loss: Loss, evidence: Evidence): boolean {
  const { checkpoint, merge, witness, recording } = evidence;
  const first = BigInt(loss.firstFragmentNumber ?? recording.startFragmentNumber);
  const last = loss.lastFragmentNumber === undefined ? undefined : BigInt(loss.lastFragmentNumber);
  switch (loss.kind) {
    case 'FRAGMENT_CUT':
      return !isMerged(loss) && (witness.restored.has(first) || merge.holdsWhole(first));
    case 'FRAGMENT_MALFORMED':
      // It is on the tape, and whole, only if the archive had it well-formed, now or at an earlier assembly. What stands
      // before the malformed place may have been stored by a task that was superseded, and can declare nothing any more.
      // Where its number could not be read either, all that is known is what lies before and behind it.
      if (isMerged(loss) || first !== last) return areAllWhole(evidence, first, last);
      if (loss.firstFragmentNumber === undefined) return false;
      // The archive's copy says whose it is, where the live one did not.
      return merge.holdsWhole(first) || witness.ofOthers.has(first);
    case 'CUT_AT_LIMIT':
    case 'RECORDER_STOPPED':
      return areAllWhole(evidence, checkpoint.position?.lastFragmentNumber ?? recording.startFragmentNumber);
    case 'START_MISSING':
      return merge.numbers.has(first) && areAllWhole(evidence, first, last);
    case 'FRAGMENTS_MISSING':
      // They were listed once: what isn't any more has only gone, unless there is something behind it.
      return (
        (isUpToNext(loss, evidence) || reaches(witness, last ?? first)) &&
        areAllWhole(evidence, first, last, last ?? first)
      );
    case 'FRAGMENT_UNUSABLE':
    case 'TAPE_DAMAGED':
      return areAllThere(evidence, first, last, last ?? checkpoint.position?.lastFragmentNumber);
    case 'POSITION_LOST':
      return areAllWhole(evidence, first, last);
  }
}

/**
 * The witness lists the span, and every fragment that it lists there is on the tape, undamaged.
 * @param reach how far the list has to go; by default to the span's end
 */
function areAllThere(evidence: Evidence, first: bigint, last?: bigint, reach = last): boolean {
  const { merge } = evidence;
  const listed = listedWithin(evidence, first, last, reach);
  return listed?.every((number) => merge.numbers.get(number) === true) ?? false;
}

/** And whole: a task that was superseded may have stored a part of what a later one declared. */
function areAllWhole(evidence: Evidence, first: bigint, last?: bigint, reach = last): boolean {
  const listed = listedWithin(evidence, first, last, reach);
  return listed?.every((number) => evidence.merge.holdsWhole(number)) ?? false;
}

/**
 * What retention has taken isn't listed, nor what has just come: a list speaks only of what lies between things that it
 * lists, or, once it covers the recording to its end, of all behind one.
 */
function listedWithin(
  { witness, listedToEnd }: Evidence,
  first: bigint,
  last: bigint | undefined,
  reach: bigint | undefined,
): bigint[] | undefined {
  const { listed } = witness;
  if (!listed?.some((number) => number <= first)) return undefined;
  if (!listedToEnd && !reaches(witness, reach)) return undefined;
  return listed.filter((number) => first <= number && (last === undefined || number <= last));
}

/** A hole up to where the next recording begins has nothing of ours behind it: a list to the contact's end tells of it. */
function isUpToNext({ lastFragmentNumber }: Loss, { range: { endBefore }, listedToEnd }: Evidence): boolean {
  return listedToEnd && endBefore !== undefined && lastFragmentNumber === (endBefore - 1n).toString();
}

/** There is something at the span's end, or right behind it or further. */
function reaches({ listedUpTo }: Witness, end: bigint | undefined): boolean {
  return end !== undefined && listedUpTo !== undefined && listedUpTo >= end;
}

function distinct(losses: readonly Loss[]): Loss[] {
  return losses.filter((loss, index) => losses.findIndex((other) => isSame(other, loss)) === index);
}

function isSame(a: Loss, b: Loss): boolean {
  return (
    a.kind === b.kind &&
    a.firstFragmentNumber === b.firstFragmentNumber &&
    a.lastFragmentNumber === b.lastFragmentNumber &&
    a.startMs === b.startMs
  );
}
