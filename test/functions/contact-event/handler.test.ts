import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CONTACT_EVENT_VARIABLES } from '../../../contract/variables.ts';
import { createHandler, handlerFromEnvironment } from '../../../functions/contact-event/handler.ts';
import { MemoryCalls } from '../../../ports/calls/memory-calls.ts';
import { TableCalls } from '../../../ports/calls/table-calls.ts';
import { callsIn } from '../../../ports/table/dynamodb-table.ts';
import type { ContactFacts, NewCall } from '../../../recording/call-record.ts';
import { type Recording, recordingId } from '../../../recording/identity.ts';
import { stubAwsEnvironment } from '../../support/aws-environment.ts';
import {
  CONTACT_ID,
  EXECUTION_ARN,
  INSTANCE_ARN,
  RECORDING,
  START_FRAGMENT_NUMBER,
  STARTED_AT,
  STREAM_ARN,
} from '../../support/call.ts';
import {
  AGENT_ARN,
  CONNECTED_AT,
  CONNECTED_TO_AGENT,
  contactEvent,
  DISCONNECTED,
  DISCONNECTED_AT,
  QUEUE_ARN,
  QUEUED,
} from '../../support/contact-event.ts';
import { runs } from '../../support/runs.ts';
import { type DynamoDbForTest, dynamoDbForTest } from '../../support/standins.ts';
import { RecordedTelemetry } from '../../support/telemetry.ts';

function newCall(recording: Recording): NewCall {
  return {
    contactId: recording.contactId,
    startFragmentNumber: recording.startFragmentNumber.toString(),
    recordingId: recordingId(recording),
    status: 'RECORDING',
    executionArn: EXECUTION_ARN,
    streamArn: STREAM_ARN,
    startedAt: STARTED_AT,
    day: '2026-03-14',
    instanceArn: INSTANCE_ARN,
  };
}

async function recorded(call: Partial<NewCall> = {}) {
  const calls = new MemoryCalls();
  await calls.create({ ...newCall(RECORDING), ...call });
  const telemetry = new RecordedTelemetry();
  return { calls, telemetry, handler: createHandler({ calls, telemetry }) };
}

/** What the three events of an ordinary call come to. */
const ALL_FACTS = {
  connectedToAgentAt: CONNECTED_AT,
  disconnectedAt: DISCONNECTED_AT,
  queue: { arn: QUEUE_ARN },
  agent: { arn: AGENT_ARN },
};

