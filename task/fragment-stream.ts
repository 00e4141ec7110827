/**
 * GetMedia as one unbroken sequence of whole fragments, each once, in order of number.
 *
 * A body may end at any byte, at any time; that means nothing: the next session begins after the last fragment that
 * was handed over. A fragment counts when its trailing tags are there, or when it is structurally complete and a
 * higher-numbered one follows in the same body; otherwise it is read again from before it.
 */
import { MalformedError } from '../matroska/errors.ts';
import { type Fragment, isNumbered, type NumberedFragment, type StreamError } from '../matroska/fragment.ts';
import type { Clock } from '../ports/runtime/clock.ts';
import { type Media, MediaError, type MediaErrorKind } from '../ports/media/media.ts';
import { Backoff } from './backoff.ts';
import { Malformed, TRIES_BEFORE_LOST, type Unreadable } from './malformed.ts';
import { MediaSession } from './media-session.ts';
import type { ReadingPosition } from './reading-position.ts';
import { Refusals } from './refusals.ts';
import { Silence } from './silence.ts';
import type { StreamEvent } from './stream-event.ts';
import { kindOfStreamError } from '../ports/media/stream-errors.ts';
import type { Telemetry } from '../ports/runtime/telemetry.ts';
import { UnfinishedFragment } from './unfinished-fragment.ts';

export interface FragmentStreamOptions {
  readonly media: Media;
  readonly clock: Clock;
  readonly position: ReadingPosition;
  readonly startFragmentNumber: bigint;
  readonly telemetry: Telemetry;
  /** How long silence must last to mean something. */
  readonly graceMs: number;
  /** How long {@link FragmentStream.next} waits at most. */
  readonly tickMs: number;
}

/** GetDataEndpoint and GetMedia allow 5 calls a second and stream (FACTS: API reference, "Limits"). */
const REOPEN_SPACING_MS = 250;
/** A session that lasted this long was sound: what ends it is no repeated failure. */
const SOUND_SESSION_MS = 10_000;
/** A live fragment is about its own length behind. */
const CAUGHT_UP_MS = 10_000;
/** Between two sessions. */
const WAIT_MS_MAX = 30_000;

export class FragmentStream {
  readonly #options: FragmentStreamOptions;
  readonly #ready: StreamEvent[] = [];
  #session: MediaSession | undefined;
  /** Untagged, and the last that came in this session. */
  #held: NumberedFragment | undefined;
  #unfinished: UnfinishedFragment | undefined;
  /** This session has shown the unfinished fragment again. */
  #unfinishedSeen = false;
  /** This session has brought something, so that its silence proves less than that of a fresh one. */
  #brought = false;
  /** The session's first number has been judged. */
  #judged = false;
  #openings = 0;
  #openAtMs = 0;
  readonly #silence = new Silence();
  #behindMs = 0;
  #callIsOver = false;
  readonly #afterEnd = new Backoff(REOPEN_SPACING_MS, 5_000);
  readonly #refusals = new Refusals(WAIT_MS_MAX);
  readonly #malformed = new Malformed();

  constructor(options: FragmentStreamOptions) {
    this.#options = options;
  }

  /** Times that GetMedia was opened, but for the first. */
  get reopenings(): number {
    return Math.max(0, this.#openings - 1);
  }

  /** `MILLIS_BEHIND_NOW` of the fragment that came last. */
  get behindMs(): number {
    return this.#behindMs;
  }

  /**
   * For how long nothing new has come in an open session, in ms: no time counts in which nothing could have come, or
   * in which nobody looked. After {@link callIsOver}: in a session that was opened after it, and has brought nothing at
   * all, since one that did may just have stalled.
   */
  get #quietForMs(): number {
    const canTell = this.#session !== undefined || this.#silence.spansSessions;
    return canTell && !this.#mayHaveStalled ? this.#silence.lengthMs : 0;
  }

  /** Of the last fragment that was handed over. */
  get lastNumber(): bigint | undefined {
    return this.#options.position.lastNumber;
  }

  /** The stream has forgotten the position, and maybe what came after it. */
  get positionLost(): boolean {
    return this.#options.position.isLost;
  }

