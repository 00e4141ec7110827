/**
 * Where the next GetMedia session begins. Pure.
 *
 * At the start: by the server's clock, 10 s before Connect's StartTimestamp; if that is not early enough, 60 s, then
 * 10 min. `AfterFragmentNumber = StartFragmentNumber` would lose the first fragment, and its predecessor isn't known.
 * Later: after the last fragment read, by continuation token, then by number, then by time.
 * Who wants no recording, but whatever a stream brings, begins where it says, and the first that comes is the first.
 */
import type { NumberedFragment } from '../matroska/fragment.ts';
import type { StartSelector } from '../ports/media/media.ts';
import type { Position } from '../recording/checkpoint.ts';
import type { Recording } from '../recording/identity.ts';

/** How long before Connect's StartTimestamp reading begins; clocks differ by seconds, and uploads lag. */
const START_MARGINS_MS = [10_000, 60_000, 600_000] as const;
/** A fragment's server timestamp is that of its beginning; this much earlier surely is a fragment before it. */
const FALLBACK_MARGIN_MS = 10_000;
/** Every stream can be read for 5 minutes, whatever its retention (Developer Guide, "Quotas"); less a minute for doubt. */
const KEPT_AT_LEAST_MS = 240_000;

/** Fragments that must lie between `after` and `before` (both exclusive), if there are any, were not delivered. */
export interface Hole {
  readonly after: bigint;
  readonly before: bigint;
  /** Epoch ms, by the server's clock: where to look for them. */
  readonly fromMs: number;
  /** What stood there could not be read, on every try. */
  readonly malformed?: string;
}

export interface ReadingPosition {
  /** The recording's first fragment. */
  readonly start: bigint;
  /** Connect's StartTimestamp, epoch ms. */
  readonly startedAtMs: number;
  /** Whatever comes from there on is wanted; undefined: what comes from the recording's start on. */
  readonly begin: StartSelector | undefined;
  /** What has been dealt with last. */
  readonly last: Position | undefined;
  /** How many selectors of the present list the service has refused, or were not early enough. */
  readonly fallback: number;
  /** A session began later than it should have, with this number, and there was nothing earlier. */
  readonly uncoveredBefore: bigint | undefined;
  /** The session may have begun behind fragments that came and went unheard: nothing has shown yet that it didn't. */
  readonly isBlind: boolean;
  /** The session by time has shown that the stream goes back to before the start. */
  readonly reachesStart: boolean;
  /** Until when all that came was heard: epoch ms. Before the start there was nothing to hear. */
  readonly heardUntilMs: number;
  /** A fragment before those that are wanted, and still in the stream: reading begins behind it. */
  readonly beginAfter: bigint | undefined;
}

/** @param last what an earlier task has dealt with */
export function positionBehind(
  { startFragmentNumber: start }: Pick<Recording, 'startFragmentNumber'>,
  startedAtMs: number,
  last: Position | undefined,
): ReadingPosition {
  return {
    start,
    startedAtMs,
    begin: undefined,
    last,
    fallback: 0,
    uncoveredBefore: undefined,
    isBlind: false,
    reachesStart: false,
    heardUntilMs: last ? (last.lastServerTimestamp ?? -Infinity) : startedAtMs,
    beginAfter: undefined,
  };
}

/**
 * @param begin whatever comes from there on is wanted
 * @param nowMs epoch ms
 * @param start unless its number is below this
 */
export function positionAt(begin: StartSelector, nowMs: number, start = 0n): ReadingPosition {
  return { ...positionBehind({ startFragmentNumber: start }, nowMs, undefined), begin };
}

/** Where to begin now. */
export function selectorOf(position: ReadingPosition): StartSelector {
  const selectors = selectorsOf(position);
  return selectors[Math.min(position.fallback, selectors.length - 1)] ?? { kind: 'earliest' };
}

/** Everything above this number is wanted. */
export function afterOf({ last, start }: ReadingPosition): bigint {
  return last?.lastFragmentNumber ?? start - 1n;
}

