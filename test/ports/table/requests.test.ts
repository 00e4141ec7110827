/** How many requests an operation is, since each costs money and time; and that a refusal is believed where it says why. */
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import { callKey } from '../../../ports/calls/call-item.ts';
import { MemoryCalls } from '../../../ports/calls/memory-calls.ts';
import { TableCalls } from '../../../ports/calls/table-calls.ts';
import { MemoryCheckpoints } from '../../../ports/checkpoints/memory-checkpoints.ts';
import { TableCheckpoints } from '../../../ports/checkpoints/table-checkpoints.ts';
import { equals } from '../../../ports/table/condition.ts';
import { callsIn } from '../../../ports/table/dynamodb-table.ts';
import { standingItem, type Table } from '../../../ports/table/table.ts';
import type { NewCall } from '../../../recording/call-record.ts';
import { NO_COUNTS, type Progress } from '../../../recording/checkpoint.ts';
import {
  EXECUTION_ARN,
  INSTANCE_ARN,
  RECORDING,
  RECORDING_ID,
  STARTED_AT,
  STREAM_ARN,
} from '../../support/call.ts';
import { EMPTY_COMPLETION } from '../../support/completion.ts';
import { CREDENTIALS, REGION } from '../../support/standins.ts';

/** What is asked of a table, which tells what refused a change, or doesn't. */
function counted(table: Table, asked: string[], tells: boolean): Table {
  return {
    get: (key, only) => {
      asked.push('get');
      return table.get(key, only);
    },
    query: (query) => {
      asked.push('query');
      return table.query(query);
    },
    change: async (key, change) => {
      asked.push(change.name);
      const changed = await table.change(key, change);
      return changed.written || tells ? changed : { standing: undefined };
    },
    put: (key, item) => {
      asked.push('put');
      return table.put(key, item);
    },
    remove: (key) => {
      asked.push('remove');
      return table.remove(key);
    },
  };
}

const CALL: NewCall = {
  ...callKey(RECORDING),
  recordingId: RECORDING_ID,
  status: 'RECORDING',
  executionArn: EXECUTION_ARN,
  streamArn: STREAM_ARN,
  startedAt: STARTED_AT,
  day: '2026-03-14',
  instanceArn: INSTANCE_ARN,
};
const OTHER = `${EXECUTION_ARN}-r1`;
const BY = { beganAtMs: Date.parse(STARTED_AT), id: 'a' };
const [T1, T2, T3] = ['2026-03-14T09:30:00.000Z', '2026-03-14T09:30:01.000Z', '2026-03-14T09:30:02.000Z'];
const FACTS = { connectedToAgentAt: T1, disconnectedAt: T2, queue: { arn: 'q' }, agent: { arn: 'a' } };
const PROGRESS: Progress = { counters: NO_COUNTS, losses: [] };
const ENDED = { reason: 'DISCONNECTED', at: T2 } as const;

