/** How sessions begin and end, and what each end means. Pure. */
import { type Fragment, isNumbered, type NumberedFragment } from '../matroska/fragment.ts';
import { backoffMs } from './backoff.ts';
import {
  cameMalformed,
  cameNameless,
  hasPassedOver,
  passedOver,
  readFromAnew,
  TRIES_BEFORE_LOST,
  triesAt,
  triesOf,
} from './malformed.ts';
import { afterOf, earlier, elsewhere, heardUntil, isLost, sessionBegan } from './position.ts';
import { type Leaving, NO_SESSION } from './reading.ts';
import { nextWaitMs, NO_REFUSALS, type Refusal, refused, waited, withoutWaits } from './refusals.ts';
import {
  lengthMsOf,
  listened,
  nothingCouldCome,
  othersBegin,
  sessionEnded,
  sessionOpened,
  spansSessions,
} from './silence.ts';
import { deliver, loseMalformed, note, settleHeld, skip, startsTooLate } from './step-fragments.ts';
import {
  change,
  changeSession,
  hasTail,
  isOpen,
  isSilentBehind,
  leave,
  mayHaveStalled,
  quietForMs,
  say,
  type Turn,
  waitUntil,
} from './step-turn.ts';
import { type Ending, isConfirmed } from './unfinished.ts';

/** GetDataEndpoint and GetMedia allow 5 calls a second and stream (API reference, "Limits"). */
export const REOPEN_SPACING_MS = 250;
/** A session that lasted this long was sound: what ends it is no repeated failure. */
const SOUND_SESSION_MS = 10_000;
/** Where the start may be can't wait for a longer grace period: a stream without retention forgets after 5 minutes. */
const BARREN_MS = 10_000;
/** A live fragment is about its own length behind. */
const CAUGHT_UP_MS = 10_000;
/** Between two sessions; a stream without retention forgets after 5 minutes. */
export const WAIT_MS_MAX = 30_000;
/** After a session that was over by itself: the first wait, and the longest. */
const AFTER_END_MS = [REOPEN_SPACING_MS, 5_000] as const;

export function opened(turn: Turn): void {
  const { position, silence, openings, malformed } = turn.reading;
  change(turn, {
    phase: { kind: 'open', readOn: 'here' },
    position: sessionBegan(position, turn.nowMs),
    session: { ...NO_SESSION, openedAtMs: turn.nowMs },
    silence: sessionOpened(silence, turn.nowMs),
    malformed: readFromAnew(malformed),
    openings: openings + 1,
  });
}

/** The session has been listened to since then, and did not break off. */
export function heard(turn: Turn, sinceMs: number): void {
  const { position, silence, session, behindMs, malformed } = turn.reading;
  change(turn, { silence: listened(silence, sinceMs, turn.nowMs, turn.limits.tickMs) });
  // Silence means that nothing has come, unless the session was about to bring what had come before.
  const hasCaughtUp = session.brought === 'nothing' || behindMs < CAUGHT_UP_MS;
  // A position that the stream doesn't know is reported with the first bytes: silence alone takes time to tell. What
  // could not be read has not been heard: once the stream has forgotten it, nothing else tells that it was there.
  if (isSound(turn) && hasCaughtUp && !hasPassedOver(malformed))
    change(turn, { position: heardUntil(position, turn.nowMs) });
}

/** No byte has come for so long. What came while the process was halted hasn't been read: that time tells nothing. */
export function quietFor(turn: Turn, bytelessMs: number): void {
  const { graceMs } = turn.limits;
  const ms = Math.min(bytelessMs, lengthMsOf(turn.reading.silence));
  if (hasTail(turn.reading) || mayHaveStalled(turn.reading)) {
    if (ms >= graceMs) leave(turn, 'quiet');
  } else if (ms >= Math.min(graceMs, BARREN_MS)) beginEarlier(turn);
}