/** A fragment of this number lies behind all that has been dealt with. */
export function isWanted(position: ReadingPosition, number: bigint): boolean {
  return number > afterOf(position);
}

/**
 * The stream doesn't know the position any more, or was opened so late that it may have forgotten the start: maybe it
 * has forgotten fragments behind it too.
 */
export function isLost({ isBlind, uncoveredBefore }: ReadingPosition): boolean {
  return isBlind || uncoveredBefore !== undefined;
}

/** The service doesn't know the position. @returns another one to try; undefined where there is none */
export function elsewhere(position: ReadingPosition): ReadingPosition | undefined {
  if (position.fallback >= selectorsOf(position).length - 1) return undefined;
  return { ...position, fallback: position.fallback + 1, reachesStart: false };
}

/** Nothing came at all: the start may lie before the time that was asked for. @returns where to begin again, if earlier */
export function earlier(position: ReadingPosition): ReadingPosition | undefined {
  if (position.last !== undefined || isAnywhere(position) || position.reachesStart || isLastByTime(position))
    return undefined;
  return elsewhere(position);
}

/** A session begins at {@link selectorOf}. */
export function sessionBegan(position: ReadingPosition, nowMs: number): ReadingPosition {
  return { ...position, isBlind: isByTime(position) && mayHaveForgotten(position, nowMs) };
}

/** The stream may have forgotten what came since all was heard. */
export function mayHaveForgotten({ heardUntilMs }: ReadingPosition, nowMs: number): boolean {
  return nowMs - heardUntilMs > KEPT_AT_LEAST_MS;
}

/** All that the session had until now has been read. */
export function heardUntil(position: ReadingPosition, nowMs: number): ReadingPosition {
  return position.isBlind || mayBeginTooLate(position) ? position : { ...position, heardUntilMs: nowMs };
}

/**
 * Judges the first number that came in a session begun at {@link selectorOf}: was it early enough? Only a session begun
 * by time, or at the oldest fragment, can tell.
 */
export function beganWith(
  position: ReadingPosition,
  number: bigint,
): { readonly position: ReadingPosition; readonly start: 'early enough' | 'too late' } {
  if (isAnywhere(position)) return { position: { ...position, isBlind: false }, start: 'early enough' };
  if (!isByTime(position) || (isTimeKnown(position) && !position.isBlind))
    return { position, start: 'early enough' };
  if (number <= afterOf(position) + 1n)
    return { position: { ...position, reachesStart: true, isBlind: false }, start: 'early enough' };
  const before = isLastByTime(position) ? undefined : elsewhere(position);
  if (before) return { position: before, start: 'too late' };
  return { position: { ...position, uncoveredBefore: number, isBlind: false }, start: 'early enough' };
}

/** What may be missing before the next fragment of the recording's range, which has this number. */
export function holeBefore(position: ReadingPosition, number: bigint): Hole | undefined {
  const { last, start, uncoveredBefore } = position;
  const isStartKnown = start > 0n || !isAnywhere(position);
  const startMissing = last === undefined && isStartKnown && number > start;
  const isUncovered = uncoveredBefore !== undefined && number >= uncoveredBefore;
  return startMissing || isUncovered ? spanBefore(position, number) : undefined;
}

/** What lies between all that has been dealt with and this number; undefined where no number does. */
export function spanBefore(position: ReadingPosition, number: bigint): Hole | undefined {
  const { last, startedAtMs } = position;
  const after = afterOf(position);
  if (number <= after + 1n) return undefined;
  const fromMs = (last?.lastServerTimestamp ?? startedAtMs) - FALLBACK_MARGIN_MS;
  return { after, before: number, fromMs };
}

/** A fragment has been dealt with: the next session begins after it. */
export function passed(position: ReadingPosition, fragment: NumberedFragment): ReadingPosition {
  return fragment.number < position.start ? position : movedTo(position, positionAfter(fragment));
}

