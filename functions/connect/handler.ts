/**
 * The contact flow's function: starts the recording of a call whose media is streamed. It answers the flow in every
 * case (see {@link Answer}); only a deployment that is configured wrongly makes it throw.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import type { Context } from 'aws-lambda';
import { type Environment, flag, optional, required } from '../../contract/environment.ts';
import { LIVE_METRICS } from '../../contract/metrics.ts';
import { CONNECT_VARIABLES } from '../../contract/variables.ts';
import type { Calls } from '../../ports/calls/calls.ts';
import { CallsUnlessErased } from '../../ports/calls/calls-unless-erased.ts';
import { TableCalls } from '../../ports/calls/table-calls.ts';
import { TableCheckpoints } from '../../ports/checkpoints/table-checkpoints.ts';
import { SfnExecutions } from '../../ports/executions/sfn-executions.ts';
import { PROMPT_CLIENT } from '../../ports/runtime/aws-client-config.ts';
import { systemClock } from '../../ports/runtime/clock.ts';
import { powertoolsTelemetry } from '../../ports/runtime/powertools-telemetry.ts';
import type { FunctionTelemetry } from '../../ports/runtime/telemetry.ts';
import { callsIn, checkpointsIn } from '../../ports/table/dynamodb-table.ts';
import { isInstanceArn } from '../../recording/arn.ts';
import { RecordingError } from '../../recording/errors.ts';
import { parseRecordingId } from '../../recording/identity.ts';
import { tableName } from '../support/table-name.ts';
import { type Answer, answer } from './answer.ts';
import { type ContactData, readFlowEvent } from './event.ts';
import { decideLive, type LiveRule, liveRule } from './live-rule.ts';
import { callStart, type Keeping } from './new-call.ts';
import { earlierRecording, noteStop } from './session.ts';
import { type StartDeps, startRecording } from './start.ts';

export interface ConnectDeps extends StartDeps {
  readonly telemetry: FunctionTelemetry;
  /** The one instance whose calls are recorded; undefined: any. */
  readonly instanceArn: string | undefined;
  readonly keep: Keeping;
  /** Which calls are given to whoever listens; undefined: nothing that listens is deployed. */
  readonly live?: LiveRule | undefined;
}

export type ConnectHandler = (event: unknown, context?: Context) => Promise<Answer>;

export function createHandler(deps: ConnectDeps): ConnectHandler {
  const { telemetry } = deps;
  return async (event, context) => {
    if (context !== undefined) telemetry.invoked(context);
    const request = readFlowEvent(event, deps.clock.now());
    if (!request.valid) {
      telemetry.warn('The event is not one of a contact flow', { problems: request.problems });
      return answer('INVALID_EVENT');
    }
    const { contact, stream } = request;
    const contactId = contact.ContactId;
    const instanceArn = request.instanceArn ?? deps.instanceArn;
    if (instanceArn === undefined) {
      telemetry.warn('The event doesn’t say of which instance the contact is', { contactId });
      return answer('INVALID_EVENT', { contactId });
    }
    if (deps.instanceArn !== undefined && instanceArn !== deps.instanceArn) {
      telemetry.warn('The contact is of another instance', { contactId, instanceArn });
      return answer('WRONG_INSTANCE', { contactId });
    }
    if (stream === undefined) return withoutStream(deps, contact);
    if (request.leftOut.length > 0)
      telemetry.warn('Facts of the event can’t be kept; the call is recorded without them', {
        contactId,
        facts: request.leftOut,
      });
    const earlier = await earlierRecording(deps, contact, stream);
    const live = decideLive(deps.live, request.live, contactId);
    const start = callStart({ contact, stream, instanceArn, live, earlier }, deps.keep);
    const { recordingId } = start.input;
    const ofSession = [start.recording, ...(earlier ? [parseRecordingId(earlier.recordingId)] : [])];
    const [status] = await Promise.all([
      startRecording(deps, start, context?.awsRequestId ?? ''),
      noteStop(deps, ofSession, stream),
    ]);
    if (deps.live && status === 'STARTED') telemetry.publish([[LIVE_METRICS.calls, live === 'on' ? 1 : 0]]);
    const sharesStreamWith = earlier?.recordingId;
    telemetry.info('Answered the contact flow', { contactId, recordingId, status, live, sharesStreamWith });
    return answer(status, { contactId, recordingId });
  };
}

/** Contacts that can't have audio. A call over the internet, with or without video, is of channel VOICE. */
const WITHOUT_AUDIO: ReadonlySet<string> = new Set(['CHAT', 'TASK', 'EMAIL']);

function withoutStream({ telemetry }: ConnectDeps, { ContactId: contactId, Channel }: ContactData): Answer {
  if (WITHOUT_AUDIO.has(Channel?.toUpperCase() ?? '')) {
    telemetry.info('The contact is no call', { contactId, channel: Channel ?? undefined });
    return answer('NOT_A_CALL', { contactId });
  }
  telemetry.warn('No media is streamed', { contactId });
  return answer('NO_MEDIA_STREAM', { contactId });
}

// While the container starts, before an invocation's time counts; they know nothing of the environment yet.
const dynamoDb = new DynamoDBClient(PROMPT_CLIENT);
const stepFunctions = new SFNClient(PROMPT_CLIENT);

/** @throws RecordingError when a variable is missing or absurd. */
export function handlerFromEnvironment(env: Environment): ConnectHandler {
  const instanceArn = optional(env, CONNECT_VARIABLES.instanceArn);
  if (instanceArn !== undefined && !isInstanceArn(instanceArn)) {
    throw new RecordingError(
      `the environment variable ${CONNECT_VARIABLES.instanceArn} must be the ARN of a Connect instance`,
    );
  }
  const stateMachineArn = required(env, CONNECT_VARIABLES.stateMachineArn);
  return createHandler({
    calls: callsOf(env, tableName(env, CONNECT_VARIABLES.callsTable)),
    executions: new SfnExecutions(stepFunctions, stateMachineArn),
    clock: systemClock,
    telemetry: powertoolsTelemetry(env),
    instanceArn,
    keep: {
      phoneNumbers: flag(env, CONNECT_VARIABLES.keepPhoneNumbers, false),
      attributes: flag(env, CONNECT_VARIABLES.keepAttributes, false),
    },
    live: liveRule(env),
  });
}

function callsOf(env: Environment, table: string): Calls {
  const calls = new TableCalls(callsIn(dynamoDb, table));
  if (optional(env, CONNECT_VARIABLES.checkpointsTable) === undefined) return calls;
  const checkpointsTable = tableName(env, CONNECT_VARIABLES.checkpointsTable);
  return new CallsUnlessErased(
    calls,
    new TableCheckpoints(checkpointsIn(dynamoDb, checkpointsTable), systemClock),
  );
}

let configured: ConnectHandler | undefined;

/** One handler, and one set of clients, a container. */
export const handler: ConnectHandler = async (event, context) => {
  configured ??= handlerFromEnvironment(process.env);
  return configured(event, context);
};
