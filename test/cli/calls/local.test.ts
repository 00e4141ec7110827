/** The commands on a local run's folder, as a user types them. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readWav } from '../../../local/run/wav-input.ts';
import { TableRecordErasure } from '../../../ports/calls/record-erasure.ts';
import { FolderObjects } from '../../../ports/objects/folder-objects.ts';
import type { CallRecord } from '../../../recording/call-record.ts';
import { recordingId } from '../../../recording/identity.ts';
import { listenerKey, livePieceKey } from '../../../recording/tape/live-keys.ts';
import { callspool, type Ran } from '../../support/cli.ts';
import { writeLocalDir } from '../../support/local-dir.ts';
import { difference, noise, produced, silenced, STARTED_AT_MS } from '../../support/local-run.ts';
import { recordedCall } from '../../support/recorded-call.ts';

const CUSTOMER = noise(4_000, 1);
const AGENT = silenced(noise(4_000, 2), 1_000, 3_000);
const CALL = produced([CUSTOMER, AGENT], { gaps: [{ channel: 1, startMs: 1_000, lengthMs: 2_000 }] });
const LATER = produced([AGENT, CUSTOMER], {
  startedAtMs: STARTED_AT_MS + 3_600_000,
  contactId: 'later-call',
});
/** A second recording of the first contact. */
const AGAIN = produced([AGENT, AGENT], { startedAtMs: STARTED_AT_MS + 7_200_000 });
const NO_AUDIO = { status: 'FAILED', why: 'the cat sat on the key, "again"' } as const;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-cli-'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(dir, { recursive: true });
});

const local = () => join(dir, 'local-out');
const cli = (...args: string[]): Promise<Ran> => callspool(args, { cwd: dir });

function without(record: CallRecord, names: readonly ('audio' | 'media')[]): CallRecord {
  const kept = { ...record };
  for (const name of names) Reflect.deleteProperty(kept, name);
  return kept;
}
const DAY = ['--day', '2026-03-14'];

async function twoCalls(): Promise<void> {
  const later = without(recordedCall(LATER, NO_AUDIO).record, ['audio', 'media']);
  await writeLocalDir(local(), [
    [CALL, recordedCall(CALL)],
    [LATER, { ...recordedCall(LATER), record: later, objects: [] }],
  ]);
}

describe('list', () => {
  beforeEach(twoCalls);

  test('shows the latest first, as a table; it says what it looks at', async () => {
    const { code, out, err } = await cli('calls', 'list', ...DAY);
    expect(code).toBe(0);
    const lines = out.trim().split('\n');
    expect(lines[0]).toMatch(/^STARTED \(UTC\) +LENGTH +STATUS +CONTACT +CUSTOMER +WHY$/);
    expect(lines[1]).toContain('2026-03-14 10:26:53');
    expect(lines[1]).toContain('FAILED');
    expect(lines[1]).toContain('the cat sat');
    expect(lines[2]).toMatch(/^2026-03-14 09:26:53 +0:04 +COMPLETE +5b8d4f0a\S+ +\+12025550143$/);
    expect(lines).toHaveLength(3);
    expect(err).toContain('the local run in');
    expect(out).not.toContain('\u001b');
  });

  test.each([
    [['--status', 'failed'], [recordingId(LATER)]],
    [
      ['--status', 'COMPLETE', '--status', 'FAILED'],
      [recordingId(LATER), recordingId(CALL)],
    ],
    [
      ['--customer', '+12025550143'],
      [recordingId(LATER), recordingId(CALL)],
    ],
    [['--customer', '+1 (202) 555-0143', '--status', 'COMPLETE'], [recordingId(CALL)]],
    [['--customer', '+1'], []],
    [['--from', '2026-03-14', '--to', '2026-03-14T10:00'], [recordingId(CALL)]],
    [['--day', '2026-03-14', '--limit', '1'], [recordingId(LATER)]],
    [['--day', '2026-03-15'], []],
  ])('%j', async (options, expected) => {
    const span = options.some((option) => ['--status', '--day', '--from', '--customer'].includes(option));
    const wide = options[0] === '--status' && span ? ['--from', '2026-01-01'] : [];
    const { code, out } = await cli('calls', 'list', '--json', ...options, ...wide);
    expect(code).toBe(0);
    expect((JSON.parse(out) as CallRecord[]).map((call) => call.recordingId)).toEqual(expected);
  });

  test('for spreadsheets', async () => {
    const { out } = await cli('calls', 'list', '--csv', ...DAY);
    const [head, failed, complete] = out.split('\r\n');
    expect(head).toBe(
      'contactId,startFragmentNumber,recordingId,startedAt,durationMs,status,customerNumber,endReason,why',
    );
    expect(failed).toContain('FAILED,+12025550143,DISCONNECTED,"the cat sat on the key, ""again"""');
    expect(complete).toMatch(/,2026-03-14T09:26:53\.\d{3}Z,4000,COMPLETE,/);
  });

  test('for spreadsheets, which run nothing of it', async () => {
    const facts = { why: '=HYPERLINK("http://x")', customerNumber: '@SUM(1)' } as const;
    await writeLocalDir(local(), [[CALL, recordedCall(CALL, facts)]]);
    const { out } = await cli('calls', 'list', '--csv', ...DAY);
    expect(out).toContain(`,COMPLETE,'@SUM(1),DISCONNECTED,"'=HYPERLINK(""http://x"")"`);
  });

  test('leaves out a record that can’t be read, says which, and shows the others', async () => {
    const file = join(local(), 'tables/callspool-calls.json');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('"COMPLETE"', '"DONE"'));
    const { code, out, err } = await cli('calls', 'list', ...DAY);
    expect(code).toBe(1);
    expect(out).toContain('later-call');
    expect(out).not.toContain(CALL.contactId);
    expect(err).toMatch(new RegExp(`left out: .*${CALL.contactId}.*status should be`));
  });

  test('is as wide as the terminal; elsewhere all of it is there', async () => {
    const shown: string[] = [];
    const write = (chunk: string | Uint8Array) => shown.push(chunk.toString()) > 0;
    const stdout = { isTTY: true, columns: 80, write, once: () => undefined };
    await callspool(['calls', 'list', ...DAY], { cwd: dir, stdout, env: { NO_COLOR: '1' } });
    const lines = shown.join('').trim().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect((await cli('calls', 'list', ...DAY)).out).toContain('the cat sat on the key');
  });

  test('says so when there are none', async () => {
    const { code, out, err } = await cli('calls', 'list');
    expect(code).toBe(0);
    expect(out).toBe('');
    expect(err).toContain('no such calls in the local run');
  });
});