describe('contact-event, on a twin', () => {
  it.each([
    ['QUEUED', QUEUED, { queue: ALL_FACTS.queue }],
    [
      'CONNECTED_TO_AGENT',
      CONNECTED_TO_AGENT,
      { queue: ALL_FACTS.queue, agent: ALL_FACTS.agent, connectedToAgentAt: CONNECTED_AT },
    ],
    ['DISCONNECTED', DISCONNECTED, ALL_FACTS],
    [
      'COMPLETED',
      contactEvent('COMPLETED', '2026-03-14T09:41:30Z', { disconnectTimestamp: DISCONNECTED_AT }),
      { disconnectedAt: DISCONNECTED_AT },
    ],
    [
      'DISCONNECTED without a time of its own',
      contactEvent('DISCONNECTED', '2026-03-14T09:40:01Z'),
      { disconnectedAt: '2026-03-14T09:40:01.000Z' },
    ],
    [
      'CONNECTED_TO_AGENT without a time of its own',
      contactEvent('CONNECTED_TO_AGENT', '2026-03-14T10:27:12+01:00', { agentInfo: { agentArn: AGENT_ARN } }),
      { agent: ALL_FACTS.agent, connectedToAgentAt: '2026-03-14T09:27:12.000Z' },
    ],
  ])('learns from %s', async (_, event, facts) => {
    const { calls, handler } = await recorded();

    await handler(event);

    expect(await calls.get(RECORDING)).toEqual({ ...newCall(RECORDING), ...facts });
  });

  it('comes to the same record in any order, with any repetitions', async () => {
    const later = contactEvent('QUEUED', '2026-03-14T09:26:58Z', {
      queueInfo: { queueArn: `${QUEUE_ARN}0` },
    });
    const events = [QUEUED, later, CONNECTED_TO_AGENT, DISCONNECTED];
    const orders = fc.shuffledSubarray([...events, ...events], { minLength: 2 * events.length });
    await fc.assert(
      fc.asyncProperty(orders, async (order) => {
        const { calls, handler } = await recorded();

        for (const event of order) await handler(event);

        expect(await calls.get(RECORDING)).toEqual({ ...newCall(RECORDING), ...ALL_FACTS });
      }),
      { numRuns: runs(100) },
    );
  });

  it('keeps the name of the queue that the flow told', async () => {
    const { calls, handler } = await recorded({ queue: { arn: QUEUE_ARN, name: 'Support' } });

    await handler(DISCONNECTED);

    expect((await calls.get(RECORDING))?.queue).toEqual({ arn: QUEUE_ARN, name: 'Support' });
  });

  it('gives another queue no name that isn’t its own', async () => {
    const { calls, handler } = await recorded({ queue: { arn: `${QUEUE_ARN}0`, name: 'Support' } });

    await handler(DISCONNECTED);

    expect((await calls.get(RECORDING))?.queue).toEqual({ arn: QUEUE_ARN });
  });

  it('tells each recording of the contact', async () => {
    const { calls, handler } = await recorded();
    const second = { contactId: CONTACT_ID, startFragmentNumber: START_FRAGMENT_NUMBER + 1n };
    const another = { contactId: `${CONTACT_ID.slice(0, -1)}0`, startFragmentNumber: 7n };
    await calls.create(newCall(second));
    await calls.create(newCall(another));

    await handler(DISCONNECTED);

    expect(await calls.get(RECORDING)).toMatchObject(ALL_FACTS);
    expect(await calls.get(second)).toMatchObject(ALL_FACTS);
    expect(await calls.get(another)).toEqual(newCall(another));
  });

  it('creates nothing for a contact that isn’t recorded', async () => {
    const calls = new MemoryCalls();

    await createHandler({ calls, telemetry: new RecordedTelemetry() })(DISCONNECTED);

    expect(calls.history).toEqual([]);
  });

  it('takes either spelling of the instance, and passes over another instance’s event', async () => {
    const other = INSTANCE_ARN.replace('1f0a', '2f0a');
    const { calls, handler, telemetry } = await recorded();

    for (const instance of [{ instanceArn: other }, { instanceArn: null, instanceARN: other }]) {
      await handler(contactEvent('DISCONNECTED', '2026-03-14T09:40:01Z', instance));
    }
    expect(calls.history).toHaveLength(1);
    expect(telemetry.lines).toMatchObject([{ level: 'warn' }, { level: 'warn' }]);

    const ours = { instanceArn: undefined, instanceARN: INSTANCE_ARN };
    await handler(contactEvent('DISCONNECTED', '2026-03-14T09:40:01Z', ours));
    expect(calls.history).toHaveLength(2);
  });

  it.each(['INITIATED', 'CONNECTED_TO_SYSTEM', 'CONTACT_DATA_UPDATED', 'DANCED', ''])(
    'learns nothing from %s, whatever it carries',
    async (eventType) => {
      const { calls, handler } = await recorded();

      await handler({ ...DISCONNECTED, detail: { ...DISCONNECTED.detail, eventType } });

      expect(calls.history).toHaveLength(1);
    },
  );

  it.each<[string, unknown]>([
    ['no event', undefined],
    ['a text', 'DISCONNECTED'],
    ['no detail', contactEvent('DISCONNECTED', '2026-03-14T09:40:01Z', {}, { detail: null })],
    ['no contact', contactEvent('DISCONNECTED', '2026-03-14T09:40:01Z', { contactId: undefined })],
    ['a path as contact', contactEvent('DISCONNECTED', '2026-03-14T09:40:01Z', { contactId: '../x' })],
    ['a number as contact', contactEvent('DISCONNECTED', '2026-03-14T09:40:01Z', { contactId: 5 })],
    ['another source', contactEvent('DISCONNECTED', '2026-03-14T09:40:01Z', {}, { source: 'my.app' })],
    [
      'another kind of event',
      contactEvent('DISCONNECTED', '2026-03-14T09:40:01Z', {}, { 'detail-type': 'Agent Event' }),
    ],
    ['no time', contactEvent('DISCONNECTED', '')],
    ['a time that there isn’t', contactEvent('DISCONNECTED', '2026-13-45T99:99:99Z')],
    ['a time of a million digits', contactEvent('DISCONNECTED', `2026-03-14T09:40:01.${'0'.repeat(1e6)}Z`)],
  ])('drops %s, and says why', async (_, event) => {
    const { calls, handler, telemetry } = await recorded();

    await handler(event);

    expect(calls.history).toHaveLength(1);
    expect(telemetry.lines).toMatchObject([{ level: 'warn' }]);
    expect(JSON.stringify(telemetry.lines).length).toBeLessThan(2_000);
  });

  it.each([
    [
      'an absurd end',
      contactEvent('DISCONNECTED', '2026-03-14T09:40:01Z', { disconnectTimestamp: 'yesterday' }),
    ],
    ['a text as queue', contactEvent('QUEUED', '2026-03-14T09:40:01Z', { queueInfo: 'Support' })],
    [
      'a huge queue',
      contactEvent('QUEUED', '2026-03-14T09:40:01Z', { queueInfo: { queueArn: 'q'.repeat(1e6) } }),
    ],
    [
      'a control character in the agent',
      contactEvent('DISCONNECTED', '2026-03-14T09:40:01Z', { agentInfo: { agentArn: 'a\u001bb' } }),
    ],
  ])('keeps all but %s', async (_, event) => {
    const { calls, handler, telemetry } = await recorded();

    await handler(event);

    expect(await calls.get(RECORDING)).toMatchObject(newCall(RECORDING));
    const isOver = event.detail.eventType === 'DISCONNECTED';
    expect((await calls.get(RECORDING))?.disconnectedAt).toBe(
      isOver ? '2026-03-14T09:40:01.000Z' : undefined,
    );
    expect((await calls.get(RECORDING))?.agent).toBeUndefined();
    expect(telemetry.lines[0]).toMatchObject({ level: 'warn' });
    expect(JSON.stringify(telemetry.lines).length).toBeLessThan(2_000);
  });

  it.each<[string, unknown, object]>([
    [
      'a queue’s name whose ARN is none',
      contactEvent('QUEUED', '2026-03-14T09:27:00Z', { queueInfo: { queueArn: QUEUE_ARN, queueName: 5 } }),
      { queue: { arn: QUEUE_ARN } },
    ],
    [
      'an agent who came at no time',
      contactEvent('DISCONNECTED', '2026-03-14T09:40:01Z', {
        agentInfo: { agentArn: AGENT_ARN, connectedToAgentTimestamp: 'then' },
      }),
      { agent: { arn: AGENT_ARN }, disconnectedAt: '2026-03-14T09:40:01.000Z' },
    ],
    [
      'the end of a call of no instance',
      contactEvent('DISCONNECTED', '2026-03-14T09:40:01Z', { instanceArn: 'mine' }),
      { disconnectedAt: '2026-03-14T09:40:01.000Z' },
    ],
    [
      'the end that the detail tells, of an event of no time',
      { ...contactEvent('DISCONNECTED', '', { disconnectTimestamp: DISCONNECTED_AT }), time: undefined },
      { disconnectedAt: DISCONNECTED_AT },
    ],
  ])('learns %s', async (_, event, facts) => {
    const { calls, handler, telemetry } = await recorded();

    await handler(event);

    expect(await calls.get(RECORDING)).toEqual({ ...newCall(RECORDING), ...facts });
    expect(JSON.stringify(telemetry.lines).length).toBeLessThan(2_000);
  });

  it('tells the other recordings, and is tried again, where one can’t be written', async () => {
    const second = { contactId: CONTACT_ID, startFragmentNumber: START_FRAGMENT_NUMBER + 1n };
    class Refusing extends MemoryCalls {
      override learn(recording: Recording, ...facts: [ContactFacts, string]): Promise<void> {
        if (recording.startFragmentNumber === START_FRAGMENT_NUMBER)
          return Promise.reject(new Error('throttled'));
        return super.learn(recording, ...facts);
      }
    }
    const calls = new Refusing();
    await calls.create(newCall(RECORDING));
    await calls.create(newCall(second));

    const handler = createHandler({ calls, telemetry: new RecordedTelemetry() });
    await expect(handler(DISCONNECTED)).rejects.toThrow('throttled');

    expect(await calls.get(second)).toMatchObject(ALL_FACTS);
  });

  it('does no harm, whatever stands in place of the detail’s fields', async () => {
    const field = fc.constantFrom(...Object.keys(DISCONNECTED.detail));
    await fc.assert(
      fc.asyncProperty(field, fc.jsonValue(), async (name, value) => {
        const { calls, handler } = await recorded();

        await handler({ ...DISCONNECTED, detail: { ...DISCONNECTED.detail, [name]: value } });

        expect(await calls.get(RECORDING)).toMatchObject(newCall(RECORDING));
        expect(await calls.ofContact(CONTACT_ID)).toHaveLength(1);
      }),
      { numRuns: runs(300) },
    );
  });

  it('throws what another try may mend', async () => {
    class NoCalls extends MemoryCalls {
      override ofContact(): Promise<never> {
        return Promise.reject(new Error('no table'));
      }
    }
    const handler = createHandler({ calls: new NoCalls(), telemetry: new RecordedTelemetry() });

    await expect(handler(DISCONNECTED)).rejects.toThrow('no table');
  });
});

