import { randomUUID } from 'node:crypto';
import { type AttributeValue, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { CONNECT_VARIABLES } from '../../../contract/variables.ts';
import type { ExecutionInput } from '../../../contract/workflow.ts';
import { START_STATUSES } from '../../../functions/connect/answer.ts';
import { createHandler, handlerFromEnvironment } from '../../../functions/connect/handler.ts';
import { createTables, type TableNames } from '../../../local/standins/dynamodb.ts';
import { CallsUnlessErased } from '../../../ports/calls/calls-unless-erased.ts';
import { MemoryCalls } from '../../../ports/calls/memory-calls.ts';
import { TableCalls } from '../../../ports/calls/table-calls.ts';
import { MemoryCheckpoints } from '../../../ports/checkpoints/memory-checkpoints.ts';
import { TableCheckpoints } from '../../../ports/checkpoints/table-checkpoints.ts';
import { MemoryExecutions } from '../../../ports/executions/memory-executions.ts';
import { SfnExecutions } from '../../../ports/executions/sfn-executions.ts';
import { PROMPT_CLIENT } from '../../../ports/runtime/aws-client-config.ts';
import { systemClock } from '../../../ports/runtime/clock.ts';
import { callsIn, checkpointsIn } from '../../../ports/table/dynamodb-table.ts';
import { type Recording, recordingId } from '../../../recording/identity.ts';
import { stubAwsEnvironment } from '../../support/aws-environment.ts';
import {
  CONTACT_ID,
  EXECUTION_ARN,
  INSTANCE_ARN,
  RECORDING,
  RECORDING_ID,
  START_FRAGMENT_NUMBER,
  STARTED_AT,
  STATE_MACHINE_ARN,
  STREAM_ARN,
} from '../../support/call.ts';
import { FakeStepFunctions } from '../../support/fake-step-functions.ts';
import { CUSTOMER_NUMBER, flowEvent, QUEUE, SYSTEM_NUMBER } from '../../support/flow-event.ts';
import { runs } from '../../support/runs.ts';
import { CREDENTIALS, type DynamoDbForTest, dynamoDbForTest, REGION } from '../../support/standins.ts';
import { RecordedTelemetry } from '../../support/telemetry.ts';
import { INPUT, onTwins, STARTED } from './twins.ts';

describe('connect, on twins', () => {
  it('writes the record, then starts the execution', async () => {
    const order: string[] = [];
    const calls = new MemoryCalls({ onWrite: ({ operation }) => order.push(operation) });
    const executions = new MemoryExecutions((name) => order.push(name));
    const { handler, telemetry } = onTwins({ calls, executions });

    expect(await handler(flowEvent())).toEqual(STARTED);

    expect(order).toEqual(['create', RECORDING_ID]);
    expect(executions.executions.get(RECORDING_ID)?.input).toEqual(INPUT);
    expect(await calls.get(RECORDING)).toEqual({
      ...INPUT,
      status: 'RECORDING',
      executionArn: executions.arnOf(RECORDING_ID),
      day: '2026-03-14',
      channel: 'VOICE',
      initiationMethod: 'INBOUND',
      initialContactId: CONTACT_ID,
      previousContactId: CONTACT_ID,
      customerNumber: CUSTOMER_NUMBER,
      systemNumber: SYSTEM_NUMBER,
      queue: { arn: QUEUE.ARN, name: QUEUE.Name },
      attributes: { language: 'en', tier: 'gold' },
    });
    expect(telemetry.metrics).toEqual([{ Starts: 1, StartFailures: 0 }]);
  });

  it('keeps neither phone numbers nor attributes unless it is told to', async () => {
    const { handler, calls } = onTwins({ keep: { phoneNumbers: false, attributes: false } });

    await handler(flowEvent());

    const call = await calls.get(RECORDING);
    expect(call).toMatchObject({ status: 'RECORDING', channel: 'VOICE' });
    expect(JSON.stringify(call)).not.toMatch(/1555|gold/);
  });

  it.each([
    null,
    undefined,
    { Address: null },
    { Address: '' },
    { Address: 'Anonymous' },
    { Address: '+266696687' },
  ])('gives an anonymous caller no number: %j', async (CustomerEndpoint) => {
    const { handler, calls } = onTwins();

    expect(await handler(flowEvent({ CustomerEndpoint }))).toEqual(STARTED);

    const call = await calls.get(RECORDING);
    expect(call).toMatchObject({ systemNumber: SYSTEM_NUMBER });
    expect(call).not.toHaveProperty('customerNumber');
  });

  it('says nothing of the caller in its log', async () => {
    const { handler, telemetry } = onTwins();

    await handler(flowEvent());
    await handler(flowEvent({ Channel: 5, Attributes: { secret: ['gold'] } }));

    expect(telemetry.lines.length).toBeGreaterThan(1);
    expect(JSON.stringify(telemetry.lines)).not.toMatch(/1555|gold/);
  });

  it('needs nothing but the contact, the instance and the stream', async () => {
    const { handler, calls } = onTwins();
    const { ContactId, InstanceARN, MediaStreams } = flowEvent().Details.ContactData;

    const answer = await handler({ Details: { ContactData: { ContactId, InstanceARN, MediaStreams } } });

    expect(answer).toEqual(STARTED);
    expect(Object.keys((await calls.get(RECORDING)) ?? {}).sort()).toEqual(
      [...Object.keys(INPUT), 'day', 'executionArn', 'status'].sort(),
    );
  });

  it('records what is left of a stream that has been stopped', async () => {
    const { handler } = onTwins();
    const stopped = {
      StopTimestamp: 1_773_480_500_000,
      StopFragmentNumber: (START_FRAGMENT_NUMBER + 5n).toString(),
    };

    expect(await handler(flowEvent({}, stopped))).toEqual(STARTED);
  });

  it('records whatever the channel, if media is streamed', async () => {
    const { handler, calls } = onTwins();

    expect(await handler(flowEvent({ Channel: 'CHAT' }))).toEqual(STARTED);

    expect(await calls.get(RECORDING)).toMatchObject({ channel: 'CHAT' });
  });

  it.each([
    ['Audio is null', flowEvent({}, null)],
    ['there are no media streams', flowEvent({ MediaStreams: null })],
    ['there are no media streams at all', flowEvent({ MediaStreams: undefined })],
    ['the customer has none', flowEvent({ MediaStreams: { Customer: null } })],
    [
      'its values are null',
      flowEvent({}, { StreamARN: null, StartTimestamp: null, StartFragmentNumber: null }),
    ],
    ['there is no first fragment yet', flowEvent({}, { StartFragmentNumber: '' })],
  ])('says that there is no media stream: %s', async (_, event) => {
    const { handler, calls, executions, telemetry } = onTwins();

    expect(await handler(event)).toMatchObject({
      status: 'NO_MEDIA_STREAM',
      recording: 'false',
      contactId: CONTACT_ID,
      recordingId: '',
    });

    expect(calls.history).toEqual([]);
    expect(executions.executions.size).toBe(0);
    expect(telemetry.metrics).toEqual([]);
  });

  it.each(['CHAT', 'TASK', 'EMAIL', 'chat'])('asks for no media stream of a %s', async (Channel) => {
    const { handler, telemetry } = onTwins();

    expect(await handler(flowEvent({ Channel }, null))).toMatchObject({
      status: 'NOT_A_CALL',
      recording: 'false',
      contactId: CONTACT_ID,
    });

    expect(telemetry.lines).toMatchObject([{ level: 'info', fields: { channel: Channel } }]);
  });

  it.each([null, undefined, 5, 'HOLOGRAM'])('asks for a media stream of channel %j', async (Channel) => {
    const { handler } = onTwins();

    expect(await handler(flowEvent({ Channel }, null))).toMatchObject({ status: 'NO_MEDIA_STREAM' });
  });

  it('refuses another instance’s contact', async () => {
    const { handler, calls, executions } = onTwins();
    const InstanceARN = INSTANCE_ARN.replace('1f0a', '2f0a');

    expect(await handler(flowEvent({ InstanceARN }))).toMatchObject({
      status: 'WRONG_INSTANCE',
      recording: 'false',
      contactId: CONTACT_ID,
    });

    expect(calls.history).toEqual([]);
    expect(executions.executions.size).toBe(0);
  });

  it('records any instance’s contact where none is configured', async () => {
    const { handler } = onTwins({ instanceArn: undefined });
    const InstanceARN = INSTANCE_ARN.replace('1f0a', '2f0a');

    expect(await handler(flowEvent({ InstanceARN }))).toEqual(STARTED);
  });

  describe('records the call without a fact that can’t be kept:', () => {
    it.each<[string, string, unknown]>([
      ['a related contact’s id with a path', 'previousContactId', flowEvent({ PreviousContactId: '../x' })],
      ['a number as channel', 'channel', flowEvent({ Channel: 5 })],
      ['a control character in the channel', 'channel', flowEvent({ Channel: 'VO\u0007ICE' })],
      ['a number as phone number', 'customerNumber', flowEvent({ CustomerEndpoint: { Address: 15550100 } })],
      [
        'a huge phone number',
        'customerNumber',
        flowEvent({ CustomerEndpoint: { Address: '1'.repeat(2_000) } }),
      ],
      ['a text as queue', 'queue', flowEvent({ Queue: 'Support' })],
      ['a list of attributes', 'attributes', flowEvent({ Attributes: ['a'] })],
      ['a list as attribute', 'attributes', flowEvent({ Attributes: { a: ['5'] } })],
      ['huge attributes', 'attributes', flowEvent({ Attributes: { a: 'x'.repeat(70_000) } })],
      [
        'a telephone number as an attribute’s name',
        'attributes',
        flowEvent({ Attributes: { '+15550123': [] } }),
      ],
    ])('%s', async (_, fact, hostile) => {
      const { handler, calls, executions, telemetry } = onTwins();

      expect(await handler(hostile)).toEqual(STARTED);

      expect(executions.executions.size).toBe(1);
      const plain = onTwins();
      await plain.handler(flowEvent());
      const { [fact]: left, ...rest } = { ...plain.calls.history[0]?.after } as Record<string, unknown>;
      expect(left).toBeDefined();
      expect(calls.history.map(({ after }) => after)).toEqual([rest]);
      expect(telemetry.lines[0]).toMatchObject({ level: 'warn' });
      expect(JSON.stringify(telemetry.lines).length).toBeLessThan(2_000);
      expect(JSON.stringify(telemetry.lines)).not.toContain('15550');
    });
  });

  describe('keeps what it can of', () => {
    const attributes = { language: 'en', tier: 'gold' };
    it.each<[string, Record<string, unknown>, unknown]>([
      ['attributes of which one is null', { ...attributes, a: null }, attributes],
      ['attributes of which one is a list', { a: ['x'], ...attributes }, attributes],
      ['attributes of which one is huge', { a: 'x'.repeat(70_000), ...attributes }, attributes],
      ['attributes of which one has no name', { '': 'x', ...attributes }, attributes],
      ['attributes that can only mean one text', { a: 5, b: false }, { a: '5', b: 'false' }],
    ])('%s', async (_, Attributes, kept) => {
      const { handler, calls } = onTwins();

      expect(await handler(flowEvent({ Attributes }))).toEqual(STARTED);

      expect((await calls.get(RECORDING))?.attributes).toEqual(kept);
    });

    it('a great many attributes, and counts them', async () => {
      const { handler, calls } = onTwins();
      const Attributes = Object.fromEntries(
        Array.from({ length: 9_000 }, (_, i) => [`key ${String(i)}`, 'x']),
      );

      expect(await handler(flowEvent({ Attributes }))).toEqual(STARTED);

      expect(await calls.get(RECORDING)).toMatchObject({
        attributes: { 'key 0': 'x' },
        attributeCount: 9_000,
      });
    });

    it('a queue whose ARN is none', async () => {
      const { handler, calls, telemetry } = onTwins();

      expect(await handler(flowEvent({ Queue: { ...QUEUE, ARN: 5 } }))).toEqual(STARTED);

      expect(await calls.get(RECORDING)).toMatchObject({ queue: { name: QUEUE.Name } });
      expect(telemetry.lines[0]).toMatchObject({ level: 'warn', fields: { facts: ['Queue.ARN'] } });
    });
  });

  it.each([
    ['a number', Date.parse(STARTED_AT)],
    ['a number with a fraction', Date.parse(STARTED_AT) + 0.5],
    ['a text with a fraction', `${String(Date.parse(STARTED_AT))}.5`],
    ['in ISO form', STARTED_AT],
  ])('takes the time at which streaming began as %s', async (_, StartTimestamp) => {
    const { handler, executions } = onTwins();

    expect(await handler(flowEvent({}, { StartTimestamp }))).toEqual(STARTED);

    expect(executions.executions.get(RECORDING_ID)?.input).toEqual(INPUT);
  });

  describe('where the time at which streaming began can’t be right, takes', () => {
    const fourMinutesAgo = Date.parse(STARTED_AT) - 240_000;
    const numbered = (1n << 156n) + (7n << 92n) + (BigInt(fourMinutesAgo) << 28n) + 12_345n;
    const absurd = [
      undefined,
      null,
      '',
      'now',
      {},
      '9'.repeat(20),
      '99999999999999',
      // Seconds.
      String(Math.floor(Date.parse(STARTED_AT) / 1_000)),
      -1,
    ];

    it.each(absurd)('the one in the start fragment’s number: %j', async (StartTimestamp) => {
      const { handler, executions, telemetry } = onTwins();

      const event = flowEvent({}, { StartTimestamp, StartFragmentNumber: numbered.toString() });
      expect(await handler(event)).toMatchObject({ status: 'STARTED' });

      const [input] = [...executions.executions.values()].map((execution) => execution.input);
      expect(input?.startedAt).toBe(new Date(fourMinutesAgo).toISOString());
      expect(telemetry.lines[0]).toMatchObject({ level: 'warn', fields: { facts: ['StartTimestamp'] } });
    });

    it.each(absurd)('that of the invocation where the number has none: %j', async (StartTimestamp) => {
      for (const StartFragmentNumber of ['12345', ((1n << 156n) + 5n).toString()]) {
        const { handler, executions } = onTwins();

        const event = flowEvent({}, { StartTimestamp, StartFragmentNumber });
        expect(await handler(event)).toMatchObject({ status: 'STARTED' });

        const inputs = [...executions.executions.values()].map(({ input }) => input.startedAt);
        expect(inputs).toEqual([STARTED_AT]);
      }
    });
  });

  describe('where the event names no instance', () => {
    const odd = [null, undefined, '', 5, STREAM_ARN, `${INSTANCE_ARN}/../x`];

    it.each(odd)('takes the configured one: %j', async (InstanceARN) => {
      const { handler, calls } = onTwins();

      expect(await handler(flowEvent({ InstanceARN, Queue: null }))).toEqual(STARTED);

      expect(await calls.get(RECORDING)).toMatchObject({ instanceArn: INSTANCE_ARN });
    });

    it.each(odd)('takes that of the queue, or of the contact: %j', async (InstanceARN) => {
      for (const named of [{ Queue: QUEUE }, { Queue: null, ContactARN: `${INSTANCE_ARN}/contact/1` }]) {
        const { handler, calls } = onTwins({ instanceArn: undefined });

        expect(await handler(flowEvent({ InstanceARN, ...named }))).toEqual(STARTED);

        expect(await calls.get(RECORDING)).toMatchObject({ instanceArn: INSTANCE_ARN });
      }
    });

    it('refuses what is another instance’s by its queue', async () => {
      const { handler } = onTwins();
      const Queue = { ARN: QUEUE.ARN.replace('1f0a', '2f0a') };

      expect(await handler(flowEvent({ InstanceARN: null, Queue }))).toMatchObject({
        status: 'WRONG_INSTANCE',
      });
    });

    it('refuses what nothing tells of', async () => {
      const { handler, calls } = onTwins({ instanceArn: undefined });

      expect(await handler(flowEvent({ InstanceARN: null, Queue: null }))).toMatchObject({
        status: 'INVALID_EVENT',
        contactId: CONTACT_ID,
      });

      expect(calls.history).toEqual([]);
    });
  });

  describe('where the flow has stopped streaming', () => {
    const STOP = START_FRAGMENT_NUMBER + 5n;
    const stopped = (StopFragmentNumber: unknown) => flowEvent({}, { StopFragmentNumber });

    it('notes the session’s last fragment', async () => {
      const { handler, calls } = onTwins();

      expect(await handler(stopped(`00${STOP.toString()}`))).toEqual(STARTED);

      expect(await calls.get(RECORDING)).toMatchObject({ stopFragmentNumber: STOP.toString() });
    });

    it('notes it when it is asked again', async () => {
      const { handler, calls } = onTwins();
      await handler(flowEvent());

      expect(await handler(stopped(STOP.toString()))).toMatchObject({ status: 'ALREADY_STARTED' });
      expect(await handler(flowEvent())).toMatchObject({ status: 'ALREADY_STARTED' });

      expect(await calls.get(RECORDING)).toMatchObject({ stopFragmentNumber: STOP.toString() });
    });

    it.each([
      ['before the first', (START_FRAGMENT_NUMBER - 1n).toString()],
      ['as a number', 5],
      ['that is none', 'x'],
      ['in a list', [STOP.toString()]],
    ])('leaves out a last fragment %s', async (_, odd) => {
      const { handler, calls, telemetry } = onTwins();

      expect(await handler(stopped(odd))).toEqual(STARTED);

      expect(await calls.get(RECORDING)).not.toHaveProperty('stopFragmentNumber');
      expect(telemetry.lines[0]).toMatchObject({ level: 'warn' });
      expect(JSON.stringify(telemetry.lines[0])).toContain('StopFragmentNumber');
    });

    it('has begun and ended with one fragment', async () => {
      const { handler, calls } = onTwins();

      await handler(stopped(START_FRAGMENT_NUMBER.toString()));

      expect(await calls.get(RECORDING)).toMatchObject({
        stopFragmentNumber: START_FRAGMENT_NUMBER.toString(),
      });
    });

    it('records the call even where that can’t be noted', async () => {
      class NoStop extends MemoryCalls {
        override streamingStopped(): Promise<never> {
          return Promise.reject(new Error('no table'));
        }
      }
      const { handler } = onTwins({ calls: new NoStop() });

      expect(await handler(stopped(STOP.toString()))).toEqual(STARTED);
    });
  });

  describe('a transferred contact that comes with the streaming session of the one before', () => {
    const NEXT: Recording = { ...RECORDING, contactId: '77777777-31c7-4a3e-9a63-8f5c7d21e0ab' };
    const transferred = (contact: object = {}, audio: object = {}) =>
      flowEvent({ ContactId: NEXT.contactId, ...contact }, { ...audio });

    it('is recorded, and its record names the recording that has the session', async () => {
      const { handler, calls, executions } = onTwins();
      await handler(flowEvent());

      expect(await handler(transferred())).toEqual({
        ...STARTED,
        contactId: NEXT.contactId,
        recordingId: recordingId(NEXT),
      });

      expect(await calls.get(NEXT)).toMatchObject({ status: 'RECORDING', sharesStreamWith: RECORDING_ID });
      expect([...executions.executions.keys()]).toEqual([RECORDING_ID, recordingId(NEXT)]);
    });

    it('finds it by the first contact, or by the one before', async () => {
      const first = { InitialContactId: 'not-recorded' };
      for (const related of [{ InitialContactId: null }, { PreviousContactId: '' }, first]) {
        const { handler, calls, telemetry } = onTwins();
        await handler(flowEvent());
        await handler(transferred(related));

        expect(await calls.get(NEXT)).toMatchObject({ sharesStreamWith: RECORDING_ID });
        expect(telemetry.lines.filter(({ level }) => level === 'error')).toEqual([]);
      }
    });

    it('names the first contact’s after a second transfer', async () => {
      const { handler, calls } = onTwins();
      const third: Recording = { ...RECORDING, contactId: '88888888-31c7-4a3e-9a63-8f5c7d21e0ab' };
      await handler(flowEvent());
      await handler(transferred());

      await handler(transferred({ ContactId: third.contactId, PreviousContactId: NEXT.contactId }));

      expect(await calls.get(third)).toMatchObject({ sharesStreamWith: RECORDING_ID });
    });

    it.each<[string, object, object]>([
      [
        'has begun a session of its own',
        {},
        { StartFragmentNumber: (START_FRAGMENT_NUMBER + 9n).toString() },
      ],
      ['has another stream', {}, { StreamARN: STREAM_ARN.replace('7d3', '7d4') }],
      ['is of a call that isn’t recorded', { InitialContactId: 'another', PreviousContactId: null }, {}],
    ])('is not one that %s', async (_, contact, audio) => {
      const { handler, calls } = onTwins();
      await handler(flowEvent());

      expect(await handler(transferred(contact, audio))).toMatchObject({ status: 'STARTED' });

      const [next] = await calls.ofContact(NEXT.contactId);
      expect(next).toMatchObject({ status: 'RECORDING' });
      expect(next).not.toHaveProperty('sharesStreamWith');
    });

    it('ends the session of both where its flow stops streaming', async () => {
      const { handler, calls } = onTwins();
      const stopFragmentNumber = (START_FRAGMENT_NUMBER + 9n).toString();
      await handler(flowEvent());
      await handler(transferred());

      await handler(transferred({}, { StopFragmentNumber: stopFragmentNumber }));

      expect(await calls.get(RECORDING)).toMatchObject({ stopFragmentNumber });
      expect(await calls.get(NEXT)).toMatchObject({ stopFragmentNumber });
    });

    it('is recorded where nobody can be asked about the session', async () => {
      class NoReads extends MemoryCalls {
        override get(): Promise<never> {
          return Promise.reject(new Error('no table'));
        }
      }
      const calls = new NoReads();
      const { handler, telemetry } = onTwins({ calls });
      await handler(flowEvent());

      expect(await handler(transferred())).toMatchObject({ status: 'STARTED' });

      expect(calls.history).toHaveLength(2);
      expect(telemetry.lines).toContainEqual(expect.objectContaining({ level: 'error' }));
    });

    it('is looked for in vain no longer than a caller may wait', async () => {
      class DeafReads extends MemoryCalls {
        override get(): Promise<never> {
          clock.advance(300);
          return new Promise(() => undefined);
        }
      }
      const { handler, clock } = onTwins({ calls: new DeafReads() });

      expect(await handler(transferred({ PreviousContactId: null }))).toMatchObject({ status: 'STARTED' });
    });
  });

  describe('refuses, and writes nothing,', () => {
    const event = flowEvent();
    it.each<[string, unknown]>([
      ['no event', undefined],
      ['null', null],
      ['a text', 'ContactFlowEvent'],
      ['a list', [event]],
      ['no details', { Name: 'ContactFlowEvent' }],
      ['no contact', { ...event, Details: {} }],
      ['no contact id', flowEvent({ ContactId: undefined })],
      ['a number as contact id', flowEvent({ ContactId: 5 })],
      ['an object as contact id', flowEvent({ ContactId: { toString: 'x' } })],
      ['an empty contact id', flowEvent({ ContactId: '' })],
      ['a path as contact id', flowEvent({ ContactId: '../../recordings/x' })],
      ['a dot as contact id', flowEvent({ ContactId: '..' })],
      ['a slash in the contact id', flowEvent({ ContactId: 'a/b' })],
      ['a line break in the contact id', flowEvent({ ContactId: `${CONTACT_ID}\n` })],
      ['a NUL in the contact id', flowEvent({ ContactId: 'a\u0000b' })],
      ['a contact id of 37 characters', flowEvent({ ContactId: `${CONTACT_ID}0` })],
      ['a contact id of a million characters', flowEvent({ ContactId: 'a'.repeat(1_000_000) })],
      ['another service’s ARN as stream', flowEvent({}, { StreamARN: INSTANCE_ARN })],
      ['a stream’s name instead of its ARN', flowEvent({}, { StreamARN: 'acme-connect-1' })],
      ['a path in the stream', flowEvent({}, { StreamARN: STREAM_ARN.replace('acme', '../acme') })],
      ['a line break after the stream', flowEvent({}, { StreamARN: `${STREAM_ARN}\n` })],
      ['a huge stream ARN', flowEvent({}, { StreamARN: STREAM_ARN.replace('acme', 'a'.repeat(1_000)) })],
      ['a fragment number with a sign', flowEvent({}, { StartFragmentNumber: '-1' })],
      ['a fragment number in hex', flowEvent({}, { StartFragmentNumber: '0x12' })],
      ['a fragment number of 61 digits', flowEvent({}, { StartFragmentNumber: '1'.repeat(61) })],
      ['a fragment number as number', flowEvent({}, { StartFragmentNumber: 2 ** 52 })],
      ['a fragment number with a path', flowEvent({}, { StartFragmentNumber: '12/../13' })],
    ])('%s', async (_, hostile) => {
      const { handler, calls, executions, telemetry } = onTwins();

      const answer = await handler(hostile);

      expect(answer).toEqual({
        status: 'INVALID_EVENT',
        recording: 'false',
        contactId: '',
        recordingId: '',
        message: 'The event is not one that a contact flow sends; the log of the connect function says why',
      });
      expect(calls.history).toEqual([]);
      expect(executions.executions.size).toBe(0);
      expect(telemetry.lines).toMatchObject([{ level: 'warn' }]);
      expect(JSON.stringify(telemetry.lines).length).toBeLessThan(2_000);
    });

    it('whatever stands in place of any field', async () => {
      const paths = pathsOf(event);
      expect(paths.length).toBeGreaterThan(30);
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...paths), fc.jsonValue(), async (path, value) => {
          const { handler, calls, executions } = onTwins();

          const answer = await handler(replaced(event, path, value));

          expect(START_STATUSES).toContain(answer.status);
          expect(Object.values(answer).every((text) => typeof text === 'string')).toBe(true);
          const records = answer.recording === 'true' ? 1 : 0;
          expect(calls.history).toHaveLength(records);
          expect(executions.executions.size).toBe(records);
        }),
        { numRuns: runs(300) },
      );
    });
  });

  it('takes an attribute by the name of __proto__ for no more than it is', async () => {
    const { handler, calls } = onTwins();
    const event: unknown = JSON.parse(
      JSON.stringify(flowEvent()).replace('"language"', '"__proto__":"x","language"'),
    );

    expect(await handler(event)).toEqual(STARTED);

    expect((await calls.get(RECORDING))?.attributes).toEqual({ language: 'en', tier: 'gold' });
  });

  describe('asked again', () => {
    it('changes nothing', async () => {
      const { handler, calls, executions, telemetry } = onTwins();
      await handler(flowEvent());
      const before = await calls.get(RECORDING);

      expect(await handler(flowEvent({ Attributes: { changed: 'since' } }))).toMatchObject({
        status: 'ALREADY_STARTED',
        recording: 'true',
        recordingId: RECORDING_ID,
      });

      expect(await calls.get(RECORDING)).toEqual(before);
      expect(executions.executions.size).toBe(1);
      expect(telemetry.metrics.at(-1)).toEqual({ Starts: 0, StartFailures: 0 });
    });

    it('starts the execution that an invocation died before', async () => {
      const { handler, calls, executions } = onTwins();
      await handler(flowEvent());
      executions.executions.clear();

      expect(await handler(flowEvent())).toMatchObject({ status: 'ALREADY_STARTED' });

      expect(executions.executions.get(RECORDING_ID)?.input).toEqual(INPUT);
      // The start is this one's now, and nothing else of the record has changed.
      expect(calls.history.map(({ operation }) => operation)).toEqual(['create', 'startAgain']);
      expect(calls.history[1]?.after).toEqual(calls.history[0]?.after);
    });

    it('takes an execution that is over for started', async () => {
      const { handler, executions } = onTwins();
      await handler(flowEvent());
      const execution = executions.executions.get(RECORDING_ID);
      if (execution) execution.over = true;

      expect(await handler(flowEvent())).toMatchObject({ status: 'ALREADY_STARTED', recording: 'true' });
    });

    it('starts nothing where the recording is over', async () => {
      const { handler, calls, executions, executionArn } = onTwins();
      await handler(flowEvent());
      await calls.assembling(RECORDING, executionArn, Date.parse(INPUT.startedAt), INPUT);
      executions.executions.clear();

      expect(await handler(flowEvent())).toMatchObject({ status: 'ALREADY_STARTED' });

      expect(executions.executions.size).toBe(0);
      expect(await calls.get(RECORDING)).toMatchObject({ status: 'ASSEMBLING' });
    });

    it('starts nothing where a resumption has taken over', async () => {
      const { handler, calls, executions, executionArn } = onTwins();
      await handler(flowEvent());
      const resumption = `${executionArn}-r1`;
      calls.tamper(INPUT, { ...calls.item(INPUT), executionArn: resumption });
      executions.executions.clear();

      expect(await handler(flowEvent())).toMatchObject({ status: 'ALREADY_STARTED' });

      expect(executions.executions.size).toBe(0);
    });

    it('makes and starts nothing of a recording that has been erased', async () => {
      const calls = new MemoryCalls();
      const checkpoints = new MemoryCheckpoints({ now: () => Date.parse(STARTED_AT) });
      const { handler, executions } = onTwins({ calls: new CallsUnlessErased(calls, checkpoints) });
      await handler(flowEvent());
      calls.tamper(INPUT, undefined);
      executions.executions.clear();
      await checkpoints.erase(RECORDING_ID, Date.parse(STARTED_AT) + 1);

      expect(await handler(flowEvent())).toMatchObject({ status: 'ERASED', recording: 'false' });

      expect(executions.executions.size).toBe(0);
      expect(await calls.get(RECORDING)).toBeUndefined();
    });

    it('tells a contact’s two recordings apart', async () => {
      const { handler, calls, executions } = onTwins();
      const second = { StartFragmentNumber: (START_FRAGMENT_NUMBER + 10n ** 40n).toString() };

      expect(await handler(flowEvent())).toMatchObject({ status: 'STARTED' });
      expect(await handler(flowEvent({}, second))).toMatchObject({ status: 'STARTED' });

      expect(await calls.ofContact(CONTACT_ID)).toHaveLength(2);
      expect(executions.executions.size).toBe(2);
    });

    it('takes leading zeros for the same number', async () => {
      const { handler, calls, executions } = onTwins();
      await handler(flowEvent());

      const answer = await handler(
        flowEvent({}, { StartFragmentNumber: `000${START_FRAGMENT_NUMBER.toString()}` }),
      );

      expect(answer).toMatchObject({ status: 'ALREADY_STARTED', recordingId: RECORDING_ID });
      expect(executions.executions.size).toBe(1);
      expect(calls.history).toHaveLength(1);
    });

    it('starts once, however many ask at once', async () => {
      const { handler, calls, executions } = onTwins();

      const answers = await Promise.all(Array.from({ length: 5 }, () => handler(flowEvent())));

      expect(answers.map(({ status }) => status).sort()).toEqual([
        ...Array.from({ length: 4 }, () => 'ALREADY_STARTED'),
        'STARTED',
      ]);
      expect(executions.executions.size).toBe(1);
      expect(calls.history).toHaveLength(1);
    });
  });

  describe('when the execution can’t be started', () => {
    class NoExecutions extends MemoryExecutions {
      override start(): Promise<never> {
        return Promise.reject(new Error('no more executions today'));
      }
    }

    it('says so to the flow and in the record', async () => {
      const { handler, calls, telemetry } = onTwins({ executions: new NoExecutions() });

      expect(await handler(flowEvent())).toMatchObject({
        status: 'START_FAILED',
        recording: 'false',
        recordingId: RECORDING_ID,
      });

      const call = await calls.get(RECORDING);
      expect(call?.status).toBe('FAILED');
      expect(call?.why).toMatch(/no more executions today.*Invoke the connect function again/);
      expect(telemetry.metrics).toEqual([{ Starts: 0, StartFailures: 1 }]);
      expect(telemetry.lines).toContainEqual(expect.objectContaining({ level: 'error' }));
    });

    it('starts it when it is asked again', async () => {
      const calls = new MemoryCalls();
      await onTwins({ calls, executions: new NoExecutions() }).handler(flowEvent());
      const { handler, executions } = onTwins({ calls });

      expect(await handler(flowEvent())).toEqual(STARTED);

      expect(await calls.get(RECORDING)).toMatchObject({ status: 'RECORDING' });
      expect(await calls.get(RECORDING)).not.toHaveProperty('why');
      expect(executions.executions.get(RECORDING_ID)?.input).toEqual(INPUT);
    });

    it('is not told so by an earlier invocation that wakes up late', async () => {
      const calls = new MemoryCalls();
      const late: (() => Promise<void>)[] = [];
      /** Lambda freezes the function that has answered: its last request goes on when it wakes up. */
      class FrozenCalls extends MemoryCalls {
        override create(...args: Parameters<MemoryCalls['create']>) {
          return calls.create(...args);
        }
        override startFailed(...args: Parameters<MemoryCalls['startFailed']>) {
          late.push(() => calls.startFailed(...args));
          frozen.clock.advance(2_000);
          return new Promise<void>(() => undefined);
        }
      }
      const frozen = onTwins({ calls: new FrozenCalls(), executions: new NoExecutions() });
      expect(await frozen.handler(flowEvent())).toMatchObject({ status: 'START_FAILED' });
      const second = onTwins({ calls });
      second.clock.advance(2_500);
      expect(await second.handler(flowEvent())).toMatchObject({ recording: 'true' });

      for (const wakeUp of late) await wakeUp();

      expect(late).toHaveLength(1);
      expect(await calls.get(RECORDING)).toMatchObject({ status: 'RECORDING' });
      expect(await calls.get(RECORDING)).not.toHaveProperty('why');
    });

    it('says RECORDING again where the earlier invocation has said FAILED in between', async () => {
      const calls = new MemoryCalls();
      const first = { beganAtMs: Date.parse(STARTED_AT) - 1, id: 'frozen' };
      class LateWrite extends MemoryExecutions {
        override async start(...args: Parameters<MemoryExecutions['start']>) {
          await calls.startFailed(RECORDING, this.arnOf(RECORDING_ID), 'late', first);
          return super.start(...args);
        }
      }
      const executions = new LateWrite();
      const { handler } = onTwins({ calls, executions });
      const call = { ...INPUT, status: 'RECORDING', day: '2026-03-14' } as const;
      await calls.create({ ...call, executionArn: executions.arnOf(RECORDING_ID) }, first);

      expect(await handler(flowEvent())).toMatchObject({ recording: 'true' });

      expect(await calls.get(RECORDING)).toMatchObject({ status: 'RECORDING' });
    });

    it('leaves a recording alone whose assembly has failed', async () => {
      const { handler, calls, executions, executionArn } = onTwins();
      await handler(flowEvent());
      await calls.assembling(RECORDING, executionArn, Date.parse(INPUT.startedAt), INPUT);
      calls.tamper(INPUT, { ...calls.item(INPUT), status: 'FAILED', why: 'no tape' });
      executions.executions.clear();

      expect(await handler(flowEvent())).toMatchObject({ status: 'ALREADY_STARTED' });

      expect(executions.executions.size).toBe(0);
      expect(await calls.get(RECORDING)).toMatchObject({ status: 'FAILED', why: 'no tape' });
    });

    it('waits for no answer longer than a flow may wait', async () => {
      const signals: AbortSignal[] = [];
      class DeafExecutions extends MemoryExecutions {
        override start(_name: string, _input: ExecutionInput, signal?: AbortSignal): Promise<never> {
          if (signal) signals.push(signal);
          clock.advance(1_699);
          expect(signal?.aborted).toBe(false);
          clock.advance(1);
          return new Promise(() => undefined);
        }
      }
      const { handler, calls, clock } = onTwins({ executions: new DeafExecutions() });

      expect(await handler(flowEvent())).toMatchObject({ status: 'START_FAILED' });

      expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
      expect((await calls.get(RECORDING))?.why).toMatch(/StartExecution gave no answer within 1700 ms/);
    });
  });

  describe('when the record can’t be written', () => {
    class NoCalls extends MemoryCalls {
      override create(): Promise<never> {
        return Promise.reject(new Error('no table'));
      }
    }

    it('records all the same, and says so in the log', async () => {
      const { handler, executions, telemetry } = onTwins({ calls: new NoCalls() });

      expect(await handler(flowEvent())).toEqual(STARTED);

      expect(executions.executions.size).toBe(1);
      expect(telemetry.lines[0]).toMatchObject({ level: 'error', fields: { recordingId: RECORDING_ID } });
    });

    it('records all the same when the table gives no answer', async () => {
      class DeafCalls extends MemoryCalls {
        override create(): Promise<never> {
          clock.advance(1_000);
          return new Promise(() => undefined);
        }
      }
      const { handler, executions, clock } = onTwins({ calls: new DeafCalls() });

      expect(await handler(flowEvent())).toEqual(STARTED);

      expect(executions.executions.size).toBe(1);
    });

    it('takes an execution that is over for started', async () => {
      const { handler, executions } = onTwins({ calls: new NoCalls() });
      await handler(flowEvent());
      for (const execution of executions.executions.values()) execution.over = true;

      expect(await handler(flowEvent())).toMatchObject({ status: 'ALREADY_STARTED' });
    });

    it('answers the flow even when nothing works', async () => {
      class NothingAtAll extends NoCalls {
        override startFailed(): Promise<never> {
          return Promise.reject(new Error('no table'));
        }
      }
      class NoExecutions extends MemoryExecutions {
        override start(): Promise<never> {
          return Promise.reject(new Error('no executions'));
        }
      }
      const { handler, telemetry } = onTwins({ calls: new NothingAtAll(), executions: new NoExecutions() });

      expect(await handler(flowEvent())).toMatchObject({ status: 'START_FAILED' });

      expect(telemetry.lines.filter(({ level }) => level === 'error')).toHaveLength(3);
    });
  });
});