/** The body is over, cleanly. */
export function ended(turn: Turn, tail: Fragment | undefined): void {
  change(turn, { silence: sessionEnded(turn.reading.silence) });
  over(turn, tail, 'settled');
  waitForMore(turn);
  if (spansSessions(turn.reading.silence)) beginEarlier(turn);
}

/** The session has been left; what that was for follows. */
export function left(turn: Turn, because: Leaving, tail: Fragment | undefined): void {
  // What came behind an unfinished one is read again behind it.
  over(turn, because === 'unfinished' ? undefined : tail, because === 'quiet' ? 'settled' : 'unsettled');
  switch (because) {
    case 'quiet':
      waitForMore(turn);
      return;
    case 'barren':
      change(turn, { silence: othersBegin(turn.reading.silence) });
      return;
    case 'unfinished':
      return undefined;
    case 'callIsOver':
      lookAgain(turn);
      return;
    case 'stop':
      handOverRest(turn);
      return;
  }
}

/** From now on only sessions opened after this show what there is. */
export function callIsOver(turn: Turn): void {
  if (turn.reading.call === 'is over') return;
  change(turn, { call: 'is over' });
  if (isOpen(turn.reading)) leave(turn, 'callIsOver');
  else lookAgain(turn);
}

/** What had come, in part or malformed, and was to be read again, is handed over now. */
export function stop(turn: Turn): void {
  const { malformed } = turn.reading;
  if (isNamelessGone(turn)) change(turn, { malformed: { ...malformed, nameless: [] } });
  if (isOpen(turn.reading)) leave(turn, 'stop');
  else handOverRest(turn);
}

/** The body has broken off, or was refused. @param tail what had come in part */
export function broke(turn: Turn, tail: Fragment | undefined, refusal: Refusal): void {
  over(turn, tail, 'unsettled');
  refuse(turn, refusal);
}

export function refuse(turn: Turn, refusal: Refusal): void {
  const { silence, refusals, position } = turn.reading;
  change(turn, {
    phase: { kind: 'waiting' },
    silence: nothingCouldCome(silence),
    refusals: refused(refusals, refusal, turn.nowMs),
  });
  const other = refusal.kind === 'positionUnknown' ? elsewhere(position) : undefined;
  if (other) {
    change(turn, { position: other });
    return;
  }
  const retryInMs = waitLonger(turn);
  const { kind, why } = refusal;
  const message = 'the media stream can’t be read now';
  say(turn, { kind: 'warning', message, fields: { kind, why, retryInMs } });
}

/** The same place malformed on every reading must not stop the call: it is passed over, and declared. */
export function metMalformed(turn: Turn, number: bigint | undefined, why: string): void {
  if (number === undefined && readsOnBehind(turn, why)) return;
  const { held } = turn.reading.session;
  changeSession(turn, { isMidway: false });
  change(turn, { phase: { kind: 'waiting' }, silence: nothingCouldCome(turn.reading.silence) });
  if (number !== undefined && startsTooLate(turn, number)) return;
  settleHeld(turn, number);
  if (number !== undefined)
    change(turn, { malformed: cameMalformed(turn.reading.malformed, { number, why }) });
  const { malformed } = turn.reading;
  const tries = number === undefined ? triesAt(malformed, held?.number) : triesOf(malformed, number);
  // It answers: how long it has been refusing is another matter.
  if (tries === 1) change(turn, { refusals: withoutWaits(turn.reading.refusals) });
  waitLonger(turn);
  say(turn, { kind: 'warning', message: 'the media body is malformed', fields: { why, tries } });
  if (number !== undefined && tries >= TRIES_BEFORE_LOST) skip(turn, number, why);
}

