/** What stands for DynamoDB where there is none, each of its rules by itself; that all tables answer alike is held beside this. */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CALLS_TABLE, CHECKPOINTS_TABLE } from '../../../contract/tables.ts';
import { absent, atMost, equals, holds, orderOf } from '../../../ports/table/condition.ts';
import { FolderTable } from '../../../ports/table/folder-table.ts';
import { MemoryTable } from '../../../ports/table/memory-table.ts';
import type { Table } from '../../../ports/table/table.ts';
import { collect } from '../../support/collect.ts';

const KEY = { contactId: 'c', startFragmentNumber: '1' };
const OTHER = { contactId: 'c', startFragmentNumber: '2' };

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-twins-'));
});
afterEach(() => rm(dir, { recursive: true }));

const file = () => join(dir, 'calls.json');
const TABLES: readonly [string, () => Table][] = [
  ['a table in memory', () => new MemoryTable(CALLS_TABLE)],
  ['a table in a folder', () => new FolderTable(file(), CALLS_TABLE)],
];

describe.each(TABLES)('%s', (_, make) => {
  it('gives an item, or a part of it', async () => {
    const table = make();
    await table.put(KEY, { status: 'RECORDING', day: '2026-03-14' });
    expect(await table.get(KEY)).toEqual({ ...KEY, status: 'RECORDING', day: '2026-03-14' });
    expect(await table.get(KEY, ['day', 'never'])).toEqual({ day: '2026-03-14' });
    expect(await table.get(OTHER, ['day'])).toBeUndefined();
  });

  it('tells what refused a change', async () => {
    const table = make();
    await table.put(KEY, { status: 'RECORDING' });
    const change = { name: 'x', set: { status: 'EMPTY' }, when: equals('status', 'ASSEMBLING') };
    expect(await table.change(KEY, change)).toEqual({ standing: { ...KEY, status: 'RECORDING' } });
    expect(await table.change(OTHER, change)).toEqual({ standing: undefined });
    expect(await table.get(OTHER)).toBeUndefined();
  });

  it('sets, removes, and adds, and leaves what isn’t named', async () => {
    const table = make();
    await table.put(KEY, { kept: 1, replaced: 1, removed: 1, sum: 1 });
    const { written } = await table.change(KEY, {
      name: 'x',
      set: { replaced: 2, removed: undefined },
      setIfAbsent: { kept: 9, made: 9, never: undefined },
      add: { sum: 2, begun: 5 },
    });
    expect(written).toStrictEqual({ ...KEY, kept: 1, replaced: 2, made: 9, sum: 3, begun: 5 });
  });

  it('adds to nothing but numbers', async () => {
    const table = make();
    await table.put(KEY, { status: 'RECORDING' });
    const added = table.change(KEY, { name: 'x', add: { status: 1 } });
    await expect(added).rejects.toThrow(new TypeError('nothing can be added to the attribute status'));
  });

  it('has in an index what has both its keys, and no other index', async () => {
    const table = make();
    await table.put(KEY, { day: 'd', startedAt: 'a', secret: 1, why: 'projected' });
    await table.put(OTHER, { day: 'd' });
    await table.put({ ...KEY, contactId: 'e' }, { day: 'd', startedAt: 7 });
    const found = (await collect(table.query({ index: 'byDay', value: 'd' }))).flat();
    expect(found).toStrictEqual([{ day: 'd', startedAt: 'a', why: 'projected', ...KEY }]);
    await expect(collect(table.query({ index: 'byNight', value: 'd' }))).rejects.toThrow('no index byNight');
  });

  it('is found in the order of its second key, or the other way round', async () => {
    const table = make();
    for (const start of ['2', '10', '1']) await table.put({ ...KEY, startFragmentNumber: start }, {});
    const starts = async (backwards: boolean) =>
      (await collect(table.query({ value: 'c', backwards }))).flat().map((item) => item.startFragmentNumber);
    expect(await starts(false)).toEqual(['1', '10', '2']);
    expect(await starts(true)).toEqual(['2', '10', '1']);
  });

  it('removes one item, once or twice', async () => {
    const table = make();
    for (const key of [KEY, OTHER]) await table.put(key, {});
    await table.remove(KEY);
    await table.remove(KEY);
    expect((await collect(table.query({ value: 'c' }))).flat()).toEqual([OTHER]);
  });
});

it('a table in memory may have but one key', async () => {
  const table = new MemoryTable(CHECKPOINTS_TABLE);
  await table.put({ recordingId: 'a' }, { attempt: 1 });
  await table.put({ recordingId: 'b' }, { attempt: 2 });
  expect(await table.get({ recordingId: 'a' })).toEqual({ recordingId: 'a', attempt: 1 });
  expect((await collect(table.query({ value: 'b' }))).flat()).toEqual([{ recordingId: 'b', attempt: 2 }]);
});

describe('a table in a folder', () => {
  it('is a file that other users can’t read, and nothing beside it', async () => {
    await new FolderTable(file(), CALLS_TABLE).put(KEY, {});
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    expect(await readdir(dir)).toEqual(['calls.json']);
    expect(JSON.parse(await readFile(file(), 'utf8'))).toEqual([KEY]);
  });

  it('is not written where what is to be removed isn’t there', async () => {
    await new FolderTable(file(), CALLS_TABLE).remove(KEY);
    expect(await readdir(dir)).toEqual([]);
  });

  it('is read once as long as nobody has written it, and anew when somebody has, in place and as long as before', async () => {
    const table = new FolderTable(file(), CALLS_TABLE);
    await writeFile(file(), JSON.stringify([{ ...KEY, status: 'a' }]));
    const items = await table.items();
    expect(await table.items()).toBe(items);
    await writeFile(file(), JSON.stringify([{ ...KEY, status: 'b' }]));
    expect(await table.get(KEY, ['status'])).toEqual({ status: 'b' });
  });

  it('is not taken for empty where it can’t be read', async () => {
    await mkdir(file());
    await expect(new FolderTable(file(), CALLS_TABLE).items()).rejects.toMatchObject({ code: 'EISDIR' });
  });
});

it('a number and a text have no order, whatever the text says', () => {
  expect([orderOf('7', 1), orderOf(7, '1'), orderOf(undefined, 1), orderOf(undefined, 'a')]).toEqual([
    NaN,
    NaN,
    NaN,
    NaN,
  ]);
  expect([orderOf(7, 1), orderOf('7', '10')].map(Math.sign)).toEqual([1, 1]);
  expect(holds(atMost('a', 1), { a: '0' })).toBe(false);
  expect(holds(absent('a'), undefined)).toBe(true);
});
