/**
 * The Fargate program: records one call, and leaves.
 *
 * Exit codes: 0, nothing is left to do (`ended` is written, or the recording belongs to another execution); anything
 * else means "run me again": 1 a failure, 2 the environment is wrong, 3 superseded or hung, 143 SIGTERM.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CONTROL_CLIENT } from '../ports/runtime/aws-client-config.ts';
import { systemClock } from '../ports/runtime/clock.ts';
import { callsIn, checkpointsIn } from '../ports/table/dynamodb-table.ts';
import { TableCalls } from '../ports/calls/table-calls.ts';
import { TableCheckpoints } from '../ports/checkpoints/table-checkpoints.ts';
import { keepHeapSmall } from '../ports/runtime/heap.ts';
import { KinesisMedia } from '../ports/media/kinesis-media.ts';
import { lateArchive, lateContacts, lateTape } from './late.ts';
import { powertoolsTelemetry } from '../ports/runtime/powertools-telemetry.ts';
import { type Outcome, record, type RecorderPorts } from './record.ts';
import { readSettings, type TaskSettings } from './settings.ts';
import type { Telemetry } from '../ports/runtime/telemetry.ts';
import { startWatchdog } from './watchdog.ts';

const EXIT = { ok: 0, failed: 1, misconfigured: 2, runAgain: 3, terminated: 143 } as const;

/** No wait of the recorder's own is longer than 30 s, and every request is bounded by its client. */
const HUNG_AFTER_MS = 180_000;
/** The stop timeout is 120 s; what isn't stored by then is read again by the successor. */
const STORE_AFTER_SIGTERM_MS = 60_000;

const CONNECTION_TIMEOUT_MS = 5_000;
/** A hold may be silent for long; a body that is silent for longer is opened again, which costs nothing. */
const SILENT_BODY_MS = 30_000;
const SILENT_BODY_MARGIN_MS = 10_000;
const DESCRIBE_CONTACT_TIMEOUT_MS = 5_000;

/** What reading begins with is made at once, and asks for credentials once; all the rest when it is first needed. */
function connectPorts(settings: TaskSettings, telemetry: Telemetry): RecorderPorts {
  const dynamoDb = new DynamoDBClient(CONTROL_CLIENT);
  const { region, credentials } = dynamoDb.config;
  const kinesis = {
    streamArn: settings.streamArn,
    connectionTimeoutMs: CONNECTION_TIMEOUT_MS,
    // Silence is to be noticed as such before it is taken for a dead connection.
    socketTimeoutMs: Math.max(SILENT_BODY_MS, settings.graceMs + SILENT_BODY_MARGIN_MS),
    client: { region, credentials },
  };
  const media = new KinesisMedia(kinesis);
  media.prepare();
  return {
    media,
    archive: lateArchive(async () => {
      const { KinesisArchive } = await import('../ports/archive/kinesis-archive.ts');
      return new KinesisArchive(kinesis);
    }),
    tape: lateTape(async () => {
      const { s3Tape } = await import('./tape.ts');
      return s3Tape({ region, credentials }, settings.bucket);
    }),
    checkpoints: new TableCheckpoints(checkpointsIn(dynamoDb, settings.checkpointsTable), systemClock),
    calls: new TableCalls(callsIn(dynamoDb, settings.callsTable)),
    contacts: lateContacts(async () => {
      const { ConnectContacts } = await import('../ports/contacts/connect-contacts.ts');
      return new ConnectContacts({
        instanceArn: settings.instanceArn,
        timeoutMs: DESCRIBE_CONTACT_TIMEOUT_MS,
        client: { region, credentials },
      });
    }),
    clock: systemClock,
    telemetry,
  };
}

function exitCodeOf(outcome: Outcome): number {
  switch (outcome) {
    case 'ended':
    case 'foreign':
      return EXIT.ok;
    case 'superseded':
      return EXIT.runAgain;
    case 'interrupted':
      return EXIT.terminated;
  }
}

/** Aborted by SIGTERM (Spot takes the task away, or somebody stops it); the process leaves in time, whatever hangs. */
function onTermination(telemetry: Telemetry): AbortSignal {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals) => {
    telemetry.info('asked to stop: storing what has been read', { signal: name });
    setTimeout(() => process.exit(EXIT.terminated), STORE_AFTER_SIGTERM_MS).unref();
    controller.abort();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  return controller.signal;
}

async function main(): Promise<number> {
  let telemetry = powertoolsTelemetry(process.env);
  let settings: TaskSettings;
  try {
    settings = readSettings(process.env);
  } catch (error) {
    telemetry.error('the task is misconfigured', error);
    return EXIT.misconfigured;
  }
  telemetry = powertoolsTelemetry(process.env, settings.recording);
  const watchdog = startWatchdog(HUNG_AFTER_MS, () => {
    telemetry.error('nothing has moved for too long', new Error(`no progress for ${HUNG_AFTER_MS} ms`));
    process.exit(EXIT.runAgain);
  });
  try {
    const signal = onTermination(telemetry);
    const outcome = await record(
      connectPorts(settings, telemetry),
      { ...settings, alive: watchdog.alive },
      signal,
    );
    telemetry.info('leaving', { outcome });
    return exitCodeOf(outcome);
  } catch (error) {
    telemetry.error('the recorder failed; a new task goes on from the checkpoint', error);
    return EXIT.failed;
  } finally {
    watchdog.stop();
  }
}

keepHeapSmall();
void main().then((code) => {
  // What may still be open (a body that was abandoned, a socket kept alive) is of no use to anyone.
  process.exit(code);
});
