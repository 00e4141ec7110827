/**
 * `npm run bench:check`: measures the guarded ratios again, and fails when one has become worse by more than a third
 * against `bench/results.json`. One that fails is measured once more: a busy machine must not decide.
 */
import { benchAssembly, GUARD as ASSEMBLY } from './assembly/bench.ts';
import { benchDecode, GUARD as DECODE } from './decode/bench.ts';
import { benchStart } from './start/bench.ts';
import { type Measured, type Ratio, readResults } from './support/results.ts';
import { benchTask, GUARD as TASK } from './task/bench.ts';

const WORSE_MAX = 4 / 3;

const BENCHES: Readonly<Record<string, () => Promise<Measured>>> = {
  decode: () => benchDecode(DECODE),
  task: () => benchTask(TASK),
  start: () => benchStart(),
  assembly: () => benchAssembly(ASSEMBLY),
};

/** How many times worse it is; below 1 it is better. */
function worse(now: Ratio, before: Ratio): number {
  return now.better === 'more' ? before.value / now.value : now.value / before.value;
}

async function failures(name: string): Promise<string[]> {
  const known = readResults().sections[name]?.ratios ?? [];
  const { ratios } = await (BENCHES[name]?.() ?? Promise.reject(new Error(`no benchmark ${name}`)));
  return ratios.flatMap((ratio) => {
    const before = known.find((other) => other.name === ratio.name);
    if (before?.guarded !== true) return [];
    const factor = worse(ratio, before);
    const line = `${name}: ${ratio.name}: ${String(ratio.value)}, was ${String(before.value)}`;
    console.log(`${factor > WORSE_MAX ? '✗' : '✓'} ${line}`);
    return factor > WORSE_MAX ? [line] : [];
  });
}

let failed = 0;
for (const name of Object.keys(BENCHES)) {
  if ((await failures(name)).length === 0) continue;
  console.log(`${name}: once more`);
  failed += (await failures(name)).length;
}
if (failed > 0) console.error(`${String(failed)} ratios are worse by more than a third`);
process.exit(failed > 0 ? 1 : 0);