describe('show', () => {
  const NO_GAPS = { AUDIO_FROM_CUSTOMER: 0, AUDIO_TO_CUSTOMER: 0 };

  test('tells everything, and nothing that moves a cursor', async () => {
    const why = 'strange\u001b[2J';
    const losses = [{ kind: 'START_MISSING', why: 'gone', startMs: 0, lengthMs: 1_000 }] as const;
    await writeLocalDir(local(), [
      [CALL, recordedCall(CALL, { status: 'INCOMPLETE', why, losses, attributes: { x: '\u001b[1m' } })],
    ]);
    const { code, out } = await cli('calls', 'show', CALL.contactId);
    expect(code).toBe(0);
    for (const text of [
      'INCOMPLETE',
      'strange',
      'START_MISSING',
      'gone at 0:00 for 1.0 s',
      'agent 2.0 s',
      '0:01',
      'tape/',
    ])
      expect(out).toContain(text);
    expect(out).not.toContain('\u001b');
  });

  test('no word on silence, where audio came all the time: people may have said nothing', async () => {
    const { media, ...record } = recordedCall(CALL).record;
    const whole = media && { ...media, gapCount: 0, gapMs: NO_GAPS, gaps: [] };
    await writeLocalDir(local(), [
      [CALL, { ...recordedCall(CALL), record: { ...record, ...(whole && { media: whole }) } }],
    ]);
    const { out } = await cli('calls', 'show', CALL.contactId);
    expect(out).toMatch(/^ {2}gaps +none: audio came all the time$/m);
    expect(out).not.toMatch(/silen/i);
  });

  test('for programs, with the checkpoint', async () => {
    await twoCalls();
    const { out } = await cli('calls', 'show', recordingId(CALL), '--json');
    expect(JSON.parse(out)).toMatchObject([
      { ...recordedCall(CALL).record, checkpoint: { attempt: 1, ended: { reason: 'DISCONNECTED' } } },
    ]);
  });

  test('tells several recordings of a contact apart', async () => {
    await writeLocalDir(local(), [
      [CALL, recordedCall(CALL)],
      [AGAIN, recordedCall(AGAIN)],
    ]);
    const { out } = await cli('calls', 'show', CALL.contactId);
    expect(out).toContain('Recording 1 of 2');
    expect(out.indexOf(recordingId(CALL))).toBeLessThan(out.indexOf(recordingId(AGAIN)));
    const fetched = await cli('calls', 'fetch', CALL.contactId);
    expect(fetched).toMatchObject({ code: 2, out: '' });
    expect(fetched.err).toContain(recordingId(AGAIN));
  });

  test('tells a result that is of before a resumption', async () => {
    const { checkpoint, ...recorded } = recordedCall(CALL, { status: 'INCOMPLETE' });
    const show = async (owner: string) => {
      await writeLocalDir(local(), [[CALL, { ...recorded, checkpoint: { ...checkpoint, owner } }]]);
      return (await cli('calls', 'show', CALL.contactId)).out;
    };
    expect(await show(recorded.record.executionArn)).not.toContain('resumed since');
    expect(await show(`${recorded.record.executionArn}-r1`)).toMatch(
      /status +INCOMPLETE, as it was: it has been resumed since/,
    );
  });

  test('says so when there is no such call, when its id is cut short, and when that can’t be one', async () => {
    await twoCalls();
    expect(await cli('calls', 'show', 'nobody')).toMatchObject({ code: 3 });
    expect((await cli('calls', 'show', '5b8d4f0a')).err).toContain('give the whole id');
    expect(await cli('calls', 'show', '../x')).toMatchObject({ code: 2 });
  });
});

