/**
 * A WAV of each second or so in S3, both sides, named by its first frame. What a piece is silent of is told in its
 * metadata (`gaps`: `<channel>:<why>:<first frame>+<frames>`, separated by blanks). A side that comes after its piece has
 * been written has a piece of its own; what is told of one that has been written, an object of its own.
 * Writing one again gives the same object.
 */
import type { LiveObjects } from '../../ports/live-objects/live-objects.ts';
import { wavHeader } from '../../recording/audio/format/wav/header.ts';
import type { Channel } from '../../recording/audio/pcm.ts';
import { BYTES_PER_FRAME } from '../../recording/audio/stereo-window.ts';
import { latePieceKey, liveGapKey, livePieceKey } from '../../recording/tape/live-keys.ts';
import type { GapWhy, Span } from '../timeline/outputs.ts';
import type { AudioSink, LiveCall, LiveEnd } from './audio-sink.ts';

/** Gaps may take so much of S3's 2 KB of metadata; a piece has a gap or two. */
const GAPS_LENGTH_MAX = 1_500;

export class PiecesSink implements AudioSink {
  readonly #objects: LiveObjects;
  readonly #pieceSeconds: number;
  #call: LiveCall | undefined;
  /** The piece that is being filled: its first frame, and what there is of it. */
  #first = 0;
  #parts: Uint8Array[] = [];
  #frames = 0;
  #gaps: { readonly span: Span; readonly why: GapWhy }[] = [];

  /** @param pieceSeconds audio in a piece */
  constructor(objects: LiveObjects, pieceSeconds = 1) {
    this.#objects = objects;
    this.#pieceSeconds = pieceSeconds;
  }

  /** What has been gathered of a piece is lost with this program. */
  get safe(): number {
    return this.#first;
  }

  start(call: LiveCall): Promise<void> {
    this.#call = call;
    // The piece that begins before it has been written.
    this.#first = Math.ceil(call.startFrame / this.#pieceFrames) * this.#pieceFrames;
    return Promise.resolve();
  }

  async audio(startFrame: number, stereo: Uint8Array): Promise<void> {
    const skipped = Math.max(0, this.#first - startFrame) * BYTES_PER_FRAME;
    for (let at = skipped; at < stereo.length;) {
      const wanted = (this.#pieceFrames - this.#frames) * BYTES_PER_FRAME;
      const part = stereo.subarray(at, at + wanted);
      this.#parts.push(part);
      this.#frames += part.length / BYTES_PER_FRAME;
      at += part.length;
      if (this.#frames === this.#pieceFrames) await this.#write();
    }
  }

  async late(channel: Channel, startFrame: number, samples: Uint8Array): Promise<void> {
    const { recording, sampleRate } = this.#known;
    const frames = samples.length / 2;
    await this.#objects.put(latePieceKey(recording, startFrame, channel), {
      bytes: Buffer.concat([wavHeader(sampleRate, frames, 1), samples]),
      contentType: 'audio/wav',
      metadata: this.#metadata(startFrame, frames),
    });
  }

  async gap(span: Span, why: GapWhy): Promise<void> {
    if (why === 'LATE' || why === 'SILENT') {
      this.#gaps.push({ span, why });
      return;
    }
    const { recording, sampleRate, originMs } = this.#known;
    await this.#objects.put(liveGapKey(recording, span.startFrame, span.channel), {
      bytes: Buffer.from(`${JSON.stringify({ ...span, why, sampleRate, originMs })}\n`),
      contentType: 'application/json',
    });
  }

  async end(reason: LiveEnd): Promise<void> {
    if (reason === 'ended' && this.#frames > 0) await this.#write();
  }

  close(): void {
    this.#parts = [];
  }

  async #write(): Promise<void> {
    const { recording, sampleRate } = this.#known;
    const [first, frames] = [this.#first, this.#frames];
    await this.#objects.put(livePieceKey(recording, first), {
      bytes: Buffer.concat([wavHeader(sampleRate, frames), ...this.#parts]),
      contentType: 'audio/wav',
      metadata: { ...this.#metadata(first, frames), ...this.#gapsIn(first, frames) },
    });
    this.#first = first + frames;
    this.#parts = [];
    this.#frames = 0;
    this.#gaps = this.#gaps.filter(({ span }) => span.startFrame + span.frames > this.#first);
  }

  #metadata(startFrame: number, frames: number): Record<string, string> {
    const { sampleRate, originMs } = this.#known;
    const startMs = Math.round(originMs + (startFrame * 1000) / sampleRate);
    return { 'start-frame': String(startFrame), frames: String(frames), 'start-ms': String(startMs) };
  }

  #gapsIn(first: number, frames: number): Record<string, string> {
    const texts = this.#gaps.flatMap(({ span: { channel, startFrame, frames: length }, why }) => {
      const from = Math.max(first, startFrame);
      const to = Math.min(first + frames, startFrame + length);
      return from < to ? [`${channel}:${why}:${from}+${to - from}`] : [];
    });
    return texts.length === 0 ? {} : { gaps: texts.join(' ').slice(0, GAPS_LENGTH_MAX) };
  }

  get #pieceFrames(): number {
    return this.#pieceSeconds * this.#known.sampleRate;
  }

  get #known(): LiveCall {
    if (this.#call === undefined) throw new Error('the sink has not been started');
    return this.#call;
  }
}
