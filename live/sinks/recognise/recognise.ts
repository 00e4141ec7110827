/**
 * Has a program write down what both sides say, while they say it. It is told as `exec` and `socket` tell (messages.ts), and
 * answers by lines (recording/transcript/said.ts); its final words become rows of the transcripts table as they come.
 *
 * Nothing is {@link RecogniseSink.safe} before the rows of all that was said before it stand there: so a program that dies, or
 * hangs, is given again what follows its last final words, and a word that it says again is there already.
 */
import { WORDS_METRICS } from '../../../contract/metrics.ts';
import { Turns } from '../../../ports/runtime/turns.ts';
import type { Channel } from '../../../recording/audio/pcm.ts';
import { BYTES_PER_FRAME } from '../../../recording/audio/stereo-window.ts';
import { recordingId } from '../../../recording/identity.ts';
import {
  isHeard,
  parseSaid,
  SAID_LINE_BYTES_MAX,
  type SaidUtterance,
} from '../../../recording/transcript/said.ts';
import {
  type Speaker,
  speakerOf,
  SPEAKERS,
  type TranscriptRow,
} from '../../../recording/transcript/segment.ts';
import type { FrameSpan } from '../../../recording/transcript/taken-back.ts';
import { TranscriptWriter, utteranceWithout } from '../../../recording/transcript/writer.ts';
import { Behind } from '../../timeline/behind.ts';
import type { GapWhy, Span } from '../../timeline/outputs.ts';
import type { AudioSink, LiveCall, LiveEnd } from '../audio-sink.ts';
import { linesOf } from '../lines.ts';
import { audioMessage, endMessage, gapMessage, lateMessage, startMessage } from '../messages.ts';
import { RowWriter } from '../row-writer.ts';
import { takeBack } from '../take-back.ts';
import type { RecogniseOptions } from './options.ts';
import type { Talker } from './talker.ts';

/** The recorder waits for its listeners for 20 s when a call is over. */
const END_MS = 18_000;

export class RecogniseSink implements AudioSink {
  readonly #talker: Talker;
  readonly #options: RecogniseOptions;
  readonly #closed = new AbortController();
  /** Rejects when the program can't be talked to any more. */
  readonly #failed: Promise<never>;
  #fail: (error: Error) => void = () => undefined;
  #hasFailed = false;
  readonly #rows: RowWriter;
  readonly #behind: Behind;
  #writer: TranscriptWriter | undefined;
  #call: LiveCall | undefined;
  #reading: Promise<void> = Promise.resolve();
  /** One at a time changes rows. */
  readonly #turns = new Turns();
  /** What is said of these was heard where it doesn't belong, until that much of what came late has been dealt with. */
  #moved: { readonly channel: Speaker; readonly span: FrameSpan; readonly until: number }[] = [];
  #written = 0;
  #heard = 0;
  #lateGiven = 0;
  #lateHeard = 0;
  /** Where audio was given when the first late block came that hasn't been dealt with. */
  #lateSince: number | undefined;
  /** The beginning of what is being left out. */
  #skippedFrom: number | undefined;
  #aliveMs: number;
  #refused = 0;

