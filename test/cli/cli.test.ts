import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildCli } from '../../build.ts';
import { callspool } from '../support/cli.ts';
import { writeLocalDir } from '../support/local-dir.ts';
import { noise, produced } from '../support/local-run.ts';
import { recordedCall } from '../support/recorded-call.ts';

const COMMANDS = ['list', 'show', 'follow', 'fetch', 'export', 'resume', 'erase'];

describe('help', () => {
  test.each([
    [['--help']],
    [['calls', '--help']],
    ...COMMANDS.map((command) => [['calls', command, '--help']]),
  ])('%j', async (args) => {
    const { code, out, err } = await callspool(args);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('callspool');
    expect(out).toContain('--profile');
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(110);
  });

  test.each([
    [['--help']],
    [['doctor', '--help']],
    [['report', '--help']],
    [['inspect', '--help']],
    ...COMMANDS.map((command) => [['calls', command, '--help']]),
  ])('a command’s own options come first: %j', async (args) => {
    const { out } = await callspool(args);
    expect(out.indexOf('Options:')).toBeGreaterThan(0);
    expect(out.indexOf('Deployment (')).toBeGreaterThan(out.indexOf('Options:'));
  });

  test.each([[['completion', '--help']], [['completion', '-h']], [['--help', 'completion']]])(
    'on the completion of commands it prints no script: %j',
    async (args) => {
      const { code, out } = await callspool(args);
      expect(code).toBe(0);
      expect(out).toContain('source <(callspool completion)');
      expect(out).not.toContain('###-begin');
    },
  );

  test('tells the version', async () => {
    const file = join(import.meta.dirname, '../../package.json');
    const { version } = v.parse(v.object({ version: v.string() }), JSON.parse(await readFile(file, 'utf8')));
    expect(await callspool(['--version'])).toMatchObject({ code: 0, out: `${version}\n` });
  });

  test('names every command, with examples', async () => {
    const { out } = await callspool(['calls', '--help']);
    for (const command of COMMANDS) {
      expect(out).toContain(`callspool calls ${command}`);
      expect((await callspool(['calls', command, '--help'])).out).toContain('Examples:');
    }
  });
});

describe('bad usage is told with the help that is meant, and nothing is done', () => {
  test.each([
    [[], 'name a command', 'callspool --help'],
    [['call'], 'Did you mean calls?', 'callspool --help'],
    [['calls'], 'name a command of calls', 'callspool calls --help'],
    [['calls', 'list', '--sinse', '2h'], 'sinse', 'callspool calls list --help'],
    [['calls', 'list', '--status', 'LOST'], 'INCOMPLETE', 'callspool calls list --help'],
    [['calls', 'list', '--since', '1h', '--since', '2h'], 'give --since once', 'callspool calls list --help'],
    [['calls', 'list', '--limit', '0'], '--limit is', 'callspool calls list --help'],
    [['calls', 'list', '--limit', 'all'], '--limit is', 'callspool calls list --help'],
    [['calls', 'list', '--json', '--csv'], 'mutually exclusive', 'callspool calls list --help'],
    [['calls', 'show'], 'name a call by its id', 'callspool calls show --help'],
    [['inspect'], 'name what to inspect', 'callspool inspect --help'],
    [['calls', 'list', '--local'], 'such as --local local-out', 'callspool calls list --help'],
    [['calls', 'list', '--time-zone', 'Mars'], '--time-zone Mars is no time zone', 'Europe/Berlin'],
    [['calls', 'fetch', 'x', '--mono', 'left'], 'customer', 'callspool calls fetch'],
    [['calls', 'follow', 'x', '--interval', '0'], '--interval is', 'callspool calls follow'],
    [['calls', 'export', '-o', 'x', '--at-a-time', 'many'], '--at-a-time is', 'callspool calls export'],
    [['calls', 'resume'], 'give a call, or --all-interrupted', ''],
  ])('%j', async (args, message, help) => {
    const { code, out, err } = await callspool(args, { env: { AWS_REGION: 'us-east-1' } });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
    expect(err).toContain(help);
  });
});

describe('as a program', () => {
  beforeAll(() => buildCli());
  /** What `npx callspool` runs. */
  const program = join(import.meta.dirname, '../../cli/callspool.mjs');
  const run = (args: readonly string[]) =>
    spawnSync(process.execPath, [program, ...args], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH },
      timeout: 30_000,
    });

  test('it is one that stands for itself, and helps', () => {
    const { status, stdout, stderr } = run(['--help']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('callspool calls');
  });

  test('it loads what a command needs', () => {
    const { status, stderr } = run(['calls', 'list', '--local', '/nowhere']);
    expect(status).toBe(2);
    expect(stderr).toContain('/nowhere is not the folder of a local run');
    const aws = run(['calls', 'list', '--region', 'us-east-1', '--profile', 'nobody']);
    expect(aws.status).toBe(1);
    expect(aws.stderr).toContain('--profile');
  });

  test('the bundle needs nothing beside it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'callspool-bundle-'));
    try {
      await buildCli(join(import.meta.dirname, '../..'), folder);
      const args = [join(folder, 'index.mjs'), 'inspect', '-'];
      const input = Buffer.from('1a45dfa380', 'hex');
      const { stdout, stderr } = spawnSync(process.execPath, args, { input, encoding: 'utf8', env: {} });
      expect({ stdout, stderr }).toMatchObject({
        stdout: expect.stringContaining('EBML') as string,
        stderr: '',
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test.each([
    ['calls fetch', '--out'],
    ['report', '--out'],
    ['listen', '--wav'],
  ])('what it makes is its owner’s alone, whatever the umask: %s %s', async (command, out) => {
    const folder = await mkdtemp(join(tmpdir(), 'callspool-umask-'));
    try {
      const call = produced([noise(2_000, 1)]);
      await writeLocalDir(join(folder, 'run'), [[call, recordedCall(call)]]);
      const made = join(folder, 'made');
      const typed = [...command.split(' '), call.contactId, out, `${made}/`, '--local', join(folder, 'run')];
      const script = ['-c', 'umask 0; exec "$@"', 'sh', process.execPath, program, ...typed];
      const { status, stderr } = spawnSync('sh', script, {
        encoding: 'utf8',
        env: { PATH: process.env.PATH },
      });
      expect({ status, stderr }).toMatchObject({ status: 0 });
      const names = await readdir(made);
      expect(names).not.toEqual([]);
      for (const name of ['.', ...names])
        expect([name, (await stat(join(made, name))).mode & 0o077]).toEqual([name, 0]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('it stops when it is told to, whatever it is busy with', async () => {
    const child = spawn(process.execPath, [program, 'inspect', '-'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const exit = once(child, 'exit');
    // Enough that it prints something; then it waits for more.
    child.stdin.write(Buffer.from('1a45dfa380'.repeat(10_000), 'hex'));
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    expect(await exit).toEqual([130, null]);
  });

  test('it completes what is being typed, and prints the script for shells', () => {
    expect(run(['completion']).stdout).toContain('complete');
    const typed = run(['--get-yargs-completions', 'callspool', 'calls', '']);
    for (const command of COMMANDS) expect(typed.stdout).toContain(command);
    expect(run(['--get-yargs-completions', 'callspool', 'calls', 'list', '--status', '']).stdout).toContain(
      'INCOMPLETE',
    );
  });
});