  /** The contact is disconnected: from now on only sessions opened after this show what there is. */
  callIsOver(): void {
    if (this.#callIsOver) return;
    this.#callIsOver = true;
    this.#leaveSession(false);
    this.#silence.interrupted();
    this.#openAtMs = 0;
  }

  /** What comes next; `quiet` after a while, or as soon as the signal is aborted. */
  async next(signal: AbortSignal): Promise<StreamEvent> {
    if (this.#ready.length === 0) {
      const session = this.#session ?? (await this.#open(signal));
      if (session) await this.#read(session, signal);
      this.#settleUnread();
    }
    return this.#ready.shift() ?? this.#quietNow();
  }

  /** What had come, in part or malformed, and was to be read again. Ends the session. */
  takeRest(): StreamEvent[] {
    const nameless = this.#isNamelessGone ? undefined : this.#malformed.nameless;
    this.#leaveSession(false);
    const fragment = this.#unfinished?.fragment;
    this.#unfinished = undefined;
    if (fragment) this.#loseMalformed(fragment.number);
    const rest = this.#ready.splice(0);
    if (fragment) rest.push({ kind: 'fragment', fragment, cut: true });
    if (nameless !== undefined)
      rest.push({ kind: 'lost', number: undefined, after: this.#options.position.after, why: nameless });
    this.#loseMalformed(undefined);
    return [...rest, ...this.#ready.splice(0)];
  }

  close(): void {
    this.#session?.close();
    this.#session = undefined;
  }

  /** Read again from before where it stood, the stream brought nothing: it was in that one body, and not in the stream. */
  get #isNamelessGone(): boolean {
    const isQuiet = this.#quietForMs >= this.#options.graceMs;
    return isQuiet && !this.#malformed.isHere && !this.positionLost;
  }

  #quietNow(): StreamEvent {
    const session = this.#session;
    return {
      kind: 'quiet',
      forMs: this.#quietForMs,
      afterCall: this.#callIsOver,
      // On its way, or without its trailing tags and being read again.
      unsettled: this.#unfinished !== undefined || (session !== undefined && this.#hasTail(session)),
      refusal: this.#refusals.standing,
    };
  }

  async #open(signal: AbortSignal): Promise<MediaSession | undefined> {
    const { clock, media, position, tickMs } = this.#options;
    // The clock may have been set back; a stream without retention forgets after 5 minutes.
    this.#openAtMs = Math.min(this.#openAtMs, clock.now() + WAIT_MS_MAX);
    const waitMs = this.#openAtMs - clock.now();
    if (waitMs > 0) await clock.sleep(Math.min(waitMs, tickMs), signal);
    if (signal.aborted || clock.now() < this.#openAtMs) return undefined;
    const controller = new AbortController();
    // Whoever asks to stop must not wait for a service that doesn't answer.
    const giveUp = () => {
      controller.abort();
    };
    signal.addEventListener('abort', giveUp, { once: true });
    this.#openAtMs = clock.now() + REOPEN_SPACING_MS;
    try {
      const body = await media.open(position.selector(), controller.signal);
      this.#session = new MediaSession(body, controller, clock);
    } catch (error) {
      this.#broken(error);
      return undefined;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
    position.opened(clock.now());
    this.#openings += 1;
    this.#judged = false;
    this.#unfinishedSeen = false;
    this.#brought = false;
    this.#malformed.opened();
    this.#silence.opened(clock.now());
    return this.#session;
  }

  async #read(session: MediaSession, signal: AbortSignal): Promise<void> {
    const { clock, position, tickMs } = this.#options;
    const beganMs = clock.now();
    try {
      const read = await session.read(tickMs, signal);
      this.#silence.listened(beganMs, clock.now(), tickMs);
      // A position that the stream doesn't know is reported with the first bytes: silence alone takes time to tell. What
      // could not be read has not been heard: once the stream has forgotten it, nothing else tells that it was there.
      if (session.ageMs >= SOUND_SESSION_MS && this.#hasCaughtUp && !this.#malformed.isPassedOver)
        position.heard(clock.now());
      if (read.kind === 'fragment') this.#take(read.fragment);
      else if (read.kind === 'end') {
        this.#silence.ended();
        this.#bodyEnded();
        if (this.#silence.spansSessions) this.#beginEarlier();
      } else if (clock.now() - session.lastChunkAtMs >= this.#options.graceMs) this.#quiet(session);
    } catch (error) {
      this.#broken(error);
    }
  }

  /** Nothing has come for the grace period. */
  #quiet(session: MediaSession): void {
    if (this.#hasTail(session) || this.#mayHaveStalled) this.#bodyEnded();
    else this.#beginEarlier();
  }

  /** Nothing at all has come: maybe the call began before the time that was asked for. */
  #beginEarlier(): void {
    if (!this.#options.position.beginEarlier()) return;
    this.#leaveSession(false);
    this.#silence.restarted();
  }

  /** Silence means that nothing has come, unless the session was about to bring what had come before. */
  get #hasCaughtUp(): boolean {
    return !this.#brought || this.#behindMs < CAUGHT_UP_MS;
  }

  get #mayHaveStalled(): boolean {
    return this.#callIsOver && this.#brought;
  }

  #take(fragment: Fragment): void {
    if (fragment.error) {
      this.#streamError(fragment.error);
      return;
    }
    this.#behindMs = fragment.millisBehindNow ?? this.#behindMs;
    this.#silence.broken(this.#options.clock.now());
    if (!isNumbered(fragment)) {
      this.#ready.push({ kind: 'lost', number: undefined, why: 'a fragment came without a number' });
      return;
    }
    if (this.#startsTooLate(fragment.number) || !this.#releaseHeld(fragment)) return;
    if (this.#isBeforePosition(fragment)) {
      this.#brought = true;
      // What this session has passed over lay before what is wanted, then.
      if (this.#malformed.isPassedOver) this.#malformed.takePassedOver(fragment.number);
      this.#options.position.sawBefore(fragment.number);
    } else if (fragment.wholeness === 'tagged') this.#deliver(fragment, false);
    else this.#held = fragment;
  }

  /** Of no interest: not ours, or handed over already. */
  #isBeforePosition({ number }: NumberedFragment): boolean {
    const { position, startFragmentNumber } = this.#options;
    return (
      number < startFragmentNumber || (position.lastNumber !== undefined && number <= position.lastNumber)
    );
  }

  #startsTooLate(number: bigint): boolean {
    if (this.#judged) return false;
    this.#judged = true;
    if (!this.#options.position.startsTooLate(number)) return false;
    this.close();
    return true;
  }

  /** An untagged fragment went before this one in the same body. @returns whether the session can go on. */
  #releaseHeld(next: NumberedFragment): boolean {
    const held = this.#held;
    if (!held) return true;
    this.#held = undefined;
    const followed = next.number > held.number;
    if (followed && held.wholeness === 'structural') {
      this.#deliver(held, false);
      return true;
    }
    this.#note(held, followed);
    if (followed && this.#unfinished?.confirmed === true) {
      // Read twice, and broken off twice in the same place with the stream going on after it: that is all there is.
      this.#deliver(this.#unfinished.fragment, true);
      return true;
    }
    this.#leaveSession(false);
    return false;
  }

  #deliver(fragment: NumberedFragment, cut: boolean): void {
    const { position } = this.#options;
    const unfinished = this.#unfinished?.fragment;
    if (unfinished && unfinished.number <= fragment.number) {
      this.#unfinished = undefined;
      // A later fragment came instead of it: it can't be read again.
      if (unfinished.number < fragment.number) this.#deliver(unfinished, true);
    }
    this.#noteHole(fragment.number);
    this.#loseMalformed(fragment.number);
    position.passed(fragment);
    this.#heard(fragment);
    this.#brought = true;
    this.#ready.push({ kind: 'fragment', fragment, cut });
    this.#afterEnd.reset();
    this.#refusals.forget();
  }

  /** Fragments may be missing before the one of this number: they were not delivered, or could not be read. */
  #noteHole(before: bigint): void {
    const { position } = this.#options;
    const malformed = this.#malformed.takePassedOver(before);
    // What came before all that is wanted is nothing to be missed.
    if (!position.isWanted(before)) return;
    const hole =
      position.holeBefore(before) ?? (malformed === undefined ? undefined : position.spanBefore(before));
    if (hole)
      this.#ready.push({ kind: 'hole', hole: { ...hole, ...(malformed !== undefined && { malformed }) } });
  }

  /** Until when all has been heard: a fragment tells how far behind the stream's head it is. */
  #heard({ millisBehindNow, serverTimestampMs }: NumberedFragment): void {
    const { clock, position } = this.#options;
    if (millisBehindNow !== undefined) position.heard(clock.now() - millisBehindNow);
    else if (serverTimestampMs !== undefined) position.heard(serverTimestampMs);
  }