describe('fetch', () => {
  beforeEach(twoCalls);
  const wav = async (file: string) => readWav(await readFile(file));

  test('gives the recording, byte for byte', async () => {
    const file = join(dir, 'x.wav');
    expect(await cli('calls', 'fetch', CALL.contactId, '--out', file)).toMatchObject({ code: 0, out: '' });
    expect((await readFile(file)).equals(recordedCall(CALL).wav)).toBe(true);
    expect((await readdir(dir)).sort()).toEqual(['local-out', 'x.wav']);
  });

  test('into a folder', async () => {
    await cli('calls', 'fetch', CALL.contactId, '-o', dir);
    expect((await readFile(join(dir, `${CALL.contactId}.wav`))).equals(recordedCall(CALL).wav)).toBe(true);
  });

  test.each([
    ['customer', CUSTOMER],
    ['agent', AGENT],
    ['mix', CUSTOMER.map((sample, frame) => Math.floor((sample + (AGENT[frame] ?? 0)) / 2))],
  ] as const)('one channel: %s', async (mono, expected) => {
    const file = join(dir, 'mono.wav');
    await cli('calls', 'fetch', CALL.contactId, '--out', file, '--mono', mono);
    const { channels } = await wav(file);
    expect(channels).toHaveLength(1);
    expect(difference(channels, [expected])).toBeUndefined();
  });

  test('a part', async () => {
    const file = join(dir, 'part.wav');
    await cli('calls', 'fetch', CALL.contactId, '--out', file, '--from', '0.5', '--to', '0:02.25');
    const part = (samples: Int16Array) => samples.slice(4_000, 18_000);
    expect(difference((await wav(file)).channels, [part(CUSTOMER), part(AGENT)])).toBeUndefined();
    const elsewhere = join(dir, 'beyond.wav');
    const beyond = await cli('calls', 'fetch', CALL.contactId, '--out', elsewhere, '--from', '1:00');
    expect(beyond).toMatchObject({ code: 3 });
    expect(await cli('calls', 'fetch', CALL.contactId, '--from', '2', '--to', '1')).toMatchObject({
      code: 2,
    });
    expect(await cli('calls', 'fetch', CALL.contactId, '--from', 'soon')).toMatchObject({ code: 2 });
  });

  test('into a folder that is made for it; where none can be, a word on what to do', async () => {
    const folder = join(dir, 'new/folder/');
    expect(await cli('calls', 'fetch', CALL.contactId, '--out', folder)).toMatchObject({ code: 0 });
    expect(await readdir(folder)).toEqual([`${CALL.contactId}.wav`]);
    const { code, err } = await cli('calls', 'fetch', CALL.contactId, '--out', join(dir, 'none/x.wav'));
    expect(code).toBe(1);
    expect(err).toContain(`${join(dir, 'none/x.wav')}: there is no such file or folder`);
    expect(err).toContain('make the folder first');
    expect(
      (await cli('calls', 'export', CALL.contactId, '--out', folder + CALL.contactId + '.wav')).err,
    ).toContain('there is a file of that name');
  });

  test('interrupted: nothing is left of it', async () => {
    const interrupted = { cwd: dir, signal: AbortSignal.abort() };
    const { err } = await callspool(['calls', 'fetch', CALL.contactId], interrupted);
    expect(err).toContain('interrupted');
    const { out } = await callspool(['calls', 'export', CALL.contactId, '--out', dir], interrupted);
    expect(out).toBe('1 left (0 B)\n');
    expect(await readdir(dir)).toEqual(['local-out']);
  });

  test('to standard output, whole, while its reader is slow', async () => {
    const slow = new PassThrough({ highWaterMark: 1_000 });
    const read: Buffer[] = [];
    slow.on('data', (chunk: Buffer) => read.push(chunk));
    await callspool(['calls', 'fetch', CALL.contactId, '--out', '-'], { cwd: dir, stdout: slow });
    slow.end();
    await new Promise((resolve) => slow.once('end', resolve));
    expect(Buffer.concat(read).equals(recordedCall(CALL).wav)).toBe(true);
  });

  test('a recording that isn’t there any more is assembled from the tape', async () => {
    await rm(join(local(), 's3/callspool-recordings/recordings'), { recursive: true });
    const file = join(dir, 'x.wav');
    const { code, err } = await cli('calls', 'fetch', CALL.contactId, '--out', file);
    expect(code).toBe(0);
    expect(err).toContain('assembling it from the tape');
    expect((await readFile(file)).equals(recordedCall(CALL).wav)).toBe(true);
  });

  test('a call that goes on: what is durable so far', async () => {
    const { segments, record, checkpoint } = recordedCall(CALL, { status: 'RECORDING' });
    const running = without(record, ['audio']);
    await rm(local(), { recursive: true });
    await writeLocalDir(local(), [
      [CALL, { record: running, checkpoint, wav: Buffer.of(), objects: [], segments: segments.slice(0, 1) }],
    ]);
    const file = join(dir, 'sofar.wav');
    const { code, err } = await cli('calls', 'fetch', CALL.contactId, '--out', file);
    expect(code).toBe(4);
    expect(err).toContain('RECORDING: what was durable just now, 0:02 with 0 gaps and 0 losses');
    const { channels } = await wav(file);
    const frames = channels[0]?.length ?? 0;
    expect(frames).toBeGreaterThan(15_000);
    const asFar = [CUSTOMER, AGENT].map((side) => side.slice(0, frames));
    expect(difference(channels, asFar)).toBeUndefined();
  });

  test('nothing where there is nothing, and no file is left', async () => {
    await rm(join(local(), 's3'), { recursive: true });
    const { code, err } = await cli('calls', 'fetch', 'later-call', '--out', join(dir, 'x.wav'));
    expect(code).toBe(3);
    expect(err).toContain('the cat sat on the key');
    expect(await readdir(dir)).toEqual(['local-out']);
  });

  test('a recording that was replaced behind our back is no recording', async () => {
    const [[key, bytes] = expect.fail()] = recordedCall(CALL).objects;
    const other = Buffer.from(bytes);
    other.writeInt16LE(1, 1_000);
    await writeFile(join(local(), 's3/callspool-recordings', key), other);
    const file = join(dir, 'x.wav');
    const { code, err } = await cli('calls', 'fetch', CALL.contactId, '--out', file);
    expect(code).toBe(1);
    expect(err).toContain('SHA-256');
    expect(existsSync(file)).toBe(false);

    await writeFile(join(local(), 's3/callspool-recordings', key), bytes.subarray(0, 10_001));
    expect((await cli('calls', 'fetch', CALL.contactId, '--out', file)).err).toContain(
      'shorter than its record says',
    );
  });

  test('plays it with what the machine has', async () => {
    const bin = join(dir, 'bin');
    const played = join(dir, 'played.wav');
    await mkdir(bin);
    await writeFile(join(bin, 'aplay'), `#!/bin/sh\n/bin/cp "$2" '${played}'\n`);
    await chmod(join(bin, 'aplay'), 0o755);
    // A player that takes as long as the call is.
    let nowMs = STARTED_AT_MS;
    const clock = { now: () => (nowMs += 4_000), sleep: () => Promise.resolve() };
    const play = (PATH: string) =>
      callspool(['calls', 'fetch', CALL.contactId, '--play'], { cwd: dir, env: { PATH }, clock });

    const heard = await play(`/nowhere:${bin}`);
    expect(heard.code).toBe(0);
    expect(heard.err).toContain('playing 4.0 s with aplay; Ctrl-C stops it');
    expect((await readFile(played)).equals(recordedCall(CALL).wav)).toBe(true);
    expect((await readdir(dir)).sort()).toEqual(['bin', 'local-out', 'played.wav']);

    const none = await play('/nowhere');
    expect(none.code).toBe(1);
    expect(none.err).toContain('install one of');
  });
});

