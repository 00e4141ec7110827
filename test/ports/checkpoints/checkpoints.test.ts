import { DeleteItemCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Checkpoints, type Claim, Superseded } from '../../../ports/checkpoints/checkpoints.ts';
import { MemoryCheckpoints } from '../../../ports/checkpoints/memory-checkpoints.ts';
import { TableCheckpoints } from '../../../ports/checkpoints/table-checkpoints.ts';
import type { Clock } from '../../../ports/runtime/clock.ts';
import { checkpointsIn } from '../../../ports/table/dynamodb-table.ts';
import { DamagedItem } from '../../../ports/table/item.ts';
import type { Loss } from '../../../recording/call-record.ts';
import { type Ended, LOSSES_MAX, NO_COUNTS, NOBODY, type Progress } from '../../../recording/checkpoint.ts';
import { EXECUTION_ARN, START_FRAGMENT_NUMBER } from '../../support/call.ts';
import { runs } from '../../support/runs.ts';
import { type DynamoDbForTest, dynamoDbForTest } from '../../support/standins.ts';

type Item = Record<string, unknown>;

let dynamoDb: DynamoDbForTest;
beforeAll(async () => {
  dynamoDb = await dynamoDbForTest();
});
afterAll(() => dynamoDb.close());

const NOW_MS = Date.parse('2026-03-14T09:30:00.000Z');
const clock: Clock = { now: () => NOW_MS, sleep: () => Promise.resolve() };

/** Each test has a recording of its own, since the table is shared. */
let recordings = 0;
const newRecordingId = () => `recording-${String(recordings++)}`;

const ADAPTERS = [
  {
    name: 'TableCheckpoints on DynamoDB',
    make: () => {
      const { client } = dynamoDb;
      const TableName = dynamoDb.tables.checkpoints;
      return {
        checkpoints: new TableCheckpoints(checkpointsIn(client, TableName), clock),
        item: async (recordingId: string): Promise<Item | undefined> => {
          const { Item } = await client.send(
            new GetItemCommand({ TableName, Key: marshall({ recordingId }), ConsistentRead: true }),
          );
          return Item && unmarshall(Item);
        },
        put: async (item: Item) => {
          await client.send(new PutItemCommand({ TableName, Item: marshall(item) }));
        },
        remove: async (recordingId: string) => {
          await client.send(new DeleteItemCommand({ TableName, Key: marshall({ recordingId }) }));
        },
      };
    },
  },
  {
    name: 'TableCheckpoints in memory',
    make: () => {
      const checkpoints = new MemoryCheckpoints(clock);
      return {
        checkpoints,
        item: (recordingId: string) => Promise.resolve(checkpoints.item(recordingId)),
        put: (item: Item) => {
          checkpoints.tamper(String(item.recordingId), item);
          return Promise.resolve();
        },
        remove: (recordingId: string) => {
          checkpoints.tamper(recordingId, undefined);
          return Promise.resolve();
        },
      };
    },
  },
];

const OTHER_EXECUTION_ARN = `${EXECUTION_ARN}-r1`;
const ENDED: Ended = { reason: 'DISCONNECTED', at: '2026-03-14T09:40:00.000Z' };

const LOSS: Loss = {
  kind: 'FRAGMENT_CUT',
  why: 'the last fragment broke off',
  firstFragmentNumber: '12',
  startMs: 1_000,
};

function progressTo(fragments: number): Progress {
  return {
    position: {
      lastFragmentNumber: START_FRAGMENT_NUMBER + BigInt(fragments),
      continuationToken: (START_FRAGMENT_NUMBER + BigInt(fragments)).toString(),
      lastServerTimestamp: NOW_MS + fragments * 1_024,
      lastSegmentUid: '00112233445566778899aabbccddeeff',
    },
    counters: {
      fragments,
      restored: 1,
      bytes: fragments * 33_000,
      segments: 1,
      reopenings: 2,
      maxBehindMs: 850,
      mediaMs: fragments * 1_024,
    },
    losses: [LOSS],
  };
}

const NOTHING_YET: Progress = { counters: NO_COUNTS, losses: [] };

