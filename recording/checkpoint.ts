/**
 * The checkpoint: where to go on. One item a recording in table `…-checkpoints`.
 *
 * Life of an item
 * 1. the first task *claims*: `owner`, `attempt` 1
 * 2. after each tape object the task *advances*: position and counters. The object comes first, so that a
 *    crash between the two costs one segment read twice and the checkpoint is never ahead of the tape
 * 3. a retry of the task claims anew: `attempt` + 1; whoever holds a lower attempt is refused from then on
 * 4. the task *ends*: `ended`. Nothing follows but a handover by hand, which makes it `endedBefore`
 * 5. somebody *erases* the recording, in any of these states: the item becomes a tombstone (`erasedAt`), which says
 *    nothing of the call, refuses every write, and expires by itself when nobody can write any more
 */
import type { EndReason, Loss } from './call-record.ts';

/** The position after the last fragment that is on the tape. */
export interface Position {
  readonly lastFragmentNumber: bigint;
  readonly continuationToken?: string;
  /** Epoch ms; the fallback when the number isn't known to the stream any more. */
  readonly lastServerTimestamp?: number;
  /** Hex. An untagged fragment with the same SegmentUID is of the same contact. */
  readonly lastSegmentUid?: string;
}

export interface Counters {
  /** Fragments on the tape, each counted once. */
  readonly fragments: number;
  /** How many of them the live stream did not deliver, so that the task had them from the archive. */
  readonly restored: number;
  readonly bytes: number;
  /** Tape objects. */
  readonly segments: number;
  /** Times that GetMedia was opened again. */
  readonly reopenings: number;
  readonly maxBehindMs: number;
  /** Audio on the tape: the sum of the fragments' own lengths. */
  readonly mediaMs: number;
}

export const NO_COUNTS: Counters = {
  fragments: 0,
  restored: 0,
  bytes: 0,
  segments: 0,
  reopenings: 0,
  maxBehindMs: 0,
  mediaMs: 0,
};

export interface Ended {
  readonly reason: EndReason;
  /** ISO 8601. */
  readonly at: string;
  /** Says why, for the ends that are failures. */
  readonly why?: string;
  /** The first fragment behind our last one that was read and is not ours; absent where nothing followed. */
  readonly foreignFragmentNumber?: string;
  /** What followed doesn't say whose it is: it would be ours if one of ours came behind it. */
  readonly isForeignUntold?: boolean;
  /** Nothing from that number on is the recording's; absent where the recorder knew of no such end. */
  readonly endBefore?: string;
}

export interface Progress {
  readonly position?: Position;
  readonly counters: Counters;
  /** What the task knows to be lost; at most {@link LOSSES_MAX}. */
  readonly losses: readonly Loss[];
}

/** A DynamoDB item holds 400 KB; a loss takes a few hundred bytes. */
export const LOSSES_MAX = 100;

export interface Checkpoint extends Progress {
  readonly recordingId: string;
  /** ARN of the execution that the recording belongs to. Absent while no task ever ran. */
  readonly owner?: string;
  /** How many times the recording was claimed; 0 before the first. */
  readonly attempt: number;
  readonly ended?: Ended;
  /** How it had ended before it was handed over, as long as nothing more has been stored since. */
  readonly endedBefore?: Ended;
  /** ISO 8601. The recording has been erased: this is a tombstone, and whoever meets it leaves without a trace. */
  readonly erasedAt?: string;
}

/** The owner of a tombstone. No execution's ARN is like it, so that every condition on the owner refuses. */
export const NOBODY = 'erased';
