/** What the commands make of a recording's FLAC: the one that is stored, or one that they make themselves. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CallRecord } from '../../../recording/call-record.ts';
import { recordingId } from '../../../recording/identity.ts';
import { callspool, type Ran } from '../../support/cli.ts';
import { decodeFlac } from '../../support/flac-decoder.ts';
import { writeLocalDir } from '../../support/local-dir.ts';
import { noise, produced } from '../../support/local-run.ts';
import { type RecordedCall, recordedCall, withFlac } from '../../support/recorded-call.ts';

const CALL = produced([noise(4_000, 1), noise(4_000, 2)]);
const PLAIN = recordedCall(CALL);
const STORED = withFlac(CALL, PLAIN);
const SAMPLES = PLAIN.wav.subarray(44);
const ID = CALL.contactId;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-cli-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});

const local = () => join(dir, 'local-out');
/** Files are in the test's folder. */
const cli = (...args: string[]): Promise<Ran> =>
  callspool(
    args.map((arg) => (/\.(flac|wav|audio|html)$|\/$/i.test(arg) ? join(dir, arg) : arg)),
    { cwd: dir },
  );
const left = (recorded: RecordedCall) => writeLocalDir(local(), [[CALL, recorded]]);
const decoded = async (name: string) => decodeFlac(await readFile(join(dir, name)));
const storedKey = STORED.objects.at(-1)?.[0] ?? '';
const storedPath = () => join(local(), 's3/callspool-recordings', storedKey);

describe('fetch', () => {
  test('gives the FLAC that is stored, byte for byte', async () => {
    await left(STORED);
    expect(await cli('calls', 'fetch', ID, '-o', 'x.flac')).toMatchObject({ code: 0, out: '' });
    expect((await readFile(join(dir, 'x.flac'))).equals(STORED.flac)).toBe(true);
  });

  test.each([
    ['by the file’s name', ['-o', 'x.FLAC'], 'x.FLAC'],
    ['by its format', ['--format', 'flac', '-o', 'x.audio'], 'x.audio'],
    ['by its format, into a folder', ['--format', 'flac', '-o', 'new/'], `new/${ID}.flac`],
  ])('makes one of the WAV where none is stored: %s', async (_, args, name) => {
    await left(PLAIN);
    expect(await cli('calls', 'fetch', ID, ...args)).toMatchObject({ code: 0 });
    expect((await decoded(name)).samples.equals(SAMPLES)).toBe(true);
  });

  test('makes one of a part, and of one side', async () => {
    await left(STORED);
    await cli('calls', 'fetch', ID, '-o', 'part.flac', '--from', '0.5', '--to', '2');
    expect((await decoded('part.flac')).samples.equals(SAMPLES.subarray(16_000, 64_000))).toBe(true);
    await cli('calls', 'fetch', ID, '-o', 'agent.flac', '--mono', 'agent');
    await cli('calls', 'fetch', ID, '-o', 'agent.wav', '--mono', 'agent');
    const { channels, samples } = await decoded('agent.flac');
    expect(channels).toBe(1);
    expect(samples.equals((await readFile(join(dir, 'agent.wav'))).subarray(44))).toBe(true);
  });

  test('makes one of the WAV where the stored one is gone, and says so', async () => {
    await left(STORED);
    await rm(storedPath());
    const { code, err } = await cli('calls', 'fetch', ID, '-o', 'x.flac');
    expect(code).toBe(0);
    expect(err).toContain('making it of the WAV');
    expect((await readFile(join(dir, 'x.flac'))).equals(STORED.flac)).toBe(true);
  });

  test.each([
    ['other bytes', (flac: Buffer) => Buffer.from(flac).fill(0xaa, 1_000, 1_010)],
    ['fewer', (flac: Buffer) => flac.subarray(0, -1)],
  ])('refuses one that is not what the record promises: %s', async (_, damage) => {
    await left(STORED);
    await writeFile(storedPath(), damage(STORED.flac));
    const { code, err } = await cli('calls', 'fetch', ID, '-o', 'x.flac');
    expect(code).toBe(1);
    expect(err).toContain('not what the record promises');
    expect(await readdir(dir)).toEqual(['local-out']);
  });

  test('into a program, with all that a header tells', async () => {
    await left(PLAIN);
    const stdout = new PassThrough();
    const chunks: Buffer[] = [];
    stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    const { code } = await callspool(['calls', 'fetch', ID, '--format', 'flac', '-o', '-'], {
      cwd: dir,
      stdout,
    });
    expect(code).toBe(0);
    expect(Buffer.concat(chunks).equals(STORED.flac)).toBe(true);
  });

  test('of a call that goes on: what is durable so far', async () => {
    const record: CallRecord = { ...PLAIN.record, status: 'RECORDING' };
    Reflect.deleteProperty(record, 'audio');
    await left({ ...PLAIN, record, objects: [] });
    expect(await cli('calls', 'fetch', ID, '-o', 'x.flac')).toMatchObject({ code: 4 });
    expect((await decoded('x.flac')).samples.equals(SAMPLES)).toBe(true);
  });

  test('nothing that its name doesn’t say', async () => {
    await left(STORED);
    const { code, err } = await cli('calls', 'fetch', ID, '--format', 'wav', '-o', 'x.flac');
    expect(code).toBe(2);
    expect(err).toContain('--format wav can’t be a .flac');
  });
});

