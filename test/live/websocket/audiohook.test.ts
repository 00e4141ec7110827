/** AudioHook: a server that was written from the protocol hears each sample where it belongs, whatever goes wrong. */
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { ListenerLeft } from '../../../live/sinks/audio-sink.ts';
import type { WebSocketSink } from '../../../live/sinks/websocket/websocket-sink.ts';
import { CONTACT_ID, INSTANCE_ARN, RECORDING_ID } from '../../support/call.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ownOfEachTest } from '../../support/own-of-test.ts';
import {
  type AudioHookBehaviour,
  AudioHookServer,
  type ServedSession,
  type ServerMedia,
} from '../../support/websocket/audiohook-server.ts';
import { difference, encodedSides } from '../../support/websocket/encoded.ts';
import {
  ATTRIBUTES,
  CALL,
  CUSTOMER_NUMBER,
  give,
  listening,
  type Opening,
  opening,
  RATE,
  speechOf,
  SYSTEM_NUMBER,
  WAV,
} from './support.ts';

const API_KEY = 'key "of" \\ours';
const SECRETS = ['Zmlyc3Qgc2VjcmV0IG9mIHR3bw==', 'dGhlIHNlY29uZCBvbmU='] as const;
const secretText = (clientSecret: string) => JSON.stringify({ apiKey: API_KEY, clientSecret });

const backwards = (media: ServerMedia) => ({ ...media, channels: media.channels.toReversed() });

const own = ownOfEachTest();

async function serve(behaviour: AudioHookBehaviour = {}): Promise<AudioHookServer> {
  const server = await AudioHookServer.start(behaviour);
  own.closeAfter(() => {
    server.close();
  });
  return server;
}

function sinkFor(server: AudioHookServer, options: Partial<Opening> = {}) {
  return opening({ url: server.url, dialect: 'audiohook', ...options });
}

function opened(server: AudioHookServer, options: Partial<Opening> = {}): WebSocketSink {
  const sink = sinkFor(server, options).open();
  own.closeAfter(() => {
    sink.close();
  });
  return sink;
}

function expectAll(server: AudioHookServer, format = 'PCMU', sides: readonly (0 | 1)[] = [0, 1]): void {
  expect(server.faults).toEqual([]);
  expect(server.missing).toBe(0);
  expect(difference(server.bytes, encodedSides(WAV, format, sides))).toBeUndefined();
}

describe('Each sample comes at its position', () => {
  test.each([
    ['PCMU', ['external', 'internal'], [0, 1]],
    ['L16', ['external', 'internal'], [0, 1]],
    ['PCMU', ['external'], [0]],
    ['PCMU', ['internal'], [1]],
    ['L16', ['external'], [0]],
    ['L16', ['internal'], [1]],
  ] as const)('%s, %o', async (format, channels, sides) => {
    const server = await serve({
      secrets: new Map([[API_KEY, SECRETS[0]]]),
      choose: (offered) =>
        offered.filter((one) => one.format === format && one.channels.join() === channels.join()),
    });
    const secret = { read: () => Promise.resolve(secretText(SECRETS[0])) };
    const { recorder, done } = await listening(own, sinkFor(server, { secret }).open);
    await recorder.end();
    expect(await done).toBe('ended');
    expectAll(server, format, sides);
    const [session, ...others] = server.sessions;
    expect(others).toEqual([]);
    expect(session?.reason).toBe('end');
    expect(session?.frames).toBe(WAV.length / 4);
    await server.until(() => session?.closeCode !== undefined);
    expect(session?.closeCode).toBe(1_000);
  });

  test('the preferred format is offered first, and a server that takes the first has it', async () => {
    const server = await serve();
    const environment = {
      CALLSPOOL_LIVE_WEBSOCKET_FORMAT: 'L16',
      CALLSPOOL_LIVE_WEBSOCKET_LANGUAGE: 'en-US',
    };
    const sink = opened(server, { environment });
    await sink.start(CALL);
    await give(sink, WAV);
    await sink.end('ended');
    expectAll(server, 'L16');
    expect(server.sessions[0]?.open?.language).toBe('en-US');
  });
});