describe('fetch --play where nothing is to be heard', () => {
  beforeEach(twoCalls);
  const playing = async (script: string) => {
    const bin = join(dir, 'bin');
    await mkdir(bin);
    await writeFile(join(bin, 'ffplay'), `#!/bin/sh\n${script}\n`);
    await chmod(join(bin, 'ffplay'), 0o755);
    const clock = { now: () => STARTED_AT_MS, sleep: () => Promise.resolve() };
    return callspool(['calls', 'fetch', CALL.contactId, '--play'], { cwd: dir, env: { PATH: bin }, clock });
  };

  test.each([
    ['exit 0', 'ffplay ended after 0.0 s of 4.0 s, and said nothing'],
    ['echo "no   audio device" >&2', 'ffplay ended after 0.0 s of 4.0 s, and said: no audio device'],
    ['echo "no device" >&2; exit 1', 'ffplay could not play the call: no device'],
    ['seq -f "line%04g" 999 >&2; exit 1', 'ffplay could not play the call: … line0945 line0946'],
  ])('says so: %s', async (script, message) => {
    const { code, err } = await playing(script);
    expect(code).toBe(1);
    expect(err).toContain(message);
    expect(err).toContain('is there a sound device');
  });
});

describe('fetch spoils nothing', () => {
  beforeEach(twoCalls);
  const fetched = (...args: string[]) => cli('calls', 'fetch', CALL.contactId, ...args);

  test('no file that is there, unless it is told to', async () => {
    const file = join(dir, `${CALL.contactId}.wav`);
    await writeFile(file, 'mine');
    for (const out of [dir, file]) {
      const { code, err } = await fetched('--out', out);
      expect(code).toBe(2);
      expect(err).toContain(`${CALL.contactId}.wav is there already`);
      expect(err).toContain('--force');
    }
    expect(await readFile(file, 'utf8')).toBe('mine');
    expect(await fetched('--out', file, '--force')).toMatchObject({ code: 0 });
    expect((await readFile(file)).equals(recordedCall(CALL).wav)).toBe(true);
  });

  test.each(['call.mp3', 'call.OGG', 'call.opus', 'call.m4a'])(
    'it writes no WAV that is called %s',
    async (name) => {
      const { code, err } = await fetched('--out', join(dir, name));
      expect(code).toBe(2);
      expect(err).toContain('WAV and FLAC are all that it writes');
      expect(await readdir(dir)).toEqual(['local-out']);
    },
  );

  test('no terminal', async () => {
    const written: unknown[] = [];
    const write = (chunk: string | Uint8Array) => written.push(chunk) > 0;
    const stdout = { isTTY: true, write, once: () => undefined };
    const { code, err } = await callspool(['calls', 'fetch', CALL.contactId, '-o', '-'], {
      cwd: dir,
      stdout,
    });
    expect({ code, written }).toEqual({ code: 2, written: [] });
    expect(err).toContain('audio is nothing for a terminal');
  });

  test('a tape that lacks something doesn’t pass for a COMPLETE recording', async () => {
    const objects = join(local(), 's3/callspool-recordings');
    await rm(join(objects, 'recordings'), { recursive: true });
    const [, second] = (await readdir(objects, { recursive: true }))
      .filter((name) => name.endsWith('.mkv'))
      .sort();
    const file = join(objects, second ?? expect.fail());
    await writeFile(file, (await readFile(file)).subarray(0, 2_000));
    const { code, err } = await fetched('--out', dir);
    expect(code).toBe(4);
    expect(err).toMatch(/COMPLETE: what is on the tape now, .* [1-9]\d* loss/);
  });
});

