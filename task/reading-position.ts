/**
 * Where the next GetMedia session begins. Pure.
 *
 * At the start: by the server's clock, 10 s before Connect's StartTimestamp; if that is not early enough, 60 s, then
 * 10 min. `AfterFragmentNumber = StartFragmentNumber` would lose the first fragment, and its predecessor isn't known.
 * Later: after the last fragment read, by continuation token, then by number, then by time.
 */
import type { Fragment } from '../matroska/fragment.ts';
import type { StartSelector } from '../ports/media/media.ts';
import type { Position } from '../recording/checkpoint.ts';
import type { Recording } from '../recording/identity.ts';

/** How long before Connect's StartTimestamp reading begins; clocks differ by seconds, and uploads lag. */
export const START_MARGINS_MS = [10_000, 60_000, 600_000] as const;
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

export class ReadingPosition {
  readonly #recording: Recording;
  readonly #startedAtMs: number;
  #last: Position | undefined;
  /** How many selectors of the present list the service has refused, or were not early enough. */
  #fallback = 0;
  /** A session began later than it should have, with this number, and there was nothing earlier. */
  #uncoveredBefore: bigint | undefined;
  /** The session may have begun behind fragments that came and went unheard: nothing has shown yet that it didn't. */
  #blind = false;
  /** The session by time has shown that the stream goes back to before the start. */
  #reachesStart = false;
  /** Until when all that came was heard: epoch ms. Before the start there was nothing to hear. */
  #heardUntilMs: number;
  /** A fragment before those that are wanted, and still in the stream: reading begins behind it. */
  #beginAfter: bigint | undefined;

  constructor(recording: Recording, startedAtMs: number, resumeAfter: Position | undefined) {
    this.#recording = recording;
    this.#startedAtMs = startedAtMs;
    this.#last = resumeAfter;
    this.#heardUntilMs = resumeAfter ? (resumeAfter.lastServerTimestamp ?? -Infinity) : startedAtMs;
  }

  get lastNumber(): bigint | undefined {
    return this.#last?.lastFragmentNumber;
  }

