/** What a refused write is taken for, by the item that refused it; in memory, where the moments are the test's to choose. */
import { describe, expect, it } from 'vitest';
import { CHECKPOINTS_TABLE } from '../../../contract/tables.ts';
import { checkpointOf } from '../../../ports/checkpoints/checkpoint-item.ts';
import { Superseded } from '../../../ports/checkpoints/checkpoints.ts';
import { MemoryCheckpoints } from '../../../ports/checkpoints/memory-checkpoints.ts';
import { TableCheckpoints } from '../../../ports/checkpoints/table-checkpoints.ts';
import { DamagedItem } from '../../../ports/table/item.ts';
import { MemoryTable } from '../../../ports/table/memory-table.ts';
import type { Item } from '../../../ports/table/table.ts';
import { NO_COUNTS } from '../../../recording/checkpoint.ts';

const ID = 'recording';
const clock = { now: () => Date.parse('2026-03-14T09:30:00.000Z') };
const ENDED = { reason: 'DISCONNECTED', at: '2026-03-14T09:40:00.000Z' } as const;
const PROGRESS = { counters: NO_COUNTS, losses: [] };
const CLAIM = { recordingId: ID, owner: 'mine', attempt: 2 };

/** Where that item stands. */
function standing(item: Item | undefined): MemoryCheckpoints {
  const checkpoints = new MemoryCheckpoints(clock);
  checkpoints.tamper(ID, item && { recordingId: ID, ...item });
  return checkpoints;
}

describe('an end that is refused', () => {
  it('is its own when it stands there already', async () => {
    const checkpoints = standing({ owner: 'mine', attempt: 2, ended: ENDED });
    await checkpoints.end(CLAIM, PROGRESS, ENDED);
    expect(checkpoints.history).toEqual([]);
  });

  it.each([
    [{ owner: 'mine', attempt: 3 }, 'recording recording has been claimed anew (attempt 3)'],
    [{ owner: 'mine', attempt: 3, ended: ENDED }, 'recording recording has been claimed anew (attempt 3)'],
    // Deleted, and claimed from its beginning.
    [{ owner: 'another', attempt: 2, ended: ENDED }, 'recording recording has been claimed anew (attempt 2)'],
    [{ owner: 'erased', erasedAt: ENDED.at }, 'recording recording has been erased'],
  ])('is not its own where another’s stands: %o', async (item, message) => {
    const ended = standing(item).end(CLAIM, PROGRESS, ENDED);
    await expect(ended).rejects.toThrow(Superseded);
    await expect(ended).rejects.toMatchObject({
      name: 'Superseded',
      message,
      checkpoint: { recordingId: ID },
    });
  });

  it('has nothing that could have refused it where the item was deleted', async () => {
    const deleted = 'the checkpoint of recording recording has been deleted; run the task again';
    const checkpoints = standing(undefined);
    for (const refused of [checkpoints.end(CLAIM, PROGRESS, ENDED), checkpoints.advance(CLAIM, PROGRESS)])
      await expect(refused).rejects.toMatchObject({ name: 'Error', message: deleted });
  });
});

describe('a handover that another forestalls', () => {
  /** Another writes between its look and its write. */
  function forestalled(item: Item | undefined) {
    const table = new MemoryTable(CHECKPOINTS_TABLE);
    table.tamper({ recordingId: ID }, { owner: 'from', attempt: 1 });
    const get = table.get.bind(table);
    table.get = async (key, only) => {
      const seen = await get(key, only);
      table.tamper(key, item);
      return seen;
    };
    return { table, handOver: () => new TableCheckpoints(table, clock).handOver(ID, 'from', 'to') };
  }

  it.each([
    ['was the same one', { owner: 'to', attempt: 2 }, true],
    ['was to another', { owner: 'another', attempt: 2 }, false],
    ['was a claim of the same owner', { owner: 'from', attempt: 2 }, false],
    ['was an erasure', { owner: 'erased', erasedAt: ENDED.at }, false],
    ['was a deletion', undefined, false],
  ])('belongs to whom it was handed: it %s', async (_, item, isTheirs) => {
    const { table, handOver } = forestalled(item);
    expect(await handOver()).toBe(isTheirs);
    expect(table.item({ recordingId: ID })).toEqual(item && { recordingId: ID, ...item });
  });

  it('belongs to whom it was handed, though the table doesn’t tell what refused it', async () => {
    const { table, handOver } = forestalled({ owner: 'to', attempt: 2 });
    const change = table.change.bind(table);
    table.change = async (...asked) => {
      const outcome = await change(...asked);
      return 'written' in outcome ? outcome : { standing: undefined };
    };
    expect(await handOver()).toBe(true);
  });
});

describe('a checkpoint’s item', () => {
  it('is named where it is damaged', async () => {
    const read = standing({ attempt: -1 }).read(ID);
    await expect(read).rejects.toThrow(DamagedItem);
    await expect(read).rejects.toThrow(/^an item of the checkpoints table is damaged/);
  });

  it('has no more of a position than was noted', () => {
    const none = { recordingId: ID, attempt: 0, counters: NO_COUNTS, losses: [] };
    expect(checkpointOf({ recordingId: ID })).toStrictEqual(none);
    expect(checkpointOf({ recordingId: ID, lastFragmentNumber: '7' })).toStrictEqual({
      ...none,
      position: { lastFragmentNumber: 7n },
    });
  });
});
