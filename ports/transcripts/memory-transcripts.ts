import { TRANSCRIPTS_TABLE } from '../../contract/tables.ts';
import { MemoryTable } from '../table/memory-table.ts';
import { TableTranscripts } from './table-transcripts.ts';

/** The transcripts on a table in memory, for tests and simulations. */
export class MemoryTranscripts extends TableTranscripts {
  readonly table: MemoryTable;

  constructor() {
    const table = new MemoryTable(TRANSCRIPTS_TABLE);
    super(table);
    this.table = table;
  }
}
