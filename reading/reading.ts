/**
 * A stream being read: what is known of it, what comes in, what is said of that, and what is to be done next.
 *
 * GetMedia as one unbroken sequence of whole fragments, each once, in order of number. A body may end at any byte, at
 * any time; that means nothing: the next session begins after the last fragment that was handed over. A fragment counts
 * when its trailing tags are there, or when it is structurally complete and a higher-numbered one follows in the same
 * body; otherwise it is read again from before it.
 */
import type { Fragment, NumberedFragment } from '../matroska/fragment.ts';
import type { StartSelector } from '../ports/media/media.ts';
import type { LogFields } from '../ports/runtime/telemetry.ts';
import type { Position } from '../recording/checkpoint.ts';
import type { Recording } from '../recording/identity.ts';
import { type Malformed, NOTHING_MALFORMED } from './malformed.ts';
import { type Hole, positionAt, positionBehind, type ReadingPosition } from './position.ts';
import { NO_REFUSALS, type Refusal, type Refusals, type StandingRefusal } from './refusals.ts';
import { NO_SILENCE, type Silence } from './silence.ts';
import type { Unfinished } from './unfinished.ts';

/**
 * - `waiting`: for the time at which the next session may be opened
 * - `opening`
 * - `open`
 * - `leaving`: the session is left; what had come in part is to be had yet, and decides how to go on
 * - `stopped`: nothing more is read
 */
export type Phase =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'opening' }
  | { readonly kind: 'open'; readonly readOn: 'here' | 'behind what is malformed' }
  | { readonly kind: 'leaving'; readonly because: Leaving; readonly unsaid: readonly Output[] }
  | { readonly kind: 'stopped' };

/**
 * Why a session is left:
 * - `quiet`: it has been quiet for so long that it might as well be over
 * - `barren`: nothing at all has come; another may begin earlier
 * - `unfinished`: a fragment in its middle isn't whole
 * - `callIsOver`: only sessions opened after that show what there is
 * - `stop`: what had come in part is all that there will be
 */
export type Leaving = 'quiet' | 'barren' | 'unfinished' | 'callIsOver' | 'stop';

/** The session that is open, or was last. What belongs to a session goes with it, when the next one begins. */
export interface Session {
  readonly openedAtMs: number;
  /** Whether the session's first number has been judged: was it early enough? */
  readonly start: 'unjudged' | 'judged';
  /** The silence of a session that has brought something proves less than that of a fresh one. */
  readonly brought: 'nothing' | 'something';
  /** Untagged, and the last that came. */
  readonly held: NumberedFragment | undefined;
  /** A fragment has begun to come that isn't whole yet. */
  readonly isMidway: boolean;
  /** The session has shown the unfinished fragment again. */
  readonly sawUnfinished: boolean;
  /** The session has come upon something malformed that tells no number. */
  readonly metNameless: boolean;
}

export const NO_SESSION: Session = {
  openedAtMs: -Infinity,
  start: 'unjudged',
  brought: 'nothing',
  held: undefined,
  isMidway: false,
  sawUnfinished: false,
  metNameless: false,
};

export interface Reading {
  readonly phase: Phase;
  readonly position: ReadingPosition;
  readonly session: Session;
  /** Came without its trailing tags, and is read again. */
  readonly unfinished: Unfinished | undefined;
  readonly malformed: Malformed;
  readonly refusals: Refusals;
  readonly silence: Silence;
  readonly call: 'goes on' | 'is over';
  /** Sessions so far. */
  readonly openings: number;
  /** So many sessions in a row were over since a fragment was handed over. */
  readonly emptyEnds: number;
  /** The session before had nothing behind what was malformed. */
  readonly wasSilentBehind: boolean;
  /** No session is opened before this moment, epoch ms. */
  readonly openAtMs: number;
  /** `MILLIS_BEHIND_NOW` of the fragment that came last. */
  readonly behindMs: number;
}

export interface ReadingLimits {
  /** How long silence must last to mean something. */
  readonly graceMs: number;
  /** How long is waited at most for anything. */
  readonly tickMs: number;
}

/** When the driver began to wait for what came: epoch ms. */
interface Waited {
  readonly sinceMs: number;
}

/** A session has been listened to. */
interface Listened extends Waited {
  /** When bytes came last, or the session was opened: epoch ms. */
  readonly bytesAtMs: number;
  /** A fragment has begun to come that isn't whole yet. */
  readonly isMidway: boolean;
}

/** What had come of a fragment that isn't whole. */
interface WithTail {
  readonly tail: Fragment | undefined;
}

