/** Which losses stand in the end: those that were noted on the way, less those that a witness has disproved. */
import type { StreamedSpan } from '../../ports/contacts.ts';
import type { Loss, Verification } from '../../recording/call-record.ts';
import type { Checkpoint } from '../../recording/checkpoint.ts';
import type { Recording } from '../../recording/identity.ts';
import { isMerged } from '../../recording/loss-merging.ts';
import type { TapeMerge } from '../../recording/tape-merge.ts';
import type { TimelineFacts } from '../../recording/timeline.ts';
import type { Witness } from './witness.ts';

export interface Evidence {
  readonly recording: Recording;
  readonly checkpoint: Checkpoint;
  readonly merge: TapeMerge;
  readonly timeline: TimelineFacts;
  readonly witness: Witness;
  /** The session as the contact's record in Connect names it, where it does. */
  readonly span: StreamedSpan | undefined;
  /** The contact has been over for long enough that the archive's list covers it to its end. */
  readonly listedToEnd: boolean;
}

export function standingLosses(evidence: Evidence): Loss[] {
  const { checkpoint, merge, timeline, witness } = evidence;
  const noted = [
    ...checkpoint.losses,
    ...stoppedLoss(evidence),
    ...forgottenLoss(evidence),
    ...merge.losses(),
    ...missingObjects(evidence),
  ];
  const standing = [...noted.filter((loss) => !isDisproved(loss, evidence)), ...goneLoss(witness)];
  return [...standing, ...endLoss(evidence, standing), ...timeline.losses];
}

/** The recorder stopped for good without a word; the assembly's fence says so. */
function stoppedLoss({ checkpoint }: Evidence): Loss[] {
  const { ended } = checkpoint;
  if (ended?.reason !== 'RECORDER_GAVE_UP') return [];
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
  if (checkpoint.ended?.reason === 'RECORDER_GAVE_UP') return [];
  const isBeyond = (number: bigint) =>
    number > reached && !witness.restored.has(number) && !merge.archived.has(number);
  if (![...merge.numbers.keys()].some(isBeyond)) return [];
  const why =
    'a task was interrupted for so long that the stream had forgotten where it was; more may have followed';
  return [{ kind: 'POSITION_LOST', why, firstFragmentNumber: (reached + 1n).toString() }];
}

/** Fewer fragments than the recorder counted: objects of the tape have been removed. */
function missingObjects({ checkpoint, merge }: Evidence): Loss[] {
  const missing = checkpoint.counters.fragments - merge.stored;
  if (missing <= 0) return [];
  return [
    { kind: 'TAPE_DAMAGED', why: `${missing} fragments were stored that are not on the tape any more` },
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
function endLoss({ merge, span, recording }: Evidence, standing: readonly Loss[]): Loss[] {
  const named = span?.lastFragmentNumber;
  if (named === undefined) return [];
  const last = merge.last ?? recording.startFragmentNumber - 1n;
  if (last >= named || standing.some((loss) => tellsOf(loss, named))) return [];
  return [
    {
      kind: 'FRAGMENTS_MISSING',
      why: 'the contact’s record in Connect names a later fragment as the last one',
      firstFragmentNumber: (last + 1n).toString(),
      lastFragmentNumber: named.toString(),
    },
  ];
}

/** That the fragment is lost is declared already. */
function tellsOf({ kind, firstFragmentNumber, lastFragmentNumber }: Loss, number: bigint): boolean {
  if (firstFragmentNumber === undefined) return kind === 'RECORDER_STOPPED' || kind === 'CUT_AT_LIMIT';
  if (BigInt(firstFragmentNumber) > number) return false;
  return lastFragmentNumber === undefined || number <= BigInt(lastFragmentNumber);
}

function isDisproved(loss: Loss, { checkpoint, merge, witness, listedToEnd, recording }: Evidence): boolean {
  const first = BigInt(loss.firstFragmentNumber ?? recording.startFragmentNumber);
  const last = loss.lastFragmentNumber === undefined ? undefined : BigInt(loss.lastFragmentNumber);
  switch (loss.kind) {
    case 'FRAGMENT_CUT':
      return !isMerged(loss) && witness.restored.has(first);
    case 'FRAGMENT_MALFORMED':
      // It is on the tape only if the archive had it well-formed, now or at an earlier assembly.
      if (isMerged(loss)) return allThere(witness, merge, first, last);
      return loss.firstFragmentNumber !== undefined && merge.numbers.get(first) === true;
    case 'CUT_AT_LIMIT':
    case 'RECORDER_STOPPED': {
      const stoppedAt = checkpoint.position?.lastFragmentNumber ?? recording.startFragmentNumber;
      return listedToEnd && allThere(witness, merge, stoppedAt, undefined);
    }
    case 'START_MISSING':
      return (
        (last !== undefined || listedToEnd) &&
        merge.numbers.has(first) &&
        allThere(witness, merge, first, last)
      );
    case 'FRAGMENTS_MISSING':
    case 'FRAGMENT_UNUSABLE':
    case 'TAPE_DAMAGED':
      return allThere(witness, merge, first, last);
    case 'POSITION_LOST':
      return (last !== undefined || listedToEnd) && allThere(witness, merge, first, last);
  }
}

/**
 * The witness lists the span, and every fragment that it lists there is on the tape, undamaged. What retention has
 * taken isn't listed either: the list speaks only of what follows something that it lists.
 */
function allThere({ listed }: Witness, merge: TapeMerge, first: bigint, last: bigint | undefined): boolean {
  if (!listed?.some((number) => number <= first)) return false;
  const within = listed.filter((number) => first <= number && (last === undefined || number <= last));
  return within.every((number) => merge.numbers.get(number) === true);
}

export function verificationOf({ witness, span }: Evidence, atMs: number): Verification {
  const at = new Date(atMs).toISOString();
  if (witness.listed === undefined) {
    const method = span?.lastFragmentNumber === undefined ? 'NONE' : 'CONTACT_RECORDINGS';
    return { method, at, why: witness.why };
  }
  return {
    method: 'LIST_FRAGMENTS',
    at,
    fragmentsListed: witness.listed.length,
    fragmentsMissing: witness.gone.length,
  };
}
