/**
 * One AudioHook session. Every message tells a position: how much of the call's audio has been sent, or told as discarded,
 * from the WAV's frame 0 on; so that a server that counts comes to the same.
 */
import type { Clock } from '../../../../ports/runtime/clock.ts';
import { BYTES_PER_FRAME } from '../../../../recording/audio/stereo-window.ts';
import { ListenerLeft } from '../../audio-sink.ts';
import type { Connection } from '../server/connection.ts';
import { Receipts } from '../server/receipts.ts';
import { ServerBrokeOff, ServerRefused, type Session, type SessionEnd } from '../server/session.ts';
import { Conversation } from './conversation.ts';
import { encoded, isOffered, type Media, SAMPLE_RATE } from './media.ts';
import {
  type ClientParameters,
  type CloseReason,
  durationOf,
  type Opened,
  type OpenParameters,
  type Understood,
} from './messages.ts';

const OPEN_MS = 10_000;
const CLOSE_MS = 5_000;
/** Audio in a message. */
const CHUNK_BYTES = 0.2 * SAMPLE_RATE * BYTES_PER_FRAME;
/** Normal, and without a code. */
const GOOD_CLOSES: ReadonlySet<number | undefined> = new Set([1_000, 1_005]);

export class AudioHookSession implements Session {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #receipts: Receipts;
  readonly #conversation: Conversation;
  #media: Media | undefined;
  /** One past the last frame that was sent, or told as discarded. */
  #position = 0;
  /** One past the last frame that was sent, or is left out: that is told before anything else is sent. */
  #given: number;
  #discardTo = 0;
  #isPaused = false;
  #wantsReconnect = false;
  #opened: Opened | undefined;
  #isClosed = false;
  #closing: Promise<void> | undefined;
  #failure: Error | undefined;
  /** Aborted when what is waited for (`opened`, `closed`) has come, or won't. */
  #answer = new AbortController();

