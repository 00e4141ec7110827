/** One table's promises, on DynamoDB and on what stands for it: alike, whatever is asked of them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CALLS_TABLE } from '../../../contract/tables.ts';
import {
  above,
  absent,
  all,
  any,
  atMost,
  below,
  type Condition,
  digitsAbove,
  digitsBelow,
  equals,
  holds,
  orderOf,
  present,
  sized,
} from '../../../ports/table/condition.ts';
import { callsIn } from '../../../ports/table/dynamodb-table.ts';
import { FolderTable } from '../../../ports/table/folder-table.ts';
import { MemoryTable } from '../../../ports/table/memory-table.ts';
import {
  type Change,
  type Item,
  type Key,
  type Query,
  standingItem,
  type Table,
} from '../../../ports/table/table.ts';
import { collect } from '../../support/collect.ts';
import { runs } from '../../support/runs.ts';
import { type DynamoDbForTest, dynamoDbForTest, IS_DYNALITE } from '../../support/standins.ts';

let dynamoDb: DynamoDbForTest;
let dir: string;
beforeAll(async () => {
  dynamoDb = await dynamoDbForTest();
  dir = await mkdtemp(join(tmpdir(), 'callspool-table-'));
});
afterAll(async () => {
  await dynamoDb.close();
  await rm(dir, { recursive: true });
});

/** Each run has a contact of its own, since the table is shared. */
let contacts = 0;
const newContact = () => `contact-${contacts++}`;
const keyOf = (contactId: string, start = '1'): Key => ({ contactId, startFragmentNumber: start });

const ADAPTERS: readonly { name: string; make: () => Table }[] = [
  { name: 'DynamoDbTable', make: () => callsIn(dynamoDb.client, dynamoDb.tables.calls) },
  { name: 'MemoryTable', make: () => new MemoryTable(CALLS_TABLE) },
  { name: 'FolderTable', make: () => new FolderTable(join(dir, `${newContact()}.json`), CALLS_TABLE) },
];

const digits = fc.constantFrom('1', '7', '10', '99', '100');
const number = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(0.5, 2.25, 1e15));
/** UTF-8 and UTF-16 order the last two otherwise. */
const ODD = ['é', '𝄞', ...(IS_DYNALITE ? [] : ['\uffee'])];
const text = fc.oneof(fc.constantFrom('a', 'b', 'status', ':v1', ...ODD), digits);
const scalar = fc.oneof(text, number, fc.boolean());
const value = fc.oneof(
  scalar,
  fc.constant(null),
  fc.array(scalar, { maxLength: 2 }),
  fc.dictionary(text, scalar, { maxKeys: 2 }),
);
/** Reserved words too; `sum` holds nothing but numbers, and `count` nothing but digits. */
const VALUES = { name: value, size: value, other: value, count: digits, sum: number };
const item = fc.record(VALUES, { requiredKeys: [] });
const name = fc.constantFrom('name', 'size', 'other', 'count', 'sum', 'never');

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    name.map(absent),
    name.map(present),
    fc.tuple(name, scalar).map(([attribute, to]) => equals(attribute, to)),
    fc
      .tuple(fc.constantFrom(below, atMost, above), name, fc.oneof(text, number))
      .map(([compare, attribute, to]) => compare(attribute, to)),
    fc
      .tuple(fc.constantFrom('shorter', 'asLong', 'longer' as const), fc.integer({ min: 0, max: 3 }))
      .map(([is, length]) => sized('count', is, length)),
    fc.tuple(fc.constantFrom(digitsBelow, digitsAbove), digits).map(([compare, to]) => compare('count', to)),
    fc
      .tuple(fc.constantFrom(all, any), tie('condition'), fc.array(tie('condition'), { maxLength: 2 }))
      .map(([combine, first, others]) => combine(first, ...others)),
  ),
}));

/** Each attribute in one place. */
const change = fc
  .record({
    set: fc.record(
      { name: fc.option(value, { nil: undefined }), count: fc.option(digits, { nil: undefined }) },
      { requiredKeys: [] },
    ),
    setIfAbsent: fc.record({ size: value, never: fc.constant(undefined) }, { requiredKeys: [] }),
    add: fc.record({ sum: fc.integer({ min: -2, max: 2 }) }, { requiredKeys: [] }),
    when: fc.option(condition, { nil: undefined }),
  })
  .map(({ when, ...rest }): Change => ({ name: 'random', ...rest, ...(when && { when }) }));

