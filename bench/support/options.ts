/** How much is measured: everything, or less while one tries something out; the report then says so. */
import { parseArgs } from 'node:util';
import * as v from 'valibot';

export interface Extent {
  /** No figure is the median of more. */
  readonly runsMax: number;
  /** No call is longer. */
  readonly secondsMax: number;
}

export const WHOLE: Extent = { runsMax: Infinity, secondsMax: Infinity };

export interface Length {
  readonly name: string;
  readonly seconds: number;
  readonly runs: number;
}

/** When the command line can't be used; `message` says what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface CommandLine {
  readonly names: readonly string[];
  readonly extent: Extent;
  /** Printed, and kept nowhere. */
  readonly dry: boolean;
}

const AtLeastOne = v.optional(v.pipe(v.string(), v.toNumber(), v.integer(), v.minValue(1)));

/** `[NAME…] [--runs N] [--minutes N] [--dry]`. @throws UsageError */
export function parseCommandLine(args: readonly string[], known: readonly string[]): CommandLine {
  const { positionals, values } = parsed(args);
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new UsageError(`no benchmark ${unknown.join(', ')}; there are: ${known.join(', ')}`);
  const runs = v.safeParse(AtLeastOne, values.runs);
  const minutes = v.safeParse(AtLeastOne, values.minutes);
  if (!runs.success || !minutes.success)
    throw new UsageError('--runs and --minutes take a whole number of 1 or more');
  return {
    names: positionals.length > 0 ? positionals : known,
    extent: { runsMax: runs.output ?? Infinity, secondsMax: (minutes.output ?? Infinity) * 60 },
    dry: values.dry,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        runs: { type: 'string' },
        minutes: { type: 'string' },
        dry: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

export function runsOf(runs: number, { runsMax }: Extent): number {
  return Math.min(runs, runsMax);
}

/** The lengths that are measured, each so many times, and the names of those that are not. */
export function within(
  lengths: readonly Length[],
  { runsMax, secondsMax }: Extent,
): { readonly measured: readonly Length[]; readonly skipped: readonly string[] } {
  const fits = ({ seconds }: Length) => seconds <= secondsMax;
  return {
    measured: lengths.filter(fits).map((length) => ({ ...length, runs: Math.min(length.runs, runsMax) })),
    skipped: lengths.filter((length) => !fits(length)).map(({ name }) => name),
  };
}

/** What the report says of a shortened run; undefined for a whole one. */
export function shortenedNote({ runsMax, secondsMax }: Extent): string | undefined {
  const limits = [
    ...(runsMax < Infinity ? [`at most ${String(runsMax)} runs a figure`] : []),
    ...(secondsMax < Infinity ? [`no call longer than ${String(secondsMax / 60)} min`] : []),
  ];
  if (limits.length === 0) return undefined;
  return `**Shortened on the command line**: ${limits.join(', ')}. What says “not measured” was left out.`;
}