async function claimed(checkpoints: Checkpoints, recordingId: string, owner = EXECUTION_ARN): Promise<Claim> {
  const result = await checkpoints.claim(recordingId, owner);
  if (!result.claimed) throw new Error('not claimed');
  return result.claim;
}

describe.each(ADAPTERS)('$name', ({ make }) => {
  it('knows nothing of a recording that no task has claimed', async () => {
    expect(await make().checkpoints.read(newRecordingId())).toBeUndefined();
  });

  it('gives the first claim attempt 1 and an empty checkpoint', async () => {
    const { checkpoints } = make();
    const recordingId = newRecordingId();

    const result = await checkpoints.claim(recordingId, EXECUTION_ARN);

    const checkpoint = { recordingId, owner: EXECUTION_ARN, attempt: 1, ...NOTHING_YET };
    expect(result).toEqual({
      claimed: true,
      claim: { recordingId, owner: EXECUTION_ARN, attempt: 1 },
      checkpoint,
    });
    expect(await checkpoints.read(recordingId)).toEqual(checkpoint);
  });

  it('gives back what was advanced to, to the successor too', async () => {
    const { checkpoints } = make();
    const recordingId = newRecordingId();
    await checkpoints.advance(await claimed(checkpoints, recordingId), progressTo(10));

    const successor = await checkpoints.claim(recordingId, EXECUTION_ARN);

    const checkpoint = { recordingId, owner: EXECUTION_ARN, attempt: 2, ...progressTo(10) };
    expect(successor).toMatchObject({ claimed: true, claim: { attempt: 2 } });
    expect(successor.checkpoint).toEqual(checkpoint);
    expect(await checkpoints.read(recordingId)).toEqual(checkpoint);
  });

  it('refuses a claim by another execution', async () => {
    const { checkpoints } = make();
    const recordingId = newRecordingId();
    await claimed(checkpoints, recordingId);

    const result = await checkpoints.claim(recordingId, OTHER_EXECUTION_ARN);

    expect(result).toEqual({ claimed: false, checkpoint: await checkpoints.read(recordingId) });
    expect(result.checkpoint).toMatchObject({ owner: EXECUTION_ARN, attempt: 1 });
  });

  it('leaves nothing of an earlier position behind', async () => {
    const { checkpoints } = make();
    const recordingId = newRecordingId();
    const claim = await claimed(checkpoints, recordingId);
    await checkpoints.advance(claim, progressTo(10));

    const bare: Progress = { ...NOTHING_YET, position: { lastFragmentNumber: 7n } };
    await checkpoints.advance(claim, bare);

    expect(await checkpoints.read(recordingId)).toEqual({
      recordingId,
      owner: EXECUTION_ARN,
      attempt: 1,
      ...bare,
    });
  });

  it('refuses every write of a task that has been superseded', async () => {
    const { checkpoints } = make();
    const recordingId = newRecordingId();
    const zombie = await claimed(checkpoints, recordingId);
    await claimed(checkpoints, recordingId);
    const before = await checkpoints.read(recordingId);

    for (const write of [
      () => checkpoints.advance(zombie, progressTo(99)),
      () => checkpoints.end(zombie, progressTo(99), ENDED),
    ]) {
      const writing = write();
      await expect(writing).rejects.toThrow(Superseded);
      await expect(writing).rejects.toMatchObject({ checkpoint: before });
    }

    expect(await checkpoints.read(recordingId)).toEqual(before);
  });

  it('ends with the last progress and the reason', async () => {
    const { checkpoints } = make();
    const recordingId = newRecordingId();
    const claim = await claimed(checkpoints, recordingId);
    const ended: Ended = {
      ...ENDED,
      why: 'the contact was disconnected',
      foreignFragmentNumber: '123',
      isForeignUntold: true,
      endBefore: '120',
    };

    await checkpoints.end(claim, progressTo(12), ended);

    expect(await checkpoints.read(recordingId)).toEqual({
      recordingId,
      owner: EXECUTION_ARN,
      attempt: 1,
      ...progressTo(12),
      ended,
    });
  });

  it('takes an end that is tried again for done, and keeps the first', async () => {
    const { checkpoints } = make();
    const recordingId = newRecordingId();
    const claim = await claimed(checkpoints, recordingId);
    await checkpoints.end(claim, progressTo(12), ENDED);
    const before = await checkpoints.read(recordingId);

    await checkpoints.end(claim, progressTo(3), { reason: 'IDLE', at: ENDED.at });

    expect(await checkpoints.read(recordingId)).toEqual(before);
  });

  it('lets nothing advance after the end', async () => {
    const { checkpoints } = make();
    const recordingId = newRecordingId();
    const claim = await claimed(checkpoints, recordingId);
    await checkpoints.end(claim, progressTo(12), ENDED);

    const late = checkpoints.advance(claim, progressTo(11));

    await expect(late).rejects.toMatchObject({ name: 'Superseded', checkpoint: { ended: ENDED } });
    expect(await checkpoints.read(recordingId)).toMatchObject(progressTo(12));
  });

  it('shows the end to a task that claims after it', async () => {
    const { checkpoints } = make();
    const recordingId = newRecordingId();
    await checkpoints.end(await claimed(checkpoints, recordingId), progressTo(12), ENDED);

    const result = await checkpoints.claim(recordingId, EXECUTION_ARN);

    expect(result).toMatchObject({ claimed: true, checkpoint: { ended: ENDED, attempt: 2 } });
  });

  it('says that the checkpoint has been deleted when a write finds none', async () => {
    const { checkpoints, remove } = make();
    const recordingId = newRecordingId();
    const claim = await claimed(checkpoints, recordingId);
    await remove(recordingId);

    await expect(checkpoints.advance(claim, progressTo(1))).rejects.toThrow('deleted');
    await expect(checkpoints.end(claim, progressTo(1), ENDED)).rejects.toThrow('deleted');

    expect(await checkpoints.read(recordingId)).toBeUndefined();
  });

  describe('fence', () => {
    const GIVEN_UP: Ended = { reason: 'RECORDER_GAVE_UP', at: '2026-03-14T10:00:00.000Z' };

    it('ends the recording and stops the task that is still alive', async () => {
      const { checkpoints } = make();
      const recordingId = newRecordingId();
      const alive = await claimed(checkpoints, recordingId);
      await checkpoints.advance(alive, progressTo(5));

      const fenced = await checkpoints.fence(recordingId, EXECUTION_ARN, GIVEN_UP);

      expect(fenced).toEqual({
        recordingId,
        owner: EXECUTION_ARN,
        attempt: 2,
        ...progressTo(5),
        ended: GIVEN_UP,
      });
      expect(await checkpoints.read(recordingId)).toEqual(fenced);
      await expect(checkpoints.advance(alive, progressTo(6))).rejects.toThrow(Superseded);
    });

    it('makes the checkpoint where no task ever ran', async () => {
      const { checkpoints } = make();
      const recordingId = newRecordingId();

      const fenced = await checkpoints.fence(recordingId, EXECUTION_ARN, GIVEN_UP);

      expect(fenced).toEqual({
        recordingId,
        owner: EXECUTION_ARN,
        attempt: 1,
        ...NOTHING_YET,
        ended: GIVEN_UP,
      });
    });

    it('changes nothing where the recording has ended', async () => {
      const { checkpoints } = make();
      const recordingId = newRecordingId();
      await checkpoints.end(await claimed(checkpoints, recordingId), progressTo(5), ENDED);
      const before = await checkpoints.read(recordingId);

      expect(await checkpoints.fence(recordingId, EXECUTION_ARN, GIVEN_UP)).toEqual(before);
      expect(await checkpoints.read(recordingId)).toEqual(before);
    });

    it('changes nothing where the recording belongs to another execution', async () => {
      const { checkpoints } = make();
      const recordingId = newRecordingId();
      await claimed(checkpoints, recordingId);
      const before = await checkpoints.read(recordingId);

      expect(await checkpoints.fence(recordingId, OTHER_EXECUTION_ARN, GIVEN_UP)).toEqual(before);
      expect(await checkpoints.read(recordingId)).toEqual(before);
    });
  });

  describe('handOver', () => {
    it('gives an ended recording to another execution, which may claim it then', async () => {
      const { checkpoints } = make();
      const recordingId = newRecordingId();
      const old = await claimed(checkpoints, recordingId);
      await checkpoints.end(old, progressTo(5), ENDED);

      expect(await checkpoints.handOver(recordingId, EXECUTION_ARN, OTHER_EXECUTION_ARN)).toBe(true);

      const result = await checkpoints.claim(recordingId, OTHER_EXECUTION_ARN);
      expect(result).toMatchObject({ claimed: true, claim: { attempt: 3 } });
      expect(result.checkpoint).toEqual({
        recordingId,
        owner: OTHER_EXECUTION_ARN,
        attempt: 3,
        ...progressTo(5),
        endedBefore: ENDED,
      });
      expect(await checkpoints.claim(recordingId, EXECUTION_ARN)).toMatchObject({ claimed: false });
      await expect(checkpoints.advance(old, progressTo(6))).rejects.toThrow(Superseded);
    });

    it('may be tried again', async () => {
      const { checkpoints } = make();
      const recordingId = newRecordingId();
      await claimed(checkpoints, recordingId);

      expect(await checkpoints.handOver(recordingId, EXECUTION_ARN, OTHER_EXECUTION_ARN)).toBe(true);
      const before = await checkpoints.read(recordingId);
      expect(await checkpoints.handOver(recordingId, EXECUTION_ARN, OTHER_EXECUTION_ARN)).toBe(true);

      expect(await checkpoints.read(recordingId)).toEqual(before);
    });

    it('keeps how it had ended until more is stored, over several handovers', async () => {
      const { checkpoints } = make();
      const recordingId = newRecordingId();
      await checkpoints.end(await claimed(checkpoints, recordingId), progressTo(5), ENDED);
      await checkpoints.handOver(recordingId, EXECUTION_ARN, OTHER_EXECUTION_ARN);
      await checkpoints.handOver(recordingId, OTHER_EXECUTION_ARN, 'a third');

      const { checkpoint, ...result } = await checkpoints.claim(recordingId, 'a third');
      expect(checkpoint.endedBefore).toEqual(ENDED);
      if (!result.claimed) throw new Error('not claimed');
      await checkpoints.advance(result.claim, progressTo(6));

      expect((await checkpoints.read(recordingId))?.endedBefore).toBeUndefined();
    });

    it('refuses where the recording belongs to a third, or to nobody', async () => {
      const { checkpoints } = make();
      const recordingId = newRecordingId();
      await claimed(checkpoints, recordingId);

      expect(await checkpoints.handOver(recordingId, 'another', OTHER_EXECUTION_ARN)).toBe(false);
      expect(await checkpoints.handOver(newRecordingId(), EXECUTION_ARN, OTHER_EXECUTION_ARN)).toBe(false);

      expect(await checkpoints.read(recordingId)).toMatchObject({ owner: EXECUTION_ARN, attempt: 1 });
    });
  });

  describe('erase', () => {
    const EXPIRES_MS = Date.parse('2026-06-12T09:30:00.500Z');
    const erasedCheckpoint = (recordingId: string) => ({
      recordingId,
      owner: NOBODY,
      attempt: 0,
      ...NOTHING_YET,
      erasedAt: '2026-03-14T09:30:00.000Z',
    });

    it('leaves a tombstone that says nothing of the call, whatever stood there', async () => {
      const { checkpoints, item, put } = make();
      const [ended, nothing, damaged] = [newRecordingId(), newRecordingId(), newRecordingId()];
      const claim = await claimed(checkpoints, ended);
      await checkpoints.end(claim, progressTo(10), ENDED);
      await put({ recordingId: damaged, attempt: 'two', said: 'something' });
      const before = await checkpoints.read(ended);

      expect(await checkpoints.erase(ended, EXPIRES_MS)).toEqual(before);
      expect(await checkpoints.erase(nothing, EXPIRES_MS)).toBeUndefined();
      expect(await checkpoints.erase(damaged, EXPIRES_MS)).toBeUndefined();

      for (const recordingId of [ended, nothing, damaged]) {
        expect(await item(recordingId)).toEqual({
          recordingId,
          owner: NOBODY,
          erasedAt: '2026-03-14T09:30:00.000Z',
          expiresAt: Math.ceil(EXPIRES_MS / 1_000),
        });
        expect(await checkpoints.read(recordingId)).toEqual(erasedCheckpoint(recordingId));
      }
    });

    it('refuses every later write, of whoever held the recording and of whoever comes', async () => {
      const { checkpoints, item } = make();
      const recordingId = newRecordingId();
      const claim = await claimed(checkpoints, recordingId);
      await checkpoints.erase(recordingId, EXPIRES_MS);
      const before = await item(recordingId);
      const refused = { claimed: false, checkpoint: erasedCheckpoint(recordingId) };

      expect(await checkpoints.claim(recordingId, EXECUTION_ARN)).toEqual(refused);
      expect(await checkpoints.claim(recordingId, OTHER_EXECUTION_ARN)).toEqual(refused);
      for (const write of [
        () => checkpoints.advance(claim, progressTo(1)),
        () => checkpoints.end(claim, progressTo(1), ENDED),
      ]) {
        const writing = write();
        await expect(writing).rejects.toThrow(Superseded);
        await expect(writing).rejects.toThrow('has been erased');
        await expect(writing).rejects.toMatchObject({ checkpoint: refused.checkpoint });
      }
      expect(await checkpoints.fence(recordingId, EXECUTION_ARN, ENDED)).toEqual(refused.checkpoint);
      expect(await checkpoints.handOver(recordingId, EXECUTION_ARN, OTHER_EXECUTION_ARN)).toBe(false);

      expect(await item(recordingId)).toEqual(before);
    });

    it('may be done again, which puts off when the tombstone goes', async () => {
      const { checkpoints, item } = make();
      const recordingId = newRecordingId();
      await checkpoints.erase(recordingId, EXPIRES_MS);

      const again = await checkpoints.erase(recordingId, EXPIRES_MS + 60_000);

      expect(again).toEqual(erasedCheckpoint(recordingId));
      expect(await item(recordingId)).toMatchObject({ expiresAt: Math.ceil(EXPIRES_MS / 1_000) + 60 });
    });
  });

  describe('as items', () => {
    it('stands in the table by the names that are documented', async () => {
      const { checkpoints, item } = make();
      const recordingId = newRecordingId();
      const claim = await claimed(checkpoints, recordingId);

      await checkpoints.end(claim, progressTo(10), ENDED);

      expect(await item(recordingId)).toEqual({
        recordingId,
        owner: EXECUTION_ARN,
        attempt: 1,
        lastFragmentNumber: (START_FRAGMENT_NUMBER + 10n).toString(),
        continuationToken: (START_FRAGMENT_NUMBER + 10n).toString(),
        lastServerTimestamp: NOW_MS + 10_240,
        lastSegmentUid: '00112233445566778899aabbccddeeff',
        ...progressTo(10).counters,
        losses: [LOSS],
        ended: ENDED,
        updatedAt: '2026-03-14T09:30:00.000Z',
        // 30 days after the last write
        expiresAt: Date.parse('2026-04-13T09:30:00.000Z') / 1_000,
      });
    });

    it('tolerates attributes that it does not know', async () => {
      const { checkpoints, put } = make();
      const recordingId = newRecordingId();
      await put({ recordingId, owner: EXECUTION_ARN, attempt: 4, colour: 'blue', added: { by: ['a', 'b'] } });

      expect(await checkpoints.read(recordingId)).toEqual({
        recordingId,
        owner: EXECUTION_ARN,
        attempt: 4,
        ...NOTHING_YET,
      });
    });

    it.each([
      ['attempt', { attempt: 'two' }],
      ['lastFragmentNumber', { lastFragmentNumber: '12x' }],
      ['fragments', { fragments: -1 }],
      ['ended.reason', { ended: { reason: 'BORED', at: ENDED.at } }],
      ['losses.0.kind', { losses: [{ kind: 'STOLEN', why: '' }] }],
    ])('names the damaged attribute: %s', async (attribute, damage) => {
      const { checkpoints, put } = make();
      const recordingId = newRecordingId();
      await put({ recordingId, owner: EXECUTION_ARN, attempt: 1, ...damage });

      const reading = checkpoints.read(recordingId);

      await expect(reading).rejects.toThrow(DamagedItem);
      await expect(reading).rejects.toThrow(attribute);
    });

    it('stays writable however much is lost, and counts what it leaves out', async () => {
      const { checkpoints, item } = make();
      const recordingId = newRecordingId();
      const claim = await claimed(checkpoints, recordingId);
      const losses = Array.from({ length: 1_000 }, () => ({ ...LOSS, why: '𝄞'.repeat(3_000) }));

      await checkpoints.end(claim, { ...NOTHING_YET, losses }, { ...ENDED, why: 'é'.repeat(500_000) });

      const read = await checkpoints.read(recordingId);
      expect(read?.losses).toHaveLength(LOSSES_MAX);
      expect(read?.losses[0]?.why).toMatch(/^𝄞+…$/u);
      expect(read?.ended?.why).toMatch(/^é+…$/u);
      expect(await item(recordingId)).toMatchObject({ lossCount: 1_000 });
    });
  });
});

