import { LONGEST_CALL_SECONDS } from '../recording/longest-call.ts';

/** Bounds and defaults of the settings that a user chooses; the stack checks against the same ones. */
export const LIMITS = {
  segmentSeconds: { min: 1, max: 300, default: 30 },
  idleTimeoutSeconds: { min: 30, max: 86_400, default: 600 },
  longestCallSeconds: { min: 60, max: LONGEST_CALL_SECONDS, default: 43_200 },
  graceSeconds: { min: 0.2, max: 120, default: 10 },
} as const;

/** An assembly runs for 900 s at most, also when its execution is stopped (a Lambda function can't be). */
const ASSEMBLY_MS_MAX = 900_000;
/** A recorder that was told to stop is killed 120 s later; one that wasn't finds at its next checkpoint that it may not go on. */
const RECORDER_MS_MAX = 300_000;
/** Clocks differ, and S3 may still work on a request. */
const MARGIN_MS = 60_000;
/** Somebody may still write for so long to a recording that doesn't belong to them any more. */
export const WRITERS_LEAVE_MS = Math.max(ASSEMBLY_MS_MAX, RECORDER_MS_MAX) + MARGIN_MS;

/** Bounds and defaults of what a listener is set to. */
export const LIVE_LIMITS = {
  /** How much further one side may be before the other one isn't waited for. */
  windowMs: { min: 100, max: 10_000, default: 500 },
  pieceSeconds: { min: 1, max: 60, default: 1 },
  /** By so much what is sent may be older than now. Fragments come some seconds after what is said in them. */
  webSocketBehindSeconds: { min: 10, max: 3_600, default: 3_600 },
  recogniseHungSeconds: { min: 5, max: 600, default: 60 },
  /** An utterance is up to 25 s long, and is heard when it is over. */
  recogniseBehindSeconds: { min: 30, max: 86_400, default: Infinity },
  transcribeScale: { min: 1, max: 1_000, default: 1 },
  transcriptDays: { min: 1, max: 3_650, default: Infinity },
  /** Of a listener that nobody tells to leave. */
  longestSeconds: { min: 1, max: 10 * 86_400, default: Infinity },
  /** Of calls whose flow doesn't say whether they are given to whoever listens. */
  percent: { min: 0, max: 100, default: 100 },
} as const;
