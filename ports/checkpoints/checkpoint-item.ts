/** The checkpoint as an item of its table: every attribute at the top, so that it can be read by eye. */
import * as v from 'valibot';
import { isFragmentNumber } from '../../matroska/tags.ts';
import { END_REASONS, LOSS_KINDS } from '../../recording/call-record.ts';
import {
  type Checkpoint,
  type Ended,
  LOSSES_MAX,
  NO_COUNTS,
  NOBODY,
  type Position,
  type Progress,
} from '../../recording/checkpoint.ts';
import { parseFragmentNumber } from '../../recording/fragment-number.ts';
import { boundedText, parseItem, unlessDamaged } from '../table/item.ts';

/** A reason in words is cut here: {@link LOSSES_MAX} of them stay far below the 400 KB of an item. */
const WHY_BYTES_MAX = 2_048;

/** A number that a stream gave out; kept as text since DynamoDB's numbers have 38 digits. */
export const FragmentDigits = v.pipe(v.string(), v.check(isFragmentNumber, 'decimal digits'));
export const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const LossItem = v.object({
  kind: v.picklist(LOSS_KINDS),
  why: v.string(),
  firstFragmentNumber: v.exactOptional(FragmentDigits),
  lastFragmentNumber: v.exactOptional(FragmentDigits),
  startMs: v.exactOptional(v.number()),
  lengthMs: v.exactOptional(v.number()),
});

const EndedItem = v.object({
  reason: v.picklist(END_REASONS),
  at: v.string(),
  why: v.exactOptional(v.string()),
  foreignFragmentNumber: v.exactOptional(FragmentDigits),
  isForeignUntold: v.exactOptional(v.boolean()),
  endBefore: v.exactOptional(FragmentDigits),
});

const CheckpointItem = v.object({
  recordingId: v.string(),
  owner: v.exactOptional(v.string()),
  attempt: v.optional(Count, 0),
  lastFragmentNumber: v.exactOptional(FragmentDigits),
  continuationToken: v.exactOptional(v.string()),
  lastServerTimestamp: v.exactOptional(v.number()),
  lastSegmentUid: v.exactOptional(v.string()),
  fragments: v.optional(Count, NO_COUNTS.fragments),
  restored: v.optional(Count, NO_COUNTS.restored),
  bytes: v.optional(Count, NO_COUNTS.bytes),
  segments: v.optional(Count, NO_COUNTS.segments),
  reopenings: v.optional(Count, NO_COUNTS.reopenings),
  maxBehindMs: v.optional(v.number(), NO_COUNTS.maxBehindMs),
  mediaMs: v.optional(v.number(), NO_COUNTS.mediaMs),
  losses: v.optional(v.array(LossItem), []),
  ended: v.exactOptional(EndedItem),
  endedBefore: v.exactOptional(EndedItem),
  erasedAt: v.exactOptional(v.string()),
});

/** @throws DamagedItem */
export function checkpointOf(item: unknown): Checkpoint {
  const { lastFragmentNumber, continuationToken, lastServerTimestamp, lastSegmentUid, ...rest } = parseItem(
    CheckpointItem,
    () => 'an item of the checkpoints table',
    item,
  );
  const { fragments, restored, bytes, segments, reopenings, maxBehindMs, mediaMs, ...others } = rest;
  const position: Position | undefined =
    lastFragmentNumber === undefined
      ? undefined
      : {
          lastFragmentNumber: parseFragmentNumber(lastFragmentNumber),
          ...(continuationToken !== undefined && { continuationToken }),
          ...(lastServerTimestamp !== undefined && { lastServerTimestamp }),
          ...(lastSegmentUid !== undefined && { lastSegmentUid }),
        };
  return {
    ...others,
    counters: { fragments, restored, bytes, segments, reopenings, maxBehindMs, mediaMs },
    ...(position !== undefined && { position }),
  };
}

/** The attributes that carry the progress; an undefined one is to be absent. */
export function progressAttributes({ position, counters, losses }: Progress) {
  const kept = losses
    .slice(0, LOSSES_MAX)
    .map((loss) => ({ ...loss, why: boundedText(loss.why, WHY_BYTES_MAX) }));
  return {
    lastFragmentNumber: position?.lastFragmentNumber.toString(),
    continuationToken: position?.continuationToken,
    lastServerTimestamp: position?.lastServerTimestamp,
    lastSegmentUid: position?.lastSegmentUid,
    ...counters,
    losses: kept,
    lossCount: kept.length < losses.length ? losses.length : undefined,
  };
}

export function endedAttribute(ended: Ended): Ended {
  return ended.why === undefined ? ended : { ...ended, why: boundedText(ended.why, WHY_BYTES_MAX) };
}

const DAY_SECONDS = 86_400;
const KEEP_DAYS = 30;

/** When the item was written, and when DynamoDB may delete it. */
export function lifetime(nowMs: number, keepDays: number = KEEP_DAYS) {
  return {
    updatedAt: new Date(nowMs).toISOString(),
    expiresAt: Math.floor(nowMs / 1_000) + keepDays * DAY_SECONDS,
  };
}

/** What stood where a tombstone stands now. One that somebody has damaged is erased like any other. */
export function erasedCheckpoint(item: unknown): Checkpoint | undefined {
  return unlessDamaged(() => checkpointOf(item));
}

/** The whole item of an erased recording: nothing of what stood there is kept. */
export function tombstone(recordingId: string, nowMs: number, expiresAtMs: number) {
  const expiresAt = Math.ceil(expiresAtMs / 1_000);
  return { recordingId, owner: NOBODY, erasedAt: new Date(nowMs).toISOString(), expiresAt };
}

/** When a write was refused, and there is nothing that could have refused it. */
export function checkpointDeleted(recordingId: string): Error {
  return new Error(`the checkpoint of recording ${recordingId} has been deleted; run the task again`);
}