describe('What goes out beside the audio', () => {
  const instance = INSTANCE_ARN.slice(INSTANCE_ARN.lastIndexOf('/') + 1);

  test('is no more than a deployment keeps', async () => {
    const server = await serve();
    const numbers = { CALLSPOOL_KEEP_PHONE_NUMBERS: 'true' };
    const attributes = { CALLSPOOL_KEEP_ATTRIBUTES: 'true', CALLSPOOL_INSTANCE_ARN: INSTANCE_ARN };
    for (const environment of [{}, numbers, attributes]) {
      const sink = opened(server, { environment });
      await sink.start(CALL);
      await sink.end('ended');
    }
    const [nothing, withNumbers, withAttributes] = server.sessions.map(({ open }) => open);
    expect(nothing?.participant).toEqual({ id: CONTACT_ID, ani: '', aniName: '', dnis: '' });
    expect(nothing?.customConfig).toMatchObject({ recordingId: RECORDING_ID, contactId: CONTACT_ID });
    expect(nothing?.customConfig).not.toHaveProperty('attributes');
    expect(withNumbers?.participant).toMatchObject({ ani: CUSTOMER_NUMBER, dnis: SYSTEM_NUMBER });
    expect(withNumbers?.customConfig).not.toHaveProperty('attributes');
    expect(withAttributes?.participant).toMatchObject({ ani: '', dnis: '' });
    expect(withAttributes?.customConfig).toMatchObject({ attributes: ATTRIBUTES });
    expect(withAttributes?.organizationId).toBe(instance);
    expect(server.faults).toEqual([]);
  });

  test('nothing of it, and no secret, is logged, whatever goes wrong', async () => {
    const server = await serve({
      onOpen: (session) => {
        session.send('disconnect', { reason: 'error', info: 'he said 4711' });
        return true;
      },
    });
    const { open, telemetry } = sinkFor(server, {
      secret: { read: () => Promise.resolve(secretText(SECRETS[0])) },
      environment: { CALLSPOOL_KEEP_PHONE_NUMBERS: 'true', CALLSPOOL_KEEP_ATTRIBUTES: 'true' },
    });
    const sink = open();
    await expect(sink.start(CALL)).rejects.toThrow('the server disconnected');
    sink.close();
    expect(telemetry.lines).not.toEqual([]);
    const log = JSON.stringify(telemetry.lines);
    for (const word of [CUSTOMER_NUMBER, 'of the flow', '4711', API_KEY, SECRETS[0], 'tenant'])
      expect(log).not.toContain(word);
  });
});

describe('A server that breaks off', () => {
  test('is connected to anew, and given what it may not have heard', async () => {
    const server = await serve();
    const { recorder, done } = await listening(own, sinkFor(server).open, 5);
    await server.until(([first]) => (first?.frames ?? 0) > 2 * RATE);
    server.sessions[0]?.socket.terminate();
    recorder.keep(4);
    await server.until(([, second]) => (second?.frames ?? 0) > RATE);
    await recorder.store();
    server.sessions[1]?.socket.close(1_001);
    recorder.keep(3);
    await recorder.end();
    expect(await done).toBe('ended');
    expectAll(server);
    const [first, second, third, ...others] = server.sessions;
    expect(others).toEqual([]);
    expect(second?.open?.continuedSessions?.map(({ id }) => id)).toEqual([first?.messages[0]?.id]);
    expect(third?.open?.continuedSessions?.map(({ id }) => id)).toEqual(
      [first, second].map((session) => session?.messages[0]?.id),
    );
  });

  test('before it has said that it is open', async () => {
    const server = await serve({
      onOpen: (session, index) => {
        if (index === 0) session.socket.close();
        return index === 0;
      },
    });
    const { recorder, done } = await listening(own, sinkFor(server).open);
    await recorder.end();
    expect(await done).toBe('ended');
    expectAll(server);
  });

  test('when it has all, but didn’t say so: it is given again what it may lack', async () => {
    const server = await serve({ silentTo: new Set(['close']) });
    const { recorder, done } = await listening(own, sinkFor(server).open);
    await recorder.end();
    await server.until(([first]) => first?.reason !== undefined);
    server.behaviour.silentTo = new Set();
    server.sessions[0]?.socket.terminate();
    expect(await done).toBe('ended');
    expectAll(server);
    expect(server.sessions).toHaveLength(2);
  });

  test('asks to be connected to anew: nothing comes twice', async () => {
    const server = await serve();
    const { recorder, done } = await listening(own, sinkFor(server).open, 4);
    await server.until(([first]) => (first?.frames ?? 0) > RATE);
    server.sessions[0]?.send('reconnect', { info: 'going down' });
    recorder.keep(8);
    await recorder.end();
    expect(await done).toBe('ended');
    expectAll(server);
    const [first, second] = server.sessions;
    expect(first?.reason).toBe('reconnect');
    expect(first?.closeCode).toBe(1_000);
    expect((first?.frames ?? 0) + (second?.frames ?? 0)).toBe(WAV.length / 4);
    expect(second?.discarded).toEqual([{ start: 0, frames: first?.frames }]);
    expect(second?.open?.continuedSessions).toEqual([
      { id: first?.messages[0]?.id, serverseq: first?.sent, clientseq: first?.messages.at(-1)?.seq },
    ]);
  });

  test('has heard enough: it is left alone', async () => {
    const server = await serve();
    const { recorder, done } = await listening(own, sinkFor(server).open, 2);
    await server.until(([first]) => (first?.frames ?? 0) > 0);
    const [session] = server.sessions;
    session?.send('disconnect', { reason: 'completed' });
    await server.until(() => session?.closeCode !== undefined);
    recorder.keep(10);
    expect(await done).toBe('ended');
    expect(session?.reason).toBe('disconnect');
    expect(server.requests).toBe(1);
    expect(server.faults).toEqual([]);
  });
});