describe('show says what to do', () => {
  const shown = async (id = CALL.contactId) => (await cli('calls', 'show', id)).out;

  test.each([CALL.contactId, recordingId(CALL)])(
    'how to check the samples: the command gives the hash, of %s',
    async (id) => {
      await twoCalls();
      const [, command = expect.fail()] = /to check it +(.+)/.exec(await shown(id)) ?? [];
      await cli('calls', 'fetch', id, '--out', dir);
      const { stdout } = spawnSync('sh', ['-c', command], { cwd: dir, encoding: 'utf8' });
      expect(stdout.split(' ')[0]).toBe(recordedCall(CALL).record.audio?.sha256);
    },
  );

  test('of a call that failed, where its tape holds audio', async () => {
    const { segments, record, checkpoint } = recordedCall(CALL, { status: 'FAILED', why: 'no memory' });
    const failed = {
      record: without(record, ['audio']),
      checkpoint,
      wav: Buffer.of(),
      objects: [],
      segments,
    };
    await writeLocalDir(local(), [[CALL, failed]]);
    expect(await shown()).toMatch(
      new RegExp(`to do +callspool calls fetch ${recordingId(CALL)} makes a WAV of what is on the tape`),
    );
    // And so it does.
    expect((await cli('calls', 'fetch', recordingId(CALL), '--out', dir)).code).toBe(4);
    expect(existsSync(join(dir, `${recordingId(CALL)}.wav`))).toBe(true);
  });

  test('of a run that was cut off; follow advises the same, and nothing that is refused', async () => {
    await writeLocalDir(local(), [[CALL, recordedCall(CALL, { status: 'RECORDING' })]]);
    expect(await shown()).toMatch(/to do +nothing records or assembles it any more: .*npm run local/);
    const clock = { now: () => STARTED_AT_MS, sleep: () => Promise.resolve() };
    const { code, err } = await callspool(['calls', 'follow', CALL.contactId], { cwd: dir, clock });
    expect(code).toBe(4);
    expect(err).toContain('npm run local records the call anew');
    expect(err).not.toContain('resume');
  });

  test('nothing, of a call that is COMPLETE', async () => {
    await twoCalls();
    expect(await shown()).not.toContain('to do');
  });
});

test('a report is a page, replaces nothing by itself, and may be in another zone', async () => {
  await twoCalls();
  const report = (...args: string[]) => cli('report', CALL.contactId, ...args);
  const file = join(dir, 'call.html');
  expect(await report('-o', join(dir, 'call.wav'))).toMatchObject({ code: 2, out: '' });
  expect(await report('-o', '-')).toMatchObject({ code: 2, out: '' });
  expect(await report('-o', file)).toMatchObject({ code: 0 });
  const first = await readFile(file, 'utf8');
  expect(first).toContain('14 Mar 2026, 09:26:53 UTC');
  const again = await report('-o', file, '--time-zone', 'Asia/Tokyo');
  expect(again.code).toBe(2);
  expect(again.err).toContain('call.html is there already');
  expect(await readFile(file, 'utf8')).toBe(first);
  expect(await report('-o', file, '--force', '--time-zone', 'Asia/Tokyo')).toMatchObject({ code: 0 });
  expect(await readFile(file, 'utf8')).toContain('14 Mar 2026, 18:26:53 Asia/Tokyo');
  // Nor the WAV that a longer call has beside it.
  await writeFile(join(dir, 'long.wav'), 'mine');
  const beside = await report('-o', join(dir, 'long.html'), '--embed-max', '0');
  expect(beside.code).toBe(2);
  expect(beside.err).toContain('long.wav is there already');
  expect(await readFile(join(dir, 'long.wav'), 'utf8')).toBe('mine');
});

