/** Who is given what is said, while it is said. */
import type { Channel } from '../../recording/audio/pcm.ts';
import type { Recording } from '../../recording/identity.ts';
import type { GapWhy, Span } from '../timeline/outputs.ts';

export interface LiveCall {
  readonly recording: Recording;
  readonly sampleRate: number;
  /** Epoch ms of frame 0. */
  readonly originMs: number;
  /** The first frame that is given: 0, unless one goes on where another one, or it, has stopped. */
  readonly startFrame: number;
}

/**
 * - `ended`: the recording has ended, and all of it has been given, or told
 * - `stopped`: the listener has to leave; another one goes on, if there is more
 * - `erased`: the recording has been erased
 */
export type LiveEnd = 'ended' | 'stopped' | 'erased';

/**
 * Frames are the WAV's. Each call is awaited before the next one, so that whoever is slow is waited for: by this sink's
 * own reading alone, never by the recorder. A sink that rejects is closed, opened anew after a while, and given again
 * what isn't {@link safe}: with the same positions, by which whoever listens knows it.
 */
export interface AudioSink {
  start(call: LiveCall): Promise<void>;
  /** Interleaved S16LE, customer and agent; each goes on where the one before ends. */
  audio(startFrame: number, stereo: Uint8Array): Promise<void>;
  /** Mono S16LE that belongs where silence was given, and a gap told. */
  late(channel: Channel, startFrame: number, samples: Uint8Array): Promise<void>;
  /** `LATE` and `SILENT` are told before the audio that is silent there, the others after it. */
  gap(span: Span, why: GapWhy): Promise<void>;
  /** Nothing more is given. Resolves when whoever listens has it all. */
  end(reason: LiveEnd): Promise<void>;
  /** All frames before it are where they should be, whatever happens to this program. */
  readonly safe: number;
  /** Frees what it holds, at once; also after {@link end}. */
  close(): void;
}

/** Makes a sink, and one anew where that broke off. */
export interface Opener {
  /** @returns undefined when the signal came before there was somebody to give to */
  readonly open: (signal: AbortSignal) => Promise<AudioSink | undefined>;
  readonly close: () => void;
}

/** Whoever listens is done, and wants no more. */
export class ListenerLeft extends Error {
  override readonly name = 'ListenerLeft';
}
