import { DeleteItemCommand, GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CallKey, callKey } from '../../../ports/calls/call-item.ts';
import {
  type AssemblyClaim,
  AssemblySuperseded,
  CallMissing,
  type Calls,
  type Starter,
} from '../../../ports/calls/calls.ts';
import { MemoryCalls } from '../../../ports/calls/memory-calls.ts';
import type { Resumptions } from '../../../ports/calls/resumptions.ts';
import { TableCalls } from '../../../ports/calls/table-calls.ts';
import { callsIn } from '../../../ports/table/dynamodb-table.ts';
import { DamagedItem } from '../../../ports/table/item.ts';
import type { Completion, ContactFacts, NewCall } from '../../../recording/call-record.ts';
import { type Recording, recordingId } from '../../../recording/identity.ts';
import {
  CONTACT_ID,
  EXECUTION_ARN,
  INSTANCE_ARN,
  START_FRAGMENT_NUMBER,
  STARTED_AT,
  STREAM_ARN,
} from '../../support/call.ts';
import { runs } from '../../support/runs.ts';
import { type DynamoDbForTest, dynamoDbForTest } from '../../support/standins.ts';

type Item = Readonly<Record<string, unknown>>;

let dynamoDb: DynamoDbForTest;
beforeAll(async () => {
  dynamoDb = await dynamoDbForTest();
});
afterAll(() => dynamoDb.close());

/** Each test has a contact of its own, since the table is shared. */
let contacts = 0;
function newRecording(): Recording {
  const suffix = (contacts++).toString(16).padStart(4, '0');
  return { contactId: CONTACT_ID.slice(0, -4) + suffix, startFragmentNumber: START_FRAGMENT_NUMBER };
}

const ADAPTERS = [
  {
    name: 'TableCalls on DynamoDB',
    make: (unique?: () => string) => {
      const { client } = dynamoDb;
      const TableName = dynamoDb.tables.calls;
      return {
        calls: new TableCalls(callsIn(client, TableName), unique),
        item: async (key: CallKey): Promise<Item | undefined> => {
          const { Item } = await client.send(
            new GetItemCommand({ TableName, Key: marshall(key), ConsistentRead: true }),
          );
          return Item && unmarshall(Item);
        },
        put: async (item: Item & CallKey) => {
          await client.send(new PutItemCommand({ TableName, Item: marshall(item) }));
        },
        remove: async (key: CallKey) => {
          await client.send(new DeleteItemCommand({ TableName, Key: marshall(key) }));
        },
      };
    },
  },
  {
    name: 'TableCalls in memory',
    make: (unique?: () => string) => {
      const calls = new MemoryCalls(unique && { unique });
      return {
        calls,
        item: (key: CallKey) => Promise.resolve(calls.item(key)),
        put: (item: Item & CallKey) => {
          calls.tamper(item, item);
          return Promise.resolve();
        },
        remove: (key: CallKey) => {
          calls.tamper(key, undefined);
          return Promise.resolve();
        },
      };
    },
  },
];

/** Two invocations that start the same recording, in the order of beginning. */
const FIRST: Starter = { beganAtMs: Date.parse(STARTED_AT), id: 'b' };
const SECOND: Starter = { beganAtMs: Date.parse(STARTED_AT) + 1, id: 'a' };
const starter = (time: string): Starter => ({ beganAtMs: Date.parse(time), id: 'x' });

const OTHER_EXECUTION_ARN = `${EXECUTION_ARN}-r1`;
const EXECUTION_FACTS = { streamArn: STREAM_ARN, startedAt: STARTED_AT, instanceArn: INSTANCE_ARN };
/** When an assembly begins. */
const SINCE_MS = Date.parse(STARTED_AT) + 600_000;
const QUEUE = { arn: `${INSTANCE_ARN}/queue/support`, name: 'Support' };

function newCall(recording: Recording): NewCall {
  return {
    contactId: recording.contactId,
    startFragmentNumber: recording.startFragmentNumber.toString(),
    recordingId: recordingId(recording),
    status: 'RECORDING',
    executionArn: EXECUTION_ARN,
    ...EXECUTION_FACTS,
    day: '2026-03-14',
    channel: 'VOICE',
    initiationMethod: 'INBOUND',
    initialContactId: recording.contactId,
    customerNumber: '+15550100',
    systemNumber: '+15550199',
    queue: QUEUE,
    attributes: { language: 'en', tier: 'gold' },
  };
}

