/**
 * Lambda, on a schedule: resumes recordings that an outage broke off, so that nothing stays broken until a person comes. It
 * may run as often as it likes, and several times at once: what is resumed is decided in one conditional write.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import type { Context } from 'aws-lambda';
import { type Environment, required } from '../../contract/environment.ts';
import { RESUME_VARIABLES } from '../../contract/variables.ts';
import { KinesisArchive } from '../../ports/archive/kinesis-archive.ts';
import { TableCallQueries } from '../../ports/calls/call-queries.ts';
import { TableCalls } from '../../ports/calls/table-calls.ts';
import { TableCheckpoints } from '../../ports/checkpoints/table-checkpoints.ts';
import { SfnExecutionStates } from '../../ports/executions/sfn-execution-states.ts';
import { SfnExecutions } from '../../ports/executions/sfn-executions.ts';
import { KINESIS_WAITS } from '../../ports/media/kinesis-client.ts';
import { CONTROL_CLIENT, OBJECT_CLIENT } from '../../ports/runtime/aws-client-config.ts';
import { systemClock } from '../../ports/runtime/clock.ts';
import { powertoolsTelemetry } from '../../ports/runtime/powertools-telemetry.ts';
import type { FunctionTelemetry } from '../../ports/runtime/telemetry.ts';
import { callsIn, checkpointsIn } from '../../ports/table/dynamodb-table.ts';
import { S3Tape } from '../../ports/tape/s3-tape.ts';
import type { ResumeAccess } from '../../resuming/access.ts';
import { tableName } from '../support/table-name.ts';
import { type Report, resumeBrokenOff } from './run.ts';

export interface ResumeDeps {
  readonly access: ResumeAccess;
  readonly telemetry: FunctionTelemetry;
}

export type ResumeHandler = (event?: unknown, context?: Context) => Promise<Report>;

/** The schedule's event tells nothing. */
export function createHandler(deps: ResumeDeps): ResumeHandler {
  return async (_event, context) => {
    if (context !== undefined) deps.telemetry.invoked(context);
    return resumeBrokenOff(deps);
  };
}

/** @throws RecordingError when a variable is missing or absurd. */
export function handlerFromEnvironment(env: Environment): ResumeHandler {
  const dynamoDb = new DynamoDBClient(CONTROL_CLIENT);
  const sfn = new SFNClient(CONTROL_CLIENT);
  const callsTable = tableName(env, RESUME_VARIABLES.callsTable);
  const checkpointsTable = tableName(env, RESUME_VARIABLES.checkpointsTable);
  const executions = new SfnExecutions(sfn, required(env, RESUME_VARIABLES.stateMachineArn));
  const tape = new S3Tape(new S3Client(OBJECT_CLIENT), required(env, RESUME_VARIABLES.bucket));
  return createHandler({
    access: {
      calls: new TableCalls(callsIn(dynamoDb, callsTable)),
      queries: new TableCallQueries(callsIn(dynamoDb, callsTable)),
      checkpoints: new TableCheckpoints(checkpointsIn(dynamoDb, checkpointsTable), systemClock),
      states: new SfnExecutionStates(sfn),
      clock: systemClock,
      executionsOf: () => executions,
      tapeOf: () => tape,
      archiveOf: ({ streamArn }) => new KinesisArchive({ ...KINESIS_WAITS, streamArn }),
    },
    telemetry: powertoolsTelemetry(env),
  });
}

let configured: ResumeHandler | undefined;

/** One handler, and one set of clients, a container. */
export const handler: ResumeHandler = async (event, context) => {
  configured ??= handlerFromEnvironment(process.env);
  return configured(event, context);
};
