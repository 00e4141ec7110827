/**
 * Puts what Connect's contact events tell into the call records. Events come in any order, more than once, and of
 * contacts that aren't recorded. An event that can't be understood is logged and dropped, since trying again
 * wouldn't help; what might, is thrown, so that Lambda tries again and keeps the event in the dead-letter queue.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import type { Environment } from '../../contract/environment.ts';
import { CONTACT_EVENT_VARIABLES } from '../../contract/variables.ts';
import type { Calls, ContactCall } from '../../ports/calls/calls.ts';
import { TableCalls } from '../../ports/calls/table-calls.ts';
import { CONTROL_CLIENT } from '../../ports/runtime/aws-client-config.ts';
import { powertoolsTelemetry } from '../../ports/runtime/powertools-telemetry.ts';
import type { FunctionTelemetry } from '../../ports/runtime/telemetry.ts';
import { callsIn } from '../../ports/table/dynamodb-table.ts';
import type { ContactFacts } from '../../recording/call-record.ts';
import { parseRecording } from '../../recording/identity.ts';
import { tableName } from '../support/table-name.ts';
import { readContactEvent } from './event.ts';

export interface ContactEventDeps {
  readonly calls: Calls;
  readonly telemetry: FunctionTelemetry;
}

export type ContactEventHandler = (event: unknown, context?: Context) => Promise<void>;

export function createHandler({ calls, telemetry }: ContactEventDeps): ContactEventHandler {
  return async (event, context) => {
    if (context !== undefined) telemetry.invoked(context);
    const reading = readContactEvent(event);
    if (!reading.valid) {
      telemetry.warn('The event is not a contact event of Connect', { problems: reading.problems });
      return;
    }
    const { contactId, eventType, facts, instanceArn, time } = reading;
    if (reading.leftOut.length > 0)
      telemetry.warn('Facts of the event can’t be kept', { contactId, eventType, facts: reading.leftOut });
    if (facts === undefined || Object.keys(facts).length === 0) {
      telemetry.debug('The event tells nothing that a call record holds', { contactId, eventType });
      return;
    }
    const learn = async (call: ContactCall) => {
      const { recordingId } = call;
      if (instanceArn !== undefined && instanceArn !== (call.instanceArn ?? instanceArn)) {
        telemetry.warn('The event is of another instance', { contactId, recordingId, eventType });
        return;
      }
      const recording = parseRecording(call.contactId, call.startFragmentNumber);
      await calls.learn(recording, withKnownName(facts, call), time);
      telemetry.info('Learned from a contact event', { contactId, recordingId, eventType });
    };
    await each(await calls.ofContact(contactId), learn);
  };
}

/** One that fails doesn't keep the others from learning. @throws what the first that failed threw */
async function each<T>(values: readonly T[], act: (value: T) => Promise<void>): Promise<void> {
  const results = await Promise.allSettled(values.map(act));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

/** Events name a queue by its ARN alone; the contact flow's event told its name. */
function withKnownName(facts: ContactFacts, { queue }: ContactCall): ContactFacts {
  const sameQueue = facts.queue !== undefined && facts.queue.arn === queue?.arn;
  return sameQueue ? { ...facts, queue: { ...queue, ...facts.queue } } : facts;
}

/** @throws RecordingError when a variable is missing or absurd. */
export function handlerFromEnvironment(env: Environment): ContactEventHandler {
  const table = tableName(env, CONTACT_EVENT_VARIABLES.callsTable);
  return createHandler({
    calls: new TableCalls(callsIn(new DynamoDBClient(CONTROL_CLIENT), table)),
    telemetry: powertoolsTelemetry(env),
  });
}

let configured: ContactEventHandler | undefined;

/** One handler, and one set of clients, a container. */
export const handler: ContactEventHandler = async (event, context) => {
  configured ??= handlerFromEnvironment(process.env);
  await configured(event, context);
};
