/** The workflow's own write, with the condition as it is deployed, on a table that judges it. */
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STATES } from '../../contract/record-states.ts';
import { workflow } from '../../contract/workflow.ts';
import { createTables, startDynamoDb } from '../../local/standins/dynamodb.ts';
import { clientConfig } from '../../local/standins/environment.ts';
import { execute } from '../../local/standins/execution.ts';
import type { Standin } from '../../local/standins/standin.ts';
import { StatesError } from '../../local/standins/states-error.ts';
import { WORKFLOW_RESOURCES } from '../../local/standins/workflow-resources.ts';
import { itemUpdates } from '../../local/system/resources.ts';
import { CALL_STATUSES, type CallStatus } from '../../recording/call-record.ts';

const MACHINE = 'arn:aws:states:us-east-1:123456789012:stateMachine:callspool';
const KEY = { contactId: 'call-1', startFragmentNumber: '10' };
const EARLIER = { audio: { key: 'earlier.wav' }, losses: [{ kind: 'START_MISSING', why: 'earlier' }] };

let standin: Standin;
let client: DynamoDBClient;
let table: string;
beforeAll(async () => {
  standin = await startDynamoDb();
  client = new DynamoDBClient(clientConfig(standin.url));
  table = (await createTables(client, 'callspool-')).calls;
});
afterAll(async () => {
  client.destroy();
  await standin.close();
});

/** @returns how the execution ended, and the record, after an assembly that could never be invoked. */
async function failAgainAndAgain(name: string, record: Record<string, unknown> | undefined) {
  if (record)
    await client.send(new PutItemCommand({ TableName: table, Item: marshall({ ...KEY, ...record }) }));
  const definition = workflow({
    ...WORKFLOW_RESOURCES,
    callsTableName: table,
    spot: true,
    longestCallSeconds: 600,
  });
  const execution = execute(
    {
      stateMachineArn: MACHINE,
      definition: JSON.stringify({ ...definition, StartAt: STATES.assemble }),
      resources: {
        'arn:aws:states:::dynamodb:updateItem': itemUpdates(client),
        'arn:aws:states:::lambda:invoke': () => {
          throw new StatesError('Lambda.ServiceException', 'an outage');
        },
      },
      retryMs: 0,
    },
    name,
    JSON.stringify({ ...KEY, recordingId: 'r', streamArn: 's', startedAt: 't', instanceArn: 'i' }),
  );
  const outcome = await execution.settled;
  const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: marshall(KEY) }));
  return { outcome, record: Item && unmarshall(Item) };
}

const arnOf = (name: string) => `${MACHINE.replace(':stateMachine:', ':execution:')}:${name}`;
const isUnderWay = (status: CallStatus) => status === 'RECORDING' || status === 'ASSEMBLING';

describe.each(CALL_STATUSES)('a record that says %s, when the assembly fails for hours', (status) => {
  it(isUnderWay(status) ? 'says FAILED, and keeps what it had' : 'stays as it is', async () => {
    const standing = { ...EARLIER, status, executionArn: arnOf(`own-${status}`) };
    const { outcome, record } = await failAgainAndAgain(`own-${status}`, standing);

    expect(record).toMatchObject(isUnderWay(status) ? { ...EARLIER, status: 'FAILED' } : standing);
    expect(record?.why).toEqual(isUnderWay(status) ? expect.stringContaining('hours') : undefined);
    expect(outcome.status).toBe(isUnderWay(status) ? 'FAILED' : 'SUCCEEDED');
  });

  it('of another execution stays as it is', async () => {
    const standing = { ...EARLIER, status, executionArn: arnOf('another') };
    const { outcome, record } = await failAgainAndAgain(`foreign-${status}`, standing);

    expect(record).toEqual({ ...KEY, ...standing });
    expect(outcome.status).toBe('SUCCEEDED');
  });
});
