import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { WRITERS_LEAVE_MS } from '../../contract/limits.ts';
import { namesOf } from '../../contract/names.ts';
import { S3AccessLogs } from '../../ports/access-logs/s3-access-logs.ts';
import { KinesisArchive } from '../../ports/archive/kinesis-archive.ts';
import { TableCallQueries } from '../../ports/calls/call-queries.ts';
import { TableRecordErasure } from '../../ports/calls/record-erasure.ts';
import { TableRecordTranscript } from '../../ports/calls/record-transcript.ts';
import { TableCalls } from '../../ports/calls/table-calls.ts';
import { TableCheckpoints } from '../../ports/checkpoints/table-checkpoints.ts';
import { S3Copies } from '../../ports/copies/s3-copies.ts';
import { SfnExecutionStates } from '../../ports/executions/sfn-execution-states.ts';
import { SfnExecutions } from '../../ports/executions/sfn-executions.ts';
import { KinesisControl } from '../../ports/media/kinesis-client.ts';
import { KINESIS_WAITS } from '../../ports/media/kinesis-client.ts';
import { S3Objects } from '../../ports/objects/s3-objects.ts';
import { CONTROL_CLIENT, OBJECT_CLIENT, TAPE_CLIENT } from '../../ports/runtime/aws-client-config.ts';
import { systemClock } from '../../ports/runtime/clock.ts';
import { callsIn, checkpointsIn, transcriptsIn } from '../../ports/table/dynamodb-table.ts';
import { S3Tape } from '../../ports/tape/s3-tape.ts';
import { TableTranscripts } from '../../ports/transcripts/table-transcripts.ts';
import { CliError, EXIT } from '../terminal/exit.ts';
import type { Access, BucketHints } from './access.ts';
import type { AwsDeployment } from './deployment.ts';
import { sdkTranscribe } from './sdk-transcribe.ts';
import { TranscriptsIfThere } from './transcripts-if-there.ts';

export function awsAccess(deployment: AwsDeployment): Access {
  const { region, profile, callsTable, checkpointsTable } = deployment;
  const where = { ...(region !== undefined && { region }), ...(profile !== undefined && { profile }) };
  const dynamoDb = new DynamoDBClient({ ...CONTROL_CLIENT, ...where });
  const s3 = new S3Client({ ...OBJECT_CLIENT, ...where });
  const tapes = new S3Client({ ...TAPE_CLIENT, ...where });
  // Copies may be in another region, which a bucket's name doesn't tell.
  const elsewhere = new S3Client({ ...OBJECT_CLIENT, ...where, followRegionRedirects: true });
  const sfn = new SFNClient({ ...CONTROL_CLIENT, ...where });
  const kinesis = {
    ...KINESIS_WAITS,
    client: { region: dynamoDb.config.region, credentials: dynamoDb.config.credentials },
  };
  return {
    where: `deployment ${deployment.prefix}${region === undefined ? '' : ` in ${region}`}`,
    whereElse: 'Is it another deployment (--prefix), region (--region) or account (--profile)?',
    howToGoOn: (id) => `callspool calls resume ${id} goes on with it, while its stream still holds the audio`,
    calls: new TableCalls(callsIn(dynamoDb, callsTable)),
    queries: new TableCallQueries(callsIn(dynamoDb, callsTable)),
    checkpoints: new TableCheckpoints(checkpointsIn(dynamoDb, checkpointsTable), systemClock),
    states: new SfnExecutionStates(sfn),
    clock: systemClock,
    erasure: new TableRecordErasure(callsIn(dynamoDb, callsTable)),
    transcripts: new TranscriptsIfThere(
      new TableTranscripts(transcriptsIn(dynamoDb, deployment.transcriptsTable)),
    ),
    recordTranscript: new TableRecordTranscript(callsIn(dynamoDb, callsTable)),
    transcribe: () => sdkTranscribe(kinesis.client),
    objectsOf: (call) => new S3Objects(s3, bucketOf(deployment, call)),
    accessLogsOf: (call) => new S3AccessLogs(s3, bucketOf(deployment, call)),
    copiesOf: (call) => new S3Copies(s3, elsewhere, bucketOf(deployment, call)),
    tapeOf: (call) => new S3Tape(tapes, bucketOf(deployment, call)),
    archiveOf: ({ streamArn }) => new KinesisArchive({ ...kinesis, streamArn }),
    retentionHoursOf: async ({ streamArn }) => {
      const facts = await new KinesisControl({ ...kinesis, streamArn })
        .describeStream()
        .catch(() => undefined);
      return facts?.retentionHours;
    },
    writersLeaveMs: WRITERS_LEAVE_MS,
    executionsOf: (call) => new SfnExecutions(sfn, stateMachineOf(deployment, call.executionArn)),
    extraFilesOf: () => Promise.resolve([]),
    close: () => {
      for (const client of [dynamoDb, s3, tapes, elsewhere, sfn]) client.destroy();
    },
  };
}

const EXECUTION_ARN = /^(arn:[a-z-]+:states:([a-z0-9-]+):([0-9]+)):execution:([A-Za-z0-9_.-]{1,80}):/;

/**
 * The deployment's own: the stack names it by account and region (contract/names.ts), which stand in the execution's ARN. A
 * record that names another is not believed: whoever may write records would lead its reader, or an erasure, anywhere.
 * @throws CliError
 */
function bucketOf({ bucket, prefix }: AwsDeployment, call: BucketHints | undefined): string {
  if (bucket !== undefined) return bucket;
  const [, , region, account] = EXECUTION_ARN.exec(call?.executionArn ?? '') ?? [];
  if (region === undefined || account === undefined)
    throw new CliError(EXIT.usage, 'there is no record that tells the bucket', 'give --bucket');
  const own = namesOf({ prefix, region }).bucket(account);
  const named = call?.audio?.bucket ?? own;
  if (named === own) return own;
  throw new CliError(
    EXIT.failed,
    `the call record names the bucket ${named}, and this deployment’s is ${own}`,
    `if that is where its recordings are, give --bucket ${named}; otherwise somebody has changed the record`,
  );
}

function stateMachineOf({ stateMachineArn }: AwsDeployment, executionArn: string): string {
  if (stateMachineArn !== undefined) return stateMachineArn;
  const [, account, , , name] = EXECUTION_ARN.exec(executionArn) ?? [];
  if (account !== undefined && name !== undefined) return `${account}:stateMachine:${name}`;
  throw new CliError(
    EXIT.usage,
    'the record doesn’t tell the state machine',
    'give --state-machine-arn (the stack’s output state_machine_arn)',
  );
}