test('list and show take and show times in another zone', async () => {
  await twoCalls();
  const zone = ['--time-zone', 'Asia/Tokyo'];
  // 10:26 UTC is 19:26 there, and the day before is over.
  const listed = await cli(
    'calls',
    'list',
    '--from',
    '2026-03-14T19:00',
    '--to',
    '2026-03-14T20:00',
    ...zone,
  );
  expect(listed.out).toMatch(/^STARTED \(Asia\/Tokyo\)/);
  expect(listed.out).toContain('2026-03-14 19:26:53');
  expect(listed.out).not.toContain('18:26:53');
  expect((await cli('calls', 'show', 'later-call', ...zone)).out).toContain('2026-03-14 19:26:53 +09:00');
});

test('a line says that the local run is passed over, and for what', async () => {
  await twoCalls();
  const env = { AWS_REGION: 'us-east-1', AWS_PROFILE: 'nobody-of-that-name' };
  const { err } = await callspool(['calls', 'list'], { cwd: dir, env });
  expect(err).toContain(
    'since AWS_PROFILE is set; the local run in ./local-out is looked at with --local local-out',
  );
});

describe('export', () => {
  const out = () => join(dir, 'out');
  const exported = (...args: string[]) => cli('calls', 'export', '--out', out(), ...args);

  test('brings the calls, and goes on where it stopped', async () => {
    await writeLocalDir(local(), [
      [CALL, recordedCall(CALL)],
      [LATER, recordedCall(LATER)],
    ]);
    expect(await exported(...DAY)).toMatchObject({
      code: 0,
      out: expect.stringContaining('2 fetched') as string,
    });
    const file = join(out(), `${recordingId(CALL)}.wav`);
    const other = join(out(), `${recordingId(LATER)}.wav`);
    expect((await readFile(file)).equals(recordedCall(CALL).wav)).toBe(true);
    expect(JSON.parse(await readFile(join(out(), `${recordingId(CALL)}.json`), 'utf8'))).toEqual(
      recordedCall(CALL).record,
    );

    // One was damaged, as long as it was; the other is as it should be.
    const damaged = await readFile(file);
    damaged.writeInt16LE(7, 500);
    await writeFile(file, damaged);
    await utimes(other, 1, 1);
    const again = await exported(...DAY);
    expect(again.out).toContain('1 there already');
    expect(again.out).toContain('1 fetched');
    expect((await readFile(file)).equals(recordedCall(CALL).wav)).toBe(true);
    expect((await stat(other)).mtimeMs).toBe(1_000);
  });

  test('by name; what has no audio has its record', async () => {
    await twoCalls();
    const { code, out: said } = await exported(CALL.contactId, recordingId(LATER));
    expect(code).toBe(0);
    expect(said).toContain('1 without audio');
    expect((await readdir(out())).sort()).toEqual(
      [`${recordingId(CALL)}.json`, `${recordingId(CALL)}.wav`, `${recordingId(LATER)}.json`].sort(),
    );
  });

  test('says what is still under way, or gone', async () => {
    await writeLocalDir(local(), [
      [CALL, recordedCall(CALL, { status: 'ASSEMBLING' })],
      [LATER, { ...recordedCall(LATER), objects: [] }],
    ]);
    const { code, err } = await exported(...DAY);
    expect(code).toBe(4);
    expect(err).toContain(`${recordingId(CALL)}: still under way`);
    expect(err).toContain(`${recordingId(LATER)}: not to be had any more`);
    expect((await readdir(out())).filter((name) => !name.endsWith('.json'))).toEqual([]);
  });

  test('says how far it came when the disk is full', async () => {
    await writeLocalDir(local(), [
      [CALL, recordedCall(CALL)],
      [LATER, recordedCall(LATER)],
    ]);
    await exported(recordingId(LATER));
    const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' });
    vi.spyOn(FolderObjects.prototype, 'read').mockImplementation(() => {
      throw full;
    });
    const { code, out: said, err } = await exported(recordingId(LATER), recordingId(CALL));
    expect({ code, said }).toEqual({ code: 1, said: '1 there already, 1 left (0 B)\n' });
    expect(err).toContain('the disk is full');
    expect(err).toContain('an export goes on where it stopped');
  });

  test('wants to know which calls', async () => {
    await twoCalls();
    expect(await exported('--day', '2020-01-01')).toMatchObject({ code: 3 });
    expect(await exported(CALL.contactId, ...DAY)).toMatchObject({ code: 2 });
    expect(await cli('calls', 'export', ...DAY)).toMatchObject({ code: 2 });
  });
});

