/** What a live timeline gives. */
import type { Channel } from '../../recording/audio/pcm.ts';

/** A part of one side. Frames are the WAV's. */
export interface Span {
  readonly channel: Channel;
  readonly startFrame: number;
  readonly frames: number;
}

/**
 * Why a span was given as silence, or isn't as it was given:
 * - `LATE`: nothing has come of this side yet, though the other one is further; it may follow as `late`
 * - `SILENT`: nothing came of this side, as far as is known: the WAV is silent there, too
 * - `MOVED`: what was given there doesn't belong there: it is silence there, or what follows as `late`
 * - `END`: the call was over before it could be given
 * - `DROPPED`: whoever listens couldn't be reached, or couldn't take it
 */
export type GapWhy = 'LATE' | 'SILENT' | 'MOVED' | 'END' | 'DROPPED';

export type LiveOutput =
  /** Interleaved S16LE. Each goes on where the one before ends; the first is frame 0. */
  | { readonly kind: 'audio'; readonly startFrame: number; readonly stereo: Uint8Array }
  /** Mono S16LE that belongs where silence was given, and a gap told. */
  | {
      readonly kind: 'late';
      readonly channel: Channel;
      readonly startFrame: number;
      readonly samples: Uint8Array;
    }
  /** Told before the audio that is silent there. */
  | { readonly kind: 'gap'; readonly span: Span; readonly why: GapWhy };
