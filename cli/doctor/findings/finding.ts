/** What a check finds. */

/**
 * - `ERROR`: recordings fail, are empty or incomplete
 * - `WARNING`: they may, or nobody would hear of it
 * - `UNKNOWN`: it could not be looked at
 */
export const SEVERITIES = ['ERROR', 'WARNING', 'UNKNOWN', 'OK'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface Judgement {
  readonly severity: Severity;
  /** What is so, in words. */
  readonly what: string;
  /** What to do. */
  readonly remedy?: string;
}

export interface Finding extends Judgement {
  /** Which check. */
  readonly check: string;
}

export const ok = (what: string): Judgement => ({ severity: 'OK', what });
export const error = (what: string, remedy: string): Judgement => ({ severity: 'ERROR', what, remedy });
export const warning = (what: string, remedy: string): Judgement => ({ severity: 'WARNING', what, remedy });
export const unknown = (what: string, remedy?: string): Judgement => ({
  severity: 'UNKNOWN',
  what,
  ...(remedy !== undefined && { remedy }),
});

/** When something that a check builds on isn't there; the check that is about it says what to do. */
export class NotThere extends Error {
  override readonly name = 'NotThere';
}
