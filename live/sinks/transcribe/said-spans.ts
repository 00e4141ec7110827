/**
 * What has been said of a call already, so that a stream that begins behind the last final results of both sides doesn't
 * say it again: whatever is given anew of such a span is given as silence. Frames are the WAV's.
 */
import { BYTES_PER_SAMPLE, type Channel } from '../../../recording/audio/pcm.ts';
import { BYTES_PER_FRAME } from '../../../recording/audio/stereo-window.ts';
import { channelOf, framesOf, isSegment, type TranscriptRow } from '../../../recording/transcript/segment.ts';
import { spanWithout } from '../../../recording/transcript/taken-back.ts';

export interface SaidSpan {
  readonly startFrame: number;
  /** One past the last. */
  readonly endFrame: number;
}

/** Words are told to end so much too early, and follow one another no sooner. */
export const SAID_MARGIN_SECONDS = 0.05;

export class SaidSpans {
  /** A side's, apart from one another and in order. */
  readonly #sides: [SaidSpan[], SaidSpan[]] = [[], []];

  add(channel: Channel, span: SaidSpan): void {
    let { startFrame, endFrame } = span;
    if (startFrame >= endFrame) return;
    const apart = this.#sides[channel].filter((other) => {
      if (other.endFrame < startFrame || endFrame < other.startFrame) return true;
      startFrame = Math.min(startFrame, other.startFrame);
      endFrame = Math.max(endFrame, other.endFrame);
      return false;
    });
    this.#sides[channel] = [...apart, { startFrame, endFrame }].sort((a, b) => a.startFrame - b.startFrame);
  }

  /** What this source has written of the recording. */
  addRows(
    rows: readonly TranscriptRow[],
    counted: { readonly originMs: number; readonly sampleRate: number },
  ): void {
    for (const row of rows)
      if (isSegment(row) && row.source === 'transcribe')
        this.add(channelOf(row.channel), framesOf(row, counted));
  }

  /** Nothing was said there after all. */
  takeBack(channel: Channel, span: SaidSpan): void {
    this.#sides[channel] = this.#sides[channel].flatMap((one) => spanWithout(one, span));
  }

  /** One past the last frame of which anything was said. */
  endOf(channel: Channel): number {
    return this.#sides[channel].at(-1)?.endFrame ?? 0;
  }

  /** Nothing before that frame is given again. */
  forget(frame: number): void {
    for (const channel of [0, 1] as const)
      this.#sides[channel] = this.#sides[channel].filter(({ endFrame }) => endFrame > frame);
  }

  /**
   * @param marginFrames so much behind a span is of its last word, too: its end is told too early by as much
   * @returns the same audio, with silence where it has been said; a copy where there is any
   */
  mute(startFrame: number, stereo: Uint8Array, marginFrames = 0): Uint8Array {
    const end = startFrame + stereo.length / BYTES_PER_FRAME;
    let muted = stereo;
    for (const channel of [0, 1] as const)
      for (const span of this.#sides[channel]) {
        const from = Math.max(span.startFrame, startFrame);
        const to = Math.min(span.endFrame + marginFrames, end);
        if (from >= to) continue;
        if (muted === stereo) muted = Uint8Array.from(stereo);
        silence(muted, channel, from - startFrame, to - startFrame);
      }
    return muted;
  }
}

function silence(stereo: Uint8Array, channel: Channel, from: number, to: number): void {
  for (let frame = from; frame < to; frame += 1) {
    const at = frame * BYTES_PER_FRAME + channel * BYTES_PER_SAMPLE;
    stereo.fill(0, at, at + BYTES_PER_SAMPLE);
  }
}
