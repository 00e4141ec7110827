/** `callspool listen` on calls, as a user types it: what is over, and what goes on. */
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Output } from '../../../cli/terminal/io.ts';
import { readWav } from '../../../local/run/wav-input.ts';
import { FolderTape } from '../../../ports/tape/folder-tape.ts';
import type { Checkpoint } from '../../../recording/checkpoint.ts';
import { callspool, type Ran } from '../../support/cli.ts';
import { MessageReader } from '../../support/live-messages.ts';
import { BUCKET_DIR, writeLocalDir } from '../../support/local-dir.ts';
import { noise, produced, silenced } from '../../support/local-run.ts';
import { checkpointItem, recordedCall } from '../../support/recorded-call.ts';

const CUSTOMER = noise(4_000, 1);
const AGENT = silenced(noise(4_000, 2), 1_000, 3_000);
const CALL = produced([CUSTOMER, AGENT], { gaps: [{ channel: 1, startMs: 1_000, lengthMs: 2_000 }] });
const RECORDED = recordedCall(CALL);
const SAMPLES = RECORDED.wav.subarray(44);
const SECOND = 32_000;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-listen-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});

const local = () => join(dir, 'local-out');
const finished = () => writeLocalDir(local(), [[CALL, RECORDED]]);

/** Bytes that are written to it. @param onBytes called with all so far */
function pipe(onBytes: (bytes: Buffer) => void = () => undefined): Output & { bytes: Buffer } {
  const self = {
    bytes: Buffer.alloc(0),
    write: (chunk: string | Uint8Array) => {
      self.bytes = Buffer.concat([self.bytes, Buffer.from(chunk)]);
      onBytes(self.bytes);
      return true;
    },
    once: () => undefined,
  };
  return self;
}

/** A clock that sleeps for no time, and tells it. */
function fastClock() {
  let nowMs = CALL.startedAtMs + 60_000;
  return {
    now: () => nowMs,
    sleep: (ms: number) => {
      nowMs += ms;
      return Promise.resolve();
    },
  };
}

const listen = (...args: string[]): Promise<Ran> =>
  callspool(['listen', CALL.contactId, ...args], { cwd: dir });

