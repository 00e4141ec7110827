/** The command itself, as a user runs it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readWav } from '../../../local/run/wav-input.ts';
import { parseTapeKey, tapePrefix } from '../../../recording/tape/keys.ts';
import { CONTACT_ID } from '../../support/call.ts';
import { decodeFlac } from '../../support/flac-decoder.ts';
import { difference, noise, produced, STARTED_AT_MS } from '../../support/local-run.ts';

const ROOT = join(import.meta.dirname, '../../..');
/** The loader's URL, since the command runs in a folder of its own. */
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const SAMPLE = join(ROOT, 'local/sample/call.wav');
/** What a user's own AWS configuration may hold; none of it may matter. */
const HOSTILE = {
  AWS_PROFILE: 'no-such-profile',
  AWS_REGION: 'mars-north-1',
  AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
  AWS_USE_FIPS_ENDPOINT: 'true',
  AWS_ACCESS_KEY_ID: '',
};

let dir: string;
const running = new Set<ChildProcess>();
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-main-'));
});
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL');
  await rm(dir, { recursive: true });
});

interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly errors: () => string;
  /** Exit code. */
  readonly exit: Promise<number | null>;
}

function start(args: readonly string[]): Run {
  const child = spawn(process.execPath, ['--import', TSX, join(ROOT, 'local/run/main.ts'), ...args], {
    cwd: dir,
    env: { ...process.env, ...HOSTILE },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const exit = once(child, 'close').then(([code]) => {
    running.delete(child);
    return code as number | null;
  });
  return { child, output: () => output, errors: () => errors, exit };
}

async function run(...args: string[]) {
  const started = start(args);
  const exitCode = await started.exit;
  return { exitCode, output: started.output(), errors: started.errors() };
}

async function json(...path: string[]): Promise<unknown> {
  return JSON.parse(await readFile(join(dir, ...path), 'utf8'));
}

async function files(folder: string): Promise<string[]> {
  const entries = await readdir(join(dir, folder), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

test('the sample call: recorded sample for sample, and all of it left in the folder', async () => {
  const { exitCode, output, errors } = await run();

  expect([exitCode, errors]).toEqual([0, '']);
  const contactId = /^contact (\S+), start fragment \d+$/m.exec(output)?.[1] ?? '';
  const wav = join(dir, 'local-out', `${contactId}.wav`);
  const recorded = readWav(await readFile(wav));
  const { channels, sampleRate } = readWav(await readFile(SAMPLE));
  expect(recorded.sampleRate).toBe(sampleRate);
  expect(difference(recorded.channels, channels)).toBeUndefined();
  const record = await json('local-out', `${contactId}.json`);
  expect(record).toMatchObject({ contactId, status: 'COMPLETE', durationMs: 31_000, attempts: 1 });
  expect(await json('local-out/tables/callspool-calls.json')).toEqual([record]);
  expect(await json('local-out/tables/callspool-checkpoints.json')).toMatchObject([{ mediaMs: 31_000 }]);
  const objects = (await files('local-out/s3/callspool-recordings')).map((path) => path.replace(/.*\./, ''));
  expect(objects.sort()).toEqual(['json', 'mkv', 'mkv', 'mkv', 'wav']);
  expect((await readdir(join(dir, 'local-out/logs'))).sort()).toEqual([
    'assemble.jsonl',
    'connect.jsonl',
    'contact-event.jsonl',
    'task-1.jsonl',
  ]);
  expect(output).toContain(wav);
  // Whoever else is on this machine hears and reads none of it.
  for (const path of await readdir(join(dir, 'local-out'), { recursive: true }))
    expect([path, (await stat(join(dir, 'local-out', path))).mode & 0o077]).toEqual([path, 0]);
  const page = await readFile(wav.replace(/wav$/, 'html'), 'utf8');
  expect(page).toContain('<svg');
  expect(page).toContain(contactId);
  expect(output).toMatch(/^ {2}report +\S+\.html$/m);
  expect(output).toMatch(/Published on EventBridge: Recording Completed/);
});

test('the sample call as FLAC, too: the samples of the WAV', async () => {
  const { exitCode, output } = await run('--flac', '--contact', CONTACT_ID);

  expect(exitCode).toBe(0);
  const flac = await readFile(join(dir, 'local-out', `${CONTACT_ID}.flac`));
  const { samples } = await decodeFlac(flac);
  expect(samples.equals((await readFile(SAMPLE)).subarray(44))).toBe(true);
  expect(await json('local-out', `${CONTACT_ID}.json`)).toMatchObject({
    status: 'COMPLETE',
    files: [{ format: 'flac', bytes: flac.length }],
  });
  const objects = await files('local-out/s3/callspool-recordings');
  expect(objects.filter((path) => path.endsWith('.flac'))).toHaveLength(1);
  expect(output).toMatch(/^ {2}recording +\S+\.flac$/m);
});

test('a crash changes nothing, and an earlier run in the same folder neither', async () => {
  const stale = join(dir, 'out/logs/task-7.jsonl');
  const foreign = ['out/keep.txt', 'out/logs/keep.txt', 'out/s3/callspool-recordings/tape/other/1/keep.mkv'];
  for (const file of [stale, ...foreign.map((name) => join(dir, name))]) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, 'earlier');
  }

  const { exitCode, output } = await run('--out', 'out', '--contact', CONTACT_ID, '--kill-at', '12');

  expect(exitCode).toBe(0);
  expect(output).toContain('killed once 12 s of audio were checkpointed');
  expect(await readFile(join(dir, 'out', `${CONTACT_ID}.wav`))).toEqual(await readFile(SAMPLE));
  expect(await json('out', `${CONTACT_ID}.json`)).toMatchObject({ status: 'COMPLETE' });
  expect(existsSync(join(dir, 'out/logs/task-2.jsonl'))).toBe(true);
  expect(existsSync(stale)).toBe(false);
  for (const name of foreign) expect(await readFile(join(dir, name), 'utf8')).toBe('earlier');
});

test('a tape replays: its objects, joined, are a dump that gives the same WAV', async () => {
  const call = produced([noise(5000, 1), noise(5000, 2)]);
  const dump = join(dir, 'dump.mkv');
  await writeFile(dump, Buffer.concat(call.own.map(({ document }) => document)));
  const prefix = join('s3/callspool-recordings', tapePrefix(call));
  const tapeOf = async (out: string) => {
    const names = (await readdir(join(dir, out, prefix))).sort();
    expect(names.map((name) => parseTapeKey(name).first)).toEqual(
      names.map((name) => parseTapeKey(name).first).sort(),
    );
    return Promise.all(names.map((name) => readFile(join(dir, out, prefix, name))));
  };

  const first = await run('--media', dump, '--out', 'first', '--segment-seconds', '1');
  const tape = await tapeOf('first');
  await writeFile(join(dir, 'tape.bin'), Buffer.concat(tape));
  const again = await run('--media', 'tape.bin', '--out', 'first');

  expect([first.exitCode, again.exitCode]).toEqual([0, 0]);
  expect(tape.length).toBeGreaterThan(3);
  expect(Buffer.concat(tape).equals(await readFile(dump))).toBe(true);
  const { channels } = readWav(await readFile(join(dir, 'first', `${CONTACT_ID}.wav`)));
  expect(difference(channels, [noise(5000, 1), noise(5000, 2)])).toBeUndefined();
  // The second run's tape has taken the place of the first one's.
  expect(Buffer.concat(await tapeOf('first')).equals(await readFile(dump))).toBe(true);
});

test('a status other than COMPLETE is exit code 3, and a record', async () => {
  const call = produced([noise(2000, 1)]);
  const last = produced([noise(1000, 2)], { startedAtMs: STARTED_AT_MS + 2000 }).own.map(({ document }) =>
    Buffer.from(Buffer.from(document).toString('latin1').replaceAll('rate=8000', 'rate=9999'), 'latin1'),
  );
  await writeFile(join(dir, 'dump'), Buffer.concat([...call.own.map(({ document }) => document), ...last]));

  const { exitCode, output } = await run('--media', 'dump');

  expect(exitCode).toBe(3);
  expect(output).toContain('FRAGMENT_UNUSABLE');
  expect(await json('local-out', `${CONTACT_ID}.json`)).toMatchObject({ status: 'INCOMPLETE' });
});

test.each([
  ['an empty file', ['--media', 'empty'], /empty is empty/],
  ['a contact that is not in the dump', ['--media', 'dump', '--contact', 'nobody'], new RegExp(CONTACT_ID)],
  ['an unknown option', ['--speed', '2'], /speed/],
])('%s is one clear line, exit code 2, and nothing left behind', async (_, args, message) => {
  await writeFile(join(dir, 'empty'), '');
  const { own } = produced([noise(2000, 1)]);
  await writeFile(join(dir, 'dump'), Buffer.concat(own.map(({ document }) => document)));

  const { exitCode, output, errors } = await run(...args);

  expect([exitCode, output]).toEqual([2, '']);
  expect(errors).toMatch(/^callspool: [^\n]+\n$/);
  expect(errors).toMatch(message);
  expect((await readdir(dir)).sort()).toEqual(['dump', 'empty']);
});

test('what is in somebody else’s file orders nothing of the terminal', async () => {
  const { own } = produced([noise(2000, 1)], { contactId: '\u001b]0;x\u0007\u202egnp' });
  await writeFile(join(dir, 'dump'), Buffer.concat(own.map(({ document }) => document)));

  const { exitCode, errors } = await run('--media', 'dump', '--contact', 'nobody');

  expect(exitCode).toBe(2);
  expect(errors).toContain('gnp');
  expect(errors).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}]/u);
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends it, and every process of it', async (signal, exitCode) => {
  const started = start(['--pace', '1']);
  await expect.poll(started.output, { timeout: 30_000 }).toContain('attempt 1');
  const children = childrenOf(started.child.pid ?? 0);
  expect(children.length).toBeGreaterThan(0);

  started.child.kill(signal);

  expect(await started.exit).toBe(exitCode);
  expect(started.errors()).toBe(`${signal}: stopping; once more stops at once\n`);
  expect(children.filter((pid) => existsSync(`/proc/${String(pid)}`))).toEqual([]);
});