const COMPLETION: Completion = {
  status: 'INCOMPLETE',
  why: 'one fragment was lost',
  endedAt: '2026-03-14T09:40:00.000Z',
  endReason: 'DISCONNECTED',
  durationMs: 786_411,
  attempts: 2,
  audio: {
    bucket: 'bucket',
    key: 'recordings/x.wav',
    bytes: 25_165_196,
    sha256: 'ab'.repeat(32),
    sampleRate: 8_000,
    channels: 2,
    frames: 6_291_288,
  },
  media: {
    originMs: 1_773_480_413_589.125,
    fragments: 768,
    gapCount: 1,
    gapMs: { AUDIO_FROM_CUSTOMER: 0, AUDIO_TO_CUSTOMER: 7_000.125 },
    gaps: [{ track: 'AUDIO_TO_CUSTOMER', startMs: 0, lengthMs: 7_000.125 }],
    reanchored: 0,
    lateBlocks: 1,
    strayBlocks: 2,
    aheadMs: { AUDIO_FROM_CUSTOMER: 0, AUDIO_TO_CUSTOMER: 2_250.125 },
    reopenings: 1,
    resumes: 1,
    maxBehindMs: 900,
  },
  losses: [{ kind: 'POSITION_LOST', why: 'forgotten', startMs: 2, lengthMs: 3 }],
  verification: {
    method: 'LIST_FRAGMENTS',
    at: '2026-03-14T09:41:00.000Z',
    fragmentsListed: 769,
    fragmentsMissing: 1,
  },
};

