/** Lambda: the workflow's final state. Assembles a recording's tape into its WAV, and completes the call record. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { type Environment, flag, optional, required } from '../../contract/environment.ts';
import { ASSEMBLE_VARIABLES, TRANSCRIPT_VARIABLES } from '../../contract/variables.ts';
import type { AssembleInput } from '../../contract/workflow.ts';
import { KinesisArchive } from '../../ports/archive/kinesis-archive.ts';
import { TableCalls } from '../../ports/calls/table-calls.ts';
import { TableCheckpoints } from '../../ports/checkpoints/table-checkpoints.ts';
import { ConnectContacts } from '../../ports/contacts/connect-contacts.ts';
import { EventBridgeEvents } from '../../ports/events/event-bridge-events.ts';
import { KINESIS_WAITS } from '../../ports/media/kinesis-client.ts';
import { S3Recordings } from '../../ports/recordings/s3-recordings.ts';
import { CONTROL_CLIENT, OBJECT_CLIENT, TAPE_CLIENT } from '../../ports/runtime/aws-client-config.ts';
import { systemClock } from '../../ports/runtime/clock.ts';
import { collectYoungHeapAlone } from '../../ports/runtime/heap.ts';
import { powertoolsTelemetry } from '../../ports/runtime/powertools-telemetry.ts';
import { callsIn, checkpointsIn, transcriptsIn } from '../../ports/table/dynamodb-table.ts';
import { S3Tape } from '../../ports/tape/s3-tape.ts';
import { TableTranscripts } from '../../ports/transcripts/table-transcripts.ts';
import { FURTHER_FORMAT_NAMES, FURTHER_FORMATS } from '../../recording/audio/files/formats.ts';
import type { FileFormat } from '../../recording/audio/format/format.ts';
import { parseRecording } from '../../recording/identity.ts';
import { TRANSCRIPT_SOURCES, type TranscriptSource } from '../../recording/transcript/segment.ts';
import { assembleRecording } from './assemble.ts';
import type { AssemblyPorts, AssemblyResult } from './assembly-ports.ts';

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

// While the container starts, before an invocation's time counts; they know nothing of the environment yet.
collectYoungHeapAlone();
const tapes = new S3Client(TAPE_CLIENT);
const s3 = new S3Client(OBJECT_CLIENT);
const dynamoDb = new DynamoDBClient(CONTROL_CLIENT);
const eventBridge = new EventBridgeClient(CONTROL_CLIENT);

function portsFor(env: Environment, input: AssembleInput): AssemblyPorts {
  const { contactId, startFragmentNumber, streamArn, instanceArn } = input;
  const bucket = required(env, ASSEMBLE_VARIABLES.bucket);
  const checkpointsTable = required(env, ASSEMBLE_VARIABLES.checkpointsTable);
  const transcriptsTable = optional(env, TRANSCRIPT_VARIABLES.table);
  return {
    tape: new S3Tape(tapes, bucket),
    recordings: new S3Recordings(s3, bucket),
    checkpoints: new TableCheckpoints(checkpointsIn(dynamoDb, checkpointsTable), systemClock),
    calls: new TableCalls(callsIn(dynamoDb, required(env, ASSEMBLE_VARIABLES.callsTable))),
    events: new EventBridgeEvents(eventBridge, required(env, ASSEMBLE_VARIABLES.eventBus)),
    ...(transcriptsTable !== undefined && {
      transcripts: new TableTranscripts(transcriptsIn(dynamoDb, transcriptsTable)),
    }),
    clock: systemClock,
    archive: new KinesisArchive({ ...KINESIS_WAITS, streamArn }),
    contacts: new ConnectContacts({ instanceArn }),
    telemetry: powertoolsTelemetry(env, parseRecording(contactId, startFragmentNumber)),
  };
}

/** @throws RecordingError when a variable is neither true nor false */
function formatsOf(env: Environment): FileFormat[] {
  const names = FURTHER_FORMAT_NAMES.filter((name) => flag(env, ASSEMBLE_VARIABLES[name], false));
  return names.map((name) => FURTHER_FORMATS[name]);
}

/** @returns undefined where none is set. What is none must not keep a recording from being assembled: it is as none */
function sourceIn(env: Environment): TranscriptSource | undefined {
  const named = optional(env, TRANSCRIPT_VARIABLES.source);
  return TRANSCRIPT_SOURCES.find((source) => source === named);
}

/** @throws when the event is malformed, or the assembly can't be done now: Step Functions tries again. */
export async function handler(event: unknown): Promise<AssemblyResult> {
  const parsed = v.safeParse(Input, event);
  if (!parsed.success) {
    throw new Error(`assemble was not invoked by the recording’s workflow: ${v.summarize(parsed.issues)}`);
  }
  const ports = portsFor(process.env, parsed.output);
  const transcriptSource = sourceIn(process.env);
  return assembleRecording(ports, parsed.output, formatsOf(process.env), transcriptSource);
}
