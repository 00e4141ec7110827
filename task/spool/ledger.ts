/**
 * What the checkpoint says of the tape: how far it reaches, what is on it, what is known to be lost. Pure.
 *
 * The position is that of what was read live. What came from the archive lies in a hole before some fragment that is
 * read live, and counts as soon as the position has passed it: a task that goes on from before the hole finds it once
 * more, and must not count it once more.
 */
import type { Loss, LossKind } from '../../recording/call-record.ts';
import {
  type Checkpoint,
  type Counters,
  LOSSES_MAX,
  type Position,
  type Progress,
} from '../../recording/checkpoint.ts';
import { withLoss } from '../../recording/losses/merging.ts';
import { isBehind, type RecordingRange } from '../../recording/range.ts';
import type { Segment } from './segment.ts';

/** A segment that is on the tape, without its content. */
export type Stored = Omit<Segment, 'content'>;

export interface Ledger {
  readonly position: Position | undefined;
  readonly counters: Counters;
  readonly losses: readonly Loss[];
  /** What came from the archive, and isn't behind the position. */
  readonly uncounted: readonly Stored[];
  /** Reopenings that earlier attempts counted. */
  readonly reopeningsBefore: number;
  /** Reopenings that the metrics know of. */
  readonly reopeningsTold: number;
}

/** How an earlier task stopped is no loss any more, since this one goes on from there. */
const STOPS: ReadonlySet<LossKind> = new Set(['RECORDER_STOPPED', 'CUT_AT_LIMIT']);

/** @param checkpoint what the claim found: counting goes on from there */
export function openLedger({ position, counters, losses }: Checkpoint): Ledger {
  return {
    position,
    counters,
    losses: losses.filter(({ kind }) => !STOPS.has(kind)),
    uncounted: [],
    reopeningsBefore: counters.reopenings,
    reopeningsTold: counters.reopenings,
  };
}

export function progressOf({ position, counters, losses }: Ledger): Progress {
  return { ...(position && { position }), counters, losses };
}

/**
 * A segment has been stored, and all before it.
 * @throws Error when the position would go back: whoever listens relies on it that it never does
 */
export function withStored(ledger: Ledger, segment: Stored): Ledger {
  if (segment.source === 'archive') return { ...ledger, uncounted: [...ledger.uncounted, segment] };
  const { position: before } = ledger;
  if (before && segment.position.lastFragmentNumber <= before.lastFragmentNumber)
    throw new Error('a ledger contradicts itself: its position would go back');
  const isPassed = ({ position }: Stored) =>
    position.lastFragmentNumber < segment.position.lastFragmentNumber;
  const passed = ledger.uncounted.filter(isPassed);
  return {
    ...ledger,
    position: segment.position,
    counters: [...passed, segment].reduce(counted, ledger.counters),
    uncounted: ledger.uncounted.filter((one) => !isPassed(one)),
  };
}

/** What is known to be lost, once. */
export function withDeclared(ledger: Ledger, loss: Loss): Ledger {
  return { ...ledger, losses: withLoss(ledger.losses, loss, LOSSES_MAX) };
}

/** What was lost behind the range was none of this recording's. */
export function withoutBehind(ledger: Ledger, range: RecordingRange): Ledger {
  const isOurs = ({ firstFragmentNumber: first }: Loss) =>
    first === undefined || !isBehind(range, BigInt(first));
  return { ...ledger, losses: ledger.losses.filter(isOurs) };
}

/** How the reading fares. @param openings sessions of this attempt */
export function withReading(ledger: Ledger, openings: number, behindMs: number): Ledger {
  const { counters, reopeningsBefore } = ledger;
  const reopenings = reopeningsBefore + Math.max(0, openings - 1);
  const maxBehindMs = Math.max(counters.maxBehindMs, behindMs);
  return { ...ledger, counters: { ...counters, reopenings, maxBehindMs } };
}

/** How many reopenings the metrics don't know of yet. */
export function reopeningsUntold({ counters, reopeningsTold }: Ledger): number {
  return counters.reopenings - reopeningsTold;
}

export function withReopeningsTold(ledger: Ledger): Ledger {
  return { ...ledger, reopeningsTold: ledger.counters.reopenings };
}

function counted(counters: Counters, { source, fragments, bytes, mediaMs }: Stored): Counters {
  return {
    ...counters,
    fragments: counters.fragments + fragments,
    restored: counters.restored + (source === 'archive' ? fragments : 0),
    bytes: counters.bytes + bytes,
    segments: counters.segments + 1,
    mediaMs: Math.round(counters.mediaMs + mediaMs),
  };
}