  #loseMalformed(next: bigint | undefined): void {
    for (const lost of this.#malformed.takeLost(next))
      if (this.#options.position.isWanted(lost.number)) this.#ready.push({ kind: 'lost', ...lost });
  }

  #hasTail(session: MediaSession): boolean {
    return this.#held !== undefined || session.isMidway;
  }

  /** Cleanly, or it has been quiet for so long that it might as well be over. */
  #bodyEnded(): void {
    this.#leaveSession(true);
    this.#openAtMs = Math.max(this.#openAtMs, this.#options.clock.now() + this.#afterEnd.nextMs());
    if (!this.#callIsOver || this.#unfinished?.confirmed !== true) return;
    const { fragment } = this.#unfinished;
    // However often it breaks off within an element, that is no whole fragment.
    this.#deliver(fragment, fragment.wholeness === 'torn');
  }

  /** Ends the session, and notes what it had of an unfinished fragment. */
  #leaveSession(settled: boolean): void {
    const session = this.#session;
    if (!session) return;
    this.#session = undefined;
    session.close();
    if (session.ageMs >= SOUND_SESSION_MS) this.#refusals.forget();
    const tail = this.#held ?? session.tail();
    this.#held = undefined;
    if (tail && isNumbered(tail) && !this.#startsTooLate(tail.number)) this.#note(tail, settled);
  }

