/** Media Streams: a server that was written from the documentation hears each track's samples at their times. */
import { expect, test } from 'vitest';
import type { WebSocketSink } from '../../../live/sinks/websocket/websocket-sink.ts';
import { CONTACT_ID, INSTANCE_ARN, RECORDING_ID, START_FRAGMENT_NUMBER } from '../../support/call.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ownOfEachTest } from '../../support/own-of-test.ts';
import { difference, encodedSides } from '../../support/websocket/encoded.ts';
import { type TwilioBehaviour, TwilioServer } from '../../support/websocket/twilio-server.ts';
import {
  ATTRIBUTES,
  CALL,
  CUSTOMER_NUMBER,
  give,
  listening as listeningTo,
  type Opening,
  opening,
  RATE,
  SECONDS,
  speechOf,
  SYSTEM_NUMBER,
  WAV,
} from './support.ts';

const own = ownOfEachTest();

async function serve(behaviour: TwilioBehaviour = {}): Promise<TwilioServer> {
  const server = await TwilioServer.start(behaviour);
  own.closeAfter(() => {
    server.close();
  });
  return server;
}

function opened(server: TwilioServer, options: Partial<Opening> = {}): WebSocketSink {
  const sink = opening({ url: server.url, dialect: 'twilio', ...options }).open();
  own.closeAfter(() => {
    sink.close();
  });
  return sink;
}

function listening(server: TwilioServer, keep: number, options: Partial<Opening> = {}) {
  const { open } = opening({ url: server.url, dialect: 'twilio', ...options });
  return listeningTo(own, open, keep);
}

function expectAll(server: TwilioServer, stereo = WAV): void {
  expect(server.faults).toEqual([]);
  for (const [side, track] of (['inbound', 'outbound'] as const).entries()) {
    const heard = server.heard(track);
    expect(heard.missing).toBe(0);
    expect(difference(heard.bytes, encodedSides(stereo, 'PCMU', [side === 0 ? 0 : 1]))).toBeUndefined();
  }
}

test('each track’s samples come at their times, 20 ms a message', async () => {
  const server = await serve();
  const { recorder, done } = await listening(server, SECONDS);
  await recorder.end();
  expect(await done).toBe('ended');
  expectAll(server);
  const [stream, ...others] = server.streams;
  expect(others).toEqual([]);
  expect(stream?.media).toBe(2 * Math.ceil(WAV.length / 4 / 160));
  expect(stream?.isStopped).toBe(true);
  expect(stream?.jumps).toEqual([]);
  await server.until(() => stream?.closeCode !== undefined);
  expect(stream?.closeCode).toBe(1_000);
});

test.each([1_000, 1_001, undefined])(
  'a server that closes amid the call (%s) is connected to anew',
  async (code) => {
    const server = await serve();
    const { recorder, done } = await listening(server, 5);
    await server.until(([first]) => (first?.media ?? 0) > 200);
    const [first] = server.streams;
    if (code === undefined) first?.socket.terminate();
    else first?.socket.close(code);
    await server.until(() => first?.closeCode !== undefined);
    recorder.keep(7);
    await recorder.end();
    expect(await done).toBe('ended');
    expectAll(server);
    const starts = server.streams.map(({ start }) => start);
    expect(starts).toHaveLength(2);
    expect(new Set(starts.map((start) => start?.callSid))).toEqual(
      new Set([`CA${CONTACT_ID.replaceAll('-', '')}`]),
    );
    expect(new Set(starts.map((start) => start?.streamSid)).size).toBe(2);
  },
);

test('a token that is changed is read anew once the server refuses the request', async () => {
  let known = 'first token';
  const server = await serve({ authToken: () => known });
  let kept = 'an older token';
  const secret = { read: () => Promise.resolve(JSON.stringify({ authToken: kept })) };
  const { recorder, done } = await listening(server, 5, { secret });
  await server.until(() => server.requests > 0);
  expect(server.streams).toEqual([]);
  kept = known;
  await server.until(([first]) => (first?.media ?? 0) > 200);
  kept = known = 'second token';
  server.streams[0]?.socket.close(1_008);
  recorder.keep(7);
  await recorder.end();
  expect(await done).toBe('ended');
  expectAll(server);
  expect(server.requests).toBe(3);
});