  /** Where to begin now. */
  selector(): StartSelector {
    const selectors = this.#selectors();
    return selectors[Math.min(this.#fallback, selectors.length - 1)] ?? { kind: 'earliest' };
  }

  /** The service doesn't know the position. @returns whether there is another one to try. */
  refused(): boolean {
    if (this.#fallback >= this.#selectors().length - 1) return false;
    this.#fallback += 1;
    this.#reachesStart = false;
    return true;
  }

  /** A session begins at {@link selector}. */
  opened(nowMs: number): void {
    this.#blind = this.#isByTime && nowMs - this.#heardUntilMs > KEPT_AT_LEAST_MS;
  }

  /** All that the session had until now has been read. */
  heard(nowMs: number): void {
    if (!this.#blind) this.#heardUntilMs = nowMs;
  }

  /**
   * The stream doesn't know the position any more, or was opened so late that it may have forgotten the start: maybe it
   * has forgotten fragments behind it too.
   */
  get isLost(): boolean {
    return this.#blind || this.#uncoveredBefore !== undefined;
  }

  /** Nothing came at all: the start may lie before the time that was asked for. @returns whether to begin again, earlier. */
  beginEarlier(): boolean {
    if (this.#last !== undefined || this.#reachesStart) return false;
    return this.#fallback < this.#selectors().length - 2 && this.refused();
  }

  /**
   * Judges the first number that came in a session begun at {@link selector}: was it early enough? Only a session
   * begun by time, or at the oldest fragment, can tell. @returns whether to begin again, earlier.
   */
  startsTooLate(number: bigint): boolean {
    if (!this.#isByTime || (this.#last !== undefined && !this.#blind)) return false;
    if (number <= this.after + 1n) {
      this.#reachesStart = true;
    } else {
      const isLastByTime = this.#fallback >= this.#selectors().length - 2;
      if (!isLastByTime && this.refused()) return true;
      this.#uncoveredBefore = number;
    }
    this.#blind = false;
    return false;
  }

  /** What may be missing before the next fragment of the recording's range, which has this number. */
  holeBefore(number: bigint): Hole | undefined {
    const startMissing = this.#last === undefined && number > this.#recording.startFragmentNumber;
    const isUncovered = this.#uncoveredBefore !== undefined && number >= this.#uncoveredBefore;
    return startMissing || isUncovered ? this.spanBefore(number) : undefined;
  }

  /** What lies between all that has been dealt with and this number. */
  spanBefore(number: bigint): Hole {
    const fromMs = (this.#last?.lastServerTimestamp ?? this.#startedAtMs) - FALLBACK_MARGIN_MS;
    return { after: this.after, before: number, fromMs };
  }

  /** A fragment has been dealt with: the next session begins after it. */
  passed(fragment: Fragment & { readonly number: bigint }): void {
    if (fragment.number < this.#recording.startFragmentNumber) return;
    this.#moveTo(positionAfter(fragment));
  }

  /** A session begun further back has brought a fragment from before the position: the next one begins behind it. */
  sawBefore(number: bigint): void {
    const isFurther = this.#beginAfter !== undefined && number > this.#beginAfter;
    if (this.#isByTime || isFurther) this.#beginBehind(number);
  }

  /** It lies behind all that has been dealt with. */
  isWanted(number: bigint): boolean {
    return number > this.after;
  }

  /** A fragment that can't be read is passed over. @returns whether it was wanted. */
  skip(number: bigint): boolean {
    const isWanted = this.isWanted(number);
    const lastServerTimestamp = this.#last?.lastServerTimestamp;
    if (isWanted) {
      this.#moveTo({
        lastFragmentNumber: number,
        ...(lastServerTimestamp !== undefined && { lastServerTimestamp }),
      });
    } else this.#beginBehind(number);
    return isWanted;
  }

  #beginBehind(number: bigint): void {
    this.#beginAfter = number;
    this.#fallback = 0;
  }

  #moveTo(position: Position): void {
    this.#last = position;
    this.#fallback = 0;
    // One that had come earlier, and is handed over only now, says nothing of what follows it.
    if (this.#uncoveredBefore !== undefined && position.lastFragmentNumber >= this.#uncoveredBefore)
      this.#uncoveredBefore = undefined;
    this.#beginAfter = undefined;
  }

  get #isByTime(): boolean {
    const { kind } = this.selector();
    return kind === 'serverTimestamp' || kind === 'earliest';
  }

  /** Everything above this number is wanted. */
  get after(): bigint {
    return this.#last?.lastFragmentNumber ?? this.#recording.startFragmentNumber - 1n;
  }

  #selectors(): StartSelector[] {
    const selectors = this.#selectorsByPosition();
    if (this.#beginAfter === undefined) return selectors;
    return [{ kind: 'afterFragment', number: this.#beginAfter }, ...selectors];
  }

  #selectorsByPosition(): StartSelector[] {
    const earliest: StartSelector = { kind: 'earliest' };
    const last = this.#last;
    if (!last) {
      const before = START_MARGINS_MS.map((marginMs): StartSelector => {
        return { kind: 'serverTimestamp', atMs: this.#startedAtMs - marginMs };
      });
      return [...before, earliest];
    }
    const { continuationToken: token, lastServerTimestamp } = last;
    const atMs = (lastServerTimestamp ?? this.#startedAtMs) - FALLBACK_MARGIN_MS;
    return [
      ...(token === undefined ? [] : [{ kind: 'continuationToken', token } as const]),
      { kind: 'afterFragment', number: last.lastFragmentNumber },
      { kind: 'serverTimestamp', atMs },
      earliest,
    ];
  }
}

/** The position after a fragment, as the checkpoint keeps it. */
export function positionAfter(fragment: Fragment & { readonly number: bigint }): Position {
  const { number, continuationToken, serverTimestampMs, segmentUid } = fragment;
  return {
    lastFragmentNumber: number,
    ...(continuationToken !== undefined && { continuationToken }),
    ...(serverTimestampMs !== undefined && { lastServerTimestamp: serverTimestampMs }),
    ...(segmentUid !== undefined && { lastSegmentUid: segmentUid }),
  };
}
