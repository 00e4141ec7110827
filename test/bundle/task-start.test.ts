import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fragmentsOf } from '../../bench/support/call.ts';
import { callOfFragments, register, runVariables, startWorld } from '../../bench/support/world.ts';
import { LEAN } from '../../bundle/lean.ts';
import { pack } from '../../bundle/pack.ts';

const ROOT = join(import.meta.dirname, '../..');
const TOLD = 'CALLSPOOL_TEST_CHUNKS';
/** Where the loader runs a chunk (bundle/pack.ts). */
const RUNS_CHUNK = 'chunks[name](load, module, module.exports);';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'callspool-start-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The task's bundle, which writes down each chunk as it runs it: at once, so that a kill loses none. */
async function tellingTask() {
  const { text, chunks } = await pack('task/main.ts', {
    absWorkingDir: ROOT,
    bundle: true,
    format: 'esm',
    platform: 'node',
    mainFields: ['module', 'main'],
    plugins: LEAN,
  });
  const telling = text.replace(
    RUNS_CHUNK,
    `${RUNS_CHUNK} ofNode('node:fs').appendFileSync(process.env.${TOLD}, name + '\\n');`,
  );
  expect(telling).not.toBe(text);
  const program = join(folder, 'task.mjs');
  await writeFile(program, telling);
  return { program, chunks };
}

/** @returns the files of which something had run when the first GetMedia was asked for */
async function runBeforeFirstGetMedia(): Promise<string[]> {
  const { program, chunks } = await tellingTask();
  const told = join(folder, 'chunks.txt');
  await writeFile(told, '');
  let asked: () => void = () => undefined;
  const firstGetMedia = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const world = await startWorld({
    onMediaRequest: (operation) => {
      if (operation === 'getMedia') asked();
    },
  });
  try {
    const call = callOfFragments(fragmentsOf(2));
    for (const fragment of call.fragments) world.stream.put(fragment);
    await register(world, call, false);
    const env = { ...world.environment('task'), ...runVariables(call), [TOLD]: told };
    const child = spawn(process.execPath, [program], { env, stdio: 'ignore' });
    const left = once(child, 'exit');
    const leftEarly = left.then(() => Promise.reject(new Error('it left before it asked for media')));
    await Promise.race([firstGetMedia, leftEarly]);
    const names = (await readFile(told, 'utf8')).trim().split('\n');
    child.kill('SIGKILL');
    await left;
    return names.flatMap((name) => chunks.get(name) ?? []);
  } finally {
    await world.close();
  }
}

it('loads no AWS client before its first GetMedia but those that it asks on the way', async () => {
  const files = await runBeforeFirstGetMedia();

  const clients = files.flatMap((file) => /@aws-sdk\/(client-[^/]+)/.exec(file)?.[1] ?? []);
  expect([...new Set(clients)].toSorted()).toEqual([
    'client-dynamodb',
    'client-kinesis-video',
    'client-kinesis-video-media',
  ]);
  expect(files).toContain('task/recorder.ts');
  for (const late of [
    'task/feed/feed-server.ts',
    'ports/archive/kinesis-archive.ts',
    'ports/tape/s3-tape.ts',
  ])
    expect(files).not.toContain(late);
});
