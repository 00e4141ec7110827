/**
 * `npm run explore`: goes through every order of port calls of the small cases, with deaths and zombies at each, and holds
 * each step against the model. Exit code 0: nothing was wrong; 1: something was, and how it comes to that is printed.
 */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import yargs from 'yargs';
import { bundled } from '../simulation/bundled.ts';
import { type Case, CASES } from './cases.ts';
import { Answer } from './worker.ts';

const NODE_OPTIONS = ['--stack-trace-limit=0', '--single-threaded'];

const options = await yargs(process.argv.slice(2))
  .usage('npm run explore -- [--minutes M] [--depth D] [--states N] [--jobs J]')
  .options({
    minutes: { type: 'number', default: 10, describe: 'for how long at most, all cases together' },
    depth: { type: 'number', default: 500, describe: 'steps of a run at most' },
    states: {
      type: 'number',
      default: 2_000_000,
      describe: 'states of a case at most; each takes some 100 bytes',
    },
    jobs: { type: 'number', default: availableParallelism(), describe: 'cases side by side' },
  })
  .strict()
  .parse();

process.exitCode = await explore();

async function explore(): Promise<number> {
  const untilMs = Date.now() + options.minutes * 60_000;
  const waiting = [...CASES];
  const worker = await bundled(fileURLToPath(new URL('./worker.ts', import.meta.url)));
  const answers: Answer[] = [];
  const work = async (): Promise<void> => {
    for (let one = waiting.shift(); one; one = waiting.shift()) {
      // What earlier cases didn't need is shared by those that are left.
      const ms = ((untilMs - Date.now()) * options.jobs) / (waiting.length + options.jobs);
      const answer = await answerOf(worker.path, one, Math.max(1_000, ms));
      answers.push(answer);
      process.stdout.write(`${inWords(one, answer)}\n`);
    }
  };
  try {
    await Promise.all(Array.from({ length: options.jobs }, work));
  } finally {
    await worker.remove();
  }
  const sum = (of: (answer: Answer) => number) => answers.reduce((total, answer) => total + of(answer), 0);
  process.stdout.write(
    `together: ${sum(({ states }) => states)} states, ${sum(({ transitions }) => transitions)} transitions\n`,
  );
  return answers.some(({ found }) => found) ? 1 : 0;
}

function answerOf(path: string, { name }: Case, ms: number): Promise<Answer> {
  const child = fork(path, { execArgv: NODE_OPTIONS });
  return new Promise<Answer>((resolve, reject) => {
    child.once('message', (message) => {
      child.disconnect();
      resolve(v.parse(Answer, message));
    });
    child.once('exit', (code) => {
      reject(new Error(`the process of case “${name}” died (exit code ${String(code)})`));
    });
    child.send({ name, ms, depthMax: options.depth, statesMax: options.states });
  });
}

function inWords({ name }: Case, { states, transitions, runs, depth, left, found }: Answer): string {
  const rest = left === 0 ? 'all gone through' : `bounded: ${left} branches left`;
  const line = `${name}: ${states} states, ${transitions} transitions, ${runs} runs, up to ${depth} steps deep; ${rest}`;
  return found
    ? [line, `  WRONG: ${found.wrong}`, ...found.steps.map((step) => `    ${step}`)].join('\n')
    : line;
}
