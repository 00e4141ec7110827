/** From a process's start to its first GetMedia request, as a multiple of a Node.js that does nothing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildAll } from '../../build.ts';
import { ALL_FUNCTIONS } from '../../contract/names.ts';
import { STREAM_ARN } from '../../local/system/deployment.ts';
import { fragmentsOf } from '../support/call.ts';
import { type Extent, runsOf, WHOLE } from '../support/options.ts';
import { buildProgram, ROOT } from '../support/program.ts';
import type { Measured } from '../support/results.ts';
import { median, rounded } from '../support/statistics.ts';
import { callOfFragments, register, runVariables, startWorld } from '../support/world.ts';

const RUNS = 15;
const TASK = join(ROOT, 'dist/task/index.mjs');

export async function benchStart(extent: Extent = WHOLE): Promise<Measured> {
  const runs = runsOf(RUNS, extent);
  await buildAll();
  const plainProgram = await buildProgram('start/plain.ts');
  const oneRequest = await buildProgram('start/one-request.ts');
  let asked: () => void = () => undefined;
  const world = await startWorld({
    onMediaRequest: (operation) => {
      if (operation === 'getMedia') asked();
    },
  });
  try {
    const call = callOfFragments(fragmentsOf(10));
    for (const fragment of call.fragments) world.stream.put(fragment);
    await register(world, call, false);
    const env = { ...world.environment('task'), ...runVariables(call) };
    const plainEnv = {
      ...world.environment('task'),
      STREAM_ARN,
      TABLE: world.tables.checkpoints,
      ENDPOINT: world.kinesisVideo.url,
    };
    /** Ms from the process's start to its request. */
    const toFirstGetMedia = async (program: string, environment: Record<string, string>) => {
      const began = performance.now();
      const askedAt = new Promise<number>((resolve) => {
        asked = () => {
          resolve(performance.now());
        };
      });
      const child = spawn(process.execPath, [program], { env: environment, stdio: 'ignore' });
      const left = once(child, 'exit');
      const leftEarly = left.then(() => {
        throw new Error(`${program} left before it asked for media`);
      });
      const ms = (await Promise.race([askedAt, leftEarly])) - began;
      child.kill('SIGKILL');
      await left;
      return ms;
    };
    const bare: number[] = [];
    const task: number[] = [];
    const plain: number[] = [];
    const one: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      bare.push(await bareNode());
      task.push(await toFirstGetMedia(TASK, env));
      plain.push(await toFirstGetMedia(plainProgram, plainEnv));
      one.push(await toFirstGetMedia(oneRequest, plainEnv));
    }
    const ratio = (of: readonly number[], to: readonly number[]) =>
      rounded(median(of.map((ms, index) => ms / (to[index] ?? NaN))));
    const programs = ['task/index.mjs', ...ALL_FUNCTIONS.map((name) => `functions/${name}/index.mjs`)];
    const sizes = await Promise.all(programs.map(sizeOf));
    return {
      title: 'Start',
      ratios: [
        {
          name: 'process start to first GetMedia request, times `node -e 0`',
          value: ratio(task, bare),
          better: 'less',
          target: 2.5,
          guarded: true,
        },
        {
          name: 'the same, times the plain program',
          value: ratio(task, plain),
          better: 'less',
          guarded: true,
        },
        {
          name: 'GetMedia by its SDK client and nothing else, times `node -e 0`',
          value: ratio(one, bare),
          better: 'less',
        },
      ],
      tables: [
        {
          head: ['', 'ms, median', 'ms, least', 'runs'],
          rows: [
            ['`node -e 0`', median(bare).toFixed(0), Math.min(...bare).toFixed(0), String(runs)],
            ...(
              [
                ['task, to its first GetMedia request', task],
                ['plain program, to its GetMedia request', plain],
                ['GetMedia and nothing else', one],
              ] as const
            ).map(([name, ms]) => [name, median(ms).toFixed(0), Math.min(...ms).toFixed(0), String(runs)]),
          ],
        },
        { head: ['bundle', 'size', 'gzipped'], rows: sizes },
      ],
      notes: [
        'On the way the task loads its bundle, claims the recording (DynamoDB) and asks for a data endpoint (Kinesis Video), each over a new connection. The programs are started in turn; a ratio is the median of pairs.',
        'The plain program makes the same three requests through the same SDK clients, and nothing else: it shows what is left to save without doing without them. The last one does not even ask for the endpoint.',
        'The image is its base, Google’s distroless Node.js 24, and one layer with the task’s bundle, which travels gzipped. The base was not measured: there was no Docker here.',
      ],
    };
  } finally {
    await world.close();
  }
}

async function sizeOf(file: string): Promise<string[]> {
  const bytes = await readFile(join(ROOT, 'dist', file));
  const kilobytes = (size: number) => `${String(Math.round(size / 1000))} KB`;
  return [`dist/${file}`, kilobytes(bytes.length), kilobytes(gzipSync(bytes).length)];
}

async function bareNode(): Promise<number> {
  const began = performance.now();
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore', env: {} }), 'exit');
  return performance.now() - began;
}