describe('A secret that is changed', () => {
  test.each(['refuses the request', 'disconnects'])('is read anew when the server %s', async (how) => {
    const [before, after] = SECRETS;
    const known = new Map<string, string>([[API_KEY, before]]);
    const server = await serve({ secrets: known });
    let reads = 0;
    let current: string = before;
    const secret = {
      read: () => {
        reads += 1;
        return Promise.resolve(secretText(current));
      },
    };
    const { recorder, done } = await listening(own, sinkFor(server, { secret }).open, 5);
    await server.until(([first]) => (first?.frames ?? 0) > RATE);
    expect(reads).toBe(1);
    current = after;
    known.set(API_KEY, after);
    const [first] = server.sessions;
    if (how === 'disconnects') first?.send('disconnect', { reason: 'unauthorized' });
    else first?.socket.terminate();
    recorder.keep(7);
    await recorder.end();
    expect(await done).toBe('ended');
    expectAll(server);
    expect(reads).toBe(2);
    // The old one was tried once more where nobody had said that it was not known any more.
    expect(server.requests).toBe(how === 'disconnects' ? 2 : 3);
  });

  test('is read anew when it can’t be used, and when it can’t be read', async () => {
    const server = await serve({ secrets: new Map([[API_KEY, SECRETS[0]]]) });
    const answers = [
      () => Promise.reject(new Error('not now')),
      () => Promise.resolve('no JSON'),
      () => Promise.resolve(secretText(SECRETS[0])),
    ];
    const secret = { read: () => answers.shift()?.() ?? Promise.reject(new Error('read too often')) };
    const { open, telemetry } = sinkFor(server, { secret });
    for (const error of ['the secret can’t be read: Error', 'the secret must be'])
      await expect(open().start(CALL)).rejects.toThrow(error);
    expect(telemetry.lines.map(({ fields: { what } }) => what)).toEqual([
      'the secret can’t be read: Error',
      expect.stringMatching(/^the secret must be a JSON object with apiKey/),
    ]);
    const sink = open();
    await sink.start(CALL);
    await sink.end('ended');
    expect(server.requests).toBe(1);
    expect(JSON.stringify(telemetry.lines)).not.toMatch(/no JSON|not now/);
  });
});

