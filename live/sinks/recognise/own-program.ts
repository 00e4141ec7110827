/** The recogniser of this repository (recognisers/whisper), where nobody names another: how it is run, and what it lacks. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Environment } from '../../../contract/environment.ts';
import { LIVE_VARIABLES } from '../../../contract/variables.ts';

const FOLDER = 'recognisers/whisper';
/** What a recogniser of anybody's may be told by; ours reads these (its README.md). */
const TOLD_BY = /^CALLSPOOL_RECOGNISE_|^(PATH|HOME|HF_[A-Z_]+|OMP_NUM_THREADS|PYTHONPATH)$/;

/** A shell's command. @throws when there is none: in an installation without the sources, one must be named */
export function recogniserCommand(env: Environment): string {
  const named = env[LIVE_VARIABLES.recogniser]?.trim();
  if (named) return named;
  const folder = ownFolder();
  if (folder === undefined) throw new Error(`${LIVE_VARIABLES.recogniser} must name a recogniser`);
  return `${quoted(pythonIn(folder))} ${quoted(folder)}`;
}

/** What of this environment a recogniser needs. */
export function recogniserEnvironment(env: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value !== undefined && TOLD_BY.test(name) ? [[name, value]] : [],
    ),
  );
}

/**
 * Sees that all is there that a recogniser needs, and has its model fetched once, so that it isn't while a call goes on.
 * @returns how to get what isn't there, in a line; undefined where all is, or somebody has named a recogniser
 */
export async function whatIsMissing(env: Environment): Promise<string | undefined> {
  if (env[LIVE_VARIABLES.recogniser]?.trim()) return undefined;
  const folder = ownFolder();
  if (folder === undefined) return `name a recogniser by ${LIVE_VARIABLES.recogniser} (docs/WORDS.md)`;
  const python = pythonIn(folder);
  // What it takes to reach the hub, such as a proxy, too.
  const own = { ...process.env, ...recogniserEnvironment(env) };
  if ((await complaint(python, ['-c', 'import faster_whisper'], own)) !== undefined)
    return (
      `words need Python 3.10 or later, and faster-whisper: python3 -m venv ${FOLDER}/.venv && ` +
      `${FOLDER}/.venv/bin/pip install -r ${FOLDER}/requirements.txt`
    );
  const wrong = await complaint(python, [folder, '--fetch'], own);
  return wrong && `${wrong} (${FOLDER}/README.md says where models come from)`;
}

function pythonIn(folder: string): string {
  const own = join(folder, '.venv/bin/python');
  return existsSync(own) ? own : 'python3';
}

/** Of the sources, from wherever this program stands in them. */
function ownFolder(from: string = import.meta.dirname): string | undefined {
  const folder = join(from, FOLDER);
  if (existsSync(join(folder, '__main__.py'))) return folder;
  return dirname(from) === from ? undefined : ownFolder(dirname(from));
}

/** @returns undefined where it ends well; otherwise the last line of what it said */
function complaint(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(command, args, { env }, (error, _, stderr) => {
      resolve(error ? (stderr.trim().split('\n').at(-1) ?? '') || error.message : undefined);
    });
  });
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
