/** The task's program by itself, where there is nothing to record for it: it says so by its exit code, and does nothing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildUnlessStanding } from '../../build.ts';
import { RUN_VARIABLES, TASK_VARIABLES } from '../../contract/variables.ts';
import { runCall } from '../../local/run/run-call.ts';
import { INSTANCE_ARN } from '../../local/standins/connect-events.ts';
import { deployment } from '../../local/system/deployment.ts';
import { startSystem, type System } from '../../local/system/system.ts';
import { noise, produced } from '../support/local-run.ts';
import { Gate, SERVICES } from './gate.ts';

const CALL = produced([noise(1_000, 1), noise(1_000, 2)]);
const LEAVE_MS_MAX = 30_000;

const gates = { s3: new Gate('s3'), dynamoDb: new Gate('dynamoDb'), kinesisVideo: new Gate('kinesisVideo') };
let dir: string;
let system: System;
let executionArn: string;

/** A call that has been recorded: what another task finds. */
beforeAll(async () => {
  await buildUnlessStanding();
  dir = await mkdtemp(join(tmpdir(), 'callspool-leave-'));
  system = await startSystem({
    logsDir: join(dir, 'logs'),
    settings: { graceSeconds: 0.2 },
    faults: {
      s3: gates.s3.hooks,
      dynamoDb: gates.dynamoDb.hooks,
      kinesisVideo: gates.kinesisVideo.hooks,
    },
  });
  const { record } = await runCall(system, CALL);
  expect(record).toMatchObject({ status: 'COMPLETE' });
  executionArn = system.stepFunctions.executions()[0]?.executionArn ?? '';
});
afterAll(async () => {
  await system.close();
  await rm(dir, { recursive: true });
});
beforeEach(() => {
  for (const service of SERVICES) gates[service].requests.length = 0;
});

interface Left {
  readonly code: number | null;
  readonly lines: readonly string[];
}

/** Runs the task as ECS would, but for what is changed. */
async function runTask(changed: Readonly<Record<string, string>>): Promise<Left> {
  const { task } = deployment(system.endpoints, system.tables, {}, LEAVE_MS_MAX);
  const child = spawn(process.execPath, [task.program], {
    env: { ...task.environment, ...variables(), ...changed },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LEAVE_MS_MAX,
    killSignal: 'SIGKILL',
  });
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await once(child, 'exit')) as [number | null];
  return {
    code,
    lines: (await output).flatMap((stream) => stream.split('\n').filter((line) => line !== '')),
  };
}

function variables(): Record<string, string> {
  return {
    [RUN_VARIABLES.contactId]: CALL.contactId,
    [RUN_VARIABLES.startFragmentNumber]: CALL.startFragmentNumber.toString(),
    [RUN_VARIABLES.streamArn]: system.stream.arn,
    [RUN_VARIABLES.startedAt]: new Date(CALL.startedAtMs).toISOString(),
    [RUN_VARIABLES.instanceArn]: INSTANCE_ARN,
    [RUN_VARIABLES.executionArn]: executionArn,
  };
}

/** Everything that is stored. */
async function stored() {
  const { dynamoDb, s3, tables, bucket } = system;
  const items = async (TableName: string) => (await dynamoDb.send(new ScanCommand({ TableName }))).Items;
  const objects = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  return {
    calls: await items(tables.calls),
    checkpoints: await items(tables.checkpoints),
    objects: objects.Contents?.map(({ Key, ETag }) => [Key, ETag]),
  };
}

describe('a misconfigured task says what is wrong, leaves with 2, and has asked nobody for anything', () => {
  const cases: readonly (readonly [string, string])[] = [
    ...Object.values(RUN_VARIABLES).map((name) => [name, ''] as const),
    [TASK_VARIABLES.bucket, ''],
    [TASK_VARIABLES.checkpointsTable, ' '],
    [TASK_VARIABLES.callsTable, ''],
    [RUN_VARIABLES.startedAt, 'yesterday'],
    [RUN_VARIABLES.contactId, '../../etc/passwd'],
    [RUN_VARIABLES.startFragmentNumber, '-1'],
    [RUN_VARIABLES.startFragmentNumber, '9'.repeat(100)],
    [TASK_VARIABLES.segmentSeconds, '1e9'],
    [TASK_VARIABLES.graceSeconds, 'NaN'],
    [TASK_VARIABLES.idleTimeoutSeconds, '-600'],
    [TASK_VARIABLES.longestCallSeconds, 'forever'],
  ];
  test.concurrent.each(cases)('%s=%j', async (name, value) => {
    const { code, lines } = await runTask({ [name]: value });

    expect(code).toBe(2);
    expect(lines).toHaveLength(1);
    const [line = ''] = lines;
    expect(JSON.parse(line)).toMatchObject({
      level: 'ERROR',
      message: expect.stringMatching(/misconfigured/) as string,
    });
    expect(line).toMatch(saysWhich(name));
    expect(SERVICES.flatMap((service) => gates[service].requests)).toEqual([]);
  });

  /** The variable, or what it holds. */
  function saysWhich(name: string): RegExp {
    if (name === RUN_VARIABLES.contactId) return /contact/i;
    if (name === RUN_VARIABLES.startFragmentNumber) return /fragment/i;
    return new RegExp(name);
  }
});

/** Requests that read: the task asks where to read beside the claim, so that reading begins sooner, and that is no reading. */
function mediaRequests(): string[] {
  return gates.kinesisVideo.requests.filter((operation) => operation !== 'GetDataEndpoint');
}

test('where the call is over already, it leaves with 0 at once: it reads nothing, and stores nothing', async () => {
  const before = await stored();

  const { code } = await runTask({});

  expect(code).toBe(0);
  expect(mediaRequests()).toEqual([]);
  expect(gates.s3.requests).toEqual([]);
  expect(gates.dynamoDb.requests).toEqual(['UpdateItem']);
  const after = await stored();
  expect([after.calls, after.objects]).toEqual([before.calls, before.objects]);
  // It has claimed, and found that it has ended.
  expect(after.checkpoints).toMatchObject([{ ended: before.checkpoints?.[0]?.ended, attempt: { N: '2' } }]);
});

test('a recording of another execution is none of its business: it leaves with 0, and changes nothing', async () => {
  const before = await stored();

  const { code } = await runTask({ [RUN_VARIABLES.executionArn]: `${executionArn}-r1` });

  expect(code).toBe(0);
  expect(mediaRequests()).toEqual([]);
  expect(gates.s3.requests).toEqual([]);
  expect(await stored()).toEqual(before);
});