  /** @param startFrame what is before it has been given to somebody else */
  constructor(id: string, connection: Connection, clock: Clock, startFrame: number) {
    this.#conversation = new Conversation(id, connection, () => this.#position);
    this.#connection = connection;
    this.#clock = clock;
    this.#given = startFrame;
    this.#receipts = new Receipts({
      clock,
      sampleRate: SAMPLE_RATE,
      startFrame,
      ask: () => this.#ping(),
      onSilence: () => {
        this.#conversation.complain(408, 'no pong');
        this.#fail(new ServerBrokeOff('the server answers no more'));
        connection.terminate();
      },
    });
    connection.handlers = {
      onText: (text) => {
        this.#receive(text);
      },
      onBinary: () => {
        this.#conversation.complain(415, 'binary messages are not taken');
      },
      onEnd: (error) => {
        this.#fail(error);
      },
    };
  }

  get heard(): number {
    return this.#receipts.heard;
  }

  get wantsReconnect(): boolean {
    return this.#wantsReconnect;
  }

  /** For a session that goes on where this one stopped. */
  get continued(): Conversation['continued'] {
    return this.#conversation.continued;
  }

  /** @throws ServerRefused, ServerBrokeOff; ListenerLeft where the server takes no audio */
  async open(parameters: OpenParameters): Promise<void> {
    await this.#conversation.tell('open', parameters);
    await this.#clock.sleep(OPEN_MS, this.#answer.signal);
    await this.#unlessOver();
    if (this.#opened === undefined) {
      this.#conversation.complain(408, 'not opened in time');
      throw new ServerBrokeOff('the server opened no session');
    }
    if (this.#opened.media.length === 0) {
      await this.#shut('end').catch(() => undefined);
      throw new ListenerLeft('the server takes no audio');
    }
    if (this.#media === undefined) {
      this.#conversation.complain(400, 'one of the offered media must be chosen');
      await this.#shut('error').catch(() => undefined);
      throw new ServerBrokeOff('the server chose media that were not offered');
    }
    void this.#receipts.keepAsking();
  }

  async audio(startFrame: number, stereo: Uint8Array): Promise<void> {
    await this.#unlessOver();
    const media = this.#media;
    if (media === undefined) throw new Error('the session has not been opened');
    const skipped = Math.min(Math.max(this.#discardTo - startFrame, 0), stereo.length / BYTES_PER_FRAME);
    this.#given = startFrame + skipped;
    for (let at = skipped * BYTES_PER_FRAME; at < stereo.length; at += CHUNK_BYTES) {
      const chunk = stereo.subarray(at, at + CHUNK_BYTES);
      const frames = chunk.length / BYTES_PER_FRAME;
      // A server may pause it at any time.
      if (this.#isPaused) this.#given += frames;
      else await this.#send(encoded(chunk, media), frames);
    }
    this.#receipts.leftOut(this.#given);
    await this.#unlessOver();
  }

  async leaveOut(startFrame: number, frames: number): Promise<void> {
    await this.#unlessOver();
    this.#given = startFrame + frames;
    this.#receipts.leftOut(this.#given);
  }

  async end(reason: SessionEnd): Promise<void> {
    if (this.#failure && !this.#closing) throw this.#failure;
    await this.#shut(reason === 'ended' ? 'end' : 'reconnect');
  }

  close(): void {
    this.#fail(new ServerBrokeOff('the session was closed'));
    this.#connection.terminate();
  }

  async #send(bytes: Uint8Array, frames: number): Promise<void> {
    // At once, both: nothing may come between, such as that it is paused.
    const told = this.#declare();
    this.#given += frames;
    this.#position = this.#given;
    await Promise.all([told, this.#connection.send(bytes)]);
    await this.#receipts.sent(this.#given);
    await this.#unlessOver();
  }

  /** Tells what was left out. While it is paused, that is told when it goes on. */
  async #declare(): Promise<void> {
    const leftOut = this.#takeLeftOut();
    if (leftOut) await this.#conversation.tell('discarded', leftOut);
  }

  #takeLeftOut(): ClientParameters['discarded'] | undefined {
    const [from, to] = [this.#position, this.#given];
    if (to <= from) return undefined;
    this.#position = to;
    return { start: durationOf(from), discarded: durationOf(to - from) };
  }

  async #pause(): Promise<void> {
    const told = this.#isPaused ? undefined : this.#declare();
    this.#isPaused = true;
    await Promise.all([told, this.#conversation.tell('paused', {})]);
  }

  async #resume(): Promise<void> {
    this.#isPaused = false;
    const none = { start: durationOf(this.#position), discarded: durationOf(0) };
    await this.#conversation.tell('resumed', this.#takeLeftOut() ?? none);
  }

  #ping(): number {
    const { answerMs } = this.#receipts;
    void this.#conversation
      .tell('ping', answerMs === undefined ? {} : { rtt: `PT${answerMs / 1000}S` })
      .catch(() => undefined);
    return this.#conversation.seq;
  }

  #receive(text: string): void {
    const message = this.#conversation.take(text);
    if (message === undefined) return;
    this.#receipts.answered(message.clientSeq);
    if (message.understood) this.#understand(message.understood);
  }

  #understand(message: Understood): void {
    switch (message.type) {
      case 'opened':
        this.#begin(message.parameters);
        return;
      case 'closed':
        this.#isClosed = this.#closing !== undefined;
        if (this.#isClosed) this.#answer.abort();
        return;
      case 'disconnect':
        void this.#leave(message.parameters.reason);
        return;
      case 'pause':
        if (this.#isOpen) void this.#pause().catch(() => undefined);
        return;
      case 'resume':
        if (this.#isOpen) void this.#resume().catch(() => undefined);
        return;
      case 'reconnect':
        this.#wantsReconnect = true;
        return;
      case 'pong':
        return;
    }
  }

  /** At once: what the server sends next, such as `pause`, is of an open session. */
  #begin(opened: Opened): void {
    if (this.#opened) return;
    this.#opened = opened;
    const [chosen, ...others] = opened.media;
    if (chosen !== undefined && others.length === 0 && isOffered(chosen)) {
      this.#media = chosen;
      this.#discardTo = opened.discardTo ?? 0;
      if (opened.startPaused) void this.#pause().catch(() => undefined);
    }
    this.#answer.abort();
  }

  /** The server wants no more of this session. */
  async #leave(reason: 'completed' | 'unauthorized' | 'error'): Promise<void> {
    const error = {
      completed: () => new ListenerLeft('the server has heard enough'),
      unauthorized: () => new ServerRefused('the server doesn’t know the API key'),
      error: () => new ServerBrokeOff('the server disconnected'),
    }[reason]();
    this.#failure ??= error;
    await this.#shut('disconnect').catch(() => undefined);
  }

  get #isOpen(): boolean {
    return this.#media !== undefined && this.#closing === undefined && this.#failure === undefined;
  }

  #shut(reason: CloseReason): Promise<void> {
    return (this.#closing ??= this.#closeTransaction(reason));
  }

  async #closeTransaction(reason: CloseReason): Promise<void> {
    this.#answer.abort();
    this.#answer = new AbortController();
    this.#receipts.stop();
    await this.#declare();
    await this.#conversation.tell('close', { reason });
    await this.#clock.sleep(CLOSE_MS, this.#answer.signal);
    if (!this.#isClosed) this.#conversation.complain(408, 'not closed in time');
    try {
      await this.#connection.close();
    } catch (error) {
      const isGood = error instanceof ServerBrokeOff && GOOD_CLOSES.has(error.code);
      if (!this.#isClosed && !isGood) throw error;
    }
    this.#receipts.all();
  }

  async #unlessOver(): Promise<void> {
    await this.#closing?.catch(() => undefined);
    if (this.#failure) throw this.#failure;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#receipts.stop();
    this.#answer.abort();
  }
}
