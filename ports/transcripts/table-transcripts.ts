/**
 * The transcripts on their table. A row is written where there is none of its id, in one conditional change: whoever says
 * it again, since its answer was lost or it began anew, changes nothing. A row is changed, or
 * taken away, where what it stands for turns out to have been said elsewhere; otherwise it stays until it is erased, or expires.
 */
import { parseRow } from '../../recording/transcript/rows.ts';
import type { TranscriptRow } from '../../recording/transcript/segment.ts';
import { absent } from '../table/condition.ts';
import type { Item, Table } from '../table/table.ts';
import type { Transcripts } from './transcripts.ts';

/** They begin with digits. */
const BEHIND_ALL_IDS = '~';

export class TableTranscripts implements Transcripts {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async put({ recordingId, segmentId, ...set }: TranscriptRow): Promise<void> {
    const key = { recordingId, segmentId };
    await this.#table.change(key, { name: 'put', set, when: absent('segmentId') });
  }

  async ofRecording(recordingId: string, fromId?: string): Promise<TranscriptRow[]> {
    const rows: TranscriptRow[] = [];
    for await (const items of this.#pages(recordingId, fromId))
      rows.push(...items.flatMap((item) => parseRow(item) ?? []));
    return rows;
  }

  async replace({ recordingId, segmentId, ...set }: TranscriptRow): Promise<void> {
    await this.#table.change({ recordingId, segmentId }, { name: 'replace', set });
  }

  async remove({ recordingId, segmentId }: Pick<TranscriptRow, 'recordingId' | 'segmentId'>): Promise<void> {
    await this.#table.remove({ recordingId, segmentId });
  }

  async erase(recordingId: string): Promise<number> {
    let erased = 0;
    for await (const items of this.#pages(recordingId))
      for (const { segmentId } of items) {
        if (typeof segmentId !== 'string') continue;
        await this.#table.remove({ recordingId, segmentId });
        erased += 1;
      }
    return erased;
  }

  #pages(recordingId: string, fromId?: string): AsyncIterable<readonly Item[]> {
    return this.#table.query({
      value: recordingId,
      ...(fromId !== undefined && { between: [fromId, BEHIND_ALL_IDS] }),
    });
  }
}
