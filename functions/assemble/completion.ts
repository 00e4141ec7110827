/** What an assembly says of a recording, as the record has it. Pure. */
import type { Audio, Completion, FurtherFile } from '../../recording/call-record.ts';
import type { Evidence } from '../../recording/losses/evidence.ts';
import type { Judgement } from '../../recording/losses/judgement.ts';
import type { EndedCheckpoint } from './ended.ts';

/** What the record names. */
export interface Recorded {
  readonly audio: Audio;
  /** In further formats. */
  readonly files: readonly FurtherFile[];
}

/** @param recorded undefined where there is no audio */
export function completionOf(
  checkpoint: EndedCheckpoint,
  { merge, timeline }: Evidence,
  { verdict, losses, disproved, verification, standing, keptWhy }: Judgement,
  recorded: Recorded | undefined,
  nowMs: number,
): Completion {
  const { ended, counters } = checkpoint;
  // The fence counts as a claim, so that a task still alive is refused; it is no task.
  const attempts = Math.max(0, checkpoint.attempt - (ended.reason === 'RECORDER_GAVE_UP' ? 1 : 0));
  const { originMs } = timeline;
  const media = {
    ...(originMs !== undefined && { originMs }),
    fragments: merge.numbers.size,
    gapCount: timeline.gaps.length,
    gapMs: timeline.gapMs,
    gaps: timeline.gaps,
    reanchored: timeline.reanchored,
    lateBlocks: timeline.lateBlocks,
    strayBlocks: timeline.strayBlocks,
    aheadMs: timeline.aheadMs,
    reopenings: counters.reopenings,
    resumes: Math.max(0, attempts - 1),
    maxBehindMs: counters.maxBehindMs,
  };
  return {
    ...verdict,
    endedAt: ended.at,
    endReason: ended.reason,
    durationMs: standing?.durationMs ?? Math.round((timeline.frames * 1000) / timeline.sampleRate),
    attempts,
    ...(recorded && { audio: recorded.audio }),
    ...(recorded && recorded.files.length > 0 && { files: recorded.files }),
    media: standing?.media ?? media,
    losses,
    ...(disproved.length > 0 && { disproved }),
    verification,
    ...(standing && { kept: { at: new Date(nowMs).toISOString(), why: keptWhy } }),
  };
}