describe.each(ADAPTERS)('$name', ({ make }) => {
  /** An adapter, and the record of a call that has just started. */
  async function started(unique?: () => string) {
    const recording = newRecording();
    const adapter = make(unique);
    await adapter.calls.create(newCall(recording), FIRST);
    const assembling = (sinceMs = SINCE_MS, executionArn = EXECUTION_ARN) =>
      adapter.calls.assembling(recording, executionArn, sinceMs, EXECUTION_FACTS);
    return { ...adapter, recording, key: callKey(recording), assembling };
  }

  describe('create', () => {
    it('writes the record of a new call', async () => {
      const { calls } = make();
      const recording = newRecording();

      expect(await calls.create(newCall(recording))).toBeUndefined();

      expect(await calls.get(recording)).toEqual(newCall(recording));
    });

    it('changes nothing where there is a record, and gives it', async () => {
      const { calls, recording } = await started();
      await calls.assembling(recording, EXECUTION_ARN, SINCE_MS, EXECUTION_FACTS);
      const before = await calls.get(recording);

      expect(await calls.create({ ...newCall(recording), customerNumber: '+15550111' })).toEqual(before);

      expect(await calls.get(recording)).toEqual(before);
    });

    it('leaves out what is empty, so that no index refuses the item', async () => {
      const { calls } = make();
      const recording = newRecording();
      const { customerNumber, queue, ...rest } = newCall(recording);
      expect([customerNumber, queue]).not.toContain(undefined);

      await calls.create({ ...rest, customerNumber: '', queue: { name: '' } });

      expect(await calls.get(recording)).toEqual({ ...rest, queue: {} });
    });

    it('stays within an item’s size, and counts what it leaves out or merges', async () => {
      const { calls } = make();
      const recording = newRecording();
      const attributes = Object.fromEntries(
        Array.from({ length: 500 }, (_, index) => [`attribute ${String(index)}`, '\ud800€'.repeat(1_000)]),
      );

      await calls.create({ ...newCall(recording), attributes, customerNumber: '+'.repeat(9_000) });

      const call = await calls.get(recording);
      const kept = Object.values(call?.attributes ?? {});
      expect(kept.length).toBeGreaterThan(5);
      expect(kept.join('').length).toBeLessThan(64_000);
      expect(kept[0]).toBe('\ufffd€'.repeat(1_000));
      expect(call?.attributeCount).toBe(500);
      expect(call?.customerNumber?.length).toBeLessThanOrEqual(1_024);
    });
  });

  describe('ofContact', () => {
    it('gives a contact’s recordings in order of their start, as numbers', async () => {
      const { calls } = make();
      const { contactId } = newRecording();
      const starts = [START_FRAGMENT_NUMBER, 5n, 123n, 12n, START_FRAGMENT_NUMBER * 100n];
      for (const startFragmentNumber of starts) {
        await calls.create(newCall({ contactId, startFragmentNumber }));
      }

      const found = await calls.ofContact(contactId);

      expect(found.map((call) => BigInt(call.startFragmentNumber))).toEqual([
        5n,
        12n,
        123n,
        START_FRAGMENT_NUMBER,
        START_FRAGMENT_NUMBER * 100n,
      ]);
    });

    it.each([
      ['one attribute of a newer version', { endReason: 'OF_A_NEWER_VERSION' }, { status: 'RECORDING' }],
      [
        'what every record has',
        { status: 'OF_A_NEWER_VERSION', streamArn: false, day: undefined },
        { startedAt: STARTED_AT },
      ],
    ])('leaves out of a record what can’t be read of it: %s', async (_, damage, left) => {
      const { calls, item, put, recording, key } = await started();
      const damaged = Object.fromEntries(
        Object.entries({ ...(await item(key)), ...damage }).filter(([, value]) => value !== undefined),
      );
      await put({ ...damaged, ...key });

      const [found] = await calls.ofContact(recording.contactId);

      expect(found).toMatchObject({ startFragmentNumber: recording.startFragmentNumber.toString(), ...left });
      for (const attribute of Object.keys(damage)) expect(found).not.toHaveProperty(attribute);
      await expect(calls.get(recording)).rejects.toThrow(DamagedItem);
    });

    it('gives nothing of a contact that is not recorded', async () => {
      expect(await make().calls.ofContact(newRecording().contactId)).toEqual([]);
    });
  });

  describe('startFailed, startAgain', () => {
    it('says why the start failed, and may start again', async () => {
      const { calls, recording } = await started();

      await calls.startFailed(recording, EXECUTION_ARN, 'throttled', FIRST);
      expect(await calls.get(recording)).toEqual({
        ...newCall(recording),
        status: 'FAILED',
        why: 'throttled',
      });

      expect(await calls.startAgain(recording, EXECUTION_ARN, SECOND)).toBe(true);
      expect(await calls.startAgain(recording, EXECUTION_ARN, SECOND)).toBe(true);
      expect(await calls.get(recording)).toEqual(newCall(recording));
    });

    it('fails no start of another execution', async () => {
      const { calls, recording } = await started();

      await calls.startFailed(recording, OTHER_EXECUTION_ARN, 'throttled', FIRST);

      expect(await calls.get(recording)).toEqual(newCall(recording));
    });

    it('fails no start after the assembly has begun', async () => {
      const { calls, recording } = await started();
      await calls.assembling(recording, EXECUTION_ARN, SINCE_MS, EXECUTION_FACTS);

      await calls.startFailed(recording, EXECUTION_ARN, 'throttled', FIRST);

      expect(await calls.get(recording)).toMatchObject({ status: 'ASSEMBLING' });
    });

    it('does not start again what an assembly called FAILED', async () => {
      const { calls, recording, assembling } = await started();
      await calls.complete(await assembling(), { ...COMPLETION, status: 'FAILED' }, {});

      expect(await calls.startAgain(recording, EXECUTION_ARN, SECOND)).toBe(false);

      expect(await calls.get(recording)).toMatchObject({ status: 'FAILED' });
    });

    it('does not start again for another execution', async () => {
      const { calls, recording } = await started();
      await calls.startFailed(recording, EXECUTION_ARN, 'throttled', FIRST);

      expect(await calls.startAgain(recording, OTHER_EXECUTION_ARN, SECOND)).toBe(false);

      expect(await calls.get(recording)).toMatchObject({ status: 'FAILED' });
    });

    it('fails no start that a later one has taken over: a frozen function’s request comes late', async () => {
      const { calls, recording } = await started();
      expect(await calls.startAgain(recording, EXECUTION_ARN, SECOND)).toBe(true);

      await calls.startFailed(recording, EXECUTION_ARN, 'throttled', FIRST);

      expect(await calls.get(recording)).toEqual(newCall(recording));
      await calls.startFailed(recording, EXECUTION_ARN, 'throttled', SECOND);
      expect(await calls.get(recording)).toMatchObject({ status: 'FAILED' });
    });

    it('does not start again what a later one could not start', async () => {
      const { calls, recording } = await started();
      await calls.startAgain(recording, EXECUTION_ARN, SECOND);
      await calls.startFailed(recording, EXECUTION_ARN, 'throttled', SECOND);

      expect(await calls.startAgain(recording, EXECUTION_ARN, FIRST)).toBe(false);

      expect(await calls.get(recording)).toMatchObject({ status: 'FAILED' });
    });

    it('takes a start over from nobody, where an earlier program wrote the record', async () => {
      const { calls } = make();
      const recording = newRecording();
      await calls.create(newCall(recording));

      await calls.startFailed(recording, EXECUTION_ARN, 'throttled', FIRST);
      expect(await calls.get(recording)).toEqual(newCall(recording));

      expect(await calls.startAgain(recording, EXECUTION_ARN, SECOND)).toBe(true);
    });

    it('makes no record', async () => {
      const { calls } = make();
      const recording = newRecording();

      await calls.startFailed(recording, EXECUTION_ARN, 'throttled', FIRST);
      expect(await calls.startAgain(recording, EXECUTION_ARN, SECOND)).toBe(false);

      expect(await calls.get(recording)).toBeUndefined();
    });
  });

  describe('resuming, givingUp', () => {
    const AT = '2026-03-14T12:00:00.000Z';
    const RESUMED = { at: AT, by: 'schedule', why: 'RECORDER_GAVE_UP' } as const;
    const GAVE_UP = { at: AT, by: 'schedule', why: 'tried six times', gaveUp: true } as const;
    const seen = async (calls: Pick<Calls, 'get'>, recording: Recording) =>
      (await calls.get(recording)) ?? expect.fail('there is no record');

    it('notes who resumes it, and makes it that execution’s; all else stays', async () => {
      const { calls, recording } = await started();

      expect(await calls.resuming(await seen(calls, recording), RESUMED, OTHER_EXECUTION_ARN, SECOND)).toBe(
        true,
      );

      expect(await calls.get(recording)).toEqual({
        ...newCall(recording),
        executionArn: OTHER_EXECUTION_ARN,
        resumptions: [RESUMED],
        resumptionCount: 1,
      });
      await calls.startFailed(recording, OTHER_EXECUTION_ARN, 'late', FIRST);
      expect(await calls.get(recording)).toMatchObject({ status: 'RECORDING' });
    });

    it('leaves an end, and whose it is, until it is assembled again', async () => {
      const { calls, recording, assembling } = await started();
      await calls.complete(await assembling(), COMPLETION, {});
      const before = await seen(calls, recording);

      expect(await calls.resuming(before, RESUMED, OTHER_EXECUTION_ARN, SECOND)).toBe(true);

      const noted = { resumptions: [RESUMED], resumptionCount: 1 };
      expect(await calls.get(recording)).toEqual({ ...before, ...noted });
    });

    it.each(['resuming', 'givingUp'] as const)(
      'lets one of several pass that saw the same: %s',
      async (second) => {
        const { calls, recording } = await started();
        const before = await seen(calls, recording);
        await calls.resuming(before, RESUMED, OTHER_EXECUTION_ARN, SECOND);

        const again =
          second === 'resuming'
            ? calls.resuming(before, RESUMED, EXECUTION_ARN, SECOND)
            : calls.givingUp(before, GAVE_UP);

        expect(await again).toBe(false);
        expect(await calls.get(recording)).toMatchObject({
          executionArn: OTHER_EXECUTION_ARN,
          resumptionCount: 1,
        });
      },
    );

    it('passes no more once the record says something else than was seen', async () => {
      const { calls, recording, assembling } = await started();
      const before = await seen(calls, recording);
      await calls.complete(await assembling(), COMPLETION, {});

      expect(await calls.resuming(before, RESUMED, OTHER_EXECUTION_ARN, SECOND)).toBe(false);
      expect(await calls.givingUp(before, GAVE_UP)).toBe(false);

      expect(await calls.get(recording)).toMatchObject({ status: COMPLETION.status });
    });

    it('says FAILED where it gives up what is under way, and leaves an end as it is', async () => {
      const { calls, recording, assembling } = await started();
      expect(await calls.givingUp(await seen(calls, recording), GAVE_UP)).toBe(true);
      expect(await calls.get(recording)).toMatchObject({
        status: 'FAILED',
        why: 'tried six times',
        resumptions: [GAVE_UP],
      });

      await calls.complete(await assembling(), COMPLETION, {});
      expect(await calls.givingUp(await seen(calls, recording), GAVE_UP)).toBe(true);
      expect(await calls.get(recording)).toMatchObject({
        status: COMPLETION.status,
        resumptions: [GAVE_UP, GAVE_UP],
        resumptionCount: 2,
      });
    });

    it('keeps twenty, and counts them all', async () => {
      const { calls, recording } = await started();
      for (let nth = 1; nth <= 23; nth += 1) {
        const resumption = { at: AT, by: 'operator', why: `${nth}` } as const;
        await calls.resuming(await seen(calls, recording), resumption, OTHER_EXECUTION_ARN, SECOND);
      }

      const { resumptions = [], resumptionCount } = await seen(calls, recording);
      expect(resumptions.map(({ why }) => why)).toEqual(Array.from({ length: 20 }, (_, nth) => `${nth + 4}`));
      expect(resumptionCount).toBe(23);
    });

    it('makes no record', async () => {
      const { calls } = make();
      const recording = newRecording();

      expect(await calls.resuming(newCall(recording), RESUMED, EXECUTION_ARN, FIRST)).toBe(false);
      expect(await calls.givingUp(newCall(recording), GAVE_UP)).toBe(false);

      expect(await calls.get(recording)).toBeUndefined();
    });
  });

  describe('streamingStopped', () => {
    const LATER = START_FRAGMENT_NUMBER + 10n ** 40n;

    it('notes the session’s last fragment, and changes nothing else', async () => {
      const { calls, recording } = await started();

      await calls.streamingStopped(recording, LATER);

      expect(await calls.get(recording)).toEqual({
        ...newCall(recording),
        stopFragmentNumber: LATER.toString(),
      });
    });

    it.each([
      ['of as many digits', LATER, LATER + 1n],
      ['of more digits, which as text comes first', 99n, 100n],
    ])('lets the later of two stand, %s', async (_, earlier, later) => {
      for (const order of [
        [earlier, later],
        [later, earlier],
      ]) {
        const { calls, recording } = await started();
        for (const stop of order) await calls.streamingStopped(recording, stop);
        expect((await calls.get(recording))?.stopFragmentNumber).toBe(later.toString());
      }
    });

    it('is noted whatever has become of the recording', async () => {
      const { calls, recording, assembling } = await started();
      await calls.complete(await assembling(), COMPLETION, {});

      await calls.streamingStopped(recording, LATER);

      expect(await calls.get(recording)).toMatchObject({
        status: 'INCOMPLETE',
        stopFragmentNumber: LATER.toString(),
      });
    });

    it('makes no record', async () => {
      const { calls } = make();
      const recording = newRecording();

      await calls.streamingStopped(recording, LATER);

      expect(await calls.get(recording)).toBeUndefined();
    });
  });

  describe('learn', () => {
    const T1 = '2026-03-14T09:30:00.000Z';
    const T2 = '2026-03-14T09:30:01.000Z';

    it('adds facts to the record', async () => {
      const { calls, recording } = await started();
      const facts: ContactFacts = { disconnectedAt: T2, connectedToAgentAt: T1, agent: { arn: 'agent' } };

      await calls.learn(recording, facts, T2);

      expect(await calls.get(recording)).toEqual({ ...newCall(recording), ...facts });
    });

    it('keeps a later event’s fact, fact by fact', async () => {
      const { calls, recording } = await started();
      await calls.learn(recording, { agent: { arn: 'later' } }, T2);

      await calls.learn(recording, { agent: { arn: 'earlier' }, queue: { arn: 'queue' } }, T1);

      expect(await calls.get(recording)).toMatchObject({
        agent: { arn: 'later' },
        queue: { arn: 'queue' },
      });
    });

    it('replaces the connect function’s facts, which are older than any event', async () => {
      const { calls, recording } = await started();

      await calls.learn(recording, { queue: { arn: 'sales' } }, T1);

      expect((await calls.get(recording))?.queue).toEqual({ arn: 'sales' });
    });

    it('makes no record', async () => {
      const { calls, item } = make();
      const recording = newRecording();

      await calls.learn(recording, { disconnectedAt: T1 }, T1);

      expect(await item(callKey(recording))).toBeUndefined();
    });

    it('comes to the same record in any order, with any repetitions', async () => {
      const event = fc.record({
        time: fc.constantFrom(T1, T2, '2026-03-14T09:30:02.000Z'),
        facts: fc.record<ContactFacts>(
          {
            disconnectedAt: fc.constantFrom(T1, T2),
            queue: fc.record({ arn: fc.constantFrom('a', 'b', 'c') }),
            agent: fc.record({ arn: fc.constantFrom('x', 'y'), name: fc.constantFrom('é', '𝄞') }),
          },
          { requiredKeys: [] },
        ),
      });
      const twoOrders = fc
        .array(event, { minLength: 1, maxLength: 5 })
        .chain((events) =>
          fc.tuple(
            fc.constant(events),
            fc.shuffledSubarray([...events, ...events], { minLength: 2 * events.length }),
          ),
        );
      await fc.assert(
        fc.asyncProperty(twoOrders, async (orders) => {
          const records: unknown[] = [];
          for (const events of orders) {
            const { calls, recording } = await started();
            for (const { facts, time } of events) await calls.learn(recording, facts, time);
            records.push({ ...(await calls.get(recording)), ...callKeyless });
          }
          expect(records[1]).toEqual(records[0]);
        }),
        { numRuns: runs(15) },
      );
    });
    const callKeyless = { contactId: '', initialContactId: '', recordingId: '' };
  });

  describe('assembling', () => {
    it('says ASSEMBLING, and whose the recording is now', async () => {
      const { calls, recording } = await started();

      await calls.assembling(recording, OTHER_EXECUTION_ARN, SINCE_MS, {
        ...EXECUTION_FACTS,
        streamArn: 'another',
      });

      expect(await calls.get(recording)).toEqual({
        ...newCall(recording),
        status: 'ASSEMBLING',
        executionArn: OTHER_EXECUTION_ARN,
      });
    });

    it('makes the record that was lost', async () => {
      const { calls } = make();
      const recording = newRecording();

      await calls.assembling(recording, EXECUTION_ARN, SINCE_MS, EXECUTION_FACTS);

      expect(await calls.get(recording)).toEqual({
        contactId: recording.contactId,
        startFragmentNumber: recording.startFragmentNumber.toString(),
        recordingId: recordingId(recording),
        status: 'ASSEMBLING',
        executionArn: EXECUTION_ARN,
        ...EXECUTION_FACTS,
        day: '2026-03-14',
      });
    });

    it('takes a start for successful that was thought to have failed', async () => {
      const { calls, recording } = await started();
      await calls.startFailed(recording, EXECUTION_ARN, 'no answer', FIRST);

      await calls.assembling(recording, EXECUTION_ARN, SINCE_MS, EXECUTION_FACTS);

      expect(await calls.startAgain(recording, EXECUTION_ARN, SECOND)).toBe(false);
      expect(await calls.get(recording)).toEqual({ ...newCall(recording), status: 'ASSEMBLING' });
    });

    it('clears what the workflow said when an earlier assembly failed', async () => {
      const { calls, item, put, recording, key } = await started();
      await put({ ...(await item(key)), ...key, status: 'FAILED', why: 'again and again', error: '{}' });

      await calls.assembling(recording, EXECUTION_ARN, SINCE_MS, EXECUTION_FACTS);

      expect(await calls.get(recording)).toEqual({ ...newCall(recording), status: 'ASSEMBLING' });
      expect(await item(key)).not.toHaveProperty('error');
    });

    it('gives way to one that began later, whenever its own request comes', async () => {
      const { calls, recording, assembling } = await started();
      await assembling(SINCE_MS, OTHER_EXECUTION_ARN);

      await expect(assembling(SINCE_MS - 1)).rejects.toThrow(AssemblySuperseded);

      expect(await calls.get(recording)).toMatchObject({ executionArn: OTHER_EXECUTION_ARN });
    });

    it('takes over from one that began earlier, which may go on no more', async () => {
      const { calls, assembling } = await started();
      const earlier = await assembling(SINCE_MS);
      const later = await assembling(SINCE_MS + 1);

      await expect(calls.confirm(earlier)).rejects.toThrow(AssemblySuperseded);
      await expect(calls.complete(earlier, COMPLETION, {})).rejects.toThrow(AssemblySuperseded);
      await expect(calls.confirm(later)).resolves.toBeUndefined();
    });

    it('lets one of two go on that began at the same time', async () => {
      const { calls, assembling } = await started();
      const begun = await Promise.allSettled([assembling(), assembling()]);
      const claims = begun.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));

      const confirmed = await Promise.allSettled(claims.map((claim) => calls.confirm(claim)));

      expect(confirmed.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });

    it('passes again while its first answer is lost, and takes back no result when it comes late', async () => {
      const { calls, recording, assembling } = await started(() => 'the same request');
      await assembling();
      const claim = await assembling();
      await calls.complete(claim, COMPLETION, {});

      await expect(assembling()).rejects.toThrow(AssemblySuperseded);

      expect(await calls.get(recording)).toMatchObject({ status: COMPLETION.status });
    });

    it('can’t be confirmed where the record is missing', async () => {
      const { calls, remove, key, assembling } = await started();
      const claim = await assembling();
      await remove(key);

      await expect(calls.confirm(claim)).rejects.toThrow(CallMissing);
    });
  });

  describe('complete', () => {
    it('adds the result, and gives the record', async () => {
      const { calls, recording, assembling } = await started();

      const record = await calls.complete(await assembling(), COMPLETION, {});

      expect(record).toEqual({ ...newCall(recording), ...COMPLETION });
      expect(await calls.get(recording)).toEqual(record);
    });

    it('adds facts that no event brought, and replaces none', async () => {
      const { calls, recording, assembling } = await started();
      await calls.learn(recording, { agent: { arn: 'from the event' } }, STARTED_AT);

      const record = await calls.complete(await assembling(), COMPLETION, {
        agent: { arn: 'from DescribeContact' },
        queue: { arn: 'from DescribeContact' },
        disconnectedAt: COMPLETION.endedAt,
      });

      expect(record).toEqual({
        ...newCall(recording),
        ...COMPLETION,
        agent: { arn: 'from the event' },
        disconnectedAt: COMPLETION.endedAt,
      });
    });

    it('leaves nothing of an earlier result', async () => {
      const { calls, recording, assembling } = await started();
      await calls.complete(await assembling(), COMPLETION, {});
      const { audio, why, ...rest } = COMPLETION;
      expect([audio, why]).not.toContain(undefined);
      const empty: Completion = { ...rest, status: 'EMPTY', losses: [] };

      const record = await calls.complete(await assembling(SINCE_MS + 1), empty, {});

      expect(record).toEqual({ ...newCall(recording), ...empty });
    });

    it('changes nothing once another execution assembles it', async () => {
      const { calls, recording, assembling } = await started();

      const claim = await assembling();
      await assembling(SINCE_MS + 1, OTHER_EXECUTION_ARN);
      const before = await calls.get(recording);

      await expect(calls.complete(claim, COMPLETION, {})).rejects.toThrow(AssemblySuperseded);

      expect(before?.executionArn).toBe(OTHER_EXECUTION_ARN);
      expect(await calls.get(recording)).toEqual(before);
    });

    it('gives the same again when its first answer was lost', async () => {
      const { calls, assembling } = await started();
      const claim = await assembling();
      const record = await calls.complete(claim, COMPLETION, {});

      expect(await calls.complete(claim, COMPLETION, {})).toEqual(record);
    });

    it('says that the record is missing', async () => {
      const { calls, remove, key, assembling } = await started();
      const claim = await assembling();
      await remove(key);
      const completing = calls.complete(claim, COMPLETION, {});

      await expect(completing).rejects.toThrow(CallMissing);
    });

    it('stays within an item’s size, and counts what it leaves out or merges', async () => {
      const { calls } = make();
      const recording = newRecording();
      await calls.create({
        ...newCall(recording),
        attributes: Object.fromEntries(
          Array.from({ length: 64 }, (_, index) => [`a${String(index)}`, 'x'.repeat(950)]),
        ),
      });
      const gap = { track: 'AUDIO_FROM_CUSTOMER', startMs: 123_456.789_012, lengthMs: 98_765.432_1 } as const;
      const losses = Array.from({ length: 3_000 }, (_, index) => {
        const number = (10n ** 59n + BigInt(index)).toString();
        const why = '€'.repeat(5_000);
        return {
          kind: 'FRAGMENTS_MISSING',
          why,
          firstFragmentNumber: number,
          lastFragmentNumber: number,
        } as const;
      });

      const record = await calls.complete(
        await calls.assembling(recording, EXECUTION_ARN, SINCE_MS, EXECUTION_FACTS),
        {
          ...COMPLETION,
          why: '€'.repeat(100_000),
          media: { ...COMPLETION.media, gapCount: 20_000, gaps: Array.from({ length: 20_000 }, () => gap) },
          losses,
          verification: { method: 'NONE', at: STARTED_AT, why: '€'.repeat(100_000) },
        },
        {},
      );

      expect(record.media?.gaps).toHaveLength(500);
      expect(record.media?.gapCount).toBe(20_000);
      expect(record.losses?.length).toBeGreaterThan(40);
      expect(record.lossCount).toBe(3_000);
      // What doesn't fit is merged: the next assembly has to know of all of it.
      expect(record.losses?.at(-1)?.lastFragmentNumber).toBe(losses.at(-1)?.lastFragmentNumber);
      expect(record.losses?.at(-1)?.why).toMatch(/^this and \d+ more like it: /);
      expect(Object.keys(record.attributes ?? {})).toHaveLength(64);
      expect(record.why).toMatch(/^€+…$/u);
    });
  });

  describe('items', () => {
    it('tolerates attributes that it does not know', async () => {
      const { calls, item, put, recording, key } = await started();
      await put({ ...(await item(key)), ...key, note: 'mine', tags: new Set(['a']) });

      expect(await calls.get(recording)).toEqual(newCall(recording));
    });

    it.each([
      ['status', { status: 'LOST' }],
      [
        'media.gapMs.AUDIO_TO_CUSTOMER',
        { media: { ...COMPLETION.media, gapMs: { AUDIO_FROM_CUSTOMER: 1 } } },
      ],
      ['attributes.a', { attributes: { a: 5 } }],
      ['streamArn', { streamArn: null }],
    ])('names the damaged attribute and not its value: %s', async (attribute, damage) => {
      const { calls, item, put, recording, key } = await started();
      await put({ ...(await item(key)), ...key, ...damage });

      const reading = calls.get(recording);

      await expect(reading).rejects.toThrow(DamagedItem);
      await expect(reading).rejects.toThrow(attribute);
      await expect(reading).rejects.not.toThrow(/LOST|null/);
    });

    it('finds nothing of a record that was deleted', async () => {
      const { calls, remove, recording, key } = await started();
      await remove(key);

      expect(await calls.get(recording)).toBeUndefined();
      expect(await calls.ofContact(recording.contactId)).toEqual([]);
    });
  });
});

