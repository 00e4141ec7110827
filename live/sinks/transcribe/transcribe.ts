/**
 * Has Amazon Transcribe write down what both sides say, while they say it: its final results become rows of the transcripts
 * table. Streams follow one another: each begins behind what the one before had heard of both sides, and what had been
 * said of that already is given to it as silence. Nothing is {@link TranscribeSink.safe} before its rows stand there.
 */
import { WORDS_METRICS } from '../../../contract/metrics.ts';
import { Turns } from '../../../ports/runtime/turns.ts';
import type { TranscribeResult } from '../../../ports/transcribe/transcribe.ts';
import { BYTES_PER_SAMPLE, type Channel } from '../../../recording/audio/pcm.ts';
import { BYTES_PER_FRAME } from '../../../recording/audio/stereo-window.ts';
import { recordingId } from '../../../recording/identity.ts';
import {
  speakerOf,
  type TranscriptRow,
  type UntranscribedWhy,
} from '../../../recording/transcript/segment.ts';
import type { FrameSpan } from '../../../recording/transcript/taken-back.ts';
import { TranscriptWriter } from '../../../recording/transcript/writer.ts';
import { Behind } from '../../timeline/behind.ts';
import type { GapWhy, Span } from '../../timeline/outputs.ts';
import type { AudioSink, LiveCall, LiveEnd } from '../audio-sink.ts';
import { RowWriter } from '../row-writer.ts';
import { takeBack } from '../take-back.ts';
import { Backlog } from './backlog.ts';
import { LateAudio } from './late-audio.ts';
import { LIMITS } from './limits.ts';
import type { TranscribeOptions } from './options.ts';
import { type Places, saidIn } from './results.ts';
import { Retries } from './retries.ts';
import { SaidSpans } from './said-spans.ts';
import { sessionIdOf } from './session-id.ts';
import { Stream, type StreamEnd } from './stream.ts';

export class TranscribeSink implements AudioSink {
  readonly #options: TranscribeOptions;
  readonly #backlog = new Backlog();
  readonly #said = new SaidSpans();
  readonly #retries: Retries;
  readonly #closed = new AbortController();
  readonly #rows: RowWriter;
  readonly #behind: Behind;
  #late: LateAudio | undefined;
  #writer: TranscriptWriter | undefined;
  #call: LiveCall | undefined;
  #stream: Stream | undefined;
  #running: Promise<void> = Promise.resolve();
  #failure: Error | undefined;
  /** Nothing is sent from there on: the service won't have it. */
  #refusedFrom: number | undefined;
  /** One at a time changes rows. */
  readonly #turns = new Turns();
  #given = 0;
  #unreadable = 0;

  constructor(options: TranscribeOptions) {
    this.#options = options;
    this.#rows = new RowWriter(options);
    this.#behind = new Behind(options.clock, options.telemetry, WORDS_METRICS.behindMs);
    this.#retries = new Retries(options.random);
  }

