/** What `recognise` is made with. */
import type { Clock } from '../../../ports/runtime/clock.ts';
import type { Telemetry } from '../../../ports/runtime/telemetry.ts';
import type { Transcripts } from '../../../ports/transcripts/transcripts.ts';
import type { Pattern } from '../../../recording/transcript/masking/patterns.ts';
import type { SegmentEvents } from '../segment-events.ts';
import type { Lag } from './lag.ts';

export interface RecogniseOptions {
  readonly transcripts: Transcripts;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, 'warn' | 'info' | 'publish'>;
  readonly keepDays?: number | undefined;
  readonly patterns?: readonly Pattern[];
  /** In which the call is, where its contact's attribute says so; undefined: the recogniser's own setting holds. */
  readonly language?: string | undefined;
  /** One that says nothing for so long, though there is something to be heard, hangs. */
  readonly hungMs: number;
  /** Of all the sinks of a recording. Without it nothing is ever left out. */
  readonly lag?: Lag | undefined;
  /** How long what is left may take when all has been given. Default: what the recorder waits for its listeners. */
  readonly endMs?: number;
  /** Told of what was said as it becomes a row; undefined: nobody is. */
  readonly events?: SegmentEvents | undefined;
}
