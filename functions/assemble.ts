/** Lambda: the workflow's final state. Assembles a recording's tape into its WAV, and completes the call record. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { CONTROL_CLIENT, OBJECT_CLIENT, TAPE_CLIENT } from '../ports/aws-client-config.ts';
import { systemClock } from '../ports/clock.ts';
import { ConnectContacts } from '../ports/connect-contacts.ts';
import { DynamoDbCalls } from '../ports/dynamodb-calls.ts';
import { DynamoDbCheckpoints } from '../ports/dynamodb-checkpoints.ts';
import { EventBridgeEvents } from '../ports/event-bridge-events.ts';
import { collectYoungHeapAlone } from '../ports/heap.ts';
import { KinesisArchive } from '../ports/kinesis-archive.ts';
import { powertoolsTelemetry } from '../ports/powertools-telemetry.ts';
import { S3Recordings } from '../ports/s3-recordings.ts';
import { S3Tape } from '../ports/s3-tape.ts';
import { ASSEMBLE_VARIABLES, type Environment, required } from '../recording/environment.ts';
import { parseRecording } from '../recording/identity.ts';
import type { AssembleInput } from '../recording/workflow.ts';
import { type AssemblyPorts, assembleRecording, type AssemblyResult } from './assembly/assemble.ts';

const CONNECTION_TIMEOUT_MS = 5_000;
const SILENT_BODY_MS = 30_000;

const NonEmpty = v.pipe(v.string(), v.nonEmpty());
const Input = v.object({
  recordingId: NonEmpty,
  contactId: NonEmpty,
  startFragmentNumber: NonEmpty,
  streamArn: NonEmpty,
  startedAt: v.pipe(v.string(), v.isoTimestamp()),
  instanceArn: NonEmpty,
  executionArn: NonEmpty,
});

/** Clients are made while the container starts; what depends on the recording, once an invocation. */
function portsFor(env: Environment): (input: AssembleInput) => AssemblyPorts {
  const dynamoDb = new DynamoDBClient(CONTROL_CLIENT);
  const events = new EventBridgeClient(CONTROL_CLIENT);
  const bucket = required(env, ASSEMBLE_VARIABLES.bucket);
  const shared = {
    tape: new S3Tape(new S3Client(TAPE_CLIENT), bucket),
    recordings: new S3Recordings(new S3Client(OBJECT_CLIENT), bucket),
    checkpoints: new DynamoDbCheckpoints(
      dynamoDb,
      required(env, ASSEMBLE_VARIABLES.checkpointsTable),
      systemClock,
    ),
    calls: new DynamoDbCalls(dynamoDb, required(env, ASSEMBLE_VARIABLES.callsTable)),
    events: new EventBridgeEvents(events, required(env, ASSEMBLE_VARIABLES.eventBus)),
    clock: systemClock,
  };
  return ({ contactId, startFragmentNumber, streamArn, instanceArn }) => ({
    ...shared,
    archive: new KinesisArchive({
      streamArn,
      connectionTimeoutMs: CONNECTION_TIMEOUT_MS,
      socketTimeoutMs: SILENT_BODY_MS,
    }),
    contacts: new ConnectContacts({ instanceArn, timeoutMs: CONNECTION_TIMEOUT_MS }),
    telemetry: powertoolsTelemetry(env, parseRecording(contactId, startFragmentNumber)),
  });
}

collectYoungHeapAlone();
const ports = portsFor(process.env);

/** @throws when the event is malformed, or the assembly can't be done now: Step Functions tries again. */
export async function handler(event: unknown): Promise<AssemblyResult> {
  const parsed = v.safeParse(Input, event);
  if (!parsed.success) {
    throw new Error(`assemble was not invoked by the recording’s workflow: ${v.summarize(parsed.issues)}`);
  }
  return assembleRecording(ports(parsed.output), parsed.output);
}
