/** What the Fargate program needs of the world, connected to AWS. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { TableCalls } from '../ports/calls/table-calls.ts';
import { TableCheckpoints } from '../ports/checkpoints/table-checkpoints.ts';
import { KinesisMedia } from '../ports/media/kinesis-media.ts';
import { CONTROL_CLIENT } from '../ports/runtime/aws-client-config.ts';
import type { Clock } from '../ports/runtime/clock.ts';
import type { Telemetry } from '../ports/runtime/telemetry.ts';
import { callsIn, checkpointsIn } from '../ports/table/dynamodb-table.ts';
import { lateArchive, lateContacts, lateTape } from './late.ts';
import type { RecorderPorts } from './recorder-ports.ts';
import type { TaskSettings } from './settings.ts';

const CONNECTION_TIMEOUT_MS = 5_000;
/** A hold may be silent for long; a body that is silent for longer is opened again, which costs nothing. */
const SILENT_BODY_MS = 30_000;
const SILENT_BODY_MARGIN_MS = 10_000;
const DESCRIBE_CONTACT_TIMEOUT_MS = 5_000;

/** What reading begins with is made at once, and asks for credentials once; all the rest when it is first needed. */
export function connectPorts(settings: TaskSettings, clock: Clock, telemetry: Telemetry): RecorderPorts {
  const dynamoDb = new DynamoDBClient(CONTROL_CLIENT);
  const { region, credentials } = dynamoDb.config;
  const kinesis = {
    streamArn: settings.streamArn,
    connectionTimeoutMs: CONNECTION_TIMEOUT_MS,
    socketTimeoutMs: silentBodyMs(settings),
    client: { region, credentials },
  };
  const media = new KinesisMedia(kinesis);
  media.prepare();
  return {
    media,
    archive: lateArchive(async () => {
      const { KinesisArchive } = await import('../ports/archive/kinesis-archive.ts');
      return new KinesisArchive({ ...kinesis, clock });
    }),
    tape: lateTape(async () => {
      const { s3Tape } = await import('./open-tape.ts');
      return s3Tape({ region, credentials }, settings.bucket);
    }),
    checkpoints: new TableCheckpoints(checkpointsIn(dynamoDb, settings.checkpointsTable), clock),
    calls: new TableCalls(callsIn(dynamoDb, settings.callsTable)),
    contacts: lateContacts(async () => {
      const { instanceArn, asksConnect: functionArn } = settings;
      const asking = { instanceArn, timeoutMs: DESCRIBE_CONTACT_TIMEOUT_MS, client: { region, credentials } };
      if (functionArn !== undefined) {
        const { FunctionContacts } = await import('../ports/contacts/function-contacts.ts');
        return new FunctionContacts({ ...asking, functionArn });
      }
      const { ConnectContacts } = await import('../ports/contacts/connect-contacts.ts');
      return new ConnectContacts(asking);
    }),
    clock,
    telemetry,
  };
}

/** How long a body may be silent: silence is to be noticed as such before it is taken for a dead connection. */
export function silentBodyMs({ graceMs }: Pick<TaskSettings, 'graceMs'>): number {
  return Math.max(SILENT_BODY_MS, graceMs + SILENT_BODY_MARGIN_MS);
}