/** No number tells how to go on behind it: after some tries this session does, with whatever follows it. */
function readsOnBehind(turn: Turn, why: string): boolean {
  const { session, malformed: before } = turn.reading;
  const after = session.held?.number;
  const malformed = cameNameless(before, why, after);
  change(turn, { malformed });
  changeSession(turn, { metNameless: true });
  const tries = triesAt(malformed, after);
  if (tries < TRIES_BEFORE_LOST) return false;
  const message = 'the media body is malformed: reading on behind that';
  if (!hasPassedOver(before)) say(turn, { kind: 'warning', message, fields: { why, tries } });
  change(turn, { malformed: passedOver(malformed, (place) => place.after === after) });
  changeSession(turn, { isMidway: false });
  change(turn, { phase: { kind: 'open', readOn: 'behind what is malformed' } });
  return true;
}

/** The session is over. Notes what it had of an unfinished fragment. */
function over(turn: Turn, tail: Fragment | undefined, ending: Ending): void {
  if (isSound(turn)) change(turn, { refusals: NO_REFUSALS });
  change(turn, { phase: { kind: 'waiting' } });
  noteLast(turn, tail && isNumbered(tail) ? tail : undefined, ending);
  changeSession(turn, { held: undefined, isMidway: false });
  if (ending === 'settled') change(turn, { wasSilentBehind: isSilentBehind(turn.reading) });
}

/** What came last in it, and isn't known to be whole: in part, or untagged. One before it is settled by its number. */
function noteLast(turn: Turn, tail: NumberedFragment | undefined, ending: Ending): void {
  const { held } = turn.reading.session;
  if (held && (!tail || tail.number <= held.number)) note(turn, held, ending);
  else if (tail && settleHeld(turn, tail.number) && !startsTooLate(turn, tail.number))
    note(turn, tail, ending);
}

/** The session was over by itself, or has been quiet for so long that it might as well be. */
function waitForMore(turn: Turn): void {
  const { emptyEnds, call, unfinished } = turn.reading;
  waitUntil(turn, turn.nowMs + backoffMs(emptyEnds, ...AFTER_END_MS));
  change(turn, { emptyEnds: emptyEnds + 1 });
  if (call === 'goes on' || !unfinished || !isConfirmed(unfinished)) return;
  // However often it breaks off within an element, that is no whole fragment.
  deliver(turn, unfinished.best, unfinished.best.wholeness === 'torn' ? 'cut' : 'whole');
}

/** Nothing at all has come: maybe the call began before the time that was asked for. */
function beginEarlier(turn: Turn): void {
  const position = earlier(turn.reading.position);
  if (!position) return;
  change(turn, { position });
  if (isOpen(turn.reading)) leave(turn, 'barren');
  else change(turn, { silence: othersBegin(turn.reading.silence) });
}

function lookAgain(turn: Turn): void {
  change(turn, { silence: nothingCouldCome(turn.reading.silence), openAtMs: 0 });
}

function handOverRest(turn: Turn): void {
  const fragment = turn.reading.unfinished?.best;
  if (fragment) {
    loseMalformed(turn, fragment.number);
    const { behindMs, openings } = turn.reading;
    say(turn, { kind: 'fragment', fragment, keptAs: 'cut', behindMs, openings });
  }
  const { malformed, position } = turn.reading;
  const [nameless] = malformed.nameless;
  if (nameless) say(turn, { kind: 'lost', number: undefined, after: afterOf(position), why: nameless.why });
  loseMalformed(turn, undefined);
  change(turn, { phase: { kind: 'stopped' }, unfinished: undefined });
}

/** Read again from before where it stood, the stream brought nothing: it was in that one body, and not in the stream. */
function isNamelessGone({ reading, limits }: Turn): boolean {
  const isQuiet = quietForMs(reading) >= limits.graceMs;
  return isQuiet && !reading.session.metNameless && !isLost(reading.position);
}

/** @returns for how long, in ms */
function waitLonger(turn: Turn): number {
  const { refusals } = turn.reading;
  const waitMs = nextWaitMs(refusals, WAIT_MS_MAX);
  change(turn, { refusals: waited(refusals) });
  waitUntil(turn, turn.nowMs + waitMs);
  return waitMs;
}

function isSound({ reading, nowMs }: Turn): boolean {
  return nowMs - reading.session.openedAtMs >= SOUND_SESSION_MS;
}
