/** `npm run bench [-- NAME…]`: measures, and writes `bench/results.json` and `bench/RESULTS.md`. */
import { benchAssembly, FULL as ASSEMBLY } from './assembly/bench.ts';
import { benchDecode, FULL as DECODE } from './decode/bench.ts';
import { benchFreshness } from './freshness/bench.ts';
import { benchRequests } from './requests/bench.ts';
import { benchStart } from './start/bench.ts';
import { keep, type Measured } from './support/results.ts';
import { benchTask, FULL as TASK } from './task/bench.ts';

const BENCHES: Readonly<Record<string, () => Promise<Measured>>> = {
  decode: () => benchDecode(DECODE),
  task: () => benchTask(TASK),
  start: () => benchStart(),
  freshness: benchFreshness,
  assembly: () => benchAssembly(ASSEMBLY),
  requests: benchRequests,
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are: ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}
for (const [name, bench] of Object.entries(BENCHES)) {
  if (names.length > 0 && !names.includes(name)) continue;
  console.log(`${name} …`);
  await keep(name, bench);
}
// The SDK keeps sockets alive.
process.exit();
