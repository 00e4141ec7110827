import { ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import type { Transcripts } from '../../ports/transcripts/transcripts.ts';
import type { TranscriptRow } from '../../recording/transcript/segment.ts';

/** Of a deployment that may have no such table: then nothing of what was said is in it. */
export class TranscriptsIfAny implements Transcripts {
  readonly #transcripts: Transcripts;

  constructor(transcripts: Transcripts) {
    this.#transcripts = transcripts;
  }

  put(row: TranscriptRow): Promise<void> {
    return this.#transcripts.put(row);
  }

  ofRecording(recordingId: string): Promise<TranscriptRow[]> {
    return this.#transcripts.ofRecording(recordingId).catch((error: unknown) => nothing(error, []));
  }

  erase(recordingId: string): Promise<number> {
    return this.#transcripts.erase(recordingId).catch((error: unknown) => nothing(error, 0));
  }
}

function nothing<T>(error: unknown, none: T): T {
  if (error instanceof ResourceNotFoundException) return none;
  throw error;
}
