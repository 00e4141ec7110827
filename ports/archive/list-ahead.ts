/**
 * Lists what an archive will be asked for while something else goes on: a long call's list comes in tens of pages,
 * one after the other.
 */
import type { ListedFragment, MediaArchive } from '../media/media.ts';

/** Epoch ms, server's clock; both included. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * @param ahead listed at once; old enough that the archive lists all that it ever will of it
 * @returns the archive, which asks only for the rest of a span that `ahead` is the beginning of
 */
export function listAhead(archive: MediaArchive, { fromMs, toMs }: Span): MediaArchive {
  // Should it fail, or find nothing, the whole span is asked for when its turn comes.
  const listing = archive.list(fromMs, toMs).catch(() => undefined);
  return {
    list: async (from, to) => {
      if (from !== fromMs || to < toMs) return archive.list(from, to);
      const listed = await listing;
      if (!listed || listed.length === 0) return archive.list(from, to);
      return to === toMs ? listed : joined(listed, await archive.list(toMs, to));
    },
    fetch: (numbers) => archive.fetch(numbers),
  };
}

/** One that began in the very ms between the two is in both. */
function joined(a: readonly ListedFragment[], b: readonly ListedFragment[]): ListedFragment[] {
  return [...new Map([...a, ...b].map((fragment) => [fragment.number, fragment])).values()];
}
