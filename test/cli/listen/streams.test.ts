/** `callspool listen` on streams of the stand-in: without a deployment, or on a call's own stream where that is wanted. */
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { hearCallsStream } from '../../../cli/listen/call.ts';
import { type Outlet } from '../../../cli/listen/outlet.ts';
import type { Output } from '../../../cli/terminal/io.ts';
import { callOf } from '../../../local/run/call.ts';
import { readWav } from '../../../local/run/wav-input.ts';
import { type KinesisVideoStandin, startKinesisVideo } from '../../../local/standins/kinesis-video/server.ts';
import { Stream } from '../../../local/standins/kinesis-video/stream.ts';
import { CONTACT_ID, STREAM_ARN } from '../../support/call.ts';
import { callspool } from '../../support/cli.ts';
import { ioForTest } from '../../support/io.ts';
import { call, noise, STREAM_NAME } from '../../support/kinesis.ts';
import { MessageReader } from '../../support/live-messages.ts';
import { recordedCall } from '../../support/recorded-call.ts';

const OURS = call(3);
const FIRST = OURS[0]?.number ?? 0n;
/** It has the stream after that, so that listening ends. */
const NEXT = call(15, {
  contactId: 'next',
  startedAtMs: (OURS[0]?.producerTimestampMs ?? 0) + 10_000,
  firstSequence: Date.now(),
});
const BOTH = new Int16Array(2 * 24_000);
noise(24_000, 1).forEach((sample, frame) => (BOTH[2 * frame] = sample));
noise(24_000, 2).forEach((sample, frame) => (BOTH[2 * frame + 1] = sample));
const SAMPLES = Buffer.from(BOTH.buffer);

let dir: string;
let kinesis: KinesisVideoStandin;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-listen-'));
  const stream = new Stream({ name: STREAM_NAME, arn: STREAM_ARN, retentionHours: 24 });
  for (const fragment of [...OURS, ...NEXT]) stream.put(fragment);
  kinesis = await startKinesisVideo({ streams: [stream], callsPerSecond: 1_000 });
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  vi.stubEnv('AWS_ENDPOINT_URL_KINESIS_VIDEO', kinesis.url);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await kinesis.close();
  await rm(dir, { recursive: true });
});

function pipe(): Output & { bytes: Buffer } {
  const self = {
    bytes: Buffer.alloc(0),
    write: (chunk: string | Uint8Array) => {
      self.bytes = Buffer.concat([self.bytes, Buffer.from(chunk)]);
      return true;
    },
    once: () => undefined,
  };
  return self;
}

const heard = (...args: string[]) => ['listen', ...args, '--from', FIRST.toString(), '--contact', CONTACT_ID];

describe('a stream, named by itself', () => {
  test.each([STREAM_ARN, STREAM_NAME])('is heard from a fragment’s number on: %s', async (name) => {
    const stdout = pipe();
    const ran = await callspool([...heard(name), '--raw'], { cwd: dir, stdout });
    expect(ran.code).toBe(0);
    expect(ran.err).toContain('a stream serves few readers');
    expect(stdout.bytes.equals(SAMPLES)).toBe(true);
  });

  test('into a folder, and into a program', async () => {
    expect((await callspool([...heard(STREAM_ARN), '--wav', 'wavs'], { cwd: dir })).code).toBe(0);
    const names = (await readdir(join(dir, 'wavs'))).sort();
    expect(names).toEqual(['000000000000.wav', '000000008000.wav', '000000016000.wav']);
    const [customer] = readWav(await readFile(join(dir, 'wavs', names[1] ?? ''))).channels;
    expect(customer).toEqual(noise(24_000, 1).slice(8_000, 16_000));

    expect(
      (await callspool([...heard(STREAM_ARN), '--exec', `cat > '${dir}/told'`], { cwd: dir })).code,
    ).toBe(0);
    const messages = new MessageReader();
    messages.push(await readFile(join(dir, 'told')));
    expect(messages.start).toMatchObject({ contactId: CONTACT_ID, startFragmentNumber: FIRST.toString() });
    expect(messages.heard.audioOf(24_000).equals(SAMPLES)).toBe(true);
  });

  test('says that a local run is passed over, and for what; an ARN names its place itself', async () => {
    await mkdir(join(dir, 'local-out/tables'), { recursive: true });
    const listen = (name: string) =>
      callspool(['listen', name, '--raw'], { cwd: dir, stdout: pipe(), env: { AWS_REGION: 'us-east-1' } });
    expect((await listen('later-call')).err).toContain(
      'since AWS_REGION is set; the local run in ./local-out is looked at with --local local-out',
    );
    expect((await listen(`${STREAM_ARN}0`)).err).not.toContain('local-out');
  });

  test.each([
    [['listen', 'no-such-stream', '--raw'], 3, 'there is no Kinesis video stream called no-such-stream'],
    [['listen', `${STREAM_ARN}0`, '--raw'], 3, 'GetDataEndpoint failed with ResourceNotFoundException'],
    [['listen', STREAM_ARN, '--raw', '--from', '1:30'], 2, 'a place such as 1:30 is one of a call’s'],
  ])('says what can’t be: %j', async (args, code, words) => {
    const ran = await callspool(args, { cwd: dir, stdout: pipe() });
    expect(ran.code).toBe(code);
    expect(ran.err).toContain(words);
  });
});

describe('a call’s own stream', () => {
  const { record } = recordedCall(callOf(CONTACT_ID, [], OURS, []), { status: 'RECORDING' });
  const deployment = {
    kind: 'aws',
    prefix: 'callspool',
    callsTable: '',
    checkpointsTable: '',
    transcriptsTable: '',
  } as const;

  function outlet() {
    const frames: number[] = [];
    const to: Outlet = {
      pieceMs: 1_000,
      second: (second, whose) => {
        expect(whose).toMatchObject({ contactId: CONTACT_ID, goesOn: true });
        frames.push(second.startFrame);
        return Promise.resolve();
      },
      end: () => Promise.resolve(),
    };
    return { to, frames };
  }

  test('is heard from a place in the call on', async () => {
    const { to, frames } = outlet();
    expect(await hearCallsStream(ioForTest(), record, to, '0', deployment)).toBe(0);
    expect(frames).toEqual([0, 8_000, 16_000]);
    const later = outlet();
    expect(await hearCallsStream(ioForTest(), record, later.to, '0:02', deployment)).toBe(0);
    expect(later.frames).toEqual([16_000]);
  });

  test('is over: from now on there is nothing', async () => {
    const { to } = outlet();
    const over = { ...record, status: 'COMPLETE' as const };
    for (const from of [undefined, 'now'])
      await expect(hearCallsStream(ioForTest(), over, to, from, deployment)).rejects.toThrow(
        'the call is over: nothing more of it comes onto its stream',
      );
    expect(await hearCallsStream(ioForTest(), over, to, '0', deployment)).toBe(0);
  });

  test('and from now on, where nothing more of it comes, not at all', async () => {
    const controller = new AbortController();
    const { to, frames } = outlet();
    const io = ioForTest({ signal: controller.signal });
    const hearing = hearCallsStream(io, record, to, undefined, deployment);
    await vi.waitFor(() => {
      expect(kinesis.openSessions).toBe(1);
    });
    controller.abort();
    expect(await hearing).toBe(0);
    expect(frames).toEqual([]);
  });
});
