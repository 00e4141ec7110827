import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startLambda } from '../../../local/standins/lambda.ts';
import { type Logs, openLogs } from '../../../local/standins/logs.ts';
import type { StatesError } from '../../../local/standins/states-error.ts';

let dir: string;
let logs: Logs;
const closing: (() => Promise<void>)[] = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-lambda-'));
  logs = await openLogs(join(dir, 'logs'));
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await logs.close();
  await rm(dir, { recursive: true });
});

async function start(handler: string, environment: Record<string, string> = {}, timeoutMs = 5000) {
  const program = join(dir, 'index.mjs');
  await writeFile(program, `let invocations = 0;\nexport const handler = ${handler};\n`);
  const arn = 'arn:aws:lambda:us-east-1:123456789012:function:callspool-connect';
  const lambda = await startLambda([{ name: 'connect', arn, program, environment, timeoutMs }], logs);
  closing.push(() => lambda.close());
  return { lambda, invoke: (event: object) => lambda.invoke(arn, { ...event }) };
}

test('a function sees its event, a context and an environment of its own', async () => {
  process.env.CALLSPOOL_TEST_LEAK = 'leaked';
  closing.push(() => {
    delete process.env.CALLSPOOL_TEST_LEAK;
    return Promise.resolve();
  });
  const { invoke } = await start(
    `async (event, context) => ({
      event, env: process.env, name: context.functionName, left: context.getRemainingTimeInMillis() > 0, gone: undefined,
    })`,
    { ONLY: 'this' },
  );
  expect(await invoke({ a: 1 })).toEqual({
    event: { a: 1 },
    env: { ONLY: 'this' },
    name: 'callspool-connect',
    left: true,
  });
});

test('a container is used again, but serves one invocation at a time', async () => {
  const { invoke } = await start('async () => { await null; return ++invocations; }');
  const together = await Promise.all([invoke({}), invoke({})]);
  expect(together).toEqual([1, 1]);
  expect(await invoke({})).toBe(2);
});

test('an error keeps its name, and the container; what the function logs is kept', async () => {
  const { invoke } = await start(
    `async () => { console.log('about to fail'); invocations++; throw Object.assign(new Error('no ' + invocations), { name: 'Refused' }); }`,
  );
  await expect(invoke({})).rejects.toMatchObject({
    name: 'Refused',
    message: expect.stringContaining('no 1') as string,
  });
  await expect(invoke({})).rejects.toMatchObject({ message: expect.stringContaining('no 2') as string });
  for (const close of closing.splice(0)) await close();
  await logs.close();
  const lines = (await readFile(join(logs.dir, 'connect.jsonl'), 'utf8')).trim().split('\n');
  expect(lines.filter((line) => line === 'about to fail')).toHaveLength(2);
  expect(lines.filter((line) => line.includes('"errorType":"Refused"'))).toHaveLength(2);
});

test.each([
  [
    'takes too long',
    'Sandbox.Timedout',
    'async (event) => event.ok ?? new Promise(() => setInterval(() => {}, 1000))',
  ],
  ['leaves', 'Runtime.ExitError', 'async (event) => event.ok ?? process.exit(1)'],
  [
    'crashes',
    'Runtime.ExitError',
    'async (event) => event.ok ?? new Promise(() => setImmediate(() => { throw new Error("!") }))',
  ],
])('a container that %s is not used again, but another is', async (_, error, handler) => {
  // Long enough for a container to begin on a busy machine.
  const { invoke } = await start(handler, {}, 3_000);
  await expect(invoke({})).rejects.toSatisfy(({ name }: StatesError) => name === error);
  expect(await invoke({ ok: 'yes' })).toBe('yes');
});

test('a bundle that can not be loaded fails the invocation', async () => {
  const { invoke } = await start('nonsense');
  await expect(invoke({})).rejects.toMatchObject({ name: 'Runtime.ExitError' });
});

test('Invoke over HTTP answers as the service does', async () => {
  const { lambda } = await start(
    'async (event) => { if (event.fail) throw new RangeError("far"); return event; }',
  );
  const post = (name: string, body: string) =>
    fetch(`${lambda.url}/2015-03-31/functions/${name}/invocations`, { method: 'POST', body });

  const fine = await post('callspool-connect', '{"a":1}');
  const failed = await post('callspool-connect', '{"fail":true}');
  const missing = await post('nobody', '{}');

  expect([fine.status, await fine.json()]).toEqual([200, { a: 1 }]);
  expect([failed.status, failed.headers.get('x-amz-function-error')]).toEqual([200, 'Unhandled']);
  expect(await failed.json()).toMatchObject({ errorType: 'RangeError', errorMessage: 'far' });
  expect([missing.status, missing.headers.get('x-amzn-errortype')]).toEqual([
    404,
    'ResourceNotFoundException',
  ]);
});
