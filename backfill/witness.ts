/**
 * The independent witness: what ListFragments says of the recording's span. What the tape lacks and the archive still
 * has is put on the tape; what is gone is named.
 */
import { listAhead, type Span } from '../ports/archive/list-ahead.ts';
import type { ContactCall } from '../ports/calls/calls.ts';
import type { ContactAnswer } from '../ports/contacts/contacts.ts';
import type { ListedFragment, MediaArchive } from '../ports/media/media.ts';
import type { Clock } from '../ports/runtime/clock.ts';
import type { Tape } from '../ports/tape/tape.ts';
import { SAW_THE_END } from '../recording/call-record.ts';
import type { Ended } from '../recording/checkpoint.ts';
import type { Recording } from '../recording/identity.ts';
import type { Witness } from '../recording/losses/evidence.ts';
import { isWithin, lastNamedBy, type RecordingRange } from '../recording/range.ts';
import type { TapeMerge } from '../recording/tape/merge.ts';
import { backfill, type BackfillResult, ontoTape } from './backfill.ts';

export interface WitnessRequest extends CallTimes {
  readonly recording: Recording;
  readonly range: RecordingRange;
  readonly archive: MediaArchive;
  readonly tape: Tape;
  readonly merge: TapeMerge;
  /** Tells of a fragment of the tape that it may be there in part only. */
  readonly mayBeInPart: (number: bigint) => boolean;
  readonly clock: Clock;
}

/** When a call was, and when that is asked: epoch ms. */
export interface CallTimes {
  readonly startedAtMs: number;
  readonly disconnectedAtMs: number | undefined;
  readonly ended: Ended;
  readonly nowMs: number;
}

/** The producer's and the server's clocks differ by seconds, and the last fragments arrive after the hang-up. */
const MARGIN_MS = 60_000;
/** Connect may give a stream to the next call so long before it says that the contact is disconnected. */
const OVERLAP_MS = 10_000;
/** Asked for at once where the contact's fragments go on behind what was asked for. */
const STRETCH_MS = 15 * 60_000;

/** ListFragments is eventually consistent; how late it may be is not documented. */
const LISTED_AFTER_MS = 60_000;
/** About a page of the list; less is listed at once, which takes fewer requests. */
const LISTED_AHEAD_MIN_MS = 15 * 60_000;

/**
 * The recording had been over for so long that the archive listed all of it.
 * @param overAt when it was over, as Connect says; its fragments may go on behind that
 */
export function isListed(witness: Witness, range: RecordingRange, overAt: string | undefined): boolean {
  const { askedAtMs, lastOursMs = 0 } = witness;
  const overMs = overAt === undefined ? undefined : Date.parse(overAt);
  // Where the flow stopped it, its last fragment is known: once we have that, it was over then, whenever people hang up.
  const overSinceMs = hasLast(witness, range) ? lastOursMs : overMs;
  return overSinceMs !== undefined && askedAtMs - Math.max(overSinceMs, lastOursMs) >= LISTED_AFTER_MS;
}

function hasLast({ listed = [], gone }: Witness, range: RecordingRange): boolean {
  const last = lastNamedBy(range);
  return last !== undefined && listed.includes(last) && !gone.includes(last);
}

/** The session's last fragment, where Connect names it: in the contact's record, or to the flow that stopped streaming. */
export function lastNamed(answer: ContactAnswer, range: RecordingRange): bigint | undefined {
  const spans = answer.known ? answer.spans : [];
  const own = spans.find(({ firstFragmentNumber }) => firstFragmentNumber === range.start);
  return own?.lastFragmentNumber ?? lastNamedBy(range);
}

/** When the recording was over, as far as anybody says. */
export function overAt(
  { endBefore }: RecordingRange,
  calls: readonly ContactCall[],
  ended: Ended,
  disconnectedAt: string | undefined,
): string | undefined {
  const next = calls.find((call) => BigInt(call.startFragmentNumber) === endBefore);
  const stoppedAt = ended.reason === 'STREAMING_STOPPED' ? ended.at : undefined;
  return disconnectedAt ?? next?.startedAt ?? stoppedAt;
}

/** What is not new is listed while the tape is read; the rest after it: the later that is asked, the more is known. */
export function listSettled(archive: MediaArchive, times: CallTimes): MediaArchive {
  const span = witnessSpan(times);
  const ahead = { fromMs: span.fromMs, toMs: Math.min(span.toMs, times.nowMs - LISTED_AFTER_MS) };
  return ahead.toMs - ahead.fromMs < LISTED_AHEAD_MIN_MS ? archive : listAhead(archive, ahead);
}

