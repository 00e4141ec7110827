/**
 * `npm run bench [-- NAME…] [--runs N] [--minutes N] [--dry]`: measures, and writes `bench/results.json` and
 * `bench/RESULTS.md`. `--runs` and `--minutes` shorten it, which the report then says; `--dry` prints and keeps nothing.
 */
import { benchAssembly, FULL as ASSEMBLY } from './assembly/bench.ts';
import { benchBilled } from './billed/bench.ts';
import { benchDecode, FULL as DECODE } from './decode/bench.ts';
import { benchFormats } from './formats/bench.ts';
import { benchFreshness } from './freshness/bench.ts';
import { benchLive } from './live/bench.ts';
import { benchMany } from './many/bench.ts';
import { benchStorm } from './many/storm-bench.ts';
import { benchProfile } from './profile/bench.ts';
import { benchRequests } from './requests/bench.ts';
import { benchStart } from './start/bench.ts';
import { type CommandLine, type Extent, parseCommandLine, UsageError } from './support/options.ts';
import { keep, type Measured, print } from './support/results.ts';
import { benchTask, FULL as TASK } from './task/bench.ts';
import { benchWords } from './words/bench.ts';

// Node.js 20 works until the SDK says otherwise; it needn't say so among the figures.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const BENCHES: Readonly<Record<string, (extent: Extent) => Promise<Measured>>> = {
  // First, while this process is small: a larger one takes longer to fork, which would even out all that starts.
  start: benchStart,
  decode: (extent) => benchDecode(DECODE, extent),
  task: (extent) => benchTask(TASK, extent),
  freshness: benchFreshness,
  assembly: (extent) => benchAssembly(ASSEMBLY, extent),
  profile: benchProfile,
  formats: benchFormats,
  requests: benchRequests,
  billed: benchBilled,
  many: benchMany,
  storm: benchStorm,
  live: benchLive,
  words: benchWords,
};

function commandLine(): CommandLine {
  try {
    return parseCommandLine(process.argv.slice(2), Object.keys(BENCHES));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}

const { names, extent, dry } = commandLine();
for (const [name, bench] of Object.entries(BENCHES)) {
  if (!names.includes(name)) continue;
  const began = performance.now();
  console.log(`${name} …`);
  await (dry ? print : keep)(name, () => bench(extent), extent);
  console.log(`${name}: ${((performance.now() - began) / 1000).toFixed(0)} s`);
}
// The SDK keeps sockets alive.
process.exit();
