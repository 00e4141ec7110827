/**
 * Filling a hole in the tape from the stream's archive. Since a recording is a set of fragments, putting the missing
 * ones on the tape is all that it takes, at any time, and doing it twice does no harm.
 */
import { compareFragmentNumbers } from '../recording/fragment-number.ts';
import type { Recording } from '../recording/identity.ts';
import { contactIdOf, ownershipOf } from '../recording/ownership.ts';
import type { RecordingRange } from '../recording/range.ts';
import type { OwnFragment } from '../recording/timeline.ts';
import { ArchiveReader } from './archive-reader.ts';
import type { Clock } from './clock.ts';
import { type ListedFragment, type MediaArchive, MediaError } from './media.ts';
import type { Tape } from './tape.ts';

export interface BackfillRequest {
  readonly recording: Recording;
  readonly range: RecordingRange;
  readonly archive: MediaArchive;
  readonly tape: Tape;
  readonly clock: Clock;
  /** Server's clock, epoch ms: where to look. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Called at every request, so that a watchdog sees that something moves. */
  readonly alive?: () => void;
  /** Which of the listed fragments are wanted: in the recording's range, and not on the tape. */
  readonly isMissing: (number: bigint) => boolean;
  /** Which fragments are known to be the recording's: an untagged one is judged by the one before it. */
  readonly isOurs: (number: bigint) => boolean;
}

export type BackfillResult =
  /** The archive could not be asked. */
  | { readonly listed: false; readonly why: string }
  | {
      readonly listed: true;
      /** All that the archive lists in the span, of any contact, in order of number. */
      readonly fragments: readonly ListedFragment[];
      /** Missing ones that could be had and are this recording's: they are on the tape now. */
      readonly restored: readonly bigint[];
      /** Missing ones that could be had and are not this recording's. */
      readonly foreign: readonly bigint[];
      /** Missing ones that could not be had (any more). Whose they were is not known. */
      readonly gone: readonly ListedFragment[];
    };

/** GetMediaForFragmentList takes 1,000 numbers; fewer at a time keep memory small. */
const BATCH = 100;

/** @throws when the tape can't be written; a refusal of the archive is a result. */
export async function backfill(request: BackfillRequest): Promise<BackfillResult> {
  const { archive, clock, recording, range, alive = () => undefined } = request;
  let listed: ListedFragment[];
  try {
    listed = await archive.list(request.fromMs, request.toMs, alive);
  } catch (error) {
    if (error instanceof MediaError) return { listed: false, why: error.message };
    throw error;
  }
  const fragments = listed.toSorted((a, b) => compareFragmentNumbers(a.number, b.number));
  const inOrder = fragments.map(({ number }) => number);
  const missing = inOrder.filter(request.isMissing);
  const reader = new ArchiveReader({ archive, clock, alive });
  const foreign: bigint[] = [];
  const restored: bigint[] = [];
  let last: OwnFragment | undefined;
  // Where the archive is out of reach, what is still missing is as good as gone, and can be fetched another time.
  for (let at = 0; at < missing.length && !reader.hasGivenUp(); at += BATCH) {
    const ours: OwnFragment[] = [];
    for (const fragment of await reader.fetch(missing.slice(at, at + BATCH))) {
      const previous = await predecessorOf(fragment, request, reader, inOrder, last);
      const owner = ownershipOf(fragment, recording, range, previous);
      if (owner === 'ours') last = fragment;
      if (owner === 'ours') ours.push(fragment);
      // One without a tag can't be judged when the one before it is out of reach.
      else if (owner !== 'unknown' || !reader.hasGivenUp()) foreign.push(fragment.number);
    }
    await store(request, ours);
    restored.push(...ours.map(({ number }) => number));
  }
  const found = new Set([...restored, ...foreign]);
  const gone = fragments.filter(({ number }) => request.isMissing(number) && !found.has(number));
  return { listed: true, fragments, restored, foreign, gone };
}

/** The fragment of ours that is listed right before an untagged one, if it is ours. @param last of ours, as fetched */
async function predecessorOf(
  fragment: OwnFragment,
  { isOurs }: BackfillRequest,
  reader: ArchiveReader,
  inOrder: readonly bigint[],
  last: OwnFragment | undefined,
): Promise<OwnFragment | undefined> {
  if (contactIdOf(fragment) !== undefined) return undefined;
  const before = inOrder[inOrder.indexOf(fragment.number) - 1];
  if (before === undefined) return undefined;
  if (before === last?.number) return last;
  return isOurs(before) ? (await reader.fetch([before]))[0] : undefined;
}

async function store({ tape, recording }: BackfillRequest, fragments: readonly OwnFragment[]): Promise<void> {
  const first = fragments[0];
  const last = fragments.at(-1);
  if (!first || !last) return;
  const bytes = Buffer.concat(fragments.flatMap(({ pieces }) => pieces));
  await tape.append(recording, { first: first.number, last: last.number, bytes });
}