describe('contact-event, on the SDK’s client', () => {
  let dynamoDb: DynamoDbForTest;
  let container: typeof import('../../../functions/contact-event/handler.ts');

  beforeAll(async () => {
    dynamoDb = await dynamoDbForTest();
    stubAwsEnvironment({ DYNAMODB: dynamoDb.url });
    vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT');
    vi.resetModules();
    container = await import('../../../functions/contact-event/handler.ts');
  });

  afterAll(async () => {
    vi.unstubAllEnvs();
    await dynamoDb.close();
  });

  it('puts the facts into the record, and nothing anywhere else', async () => {
    const calls = new TableCalls(callsIn(dynamoDb.client, dynamoDb.tables.calls));
    await calls.create(newCall(RECORDING));
    const handler = handlerFromEnvironment({ [CONTACT_EVENT_VARIABLES.callsTable]: dynamoDb.tables.calls });

    for (const event of [DISCONNECTED, QUEUED, DISCONNECTED, CONNECTED_TO_AGENT]) await handler(event);
    await handler(contactEvent('DISCONNECTED', '2026-03-14T09:40:01Z', { contactId: 'not-recorded' }));

    expect(await calls.get(RECORDING)).toEqual({ ...newCall(RECORDING), ...ALL_FACTS });
    const { Items = [] } = await dynamoDb.client.send(
      new ScanCommand({ TableName: dynamoDb.tables.calls, ConsistentRead: true }),
    );
    expect(Items.map((item) => unmarshall(item).contactId as unknown)).toEqual([CONTACT_ID]);
  });

  it('throws when there is no table', async () => {
    const handler = handlerFromEnvironment({ [CONTACT_EVENT_VARIABLES.callsTable]: 'another-table' });

    await expect(handler(DISCONNECTED)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('is made once a container, of what the environment says then', async () => {
    const recording = { ...RECORDING, contactId: 'of-the-container' };
    const calls = new TableCalls(callsIn(dynamoDb.client, dynamoDb.tables.calls));
    await calls.create(newCall(recording));
    vi.stubEnv(CONTACT_EVENT_VARIABLES.callsTable, dynamoDb.tables.calls);
    const { handler } = container;
    const { contactId } = recording;

    await handler({ ...QUEUED, detail: { ...QUEUED.detail, contactId } });
    vi.stubEnv(CONTACT_EVENT_VARIABLES.callsTable, undefined);
    await handler({ ...DISCONNECTED, detail: { ...DISCONNECTED.detail, contactId } });

    expect(await calls.get(recording)).toMatchObject(ALL_FACTS);
  });
});

describe('contact-event', () => {
  it.each([undefined, '', 'no/table'])('refuses to work with the table %j', (callsTable) => {
    const variable = CONTACT_EVENT_VARIABLES.callsTable;

    expect(() => handlerFromEnvironment({ [variable]: callsTable })).toThrow(variable);
  });
});