describe('records that nobody has checked', () => {
  const EVIL = '\u001b]52;c;ZXZpbA==\u0007\u001b[2J\u009b31m\u202egnp.evil';
  const OUT = 'a file of the test’s';
  const calls = () => join(local(), 'tables/callspool-calls.json');
  const change = async (edit: (record: Record<string, unknown>, index: number) => object) => {
    const items = JSON.parse(await readFile(calls(), 'utf8')) as Record<string, unknown>[];
    await writeFile(calls(), JSON.stringify(items.map(edit)));
  };

  test.each([
    ['list', ...DAY],
    ['list', '--json', ...DAY],
    ['list', '--csv', ...DAY],
    ['show', CALL.contactId],
    ['show', CALL.contactId, '--json'],
    ['show', CALL.contactId, '--gaps'],
    ['fetch', CALL.contactId, '--out', OUT],
    ['follow', CALL.contactId],
    ['follow', CALL.contactId, '--json'],
    ['erase', CALL.contactId, '--dry-run'],
  ])('order nothing of the terminal: %s %s %s', async (...args) => {
    await twoCalls();
    await change((record) => ({
      ...record,
      status: 'INCOMPLETE',
      why: EVIL,
      customerNumber: `+1${EVIL}`,
      attributes: { evil: EVIL },
      queue: { name: EVIL },
      losses: [{ kind: 'RECORDER_STOPPED', why: EVIL }],
    }));
    const typed = args.map((arg) => (arg === OUT ? join(dir, 'x.wav') : arg));
    const { out, err } = await callspool(['calls', ...typed], { cwd: dir, env: { FORCE_COLOR: '1' } });

    expect(out + err).not.toMatch(/(?![\n\r\t])\p{Cc}(?!\[\d+m)|[\u0080-\u009f]|\p{Bidi_Control}/u);
  });

  test('don’t keep the others from being exported', async () => {
    await twoCalls();
    await change((record, index) =>
      index === 0 ? { ...record, audio: { ...(record.audio as object), sha256: 'another' } } : record,
    );
    const items = JSON.parse(await readFile(calls(), 'utf8')) as Record<string, unknown>[];
    const damaged = { ...items[0], contactId: 'damaged', recordingId: 'damaged_1', durationMs: 'long' };
    const good = { ...recordedCall(AGAIN).record };
    await writeLocalDir(local(), [[AGAIN, recordedCall(AGAIN)]]);
    await writeFile(calls(), JSON.stringify([...items, damaged, good]));

    const { code, out, err } = await cli('calls', 'export', ...DAY, '--out', join(dir, 'all'));

    expect(code).toBe(1);
    expect(err).toContain(`${recordingId(CALL)}: failed: these are not the samples`);
    expect(err).toContain('left out: an item of the calls table (contact damaged,');
    expect(out).toContain('1 failed');
    expect(await readdir(join(dir, 'all'))).toContain(`${recordingId(AGAIN)}.wav`);
    expect((await stat(join(dir, 'all'))).mode & 0o777).toBe(0o700);
    expect((await stat(join(dir, 'all', `${recordingId(AGAIN)}.json`))).mode & 0o777).toBe(0o600);
  });
});

describe('erase', () => {
  beforeEach(async () => {
    await writeLocalDir(local(), [
      [CALL, recordedCall(CALL)],
      [LATER, recordedCall(LATER, { customerNumber: '+1999' })],
    ]);
  });
  const everything = async () =>
    (await readdir(local(), { recursive: true })).filter((name) => /\.(wav|json|mkv)$/.test(name)).sort();
  const tables = async () =>
    (await readFile(join(local(), 'tables/callspool-calls.json'), 'utf8')) +
    (await readFile(join(local(), 'tables/callspool-checkpoints.json'), 'utf8'));

  test('only says what would go, where that is asked for', async () => {
    const before = await everything();
    const { code, out } = await cli('calls', 'erase', CALL.contactId, '--dry-run');
    expect(code).toBe(0);
    expect(out).toContain(recordingId(CALL));
    expect(out).toContain('4 objects');
    expect(await everything()).toEqual(before);
  });

  test.each([
    ['of a contact', () => [CALL.contactId]],
    ['of a recording', () => [recordingId(CALL)]],
    ['of a caller', () => ['--customer', '+12025550143']],
  ])('everything %s, and nothing else', async (_, which) => {
    const { code } = await cli('calls', 'erase', ...which(), '--yes');
    expect(code).toBe(0);
    const left = await everything();
    expect(left.filter((name) => name.includes(CALL.contactId))).toEqual([]);
    expect(left.filter((name) => name.includes('later-call'))).toHaveLength(5);
    expect(await tables()).not.toContain(CALL.contactId);
    expect(await tables()).toContain(recordingId(LATER));

    expect((await cli('calls', 'erase', '--customer', '0202', '--yes')).err).toContain(
      'with + and country code',
    );
    const again = await cli('calls', 'erase', ...which(), '--yes');
    expect(again).toMatchObject({ code: 0, out: '' });
    expect(again.err).toContain('nothing is kept of that');
  });

  test('what listeners have kept, too', async () => {
    const kept = [livePieceKey(CALL, 0), listenerKey(CALL, 'pieces')];
    for (const key of kept) {
      const file = join(local(), 's3/callspool-recordings', key);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, 'heard');
    }
    expect((await cli('calls', 'erase', CALL.contactId, '--yes')).code).toBe(0);
    expect((await everything()).filter((name) => name.includes('live/'))).toEqual([]);
  });

  test('nothing without a word from a person', async () => {
    const before = await everything();
    expect(await cli('calls', 'erase', CALL.contactId)).toMatchObject({ code: 2 });
    const asked = async (answer: string) => {
      const stdin = Object.assign(new PassThrough(), { isTTY: true });
      stdin.end(answer);
      return callspool(['calls', 'erase', CALL.contactId], { cwd: dir, stdin });
    };
    expect((await asked('y\n')).err).toContain('nothing was erased');
    expect((await asked('')).err).toContain('nothing was erased');
    expect(await everything()).toEqual(before);
    expect((await asked('erase\n')).err).toContain(`${recordingId(CALL)}: erased`);
    expect(await everything()).not.toEqual(before);
  });

  test.each([
    ['the objects', () => vi.spyOn(FolderObjects.prototype, 'erase')],
    ['the record', () => vi.spyOn(TableRecordErasure.prototype, 'eraseCall')],
  ])('what broke off at %s is found, and done, when it is run again', async (_, spy) => {
    const broken = spy().mockRejectedValueOnce(new Error('no more'));
    expect(await cli('calls', 'erase', '--customer', '+12025550143', '--yes')).toMatchObject({ code: 1 });
    expect(broken).toHaveBeenCalledOnce();
    expect((await cli('calls', 'erase', '--customer', '+12025550143', '--yes')).err).toContain(': erased');
    expect((await everything()).filter((name) => name.includes(CALL.contactId))).toEqual([]);
    expect(await tables()).not.toContain(CALL.contactId);
  });

  test('not everybody’s by mistake', async () => {
    expect(await cli('calls', 'erase', '--yes')).toMatchObject({ code: 2 });
    expect(await cli('calls', 'erase', CALL.contactId, '--customer', '+1999', '--yes')).toMatchObject({
      code: 2,
    });
    expect(await cli('calls', 'erase', '--customer', '', '--yes')).toMatchObject({ code: 2 });
    expect(await everything()).toHaveLength(12);
  });
});