describe.each([
  { name: 'which tells what refused a write', tells: true, look: [] as string[] },
  { name: 'which doesn’t tell what refused a write', tells: false, look: ['get'] },
])('on a table $name', ({ tells, look }) => {
  function recorded() {
    const asked: string[] = [];
    const twin = new MemoryCalls();
    const calls = new TableCalls(counted(twin.table, asked, tells), () => 'x');
    const after = async (act: () => Promise<unknown>) => {
      asked.length = 0;
      await act().catch(() => undefined);
      return [...asked];
    };
    return { calls, twin, after };
  }

  it('a call’s operation is one request, and a refused one one more at most', async () => {
    const { calls, after } = recorded();
    const claim = { recording: RECORDING, assembly: 'another' };

    expect(await after(() => calls.create(CALL, BY))).toEqual(['create']);
    expect(await after(() => calls.create(CALL, BY))).toEqual(['create', ...look]);
    expect(await after(() => calls.get(RECORDING))).toEqual(['get']);
    expect(await after(() => calls.ofContact(CALL.contactId))).toEqual(['query']);
    expect(await after(() => calls.startAgain(RECORDING, EXECUTION_ARN, BY))).toEqual(['startAgain']);
    expect(await after(() => calls.startAgain(RECORDING, OTHER, BY))).toEqual(['startAgain', ...look]);
    expect(await after(() => calls.startFailed(RECORDING, OTHER, 'why', BY))).toEqual(['startFailed']);
    expect(await after(() => calls.confirm(claim))).toEqual(['get']);
    expect(await after(() => calls.complete(claim, EMPTY_COMPLETION, {}))).toEqual(['complete', ...look]);
  });

  it('an event’s facts are one request; where some are known better, one more tells the others', async () => {
    const { calls, twin, after } = recorded();
    await calls.create(CALL);

    expect(await after(() => calls.learn(RECORDING, FACTS, T2))).toEqual(['learn']);
    expect(await calls.get(RECORDING)).toMatchObject(FACTS);
    const repeated = tells ? ['learn'] : Array.from({ length: 5 }, () => 'learn');
    expect(await after(() => calls.learn(RECORDING, FACTS, T2))).toEqual(repeated);
    await calls.learn(RECORDING, { agent: { arn: 'later' } }, T3);
    const mixed = { ...FACTS, agent: { arn: 'earlier' }, queue: { arn: 'new' }, disconnectedAt: T1 };
    twin.tamper(CALL, { ...twin.item(CALL), queueAsOf: T1, disconnectedAtAsOf: T1 });

    expect(await after(() => calls.learn(RECORDING, mixed, T2))).toHaveLength(tells ? 2 : 5);
    expect(await calls.get(RECORDING)).toMatchObject({
      agent: { arn: 'later' },
      queue: { arn: 'new' },
      disconnectedAt: T1,
    });
    expect(await after(() => calls.learn(RECORDING, { agent: { arn: 'old' } }, T1))).toEqual(['learn']);
    expect(await after(() => calls.learn(RECORDING, {}, T3))).toEqual([]);
  });

  it('so is a checkpoint’s', async () => {
    const asked: string[] = [];
    const clock = { now: () => Date.parse(STARTED_AT) };
    const twin = new MemoryCheckpoints(clock);
    const checkpoints = new TableCheckpoints(counted(twin.table, asked, tells), clock);
    const after = async (act: () => Promise<unknown>) => {
      asked.length = 0;
      await act().catch(() => undefined);
      return [...asked];
    };
    const claim = { recordingId: RECORDING_ID, owner: EXECUTION_ARN, attempt: 1 };

    expect(await after(() => checkpoints.claim(RECORDING_ID, EXECUTION_ARN))).toEqual(['claim']);
    expect(await after(() => checkpoints.claim(RECORDING_ID, OTHER))).toEqual(['claim', ...look]);
    expect(await after(() => checkpoints.read(RECORDING_ID))).toEqual(['get']);
    expect(await after(() => checkpoints.advance(claim, PROGRESS))).toEqual(['advance']);
    expect(await after(() => checkpoints.end(claim, PROGRESS, ENDED))).toEqual(['end']);
    expect(await after(() => checkpoints.end(claim, PROGRESS, ENDED))).toEqual(['end', ...look]);
    expect(await after(() => checkpoints.advance(claim, PROGRESS))).toEqual(['advance', ...look]);
    expect(await after(() => checkpoints.fence(RECORDING_ID, OTHER, ENDED))).toEqual(['fence', ...look]);
    expect(await after(() => checkpoints.handOver(RECORDING_ID, EXECUTION_ARN, OTHER))).toEqual([
      'get',
      'handOver',
    ]);
    expect(await after(() => checkpoints.handOver(RECORDING_ID, EXECUTION_ARN, OTHER))).toEqual(['get']);
    expect(await after(() => checkpoints.erase(RECORDING_ID, 0))).toEqual(['put']);
  });
});

describe('a refusal by DynamoDB', () => {
  /** A client whose every request is refused, by what stands there. */
  function refusing(item: object) {
    const sent: unknown[] = [];
    const client = new DynamoDBClient({ region: REGION, credentials: CREDENTIALS });
    client.middlewareStack.add(
      () => (args) => {
        sent.push(args.input);
        return Promise.reject(
          new ConditionalCheckFailedException({
            $metadata: {},
            message: 'The conditional request failed',
            Item: marshall(item),
          }),
        );
      },
      { step: 'initialize' },
    );
    return { client, sent };
  }

  it('is asked to tell the item that refused, and believed when it does', async () => {
    const standing = { ...CALL, status: 'ASSEMBLING' };
    const { client, sent } = refusing(standing);
    const table = callsIn(client, 'calls');

    const refused = await table.change(callKey(RECORDING), {
      name: 'x',
      set: { why: 'x' },
      when: equals('status', 'RECORDING'),
    });

    expect(refused).toEqual({ standing });
    if (refused.written) throw new Error('it is refused');
    expect(await standingItem(table, callKey(RECORDING), refused)).toEqual(standing);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject<Partial<UpdateItemCommandInput>>({
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      ConditionExpression: '#status = :v2',
    });
  });
});
