import type { TableIndex, TableKey, TableSchema } from '../../contract/tables.ts';

/** The keys by which a table, or an index of it, is asked. @throws when there is no such index. */
export function keysOf(schema: TableSchema, index: string | undefined): TableKey | TableIndex {
  const keys = index === undefined ? schema : schema.indexes.find(({ name }) => name === index);
  if (keys === undefined) throw new Error(`the ${schema.suffix} table has no index ${String(index)}`);
  return keys;
}
