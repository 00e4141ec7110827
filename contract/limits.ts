import { LONGEST_CALL_SECONDS } from '../recording/limits.ts';

/** Bounds and defaults of the settings that a user chooses; the stack checks against the same ones. */
export const LIMITS = {
  segmentSeconds: { min: 1, max: 300, default: 10 },
  idleTimeoutSeconds: { min: 30, max: 86_400, default: 600 },
  longestCallSeconds: { min: 60, max: LONGEST_CALL_SECONDS, default: 43_200 },
  graceSeconds: { min: 0.2, max: 120, default: 10 },
} as const;
