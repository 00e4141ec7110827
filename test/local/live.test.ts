/** The sample call live, with the programs as they are deployed: each sink hears what the WAV holds, whoever is killed. */
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { buildUnlessStanding } from '../../build.ts';
import { loadCall } from '../../local/run/input.ts';
import { type LiveSinks, type LocalListener, startListener } from '../../local/run/live.ts';
import { runCall, type RunOptions } from '../../local/run/run-call.ts';
import { startSystem, type System } from '../../local/system/system.ts';
import type { LiveObject } from '../../ports/live-objects/live-objects.ts';
import type { Recording } from '../../recording/identity.ts';
import { livePrefix } from '../../recording/tape/live-keys.ts';
import { firstDifference } from '../support/heard.ts';
import { MessageReader } from '../support/live-messages.ts';
import { assembledPieces } from '../support/live-pieces.ts';
import { ownOfEachTest } from '../support/own-of-test.ts';
import { scriptedRecogniser } from '../support/scripted.ts';
import { keysBelow, objectsBelow } from '../support/stored-objects.ts';
import { AudioHookServer } from '../support/websocket/audiohook-server.ts';
import { difference, encodedSides } from '../support/websocket/encoded.ts';
import { TRACKS, TwilioServer } from '../support/websocket/twilio-server.ts';
import { PACE, recordedAudio, SAMPLE, sampleAudio } from './sample-call.ts';

const own = ownOfEachTest();
let sample: Buffer;
beforeAll(async () => {
  await buildUnlessStanding();
  sample = await sampleAudio();
});

afterEach(() => {
  vi.unstubAllEnvs();
});

interface Live {
  readonly wav: Buffer;
  readonly objects: ReadonlyMap<string, LiveObject>;
  readonly recording: Recording;
  readonly tasks: number;
  readonly exitCode: number;
}

/** @param during what else happens while the call goes on */
async function record(
  sinks: LiveSinks,
  options: RunOptions = {},
  during: (listener: LocalListener, system: System) => Promise<void> = () => Promise.resolve(),
): Promise<Live> {
  const call = await loadCall({ file: SAMPLE, pace: PACE });
  const feedSocket = join(own.dir, 'feed.sock');
  const settings = { graceSeconds: 1, segmentSeconds: 4 };
  const system = await startSystem({ logsDir: join(own.dir, 'logs'), settings, retryMs: 50, feedSocket });
  try {
    const listener = startListener(system, call, sinks, feedSocket);
    const [result] = await Promise.all([
      runCall(system, call, { pace: PACE, ...options }),
      during(listener, system),
    ]);
    const exitCode = await listener.done();
    expect(result.record).toMatchObject({ status: 'COMPLETE' });
    const objects = await objectsBelow(system, livePrefix(call));
    return {
      wav: await recordedAudio(system),
      objects,
      recording: call,
      tasks: system.ecs.tasks.length,
      exitCode,
    };
  } finally {
    await system.close();
  }
}

function expectSampleIn(live: Live): void {
  expect(firstDifference(live.wav, sample)).toBeUndefined();
  expect(live.exitCode).toBe(0);
}

function piecesOf({ objects, recording }: Live): Buffer {
  const { heard } = assembledPieces({ objects: new Map(objects) }, recording);
  return heard.audioOf(sample.length / 4);
}

async function messagesIn(file: string): Promise<MessageReader> {
  const messages = new MessageReader();
  messages.push(await readFile(file));
  return messages;
}

test('each sink hears what the WAV holds', async () => {
  const path = join(own.dir, 'audio.sock');
  const file = join(own.dir, 'heard');
  const bySocket = new MessageReader();
  const live = await record({ pieces: '', exec: `cat > '${file}'`, socket: path }, {}, async () => {
    const socket = await connected(path);
    socket.on('data', (bytes) => {
      bySocket.push(bytes);
    });
    socket.once('end', () => socket.destroy());
  });
  expectSampleIn(live);
  expect(firstDifference(piecesOf(live), sample)).toBeUndefined();
  const byExec = await messagesIn(file);
  for (const { heard, end } of [byExec, bySocket]) {
    expect(firstDifference(heard.audioOf(sample.length / 4), sample)).toBeUndefined();
    expect(end).toEqual({ kind: 'end', reason: 'ended' });
  }
});

test('a recogniser is told the language that an attribute of the contact names', async () => {
  const file = join(own.dir, 'told');
  vi.stubEnv('CALLSPOOL_RECOGNISER', `tee '${file}' | ${scriptedRecogniser('sample')}`);
  // Of the contact that the local run makes up.
  vi.stubEnv('CALLSPOOL_RECOGNISE_LANGUAGE_ATTRIBUTE', 'language');
  vi.stubEnv('CALLSPOOL_RECOGNISE_ATTRIBUTE_LANGUAGES', 'de,en-US');
  expectSampleIn(await record({ recognise: '' }));
  const { start, heard } = await messagesIn(file);
  expect(start?.language).toBe('en-US');
  expect(firstDifference(heard.audioOf(sample.length / 4), sample)).toBeUndefined();
});

