/** From a process's start to its first GetMedia request, as a multiple of a Node.js that does nothing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buildAll, FUNCTION_NAMES } from '../../build.ts';
import { fragmentsOf } from '../support/call.ts';
import { type Extent, runsOf, WHOLE } from '../support/options.ts';
import { ROOT } from '../support/program.ts';
import type { Measured } from '../support/results.ts';
import { median, rounded } from '../support/statistics.ts';
import { callOfFragments, register, runVariables, startWorld } from '../support/world.ts';

const RUNS = 15;
const TASK = join(ROOT, 'dist/task/index.mjs');

export async function benchStart(extent: Extent = WHOLE): Promise<Measured> {
  const runs = runsOf(RUNS, extent);
  await buildAll();
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
    const bare: number[] = [];
    const task: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      bare.push(await bareNode());
      const began = performance.now();
      const askedAt = new Promise<number>((resolve) => {
        asked = () => {
          resolve(performance.now());
        };
      });
      const child = spawn(process.execPath, [TASK], { env, stdio: 'ignore' });
      task.push((await askedAt) - began);
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    const ratio = median(task.map((ms, index) => ms / (bare[index] ?? NaN)));
    const sizes = await Promise.all(
      ['task/index.mjs', ...FUNCTION_NAMES.map((name) => `functions/${name}/index.mjs`)].map(async (file) => [
        `dist/${file}`,
        `${String(Math.round((await stat(join(ROOT, 'dist', file))).size / 1000))} KB`,
      ]),
    );
    return {
      title: 'Start',
      ratios: [
        {
          name: 'process start to first GetMedia request, times `node -e 0`',
          value: rounded(ratio),
          better: 'less',
          target: 2.5,
          guarded: true,
        },
      ],
      tables: [
        {
          head: ['', 'ms, median', 'ms, least', 'runs'],
          rows: [
            ['`node -e 0`', median(bare).toFixed(0), Math.min(...bare).toFixed(0), String(runs)],
            [
              'task, to its first GetMedia request',
              median(task).toFixed(0),
              Math.min(...task).toFixed(0),
              String(runs),
            ],
          ],
        },
        { head: ['bundle', 'size'], rows: sizes },
      ],
      notes: [
        'On the way the task loads its bundle, claims the recording (DynamoDB) and asks for a data endpoint: two requests, each over a new connection.',
        'The image’s size was not measured: there was no Docker. Its base image is Google’s distroless Node.js 24, and the bundle is the one file added to it.',
      ],
    };
  } finally {
    await world.close();
  }
}

async function bareNode(): Promise<number> {
  const began = performance.now();
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore', env: {} }), 'exit');
  return performance.now() - began;
}
