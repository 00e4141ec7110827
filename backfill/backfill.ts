/**
 * Filling a hole in the tape from the stream's archive. Since a recording is a set of fragments, putting the missing
 * ones on the tape is all that it takes, at any time, and doing it twice does no harm.
 */
import type { NumberedFragment } from '../matroska/fragment.ts';
import { ArchiveReader } from '../ports/archive/archive-reader.ts';
import { type ListedFragment, type MediaArchive, MediaError } from '../ports/media/media.ts';
import type { Clock } from '../ports/runtime/clock.ts';
import type { Tape } from '../ports/tape/tape.ts';
import { compareFragmentNumbers } from '../recording/fragment-number.ts';
import type { Recording } from '../recording/identity.ts';
import { type Candidate, contactIdOf, type Judged, OwnershipJudge } from '../recording/ownership.ts';
import type { RecordingRange } from '../recording/range.ts';

export interface BackfillRequest {
  readonly recording: Recording;
  readonly range: RecordingRange;
  readonly archive: MediaArchive;
  /** Takes what could be had, in order; it is on the tape, or on its way there, once that is done. */
  readonly keep: (fragments: readonly NumberedFragment[]) => Promise<void>;
  readonly clock: Clock;
  /** Server's clock, epoch ms: where to look. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Which of the listed fragments are wanted: in the recording's range, and not on the tape. */
  readonly isMissing: (number: bigint) => boolean;
  /** Which fragments are known to be the recording's: an untagged one is judged by its neighbours. */
  readonly isOurs: (number: bigint) => boolean;
}

export type BackfillResult =
  /** The archive could not be asked. */
  | { readonly listed: false; readonly why: string }
  | {
      readonly listed: true;
      /** All that the archive lists in the span, of any contact, in order of number. */
      readonly fragments: readonly ListedFragment[];
      /** Missing ones that could be had and are this recording's: they have been kept. */
      readonly restored: readonly bigint[];
      /** Missing ones that could be had and are not this recording's. */
      readonly foreign: readonly bigint[];
      /** Those of {@link foreign} that say themselves that they are another contact's, or are of one Segment with such a one. */
      readonly ofOthers: readonly bigint[];
      /** Missing ones that could not be had (any more). Whose they were is not known. */
      readonly gone: readonly ListedFragment[];
    };

/** GetMediaForFragmentList takes 1,000 numbers; fewer at a time keep memory small. */
const BATCH = 100;

/** @throws when the tape can't be written; a refusal of the archive is a result. */
export async function backfill(request: BackfillRequest): Promise<BackfillResult> {
  const { archive, clock } = request;
  let listed: ListedFragment[];
  try {
    listed = await archive.list(request.fromMs, request.toMs);
  } catch (error) {
    if (error instanceof MediaError) return { listed: false, why: error.message };
    throw error;
  }
  const fragments = listed.toSorted((a, b) => compareFragmentNumbers(a.number, b.number));
  const inOrder = fragments.map(({ number }) => number);
  const missing = inOrder.filter(request.isMissing);
  const reader = new ArchiveReader({ archive, clock });
  const sorter = new Sorter(request, reader, inOrder);
  const foreign: bigint[] = [];
  const ofOthers: bigint[] = [];
  const restored: bigint[] = [];
  const settle = async (judged: readonly Judged<Fetched>[]) => {
    const ours = judged.filter(({ owner }) => owner === 'ours').map(({ candidate }) => candidate.fragment);
    if (ours.length > 0) await request.keep(ours);
    restored.push(...ours.map(({ number }) => number));
    for (const { candidate, owner } of judged) {
      if (owner === 'otherContact') ofOthers.push(candidate.fragment.number);
      // One without a tag can't be judged when those about it are out of reach.
      if (owner !== 'ours' && (owner !== 'unknown' || !reader.hasGivenUp()))
        foreign.push(candidate.fragment.number);
    }
  };
  // Where the archive is out of reach, what is still missing is as good as gone, and can be fetched another time.
  for (let at = 0; at < missing.length && !reader.hasGivenUp(); at += BATCH) {
    const judged: Judged<Fetched>[] = [];
    for (const fragment of await reader.fetch(missing.slice(at, at + BATCH)))
      judged.push(...(await sorter.take(fragment)));
    await settle(judged);
  }
  await settle(sorter.finish());
  const found = new Set([...restored, ...foreign]);
  const gone = fragments.filter(({ number }) => request.isMissing(number) && !found.has(number));
  return { listed: true, fragments, restored, foreign, ofOthers, gone };
}

interface Fetched extends Candidate {
  readonly fragment: NumberedFragment;
}

/** Judges what was fetched, together with what is listed about it and known to be ours. */
class Sorter {
  readonly #request: BackfillRequest;
  readonly #reader: ArchiveReader;
  readonly #inOrder: readonly bigint[];
  readonly #judge: OwnershipJudge<Fetched>;
  /** So many of those that are listed have gone by. */
  #passed = 0;
  /** Known to be ours: the last that went by, while nobody has asked for its SegmentUID. */
  #known: bigint | undefined;

  constructor(request: BackfillRequest, reader: ArchiveReader, inOrder: readonly bigint[]) {
    this.#request = request;
    this.#reader = reader;
    this.#inOrder = inOrder;
    this.#judge = new OwnershipJudge(request.recording);
  }

  /** @param fragment as fetched, in order. @returns those that are judged now */
  async take(fragment: NumberedFragment): Promise<Judged<Fetched>[]> {
    const judged = this.#passUpTo(fragment.number);
    const known = this.#known;
    // By the SegmentUID of the last of ours, which only a copy of that one tells.
    if (known !== undefined && contactIdOf(fragment) === undefined) {
      this.#known = undefined;
      this.#judge.learnUid((await this.#reader.fetch([known]))[0]?.segmentUid);
    }
    return [...judged, ...this.#judge.add({ fragment }, this.#request.range)];
  }

  /** What is listed behind all that was fetched may judge those that still wait. */
  finish(): Judged<Fetched>[] {
    return [...this.#passUpTo(undefined), ...this.#judge.finish(this.#request.range)];
  }

  /** @returns what is judged by those of ours that go by now */
  #passUpTo(number: bigint | undefined): Judged<Fetched>[] {
    const now: Judged<Fetched>[] = [];
    for (; this.#passed < this.#inOrder.length; this.#passed += 1) {
      const listed = this.#inOrder[this.#passed];
      if (listed === undefined || (number !== undefined && listed >= number)) break;
      if (!this.#request.isOurs(listed)) continue;
      now.push(...this.#judge.passOurs(undefined));
      this.#known = listed;
    }
    if (number !== undefined) this.#passed += 1;
    return now;
  }
}

/** Puts fragments on the tape, as one object. */
export function ontoTape(tape: Tape, recording: Recording): BackfillRequest['keep'] {
  return async (fragments) => {
    const first = fragments[0];
    const last = fragments.at(-1);
    if (!first || !last) return;
    const bytes = Buffer.concat(fragments.flatMap(({ pieces }) => pieces));
    await tape.append(recording, { first: first.number, last: last.number, bytes });
  };
}