describe('connect, on the SDK’s clients', () => {
  let dynamoDb: DynamoDbForTest;
  let tables: Required<TableNames>;
  let stepFunctions: FakeStepFunctions;
  let environment: Record<string, string>;
  const printed: string[] = [];
  let program: typeof import('../../../functions/connect/handler.ts');

  beforeAll(async () => {
    dynamoDb = await dynamoDbForTest();
    stepFunctions = new FakeStepFunctions();
    await stepFunctions.start();
    stubAwsEnvironment({ DYNAMODB: dynamoDb.url, SFN: stepFunctions.url });
    // To the console that a test can listen to.
    vi.stubEnv('POWERTOOLS_DEV', 'true');
    vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
    // With clients of its own, which are made while a container starts, and keep the endpoints that they begin with.
    vi.resetModules();
    program = await import('../../../functions/connect/handler.ts');
  });

  beforeEach(async () => {
    tables = await createTables(dynamoDb.client, `test-${randomUUID().slice(0, 8)}-`);
    stepFunctions.forget();
    printed.length = 0;
    for (const method of ['log', 'info', 'warn', 'error'] as const)
      vi.spyOn(console, method).mockImplementation((line: string) => printed.push(line));
    environment = {
      [CONNECT_VARIABLES.callsTable]: tables.calls,
      [CONNECT_VARIABLES.checkpointsTable]: tables.checkpoints,
      [CONNECT_VARIABLES.stateMachineArn]: STATE_MACHINE_ARN,
      [CONNECT_VARIABLES.instanceArn]: INSTANCE_ARN,
      [CONNECT_VARIABLES.keepPhoneNumbers]: 'true',
    };
  });

  afterEach(() => {
    vi.restoreAllMocks();
  });

  afterAll(async () => {
    vi.unstubAllEnvs();
    await stepFunctions.close();
    await dynamoDb.close();
  });

  async function items(): Promise<Record<string, AttributeValue>[]> {
    const { Items = [] } = await dynamoDb.client.send(
      new ScanCommand({ TableName: tables.calls, ConsistentRead: true }),
    );
    return Items;
  }

  function handlerWith(telemetry = new RecordedTelemetry()) {
    const clients = { ...PROMPT_CLIENT, region: REGION, credentials: CREDENTIALS };
    return createHandler({
      calls: new TableCalls(
        callsIn(new DynamoDBClient({ ...clients, endpoint: dynamoDb.url }), tables.calls),
      ),
      executions: new SfnExecutions(
        new SFNClient({ ...clients, endpoint: stepFunctions.url }),
        STATE_MACHINE_ARN,
      ),
      clock: systemClock,
      telemetry,
      instanceArn: INSTANCE_ARN,
      keep: { phoneNumbers: true, attributes: false },
    });
  }

  it('starts, as it is configured, and logs structure without numbers', async () => {
    const answers = [];
    const handler = program.handlerFromEnvironment(environment);
    for (let invocation = 0; invocation < 2; invocation++) answers.push(await handler(flowEvent()));

    expect(answers.map(({ status }) => status)).toEqual(['STARTED', 'ALREADY_STARTED']);
    expect([...stepFunctions.executions.values()]).toEqual([
      {
        stateMachineArn: STATE_MACHINE_ARN,
        name: RECORDING_ID,
        input: JSON.stringify(INPUT),
        over: false,
      },
    ]);
    expect((await items()).map((item) => unmarshall(item))).toMatchObject([
      { ...INPUT, status: 'RECORDING', executionArn: EXECUTION_ARN, customerNumber: CUSTOMER_NUMBER },
    ]);
    const lines = printed.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toContainEqual(expect.objectContaining({ recordingId: RECORDING_ID, status: 'STARTED' }));
    expect(lines).toContainEqual(expect.objectContaining({ Starts: 1, StartFailures: 0 }));
    expect(printed.join('')).not.toMatch(/1555|gold/);
  });

  it('looks, as it is configured, whether the recording has been erased', async () => {
    const checkpoints = new TableCheckpoints(checkpointsIn(dynamoDb.client, tables.checkpoints), systemClock);
    await checkpoints.erase(RECORDING_ID, systemClock.now() + 60_000);

    const handler = program.handlerFromEnvironment(environment);
    expect(await handler(flowEvent())).toMatchObject({ status: 'ERASED' });

    expect(await items()).toEqual([]);
    expect(stepFunctions.requests).toEqual([]);
  });

  it('is made once a container, of what the environment says then', async () => {
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    expect(await program.handler(flowEvent())).toMatchObject({ status: 'STARTED' });

    for (const name of Object.keys(environment)) vi.stubEnv(name, undefined);
    expect(await program.handler(flowEvent())).toMatchObject({ status: 'ALREADY_STARTED' });

    expect([...stepFunctions.executions.keys()]).toEqual([RECORDING_ID]);
  });

  it('tries again when it is throttled', async () => {
    const throttled = { error: 'ThrottlingException', status: 400 };
    stepFunctions.troubles = [throttled, { error: 'InternalServerError', status: 500 }];

    expect(await handlerWith()(flowEvent())).toMatchObject({ status: 'STARTED' });

    expect(stepFunctions.requests).toHaveLength(3);
  });

  it('gives up what is refused, says why, and starts when it is asked again', async () => {
    stepFunctions.troubles = [{ error: 'AccessDeniedException', status: 400 }];

    expect(await handlerWith()(flowEvent())).toMatchObject({ status: 'START_FAILED' });
    const [failed] = (await items()).map((item) => unmarshall(item));
    expect(failed).toMatchObject({ status: 'FAILED' });
    expect(failed?.why).toMatch(/AccessDeniedException/);

    expect(await handlerWith()(flowEvent())).toMatchObject({ status: 'STARTED' });
    expect((await items()).map((item) => unmarshall(item))).toMatchObject([{ status: 'RECORDING' }]);
  });

  it.each([
    ['throttled for ever', { error: 'ThrottlingException', status: 400 }],
    ['without an answer', 'silence'],
  ] as const)('gives up in time when it is %s', async (_, trouble) => {
    stepFunctions.troubles = [trouble];
    stepFunctions.forever = true;
    const telemetry = new RecordedTelemetry();

    expect(await handlerWith(telemetry)(flowEvent())).toMatchObject({ status: 'START_FAILED' });

    expect((await items()).map((item) => unmarshall(item))).toMatchObject([{ status: 'FAILED' }]);
    expect(telemetry.metrics).toEqual([{ Starts: 0, StartFailures: 1 }]);
  });

  it('takes an execution that is over for started', async () => {
    const telemetry = new RecordedTelemetry();
    await handlerWith(telemetry)(flowEvent());
    const execution = stepFunctions.executions.get(RECORDING_ID);
    if (execution) execution.over = true;

    expect(await handlerWith(telemetry)(flowEvent())).toMatchObject({ status: 'ALREADY_STARTED' });

    expect(telemetry.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('writes nothing of an event that it refuses', async () => {
    expect(await handlerWith()(flowEvent({ ContactId: '../x' }))).toMatchObject({ status: 'INVALID_EVENT' });

    expect(await items()).toEqual([]);
    expect(stepFunctions.requests).toEqual([]);
  });
});

describe('connect', () => {
  const environment = {
    [CONNECT_VARIABLES.callsTable]: 'callspool-calls',
    [CONNECT_VARIABLES.stateMachineArn]: STATE_MACHINE_ARN,
  };

  it.each([
    ['no table', { [CONNECT_VARIABLES.callsTable]: '' }, CONNECT_VARIABLES.callsTable],
    ['an absurd table', { [CONNECT_VARIABLES.callsTable]: 'a b/c' }, CONNECT_VARIABLES.callsTable],
    ['no state machine', { [CONNECT_VARIABLES.stateMachineArn]: ' ' }, CONNECT_VARIABLES.stateMachineArn],
    ['an absurd state machine', { [CONNECT_VARIABLES.stateMachineArn]: STREAM_ARN }, 'state machine'],
    ['an absurd instance', { [CONNECT_VARIABLES.instanceArn]: 'mine' }, CONNECT_VARIABLES.instanceArn],
    ['an absurd switch', { [CONNECT_VARIABLES.keepAttributes]: 'yes' }, CONNECT_VARIABLES.keepAttributes],
  ])('refuses to work with %s', (_, change, named) => {
    expect(() => handlerFromEnvironment({ ...environment, ...change })).toThrow(named);
  });
});

type Path = readonly string[];

/** The paths of all values in a JSON object, the object itself included. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by;
  return { ...(value as object), [key]: replaced((value as Record<string, unknown>)[key], rest, by) };
}
