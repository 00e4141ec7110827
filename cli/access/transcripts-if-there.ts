import { ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import type { Transcripts } from '../../ports/transcripts/transcripts.ts';
import type { TranscriptRow } from '../../recording/transcript/segment.ts';
import { CliError, EXIT } from '../terminal/exit.ts';

/** The table of what was said, which a deployment of an earlier version lacks: there, nothing was. */
export class TranscriptsIfThere implements Transcripts {
  readonly #transcripts: Transcripts;

  constructor(transcripts: Transcripts) {
    this.#transcripts = transcripts;
  }

  put(row: TranscriptRow): Promise<void> {
    return this.#needed(this.#transcripts.put(row));
  }

  replace(row: TranscriptRow): Promise<void> {
    return this.#needed(this.#transcripts.replace(row));
  }

  remove(row: TranscriptRow): Promise<void> {
    return this.#needed(this.#transcripts.remove(row));
  }

  ofRecording(recordingId: string, fromId?: string): Promise<TranscriptRow[]> {
    return orWhereMissing(this.#transcripts.ofRecording(recordingId, fromId), []);
  }

  erase(recordingId: string): Promise<number> {
    return orWhereMissing(this.#transcripts.erase(recordingId), 0);
  }

  async #needed(written: Promise<void>): Promise<void> {
    const isThere = await orWhereMissing(
      written.then(() => true),
      false,
    );
    if (isThere) return;
    const hint = 'deploy again, or name another: --transcripts-table, or CALLSPOOL_TRANSCRIPTS_TABLE';
    throw new CliError(EXIT.failed, 'there is no table of what was said', hint);
  }
}

async function orWhereMissing<T>(answer: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return otherwise;
    throw error;
  }
}
