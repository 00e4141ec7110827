/** The table of what was said. Who reads it sees all that was written before. */
import type { TranscriptRow } from '../../recording/transcript/segment.ts';

export interface Transcripts {
  /** Writes a row once, however often it comes: one that stands there with its id stays as it is. */
  put(row: TranscriptRow): Promise<void>;
  /**
   * A recording's rows, in order of their ids; what no program of ours has written is left out.
   * @param fromId without those whose ids come before it. Default: all
   */
  ofRecording(recordingId: string, fromId?: string): Promise<TranscriptRow[]>;
  /** Writes a row in place of the one of its id. */
  replace(row: TranscriptRow): Promise<void>;
  /** Takes away a row that isn't so any more. */
  remove(row: Pick<TranscriptRow, 'recordingId' | 'segmentId'>): Promise<void>;
  /** Takes away rows of a recording, also those that can't be read. @returns how many stood there */
  erase(recordingId: string): Promise<number>;
}
