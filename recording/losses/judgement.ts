/** From all that is known of a recording to what its record says of completeness. Pure: the table of rules in one place. */
import type { Loss, Verification } from '../call-record.ts';
import { fullerStanding } from './earlier.ts';
import type { Earlier, EarlierAudio, Evidence } from './evidence.ts';
import { ofSharedSession } from './shared-session.ts';
import { keptLosses, type ReconciledLosses, standingLosses } from './standing-losses.ts';
import { type Verdict, verdictOf } from './verdict.ts';

export interface Judgement extends ReconciledLosses {
  readonly verdict: Verdict;
  readonly verification: Verification;
  /** An earlier assembly's WAV that holds more, and stays; undefined where this one's is as good or better. */
  readonly standing: EarlierAudio | undefined;
  /** Why it stays; empty where it doesn't. */
  readonly keptWhy: string;
}

/** @param nowMs epoch ms */
export function judge(evidence: Evidence, nowMs: number): Judgement {
  const judgement = judgeAlone(evidence, nowMs);
  const { verdict, losses, standing } = judgement;
  const found = {
    verdict,
    losses,
    frames: standing?.audio.frames ?? evidence.timeline.frames,
    fragments: standing?.media.fragments ?? evidence.merge.numbers.size,
    endReason: evidence.checkpoint.ended.reason,
  };
  return { ...judgement, ...ofSharedSession(found, evidence.contact) };
}

/** Judges as if the session were this recording's alone. */
function judgeAlone(evidence: Evidence, nowMs: number): Judgement {
  const { timeline, merge, earlier } = evidence;
  const standing = fullerStanding(evidence);
  if (standing && earlier) return keptJudgement(evidence, earlier, standing);
  const verification = verificationOf(evidence, nowMs);
  const judged = standingLosses(evidence);
  const losses = withoutRise(judged.losses, verification, earlier);
  const disproved = judged.disproved.filter((loss) => !losses.includes(loss));
  const refused = merge.refusal === undefined ? undefined : refusedWhy(merge.refusal);
  const verdict = verdictOf(timeline.frames, losses, refused);
  return { verdict, losses, disproved, verification, standing: undefined, keptWhy: '' };
}

function keptJudgement(evidence: Evidence, earlier: Earlier, standing: EarlierAudio): Judgement {
  const { merge } = evidence;
  const judged = keptLosses(evidence, earlier);
  const there = `${merge.numbers.size} of the ${standing.media.fragments} fragments that the WAV was made of`;
  const cause =
    merge.refusal ?? 'it has expired, or has been damaged, since. The earlier WAV holds more, and is kept';
  return {
    ...judged,
    verdict: verdictOf(standing.audio.frames, judged.losses),
    verification: earlier.verification,
    standing,
    keptWhy: `the tape gives ${there}: ${cause}`,
  };
}

/** A status never rises while the verification falls: what could be checked once, and not now, is not mended by that. */
function withoutRise(
  losses: readonly Loss[],
  verification: Verification,
  earlier: Earlier | undefined,
): readonly Loss[] {
  if (!earlier || losses.length > 0) return losses;
  return RANKS[verification.method] < RANKS[earlier.verification.method] ? earlier.losses : losses;
}

const RANKS: Readonly<Record<Verification['method'], number>> = {
  LIST_FRAGMENTS: 2,
  CONTACT_RECORDINGS: 1,
  NONE: 0,
};

/** Checks what can be checked now. An earlier assembly's check stands where it saw more, of the same fragments. */
function verificationOf(evidence: Evidence, nowMs: number): Verification {
  const { earlier, merge } = evidence;
  const verification = verifiedNow(evidence, nowMs);
  if (!earlier || RANKS[verification.method] >= RANKS[earlier.verification.method]) return verification;
  const { fragmentsListed } = earlier.verification;
  if (merge.numbers.size === earlier.fragments) return earlier.verification;
  // Of what was listed then nothing is missing any more.
  if (fragmentsListed !== undefined && merge.numbers.size >= fragmentsListed)
    return { ...earlier.verification, fragmentsMissing: 0 };
  return verification;
}

function verifiedNow({ witness, lastNamed }: Evidence, nowMs: number): Verification {
  const at = new Date(nowMs).toISOString();
  if (witness.listed === undefined) {
    const method = lastNamed === undefined ? 'NONE' : 'CONTACT_RECORDINGS';
    return { method, at, why: witness.why };
  }
  return {
    method: 'LIST_FRAGMENTS',
    at,
    fragmentsListed: witness.listed.length,
    fragmentsMissing: witness.gone.length,
    ...(witness.takenForNext > 0 && { fragmentsTakenForNext: witness.takenForNext }),
  };
}

function refusedWhy(refusal: string): string {
  return (
    `no object of the tape may be read (${refusal}): let the assemble function’s role read the bucket ` +
    '(s3:GetObject) and use its key (kms:Decrypt), and enable the key, then resume the recording; the tape is kept'
  );
}