type Step =
  | { readonly does: 'change'; readonly start: string; readonly change: Change }
  | { readonly does: 'put'; readonly start: string; readonly item: Item }
  | { readonly does: 'get' | 'remove'; readonly start: string };
const start = fc.constantFrom('1', '2');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ does: fc.constant('change' as const), start, change }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('put' as const), start, item }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constantFrom('get', 'remove' as const), start }) },
);

async function take(table: Table, contactId: string, one: Step): Promise<unknown> {
  const key = keyOf(contactId, one.start);
  switch (one.does) {
    case 'change': {
      const changed = await table.change(key, one.change);
      if (changed.written) return changed.written;
      // Who isn't told looks: nobody else writes here.
      return { refusedBy: IS_DYNALITE ? await standingItem(table, key, changed) : changed.standing };
    }
    case 'put':
      return table.put(key, one.item);
    case 'get':
      return table.get(key, ['name', 'sum']);
    case 'remove':
      return table.remove(key);
  }
}

const itemsOf = async (table: Table, query: Query) => (await collect(table.query(query))).flat();

describe('tables', () => {
  it('answer alike, whatever changes are made under whatever conditions', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        const contactId = newContact();
        const [real, ...twins] = ADAPTERS.map(({ make }) => make());
        if (real === undefined) throw new Error('there is a real one');
        for (const one of steps) {
          const expected = await take(real, contactId, one);
          for (const twin of twins) expect(await take(twin, contactId, one)).toEqual(expected);
        }
        const expected = await itemsOf(real, { value: contactId });
        for (const twin of twins) expect(await itemsOf(twin, { value: contactId })).toEqual(expected);
      }),
      { numRuns: runs(60) },
    );
  }, 120_000);

  it('judge one condition alike, of whatever item', async () => {
    const table = callsIn(dynamoDb.client, dynamoDb.tables.calls);
    await fc.assert(
      fc.asyncProperty(
        item,
        fc.array(condition, { minLength: 8, maxLength: 12 }),
        async (attributes, conditions) => {
          const key = keyOf(newContact());
          await table.put(key, attributes);
          for (const when of conditions) {
            const { written } = await table.change(key, { name: 'judge', when });
            expect(holds(when, { ...attributes, ...key }), JSON.stringify(when)).toBe(written !== undefined);
          }
        },
      ),
      { numRuns: runs(60) },
    );
  }, 120_000);

  it('find the same, by key and by index, in whatever span and order', async () => {
    const time = fc.constantFrom('2026-03-14', '2026-03-14T09', '2026-03-15', ...ODD);
    const records = fc.uniqueArray(
      fc.record({
        start: digits,
        startedAt: fc.option(time, { nil: undefined }),
        isOfCustomer: fc.boolean(),
        name: value,
      }),
      { selector: (one) => one.start, maxLength: 5 },
    );
    const query = fc.record({
      index: fc.constantFrom(undefined, 'byDay', 'byCustomer'),
      between: fc.option(fc.tuple(fc.oneof(time, digits), fc.oneof(time, digits)), { nil: undefined }),
      backwards: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(records, fc.array(query, { minLength: 1, maxLength: 4 }), async (rows, queries) => {
        const contactId = newContact();
        const tables = ADAPTERS.map(({ make }) => make());
        for (const { start: of, startedAt, isOfCustomer, name: named } of rows) {
          const row = {
            startedAt,
            day: contactId,
            name: named,
            why: 'projected',
            ...(isOfCustomer && { customerNumber: contactId }),
          };
          for (const table of tables) await table.put(keyOf(contactId, of), row);
        }
        for (const { index, between, backwards } of queries) {
          if (between && orderOf(between[0], between[1]) > 0) between.reverse();
          const asked = {
            value: contactId,
            backwards,
            ...(index !== undefined && { index }),
            ...(between && { between }),
          };
          const [expected = [], ...others] = await Promise.all(tables.map((table) => itemsOf(table, asked)));
          for (const other of others) {
            // Of those that began at one time DynamoDB promises no order.
            expect(other.map(({ startedAt }) => startedAt)).toEqual(
              expected.map(({ startedAt }) => startedAt),
            );
            expect(new Set(other)).toEqual(new Set(expected));
            if (index === undefined) expect(other).toEqual(expected);
          }
        }
      }),
      { numRuns: runs(40) },
    );
  }, 120_000);
});