describe('a call that is over', () => {
  beforeEach(finished);

  test('--raw: its samples', async () => {
    const stdout = pipe();
    const { code, err } = await callspool(['listen', CALL.contactId, '--raw'], { cwd: dir, stdout });
    expect(code).toBe(0);
    expect(stdout.bytes.equals(SAMPLES)).toBe(true);
    expect(err).toContain('8000 Hz, 2 interleaved');
  });

  test('--from: from a place on', async () => {
    const stdout = pipe();
    await callspool(['listen', CALL.contactId, '--raw', '--from', '0:01.5'], { cwd: dir, stdout });
    expect(stdout.bytes.equals(SAMPLES.subarray(1.5 * SECOND))).toBe(true);
    const { code, err } = await listen('--raw', '--from', '9:00');
    expect(code).toBe(3);
    expect(err).toContain('the call is 4.0 s long');
  });

  test('--wav: a WAV a second, each told', async () => {
    const { code, out } = await listen('--wav', 'seconds');
    expect(code).toBe(0);
    const names = ['000000000000.wav', '000000008000.wav', '000000016000.wav', '000000024000.wav'];
    expect((await readdir(join(dir, 'seconds'))).sort()).toEqual(names);
    expect(out.trim().split('\n')).toEqual(names.map((name) => join(dir, 'seconds', name)));
    const wav = readWav(await readFile(join(dir, 'seconds', '000000008000.wav')));
    expect(wav.channels[0]).toEqual(CUSTOMER.slice(8_000, 16_000));
  });

  test('--meter: both sides’ levels, as fast as they were said', async () => {
    const clock = fastClock();
    const from = clock.now();
    const { code, out } = await callspool(['listen', CALL.contactId, '--meter'], { cwd: dir, clock });
    expect(code).toBe(0);
    const lines = out.trim().split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/^0:00 {2}customer #{20} +-?0 dB {2}agent #{20} +-?0 dB$/);
    expect(lines[1]).toMatch(/^0:01 {2}customer #{20} +-?0 dB {2}agent +nothing came$/);
    expect(clock.now() - from).toBe(3_000);
  });

  test.each([200, 80, 60, 20])('--meter: one row of a terminal of %i columns', async (columns) => {
    const rows: string[] = [];
    const write = (chunk: string | Uint8Array) => rows.push(chunk.toString()) > 0;
    const stdout = { isTTY: true, columns, write, once: () => undefined };
    const io = { cwd: dir, clock: fastClock(), stdout, env: { FORCE_COLOR: '1' } };
    expect((await callspool(['listen', CALL.contactId, '--meter'], io)).code).toBe(0);
    const lines = rows.map((row) => stripVTControlCharacters(row).trim()).filter((line) => line !== '');
    expect(lines).toHaveLength(16);
    for (const line of lines) expect(line.length).toBeLessThan(columns);
    expect(lines[0]).toContain('customer');
  });

  test('--exec: all of it by the protocol, the silence of one side told', async () => {
    const { code } = await listen('--exec', `cat > '${dir}/heard'`);
    expect(code).toBe(0);
    const messages = new MessageReader();
    messages.push(await readFile(join(dir, 'heard')));
    expect(messages.start).toMatchObject({ contactId: CALL.contactId, sampleRate: 8_000, startFrame: 0 });
    expect(messages.end).toMatchObject({ reason: 'ended' });
    expect(messages.heard.audioOf(SAMPLES.length / 4).equals(SAMPLES)).toBe(true);
    const told = messages.heard.gaps.reduce((frames, { span }) => frames + span.frames, 0);
    expect(told).toBe(16_000);
  });

  test('--exec: a program that has heard enough is no failure, one that fails is', async () => {
    expect(await listen('--exec', 'head -c 10 > /dev/null')).toMatchObject({ code: 0 });
    const { code, err } = await listen('--exec', 'exit 3');
    expect(code).toBe(1);
    expect(err).toContain('the program ended with exit code 3');
  });

  test('a player plays it: it is told the samples’ format, and given them', async () => {
    const bin = join(dir, 'bin');
    await mkdir(bin);
    await writeFile(join(bin, 'play'), `#!/bin/sh\necho "$@" > '${dir}/args'\ncat > '${dir}/played'\n`);
    await chmod(join(bin, 'play'), 0o755);
    const env = { PATH: `${bin}:/usr/bin:/bin` };
    const { code, err } = await callspool(['listen', CALL.contactId], { cwd: dir, env });
    expect(err).toContain('playing with play');
    expect(code).toBe(0);
    expect(await readFile(join(dir, 'args'), 'utf8')).toContain('-b 16 -L -r 8000 -c 2 -');
    expect((await readFile(join(dir, 'played'))).equals(SAMPLES)).toBe(true);
  });

  test('a player that fails is told of, and so is none', async () => {
    const bin = join(dir, 'bin');
    await mkdir(bin);
    const none = await callspool(['listen', CALL.contactId], { cwd: dir, env: { PATH: bin } });
    expect(none).toMatchObject({ code: 1 });
    expect(none.err).toContain('no program was found that plays audio while it comes');
    await writeFile(join(bin, 'play'), '#!/bin/sh\necho no sound card >&2\nexit 2\n');
    await chmod(join(bin, 'play'), 0o755);
    const failed = await callspool(['listen', CALL.contactId], { cwd: dir, env: { PATH: bin } });
    expect(failed).toMatchObject({ code: 1 });
    expect(failed.err).toContain('play could not play it: no sound card');
  });

  test.each([
    [['--from', 'now'], 2, 'the call is over'],
    [['--from', 'noon'], 2, 'no place in a call'],
    [['--meter', '--raw'], 2, 'give one of --meter, --raw, --wav and --exec'],
    [['--stream'], 2, 'a local run’s stream is its own'],
    [['--contact', 'x'], 2, '--contact goes with a stream'],
    [['--wav', ''], 2, '--wav wants a value'],
  ])('says what can’t be: %j', async (args, code, words) => {
    const ran = await listen(...(args[0] === '--meter' || args[0] === '--wav' ? [] : ['--raw']), ...args);
    expect(ran.code).toBe(code);
    expect(ran.err).toContain(words);
  });

  test('a terminal gets no samples, and no other call is heard', async () => {
    const terminal = { ...pipe(), isTTY: true };
    expect((await callspool(['listen', CALL.contactId, '--raw'], { cwd: dir, stdout: terminal })).code).toBe(
      2,
    );
    expect((await callspool(['listen', 'nobody', '--raw'], { cwd: dir })).code).toBe(3);
  });
});

test('of a recording that isn’t complete, what there is, and why', async () => {
  const why = 'two fragments were not delivered';
  await writeLocalDir(local(), [[CALL, recordedCall(CALL, { status: 'INCOMPLETE', why })]]);
  const { code, err } = await listen('--raw');
  expect(code).toBe(4);
  expect(err).toContain(`INCOMPLETE: ${why}`);
});

describe('a call that goes on', () => {
  const [first, second, ...later] = RECORDED.segments;
  const tape = () => new FolderTape(join(local(), 's3', BUCKET_DIR));
  const record = { ...RECORDED.record, status: 'RECORDING' as const };

  /** What is on the tape by now. */
  async function taped(segments: typeof RECORDED.segments, ended: boolean): Promise<void> {
    const { ended: end, position, ...checkpoint } = RECORDED.checkpoint;
    const last = segments.at(-1)?.last;
    const now: Checkpoint = {
      ...checkpoint,
      ...(last !== undefined && { position: { ...position, lastFragmentNumber: last } }),
      ...(ended && end && { ended: end }),
    };
    for (const segment of segments) await tape().append(CALL, segment);
    const table = join(local(), 'tables/callspool-checkpoints.json');
    await writeFile(`${table}.new`, JSON.stringify([checkpointItem(now)]));
    await writeFile(table, await readFile(`${table}.new`));
  }

  beforeEach(async () => {
    await writeLocalDir(local(), [[CALL, { ...RECORDED, record, segments: [], objects: [] }]]);
    if (first && second) await taped([first, second], false);
  });

  test('is heard from its beginning on, while it is recorded, to its end', async () => {
    let more: Promise<void> | undefined;
    const stdout = pipe(() => {
      more ??= taped(later, true);
    });
    const ran = await callspool(['listen', CALL.contactId, '--raw', '--from', '0'], { cwd: dir, stdout });
    await more;
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.err).toContain('from its tape');
    // Which is refused, where a local run is heard.
    expect(ran.err).not.toContain('--stream');
    expect(stdout.bytes.equals(SAMPLES)).toBe(true);
  });

  test('is heard from what was said last, unless it is asked for more', async () => {
    let more: Promise<void> | undefined;
    const stdout = pipe(() => {
      more ??= taped(later, true);
    });
    await callspool(['listen', CALL.contactId, '--raw'], { cwd: dir, stdout });
    await more;
    // Its second segment, and what comes after it.
    expect(stdout.bytes.length).toBeLessThan(SAMPLES.length);
    expect(SAMPLES.subarray(-stdout.bytes.length).equals(stdout.bytes)).toBe(true);
  });

  test('Ctrl-C ends it', async () => {
    const controller = new AbortController();
    const stdout = pipe(() => {
      controller.abort();
    });
    const { signal } = controller;
    const ran = await callspool(['listen', CALL.contactId, '--raw'], { cwd: dir, stdout, signal });
    expect(ran.code).toBe(0);
  });

  test('that nobody records any more is told of', async () => {
    const { code, err } = await callspool(['listen', CALL.contactId, '--raw'], {
      cwd: dir,
      clock: { now: () => Date.now(), sleep: () => new Promise((done) => void setImmediate(done)) },
    });
    expect(code).toBe(4);
    expect(err).toContain('the execution is over, and the recording isn’t finished');
  });
});
