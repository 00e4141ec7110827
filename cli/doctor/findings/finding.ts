/** What a check finds. */

/**
 * - `ERROR`: recordings fail, are empty or incomplete
 * - `WARNING`: they may, or nobody would hear of it
 * - `UNKNOWN`: it could not be looked at
 */
export const SEVERITIES = ['ERROR', 'WARNING', 'UNKNOWN', 'OK'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface CheckResult {
  readonly severity: Severity;
  /** What is so, in words. */
  readonly what: string;
  /** What to do. */
  readonly remedy?: string;
}

export interface Finding extends CheckResult {
  /** The check's name. */
  readonly check: string;
}

export const ok = (what: string): CheckResult => ({ severity: 'OK', what });
export const error = (what: string, remedy: string): CheckResult => ({ severity: 'ERROR', what, remedy });
export const warning = (what: string, remedy: string): CheckResult => ({ severity: 'WARNING', what, remedy });
export const unknown = (what: string, remedy?: string): CheckResult => ({
  severity: 'UNKNOWN',
  what,
  ...(remedy !== undefined && { remedy }),
});

/** When something that a check builds on isn't there; the check that is about it says what to do. */
export class NotThere extends Error {
  override readonly name = 'NotThere';
}