describe('TableCheckpoints on DynamoDB and in memory', () => {
  interface Operation {
    by: string;
    does: 'claim' | 'advance' | 'end' | 'fence' | 'handOver' | 'erase';
    attempt: number;
    fragments: number;
  }
  const operation = fc.record<Operation>({
    by: fc.constantFrom(EXECUTION_ARN, OTHER_EXECUTION_ARN),
    does: fc.constantFrom('claim', 'advance', 'end', 'fence', 'handOver', 'erase'),
    attempt: fc.integer({ min: 1, max: 4 }),
    fragments: fc.integer({ min: 0, max: 50 }),
  });

  async function run(
    checkpoints: Checkpoints,
    recordingId: string,
    { by, does, attempt, fragments }: Operation,
  ) {
    const claim = { recordingId, owner: by, attempt };
    try {
      switch (does) {
        case 'claim':
          return await checkpoints.claim(recordingId, by);
        case 'advance': {
          await checkpoints.advance(claim, progressTo(fragments));
          return;
        }
        case 'end': {
          await checkpoints.end(claim, progressTo(fragments), ENDED);
          return;
        }
        case 'fence':
          return await checkpoints.fence(recordingId, by, ENDED);
        case 'handOver':
          return await checkpoints.handOver(recordingId, by, OTHER_EXECUTION_ARN);
        case 'erase':
          return await checkpoints.erase(recordingId, NOW_MS + attempt);
      }
    } catch (error) {
      return error instanceof Superseded ? { superseded: error.checkpoint } : String(error);
    }
  }

  it('answer alike, whatever is asked of them in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 12 }), async (operations) => {
        const recordingId = newRecordingId();
        const [real, twin] = ADAPTERS.map(({ make }) => make());
        if (real === undefined || twin === undefined) throw new Error('two adapters');

        for (const each of operations) {
          const answers = [
            await run(real.checkpoints, recordingId, each),
            await run(twin.checkpoints, recordingId, each),
          ];
          expect(answers[1]).toEqual(answers[0]);
        }

        expect(await twin.item(recordingId)).toEqual(await real.item(recordingId));
      }),
      { numRuns: runs(60) },
    );
  });
});

describe('MemoryCheckpoints', () => {
  it('tells its history, and each write as it takes effect', async () => {
    const seen: string[] = [];
    const checkpoints = new MemoryCheckpoints(clock, { onWrite: ({ operation }) => seen.push(operation) });
    const recordingId = newRecordingId();

    const claim = await claimed(checkpoints, recordingId);
    await checkpoints.advance(claim, progressTo(1));
    await checkpoints.claim(recordingId, OTHER_EXECUTION_ARN);
    await checkpoints.end(claim, progressTo(2), ENDED);
    await checkpoints.end(claim, progressTo(2), ENDED);
    await checkpoints.handOver(recordingId, EXECUTION_ARN, OTHER_EXECUTION_ARN);
    await checkpoints.erase(recordingId, NOW_MS);

    expect(seen).toEqual(['claim', 'advance', 'end', 'handOver', 'erase']);
    expect(checkpoints.history.map(({ operation }) => operation)).toEqual(seen);
    expect(checkpoints.history[1]).toMatchObject({
      before: { counters: NO_COUNTS },
      after: progressTo(1),
    });
  });
});