export type Input =
  /** Waited, as long as was asked for, or less. */
  | { readonly kind: 'waited' }
  | ({ readonly kind: 'opened' } & Waited)
  | ({ readonly kind: 'refused'; readonly refusal: Refusal } & Waited)
  | ({ readonly kind: 'fragment'; readonly fragment: Fragment } & Listened)
  /** Nothing whole came in time. */
  | ({ readonly kind: 'nothing' } & Listened)
  /** The body is over, cleanly. */
  | ({ readonly kind: 'ended' } & Waited & WithTail)
  /** The body broke off. */
  | ({ readonly kind: 'broke'; readonly refusal: Refusal } & WithTail)
  /** The stream reports an error in the body. */
  | ({ readonly kind: 'reported'; readonly refusal: Refusal } & Waited & WithTail)
  /** The body is no Matroska here. The number is that of the fragment, where it had been read. */
  | { readonly kind: 'malformed'; readonly number: bigint | undefined; readonly why: string }
  /** The session has been left. */
  | ({ readonly kind: 'left' } & WithTail)
  /** The contact is disconnected. */
  | { readonly kind: 'callIsOver' }
  /** Nothing more is wanted but what has come. */
  | { readonly kind: 'stop' };

/** `cut`: it broke off and can't be read again; these are its complete blocks. */
export type KeptAs = 'whole' | 'cut';

/** A fragment, and how the reading fared when it was handed over. */
export interface ReadFragment {
  readonly fragment: NumberedFragment;
  readonly keptAs: KeptAs;
  /** `MILLIS_BEHIND_NOW`. */
  readonly behindMs: number;
  /** Sessions until then. */
  readonly openings: number;
}

/** What the stream has to say when it has no fragment. */
export interface Quiet {
  /**
   * For how long nothing new has come in an open session, in ms: no time counts in which nothing could have come, or in
   * which nobody looked. After `afterCall`: in a session that was opened after it, and has brought nothing at all,
   * since one that did may just have stalled.
   */
  readonly forMs: number;
  /** The session was opened after it was known that nothing more will come. */
  readonly afterCall: boolean;
  /** A fragment is on its way, or is being read again. */
  readonly unsettled: boolean;
  /** Nothing could be read for some time. */
  readonly refusal: StandingRefusal | undefined;
}

export type Output =
  | ({ readonly kind: 'fragment' } & ReadFragment)
  /** Comes before the fragment that follows the hole. */
  | { readonly kind: 'hole'; readonly hole: Hole }
  /** A fragment can't be read, on every try; it is passed over. Without a number: whatever follows `after`. */
  | {
      readonly kind: 'lost';
      readonly number: bigint | undefined;
      readonly after?: bigint;
      readonly why: string;
    }
  /** Nothing to hand over now, and what that tells. */
  | ({ readonly kind: 'quiet' } & Quiet)
  /** This goes into the log. */
  | { readonly kind: 'warning'; readonly message: string; readonly fields: LogFields };

export type Command =
  | { readonly kind: 'wait'; readonly untilMs: number; readonly mostMs: number }
  /** Whatever session is open is closed first. */
  | { readonly kind: 'open'; readonly start: StartSelector }
  | { readonly kind: 'read'; readonly mostMs: number }
  /** Reads on behind what is malformed. */
  | { readonly kind: 'readBehind'; readonly mostMs: number }
  /** The session is to be left at once; `left` says what had come in part. */
  | { readonly kind: 'leave' }
  | { readonly kind: 'stop' };

/** @param last what an earlier task has dealt with */
export function beginReading(
  recording: Pick<Recording, 'startFragmentNumber'>,
  startedAtMs: number,
  last: Position | undefined,
): Reading {
  return readingFrom(positionBehind(recording, startedAtMs, last));
}

/** Reads whatever the stream brings. @param nowMs epoch ms. @param start unless its number is below this */
export function beginReadingAt(begin: StartSelector, nowMs: number, start = 0n): Reading {
  return readingFrom(positionAt(begin, nowMs, start));
}

function readingFrom(position: ReadingPosition): Reading {
  return {
    phase: { kind: 'waiting' },
    position,
    session: NO_SESSION,
    unfinished: undefined,
    malformed: NOTHING_MALFORMED,
    refusals: NO_REFUSALS,
    silence: NO_SILENCE,
    call: 'goes on',
    openings: 0,
    emptyEnds: 0,
    wasSilentBehind: false,
    openAtMs: 0,
    behindMs: 0,
  };
}