test('it ends when npm ends, even one that is killed', async () => {
  const npm = spawn('npm', ['run', 'local', '--', '--pace', '1', '--out', join(dir, 'out')], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  running.add(npm);
  let output = '';
  npm.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await expect.poll(() => output, { timeout: 30_000 }).toContain('attempt 1');
  const [command = 0] = childrenOf(npm.pid ?? 0);
  const pids = [command, ...childrenOf(command)];
  expect(pids.length).toBeGreaterThan(1);

  npm.kill('SIGKILL');

  await expect
    .poll(() => pids.filter((pid) => existsSync(`/proc/${String(pid)}`)), { timeout: 20_000 })
    .toEqual([]);
  running.delete(npm);
});

test('a second signal does not wait for anyone', async () => {
  const started = start(['--pace', '1']);
  await expect.poll(started.output, { timeout: 30_000 }).toContain('attempt 1');
  const children = childrenOf(started.child.pid ?? 0);
  // A process that is stopped can't leave by itself.
  for (const pid of children) process.kill(pid, 'SIGSTOP');

  started.child.kill('SIGINT');
  await expect.poll(started.errors).toContain('stopping');
  const again = setInterval(() => started.child.kill('SIGINT'), 500);

  expect(await started.exit).toBe(130);
  clearInterval(again);
  await expect
    .poll(() => children.filter((pid) => existsSync(`/proc/${String(pid)}`)), { timeout: 10_000 })
    .toEqual([]);
});

/** The fourth field of a process's `stat` is its parent (proc(5)). */
function childrenOf(parent: number): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    try {
      const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent;
    } catch {
      return false;
    }
  });
}