  #note(reading: NumberedFragment, settled: boolean): void {
    if (this.#isBeforePosition(reading)) {
      // However often it is read, it has no trailing tags: what is wanted begins behind it.
      this.#options.position.sawBefore(reading.number);
      return;
    }
    if (this.#unfinished && this.#unfinished.fragment.number !== reading.number) {
      if (reading.number < this.#unfinished.fragment.number) return;
      this.#deliver(this.#unfinished.fragment, true);
      this.#unfinished = undefined;
    }
    this.#unfinished ??= new UnfinishedFragment(reading);
    this.#unfinished.note(reading, settled);
    this.#unfinishedSeen = true;
  }

  /** A session opened after the end of the call has been quiet without showing the unfinished fragment again. */
  #settleUnread(): void {
    if (!this.#unfinished || !this.#callIsOver || this.#unfinishedSeen) return;
    if (this.#session && this.#hasTail(this.#session)) return;
    if (this.#quietForMs < this.#options.graceMs) return;
    this.#deliver(this.#unfinished.fragment, true);
  }

  #broken(error: unknown): void {
    if (error instanceof MediaError) {
      this.#leaveSession(false);
      this.#refused(error.kind, error.message);
    } else if (error instanceof MalformedError) {
      this.#leaveMalformed(error);
    } else {
      throw error;
    }
  }

  #streamError(error: StreamError): void {
    this.#leaveSession(false);
    const kind = kindOfStreamError(error.id);
    this.#refused(kind, `the stream reports error ${error.id} ${error.code}`);
  }

  #refused(kind: MediaErrorKind, why: string): void {
    const { clock, position, telemetry } = this.#options;
    this.#silence.interrupted();
    this.#refusals.note(kind, why, clock.now());
    if (kind === 'positionUnknown' && position.refused()) return;
    const waitMs = this.#refusals.nextWaitMs();
    this.#openAtMs = Math.max(this.#openAtMs, clock.now() + waitMs);
    telemetry.warn('the media stream can’t be read now', { kind, why, retryInMs: waitMs });
  }

  /** The same place malformed on every reading must not stop the call: it is passed over, and declared. */
  #leaveMalformed({ fragmentNumber: number, message: why }: MalformedError): void {
    const { clock, telemetry } = this.#options;
    if (number === undefined && this.#readOnBehind(why)) return;
    this.#held = undefined;
    this.close();
    this.#silence.interrupted();
    if (number !== undefined && this.#startsTooLate(number)) return;
    const tries = number === undefined ? undefined : this.#malformed.note({ number, why });
    this.#openAtMs = Math.max(this.#openAtMs, clock.now() + this.#refusals.nextWaitMs());
    telemetry.warn('the media body is malformed', { why, tries });
    if (number !== undefined && tries !== undefined && tries >= TRIES_BEFORE_LOST)
      this.#skip({ number, why });
  }

  /** No number tells how to go on behind it: after some tries this session does, with whatever follows it. */
  #readOnBehind(why: string): boolean {
    const tries = this.#malformed.noteNameless(why, this.#held?.number);
    if (!this.#session || tries < TRIES_BEFORE_LOST) return false;
    if (!this.#malformed.isPassedOver)
      this.#options.telemetry.warn('the media body is malformed: reading on behind that', { why, tries });
    this.#malformed.passOver();
    this.#session.passOver();
    return true;
  }

  #skip({ number, why }: Unreadable): void {
    this.#refusals.forgetWaits();
    this.#noteHole(number);
    this.#loseMalformed(number);
    if (this.#options.position.skip(number)) this.#ready.push({ kind: 'lost', number, why });
  }
}