describe('TableCalls', () => {
  it.each([
    ['byDay', 'day', '2026-03-14'],
    ['byCustomer', 'customerNumber', '+15550100'],
    ['byStatus', 'status', 'RECORDING'],
  ])('is found by the index %s', async (index, attribute, value) => {
    const recording = newRecording();
    await new TableCalls(callsIn(dynamoDb.client, dynamoDb.tables.calls)).create(newCall(recording));

    const { Items = [] } = await dynamoDb.client.send(
      new QueryCommand({
        TableName: dynamoDb.tables.calls,
        IndexName: index,
        KeyConditionExpression: '#attribute = :value AND startedAt = :startedAt',
        ExpressionAttributeNames: { '#attribute': attribute },
        ExpressionAttributeValues: marshall({ ':value': value, ':startedAt': STARTED_AT }),
      }),
    );

    expect(Items.map((item) => unmarshall(item).recordingId as unknown)).toContain(recordingId(recording));
  });
});

describe('TableCalls on DynamoDB and in memory', () => {
  const OPERATIONS = [
    'create',
    'startFailed',
    'startAgain',
    'resuming',
    'givingUp',
    'streamingStopped',
    'learn',
    'assembling',
    'confirm',
    'complete',
  ] as const;
  interface Operation {
    does: (typeof OPERATIONS)[number];
    by: string;
    time: string;
    final: Completion;
  }
  const { audio, why, ...noAudio } = COMPLETION;
  const operation = fc.record<Operation>({
    does: fc.constantFrom(...OPERATIONS),
    by: fc.constantFrom(EXECUTION_ARN, OTHER_EXECUTION_ARN),
    time: fc.constantFrom(STARTED_AT, '2026-03-14T09:30:01.000Z'),
    final: fc.constantFrom<Completion>(COMPLETION, { ...noAudio, status: 'FAILED' }),
  });

  async function run(
    calls: Calls & Resumptions,
    recording: Recording,
    { does, by, time, final }: Operation,
    claims: AssemblyClaim[],
  ): Promise<unknown> {
    switch (does) {
      case 'create':
        return calls.create(newCall(recording), starter(time));
      case 'startFailed':
        return calls.startFailed(recording, by, 'why', starter(time));
      case 'startAgain':
        return calls.startAgain(recording, by, starter(time));
      case 'resuming':
      case 'givingUp': {
        const seen = await calls.get(recording);
        const resumption = { at: time, by: 'schedule', why: by } as const;
        if (does === 'resuming') return seen && calls.resuming(seen, resumption, by, starter(time));
        return seen && calls.givingUp(seen, { ...resumption, gaveUp: true });
      }
      case 'streamingStopped':
        return calls.streamingStopped(recording, BigInt(Date.parse(time)));
      case 'learn':
        return calls.learn(recording, { agent: { arn: by }, disconnectedAt: time }, time);
      case 'assembling':
        claims.push(await calls.assembling(recording, by, Date.parse(time), EXECUTION_FACTS));
        return claims.at(-1);
      case 'confirm':
        return claims[0] && calls.confirm(claims[0]);
      case 'complete': {
        const claim = time === STARTED_AT ? claims[0] : claims.at(-1);
        return claim && calls.complete(claim, final, { agent: { name: 'x' }, connectedToAgentAt: time });
      }
    }
  }

  it('answer alike, whatever is asked of them in whatever order', async () => {
    expect([audio, why]).not.toContain(undefined);
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 10 }), async (operations) => {
        const recording = newRecording();
        const [real, twin] = ADAPTERS.map(({ make }) => {
          let assemblies = 0;
          return { ...make(() => String((assemblies += 1))), claims: [] };
        });
        if (real === undefined || twin === undefined) throw new Error('two adapters');

        for (const each of operations) {
          const [expected, answer] = await Promise.allSettled([
            run(real.calls, recording, each, real.claims),
            run(twin.calls, recording, each, twin.claims),
          ]);
          expect(answer).toEqual(expected);
        }

        expect(await twin.item(callKey(recording))).toEqual(await real.item(callKey(recording)));
      }),
      { numRuns: runs(60) },
    );
  });
});

