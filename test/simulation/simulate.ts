/** `npm run simulate`: runs seeds, prints those that fail, shrunk. Exit code 0: all was well; 1: some failed. */
import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import yargs from 'yargs';
import { TWIST_NAMES } from './generate-twists.ts';
import { runScenario } from './run.ts';
import type { Scenario } from './scenario.ts';
import { SeedsProcess, withWorker } from './seeds-process.ts';
import type { Share } from './share.ts';
import { inWords } from './words.ts';

/** So many failing seeds are enough to look at. */
const FAILURES_MAX = 5;
/** A long run says now and then how far it is: after so many seeds. */
const TELL_EVERY = 10_000;
/** A process is given so many at a time. */
const SHARE = 100;
/** Seeds are told apart by 32 bits; a fresh start leaves room for all that a run may try. */
const FRESH_MAX = 2 ** 31;
const options = await yargs(process.argv.slice(2))
  .usage(
    'npm run simulate -- [--seeds N | --minutes M] [--from S | --from random] [--with TWIST] [--jobs J] [--failures F] [--replay JSON]',
  )
  .options({
    seeds: { type: 'number', default: 1_000, describe: 'how many seeds to run' },
    minutes: { type: 'number', describe: 'for how long to run seeds, however many' },
    from: { type: 'string', default: '1', describe: 'the first seed, or “random” for a fresh one' },
    jobs: { type: 'number', default: availableParallelism(), describe: 'processes side by side' },
    failures: {
      type: 'number',
      default: FAILURES_MAX,
      describe: 'after how many that fail the run ends',
    },
    with: { choices: TWIST_NAMES, describe: 'what is to befall every seed' },
    replay: { type: 'string', describe: 'a scenario as it was printed, instead of seeds' },
  })
  .check(({ from }) => from === 'random' || /^[0-9]+$/.test(from) || '--from takes a number, or “random”')
  .check(({ minutes = 1 }) => minutes > 0 || '--minutes takes a number above 0')
  .check(({ failures }) => failures > 0 || '--failures takes a number above 0')
  .strict()
  .parse();

process.exitCode = options.replay === undefined ? await runSeeds() : await replay(options.replay);

async function runSeeds(): Promise<number> {
  const from = options.from === 'random' ? randomInt(FRESH_MAX) : Number(options.from);
  const { minutes } = options;
  const untilMs = minutes === undefined ? Infinity : Date.now() + minutes * 60_000;
  const total = minutes === undefined ? options.seeds : Infinity;
  const span = minutes === undefined ? `${total} seeds` : `${minutes} minutes of seeds`;
  process.stdout.write(`${span} from ${from} on, ${options.jobs} at a time\n`);
  const shares = sharesOf(from, total, untilMs);
  const sum = { tried: 0, failed: 0 };
  await withWorker((path) =>
    Promise.all(Array.from({ length: options.jobs }, () => work(path, shares, sum))),
  );
  const { tried, failed } = sum;
  process.stdout.write(`${tried} seeds from ${from}: ${failed === 0 ? 'all is well' : `${failed} failed`}\n`);
  return failed === 0 ? 0 : 1;
}

/** Ends when there are no more, the time is up, or enough have failed. */
interface Shares {
  next(): Share | undefined;
  stop(): void;
}

function sharesOf(from: number, total: number, untilMs: number): Shares {
  let given = 0;
  let isOver = false;
  return {
    next: () => {
      const count = Math.min(SHARE, total - given);
      if (isOver || count <= 0 || Date.now() >= untilMs) return undefined;
      given += count;
      return { from: from + given - count, count, twist: options.with };
    },
    stop: () => {
      isOver = true;
    },
  };
}

/** One process, until there are no more shares. @param sum what all of them have done: added to */
async function work(path: string, shares: Shares, sum: { tried: number; failed: number }): Promise<void> {
  const seeds = new SeedsProcess(path);
  for (let share = shares.next(); share; share = shares.next()) {
    const { tried, failures } = await seeds.run(share);
    sum.tried += tried;
    sum.failed += failures.length;
    for (const failure of failures) process.stdout.write(`${failure}\n\n`);
    if (sum.failed >= options.failures) shares.stop();
    if (sum.tried % TELL_EVERY < tried && sum.tried >= TELL_EVERY)
      process.stdout.write(`${sum.tried} so far, ${sum.failed} failed\n`);
  }
  seeds.end();
}

async function replay(json: string): Promise<number> {
  // It was printed by this program.
  const scenario = JSON.parse(json) as Scenario;
  process.stdout.write(`${inWords(scenario)}\n\n`);
  const { findings, world } = await runScenario(scenario);
  for (const { kind, what } of findings) process.stdout.write(`${kind}: ${what}\n`);
  const { sites } = world.injector;
  process.stdout.write(`${sites.length} port calls in ${(world.clock.now() - world.startMs) / 1_000} s\n`);
  return findings.length === 0 ? 0 : 1;
}
