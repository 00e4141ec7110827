/**
 * Evidence outlives assemblies. What one has found stands in the call record, which has no time to live, is written
 * in the name of the assembly that began last, and goes when the call is erased; so the next assembly begins with it.
 */
import type { CallRecord } from '../call-record.ts';
import { mayHoldErased } from '../next-known.ts';
import { removedFrom } from '../tape/count.ts';
import type { Earlier, EarlierAudio, Evidence } from './evidence.ts';

/** Undefined where no assembly has come to its end. @param isThere whether the WAV that the record names is */
export function earlierOf(record: Partial<CallRecord> | undefined, isThere: boolean): Earlier | undefined {
  if (record?.verification === undefined) return undefined;
  const { endReason, endedAt, losses = [], disproved = [], verification, media } = record;
  const standing = isThere ? standingOf(record) : undefined;
  return { endReason, endedAt, losses, disproved, verification, fragments: media?.fragments ?? 0, standing };
}

function standingOf({ audio, media, durationMs }: Partial<CallRecord>): EarlierAudio | undefined {
  if (audio === undefined || media === undefined || durationMs === undefined) return undefined;
  return { audio, media, durationMs };
}

/**
 * Whether the WAV that stands holds more than what the tape gives now: then it stays. It is what went into it that
 * counts: a rule that places audio better may make a WAV shorter, and loses nothing. But what may be of a next recording
 * that has been erased goes.
 * @returns the one that stays
 */
export function fullerStanding({
  earlier,
  merge,
  timeline,
  checkpoint,
  contact,
}: Evidence): EarlierAudio | undefined {
  const standing = earlier?.standing;
  if (!standing) return undefined;
  const { fragments, gapMs } = standing.media;
  if (merge.numbers.size < fragments && mayHoldErased(earlier, contact?.nextKnownFrom)) return undefined;
  const isWhole = merge.losses().length === 0 && removedFrom(checkpoint, merge.counted, contact) === 0;
  if (merge.numbers.size < fragments) {
    // Where all that was stored is there, the rules of now say that some of it is not this recording's.
    const isKnown = checkpoint.counters.fragments > 0 && merge.stored >= fragments;
    return isWhole && isKnown ? undefined : standing;
  }
  if (isWhole || merge.numbers.size > fragments) return undefined;
  const isLess = timeline.frames < standing.audio.frames || sum(timeline.gapMs) > sum(gapMs);
  return isLess ? standing : undefined;
}

function sum(gapMs: EarlierAudio['media']['gapMs']): number {
  return gapMs.AUDIO_FROM_CUSTOMER + gapMs.AUDIO_TO_CUSTOMER;
}
