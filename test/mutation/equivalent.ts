/** Changes that change nothing which anybody could see, each with the reason; found by the text of the line, not by its number. */
export interface Equivalent {
  readonly file: string;
  /** The source line that the change begins in, without its indentation. */
  readonly line: string;
  /** What the change puts there; undefined: whatever. */
  readonly replacement?: string;
  readonly why: string;
}

export const EQUIVALENT: readonly Equivalent[] = [];
