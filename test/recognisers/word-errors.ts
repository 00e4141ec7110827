/** How wrong words are. */

/** As they are compared: without marks, and neither large nor small. */
export function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .replace(/[-–—]/g, ' ')
    .replace(/[^a-z0-9 ]/g, '')
    .split(' ')
    .filter(Boolean);
}

/** Words that would have to be changed, added or taken away. */
export function wordErrors(said: readonly string[], known: readonly string[]): number {
  let before = known.map((_, index) => index).concat(known.length);
  for (const [row, word] of said.entries()) {
    const now = [row + 1];
    for (const [column, other] of known.entries())
      now.push(
        Math.min(
          (before[column] ?? 0) + (word === other ? 0 : 1),
          (before[column + 1] ?? 0) + 1,
          (now[column] ?? 0) + 1,
        ),
      );
    before = now;
  }
  return before.at(-1) ?? 0;
}

/** Errors for each word that was said: may be more than 1. */
export function wordErrorRate(said: string, known: string): number {
  const words = wordsOf(known);
  return wordErrors(wordsOf(said), words) / words.length;
}