/** A session begun further back has brought a fragment from before the position: the next one begins behind it. */
export function sawBefore(position: ReadingPosition, number: bigint): ReadingPosition {
  const { beginAfter } = position;
  const isFurther = beginAfter !== undefined && number > beginAfter;
  return isByTime(position) || isFurther ? beginBehind(position, number) : position;
}

/** A fragment that can't be read is passed over. */
export function skipped(position: ReadingPosition, number: bigint): ReadingPosition {
  if (!isWanted(position, number)) return beginBehind(position, number);
  const lastServerTimestamp = position.last?.lastServerTimestamp;
  return movedTo(position, {
    lastFragmentNumber: number,
    ...(lastServerTimestamp !== undefined && { lastServerTimestamp }),
  });
}

/** The position after a fragment, as the checkpoint keeps it. */
export function positionAfter(fragment: NumberedFragment): Position {
  const { number, continuationToken, serverTimestampMs, segmentUid } = fragment;
  return {
    lastFragmentNumber: number,
    ...(continuationToken !== undefined && { continuationToken }),
    ...(serverTimestampMs !== undefined && { lastServerTimestamp: serverTimestampMs }),
    ...(segmentUid !== undefined && { lastSegmentUid: segmentUid }),
  };
}

function beginBehind(position: ReadingPosition, number: bigint): ReadingPosition {
  return { ...position, beginAfter: number, fallback: 0 };
}

function movedTo(position: ReadingPosition, last: Position): ReadingPosition {
  const { uncoveredBefore } = position;
  // One that had come earlier, and is handed over only now, says nothing of what follows it.
  const isCovered = uncoveredBefore === undefined || last.lastFragmentNumber >= uncoveredBefore;
  return {
    ...position,
    last,
    fallback: 0,
    uncoveredBefore: isCovered ? undefined : uncoveredBefore,
    beginAfter: undefined,
  };
}

function isByTime(position: ReadingPosition): boolean {
  const { kind } = selectorOf(position);
  return kind === 'serverTimestamp' || kind === 'earliest';
}

/** Behind it there is only the oldest fragment, which is no earlier than any time that the stream accepts. */
function isLastByTime(position: ReadingPosition): boolean {
  return position.fallback >= selectorsOf(position).length - 2;
}

function selectorsOf(position: ReadingPosition): StartSelector[] {
  const { beginAfter } = position;
  const selectors = selectorsByPosition(position);
  return beginAfter === undefined ? selectors : [{ kind: 'afterFragment', number: beginAfter }, ...selectors];
}

/** No time is known of what is wanted, and nothing has shown that the session, which can begin earlier, goes back so far. */
function mayBeginTooLate(position: ReadingPosition): boolean {
  if (isAnywhere(position) || isTimeKnown(position)) return false;
  return isByTime(position) && !position.reachesStart && !isLastByTime(position);
}

/** Of a first fragment that could only be passed over no time is known. */
function isTimeKnown({ last }: ReadingPosition): boolean {
  return last?.lastServerTimestamp !== undefined;
}

/** Nothing has come yet, and the first that comes is the first. */
function isAnywhere({ begin, last }: ReadingPosition): boolean {
  return begin !== undefined && last === undefined;
}

function selectorsByPosition({ begin, last, startedAtMs }: ReadingPosition): StartSelector[] {
  const earliest: StartSelector = { kind: 'earliest' };
  if (!last && begin) return [begin, earliest];
  const byStart = START_MARGINS_MS.map((marginMs) => byTime(startedAtMs - marginMs));
  if (!last) return [...byStart, earliest];
  const { continuationToken: token, lastServerTimestamp } = last;
  return [
    ...(token === undefined ? [] : [{ kind: 'continuationToken', token } as const]),
    { kind: 'afterFragment', number: last.lastFragmentNumber },
    ...(lastServerTimestamp === undefined ? byStart : [byTime(lastServerTimestamp - FALLBACK_MARGIN_MS)]),
    earliest,
  ];
}

function byTime(atMs: number): StartSelector {
  return { kind: 'serverTimestamp', atMs };
}
