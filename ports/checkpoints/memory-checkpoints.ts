import { CHECKPOINTS_TABLE } from '../../contract/tables.ts';
import type { Checkpoint } from '../../recording/checkpoint.ts';
import type { Clock } from '../runtime/clock.ts';
import { MemoryTable } from '../table/memory-table.ts';
import type { Item } from '../table/table.ts';
import { checkpointOf, erasedCheckpoint } from './checkpoint-item.ts';
import { TableCheckpoints } from './table-checkpoints.ts';

/** One write that took effect, by the operation of {@link TableCheckpoints} that made it. */
export interface CheckpointWrite {
  readonly operation: string;
  readonly before: Checkpoint | undefined;
  readonly after: Checkpoint;
}

export interface MemoryCheckpointsOptions {
  readonly keepDays?: number;
  /** Told of each write at the moment that it takes effect. */
  readonly onWrite?: (write: CheckpointWrite) => void;
}

/** The checkpoints on a table in memory, for tests and simulations. */
export class MemoryCheckpoints extends TableCheckpoints {
  readonly table: MemoryTable;
  /** Every write that took effect, in order. */
  readonly history: readonly CheckpointWrite[];

  constructor(clock: Pick<Clock, 'now'>, { keepDays, onWrite }: MemoryCheckpointsOptions = {}) {
    const history: CheckpointWrite[] = [];
    const table = new MemoryTable(CHECKPOINTS_TABLE, ({ name, before, after }) => {
      const write = {
        // Nothing but a tombstone is put.
        operation: name === 'put' ? 'erase' : name,
        before: before && erasedCheckpoint(before),
        after: checkpointOf(after),
      };
      history.push(write);
      onWrite?.(write);
    });
    super(table, clock, keepDays);
    this.table = table;
    this.history = history;
  }

  /** The item as DynamoDB would hold it, for tests of what isn't in the port. */
  item(recordingId: string): Item | undefined {
    return this.table.item({ recordingId });
  }

  /** What only a stranger would do: sets an item, or removes it (`undefined`), whatever any condition says. */
  tamper(recordingId: string, item: Item | undefined): void {
    this.table.tamper({ recordingId }, item);
  }
}
