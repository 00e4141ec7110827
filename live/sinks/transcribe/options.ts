/** What `transcribe` is made with. */
import type { Clock } from '../../../ports/runtime/clock.ts';
import type { Telemetry } from '../../../ports/runtime/telemetry.ts';
import type { Transcribe, TranscribeRequest } from '../../../ports/transcribe/transcribe.ts';
import type { Transcripts } from '../../../ports/transcripts/transcripts.ts';
import type { Pattern } from '../../../recording/transcript/masking/patterns.ts';
import type { SegmentEvents } from '../segment-events.ts';

export interface TranscribeOptions {
  readonly transcribe: Transcribe;
  readonly transcripts: Transcripts;
  /** What is asked for, but for the audio. */
  readonly request: Omit<TranscribeRequest, 'sampleRate' | 'sessionId'>;
  readonly clock: Clock;
  /** By which audio is sent; default: the same. */
  readonly pumpClock?: Clock;
  /** From 0 up to, without, 1: so that those who were refused together don't come again together. */
  readonly random: () => number;
  readonly telemetry: Pick<Telemetry, 'warn' | 'error' | 'publish'>;
  /** Told of what was said as it becomes a row; undefined: nobody is. */
  readonly events?: SegmentEvents | undefined;
  readonly keepDays?: number | undefined;
  readonly patterns?: readonly Pattern[];
  /** How long a stream may last. */
  readonly streamMs?: number;
  /** How long what is left may take when all has been given. */
  readonly endMs?: number;
  /** How much is held that hasn't been heard. */
  readonly unheardBytesMax?: number;
}
