/**
 * Filling a hole in the tape from the stream's archive. Since a recording is a set of fragments, putting the missing
 * ones on the tape is all that it takes, at any time, and doing it twice does no harm.
 */
import type { Fragment } from '../matroska/fragment.ts';
import { FragmentReader } from '../matroska/reader.ts';
import { compareFragmentNumbers } from '../recording/fragment-number.ts';
import type { Recording } from '../recording/identity.ts';
import { contactIdOf, ownershipOf } from '../recording/ownership.ts';
import type { OwnFragment } from '../recording/timeline.ts';
import { type MediaArchive, MediaError } from './media.ts';
import type { Tape } from './tape.ts';

export interface BackfillRequest {
  readonly recording: Recording;
  /** Start of the contact's next recording, where there is one. */
  readonly nextStart: bigint | undefined;
  readonly archive: MediaArchive;
  readonly tape: Tape;
  /** Server's clock, epoch ms: where to look. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Called for each batch, so that a watchdog sees that something moves. */
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
      /** All that the archive lists in the span, of any contact. */
      readonly numbers: readonly bigint[];
      /** Missing ones that could be had and are this recording's: they are on the tape now. */
      readonly restored: readonly bigint[];
      /** Missing ones that could be had and are not this recording's. */
      readonly foreign: readonly bigint[];
      /** Missing ones that could not be had any more. Whose they were is not known. */
      readonly gone: readonly bigint[];
    };

/** GetMediaForFragmentList takes 1,000 numbers; fewer at a time keep memory small. */
const BATCH = 100;
/** How often one fragment is asked for whose body breaks off. */
const TRIES_MAX = 3;

/** @throws when the tape can't be written; a refusal of the archive is a result. */
export async function backfill(request: BackfillRequest): Promise<BackfillResult> {
  let numbers: bigint[];
  try {
    numbers = await request.archive.list(request.fromMs, request.toMs);
  } catch (error) {
    if (error instanceof MediaError) return { listed: false, why: error.message };
    throw error;
  }
  const inOrder = numbers.toSorted(compareFragmentNumbers);
  const missing = inOrder.filter(request.isMissing);
  const foreign: bigint[] = [];
  const restored: bigint[] = [];
  let last: OwnFragment | undefined;
  for (let at = 0; at < missing.length; at += BATCH) {
    request.alive?.();
    const ours: OwnFragment[] = [];
    const fetched = await fetchOrGiveUp(request.archive, missing.slice(at, at + BATCH));
    // The archive is out of reach: what is still missing is as good as gone, and can be fetched another time.
    if (fetched === undefined) break;
    for (const fragment of fetched) {
      const previous = await predecessorOf(fragment, request, inOrder, last);
      const owner = ownershipOf(fragment, request.recording, request.nextStart, previous);
      if (owner === 'ours') last = fragment;
      if (owner === 'ours') ours.push(fragment);
      else foreign.push(fragment.number);
    }
    await store(request, ours);
    restored.push(...ours.map(({ number }) => number));
  }
  const found = new Set([...restored, ...foreign]);
  return { listed: true, numbers, restored, foreign, gone: missing.filter((number) => !found.has(number)) };
}

/** @returns undefined when the archive answers nothing at all, however often it is asked. */
async function fetchOrGiveUp(archive: MediaArchive, numbers: readonly bigint[]) {
  try {
    return await fetchFragments(archive, numbers);
  } catch (error) {
    if (error instanceof MediaError) return undefined;
    throw error;
  }
}

/** The fragment of ours that is listed right before an untagged one, if it is ours. @param last of ours, as fetched */
async function predecessorOf(
  fragment: OwnFragment,
  { archive, isOurs }: BackfillRequest,
  inOrder: readonly bigint[],
  last: OwnFragment | undefined,
): Promise<OwnFragment | undefined> {
  if (contactIdOf(fragment) !== undefined) return undefined;
  const before = inOrder[inOrder.indexOf(fragment.number) - 1];
  if (before === undefined) return undefined;
  if (before === last?.number) return last;
  return isOurs(before) ? (await fetchOrGiveUp(archive, [before]))?.[0] : undefined;
}

async function store({ tape, recording }: BackfillRequest, fragments: readonly OwnFragment[]): Promise<void> {
  const first = fragments[0];
  const last = fragments.at(-1);
  if (!first || !last) return;
  const bytes = Buffer.concat(fragments.map((fragment) => fragment.bytes));
  await tape.append(recording, { first: first.number, last: last.number, bytes });
}

/**
 * What the archive still has of these fragments, in order of number. A body that ends by itself is complete, so that
 * an untagged last fragment counts (archived fragments have no trailing tags).
 */
async function fetchFragments(
  archive: MediaArchive,
  numbers: readonly bigint[],
  tries = 1,
): Promise<OwnFragment[]> {
  const wanted = new Set(numbers);
  const fragments: OwnFragment[] = [];
  const take = (fragment: Fragment | undefined) => {
    if (!fragment || fragment.error || fragment.wholeness === 'torn') return;
    const { number } = fragment;
    if (number !== undefined && wanted.has(number)) fragments.push({ ...fragment, number });
  };
  try {
    const reader = new FragmentReader();
    for await (const chunk of await archive.fetch(numbers)) {
      reader.push(chunk);
      for (let fragment = reader.next(); fragment; fragment = reader.next()) take(fragment);
    }
    take(reader.finish());
  } catch (error) {
    // One that is gone may fail the whole request: what came counts, the rest is asked for by halves.
    return retryByHalves(archive, numbers, fragments, error, tries);
  }
  return fragments.sort((a, b) => compareFragmentNumbers(a.number, b.number));
}

async function retryByHalves(
  archive: MediaArchive,
  numbers: readonly bigint[],
  fragments: readonly OwnFragment[],
  error: unknown,
  tries: number,
): Promise<OwnFragment[]> {
  if (!(error instanceof Error)) throw error;
  const came = new Set(fragments.map(({ number }) => number));
  const rest = numbers.filter((number) => !came.has(number));
  const mendable =
    !(error instanceof MediaError) || error.kind === 'unavailable' || error.kind === 'positionUnknown';
  if (!mendable || rest.length === 0) return [...fragments];
  if (error instanceof MediaError && error.kind === 'unavailable' && fragments.length === 0) {
    // It isn't a fragment that is refused but everything: smaller requests would fare no better, and take hours.
    if (tries >= TRIES_MAX) throw error;
    return fetchFragments(archive, rest, tries + 1);
  }
  if (numbers.length === 1) return tries < TRIES_MAX ? fetchFragments(archive, rest, tries + 1) : [];
  const middle = Math.ceil(rest.length / 2);
  const more = [
    ...(await fetchFragments(archive, rest.slice(0, middle))),
    ...(rest.length > 1 ? await fetchFragments(archive, rest.slice(middle)) : []),
  ];
  return [...fragments, ...more].sort((a, b) => compareFragmentNumbers(a.number, b.number));
}