export async function askWitness(request: WitnessRequest): Promise<Witness> {
  const { merge, nowMs: askedAtMs } = request;
  const result = await filledUp(request);
  const nothing = {
    askedAtMs,
    restored: new Set<bigint>(),
    ofOthers: new Set<bigint>(),
    gone: [],
    takenForNext: 0,
    lastOursMs: undefined,
    listedUpTo: undefined,
  };
  if (!result.listed) return { ...nothing, listed: undefined, why: result.why };
  if (result.fragments.length === 0) {
    // Retention has passed, or nothing may be listed: no witness, rather than one that saw nothing.
    return { ...nothing, listed: undefined, why: 'the stream lists nothing of that time' };
  }
  const unknown = result.gone.filter(({ number }) => !merge.numbers.has(number));
  const last = [...result.restored, ...(merge.last === undefined ? [] : [merge.last])].reduce<
    bigint | undefined
  >((most, number) => (most === undefined || number > most ? number : most), undefined);
  const ofNext = new Set(unknown.filter((fragment) => isOfNext(fragment, request, last)));
  const foreign = new Set([...result.foreign, ...[...ofNext].map(({ number }) => number)]);
  return {
    askedAtMs,
    listed: result.fragments
      .map(({ number }) => number)
      .filter((number) => isInRange(number, request) && !foreign.has(number)),
    listedUpTo: result.fragments.at(-1)?.number,
    why: '',
    restored: new Set(result.restored),
    ofOthers: new Set(result.ofOthers),
    gone: unknown.filter((fragment) => !ofNext.has(fragment)).map(({ number }) => number),
    takenForNext: ofNext.size,
    lastOursMs: lastOursMs(result, request),
  };
}

type Filled = Extract<BackfillResult, { listed: true }>;

/** Asks on as far as the contact's fragments go: Connect's time of the hang-up may be long before the audio's end. */
async function filledUp(request: WitnessRequest): Promise<BackfillResult> {
  let { fromMs, toMs } = witnessSpan(request);
  let all = await filled(request, fromMs, toMs);
  while (all.listed && toMs < request.nowMs && (lastOursMs(all, request) ?? 0) > toMs - MARGIN_MS) {
    fromMs = toMs + 1;
    toMs = Math.min(request.nowMs, toMs + STRETCH_MS);
    const more = await filled(request, fromMs, toMs);
    if (!more.listed) return all;
    all = {
      listed: true,
      fragments: [...all.fragments, ...more.fragments],
      restored: [...all.restored, ...more.restored],
      foreign: [...all.foreign, ...more.foreign],
      ofOthers: [...all.ofOthers, ...more.ofOthers],
      gone: [...all.gone, ...more.gone],
    };
  }
  return all;
}

function filled(request: WitnessRequest, fromMs: number, toMs: number): Promise<BackfillResult> {
  const { merge, mayBeInPart, tape, recording } = request;
  return backfill({
    ...request,
    keep: ontoTape(tape, recording),
    fromMs,
    toMs,
    isOurs: (number) => merge.numbers.has(number),
    isMissing: (number) =>
      isInRange(number, request) && (merge.numbers.get(number) !== true || mayBeInPart(number)),
  });
}

function isInRange(number: bigint, { range }: WitnessRequest): boolean {
  return isWithin(range, number);
}

/** When the last one began that is known to be ours. */
function lastOursMs({ fragments, restored }: Filled, { merge }: WitnessRequest): number | undefined {
  const isOurs = new Set(restored);
  return fragments.findLast(({ number }) => merge.numbers.has(number) || isOurs.has(number))
    ?.serverTimestampMs;
}

/**
 * Tells whether a fragment that can't be had is taken for the next contact's: a stream serves one call at a time, so that is
 * one which began behind our last one and after our contact was over, where the recorder saw the end. What GetMedia
 * passed over, before the first fragment that it brought of another's, is ours as far as anybody can tell.
 * @param last the last that is known to be ours
 */
function isOfNext(
  { number, serverTimestampMs = 0 }: ListedFragment,
  request: WitnessRequest,
  last: bigint | undefined,
): boolean {
  const { recording, range, ended, disconnectedAtMs } = request;
  // Up to the fragment at which the flow stopped it, the stream was this contact's.
  if (range.endedBy === 'STREAMING_STOPPED') return false;
  const foreign = ended.foreignFragmentNumber === undefined ? undefined : BigInt(ended.foreignFragmentNumber);
  const isAmidOurs = last !== undefined && number < last;
  if (number === foreign) return !(isAmidOurs && ended.isForeignUntold === true);
  if (!SAW_THE_END.has(ended.reason) || number === recording.startFragmentNumber || isAmidOurs) return false;
  // Where the recorder read on until it saw a fragment of the next call, that one may have begun shortly before.
  const sawNext = last !== undefined && ended.reason === 'NEXT_CONTACT' && number >= (foreign ?? 0n);
  if (disconnectedAtMs !== undefined)
    return serverTimestampMs >= disconnectedAtMs - (sawNext ? OVERLAP_MS : 0);
  if (sawNext) return true;
  return foreign === undefined && serverTimestampMs >= Date.parse(ended.at);
}

/** What is asked for: when the call's fragments began. */
function witnessSpan(times: CallTimes): Span {
  return {
    fromMs: times.startedAtMs - MARGIN_MS,
    toMs: Math.min(times.nowMs, endMs(times) + MARGIN_MS),
  };
}

function endMs({ ended, disconnectedAtMs, nowMs }: CallTimes): number {
  if (disconnectedAtMs !== undefined) return disconnectedAtMs;
  return SAW_THE_END.has(ended.reason) ? Date.parse(ended.at) : nowMs;
}