test('WebSocket servers of both dialects hear it, and are told what is known of the call', async () => {
  const audioHook = await AudioHookServer.start();
  const twilio = await TwilioServer.start();
  try {
    // One listener has one of them: each is asked for by its own run.
    for (const [url, dialect] of [
      [audioHook.url, 'audiohook'],
      [twilio.url, 'twilio'],
    ] as const)
      expectSampleIn(await record({ websocket: `${url},${dialect}` }));
    expect([...audioHook.faults, ...twilio.faults]).toEqual([]);
    expect(difference(audioHook.bytes, encodedSides(sample, 'PCMU', [0, 1]))).toBeUndefined();
    for (const [side, track] of ([0, 1] as const).map((one) => [one, TRACKS[one]] as const))
      expect(difference(twilio.heard(track).bytes, encodedSides(sample, 'PCMU', [side]))).toBeUndefined();
    const [session] = audioHook.sessions;
    expect(session?.reason).toBe('end');
    expect(session?.open?.participant).toMatchObject({ ani: '+12025550143', dnis: '+12025550100' });
    expect(twilio.streams[0]?.start?.customParameters).toMatchObject({
      product: 'support',
      from: '+12025550143',
    });
  } finally {
    audioHook.close();
    twilio.close();
  }
});

test('a listener of a WebSocket server that is killed goes on where the server had come to', async () => {
  const server = await AudioHookServer.start();
  try {
    const live = await record({ websocket: server.url }, {}, async ({ pid }) => {
      await server.until(([first]) => first?.messages.some(({ type }) => type === 'ping') === true);
      await server.until(([first]) => (first?.frames ?? 0) > 100_000);
      for (const child of await childrenOf(pid)) process.kill(child, 'SIGKILL');
    });
    expectSampleIn(live);
    expect(server.faults).toEqual([]);
    expect(server.missing).toBe(0);
    expect(difference(server.bytes, encodedSides(sample, 'PCMU', [0, 1]))).toBeUndefined();
    // What it doesn’t repeat it tells as discarded, which the server has counted as it came.
    expect(server.sessions.length).toBeGreaterThan(1);
  } finally {
    server.close();
  }
});

test('a recorder that is killed takes nothing from whoever listens, nor gives it twice', async () => {
  const file = join(own.dir, 'heard');
  const live = await record({ pieces: '', exec: `cat > '${file}'` }, { killAtMs: 8_000 });
  expectSampleIn(live);
  expect(live.tasks).toBe(2);
  expect(firstDifference(piecesOf(live), sample)).toBeUndefined();
  const { heard } = await messagesIn(file);
  expect(firstDifference(heard.audioOf(sample.length / 4), sample)).toBeUndefined();
});

test('a listener that is killed goes on where it was, and changes nothing of the recording', async () => {
  const live = await record({ pieces: '' }, {}, async ({ pid }, system) => {
    const prefix = 'live/';
    await expect.poll(() => keysBelow(system, prefix), { timeout: 30_000 }).not.toEqual([]);
    for (const child of await childrenOf(pid)) process.kill(child, 'SIGKILL');
  });
  expectSampleIn(live);
  expect(firstDifference(piecesOf(live), sample)).toBeUndefined();
});

test('a sink that can’t begin keeps no other one from what it does', async () => {
  const live = await record(
    { pieces: '', socket: join(own.dir, 'nowhere/audio.sock') },
    {},
    async ({ pid }) => {
      const log = join(own.dir, 'logs/live.jsonl');
      const isDone = () =>
        readFile(log, 'utf8').then((text) => text.includes('"sink":"pieces","end":"ended"'), String);
      await expect.poll(isDone, { timeout: 60_000 }).toBe(true);
      process.kill(pid, 'SIGTERM');
    },
  );
  expect(firstDifference(piecesOf(live), sample)).toBeUndefined();
  expect(live.exitCode).toBe(143);
});

test('a listener whose parent is gone leaves', async () => {
  let isAmidTheCall: boolean | undefined;
  const live = await record({ pieces: '' }, { pace: 2 }, async ({ pid }, system) => {
    await expect.poll(() => keysBelow(system, 'live/'), { timeout: 30_000 }).not.toEqual([]);
    const [child = 0] = await childrenOf(pid);
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => isRunning(child), { timeout: 20_000 }).toBe(false);
    isAmidTheCall = child > 0 && system.ecs.tasks[0]?.running();
  });
  expect(isAmidTheCall).toBe(true);
  expect(firstDifference(live.wav, sample)).toBeUndefined();
});

test('a program finds the environment of whoever runs it, and nothing of theirs that would lead it to AWS', async () => {
  vi.stubEnv('MY_OWN_KEY', 'of mine');
  vi.stubEnv('AWS_PROFILE', 'of mine, too');
  const file = join(own.dir, 'environment');
  await record({ exec: `printenv > '${file}'; cat > /dev/null` });
  const text = await readFile(file, 'utf8');
  expect(text).toMatch(/^MY_OWN_KEY=of mine$/m);
  expect(text).not.toContain('AWS_PROFILE');
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

/** It listens soon. */
async function connected(path: string) {
  for (;;) {
    const socket = connect(path);
    const isConnected = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => {
        resolve(true);
      });
      socket.once('error', () => {
        setTimeout(resolve, 20, false);
      });
    });
    if (isConnected) return socket;
  }
}