  constructor(talker: Talker, options: RecogniseOptions) {
    this.#talker = talker;
    this.#options = options;
    this.#rows = new RowWriter(options);
    this.#behind = new Behind(options.clock, options.telemetry, WORDS_METRICS.behindMs);
    this.#aliveMs = options.clock.now();
    this.#failed = new Promise((_, reject) => {
      this.#fail = (error) => {
        this.#hasFailed = true;
        reject(error);
      };
    });
    this.#failed.catch(() => undefined);
    talker.done.catch((error: unknown) => {
      this.#fail(error instanceof Error ? error : new Error('the recogniser broke off'));
    });
  }

  get safe(): number {
    const heard = Math.min(this.#heard, this.#written, this.#skippedFrom ?? Infinity);
    const held = this.#writer?.heldFrom ?? Infinity;
    return Math.min(heard, held, (this.#lateSince ?? Infinity) - 1);
  }

  async start(call: LiveCall): Promise<void> {
    const { transcripts, keepDays, patterns } = this.#options;
    const id = recordingId(call.recording);
    const { sampleRate, originMs } = call;
    const facts = { recordingId: id, source: 'recognise', sampleRate, originMs, keepDays } as const;
    const written = await transcripts.ofRecording(id);
    this.#writer = new TranscriptWriter({ ...facts, ...(patterns && { patterns }) }, written);
    this.#call = call;
    this.#written = this.#heard = call.startFrame;
    this.#aliveMs = this.#options.clock.now();
    this.#reading = this.#read(this.#writer);
    this.#reading.catch(this.#fail);
    void this.#watch();
    await this.#write(startMessage(call, this.#options.language));
  }

  async audio(startFrame: number, stereo: Uint8Array): Promise<void> {
    const end = startFrame + stereo.length / BYTES_PER_FRAME;
    this.#behind.note(this.#heard, this.#call);
    if (this.#isBehind(startFrame)) {
      this.#skippedFrom ??= startFrame;
      const frames = end - startFrame;
      for (const channel of [0, 1] as const)
        await this.#write(gapMessage({ channel, startFrame, frames }, 'DROPPED'));
      await this.#write(audioMessage(startFrame, new Uint8Array(stereo.length)));
    } else {
      await this.#tellSkipped(startFrame);
      await this.#write(audioMessage(startFrame, stereo));
    }
    this.#written = end;
  }

  async late(channel: Channel, startFrame: number, samples: Uint8Array): Promise<void> {
    this.#lateSince ??= this.#written;
    this.#lateGiven += 1;
    await this.#write(lateMessage(channel, startFrame, samples));
  }

  async gap(span: Span, why: GapWhy): Promise<void> {
    if (why === 'END') {
      const { channel, startFrame, frames } = span;
      const ended = { startFrame, endFrame: startFrame + frames };
      await this.#put([this.#known.untranscribed(speakerOf(channel), ended, 'END')]);
    }
    if (why === 'MOVED') await this.#takeBack(span);
    else await this.#write(gapMessage(span, why));
  }

  /** What was given there doesn’t belong there, nor do the words that were said of it. */
  async #takeBack(span: Span): Promise<void> {
    const { transcripts } = this.#options;
    if (this.#call === undefined) return;
    const { recording, sampleRate, originMs } = this.#call;
    const channel = speakerOf(span.channel);
    const { startFrame } = span;
    const frames = { startFrame, endFrame: startFrame + span.frames };
    this.#lateSince ??= this.#written;
    this.#lateGiven += 1;
    this.#moved.push({ channel, span: frames, until: this.#lateGiven });
    await this.#write(gapMessage(span, 'MOVED'));
    await this.#turns.take(async () => {
      const whose = { recordingId: recordingId(recording), source: 'recognise', channel } as const;
      await takeBack(transcripts, { ...whose, sampleRate, originMs }, frames);
      this.#known.takeBack(channel, frames);
    });
  }

  /** @throws when the program broke off before it had said all: then it is given the rest again */
  async end(reason: LiveEnd): Promise<void> {
    const { clock, telemetry } = this.#options;
    if (this.#refused > 0) telemetry.warn('lines of the recogniser’s were refused', { lines: this.#refused });
    if (this.#writer === undefined) return;
    await this.#tellSkipped(this.#written);
    await this.#write(endMessage(reason));
    this.#talker.told.end();
    const enough = new AbortController();
    const late = clock.sleep(this.#options.endMs ?? END_MS, enough.signal).then(() => true);
    const done = Promise.all([this.#reading, this.#talker.done]).then(() => false);
    const isLate = await Promise.race([done, late, this.#failed]);
    enough.abort();
    if (reason !== 'ended') return;
    await this.#put(this.#writer.flush());
    if (isLate) await this.#tellEnd();
    await this.#options.events?.done();
  }

  close(): void {
    this.#closed.abort();
    this.#talker.close();
  }

  get #known(): TranscriptWriter {
    if (this.#writer === undefined) throw new Error('the sink has not been started');
    return this.#writer;
  }

  async #read(writer: TranscriptWriter): Promise<void> {
    for await (const line of linesOf(this.#talker.said, SAID_LINE_BYTES_MAX)) {
      const said = line === undefined ? undefined : parseSaid(line);
      this.#aliveMs = this.#options.clock.now();
      if (said !== undefined) this.#rows.begun();
      if (said === undefined) this.#refused += 1;
      else if (isHeard(said)) {
        await this.#turns.take(() => this.#put(writer.heardUpTo(Math.min(said.heard, this.#written))));
        this.#takeHeard(said.heard, said.late ?? 0);
      } else if (said.final && said.endFrame <= this.#written)
        await this.#turns.take(() => this.#put(this.#wherePossible(said).flatMap((one) => writer.say(one))));
      else if (said.final) this.#refused += 1;
      else this.#preview(writer, said);
    }
  }

  /** Nobody keeps it. */
  #preview(writer: TranscriptWriter, said: SaidUtterance): void {
    const { events } = this.#options;
    if (events?.tellsPartials !== true || said.endFrame > this.#written) return;
    for (const one of this.#wherePossible(said)) events.partial(writer.preview(one));
  }

  #wherePossible(said: SaidUtterance): SaidUtterance[] {
    const moved = this.#moved.filter(({ channel }) => channel === said.channel);
    return utteranceWithout(
      said,
      moved.map(({ span }) => span),
    );
  }

  #takeHeard(heard: number, late: number): void {
    this.#heard = Math.max(this.#heard, Math.min(heard, this.#written));
    this.#behind.note(this.#heard, this.#call);
    this.#lateHeard = Math.max(this.#lateHeard, Math.min(late, this.#lateGiven));
    this.#moved = this.#moved.filter(({ until }) => until > this.#lateHeard);
    if (this.#lateHeard === this.#lateGiven) this.#lateSince = undefined;
  }

  async #put(rows: readonly TranscriptRow[]): Promise<void> {
    for (const row of rows) {
      await this.#rows.put(row);
      this.#aliveMs = this.#options.clock.now();
    }
  }

  /** Has a program that hangs begun anew. */
  async #watch(): Promise<void> {
    const { clock, hungMs } = this.#options;
    const { signal } = this.#closed;
    while (!signal.aborted) {
      await clock.sleep(hungMs / 4, signal);
      const isIdle = this.#heard >= this.#written && this.#lateSince === undefined;
      if (isIdle || clock.now() - this.#aliveMs < hungMs) continue;
      this.#fail(new Error('the recogniser hangs'));
      return;
    }
  }

  #isBehind(startFrame: number): boolean {
    const { lag, clock } = this.#options;
    if (!lag || !this.#call) return false;
    const { originMs, sampleRate } = this.#call;
    const spokenMs = originMs + (startFrame * 1000) / sampleRate;
    return lag.isBehind(clock.now() - spokenMs, ((startFrame - this.#heard) * 1000) / sampleRate);
  }

  /** What was left out up to that frame is told. */
  async #tellSkipped(endFrame: number): Promise<void> {
    const startFrame = this.#skippedFrom;
    if (startFrame === undefined) return;
    const span = { startFrame, endFrame };
    await this.#put(SPEAKERS.map((speaker) => this.#known.untranscribed(speaker, span, 'BEHIND')));
    this.#skippedFrom = undefined;
  }

  /** The call is over, and so is the time that there was for what hasn't been heard. */
  async #tellEnd(): Promise<void> {
    const span = { startFrame: this.#heard, endFrame: this.#written };
    if (span.startFrame >= span.endFrame) return;
    await this.#put(SPEAKERS.map((speaker) => this.#known.untranscribed(speaker, span, 'END')));
  }

  /** Resolves when there is room for more. @throws when the program can't be talked to any more */
  async #write(bytes: Uint8Array): Promise<void> {
    const { told, done } = this.#talker;
    if (this.#hasFailed) await this.#failed;
    const taken = new Promise<void>((resolve) => {
      if (told.write(bytes)) resolve();
      else told.once('drain', resolve);
    });
    const left = done.then(() => {
      throw new Error('the recogniser left before the end');
    });
    left.catch(() => undefined);
    await Promise.race([taken, left, this.#failed]);
  }
}
