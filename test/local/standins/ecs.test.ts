import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Ecs, newEcs } from '../../../local/standins/ecs.ts';
import type { Json } from '../../../local/standins/json.ts';
import { type Logs, openLogs } from '../../../local/standins/logs.ts';

let dir: string;
let logs: Logs;
let ecs: Ecs | undefined;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-ecs-'));
  logs = await openLogs(join(dir, 'logs'));
});
afterEach(async () => {
  await ecs?.close();
  await logs.close();
  await rm(dir, { recursive: true });
});

const ARN = 'arn:aws:ecs:us-east-1:123456789012:task-definition/callspool:1';

async function start(code: string, stopTimeoutMs = 5000): Promise<Ecs> {
  const program = join(dir, 'index.mjs');
  await writeFile(program, code);
  return (ecs = newEcs(
    {
      arn: ARN,
      containerName: 'recorder',
      program,
      environment: { SHARED: 'yes', RUN: 'no' },
      stopTimeoutMs,
    },
    logs,
  ));
}

const PARAMETERS: Json = {
  Cluster: 'c',
  TaskDefinition: ARN,
  CapacityProviderStrategy: [{ CapacityProvider: 'FARGATE', Weight: 1 }],
  NetworkConfiguration: { AwsvpcConfiguration: { AssignPublicIp: 'DISABLED' } },
  Overrides: { ContainerOverrides: [{ Name: 'recorder', Environment: [{ Name: 'RUN', Value: 'this' }] }] },
};

const run = (started: Ecs, signal = new AbortController().signal) => started.runTask(PARAMETERS, signal);

/** Once the task has written its first line. */
async function firstLine(name = 'task-1'): Promise<void> {
  await expect
    .poll(() => readFile(join(dir, 'logs', `${name}.jsonl`), 'utf8').catch(() => ''))
    .toContain('up');
}

test('a task has the definition’s environment, the overrides, and nothing else', async () => {
  await run(await start('console.log(JSON.stringify(process.env)); console.error("end")'));
  await logs.close();
  expect(await readFile(join(dir, 'logs', 'task-1.jsonl'), 'utf8')).toBe(
    '{"SHARED":"yes","RUN":"this"}\nend\n',
  );
});

test('leaving with 0 is success; anything else fails the task, which says how it left', async () => {
  expect(await run(await start('process.exitCode = 0'))).toMatchObject({ Containers: [{ ExitCode: 0 }] });
  await expect(run(await start('process.exitCode = 3'))).rejects.toMatchObject({
    name: 'States.TaskFailed',
    message: expect.stringContaining('"ExitCode":3') as string,
  });
});

test('a task that is killed fails with 137', async () => {
  const started = await start('console.log("up"); setInterval(() => {}, 1000)');
  const result = expect(run(started)).rejects.toMatchObject({
    message: expect.stringContaining('"ExitCode":137') as string,
  });
  await firstLine();
  await started.tasks[0]?.kill('SIGKILL');
  expect(started.tasks[0]?.running()).toBe(false);
  await result;
});

test('a task that is told to stop may leave in its own way', async () => {
  const started = await start(
    'process.on("SIGTERM", () => process.exit(7)); console.log("up"); setInterval(() => {}, 1000)',
  );
  const stop = new AbortController();
  const result = expect(run(started, stop.signal)).rejects.toMatchObject({
    message: expect.stringContaining('"ExitCode":7') as string,
  });
  await firstLine();
  stop.abort();
  await result;
});

test('one that does not leave is killed after the stop timeout', async () => {
  const started = await start(
    'process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)',
    50,
  );
  const result = expect(run(started)).rejects.toMatchObject({
    message: expect.stringContaining('"ExitCode":137') as string,
  });
  await firstLine();
  await started.close();
  await result;
});

test('one whose host is lost fails the task, lives on, and leaves by itself or with the rest', async () => {
  const started = await start('console.log("up"); setInterval(() => {}, 1000)');
  const result = expect(run(started)).rejects.toMatchObject({
    name: 'States.TaskFailed',
    message: expect.stringContaining('Host') as string,
  });
  await firstLine();
  const [task] = started.tasks;
  task?.lose();
  await result;
  expect(task?.running()).toBe(true);
  await started.close();
  await expect(task?.exited).resolves.toEqual({ code: null, signal: 'SIGTERM' });
});

test('closed, it starts no more tasks', async () => {
  const started = await start('');
  await started.close();
  await expect(run(started)).rejects.toMatchObject({ name: 'States.TaskFailed' });
  expect(started.tasks).toEqual([]);
});

test('parameters that RunTask would refuse are refused', async () => {
  const started = await start('');
  await expect(started.runTask({ Cluster: 'c' }, new AbortController().signal)).rejects.toThrow(
    /TaskDefinition/,
  );
});

test('a task does not outlive the process that started it, even one that is killed', async () => {
  const starter = join(dir, 'starter.mts');
  await writeFile(join(dir, 'index.mjs'), 'console.log("up"); setInterval(() => {}, 1000)');
  await writeFile(
    starter,
    `import { newEcs } from '${join(import.meta.dirname, '../../../local/standins/ecs.ts')}';
     import { openLogs } from '${join(import.meta.dirname, '../../../local/standins/logs.ts')}';
     const ecs = newEcs({ arn: '${ARN}', containerName: 'recorder', program: '${join(dir, 'index.mjs')}', environment: {}, stopTimeoutMs: 1 }, await openLogs('${join(dir, 'logs')}'));
     void ecs.runTask(${JSON.stringify(PARAMETERS)}, new AbortController().signal);
     console.log(ecs.tasks[0].pid);`,
  );
  const parent = spawn(process.execPath, ['--import', 'tsx', starter], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  await firstLine();
  expect(alive(pid)).toBe(true);
  parent.kill('SIGKILL');
  await expect.poll(() => alive(pid), { timeout: 5000 }).toBe(false);
});

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