test('what goes out beside the audio is no more than a deployment keeps', async () => {
  const server = await serve();
  const numbers = { CALLSPOOL_KEEP_PHONE_NUMBERS: 'true', CALLSPOOL_INSTANCE_ARN: INSTANCE_ARN };
  for (const environment of [{}, numbers, { CALLSPOOL_KEEP_ATTRIBUTES: 'true' }]) {
    const sink = opened(server, { environment });
    await sink.start(CALL);
    await sink.end('ended');
  }
  const [nothing, withNumbers, withAttributes] = server.streams.map(({ start }) => start?.customParameters);
  const facts = {
    recordingId: RECORDING_ID,
    contactId: CONTACT_ID,
    startFragmentNumber: START_FRAGMENT_NUMBER.toString(),
    startFrame: '0',
    originMs: String(CALL.originMs),
  };
  expect(nothing).toEqual(facts);
  expect(withNumbers).toEqual({ ...facts, from: CUSTOMER_NUMBER, to: SYSTEM_NUMBER });
  expect(withAttributes).toEqual({ ...ATTRIBUTES, ...facts });
  expect(server.streams[1]?.start?.accountSid).toBe('AC1f0a9a526b1e4c5cbf340d6a3c6f1d11');
  expect(server.faults).toEqual([]);
});

test('what is left out is a jump of the timestamps; what comes late, and can’t be told, is counted', async () => {
  const clock = new ManualClock(CALL.originMs + 12_000);
  const server = await serve();
  const { open, telemetry } = opening({
    url: server.url,
    dialect: 'twilio',
    clock,
    environment: { CALLSPOOL_LIVE_WEBSOCKET_BEHIND_SECONDS: '10' },
  });
  const sink = open();
  await sink.start({ ...CALL, startFrame: 100 });
  const stereo = speechOf(9);
  await give(sink, stereo, 100);
  await sink.late(1, 0, new Uint8Array(64));
  await sink.gap({ channel: 0, startFrame: 0, frames: 5 }, 'MOVED');
  await sink.gap({ channel: 1, startFrame: 0, frames: 7 }, 'LATE');
  for (const channel of [0, 1] as const)
    await sink.gap({ channel, startFrame: 9 * RATE, frames: 777 }, 'END');
  await sink.end('ended');
  sink.close();
  expect(server.faults).toEqual([]);
  const [stream] = server.streams;
  expect(stream?.start?.customParameters.startFrame).toBe('100');
  const skipped = 7 * RATE + 777;
  expect(stream?.jumps.map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([
    [12.5, 7_012],
    [12.5, 7_012],
  ]);
  expect(telemetry.lines.at(-1)?.fields).toEqual({ late: 32, moved: 5, skipped });
});

test('whatever a server sends is no reason to stop', async () => {
  const server = await serve();
  const sink = opened(server);
  await sink.start(CALL);
  const [stream] = server.streams;
  for (const text of [
    'rubbish',
    '{"event":"media"}',
    '{"event":"mark","mark":{"name":"x"}}',
    '{"event":"clear"}',
  ])
    stream?.socket.send(text);
  stream?.socket.send(Buffer.alloc(60_000));
  await give(sink, WAV);
  await sink.end('ended');
  expectAll(server);
});

test('a server that hangs is given no more than it is known to take, and given up in the end', async () => {
  const clock = new ManualClock();
  const server = await serve();
  const sink = opened(server, { clock });
  await sink.start(CALL);
  server.streams[0]?.socket.pause();
  const stereo = speechOf(20);
  let given = 0;
  const giving = (async () => {
    for (; ; given += RATE) await give(sink, stereo, given, given + RATE);
  })();
  const broken = expect(giving).rejects.toMatchObject({ name: 'ServerBrokeOff' });
  await expect.poll(() => given).toBe(15 * RATE);
  await clock.advance(60_000);
  await broken;
  expect(given).toBe(15 * RATE);
  expect(sink.safe).toBe(0);
});
