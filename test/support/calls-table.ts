import { CALLS_TABLE } from '../../contract/tables.ts';
import { MemoryTable } from '../../ports/table/memory-table.ts';

/** A table of calls that holds these items. */
export function callsTableOf(items: readonly object[]): MemoryTable {
  const table = new MemoryTable(CALLS_TABLE);
  for (const item of items) {
    const { contactId, startFragmentNumber }: { contactId?: unknown; startFragmentNumber?: unknown } = item;
    table.tamper(
      { contactId: String(contactId), startFragmentNumber: String(startFragmentNumber) },
      { ...item },
    );
  }
  return table;
}
