/**
 * One stream of Twilio's Media Streams, both tracks: 20 ms of µ-law a message. Timestamps are the WAV's, in ms; so a stream
 * that goes on where another one stopped begins at its own time, and what is left out is a jump.
 */
import type { Clock } from '../../../../ports/runtime/clock.ts';
import { muLaw } from '../../../../recording/audio/mulaw.ts';
import { BYTES_PER_FRAME } from '../../../../recording/audio/stereo-window.ts';
import type { Connection } from '../server/connection.ts';
import { Receipts } from '../server/receipts.ts';
import { ServerBrokeOff, type Session } from '../server/session.ts';

export const SAMPLE_RATE = 8_000;
const CHUNK_FRAMES = 0.02 * SAMPLE_RATE;
/** By channel: what comes from the customer, and what goes to them. */
const TRACKS = ['inbound', 'outbound'] as const;

export interface StreamStart {
  readonly accountSid: string;
  readonly callSid: string;
  readonly customParameters: Readonly<Record<string, string>>;
}

export class TwilioSession implements Session {
  /** The protocol has no word for it. */
  readonly wantsReconnect = false;
  readonly #streamSid: string;
  readonly #connection: Connection;
  readonly #receipts: Receipts;
  #start: StreamStart | undefined;
  #sequenceNumber = 0;
  #chunk = 0;
  #pings = 0;
  /** What doesn't fill a message yet, and its first frame. */
  #rest = new Uint8Array();
  #restFrame: number;
  #failure: Error | undefined;

  /** @param startFrame what is before it has been given to somebody else */
  constructor(streamSid: string, connection: Connection, clock: Clock, startFrame: number) {
    this.#streamSid = streamSid;
    this.#connection = connection;
    this.#restFrame = startFrame;
    this.#receipts = new Receipts({
      clock,
      sampleRate: SAMPLE_RATE,
      startFrame,
      ask: () => {
        this.#pings += 1;
        connection.ping(String(this.#pings));
        return this.#pings;
      },
      onSilence: () => {
        this.close();
      },
    });
    connection.handlers = {
      // What a server sends is to be played to somebody: nothing here is.
      onPong: (data) => this.#receipts.answered(Number(data)),
      onEnd: (error) => {
        this.#fail(error);
      },
    };
  }

  get heard(): number {
    return this.#receipts.heard;
  }

  async open(start: StreamStart): Promise<void> {
    this.#start = start;
    await this.#connection.send(JSON.stringify({ event: 'connected', protocol: 'Call', version: '1.0.0' }));
    await this.#tell('start', {
      streamSid: this.#streamSid,
      ...start,
      tracks: TRACKS,
      mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: SAMPLE_RATE, channels: 1 },
    });
    void this.#receipts.keepAsking();
  }

  async audio(startFrame: number, stereo: Uint8Array): Promise<void> {
    this.#unlessOver();
    if (startFrame !== this.#nextFrame) await this.#flush(startFrame);
    const whole = this.#rest.length === 0 ? stereo : Buffer.concat([this.#rest, stereo]);
    let at = 0;
    for (const size = CHUNK_FRAMES * BYTES_PER_FRAME; whole.length - at >= size; at += size) {
      await this.#send(whole.subarray(at, at + size));
      await this.#receipts.sent(this.#restFrame);
      this.#unlessOver();
    }
    // A copy: it must not keep all the rest from being freed.
    this.#rest = Uint8Array.from(whole.subarray(at));
  }

  async leaveOut(startFrame: number, frames: number): Promise<void> {
    this.#unlessOver();
    await this.#flush(startFrame + frames);
    this.#receipts.leftOut(this.#restFrame);
  }

  async end(): Promise<void> {
    this.#unlessOver();
    this.#receipts.stop();
    await this.#flush(this.#nextFrame);
    const { accountSid, callSid } = this.#start ?? {};
    await this.#tell('stop', { accountSid, callSid });
    await this.#connection.close();
    this.#receipts.leftOut(this.#restFrame);
    this.#receipts.all();
  }

  close(): void {
    this.#fail(new ServerBrokeOff('the stream was closed'));
    this.#connection.terminate();
  }

  get #nextFrame(): number {
    return this.#restFrame + this.#rest.length / BYTES_PER_FRAME;
  }

  /** The last message before an end or a jump may be shorter than 20 ms: nothing is added to what was said. */
  async #flush(goOnAt: number): Promise<void> {
    if (this.#rest.length > 0) await this.#send(this.#rest);
    this.#rest = new Uint8Array();
    this.#restFrame = goOnAt;
  }

  /** @param stereo what begins at {@link #restFrame} */
  async #send(stereo: Uint8Array): Promise<void> {
    const timestamp = String(Math.floor((this.#restFrame * 1000) / SAMPLE_RATE));
    this.#restFrame += stereo.length / BYTES_PER_FRAME;
    for (const [channel, track] of TRACKS.entries()) {
      this.#chunk += 1;
      const payload = Buffer.from(muLaw(stereo, channel, TRACKS.length)).toString('base64');
      await this.#tell('media', { track, chunk: String(this.#chunk), timestamp, payload });
    }
  }

  async #tell(event: string, content: Readonly<Record<string, unknown>>): Promise<void> {
    this.#sequenceNumber += 1;
    await this.#connection.send(
      JSON.stringify({
        event,
        sequenceNumber: String(this.#sequenceNumber),
        [event]: content,
        streamSid: this.#streamSid,
      }),
    );
  }

  #unlessOver(): void {
    if (this.#failure) throw this.#failure;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#receipts.stop();
  }
}
