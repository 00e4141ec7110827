/** What is heard of a stream: a second of it, or what comes late. Frames are counted from the first one that was heard. */
import { wavHeader } from '../../recording/audio/format/wav/header.ts';

/** A part of one side that is silent, or that isn't as it was given. */
export interface Gap {
  /** 0: left, Connect's customer; 1: right, Connect's agent. */
  readonly channel: 0 | 1;
  readonly startFrame: number;
  readonly frames: number;
  /**
   * - `LATE`: nothing has come of this side yet, though the other one is further; it may follow (`onLate`)
   * - `SILENT`: nothing came of this side
   * - `MOVED`: what was given there doesn't belong there: it is silent, or what follows late
   */
  readonly why: 'LATE' | 'SILENT' | 'MOVED';
}

/** Samples that belong where silence was given, and a gap was told. */
export interface Late {
  readonly channel: 0 | 1;
  readonly startFrame: number;
  /** In Hz. */
  readonly sampleRate: number;
  /** Epoch ms, by the producer's clock. */
  readonly startMs: number;
  readonly samples: Int16Array;
}

export interface SecondParts {
  readonly startFrame: number;
  readonly sampleRate: number;
  readonly channels: 1 | 2;
  readonly startMs: number;
  readonly samples: Int16Array;
  readonly gaps: readonly Gap[];
}

/** Some audio, a second of it unless another length was asked for; each goes on where the one before ends. */
export class Second {
  /** The first of it is 0. */
  readonly startFrame: number;
  /** In Hz. */
  readonly sampleRate: number;
  /** 1: mono. 2: customer and agent, or left and right. */
  readonly channels: 1 | 2;
  /** When it was said: epoch ms, by the producer's clock. */
  readonly startMs: number;
  /** Interleaved, where there are two channels. */
  readonly samples: Int16Array;
  /** What of it is silence that stands for what hasn't come. */
  readonly gaps: readonly Gap[];

  constructor({ startFrame, sampleRate, channels, startMs, samples, gaps }: SecondParts) {
    this.startFrame = startFrame;
    this.sampleRate = sampleRate;
    this.channels = channels;
    this.startMs = startMs;
    this.samples = samples;
    this.gaps = gaps;
  }

  /** Samples of one side. */
  get frames(): number {
    return this.samples.length / this.channels;
  }

  /** One side's samples. @param channel 0: left, Connect's customer; 1: right, Connect's agent */
  side(channel: 0 | 1): Int16Array {
    if (channel >= this.channels) throw new RangeError('there is one channel only');
    return this.samples.filter((_, index) => index % this.channels === channel);
  }

  /** Its samples as bytes: S16LE, interleaved. */
  bytes(): Uint8Array {
    return new Uint8Array(this.samples.buffer, this.samples.byteOffset, this.samples.byteLength);
  }

  /** It as a WAV file. */
  wav(): Uint8Array {
    return new Uint8Array(
      Buffer.concat([wavHeader(this.sampleRate, this.frames, this.channels), this.bytes()]),
    );
  }
}
