/** What the function's log tells of each event, for whoever looks why a record lacks a fact. */
import { expect, it } from 'vitest';
import { createHandler } from '../../../functions/contact-event/handler.ts';
import { MemoryCalls } from '../../../ports/calls/memory-calls.ts';
import { CONTACT_ID, EXECUTION_ARN, INSTANCE_ARN, RECORDING_ID, recordOf } from '../../support/call.ts';
import { contactEvent, DISCONNECTED, QUEUED } from '../../support/contact-event.ts';
import { invocation } from '../../support/invocation.ts';
import { RecordedTelemetry } from '../../support/telemetry.ts';

async function handling() {
  const calls = new MemoryCalls();
  await calls.create({ ...recordOf(EXECUTION_ARN), status: 'RECORDING' });
  const telemetry = new RecordedTelemetry();
  return { telemetry, handler: createHandler({ calls, telemetry }) };
}

const TIME = '2026-03-14T09:40:01Z';

it.each<[string, unknown, 'debug' | 'info' | 'warn', RegExp, object]>([
  [
    'what was learned',
    DISCONNECTED,
    'info',
    /learned/i,
    { contactId: CONTACT_ID, recordingId: RECORDING_ID, eventType: 'DISCONNECTED' },
  ],
  [
    'what tells nothing',
    contactEvent('INITIATED', TIME),
    'debug',
    /nothing/,
    { contactId: CONTACT_ID, eventType: 'INITIATED' },
  ],
  [
    'what says nothing that is kept',
    contactEvent('COMPLETED', TIME),
    'debug',
    /nothing/,
    { contactId: CONTACT_ID, eventType: 'COMPLETED' },
  ],
  [
    'what is another instance’s',
    contactEvent('QUEUED', TIME, {
      ...QUEUED.detail,
      instanceArn: INSTANCE_ARN.replace('1f0a', '2f0a'),
    }),
    'warn',
    /another instance/,
    { contactId: CONTACT_ID, recordingId: RECORDING_ID, eventType: 'QUEUED' },
  ],
  [
    'what can’t be understood, and why',
    contactEvent('QUEUED', TIME, { contactId: 5 }),
    'warn',
    /not a contact event/,
    { problems: [expect.stringContaining('detail.contactId')] },
  ],
])('one line tells %s', async (_, event, level, message, fields) => {
  const { handler, telemetry } = await handling();

  await handler(event);

  const line = { level, message: expect.stringMatching(message) as unknown, fields };
  expect(telemetry.lines).toEqual([line]);
});

it('tells which facts can’t be kept, beside what was learned', async () => {
  const { handler, telemetry } = await handling();

  await handler(contactEvent('DISCONNECTED', TIME, { queueInfo: 'Support' }));

  expect(telemetry.lines).toMatchObject([
    {
      level: 'warn',
      message: expect.stringContaining('can’t be kept') as unknown,
      fields: { contactId: CONTACT_ID, eventType: 'DISCONNECTED', facts: ['queueInfo'] },
    },
    { level: 'info' },
  ]);
});

it('tells whose invocation it is of, where that is known', async () => {
  const { handler, telemetry } = await handling();

  await handler(QUEUED, invocation('first'));
  await handler(QUEUED);

  expect(telemetry.invocations).toEqual(['first']);
});
