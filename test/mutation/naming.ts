/** How a change that changes nothing which anybody could see is named; it is found by the text of the line, not by its number. */
export interface Equivalent {
  readonly file: string;
  /** The source line that the change begins in, without its indentation. */
  readonly line: string;
  /** What the change puts there; undefined: whatever. */
  readonly replacement?: string;
  readonly why: string;
}

export const FAST = 'a shorter way to what the lines behind it do as well';
export const ALIKE = 'both sides of the comparison come to the same where they meet';

/** Of several lines of one file. */
export const of = (
  file: string,
  ...rest: readonly (readonly [line: string, why: string, ...replacements: string[]])[]
) =>
  rest.flatMap(([line, why, ...replacements]): Equivalent[] =>
    replacements.length === 0
      ? [{ file, line, why }]
      : replacements.map((replacement) => ({ file, line, why, replacement })),
  );
