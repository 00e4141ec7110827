/** What DynamoDB makes of a change or a query, for tables that aren't its own. */
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { TableSchema } from '../../contract/tables.ts';
import { holds, orderOf } from './condition.ts';
import { keysOf } from './schema.ts';
import type { Change, Item, Key, Query } from './table.ts';

/** The item as a change leaves it; undefined when its condition refuses it. */
export function changed(key: Key, standing: Item | undefined, change: Change): Item | undefined {
  const { set = {}, setIfAbsent = {}, add = {}, when } = change;
  if (when !== undefined && !holds(when, standing)) return undefined;
  const sums = Object.entries(add).map(([name, value]) => [name, numberIn(standing, name) + value] as const);
  const removed = Object.keys(set).filter((name) => set[name] === undefined);
  const kept = Object.entries(standing ?? {}).filter(([name]) => !removed.includes(name));
  return {
    ...plain(setIfAbsent),
    ...Object.fromEntries(kept),
    ...plain({ ...set, ...Object.fromEntries(sums) }),
    ...key,
  };
}

function numberIn(item: Item | undefined, name: string): number {
  const value = item?.[name] ?? 0;
  if (typeof value !== 'number') throw new TypeError(`nothing can be added to the attribute ${name}`);
  return value;
}

/** A copy, and nothing but what DynamoDB takes. */
export function plain(item: Item): Item {
  return unmarshall(marshall(item, { removeUndefinedValues: true }));
}

/** What a query finds among a table's items. */
export function found(schema: TableSchema, items: readonly Item[], query: Query): Item[] {
  const keys = keysOf(schema, query.index);
  const { hashKey, rangeKey = hashKey } = keys;
  const [from, to] = query.between ?? [];
  const inOrder = items
    .filter((item) => item[hashKey] === query.value && typeof item[rangeKey] === 'string')
    .filter((item) => from === undefined || orderOf(item[rangeKey], from) >= 0)
    .filter((item) => to === undefined || orderOf(item[rangeKey], to) <= 0)
    .sort((a, b) => (query.backwards ? -1 : 1) * orderOf(a[rangeKey], b[rangeKey]));
  if (!('projected' in keys)) return inOrder;
  const projected = [schema.hashKey, schema.rangeKey, hashKey, rangeKey, ...keys.projected];
  return inOrder.map((item) => only(item, projected));
}

/** An item with these of its attributes alone. */
export function only(item: Item, names: readonly (string | undefined)[]): Item {
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name)));
}
