/** What tells that a local run goes on in its folder: `running.json`, with the process and the execution. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { isMissing } from './folder-files.ts';

const Marker = v.object({ pid: v.pipe(v.number(), v.integer(), v.minValue(1)), execution: v.string() });

/** @param execution its name */
export async function markRunning(dir: string, execution: string): Promise<void> {
  await writeFile(markerIn(dir), `${JSON.stringify({ pid: process.pid, execution })}\n`);
}

export async function unmarkRunning(dir: string): Promise<void> {
  await rm(markerIn(dir), { force: true });
}

/** @returns the name of the execution that runs; undefined where none does, or its run was killed */
export async function runningExecution(dir: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(markerIn(dir), 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Marker), text);
  // Half written: it begins just now, or was killed just then.
  return parsed.success && isAlive(parsed.output.pid) ? parsed.output.execution : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function markerIn(dir: string): string {
  return join(dir, 'running.json');
}
