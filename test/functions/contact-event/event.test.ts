/** What a contact event tells, by its type and by what it carries. */
import { describe, expect, it } from 'vitest';
import { readContactEvent } from '../../../functions/contact-event/event.ts';
import {
  AGENT_ARN,
  CONNECTED_AT,
  contactEvent,
  DISCONNECTED_AT,
  QUEUE_ARN,
} from '../../support/contact-event.ts';

const TIME = '2026-03-14T09:40:01Z';
const TIME_IN_RECORDS = '2026-03-14T09:40:01.000Z';
const AGENT = { agentArn: AGENT_ARN, connectedToAgentTimestamp: CONNECTED_AT };
const QUEUE = { queueArn: QUEUE_ARN, queueName: 'Support' };
const EVERYTHING = { agentInfo: AGENT, queueInfo: QUEUE, disconnectTimestamp: DISCONNECTED_AT };

const queue = { arn: QUEUE_ARN, name: 'Support' };
const agent = { arn: AGENT_ARN };

function factsOf(event: unknown) {
  const reading = readContactEvent(event);
  return reading.valid ? reading.facts : reading.problems;
}

describe('an event that carries everything tells, where it is', () => {
  it.each([
    ['QUEUED', { queue }],
    ['CONNECTED_TO_AGENT', { queue, agent, connectedToAgentAt: CONNECTED_AT }],
    ['DISCONNECTED', { queue, agent, connectedToAgentAt: CONNECTED_AT, disconnectedAt: DISCONNECTED_AT }],
    ['COMPLETED', { queue, agent, connectedToAgentAt: CONNECTED_AT, disconnectedAt: DISCONNECTED_AT }],
    ['TRANSFERRED', undefined],
  ])('%s', (eventType, facts) => {
    expect(factsOf(contactEvent(eventType, TIME, EVERYTHING))).toEqual(facts);
  });
});

describe('an event that carries nothing tells, where it is', () => {
  it.each([
    ['QUEUED', {}],
    ['CONNECTED_TO_AGENT', { connectedToAgentAt: TIME_IN_RECORDS }],
    ['DISCONNECTED', { disconnectedAt: TIME_IN_RECORDS }],
    // Connect sends it when the work after the call is done.
    ['COMPLETED', {}],
  ])('%s', (eventType, facts) => {
    expect(factsOf(contactEvent(eventType, TIME))).toEqual(facts);
  });
});

it('gives a queue without an ARN no name', () => {
  expect(factsOf(contactEvent('QUEUED', TIME, { queueInfo: { queueName: 'Support' } }))).toEqual({});
});

describe('an event of no time', () => {
  const untimed = (eventType: string, detail: Record<string, unknown>) =>
    readContactEvent({ ...contactEvent(eventType, TIME, detail), time: undefined });

  it.each([
    ['the end of the call', 'COMPLETED', { disconnectTimestamp: DISCONNECTED_AT }, DISCONNECTED_AT],
    ['when the agent came', 'CONNECTED_TO_AGENT', { agentInfo: AGENT }, CONNECTED_AT],
  ])('is as old as %s', (_, eventType, detail, time) => {
    expect(untimed(eventType, detail)).toMatchObject({ valid: true, time });
  });

  it.each([
    ['DISCONNECTED', { agentInfo: AGENT }],
    ['CONNECTED_TO_AGENT', { agentInfo: { agentArn: AGENT_ARN } }],
    ['CONNECTED_TO_AGENT', {}],
    ['QUEUED', { queueInfo: QUEUE }],
  ])('can’t be put in order with others where nothing else dates it: %s with %j', (eventType, detail) => {
    expect(untimed(eventType, detail)).toEqual({ valid: false, problems: ['time should be a time'] });
  });
});

it('takes a time whose offset has no minutes for none', () => {
  // Legal in ISO 8601, and nothing that JavaScript reads.
  const odd = contactEvent('DISCONNECTED', '2026-03-14T09:40:01+05', {
    disconnectTimestamp: '2026-03-14T09:40:01+05',
  });
  expect(readContactEvent(odd)).toEqual({ valid: false, problems: ['time should be a time'] });
});

it('says what is wrong with what is none, by field', () => {
  const event = contactEvent('QUEUED\u0007', TIME, { contactId: '../x' }, { source: 'my.app' });
  expect(readContactEvent(event)).toEqual({
    valid: false,
    problems: [
      'source should be "aws.connect"',
      'detail.eventType should be a text without control characters',
      'detail.contactId should be a contact id',
    ],
  });
});

it('names what it leaves out', () => {
  const event = contactEvent('DISCONNECTED', TIME, {
    instanceArn: 'mine',
    disconnectTimestamp: 'then',
    queueInfo: { queueArn: QUEUE_ARN, queueName: 'a\u001bb' },
    agentInfo: { agentArn: AGENT_ARN },
  });
  expect(readContactEvent(event)).toMatchObject({
    leftOut: ['instanceArn', 'disconnectTimestamp', 'queueInfo.queueName'],
    facts: { queue: { arn: QUEUE_ARN }, agent },
  });
});
