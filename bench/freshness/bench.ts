/** How long after its last byte a fragment is on the tape, at live pace; and what a task takes meanwhile. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildAll } from '../../build.ts';
import { parseTapeKey } from '../../recording/tape/keys.ts';
import { fragmentsOf } from '../support/call.ts';
import { cpuSeconds, residentMb } from '../support/processes.ts';
import { ROOT, runProgram } from '../support/program.ts';
import type { Measured } from '../support/results.ts';
import { median } from '../support/statistics.ts';
import { callOfFragments, register, runVariables, startWorld } from '../support/world.ts';

const SEGMENTS_SECONDS = [1, 10] as const;
const LIVE_SECONDS = 90;
/** The start and the first seconds, in which code is compiled, are not the steady state. */
const WARM_SECONDS = 20;

interface Freshness {
  readonly latenciesMs: readonly number[];
  readonly cpuPerHour: number | undefined;
  readonly rssMb: number | undefined;
}

export async function benchFreshness(): Promise<Measured> {
  await buildAll();
  const found = await Promise.all(SEGMENTS_SECONDS.map(measure));
  return {
    title: 'Freshness, and a task at live pace',
    ratios: found.map(({ latenciesMs }, index) => ({
      name: `ms from a segment’s last byte to its being on the tape, segments of ${String(SEGMENTS_SECONDS[index] ?? 0)} s`,
      value: Math.round(median(latenciesMs)),
      better: 'less',
      target: 100,
    })),
    tables: [
      {
        head: ['segments', 'ms, median', 'ms, most', 'segments seen', 'CPU s per call-hour', 'RSS, MB'],
        rows: found.map(({ latenciesMs, cpuPerHour, rssMb }, index) => [
          `${String(SEGMENTS_SECONDS[index] ?? 0)} s`,
          median(latenciesMs).toFixed(1),
          Math.max(...latenciesMs).toFixed(1),
          String(latenciesMs.length),
          cpuPerHour?.toFixed(1) ?? 'not measured',
          rssMb?.toFixed(0) ?? 'not measured',
        ]),
      },
    ],
    notes: [
      `A call at live pace for ${String(LIVE_SECONDS)} s, both settings at the same time; a fragment comes whole, as soon as its last sample is spoken. A fragment’s wait for its segment to fill comes on top, by design.`,
      `CPU and memory: of the seconds after the first ${String(WARM_SECONDS)}, the CPU scaled to the hour; by /proc, so on Linux alone.`,
    ],
  };
}

async function measure(segmentSeconds: number): Promise<Freshness> {
  const world = await startWorld({ drop: true });
  const beganAtMs = Date.now() + 2_000;
  const call = callOfFragments(fragmentsOf(LIVE_SECONDS, { startedAtMs: beganAtMs }));
  const availableAtMs = new Map<bigint, number>();
  try {
    for (const fragment of call.fragments) {
      const next = call.fragments[call.fragments.indexOf(fragment) + 1];
      const endMs = next?.producerTimestampMs ?? fragment.producerTimestampMs + 1_000;
      availableAtMs.set(fragment.number, endMs);
      world.stream.put(fragment, endMs);
    }
    await register(world, call, false);
    const run = runProgram(join(ROOT, 'dist/task/index.mjs'), {
      env: { ...world.environment('task', { segmentSeconds }), ...runVariables(call) },
    });
    void run.finished.catch(() => undefined);
    await sleep(beganAtMs - Date.now() + WARM_SECONDS * 1_000);
    const before = cpuSeconds(run.pid);
    const windowSeconds = LIVE_SECONDS - WARM_SECONDS;
    await sleep(windowSeconds * 1_000);
    const after = cpuSeconds(run.pid);
    const rssMb = residentMb(run.pid);
    await sleep(1_000);
    run.kill();
    const latenciesMs = world.store.puts.flatMap(({ key, storedAtMs }) => {
      const last = availableAtMs.get(parseTapeKey(key).last);
      return last === undefined ? [] : [performance.timeOrigin + storedAtMs - last];
    });
    const cpuPerHour =
      before === undefined || after === undefined ? undefined : ((after - before) / windowSeconds) * 3_600;
    return { latenciesMs, cpuPerHour, rssMb };
  } finally {
    await world.close();
  }
}