describe('What a server leaves out', () => {
  test('while it pauses is told when it goes on, and at the end', async () => {
    const server = await serve();
    const sink = opened(server);
    const stereo = speechOf(9);
    await sink.start(CALL);
    await give(sink, stereo, 0, 2 * RATE);
    const [session] = server.sessions;
    const pause = async () => {
      session?.send('pause');
      await server.until(() => session?.state === 'paused');
    };
    await pause();
    await give(sink, stereo, 2 * RATE, 4 * RATE);
    session?.send('resume');
    await server.until(() => session?.state === 'open');
    await give(sink, stereo, 4 * RATE, 5 * RATE);
    await pause();
    session?.send('pause');
    await give(sink, stereo, 5 * RATE, 9 * RATE);
    await sink.end('ended');
    expect(server.faults).toEqual([]);
    expect(session?.discarded).toEqual([
      { start: 2 * RATE, frames: 2 * RATE },
      { start: 5 * RATE, frames: 4 * RATE },
    ]);
    expect(session?.frames).toBe(3 * RATE);
    expect(sink.safe).toBe(9 * RATE);
  });

  test('while it pauses again and again, amid the audio', async () => {
    let heard = 0;
    const server = await serve({
      onMessage: (session, type) => {
        if (type === 'paused') session.send('resume');
        if (type !== 'audio') return;
        heard += 1;
        if (heard % 3 === 0) session.send('pause');
      },
    });
    const sink = opened(server);
    const stereo = speechOf(60);
    await sink.start(CALL);
    const [session] = server.sessions;
    for (let frame = 0; frame < 60 * RATE; frame += RATE) {
      await give(sink, stereo, frame, frame + RATE);
      await server.until(() => session?.state === 'open' && session.counted === frame + RATE);
    }
    await sink.end('ended');
    expect(server.faults).toEqual([]);
    const told = session?.discarded.reduce((sum, { frames }) => sum + frames, 0) ?? 0;
    expect((session?.frames ?? 0) + told).toBe(60 * RATE);
    expect(session?.discarded.length).toBeGreaterThan(10);
    const expected = encodedSides(stereo, 'PCMU', [0, 1]);
    for (const { start, frames } of session?.discarded ?? [])
      expected.fill(0xff, 2 * start, 2 * (start + frames));
    expect(difference(server.bytes, expected.subarray(0, server.bytes.length))).toBeUndefined();
  });

  test('from the moment that it is open', async () => {
    const server = await serve({
      onOpen: (session) => {
        session.answerOpen();
        session.send('pause');
        return true;
      },
    });
    const sink = opened(server);
    await sink.start(CALL);
    const [session] = server.sessions;
    await server.until(() => session?.state === 'paused');
    await give(sink, speechOf(1));
    await sink.end('ended');
    expect(server.faults).toEqual([]);
    expect(session?.frames).toBe(0);
    expect(session?.discarded).toEqual([{ start: 0, frames: RATE }]);
  });

  test('from the beginning, by what it answers to open', async () => {
    const server = await serve({ opened: { startPaused: true, discardTo: 'PT1.5S' } });
    const sink = opened(server);
    const stereo = speechOf(4);
    await sink.start(CALL);
    const [session] = server.sessions;
    await server.until(() => session?.state === 'paused');
    session?.send('resume');
    await server.until(() => session?.state === 'open');
    await give(sink, stereo);
    await sink.end('ended');
    expect(server.faults).toEqual([]);
    expect(session?.discarded).toEqual([
      { start: 0, frames: 0 },
      { start: 0, frames: 1.5 * RATE },
    ]);
    expect(
      difference(server.bytes.subarray(3 * RATE), encodedSides(stereo.subarray(6 * RATE), 'PCMU', [0, 1])),
    ).toBeUndefined();
  });

  test('what can’t be given any more is told, and what another one was given, too', async () => {
    const server = await serve();
    const sink = opened(server);
    await sink.start({ ...CALL, startFrame: 12_345 });
    const stereo = speechOf(3);
    await give(sink, stereo, 12_345);
    for (const channel of [0, 1] as const)
      await sink.gap({ channel, startFrame: 3 * RATE, frames: 7_001 }, 'END');
    await sink.end('stopped');
    expect(server.faults).toEqual([]);
    expect(server.sessions[0]?.discarded).toEqual([
      { start: 0, frames: 12_345 },
      { start: 3 * RATE, frames: 7_001 },
    ]);
    expect(server.sessions[0]?.reason).toBe('reconnect');
  });

  test('what is too old is left out, where a setting wants that', async () => {
    const clock = new ManualClock(CALL.originMs + 30_000);
    const server = await serve();
    const environment = { CALLSPOOL_LIVE_WEBSOCKET_BEHIND_SECONDS: '10' };
    const { open, telemetry } = sinkFor(server, { clock, environment });
    const sink = open();
    own.closeAfter(() => {
      sink.close();
    });
    await sink.start(CALL);
    await give(sink, speechOf(30));
    await sink.end('ended');
    sink.close();
    expect(server.faults).toEqual([]);
    // What is 10 s old begins at 20 s; but once it skips, it goes on with what is half as old.
    expect(server.sessions[0]?.discarded).toEqual([{ start: 0, frames: 25 * RATE }]);
    expect(telemetry.lines.at(-1)?.fields).toEqual({ late: 0, moved: 0, skipped: 25 * RATE });
  });

  test('a server that takes no media is left alone', async () => {
    const server = await serve({ choose: () => [] });
    await expect(opened(server).start(CALL)).rejects.toThrow(ListenerLeft);
    expect(server.sessions[0]?.reason).toBe('end');
  });

  test('audio of another rate is refused, and that is said', async () => {
    const server = await serve();
    const { open, telemetry } = sinkFor(server);
    await expect(open().start({ ...CALL, sampleRate: 16_000 })).rejects.toThrow(ListenerLeft);
    expect(telemetry.lines).toMatchObject([{ level: 'error', fields: { sampleRate: 16_000, taken: RATE } }]);
    expect(server.requests).toBe(0);
  });
});

