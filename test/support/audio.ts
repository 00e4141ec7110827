import { Timeline, type TimelineFacts } from '../../recording/audio/timeline.ts';
import type { OwnFragment } from '../../recording/ownership.ts';

export interface LaidOut extends TimelineFacts {
  /** Interleaved S16LE stereo. */
  readonly audio: Buffer;
}

/** Lays out fragments that are in order of number. */
export function layOut(fragments: Iterable<OwnFragment>): LaidOut {
  const timeline = new Timeline();
  const chunks: Buffer[] = [];
  for (const fragment of fragments)
    for (const chunk of timeline.add(fragment)) chunks.push(Buffer.from(chunk));
  for (const chunk of timeline.finish()) chunks.push(Buffer.from(chunk));
  return { ...timeline.facts(), audio: Buffer.concat(chunks) };
}

/** One channel's samples. */
export function channelOf(audio: Buffer, channel: 0 | 1): number[] {
  return Array.from({ length: audio.length / 4 }, (_, frame) => audio.readInt16LE(frame * 4 + channel * 2));
}
