import { CALLS_TABLE } from '../../contract/tables.ts';
import type { CallRecord } from '../../recording/call-record.ts';
import { unlessDamaged } from '../table/item.ts';
import { MemoryTable } from '../table/memory-table.ts';
import type { Item } from '../table/table.ts';
import { type CallKey, callOf } from './call-item.ts';
import { TableCalls } from './table-calls.ts';

/** One write that took effect, by the operation of {@link TableCalls} that made it. */
export interface CallWrite {
  readonly operation: string;
  readonly before: CallRecord | undefined;
  readonly after: CallRecord;
}

export interface MemoryCallsOptions {
  /** Told of each write at the moment that it takes effect. */
  readonly onWrite?: (write: CallWrite) => void;
  /** Tells assemblies apart that begin at the same time; by default in their order. */
  readonly unique?: () => string;
}

/** The calls on a table in memory, for tests and simulations. */
export class MemoryCalls extends TableCalls {
  readonly table: MemoryTable;
  /** Every write that took effect, in order. */
  readonly history: readonly CallWrite[];

  constructor({ onWrite, unique }: MemoryCallsOptions = {}) {
    const history: CallWrite[] = [];
    const table = new MemoryTable(CALLS_TABLE, ({ name, before, after }) => {
      const standing = before && unlessDamaged(() => callOf(before));
      const isDamaged = before !== undefined && standing === undefined;
      // What a stranger has damaged stays so: a write adds to it. Whatever else is written has to be a record.
      const written = isDamaged ? unlessDamaged(() => callOf(after)) : callOf(after);
      if (written === undefined) return;
      const write = { operation: name, before: standing, after: written };
      history.push(write);
      onWrite?.(write);
    });
    let assemblies = 0;
    super(table, unique ?? (() => (assemblies += 1).toString().padStart(9, '0')));
    this.table = table;
    this.history = history;
  }

  /** The item as DynamoDB would hold it, for tests of what isn't in the port. */
  item({ contactId, startFragmentNumber }: CallKey): Item | undefined {
    return this.table.item({ contactId, startFragmentNumber });
  }

  /** What only a stranger would do: sets an item, or removes it (`undefined`), whatever any condition says. */
  tamper({ contactId, startFragmentNumber }: CallKey, item: Item | undefined): void {
    this.table.tamper({ contactId, startFragmentNumber }, item);
  }
}
