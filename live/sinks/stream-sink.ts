/** Messages to whoever reads a stream: a program's standard input, or a socket. */
import type { Writable } from 'node:stream';
import type { Channel } from '../../recording/audio/pcm.ts';
import type { GapWhy, Span } from '../timeline/outputs.ts';
import type { AudioSink, LiveCall, LiveEnd } from './audio-sink.ts';
import { audioMessage, endMessage, gapMessage, lateMessage, startMessage } from './messages.ts';

/** The other side of a stream. */
export interface Reader {
  readonly stream: Writable;
  /** Rejects when it breaks off; resolves when it has read all and is done. */
  readonly done: Promise<void>;
  /** How far it says itself that it has heard; undefined where it doesn't say. */
  readonly heard?: number | undefined;
  close(): void;
}

export class StreamSink implements AudioSink {
  readonly #reader: Reader;
  #written = 0;
  /** Why nothing more can be written. */
  #left: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(reader: Reader) {
    this.#reader = reader;
    const leave = (why: Error) => {
      this.#left = why;
      this.#wake();
    };
    // Once, and not with each write: what waits for it is held for as long as the call lasts.
    reader.done.then(
      () => {
        leave(new Error('whoever listened stopped reading before the end'));
      },
      (error: unknown) => {
        leave(error instanceof Error ? error : new Error(String(error)));
      },
    );
  }

  get safe(): number {
    return Math.min(this.#written, this.#reader.heard ?? this.#written);
  }

  async start(call: LiveCall): Promise<void> {
    this.#written = call.startFrame;
    await this.#write(startMessage(call));
  }

  async audio(startFrame: number, stereo: Uint8Array): Promise<void> {
    await this.#write(audioMessage(startFrame, stereo));
    this.#written = startFrame + stereo.length / 4;
  }

  async late(channel: Channel, startFrame: number, samples: Uint8Array): Promise<void> {
    await this.#write(lateMessage(channel, startFrame, samples));
  }

  async gap(span: Span, why: GapWhy): Promise<void> {
    await this.#write(gapMessage(span, why));
  }

  async end(reason: LiveEnd): Promise<void> {
    await this.#write(endMessage(reason));
    this.#reader.stream.end();
    await this.#reader.done;
  }

  close(): void {
    this.#reader.close();
  }

  /** Resolves when there is room for more. @throws when the reader has broken off */
  async #write(bytes: Uint8Array): Promise<void> {
    const { stream } = this.#reader;
    this.#checkThere();
    if (stream.write(bytes)) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      stream.once('drain', resolve);
    });
    this.#checkThere();
  }

  #checkThere(): void {
    if (this.#left) throw this.#left;
  }
}
