/**
 * `npm run bench:check [-- NAME…]`: measures the guarded ratios again, and fails when one has become worse by more
 * than a third against `bench/results.json`. A benchmark with one that fails is measured once more, and only what fails in both counts:
 * a busy machine must not decide.
 */
import { benchAssembly, GUARD as ASSEMBLY } from './assembly/bench.ts';
import { benchDecode, GUARD as DECODE } from './decode/bench.ts';
import { benchStart } from './start/bench.ts';
import { failedTwice, judge, type Verdict } from './support/guard.ts';
import { type Measured, readResults } from './support/results.ts';
import { benchTask, GUARD as TASK } from './task/bench.ts';

// Node.js 20 works until the SDK says otherwise; it needn't say so among the figures.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const BENCHES: Readonly<Record<string, () => Promise<Measured>>> = {
  // First, as in `npm run bench`.
  start: () => benchStart(),
  decode: () => benchDecode(DECODE),
  task: () => benchTask(TASK),
  assembly: () => benchAssembly(ASSEMBLY),
};

async function look(name: string, bench: () => Promise<Measured>): Promise<Verdict[]> {
  const { ratios } = await bench();
  const verdicts = judge(readResults().sections[name]?.ratios ?? [], ratios);
  for (const { name: ratio, now, before, failed } of verdicts)
    console.log(`${failed ? '✗' : '✓'} ${name}: ${ratio}: ${String(now ?? 'gone')}, was ${String(before)}`);
  if (verdicts.length === 0)
    console.log(`– ${name}: nothing is guarded; npm run bench -- ${name} measures it`);
  return verdicts;
}

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(`nothing is guarded in ${unknown.join(', ')}; there are: ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}
const failures: Verdict[] = [];
for (const [name, bench] of Object.entries(BENCHES)) {
  if (names.length > 0 && !names.includes(name)) continue;
  const first = await look(name, bench);
  if (!first.some(({ failed }) => failed)) continue;
  console.log(`${name}: once more`);
  failures.push(...failedTwice(first, await look(name, bench)));
}
if (failures.length > 0) console.error(`worse by more than a third, twice: ${String(failures.length)}`);
// The SDK keeps sockets alive.
process.exit(failures.length > 0 ? 1 : 0);