describe('export', () => {
  const out = () => join(dir, 'out');
  const file = () => join(out(), `${recordingId(CALL)}.flac`);

  test('brings what is stored beside the WAV, and goes on where it stopped', async () => {
    await left(STORED);
    const size = ((STORED.wav.length + STORED.flac.length) / 1_024).toFixed(1);
    expect((await cli('calls', 'export', ID, '--out', out())).out).toBe(`1 fetched (${size} KiB)\n`);
    expect((await readFile(file())).equals(STORED.flac)).toBe(true);
    expect((await cli('calls', 'export', ID, '--out', out())).out).toBe('1 there already (0 B)\n');

    const damaged = Buffer.from(STORED.flac);
    damaged[500] = (damaged[500] ?? 0) ^ 1;
    await writeFile(file(), damaged);
    expect((await cli('calls', 'export', ID, '--out', out())).out).toContain('1 fetched');
    expect((await readFile(file())).equals(STORED.flac)).toBe(true);
  });

  test('says what is gone, and brings the rest', async () => {
    await left(STORED);
    await rm(storedPath());
    const { code, err } = await cli('calls', 'export', ID, '--out', out());
    expect(code).toBe(4);
    expect(err).toContain('not to be had any more');
    expect(existsSync(file())).toBe(false);
    expect(existsSync(join(out(), `${recordingId(CALL)}.wav`))).toBe(true);
  });
});

describe('show', () => {
  test('tells where it is, and a command that checks it', async () => {
    await left(STORED);
    const { out } = await cli('calls', 'show', ID);
    expect(out).toMatch(new RegExp(`as FLAC +s3://\\S+/${storedKey}\n`));
    const [, command = '', sha256] = /(tail -c \+\S+ \S+\.flac \| sha256sum): ([0-9a-f]{64})/.exec(out) ?? [];
    await cli('calls', 'fetch', ID, '--format', 'flac', '--out', dir);
    const { stdout } = spawnSync('sh', ['-c', command], { cwd: dir, encoding: 'utf8' });
    expect(stdout.split(' ')[0]).toBe(sha256);
  });

  test('tells why there is none', async () => {
    const record: CallRecord = {
      ...PLAIN.record,
      files: [{ format: 'flac', why: 'it could not be written' }],
    };
    await left({ ...PLAIN, record });
    expect((await cli('calls', 'show', ID)).out).toMatch(/no FLAC +it could not be written/);
  });

  test('a format that this version doesn’t know', async () => {
    const [file] = STORED.record.files ?? [];
    if (file === undefined) throw new Error('no file');
    await left({ ...STORED, record: { ...STORED.record, files: [{ ...file, format: 'opus' }] } });
    expect((await cli('calls', 'show', ID)).out).toContain('as opus');
  });
});

test('a report tells of it', async () => {
  await left(STORED);
  await cli('report', ID, '--out', 'call.html');
  expect(await readFile(join(dir, 'call.html'), 'utf8')).toContain('As FLAC');
});

test('erase erases it', async () => {
  await left(STORED);
  const { out } = await cli('calls', 'erase', ID, '--dry-run');
  expect(out).toContain(`${String(STORED.objects.length + STORED.segments.length)} objects`);
  expect(await cli('calls', 'erase', ID, '--yes')).toMatchObject({ code: 0 });
  expect(existsSync(storedPath())).toBe(false);
});
