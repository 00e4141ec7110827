/** `npm run torture`: calls recorded by real processes while harm is done to them, each by a seed of its own. */
import { randomInt } from 'node:crypto';
import * as v from 'valibot';
import yargs from 'yargs';
import { buildAll } from '../../build.ts';
import { type Scenario, torture, TortureFailure } from './rig.ts';
import { kill, SCENARIOS } from './scenarios.ts';

const EXIT = { ok: 0, failed: 1, usage: 2 } as const;
/** Half of them kill. */
const RUNS = 200;
const MINUTES = 60;

const positive = v.pipe(v.number(), v.integer(), v.minValue(1));
const options = v.object({
  runs: positive,
  seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 31))),
  only: v.optional(v.picklist(SCENARIOS.map(({ name }) => name))),
  minutes: positive,
});

const say = (line: string) => process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const parsed = await newParser().parseAsync();
  const result = v.safeParse(options, parsed);
  if (!result.success) {
    process.stderr.write(`torture: ${result.issues[0].message}\n`);
    return EXIT.usage;
  }
  const { runs, minutes, only, seed = randomInt(1_000_000) } = result.output;
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  await buildAll();
  say(`seed ${seed}: ${runs} runs, for ${minutes} minutes at most`);
  const left = new Map<string, number>();
  const untilMs = Date.now() + minutes * 60_000;
  let run = 0;
  for (; run < runs; run += 1) {
    if (Date.now() >= untilMs) {
      say('the time is up');
      break;
    }
    if (!(await isWell(scenarioOf(run, only), seed + run, `${run + 1}/${runs}`, left))) return EXIT.failed;
  }
  const ways = [...left].map(([way, count]) => `${way} ${count} times`).join(', ');
  say(`${run} of ${runs} runs, and every WAV is its source, byte for byte; tasks left with ${ways}`);
  return EXIT.ok;
}

/** Every other run kills; the rest take turns. */
function scenarioOf(run: number, only: string | undefined): Scenario {
  const others = SCENARIOS.filter((scenario) => scenario !== kill);
  const named = SCENARIOS.find(({ name }) => name === only);
  return named ?? (run % 2 === 0 ? kill : (others[((run - 1) / 2) % others.length] ?? kill));
}

/** @param left how tasks have left so far; counted on */
async function isWell(
  scenario: Scenario,
  seed: number,
  which: string,
  left: Map<string, number>,
): Promise<boolean> {
  try {
    const { notes, exits } = await torture(scenario, seed);
    const ways = exits.map(({ code, signal }) => String(code ?? signal));
    for (const way of ways) left.set(way, (left.get(way) ?? 0) + 1);
    say(
      `${which} ${scenario.name}, seed ${seed}: ${[...notes, `tasks left with ${ways.join(' ')}`].join('; ')}`,
    );
    return true;
  } catch (error) {
    if (!(error instanceof TortureFailure)) throw error;
    say(`${which} ${scenario.name}, seed ${seed}: NOT WELL\n  ${error.message}`);
    say(`again: npm run torture -- --only ${scenario.name} --seed ${seed} --runs 1`);
    return false;
  }
}

function newParser() {
  return yargs(process.argv.slice(2))
    .scriptName('npm run torture --')
    .usage('$0 [options]\n\nRecords calls with the whole system while processes and services fail.')
    .option('runs', { type: 'number', default: RUNS, describe: 'How many calls' })
    .option('seed', { type: 'number', describe: 'Of the first call; each next one’s is higher by 1' })
    .option('only', { choices: SCENARIOS.map(({ name }) => name), describe: 'What happens to them' })
    .option('minutes', { type: 'number', default: MINUTES, describe: 'No call is begun after so long' })
    .strict();
}

process.exitCode = await main();
// Whatever a stand-in still holds is of no use to anyone.
process.exit();
