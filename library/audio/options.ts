/** Whom to listen to, and who is told what. */
import type { StreamFragment } from '../stream/fragment.ts';
import { checkNumber, type StreamEnd, type StreamOptions } from '../stream/options.ts';
import type { Gap, Late, Second } from './second.ts';

/** `nextContact`: another contact has the stream now. The others are a stream's. */
export type ListenEnd = StreamEnd | 'nextContact';

/** Each function that is given is waited for: whoever is slow is, too, and the stream is read no faster. */
export interface ListenOptions extends StreamOptions {
  /** Of Connect's streams: hears this contact alone, and ends when another one has the stream. Default: all that comes. */
  readonly contactId?: string;
  /** Audio in a second, in ms. Default: 1000. */
  readonly pieceMs?: number;
  /** How much further one side may be before the other one isn’t waited for, in ms. Default: 500. */
  readonly windowMs?: number;
  /** What the tracks are, where the stream doesn’t say: 16-bit little-endian PCM. */
  readonly assume?: { readonly sampleRate: number; readonly channels: 1 | 2 };
  readonly onFragment?: (fragment: StreamFragment) => void | Promise<void>;
  readonly onAudio?: (second: Second) => void | Promise<void>;
  /** Silence that stands for what hasn’t come: told before the second that it is in. */
  readonly onGap?: (gap: Gap) => void | Promise<void>;
  /** What has come after all, of a second that has been given. */
  readonly onLate?: (late: Late) => void | Promise<void>;
  readonly onEnd?: (end: ListenEnd) => void | Promise<void>;
}

/** Of a piece, and of what is held back for one side, ms. */
const MS = { min: 1, max: 3_600_000 } as const;
const SAMPLE_RATE = { min: 1, max: 192_000 } as const;

/** @throws TypeError that says what can't be */
export function checkListenOptions({ contactId, pieceMs, windowMs, assume }: ListenOptions): void {
  if (contactId === '') throw new TypeError('contactId is empty: leave it out to hear all that comes');
  checkNumber('pieceMs', pieceMs, MS);
  checkNumber('windowMs', windowMs, { ...MS, min: 0 });
  if (assume === undefined) return;
  checkNumber('assume.sampleRate', assume.sampleRate, SAMPLE_RATE);
  checkNumber('assume.channels', assume.channels, { min: 1, max: 2 });
}
