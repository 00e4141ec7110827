/**
 * A WebSocket server as a sink: this is the client, so that nothing is reachable from outside. What a server hasn't heard
 * for sure when it breaks off is given again, at the same positions, to the connection that comes after it.
 */
import type { Clock } from '../../../ports/runtime/clock.ts';
import type { Telemetry } from '../../../ports/runtime/telemetry.ts';
import { BYTES_PER_SAMPLE, type Channel } from '../../../recording/audio/pcm.ts';
import { BYTES_PER_FRAME } from '../../../recording/audio/stereo-window.ts';
import type { GapWhy, Span } from '../../timeline/outputs.ts';
import { type AudioSink, ListenerLeft, type LiveCall, type LiveEnd } from '../audio-sink.ts';
import type { CallFactsReader } from './server/call-facts.ts';
import { type KeptCredentials, SecretUnusable } from './server/credentials.ts';
import { type Dialect, ServerBrokeOff, ServerRefused, type Session } from './server/session.ts';

export interface WebSocketSinkOptions {
  readonly url: string;
  readonly dialect: Dialect;
  readonly credentials: KeptCredentials;
  readonly facts: CallFactsReader;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, 'info' | 'warn' | 'error'>;
  /** What is older than this when it could be sent is left out, and told; undefined: everything is sent. */
  readonly behindMs?: number | undefined;
}

export class WebSocketSink implements AudioSink {
  readonly #options: WebSocketSinkOptions;
  readonly #closing = new AbortController();
  #call: LiveCall | undefined;
  #session: Session | undefined;
  #safe = 0;
  #isSkipping = false;
  /** Frames that the dialect has no word for, or that were left out. */
  #untold = { late: 0, moved: 0, skipped: 0 };

  constructor(options: WebSocketSinkOptions) {
    this.#options = options;
  }

  get safe(): number {
    return Math.max(this.#safe, this.#session?.heard ?? 0);
  }

  async start(call: LiveCall): Promise<void> {
    const { dialect, telemetry } = this.#options;
    this.#call = call;
    this.#safe = call.startFrame;
    if (call.sampleRate !== dialect.sampleRate) {
      const error = new ListenerLeft('the dialect takes audio of another sample rate alone');
      telemetry.error('the call can’t be given to the WebSocket server', error, {
        dialect: dialect.name,
        sampleRate: call.sampleRate,
        taken: dialect.sampleRate,
      });
      throw error;
    }
    this.#session = await this.#open(call);
  }

  async audio(startFrame: number, stereo: Uint8Array): Promise<void> {
    const frames = stereo.length / BYTES_PER_FRAME;
    const session = await this.#sessionFor(startFrame);
    await this.#noting(async () => {
      if (!this.#isBehind(startFrame)) return session.audio(startFrame, stereo);
      this.#untold.skipped += frames;
      await session.leaveOut(startFrame, frames);
    });
  }

  /** Where silence was sent, and neither dialect can take that back. */
  late(_channel: Channel, _startFrame: number, samples: Uint8Array): Promise<void> {
    this.#untold.late += samples.length / BYTES_PER_SAMPLE;
    return Promise.resolve();
  }

  /** Silence is sent as silence. What isn't given any more is told of both sides together. */
  async gap({ channel, startFrame, frames }: Span, why: GapWhy): Promise<void> {
    if (why === 'MOVED') this.#untold.moved += frames;
    if (why !== 'END' || channel !== 0) return;
    this.#untold.skipped += frames;
    await this.#session?.leaveOut(startFrame, frames);
  }

  async end(reason: LiveEnd): Promise<void> {
    const session = this.#session;
    if (session === undefined) return;
    await this.#noting(() => session.end(reason === 'stopped' ? 'moved' : 'ended'));
  }

  close(): void {
    if (this.#closing.signal.aborted) return;
    this.#safe = this.safe;
    this.#closing.abort();
    this.#session?.close();
    const { late, moved, skipped } = this.#untold;
    if (late + moved + skipped > 0)
      this.#options.telemetry.warn('frames that the WebSocket server was not given, or not as they are', {
        late,
        moved,
        skipped,
      });
  }

  /** The one that is open, or, where its server asks for that, a new one. */
  async #sessionFor(startFrame: number): Promise<Session> {
    const [session, call] = [this.#session, this.#call];
    if (session === undefined || call === undefined) throw new Error('the sink has not been started');
    if (!session.wantsReconnect) return session;
    await this.#noting(() => session.end('moved'));
    this.#safe = this.safe;
    this.#session = undefined;
    return (this.#session = await this.#open({ ...call, startFrame }));
  }

  async #open(call: LiveCall): Promise<Session> {
    const { dialect, url, credentials, facts } = this.#options;
    return this.#noting(async () => {
      const request = {
        url,
        call,
        facts: await facts.of(call.recording),
        credentials: await credentials.get(),
      };
      const session = await dialect.open(request, this.#closing.signal);
      if (this.#closing.signal.aborted) session.close();
      return session;
    });
  }

  /** The secret is read anew once a server refuses it, or it can't be used. */
  async #noting<T>(work: () => Promise<T>): Promise<T> {
    const { dialect, credentials, telemetry } = this.#options;
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ServerBrokeOff)) credentials.forget();
      if (
        error instanceof ServerBrokeOff ||
        error instanceof ServerRefused ||
        error instanceof SecretUnusable
      )
        telemetry.warn('the WebSocket server can’t be given the call now', {
          dialect: dialect.name,
          what: error.message,
          ...(error instanceof ServerBrokeOff && { code: error.code }),
        });
      throw error;
    }
  }

  /** Once it is too far behind, it goes on with what is half as old. */
  #isBehind(startFrame: number): boolean {
    const { behindMs, clock } = this.#options;
    if (behindMs === undefined || this.#call === undefined) return false;
    const { originMs, sampleRate } = this.#call;
    const ageMs = clock.now() - originMs - (startFrame * 1000) / sampleRate;
    this.#isSkipping = ageMs > (this.#isSkipping ? behindMs / 2 : behindMs);
    return this.#isSkipping;
  }
}