describe('MemoryCalls', () => {
  it('tells its history, and each write as it takes effect', async () => {
    const seen: string[] = [];
    const calls = new MemoryCalls({ onWrite: ({ operation }) => seen.push(operation) });
    const recording = newRecording();

    await calls.learn(recording, { disconnectedAt: STARTED_AT }, STARTED_AT);
    await calls.create(newCall(recording));
    await calls.create(newCall(recording));
    await calls.startAgain(recording, EXECUTION_ARN, SECOND);
    await calls.learn(recording, { disconnectedAt: STARTED_AT }, STARTED_AT);
    await calls.learn(recording, { disconnectedAt: STARTED_AT }, STARTED_AT);
    const claim = await calls.assembling(recording, EXECUTION_ARN, SINCE_MS, EXECUTION_FACTS);
    await expect(calls.complete({ recording, assembly: 'another' }, COMPLETION, {})).rejects.toThrow();
    await calls.complete(claim, COMPLETION, {});

    expect(seen).toEqual(['create', 'startAgain', 'learn', 'assembling', 'complete']);
    expect(calls.history.map(({ operation }) => operation)).toEqual(seen);
    expect(calls.history.map(({ before }) => before?.status)).toEqual([
      undefined,
      'RECORDING',
      'RECORDING',
      'RECORDING',
      'ASSEMBLING',
    ]);
  });
});
