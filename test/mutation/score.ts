/** What the changes of a room came to. */
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import type { Equivalent } from './naming.ts';

/** One change, and what came of it, of all that Stryker tells. Lines and columns count from 1. */
export interface Mutant {
  readonly fileName: string;
  readonly mutatorName: string;
  readonly status: string;
  readonly replacement?: string | undefined;
  readonly location: { readonly start: { readonly line: number; readonly column: number } };
}

export const ROOMS = ['matroska', 'recording', 'resuming', 'task', 'functions', 'ports'] as const;
export type Room = (typeof ROOMS)[number];

export interface Counts {
  /** A test failed. */
  readonly killed: number;
  /** A test didn't come to an end. */
  readonly timedOut: number;
  readonly survived: number;
  /** No test of the room comes there. */
  readonly uncovered: number;
  /** Nobody could tell the difference: each has its reason in `equivalent.ts`. */
  readonly equivalent: number;
}

export function countsOf(results: readonly Mutant[], equivalent: ReadonlySet<Mutant>): Counts {
  const alive = results.filter((one) => !equivalent.has(one));
  const count = (status: Mutant['status']) => alive.filter((one) => one.status === status).length;
  return {
    killed: count('Killed'),
    timedOut: count('Timeout'),
    survived: count('Survived'),
    uncovered: count('NoCoverage'),
    equivalent: equivalent.size,
  };
}

/** In percent, of those that anybody could tell from the code as it is. */
export function scoreOf({ killed, timedOut, survived, uncovered }: Counts): number {
  const found = killed + timedOut;
  const all = found + survived + uncovered;
  return all === 0 ? 100 : (100 * found) / all;
}

export function inWords(counts: Counts): string {
  const { killed, timedOut, survived, uncovered, equivalent } = counts;
  return (
    `${scoreOf(counts).toFixed(1)} % found: ${killed} killed, ${timedOut} timed out, ${survived} survived, ` +
    `${uncovered} where no test comes; ${equivalent} beside them change nothing`
  );
}

/** The survivors that are named as changing nothing. */
export async function isEquivalent(
  results: readonly Mutant[],
  known: readonly Equivalent[],
): Promise<ReadonlySet<Mutant>> {
  const found = new Set<Mutant>();
  for (const result of results.filter(hasSurvived)) {
    const file = relative('.', result.fileName);
    const line = await lineOf(result);
    const isKnown = known.some(
      (one) =>
        one.file === file &&
        one.line === line &&
        (one.replacement === undefined || one.replacement === result.replacement),
    );
    if (isKnown) found.add(result);
  }
  return found;
}

/** The others, for a person to look at. */
export async function survivorsOf(
  results: readonly Mutant[],
  known: readonly Equivalent[],
): Promise<string[]> {
  const equivalent = await isEquivalent(results, known);
  const alive = results.filter((one) => hasSurvived(one) && !equivalent.has(one));
  return Promise.all(
    alive.map(async (one) => {
      const { line, column } = one.location.start;
      const place = `${relative('.', one.fileName)}:${line}:${column}`;
      const [first = ''] = (one.replacement ?? '').split('\n');
      return `${place} ${one.status} ${one.mutatorName}\n    ${await lineOf(one)}\n    → ${first}`;
    }),
  );
}

function hasSurvived({ status }: Mutant): boolean {
  return status === 'Survived' || status === 'NoCoverage';
}

async function lineOf({ fileName, location }: Mutant): Promise<string> {
  const text = await readFile(fileName, 'utf8');
  return text.split('\n')[location.start.line - 1]?.trim() ?? '';
}
