/** The function as it is deployed: told by its environment alone, on the SDK's clients and the services' stand-ins. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { RESUME_VARIABLES } from '../../../contract/variables.ts';
import type { handler as Handler } from '../../../functions/resume/handler.ts';
import { TableCheckpoints } from '../../../ports/checkpoints/table-checkpoints.ts';
import { systemClock } from '../../../ports/runtime/clock.ts';
import { callsIn, checkpointsIn } from '../../../ports/table/dynamodb-table.ts';
import { S3Tape } from '../../../ports/tape/s3-tape.ts';
import type { CallRecord } from '../../../recording/call-record.ts';
import { executionName, type Recording, recordingId } from '../../../recording/identity.ts';
import { RECORDING, recordOf, STATE_MACHINE_ARN } from '../../support/call.ts';
import { RecordingWorld } from '../../support/recording-world.ts';
import { type Services, servicesForTest } from '../../support/services.ts';

const HOUR_MS = 3_600_000;
const BEGAN_MS = Date.now() - 2 * HOUR_MS;
const ENDED_AT = new Date(Date.now() - HOUR_MS).toISOString();
const of = (contactId: string): Recording => ({ ...RECORDING, contactId });
const NEVER_BEGAN = of('11111111-31c7-4a3e-9a63-8f5c7d21e0ab');
const LACKS_ONE = of('22222222-31c7-4a3e-9a63-8f5c7d21e0ab');
const LACKS_NONE = of('33333333-31c7-4a3e-9a63-8f5c7d21e0ab');
const FRAGMENTS = 2;

const world = new RecordingWorld();
const arnOf = (recording: Recording) =>
  `${STATE_MACHINE_ARN.replace(':stateMachine:', ':execution:')}:${executionName(recording)}`;

let services: Services;
let handler: typeof Handler;

async function write(recording: Recording, facts: Partial<CallRecord>): Promise<void> {
  const { contactId, startFragmentNumber } = recording;
  const key = { contactId, startFragmentNumber: startFragmentNumber.toString() };
  const startedAt = new Date(BEGAN_MS).toISOString();
  const { dynamoDb } = services;
  await callsIn(dynamoDb.client, dynamoDb.tables.calls).put(key, {
    ...recordOf(arnOf(recording), { contactId, recordingId: recordingId(recording), startedAt, ...facts }),
  });
}

/** The recorder stopped for good. @param stored so many of the stream's fragments are on the tape */
async function brokeOff(recording: Recording, stored: number): Promise<void> {
  const { s3 } = services;
  const gaveUp = { reason: 'RECORDER_GAVE_UP', at: ENDED_AT } as const;
  await write(recording, { status: 'INCOMPLETE', endReason: gaveUp.reason, endedAt: ENDED_AT });
  await checkpointsOf(services).fence(recordingId(recording), arnOf(recording), gaveUp);
  for (let index = 0; index < stored; index += 1)
    await new S3Tape(s3.client, s3.bucket).append(recording, {
      first: world.number(index),
      last: world.number(index),
      bytes: world.document(index),
    });
}

const checkpointsOf = ({ dynamoDb }: Services) =>
  new TableCheckpoints(checkpointsIn(dynamoDb.client, dynamoDb.tables.checkpoints), systemClock);

beforeAll(async () => {
  services = await servicesForTest();
  const { dynamoDb, s3, stream, stepFunctions } = services;
  stepFunctions.createStateMachine({
    stateMachineArn: STATE_MACHINE_ARN,
    definition: JSON.stringify({ StartAt: 'Done', States: { Done: { Type: 'Pass', End: true } } }),
    resources: {},
  });
  for (let index = 0; index < FRAGMENTS; index += 1) {
    const atMs = BEGAN_MS + index * 1_000;
    const times = { serverTimestampMs: atMs, producerTimestampMs: atMs };
    stream.put({ number: world.number(index), document: world.document(index), ...times });
  }
  vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'true');
  vi.stubEnv(RESUME_VARIABLES.bucket, s3.bucket);
  vi.stubEnv(RESUME_VARIABLES.callsTable, dynamoDb.tables.calls);
  vi.stubEnv(RESUME_VARIABLES.checkpointsTable, dynamoDb.tables.checkpoints);
  vi.stubEnv(RESUME_VARIABLES.stateMachineArn, STATE_MACHINE_ARN);
  // A container of its own.
  vi.resetModules();
  ({ handler } = await import('../../../functions/resume/handler.ts'));
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await services.close();
});

it('resumes, as it is deployed, what tables, tape, stream and workflow say has broken off', async () => {
  await write(NEVER_BEGAN, { status: 'RECORDING' });
  await brokeOff(LACKS_ONE, FRAGMENTS - 1);
  await brokeOff(LACKS_NONE, FRAGMENTS);

  expect(await handler()).toEqual({ looked: 3, resumed: 2, givenUp: 1, failures: 0 });

  const names = services.stepFunctions.executions().map(({ name }) => name);
  expect(names.toSorted()).toEqual([executionName(NEVER_BEGAN), executionName(LACKS_ONE, 1)]);
  const { owner } = (await checkpointsOf(services).read(recordingId(LACKS_ONE))) ?? {};
  expect(owner).toMatch(/-r1$/);

  // The container keeps what it has made of its environment.
  for (const name of Object.values(RESUME_VARIABLES)) vi.stubEnv(name, undefined);
  expect(await handler()).toMatchObject({ resumed: 0, givenUp: 0, failures: 0 });
});
