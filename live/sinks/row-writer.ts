/** Puts rows of what is said where they are kept, and tells whoever is to know. */
import { WORDS_METRICS } from '../../contract/metrics.ts';
import type { Telemetry } from '../../ports/runtime/telemetry.ts';
import type { Transcripts } from '../../ports/transcripts/transcripts.ts';
import { isUntranscribed, type TranscriptRow } from '../../recording/transcript/segment.ts';
import type { SegmentEvents } from './segment-events.ts';

export interface RowWriterOptions {
  readonly transcripts: Transcripts;
  readonly telemetry: Pick<Telemetry, 'publish'>;
  /** Undefined: nobody is told. */
  readonly events?: SegmentEvents | undefined;
}

export class RowWriter {
  readonly #options: RowWriterOptions;
  #hasBegun = false;

  constructor(options: RowWriterOptions) {
    this.#options = options;
  }

  /** Whoever writes it down has answered. */
  begun(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#options.telemetry.publish([[WORDS_METRICS.begun, 1]]);
  }

  async put(row: TranscriptRow): Promise<void> {
    const { transcripts, telemetry, events } = this.#options;
    await transcripts.put(row);
    if (isUntranscribed(row)) telemetry.publish([[WORDS_METRICS.untranscribedMs, row.endMs - row.startMs]]);
    events?.final(row);
  }
}