  get safe(): number {
    const heard = this.#refusedFrom ?? this.#backlog.unheardFrom ?? this.#given;
    const held = this.#writer?.heldFrom ?? Infinity;
    return Math.min(heard, held, this.#given, (this.#late?.since ?? Infinity) - 1);
  }

  async start(call: LiveCall): Promise<void> {
    const { transcripts, keepDays, patterns } = this.#options;
    const id = recordingId(call.recording);
    const { sampleRate, originMs } = call;
    const facts = { recordingId: id, source: 'transcribe', sampleRate, originMs, keepDays } as const;
    const written = await transcripts.ofRecording(id);
    this.#said.addRows(written, { originMs, sampleRate });
    this.#writer = new TranscriptWriter({ ...facts, ...(patterns && { patterns }) }, written);
    this.#late = new LateAudio(this.#backlog, sampleRate);
    this.#call = call;
    this.#given = call.startFrame;
    this.#running = this.#run(call).catch((error: unknown) => {
      this.#failure = error instanceof Error ? error : new Error('the transcription broke off');
      this.#backlog.wake();
    });
  }

  async audio(startFrame: number, stereo: Uint8Array): Promise<void> {
    await this.#room();
    this.#given = startFrame + stereo.length / BYTES_PER_FRAME;
    if (this.#refusedFrom !== undefined) await this.#tellRefused(LIMITS.refusedSecondsMax);
    else this.#late?.audio(startFrame, stereo);
  }

  async late(channel: Channel, startFrame: number, samples: Uint8Array): Promise<void> {
    await this.#room();
    if (this.#refusedFrom === undefined) this.#late?.late(channel, startFrame, samples, this.#given);
    else {
      const endFrame = startFrame + samples.length / BYTES_PER_SAMPLE;
      await this.#untranscribed(channel, { startFrame, endFrame }, 'REFUSED');
    }
  }

  async gap({ channel, startFrame, frames }: Span, why: GapWhy): Promise<void> {
    const span = { startFrame, endFrame: startFrame + frames };
    if (why === 'END') await this.#untranscribed(channel, span, this.#why);
    if (why === 'MOVED') await this.#takeBack(channel, span);
  }

  /** What was given there doesn’t belong there, nor do the words that were said of it. */
  async #takeBack(channel: Channel, span: FrameSpan): Promise<void> {
    if (this.#call === undefined) return;
    const { recording, sampleRate, originMs } = this.#call;
    this.#late?.flush();
    this.#backlog.takeBack(channel, span);
    this.#said.takeBack(channel, span);
    const speaker = speakerOf(channel);
    const whose = { recordingId: recordingId(recording), source: 'transcribe', channel: speaker } as const;
    await this.#turns.take(async () => {
      await takeBack(this.#options.transcripts, { ...whose, sampleRate, originMs }, span);
      this.#writer?.takeBack(speaker, span);
    });
  }

  async end(reason: LiveEnd): Promise<void> {
    if (this.#unreadable > 0)
      this.#options.telemetry.warn('results of Transcribe’s were refused', { results: this.#unreadable });
    // Whoever goes on begins behind what is safe; a word that is being said is not cut in two for them.
    if (this.#writer === undefined || reason !== 'ended') return;
    this.#late?.flush();
    this.#backlog.finish();
    const enough = new AbortController();
    const signal = AbortSignal.any([enough.signal, this.#closed.signal]);
    await Promise.race([
      this.#running,
      this.#options.clock.sleep(this.#options.endMs ?? LIMITS.endMs, signal),
    ]);
    enough.abort();
    if (this.#failure) throw this.#failure;
    await this.#put(this.#writer.flush());
    await this.#tellRefused(0);
    await this.#tellUnheard();
    await this.#options.events?.done();
  }

  close(): void {
    this.#closed.abort();
    this.#stream?.close();
    this.#backlog.wake();
  }

  get #why(): UntranscribedWhy {
    return this.#refusedFrom !== undefined || this.#retries.isRefused ? 'REFUSED' : 'END';
  }

  /** Waits until more may be given. What comes when it is closed is told as not written down. @throws what broke off */
  async #room(): Promise<void> {
    const { unheardBytesMax = LIMITS.unheardBytesMax } = this.#options;
    const unsentMax = LIMITS.unsentSecondsMax * (this.#call?.sampleRate ?? 0);
    const isFull = () => {
      const unsent = this.#stream?.unsent ?? this.#backlog.end - this.#backlog.heard;
      return unsent > unsentMax || this.#backlog.unheardBytes > unheardBytesMax;
    };
    while (!this.#closed.signal.aborted && this.#refusedFrom === undefined) {
      if (this.#failure) throw this.#failure;
      if (!isFull()) return;
      await this.#backlog.changed();
    }
  }

  /** Streams, one after the other, while there is something to be heard. */
  async #run(call: LiveCall): Promise<void> {
    const { clock, telemetry } = this.#options;
    const { signal } = this.#closed;
    let unanswered = 0;
    while (!signal.aborted) {
      if (this.#backlog.heard === this.#backlog.end) {
        if (this.#backlog.isOver) return;
        await this.#backlog.changed();
        continue;
      }
      const beganMs = clock.now();
      const stream: Stream = (this.#stream = this.#newStream(call, unanswered >= LIMITS.unansweredMax));
      const end: StreamEnd = await stream.run();
      this.#stream = undefined;
      if (end === 'done' || end === 'closed') return;
      if (stream.answers > 0) unanswered = 0;
      else if (end === 'hung' || end === 'dropped') unanswered += 1;
      const waitMs = this.#retries.after(end, { lastedMs: clock.now() - beganMs, answers: stream.answers });
      if (waitMs === undefined) {
        this.#refuse(end);
        return;
      }
      if (end !== 'over')
        telemetry.warn('Transcribe’s stream broke off', { code: end, waitMs: Math.round(waitMs) });
      await clock.sleep(waitMs, signal);
      // Whoever has it now may have written more of it: this one begins anew, and sees.
      if (end === 'ConflictException') throw new Error('another one transcribes the recording');
    }
  }

  #newStream(call: LiveCall, isPatient: boolean): Stream {
    const { transcribe, request, clock, pumpClock = clock, streamMs = LIMITS.streamMs } = this.#options;
    const beganMs = ((this.#backlog.unheardFrom ?? this.#given) * 1000) / call.sampleRate;
    const sessionId = sessionIdOf(call.recording, Math.floor(beganMs / streamMs));
    return new Stream({
      transcribe,
      request: { ...request, sampleRate: call.sampleRate, sessionId },
      backlog: this.#backlog,
      said: this.#said,
      clock,
      pumpClock,
      streamMs,
      isPatient,
      onResult: (result, places) => this.#take(result, places, call.sampleRate),
      onHeard: () => this.#hear(),
    });
  }

  async #take(result: TranscribeResult, places: Places, sampleRate: number): Promise<void> {
    this.#rows.begun();
    if (result.isPartial) this.#preview(result, places, sampleRate);
    else
      await this.#turns.take(async () => {
        for (const said of saidIn(result, places, sampleRate)) {
          if (said === undefined) this.#unreadable += 1;
          else {
            await this.#put(this.#writer?.say(said) ?? []);
            this.#said.add(result.channel, said);
          }
        }
      });
  }

  /** Nobody keeps it. */
  #preview(result: TranscribeResult, places: Places, sampleRate: number): void {
    const { events } = this.#options;
    if (events?.tellsPartials !== true || this.#writer === undefined) return;
    for (const said of saidIn(result, places, sampleRate))
      if (said !== undefined) events.partial(this.#writer.preview(said));
  }

  async #hear(): Promise<void> {
    this.#late?.heard();
    this.#behind.note(this.#backlog.unheardFrom ?? this.#given, this.#call);
    const { safe } = this;
    await this.#put(this.#writer?.heardUpTo(safe) ?? []);
    this.#said.forget(safe - (this.#call?.sampleRate ?? 0));
  }

  /** What no retry can mend. */
  #refuse(code: string): void {
    const error = new Error('Transcribe refuses the call as it is set up');
    this.#options.telemetry.error('nothing of the rest of the call is transcribed', error, { code });
    this.#refusedFrom = Math.min(this.#backlog.unheardFrom ?? this.#given, this.#late?.since ?? Infinity);
    this.#backlog.wake();
  }

  async #tellRefused(secondsMin: number): Promise<void> {
    const [startFrame, call] = [this.#refusedFrom, this.#call];
    if (startFrame === undefined || call === undefined) return;
    const endFrame = this.#given;
    if (endFrame - startFrame <= secondsMin * call.sampleRate) return;
    for (const channel of [0, 1] as const)
      await this.#untranscribed(channel, { startFrame, endFrame }, 'REFUSED');
    this.#refusedFrom = endFrame;
  }

  /** The call is over, and so is the time that there was for what hasn't been heard. */
  async #tellUnheard(): Promise<void> {
    if (this.#refusedFrom !== undefined) return;
    const from = this.#backlog.unheardFrom ?? this.#given;
    for (const channel of [0, 1] as const)
      await this.#untranscribed(channel, { startFrame: from, endFrame: this.#given }, this.#why);
    for (const { channel, ...span } of this.#backlog.unheardLate)
      await this.#untranscribed(channel, span, this.#why);
  }

  /** What of a span has been said is no part of it. */
  async #untranscribed(channel: Channel, span: FrameSpan, why: UntranscribedWhy): Promise<void> {
    const { startFrame, endFrame } = span;
    const saidUpTo = this.#said.endOf(channel);
    const from = saidUpTo < endFrame ? Math.max(startFrame, saidUpTo) : startFrame;
    if (this.#writer === undefined || from >= endFrame) return;
    await this.#put([this.#writer.untranscribed(speakerOf(channel), { startFrame: from, endFrame }, why)]);
  }

  async #put(rows: readonly TranscriptRow[]): Promise<void> {
    for (const row of rows) await this.#rows.put(row);
  }
}