test('follow ends at once where the call is over', async () => {
  await twoCalls();
  const complete = await cli('calls', 'follow', CALL.contactId);
  expect(complete.code).toBe(0);
  expect(complete.out).toContain('COMPLETE  0:04 on the tape');
  expect(complete.out).toContain('gap at 0:01: nothing came of the agent for 2.0 s');
  expect(await cli('calls', 'follow', 'later-call')).toMatchObject({ code: 4 });
});

test('on a terminal, a call is followed in one line that changes, in colours', async () => {
  await twoCalls();
  let said = '';
  const stdout = {
    isTTY: true,
    write: (chunk: string | Uint8Array) => {
      said += chunk.toString();
      return true;
    },
    once: () => undefined,
  };
  await callspool(['calls', 'follow', CALL.contactId], { cwd: dir, stdout });
  expect(said).toContain('\r\u001b[2K');
  expect(said).toContain('\u001b[32mCOMPLETE\u001b[39m');
  said = '';
  await callspool(['calls', 'list', ...DAY], { cwd: dir, stdout, env: { NO_COLOR: '1' } });
  expect(said).toContain('COMPLETE');
  expect(said).not.toContain('\u001b');
});

test('a terminal that doesn’t know how wide it is has one row', async () => {
  await writeLocalDir(local(), [[CALL, recordedCall(CALL, { status: 'RECORDING' })]]);
  const shown: string[] = [];
  const write = (chunk: string | Uint8Array) => shown.push(chunk.toString()) > 0;
  const clock = {
    now: () => STARTED_AT_MS,
    sleep: () => writeLocalDir(local(), [[CALL, recordedCall(CALL)]]),
  };
  const stdout = { isTTY: true, columns: 0, write, once: () => undefined };
  const { code } = await callspool(['calls', 'follow', CALL.contactId], { cwd: dir, stdout, clock });

  expect(code).toBe(0);
  expect(shown.filter((chunk) => chunk.includes('\u001b[2K'))).toEqual(['\r\u001b[2K', '\r\u001b[2K']);
});

test('on a narrow terminal, all rows of the line that changes are written anew', async () => {
  const recorded = recordedCall(CALL, { status: 'RECORDING' });
  await writeLocalDir(local(), [[CALL, recorded]]);
  const shown: string[] = [];
  const write = (chunk: string | Uint8Array) => shown.push(chunk.toString()) > 0;
  const stdout = { isTTY: true, columns: 30, write, once: () => undefined };
  const clock = {
    now: () => STARTED_AT_MS,
    sleep: () => writeLocalDir(local(), [[CALL, recordedCall(CALL)]]),
  };
  await callspool(['calls', 'follow', CALL.contactId], { cwd: dir, stdout, clock, env: { NO_COLOR: '1' } });

  const [line = '', cleared = ''] = shown.slice(shown.findIndex((chunk) => chunk.startsWith('RECORDING')));
  expect(line.length).toBeGreaterThan(60);
  expect(cleared).toBe(`\r\u001b[2K${'\u001b[1A\u001b[2K'.repeat(Math.ceil(line.length / 30) - 1)}`);
  expect(shown.at(-2)).toContain('COMPLETE');
});

test('a local run can’t be resumed', async () => {
  await twoCalls();
  const { code, err } = await cli('calls', 'resume', 'later-call', '--yes');
  expect(code).toBe(2);
  expect(err).toContain('a local run can’t be resumed');
});

test('a folder that no local run has left', async () => {
  const nothing = join(dir, 'nothing');
  const { code, err } = await cli('calls', 'list', '--local', nothing);
  expect(code).toBe(2);
  expect(err).toContain('is not the folder of a local run');
  expect(err).toContain(`npm run local -- --out ${nothing} makes one`);
});
