/** What the tape tells of a call: where its objects begin, where reading was interrupted, where lost fragments belong. */
import { byteLengthOf, type Fragment } from '../../matroska/fragment.ts';
import { readAll } from '../../matroska/read-all.ts';
import { ClockAnchor, FRAGMENTS_AHEAD, type OwnStamps } from '../../recording/audio/clock-anchor.ts';
import { lengthMsOf } from '../../recording/audio/pcm.ts';
import type { Loss } from '../../recording/call-record.ts';
import type { Recording } from '../../recording/identity.ts';
import { contactIdOf } from '../../recording/ownership.ts';
import type { TapeObjectContent } from '../../recording/tape/merge.ts';

/** Times are ms from frame 0, as far as they are known. */
export interface TapeMark {
  readonly first: string;
  readonly last: string;
  readonly bytes: number;
  readonly fragments: number;
  readonly startMs?: number;
  readonly endMs?: number;
  /** Why it could not be read. */
  readonly unreadable?: string;
}

/** Reading went on here after it had been interrupted, as far as that left a trace on the tape. */
export interface Interruption {
  readonly atMs: number;
  readonly why: string;
}

export interface TapeFacts {
  readonly objects: readonly TapeMark[];
  readonly interruptions: readonly Interruption[];
  /** The losses, with a place in time where fragments beside them are on the tape. */
  readonly losses: readonly Loss[];
}

/** A session that begins this much further behind than the one before it ended has been away. */
const BEHIND_STEP_MS = 1_000;

interface FragmentPlace {
  readonly number: bigint;
  readonly startMs: number;
  readonly endMs: number;
}

/** @param objects in order of `first` */
export async function tapeFactsOf(
  objects: AsyncIterable<TapeObjectContent>,
  recording: Recording,
  losses: readonly Loss[],
): Promise<TapeFacts> {
  const reading = new TapeReading(recording);
  for await (const object of objects) reading.add(object);
  const places = placesOf(reading.seen);
  return {
    objects: reading.objects.map((object) => markOf(object, places)),
    interruptions: interruptionsOf(reading.objects, places),
    losses: losses.map((loss) => placed(loss, places)),
  };
}

/** A fragment with audio: little enough to keep one of each. */
interface Seen extends OwnStamps {
  readonly number: bigint;
  readonly earliestMs: number;
  readonly lengthMs: number;
}

/** An object as it was read. */
interface ReadObject {
  readonly first: bigint;
  readonly last: bigint;
  readonly bytes: number;
  readonly fragments: number;
  readonly unreadable?: string;
  /** The highest fragment with audio of the objects before. */
  readonly highestBefore: bigint | undefined;
  /** How far reading was behind at its first fragment, and at its last. */
  readonly behindMs: number | undefined;
  readonly behindAtEndMs: number | undefined;
}

class TapeReading {
  /** In order of number, each once. */
  readonly seen: Seen[] = [];
  readonly objects: ReadObject[] = [];
  readonly #recording: Recording;

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  add({ first, last, content }: TapeObjectContent): void {
    const highestBefore = this.seen.at(-1)?.number;
    const fragments = 'unreadable' in content ? [] : [...readAll(content.pieces)];
    for (const fragment of fragments) this.#see(fragment);
    this.objects.push({
      first,
      last,
      bytes: 'unreadable' in content ? 0 : byteLengthOf(content),
      fragments: fragments.length,
      ...('unreadable' in content && { unreadable: content.unreadable }),
      highestBefore,
      behindMs: fragments[0]?.millisBehindNow,
      behindAtEndMs: fragments.at(-1)?.millisBehindNow,
    });
  }

  #see(fragment: Fragment): void {
    const { number, blocks, clusterMs, serverTimestampMs } = fragment;
    const { contactId, startFragmentNumber } = this.#recording;
    const isNew = number !== undefined && number > (this.seen.at(-1)?.number ?? -1n);
    if (!isNew || number < startFragmentNumber || blocks.length === 0) return;
    if ((contactIdOf(fragment) ?? contactId) !== contactId) return;
    const earliestMs = blocks.reduce((earliest, { timeMs }) => Math.min(earliest, timeMs), Infinity);
    this.seen.push({
      number,
      clusterMs: clusterMs ?? earliestMs,
      serverTimestampMs,
      earliestMs,
      lengthMs: lengthMsOf(fragment),
    });
  }
}

function placesOf(seen: readonly Seen[]): FragmentPlace[] {
  const clock = new ClockAnchor();
  let originMs: number | undefined;
  return seen.map((fragment, index) => {
    const { number, earliestMs, lengthMs } = fragment;
    const following = seen.slice(index + 1, index + 1 + FRAGMENTS_AHEAD);
    const timeMs = earliestMs + clock.offsetFor(fragment, following, earliestMs + lengthMs, () => undefined);
    originMs ??= timeMs;
    const startMs = timeMs - originMs;
    return { number, startMs, endMs: startMs + lengthMs };
  });
}

function markOf(
  { first, last, bytes, fragments, unreadable }: ReadObject,
  places: readonly FragmentPlace[],
): TapeMark {
  const names = { first: first.toString(), last: last.toString(), bytes, fragments };
  if (unreadable !== undefined) return { ...names, unreadable };
  const own = places.filter(({ number }) => number >= first && number <= last);
  const [begin] = own;
  const end = own.at(-1);
  return { ...names, ...(begin && end && { startMs: begin.startMs, endMs: end.endMs }) };
}

function interruptionsOf(objects: readonly ReadObject[], places: readonly FragmentPlace[]): Interruption[] {
  const interruptions: Interruption[] = [];
  let behindBeforeMs: number | undefined;
  for (const { first, last, highestBefore, behindMs = 0, behindAtEndMs } of objects) {
    const begin = places.find(({ number }) => number >= first && number <= last);
    const why =
      begin && highestBefore !== undefined && whyInterrupted(begin, highestBefore, behindMs, behindBeforeMs);
    if (begin && why) interruptions.push({ atMs: begin.startMs, why });
    behindBeforeMs = behindAtEndMs ?? behindBeforeMs;
  }
  return interruptions;
}

function whyInterrupted(
  begin: FragmentPlace,
  highestBefore: bigint,
  behindMs: number,
  behindBeforeMs: number | undefined,
): string | undefined {
  if (begin.number <= highestBefore)
    return 'Read twice from here on: a recorder had stopped, and the next one went on';
  if (behindBeforeMs === undefined || behindMs - behindBeforeMs <= BEHIND_STEP_MS) return undefined;
  return `Reading went on here, ${(behindMs / 1000).toFixed(1)} s behind live`;
}

/** Places a loss between the fragments on the tape that are beside it. */
function placed(loss: Loss, places: readonly FragmentPlace[]): Loss {
  const { startMs, firstFragmentNumber, lastFragmentNumber } = loss;
  if (startMs !== undefined || firstFragmentNumber === undefined || places.length === 0) return loss;
  const first = BigInt(firstFragmentNumber);
  const last = BigInt(lastFragmentNumber ?? firstFragmentNumber);
  const fromMs = places.findLast(({ number }) => number < first)?.endMs ?? 0;
  const toMs = places.find(({ number }) => number > last)?.startMs ?? places.at(-1)?.endMs ?? fromMs;
  return { ...loss, startMs: fromMs, lengthMs: Math.max(0, toMs - fromMs) };
}
