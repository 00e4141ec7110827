/** What assemblies of a recording have said, one after the other: none may make it worse than the one before. */
import type { CallWrite } from '../../ports/calls/memory-calls.ts';
import type { CallRecord, CallStatus, Loss, VerificationMethod } from '../../recording/call-record.ts';
import { isFinal } from '../../recording/call-record.ts';
import { recordingId } from '../../recording/identity.ts';
import type { TrueFragment, TrueRecording } from './stream.ts';
import type { TapeContent } from './tape-content.ts';

interface Outcome {
  readonly record: CallRecord;
  /** Fragments with audio of which no tape object had all. */
  readonly missing: readonly TrueFragment[];
  /** Fragments of this recording that the tape had held so far; an early assembly may have taken some of the next one's, too. */
  readonly own: number;
  /** Hashes of what the tape had held so far, and of what it held then. */
  readonly sha256s: readonly string[];
  /** Some of it was gone by then. */
  readonly isExpired: boolean;
}

/** How good the news is. */
const RANK: Readonly<Partial<Record<CallStatus, number>>> = {
  FAILED: 0,
  EMPTY: 1,
  INCOMPLETE: 1,
  COMPLETE: 2,
};
const TRUST: Readonly<Record<VerificationMethod, number>> = {
  NONE: 0,
  CONTACT_RECORDINGS: 1,
  LIST_FRAGMENTS: 2,
};

export class Outcomes {
  readonly #tapes: ReadonlyMap<string, TapeContent>;
  readonly #find: (kind: string, what: string) => void;
  readonly #of = new Map<TrueRecording, Outcome[]>();
  readonly #standing = new Map<TrueRecording, CallStatus>();

  constructor(tapes: ReadonlyMap<string, TapeContent>, find: (kind: string, what: string) => void) {
    this.#tapes = tapes;
    this.#find = find;
  }

  /** @param standing what the tape holds now, where objects of it have expired */
  note(
    { operation, before, after }: CallWrite,
    one: TrueRecording,
    sampleRate: number,
    standing: TapeContent | undefined,
  ): void {
    this.#standing.set(one, after.status);
    const tape = this.#tapes.get(recordingId(one.recording));
    if (before?.audio && !after.audio)
      this.#find('disowned', 'the WAV is there, and the record says nothing of it');
    if (operation !== 'complete' || !tape) return;
    const outcomes = this.#of.get(one) ?? [];
    const missing = one.fragments.filter(
      (fragment) => fragment.blocks.length > 0 && !tape.hasAllOf(fragment),
    );
    const sha256s = [tape, ...(standing ? [standing] : [])].map(
      (held) => held.audioOf(one.fragments, sampleRate).sha256,
    );
    const own = one.fragments.filter((fragment) => tape.has(fragment)).length;
    const outcome = { record: after, missing, own, sha256s, isExpired: standing !== undefined };
    const last = outcomes.at(-1);
    if (last) this.#compare(last, outcome);
    this.#of.set(one, [...outcomes, outcome]);
  }

  /** The workflow has said FAILED by itself. */
  markedFailed(one: TrueRecording): void {
    const status = this.#standing.get(one);
    if (status !== undefined && isFinal(status))
      this.#find('overwritten', `FAILED was written over ${status}`);
    this.#standing.set(one, 'FAILED');
  }

  /** Whether that is what the tape had held when some assembly completed; or none did before it expired. */
  mayHaveSamples(one: TrueRecording, sha256: string): boolean {
    const outcomes = this.#of.get(one) ?? [];
    return outcomes[0]?.isExpired !== false || outcomes.some(({ sha256s }) => sha256s.includes(sha256));
  }

  #compare(before: Outcome, { record, missing }: Outcome): void {
    const was = before.record;
    const forgotten = missing.find(
      ({ number }) => covered(was.losses, number) && !covered(record.losses, number),
    );
    if (forgotten) this.#find('forgotten', `${was.status} had declared a loss that ${record.status} doesn’t`);
    const isBetter = (RANK[record.status] ?? 0) > (RANK[was.status] ?? 0);
    const isLessSure = trustIn(record) < trustIn(was);
    if (isBetter && isLessSure && missing.length > 0)
      this.#find('rose', `${was.status} became ${record.status}, though less was known`);
    const fragmentsBefore = Math.min(was.media?.fragments ?? 0, before.own);
    const fragments = record.media?.fragments ?? 0;
    if (was.audio && fragments < fragmentsBefore)
      this.#find('lesser', `a WAV of ${fragmentsBefore} fragments gave way to one of ${fragments}`);
  }
}

function trustIn({ verification }: CallRecord): number {
  return TRUST[verification?.method ?? 'NONE'];
}

function covered(losses: readonly Loss[] | undefined, number: bigint): boolean {
  return losses?.some((loss) => covers(loss, number)) === true;
}

export function covers({ firstFragmentNumber, lastFragmentNumber }: Loss, number: bigint): boolean {
  const isAfter = firstFragmentNumber === undefined || BigInt(firstFragmentNumber) <= number;
  return isAfter && (lastFragmentNumber === undefined || number <= BigInt(lastFragmentNumber));
}
