/** What is made of the fragments that come: which are handed over, which wait, which are lost. Pure. */
import { type Fragment, isNumbered, type NumberedFragment } from '../matroska/fragment.ts';
import {
  cameMalformed,
  cameWell,
  hasPassedOver,
  isBefore,
  lostBefore,
  passedOver,
  withoutNamelessBefore,
  withoutUpTo,
} from './malformed.ts';
import {
  beganWith,
  heardUntil,
  holeBefore,
  isWanted,
  mayHaveForgotten,
  passed,
  sawBefore,
  skipped,
  spanBefore,
} from './position.ts';
import type { KeptAs } from './reading.ts';
import { NO_REFUSALS, withoutWaits } from './refusals.ts';
import { somethingCame } from './silence.ts';
import { change, changeSession, hasTail, isOpen, leave, quietForMs, say, type Turn } from './step-turn.ts';
import { type Ending, isConfirmed, readAgain, type Unfinished } from './unfinished.ts';

/** A fragment has come in the session that is open. */
export function takeFragment(turn: Turn, fragment: Fragment): void {
  const { behindMs, silence } = turn.reading;
  change(turn, {
    behindMs: fragment.millisBehindNow ?? behindMs,
    silence: somethingCame(silence, turn.nowMs),
  });
  if (!isNumbered(fragment)) {
    say(turn, { kind: 'lost', number: undefined, why: 'a fragment came without a number' });
    return;
  }
  if (startsTooLate(turn, fragment.number)) return;
  if (!settleHeld(turn, fragment.number)) {
    leave(turn, 'unfinished');
    return;
  }
  if (!isWanted(turn.reading.position, fragment.number)) passBefore(turn, fragment.number);
  else if (fragment.wholeness === 'tagged') deliver(turn, fragment, 'whole');
  else changeSession(turn, { held: fragment });
}

/** The session's first number tells whether it began early enough. If not, it is over. */
export function startsTooLate(turn: Turn, number: bigint): boolean {
  if (turn.reading.session.start === 'judged') return false;
  changeSession(turn, { start: 'judged' });
  const { position, start } = beganWith(turn.reading.position, number);
  change(turn, { position });
  if (start === 'early enough') return false;
  // What was on its way in it is read again by the one that begins earlier.
  changeSession(turn, { isMidway: false });
  change(turn, { phase: { kind: 'waiting' } });
  return true;
}

/** What came in part or without its trailing tags, and isn't followed by anything in the same body. */
export function note(turn: Turn, fragment: NumberedFragment, ending: Ending): void {
  const { position, unfinished } = turn.reading;
  if (!isWanted(position, fragment.number)) {
    // However often it is read, it has no trailing tags: what is wanted begins behind it.
    change(turn, { position: sawBefore(position, fragment.number) });
    return;
  }
  if (unfinished && fragment.number > unfinished.best.number) deliver(turn, unfinished.best, 'cut');
  const before = unfinished?.best.number === fragment.number ? unfinished : undefined;
  if (unfinished && fragment.number < unfinished.best.number) comesAfter(turn, unfinished.best);
  if (fragment.wholeness === 'structural')
    change(turn, { malformed: cameWell(turn.reading.malformed, fragment.number) });
  const { malformed } = turn.reading;
  const isBehindMalformed =
    malformed.nameless.some((place) => place.isPassedOver && isBefore(place, fragment.number)) ||
    (before?.isBehindMalformed === true && mayHaveForgotten(position, turn.nowMs));
  change(turn, { unfinished: readAgain(before, { fragment, ending, isBehindMalformed }) });
  changeSession(turn, { sawUnfinished: true });
}

/** Was being read again, and lies behind another that has shown up since: it comes behind that, or is lost. */
function comesAfter(turn: Turn, { number }: NumberedFragment): void {
  const why = 'it came in part, and has not come again';
  change(turn, { malformed: cameMalformed(turn.reading.malformed, { number, why }) });
}

/** Hands a fragment over, and before it an unfinished one that it came instead of: that can't be read again. */
export function deliver(turn: Turn, fragment: NumberedFragment, keptAs: KeptAs): void {
  const { unfinished } = turn.reading;
  if (unfinished && unfinished.best.number <= fragment.number) {
    const isReadAgain = unfinished.best.number === fragment.number && unfinished.best !== fragment;
    if (!isReadAgain || mayHaveForgotten(turn.reading.position, turn.nowMs)) passOverAgain(turn, unfinished);
    change(turn, { unfinished: undefined });
    if (unfinished.best.number < fragment.number) handOver(turn, unfinished.best, 'cut');
  }
  handOver(turn, fragment, keptAs);
}

/** What was passed over before it lies there still, though this session has read neither again. */
function passOverAgain(turn: Turn, { best, isBehindMalformed }: Unfinished): void {
  const { malformed } = turn.reading;
  if (!isBehindMalformed) return;
  if (!malformed.nameless.some((place) => isBefore(place, best.number))) return;
  change(turn, { malformed: passedOver(malformed, (place) => isBefore(place, best.number)) });
  changeSession(turn, { metNameless: true });
}

