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
import { cpuMs } from '../support/processes.ts';
import { buildProgram, ROOT } from '../support/program.ts';
import type { Measured } from '../support/results.ts';
import { median, rounded } from '../support/statistics.ts';
import { callOfFragments, register, runVariables, startWorld } from '../support/world.ts';
import { imageTable } from './image.ts';
import { makeVariants, type Program, type Variants } from './variants.ts';

interface Took {
  readonly ms: number;
  /** ms, too. */
  readonly cpu: number;
}

const RUNS = 15;
const TASK = join(ROOT, 'dist/task/index.mjs');

export async function benchStart(extent: Extent = WHOLE): Promise<Measured> {
  const runs = runsOf(RUNS, extent);
  await buildAll();
  const plainProgram = await buildProgram('start/plain.ts');
  const oneRequest = await buildProgram('start/one-request.ts');
  const handmade = await buildProgram('start/by-hand.ts');
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
    const task: Program = { name: 'task, to its first GetMedia request', args: [TASK], env };
    const plain = { name: 'plain program, to its GetMedia request', args: [plainProgram], env: plainEnv };
    const one = { name: 'GetMedia by its SDK client and nothing else', args: [oneRequest], env: plainEnv };
    const byHand = { name: 'GetMedia written and signed by hand', args: [handmade], env: plainEnv };
    /** From the process's start to its GetMedia request; then it is ended by the signal. */
    const toFirstGetMedia = async (
      { name, args, env: environment }: Program,
      signal: NodeJS.Signals = 'SIGKILL',
    ): Promise<Took> => {
      const began = performance.now();
      const reached = new Promise<Took>((resolve) => {
        asked = () => {
          resolve({ ms: performance.now() - began, cpu: cpuMs(child.pid ?? 0) });
        };
      });
      const child = spawn(process.execPath, args, { env: environment, stdio: 'ignore' });
      const left = once(child, 'exit');
      const leftEarly = left.then(() => {
        throw new Error(`${name}: it left before it asked for media`);
      });
      const took = await Promise.race([reached, leftEarly]);
      child.kill(signal);
      await left;
      return took;
    };
    const variants = await makeVariants(TASK, env, async (program) => {
      await toFirstGetMedia(program, 'SIGTERM');
    });
    const programs = [task, ...variants.programs, plain, one, byHand];
    const bare: number[] = [];
    const found = new Map<Program, Took[]>(programs.map((program) => [program, []]));
    for (let run = 0; run < runs; run += 1) {
      bare.push(await bareNode());
      for (const program of programs) found.get(program)?.push(await toFirstGetMedia(program));
    }
    await variants.remove();
    const msOf = (program: Program) => (found.get(program) ?? []).map(({ ms }) => ms);
    const cpuOf = (program: Program) => (found.get(program) ?? []).map(({ cpu }) => cpu);
    const ratio = (of: readonly number[], to: readonly number[]) =>
      rounded(median(of.map((ms, index) => ms / (to[index] ?? NaN))));
    const bundles = ['task/index.mjs', ...ALL_FUNCTIONS.map((name) => `functions/${name}/index.mjs`)];
    const sizes = await Promise.all(bundles.map(sizeOf));
    return {
      title: 'Start',
      ratios: [
        {
          name: 'process start to first GetMedia request, times `node -e 0`',
          value: ratio(msOf(task), bare),
          better: 'less',
          target: 2.5,
          guarded: true,
        },
        {
          name: 'the same, times the plain program',
          value: ratio(msOf(task), msOf(plain)),
          better: 'less',
          guarded: true,
        },
        {
          name: 'GetMedia by its SDK client and nothing else, times `node -e 0`',
          value: ratio(msOf(one), bare),
          better: 'less',
        },
      ],
      tables: [
        {
          head: [
            '',
            'ms, median',
            'ms, least',
            'times `node -e 0`',
            'of the task as it is',
            'CPU ms, median',
            'of the task’s CPU',
            'runs',
          ],
          rows: [
            ['`node -e 0`', ...times(bare), '1', '', '', '', String(runs)],
            ...programs.map((program) => [
              program.name,
              ...times(msOf(program)),
              String(ratio(msOf(program), bare)),
              String(ratio(msOf(program), msOf(task))),
              median(cpuOf(program)).toFixed(0),
              String(ratio(cpuOf(program), cpuOf(task))),
              String(runs),
            ]),
            ...variants.failed.map(([name, why]) => [name, 'not measured', '', '', '', '', '', why]),
          ],
        },
        await imageTable(),
        { head: ['bundle', 'size', 'gzipped'], rows: sizes },
      ],
      notes: [
        'On the way the task loads its bundle, claims the recording (DynamoDB) and asks for a data endpoint (Kinesis Video), each over a new connection. The programs are started in turn; a ratio is the median of pairs.',
        'CPU: of all of a program’s threads, when the request has come. A quarter of a vCPU is what a task has of it: where the kernel holds it to that, a start takes so much longer.',
        'The plain program makes the same three requests through the same SDK clients, and nothing else: it shows what is left to save without doing without them. The last one does not even ask for the endpoint.',
        `The other ways to start the task were tried, and none is deployed: docs/COSTS-START.md says why. The compile cache was filled by one run before, which the task left by SIGTERM; ${extraSizes(variants)}`,
        'The image is its base, Google’s distroless Node.js 24, and one layer with the bundles, which travels gzipped. The base was not measured, since there was no Docker here: nearly all of it is Node itself.',
      ],
    };
  } finally {
    await world.close();
  }
}

function extraSizes({ sizes }: Variants): string {
  return `${[...sizes].map(([name, mb]) => `${name}: ${mb.toFixed(1)} MB more in the image`).join('; ')}.`;
}

function times(ms: readonly number[]): string[] {
  return [median(ms).toFixed(0), Math.min(...ms).toFixed(0)];
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