describe('A server that doesn’t keep to the protocol', () => {
  test('sends rubbish: it is told so, some times, and hears all', async () => {
    const server = await serve();
    const sink = opened(server);
    await sink.start(CALL);
    const [session] = server.sessions;
    const id = session?.messages[0]?.id;
    const rubbish = [
      'no JSON',
      '[]',
      'null',
      '{"version":"2"}',
      JSON.stringify({ version: '2', id: 'another', type: 'pause', seq: 2, clientseq: 1, parameters: {} }),
      JSON.stringify({
        version: '2',
        id,
        type: 'disconnect',
        seq: 3,
        clientseq: 1,
        parameters: { reason: 7 },
      }),
      JSON.stringify({ version: '2', id, type: 'pong', seq: 3, clientseq: 1e9, parameters: {} }),
      JSON.stringify({ version: '2', id, type: 'closed', seq: 3, clientseq: 1, parameters: {} }),
      JSON.stringify({ version: '2', id, type: 'event', seq: 4, clientseq: 1, parameters: { entities: [] } }),
    ];
    for (const text of rubbish) session?.socket.send(text);
    session?.socket.send(Buffer.alloc(1_000));
    await server.until(() => session?.messages.filter(({ type }) => type === 'error').length === 5);
    const stereo = speechOf(3);
    await give(sink, stereo);
    await sink.end('ended');
    expect(session?.messages.filter(({ type }) => type === 'error')).toHaveLength(5);
    expect(server.faults.filter((fault) => !fault.startsWith('serverseq'))).toEqual([]);
    expect(difference(server.bytes, encodedSides(stereo, 'PCMU', [0, 1]))).toBeUndefined();
  });

  test('sends a huge message: that ends the connection, and another one hears the rest', async () => {
    const server = await serve();
    const { recorder, done } = await listening(own, sinkFor(server).open, 5);
    await server.until(([first]) => (first?.frames ?? 0) > RATE);
    server.sessions[0]?.send('event', { entities: ['x'.repeat(100_000)] });
    await server.until(([first]) => first?.closeCode !== undefined);
    expect(server.sessions[0]?.closeCode).toBe(1_009);
    recorder.keep(7);
    await recorder.end();
    expect(await done).toBe('ended');
    expectAll(server);
  });

  test.each([
    ['media that weren’t offered', (offered: readonly ServerMedia[]) => offered.slice(0, 1).map(backwards)],
    ['two media', (offered: readonly ServerMedia[]) => offered.slice(0, 2)],
  ])('chooses %s', async (_what, choose) => {
    const server = await serve({ choose });
    await expect(opened(server).start(CALL)).rejects.toThrow('media that were not offered');
    const [session] = server.sessions;
    expect(session?.reason).toBe('error');
    expect(session?.messages.map(({ type }) => type)).toEqual(['open', 'error', 'close']);
  });

  test.each([401, 403, 404, 429, 500, 301])('answers %i', async (status) => {
    const server = await serve({ status: () => status });
    const isRefused = status === 401 || status === 403;
    await expect(opened(server).start(CALL)).rejects.toMatchObject({
      name: isRefused ? 'ServerRefused' : 'ServerBrokeOff',
    });
    expect(server.requests).toBe(1);
  });
});