/** A session opened after the end of the call has been quiet without showing the unfinished fragment again. */
export function settleUnread(turn: Turn): void {
  const { unfinished, call, session } = turn.reading;
  if (!unfinished || call === 'goes on' || session.sawUnfinished || hasTail(turn.reading)) return;
  const { graceMs } = turn.limits;
  // The silence of those before it tells nothing of one that may bring it yet.
  if (isOpen(turn.reading) && turn.nowMs - session.openedAtMs < graceMs) return;
  if (quietForMs(turn.reading) >= graceMs) deliver(turn, unfinished.best, 'cut');
}

/** However often it is read, it comes malformed: reading goes on behind it. */
export function skip(turn: Turn, number: bigint, why: string): void {
  const { unfinished } = turn.reading;
  if (unfinished && unfinished.best.number <= number) deliver(turn, unfinished.best, 'cut');
  change(turn, { refusals: withoutWaits(turn.reading.refusals) });
  noteHole(turn, number);
  loseMalformed(turn, number);
  const { position } = turn.reading;
  change(turn, { position: skipped(position, number) });
  if (isWanted(position, number)) say(turn, { kind: 'lost', number, why });
}

/** Such as are followed now by a fragment of this number, or by none. */
export function loseMalformed(turn: Turn, next: bigint | undefined): void {
  const { malformed, position } = turn.reading;
  change(turn, { malformed: withoutUpTo(malformed, next) });
  for (const lost of lostBefore(malformed, next))
    if (isWanted(position, lost.number)) say(turn, { kind: 'lost', ...lost });
}

function handOver(turn: Turn, fragment: NumberedFragment, keptAs: KeptAs): void {
  noteHole(turn, fragment.number);
  loseMalformed(turn, fragment.number);
  change(turn, {
    position: heardWith(turn, fragment),
    emptyEnds: 0,
    refusals: NO_REFUSALS,
  });
  changeSession(turn, { brought: 'something' });
  const { behindMs, openings } = turn.reading;
  say(turn, { kind: 'fragment', fragment, keptAs, behindMs, openings });
}

/** All has been heard until then: a fragment tells how far behind the stream's head it is. */
function heardWith({ reading, nowMs }: Turn, fragment: NumberedFragment) {
  const position = passed(reading.position, fragment);
  // Right behind it lies what could not be read, and has not been heard.
  if (reading.malformed.nameless.length > 0) return position;
  const { millisBehindNow, serverTimestampMs } = fragment;
  if (millisBehindNow !== undefined) return heardUntil(position, nowMs - millisBehindNow);
  return serverTimestampMs === undefined ? position : heardUntil(position, serverTimestampMs);
}

/** Passes over a fragment that lies before what is wanted: not ours, or handed over already. */
function passBefore(turn: Turn, number: bigint): void {
  changeSession(turn, { brought: 'something' });
  // What this session has passed over lay before what is wanted, then.
  if (hasPassedOver(turn.reading.malformed)) takePassedOver(turn, number);
  change(turn, { position: sawBefore(turn.reading.position, number) });
}

/**
 * An untagged fragment went before this number in the same body: followed by it, it is whole, or broke off for good.
 * @param next undefined: what follows tells no number
 * @returns whether it, if there was one, needs no other session
 */
export function settleHeld(turn: Turn, next: bigint | undefined): boolean {
  const { held } = turn.reading.session;
  if (!held) return true;
  changeSession(turn, { held: undefined });
  const isFollowed = next !== undefined && next > held.number;
  if (isFollowed && held.wholeness === 'structural') {
    deliver(turn, held, 'whole');
    return true;
  }
  note(turn, held, isFollowed ? 'settled' : 'unsettled');
  const { unfinished } = turn.reading;
  // Read twice, and broken off twice in the same place with the stream going on after it: that is all there is.
  if (!isFollowed || !isConfirmedNow(unfinished)) return false;
  deliver(turn, unfinished.best, 'cut');
  return true;
}

function isConfirmedNow(unfinished: Unfinished | undefined): unfinished is Unfinished {
  return unfinished !== undefined && isConfirmed(unfinished);
}

/** Fragments may be missing before the one of this number: they were not delivered, or could not be read. */
function noteHole(turn: Turn, before: bigint): void {
  const malformed = takePassedOver(turn, before);
  const { position } = turn.reading;
  // What came before all that is wanted is nothing to be missed.
  if (!isWanted(position, before)) return;
  const hole =
    holeBefore(position, before) ?? (malformed === undefined ? undefined : spanBefore(position, before));
  if (hole) say(turn, { kind: 'hole', hole: { ...hole, ...(malformed !== undefined && { malformed }) } });
}

/** A fragment has come. @returns why what lay before it could not be read, where it was passed over */
function takePassedOver(turn: Turn, before: bigint): string | undefined {
  const { malformed } = turn.reading;
  change(turn, { malformed: withoutNamelessBefore(malformed, before) });
  return malformed.nameless.find((place) => place.isPassedOver && isBefore(place, before))?.why;
}
