/** `npm run simulate`: runs seeds, prints those that fail, shrunk. Exit code 0: all was well; 1: some failed. */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import yargs from 'yargs';
import { explore, report } from './explore.ts';
import { runScenario } from './run.ts';
import type { Scenario } from './scenario.ts';
import { inWords } from './words.ts';

const FAILURES_MAX = 5;

const options = await yargs(process.argv.slice(2))
  .usage('npm run simulate -- [--seeds N] [--from S] [--jobs J] [--replay JSON]')
  .options({
    seeds: { type: 'number', default: 1_000, describe: 'how many seeds to run' },
    from: { type: 'number', default: 1, describe: 'the first seed' },
    jobs: { type: 'number', default: availableParallelism(), describe: 'processes side by side' },
    replay: { type: 'string', describe: 'a scenario as it was printed, instead of seeds' },
  })
  .strict()
  .parse();

if (options.replay !== undefined) process.exitCode = await replay(options.replay);
else if (options.jobs <= 1) process.exitCode = await runSeeds(options.from, options.seeds);
else process.exitCode = await runJobs(options.from, options.seeds, options.jobs);

async function runSeeds(from: number, count: number): Promise<number> {
  const failures: Promise<string>[] = [];
  await explore(from, count, undefined, ({ verdict }) => {
    failures.push(report(verdict));
    return failures.length >= FAILURES_MAX;
  });
  for (const failure of failures) process.stdout.write(`${await failure}\n\n`);
  if (failures.length === 0) process.stdout.write(`${count} seeds from ${from}: all is well\n`);
  return failures.length === 0 ? 0 : 1;
}

/** Each with its share of the seeds. */
async function runJobs(from: number, count: number, jobs: number): Promise<number> {
  const share = Math.ceil(count / jobs);
  const codes = Array.from({ length: jobs }, (_, index) => {
    const first = from + index * share;
    const seeds = Math.max(0, Math.min(share, from + count - first));
    const args = ['--from', String(first), '--seeds', String(seeds), '--jobs', '1'];
    return new Promise<number>((resolve) => {
      fork(fileURLToPath(import.meta.url), args).once('exit', (code) => {
        resolve(code ?? 1);
      });
    });
  });
  return Math.max(...(await Promise.all(codes)));
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