describe('A server that hangs', () => {
  test('in the handshake', async () => {
    const clock = new ManualClock();
    const server = createServer();
    own.closeAfter(() => server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const sink = opening({ url, dialect: 'audiohook', clock }).open();
    const asked = new Promise<void>((resolve) => {
      server.once('connection', (socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => {
          resolve();
        });
      });
    });
    const starting = expect(sink.start(CALL)).rejects.toThrow('can’t be connected to');
    await asked;
    await clock.advance(10_000);
    await starting;
  });

  test('when it should say that it is open', async () => {
    const clock = new ManualClock();
    const server = await serve({ silentTo: new Set(['open']) });
    const starting = expect(opened(server, { clock }).start(CALL)).rejects.toThrow('opened no session');
    await server.until(([first]) => first?.open !== undefined);
    await clock.advance(10_000);
    await starting;
  });

  test('and answers no ping', async () => {
    const clock = new ManualClock();
    const server = await serve({ silentTo: new Set(['ping']) });
    const sink = opened(server, { clock });
    await sink.start(CALL);
    await give(sink, speechOf(2));
    await clock.advance(1_000);
    const [session] = server.sessions;
    await server.until(() => session?.messages.some(({ type }) => type === 'ping') === true);
    expect(sink.safe).toBe(0);
    await clock.advance(35_000);
    await expect(give(sink, speechOf(3), 2 * RATE)).rejects.toThrow('answers no more');
  });

  test('when it should close: the WebSocket’s own close shows that it has read all', async () => {
    const clock = new ManualClock();
    const server = await serve({ silentTo: new Set(['close']) });
    const sink = opened(server, { clock });
    await sink.start(CALL);
    await give(sink, speechOf(2));
    const ending = sink.end('ended');
    const [session] = server.sessions;
    await server.until(() => session?.reason !== undefined);
    await clock.advance(5_000);
    await ending;
    expect(sink.safe).toBe(2 * RATE);
    expect(session?.messages.at(-1)?.type).toBe('error');
    expect(server.faults).toEqual([]);
  });

  test('for good, when it should close: that is not safe', async () => {
    const clock = new ManualClock();
    const server = await serve();
    const sink = opened(server, { clock });
    await sink.start(CALL);
    server.sessions[0]?.socket.pause();
    await give(sink, speechOf(2));
    const ending = expect(sink.end('ended')).rejects.toThrow();
    await clock.advance(5_000);
    await clock.advance(2_000);
    await ending;
    expect(sink.safe).toBe(0);
  });

  test('is given no more than it is known to take, and all of it when it goes on', async () => {
    const server = await serve();
    const sink = opened(server);
    const stereo = speechOf(120);
    await sink.start(CALL);
    const [session] = server.sessions as [ServedSession];
    let given = 0;
    let ahead = 0;
    const giving = (async () => {
      for (; given < 120 * RATE; given += RATE) {
        await give(sink, stereo, given, given + RATE);
        ahead = Math.max(ahead, given + RATE - session.frames);
      }
    })();
    session.socket.pause();
    // As far as it may go without an answer.
    await expect.poll(() => given).toBe(15 * RATE);
    session.socket.resume();
    await giving;
    await sink.end('ended');
    expect(ahead).toBeLessThanOrEqual(16 * RATE);
    expect(server.faults).toEqual([]);
    expect(difference(server.bytes, encodedSides(stereo, 'PCMU', [0, 1]))).toBeUndefined();
  });
});
