/**
 * The independent witness: what ListFragments says of the recording's span. What the tape lacks and the archive still
 * has is put on the tape; what is gone is named.
 */
import { backfill } from '../../ports/backfill.ts';
import type { MediaArchive } from '../../ports/media.ts';
import type { Tape } from '../../ports/tape.ts';
import type { Ended } from '../../recording/checkpoint.ts';
import type { Recording } from '../../recording/identity.ts';
import type { TapeMerge } from '../../recording/tape-merge.ts';

export interface Witness {
  /** Fragments that it lists in the recording's range, less those that are known to be of others; undefined: not asked. */
  readonly listed: readonly bigint[] | undefined;
  /** Why it could not be asked; empty when it was. */
  readonly why: string;
  /** Put on the tape just now. */
  readonly restored: ReadonlySet<bigint>;
  /** Listed, not on the tape, and not to be had. */
  readonly gone: readonly bigint[];
}

export interface WitnessRequest {
  readonly recording: Recording;
  readonly nextStart: bigint | undefined;
  readonly archive: MediaArchive;
  readonly tape: Tape;
  readonly merge: TapeMerge;
  /** Fragments of which the tape holds only a part. */
  readonly cut: ReadonlySet<bigint>;
  readonly ended: Ended;
  /** Epoch ms. */
  readonly startedAtMs: number;
  readonly disconnectedAtMs: number | undefined;
  readonly nowMs: number;
}

/** The producer's and the server's clocks differ by seconds, and the last fragments arrive after the hang-up. */
const MARGIN_MS = 60_000;

/** Ends in which the recorder itself saw that nothing of ours followed. */
const SAW_THE_END = new Set<Ended['reason']>(['NEXT_CONTACT', 'NEXT_RECORDING', 'DISCONNECTED']);

export async function askWitness(request: WitnessRequest): Promise<Witness> {
  const { recording, nextStart, merge, cut, ended } = request;
  const inRange = (number: bigint) =>
    number >= recording.startFragmentNumber && (nextStart === undefined || number < nextStart);
  const result = await backfill({
    ...request,
    fromMs: request.startedAtMs - MARGIN_MS,
    toMs: Math.min(request.nowMs, endMs(request) + MARGIN_MS),
    isOurs: (number) => merge.numbers.has(number),
    isMissing: (number) => inRange(number) && (merge.numbers.get(number) !== true || cut.has(number)),
  });
  if (!result.listed) return { listed: undefined, why: result.why, restored: new Set(), gone: [] };
  if (result.numbers.length === 0) {
    // Retention has passed, or nothing may be listed: no witness, rather than one that saw nothing.
    return { listed: undefined, why: 'the stream lists nothing of that time', restored: new Set(), gone: [] };
  }
  const foreign = new Set(result.foreign);
  const { last } = merge;
  const known = result.gone.filter((number) => !merge.numbers.has(number));
  return {
    listed: result.numbers.filter((number) => inRange(number) && !foreign.has(number)),
    why: '',
    restored: new Set(result.restored),
    // Beyond our last fragment they are the next contact's, if the recorder saw the end.
    gone: known.filter((number) => !SAW_THE_END.has(ended.reason) || (last !== undefined && number < last)),
  };
}

function endMs({ ended, disconnectedAtMs, nowMs }: WitnessRequest): number {
  if (disconnectedAtMs !== undefined) return disconnectedAtMs;
  return SAW_THE_END.has(ended.reason) ? Date.parse(ended.at) : nowMs;
}
