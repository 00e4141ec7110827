/** Where CPU time goes: in decoding, in a task that catches up, and in an assembly. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventOf, fillTape } from '../assembly/bench.ts';
import { fragmentsOf } from '../support/call.ts';
import type { Extent } from '../support/options.ts';
import { buildProgram, ROOT } from '../support/program.ts';
import type { Measured } from '../support/results.ts';
import { callOfFragments, register, runVariables, startWorld } from '../support/world.ts';
import { profileOf, profileTable, type Shares } from './profile.ts';

const HOUR_SECONDS = 3_600;
/** Decoding is quick: of one hour there would be few samples. */
const DECODED_TIMES = 20;
const CHUNK_BYTES = 16 * 1024;

export async function benchProfile({ secondsMax }: Extent): Promise<Measured> {
  const seconds = Math.min(HOUR_SECONDS, secondsMax);
  const [decoding, task, assembly] = [
    await profileDecoding(seconds),
    await profileTask(seconds),
    await profileAssembly(seconds),
  ];
  return {
    title: 'Where CPU time goes',
    ratios: [],
    tables: [
      {
        head: ['', 'of the time in callspool’s own code'],
        rows: (
          [
            ['decoding', decoding],
            ['the whole task, catching up', task],
            ['assembly', assembly],
          ] as const
        ).map(([name, { own }]) => [name, `${(own * 100).toFixed(0)} %`]),
      },
      profileTable('decoding, by function', decoding.byFunction),
      profileTable('the whole task, catching up', task.byPart),
      profileTable('the same, by function', task.byFunction),
      profileTable('assembly', assembly.byPart),
      profileTable('the same, by function', assembly.byFunction),
    ],
    notes: [
      `Where V8’s profiler found the main thread of each program while it had something to do: of a call of ${String(seconds / 60)} minutes, from start to exit, so that what is loaded and compiled is in it. Functions that V8 has put into others count as those; \`(program)\` is what runs outside of JavaScript.`,
      `Decoding: ${String(DECODED_TIMES)} times the call, in chunks of ${String(CHUNK_BYTES / 1024)} KiB from memory into a buffer a track, as under “Decoding”; and once for the samples’ hashes (\`update\`).`,
    ],
  };
}

async function profileDecoding(seconds: number): Promise<Shares> {
  const external = ['ebml', 'ebml-stream', 'ts-ebml'];
  const program = await buildProgram('decode/worker.ts', { external, named: true });
  const directory = join(ROOT, 'node_modules/.cache/bench');
  mkdirSync(directory, { recursive: true });
  const file = join(directory, `profiled-${String(process.pid)}.mkv`);
  const bytes = Buffer.concat(fragmentsOf(seconds).map(({ document }) => document));
  writeFileSync(file, bytes);
  try {
    const args = ['callspool', String(CHUNK_BYTES), file, String(bytes.length), String(DECODED_TIMES)];
    return await profileOf(program, { args });
  } finally {
    rmSync(file);
  }
}

async function profileTask(seconds: number): Promise<Shares> {
  const program = await buildProgram('../task/main.ts', { named: true });
  const world = await startWorld({ drop: true });
  try {
    const call = callOfFragments(fragmentsOf(seconds));
    for (const fragment of call.fragments) world.stream.put(fragment);
    await register(world, call, true);
    const env = { ...world.environment('task', { graceSeconds: 0.2 }), ...runVariables(call) };
    return await profileOf(program, { env });
  } finally {
    await world.close();
  }
}

async function profileAssembly(seconds: number): Promise<Shares> {
  const invoke = await buildProgram('assembly/invoke.ts');
  const handler = await buildProgram('../functions/assemble/handler.ts', { named: true });
  const world = await startWorld();
  try {
    const call = callOfFragments(fragmentsOf(seconds, { startedAtMs: Date.now() - seconds * 1000 }));
    await fillTape(world, call);
    const args = [handler, eventOf(call)];
    return await profileOf(invoke, { args, env: world.environment('assemble') }, handler);
  } finally {
    await world.close();
  }
}
