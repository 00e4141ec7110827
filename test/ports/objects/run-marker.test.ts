/** Whether a local run goes on in a folder. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { markRunning, runningExecution, unmarkRunning } from '../../../ports/objects/run-marker.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-marker-'));
});
afterEach(() => rm(dir, { recursive: true }));

const mark = (content: unknown) =>
  writeFile(join(dir, 'running.json'), typeof content === 'string' ? content : JSON.stringify(content));

it('is told by its marker as long as it stands, which may be taken away twice', async () => {
  expect(await runningExecution(dir)).toBeUndefined();
  await markRunning(dir, 'execution-1');
  expect(await runningExecution(dir)).toBe('execution-1');
  await unmarkRunning(dir);
  await unmarkRunning(dir);
  expect(await readdir(dir)).toEqual([]);
  expect(await runningExecution(dir)).toBeUndefined();
});

it('is over when its process is, though its marker still stands', async () => {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  await mark({ pid: child.pid, execution: 'killed' });
  expect(await runningExecution(dir)).toBeUndefined();
});

it.each([
  ['EPERM', 'another’s'],
  ['ESRCH', undefined],
])('goes on when its process is another user’s: %s', async (code, execution) => {
  const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
    throw Object.assign(new Error('no'), { code });
  });
  onTestFinished(() => {
    kill.mockRestore();
  });
  await mark({ pid: 7, execution: 'another’s' });
  expect(await runningExecution(dir)).toBe(execution);
  expect(kill).toHaveBeenCalledWith(7, 0);
});

it.each([
  'no JSON',
  '{"pid": ',
  {},
  { pid: process.pid },
  { execution: 'x' },
  { pid: 0, execution: 'x' },
  { pid: -1, execution: 'x' },
  { pid: 1.5, execution: 'x' },
  { pid: process.pid, execution: 7 },
])('is none where the marker is half written, or none: %o', async (content) => {
  await mark(content);
  expect(await runningExecution(dir)).toBeUndefined();
});

it('is not taken for none where the marker can’t be read', async () => {
  await mkdir(join(dir, 'running.json'));
  await expect(runningExecution(dir)).rejects.toMatchObject({ code: 'EISDIR' });
});
