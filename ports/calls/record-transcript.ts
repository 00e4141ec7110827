import type { Recording } from '../../recording/identity.ts';
import type { TranscriptFacts } from '../../recording/transcript-facts.ts';
import { present } from '../table/condition.ts';
import type { Table } from '../table/table.ts';
import { callKey } from './call-item.ts';

/** What writing down a finished recording does to its record. */
export interface RecordTranscript {
  /** Does nothing where there is no record (any more). */
  transcribed(recording: Recording, transcript: TranscriptFacts): Promise<void>;
}

export class TableRecordTranscript implements RecordTranscript {
  readonly #table: Table;

  /** @param table the calls'. */
  constructor(table: Table) {
    this.#table = table;
  }

  async transcribed(recording: Recording, transcript: TranscriptFacts): Promise<void> {
    const when = present('recordingId');
    await this.#table.change(callKey(recording), { name: 'transcribed', set: { transcript }, when });
  }
}
