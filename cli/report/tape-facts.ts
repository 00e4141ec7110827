/** What the tape tells of a call: where its objects begin, where reading was interrupted, where lost fragments belong. */
import { byteLengthOf, type Fragment } from '../../matroska/fragment.ts';
import { readAll } from '../../matroska/read-all.ts';
import type { Loss } from '../../recording/call-record.ts';
import { ClockAnchor } from '../../recording/clock-anchor.ts';
import type { Recording } from '../../recording/identity.ts';
import { contactIdOf } from '../../recording/ownership.ts';
import { lengthMsOf } from '../../recording/pcm.ts';
import type { TapeObjectContent } from '../../recording/tape-merge.ts';

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

/** Where reading went on after it had been interrupted, as far as it left a trace on the tape. */
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

interface Place {
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
  const marks: TapeMark[] = [];
  for await (const object of objects) marks.push(reading.add(object));
  return {
    objects: marks,
    interruptions: reading.interruptions,
    losses: losses.map((loss) => placed(loss, reading.places)),
  };
}

class TapeReading {
  /** Of every fragment with audio, by number. */
  readonly places: Place[] = [];
  readonly interruptions: Interruption[] = [];
  readonly #recording: Recording;
  readonly #clock = new ClockAnchor();
  #originMs: number | undefined;
  #behindMs: number | undefined;

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  add({ first, last, content }: TapeObjectContent): TapeMark {
    const names = { first: first.toString(), last: last.toString() };
    if ('unreadable' in content) return { ...names, bytes: 0, fragments: 0, unreadable: content.unreadable };
    const highest = this.places.at(-1);
    const fragments = [...readAll(content.pieces)];
    for (const fragment of fragments) this.#place(fragment);
    const own = this.places.filter(({ number }) => number >= first && number <= last);
    const [begin] = own;
    this.#noteInterruption(begin, highest, fragments[0]?.millisBehindNow);
    this.#behindMs = fragments.at(-1)?.millisBehindNow ?? this.#behindMs;
    const end = own.at(-1);
    return {
      ...names,
      bytes: byteLengthOf(content),
      fragments: fragments.length,
      ...(begin && end && { startMs: begin.startMs, endMs: end.endMs }),
    };
  }

  #place(fragment: Fragment): void {
    const { number, blocks, serverTimestampMs } = fragment;
    const { contactId, startFragmentNumber } = this.#recording;
    const isNew = number !== undefined && number > (this.places.at(-1)?.number ?? -1n);
    if (!isNew || number < startFragmentNumber || blocks.length === 0) return;
    if ((contactIdOf(fragment) ?? contactId) !== contactId) return;
    const earliestMs = blocks.reduce((earliest, { timeMs }) => Math.min(earliest, timeMs), Infinity);
    const lengthMs = lengthMsOf(fragment);
    const timeMs = earliestMs + this.#clock.offsetFor(earliestMs, lengthMs, serverTimestampMs);
    this.#originMs ??= timeMs;
    const startMs = timeMs - this.#originMs;
    this.places.push({ number, startMs, endMs: startMs + lengthMs });
  }

  #noteInterruption(begin: Place | undefined, before: Place | undefined, behindMs = 0): void {
    if (!begin || !before) return;
    if (begin.number <= before.number) {
      this.interruptions.push({
        atMs: begin.startMs,
        why: 'Read twice from here on: a recorder had stopped, and the next one went on',
      });
    } else if (this.#behindMs !== undefined && behindMs - this.#behindMs > BEHIND_STEP_MS) {
      const seconds = (behindMs / 1000).toFixed(1);
      this.interruptions.push({ atMs: begin.startMs, why: `Reading went on here, ${seconds} s behind live` });
    }
  }
}

/** Between the fragments on the tape that are beside it. */
function placed(loss: Loss, places: readonly Place[]): Loss {
  const { startMs, firstFragmentNumber, lastFragmentNumber } = loss;
  if (startMs !== undefined || firstFragmentNumber === undefined || places.length === 0) return loss;
  const first = BigInt(firstFragmentNumber);
  const last = BigInt(lastFragmentNumber ?? firstFragmentNumber);
  const fromMs = places.findLast(({ number }) => number < first)?.endMs ?? 0;
  const toMs = places.find(({ number }) => number > last)?.startMs ?? places.at(-1)?.endMs ?? fromMs;
  return { ...loss, startMs: fromMs, lengthMs: Math.max(0, toMs - fromMs) };
}
