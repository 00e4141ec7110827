/** The parts that need no server. */
import { describe, expect, test } from 'vitest';
import { durationOf, parseServerMessage } from '../../../live/sinks/websocket/audiohook/messages.ts';
import { identityHeaders, signatureHeaders } from '../../../live/sinks/websocket/audiohook/signature.ts';
import { CallFactsReader } from '../../../live/sinks/websocket/server/call-facts.ts';
import { parseCredentials } from '../../../live/sinks/websocket/server/credentials.ts';
import { asUuid } from '../../../live/sinks/websocket/server/uuid.ts';
import { readWebSocketSettings } from '../../../live/sinks/websocket/settings.ts';
import { systemClock } from '../../../ports/runtime/clock.ts';
import type { CallRecord } from '../../../recording/call-record.ts';
import { INSTANCE_ARN, RECORDING } from '../../support/call.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { RecordedTelemetry } from '../../support/telemetry.ts';
import { signatureFault } from '../../support/websocket/signature.ts';

const IDENTITY = {
  organizationId: 'd7934305-0972-4844-938e-9060eef73d05',
  sessionId: '30b0e395-84d3-4570-ac13-9a62d8f514c0',
  correlationId: 'e160e428-53e2-487c-977d-96989bf5c99d',
};

describe('A signature', () => {
  /** The example in Genesys's documentation of AudioHook's security. */
  test('is what Genesys’s own example has', () => {
    const apiKey = 'SGVsbG8sIEkgYW0gdGhlIEFQSSBrZXkh';
    const key = { apiKey, clientSecret: 'TXlTdXBlclNlY3JldEtleVRlbGxOby0xITJAMyM0JDU=' };
    const time = { created: 1_641_013_200, expires: 3_282_026_430, nonce: 'VGhpc0lzQVVuaXF1ZU5vbmNl' };
    const url = 'wss://audiohook.example.com/api/v1/voicebiometrics/ws';
    expect(signatureHeaders(url, IDENTITY, key, time).Signature).toBe(
      'sig1=:NZBwyBHRRyRoeLqy1IzOa9VYBuI8TgMFt2GRDkDuJh4=:',
    );
  });

  test.each([
    ['wss://host.example:443/a?b=c%20d', 'host.example', '/a?b=c%20d'],
    ['ws://127.0.0.1:8080', '127.0.0.1:8080', '/'],
    ['wss://HOST.example:8443/x', 'host.example:8443', '/x'],
  ])('of %s covers host and target as they are asked for', (url, host, target) => {
    const key = { apiKey: 'k', clientSecret: 'c2VjcmV0' };
    const time = { created: 1_000, expires: 1_030, nonce: '0'.repeat(22) };
    const given = {
      ...identityHeaders(IDENTITY, key.apiKey),
      ...signatureHeaders(url, IDENTITY, key, time),
      host,
    };
    const headers = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const secrets = new Map([['k', 'c2VjcmV0']]);
    expect(signatureFault({ headers, url: target }, secrets, 1_010_000)).toBeUndefined();
    expect(signatureFault({ headers, url: `${target}x` }, secrets, 1_010_000)).toBe('wrong signature');
    expect(signatureFault({ headers, url: target }, secrets, 1_100_000)).toBe('expired');
  });
});

describe('A message', () => {
  test.each([
    [0, 'PT0S'],
    [1, 'PT0.000125S'],
    [8_000, 'PT1S'],
    [80_000, 'PT10S'],
    [12_345, 'PT1.543125S'],
    [24 * 3_600 * 8_000 + 4, 'PT86400.0005S'],
  ])('tells %i frames as %s, and reads them so', (frames, text) => {
    expect(durationOf(frames)).toBe(text);
    const message = { version: '2', id: 'a', type: 'opened', seq: 1, clientseq: 1 };
    const opened = JSON.stringify({ ...message, parameters: { media: [], discardTo: text } });
    expect(parseServerMessage(opened, 'a')?.understood).toMatchObject({ parameters: { discardTo: frames } });
  });

  test('of a type that isn’t known is a message; one whose parameters are wrong is none', () => {
    const message = { version: '2', id: 'a', seq: 1, clientseq: 1, parameters: {} };
    expect(parseServerMessage(JSON.stringify({ ...message, type: 'event' }), 'a')).toEqual({
      seq: 1,
      clientSeq: 1,
      understood: undefined,
    });
    expect(parseServerMessage(JSON.stringify({ ...message, type: 'opened' }), 'a')).toBeUndefined();
    expect(parseServerMessage(JSON.stringify({ ...message, type: 'event' }), 'b')).toBeUndefined();
  });
});

test.each([
  '',
  '[]',
  '{}',
  '{"apikey": "a"}',
  'null',
  '"a"',
  '{"apiKey": 1}',
  '{"apiKey": "a\\nb"}',
  '{"clientSecret": "!"}',
  '{"authorization": ""}',
])('a secret like %s is refused, and not repeated', (text) => {
  expect(() => parseCredentials(text)).toThrow(/^the secret must be a JSON object with [\w ,()]+$/);
});

test('ids that are no UUIDs get one that stays the same', () => {
  expect(asUuid('5B8D4F0A-31c7-4a3e-9a63-8f5c7d21e0ab')).toBe('5b8d4f0a-31c7-4a3e-9a63-8f5c7d21e0ab');
  expect(asUuid('call-7')).toBe(asUuid('call-7'));
  expect(asUuid('call-7')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
});

describe('What is known of a call', () => {
  const keep = { phoneNumbers: true, attributes: true };

  test('is left out where it can’t be read, and where that takes too long', async () => {
    const clock = new ManualClock();
    const telemetry = new RecordedTelemetry();
    const never = new CallFactsReader({ get: () => new Promise(() => undefined) }, keep, clock, telemetry);
    const waiting = never.of(RECORDING);
    await clock.advance(3_000);
    expect(await waiting).toEqual({});
    const broken = { get: () => Promise.reject(new Error('+12025550143')) };
    expect(await new CallFactsReader(broken, keep, systemClock, telemetry).of(RECORDING)).toEqual({});
    expect(telemetry.lines.map(({ fields }) => fields)).toEqual([{ error: 'OutOfTime' }, { error: 'Error' }]);
    expect(await new CallFactsReader(undefined, keep, systemClock, telemetry).of(RECORDING)).toEqual({});
  });

  test('goes out as far as there is room for it', async () => {
    const attributes = { a: 'x'.repeat(8_000), b: 'y'.repeat(500), c: 'z' };
    const call = { attributes } as Partial<CallRecord> as CallRecord;
    const reader = new CallFactsReader(
      { get: () => Promise.resolve(call) },
      keep,
      systemClock,
      new RecordedTelemetry(),
    );
    expect((await reader.of(RECORDING)).attributes).toEqual({ a: attributes.a, c: 'z' });
  });
});

describe('Settings', () => {
  const URL_VARIABLE = 'CALLSPOOL_LIVE_WEBSOCKET_URL';
  const ARN = 'arn:aws:secretsmanager:eu-west-2:123456789012:secret:callspool/listener-AbCdEf';

  test('by default', () => {
    expect(readWebSocketSettings({ [URL_VARIABLE]: 'wss://host.example/x?y=z' })).toEqual({
      name: 'websocket',
      url: 'wss://host.example/x?y=z',
      dialect: 'audiohook',
      secret: undefined,
      format: 'PCMU',
      language: undefined,
      organizationId: '00000000-0000-0000-0000-000000000000',
      behindMs: undefined,
      callsTable: undefined,
      keep: { phoneNumbers: false, attributes: false },
    });
  });

  test('all of them', () => {
    const settings = readWebSocketSettings({
      [URL_VARIABLE]: 'ws://[::1]:80/',
      CALLSPOOL_LIVE_WEBSOCKET_DIALECT: 'twilio',
      CALLSPOOL_LIVE_WEBSOCKET_SECRET_ARN: ARN,
      CALLSPOOL_LIVE_WEBSOCKET_FORMAT: 'L16',
      CALLSPOOL_LIVE_WEBSOCKET_LANGUAGE: 'es-419',
      CALLSPOOL_LIVE_WEBSOCKET_BEHIND_SECONDS: '20',
      CALLSPOOL_CALLS_TABLE: 'calls',
      CALLSPOOL_KEEP_PHONE_NUMBERS: 'true',
      CALLSPOOL_KEEP_ATTRIBUTES: 'false',
      CALLSPOOL_INSTANCE_ARN: INSTANCE_ARN,
    });
    expect(settings).toMatchObject({
      dialect: 'twilio',
      secret: { from: 'secrets-manager', arn: ARN, region: 'eu-west-2' },
      format: 'L16',
      language: 'es-419',
      organizationId: INSTANCE_ARN.slice(INSTANCE_ARN.lastIndexOf('/') + 1),
      behindMs: 20_000,
      callsTable: 'calls',
      keep: { phoneNumbers: true, attributes: false },
    });
  });

  test.each(['ws://127.0.0.1:1', 'ws://localhost', 'ws://[::1]/', 'ws://127.8.9.10/', 'wss://10.0.0.1/'])(
    '%s is allowed',
    (url) => {
      expect(readWebSocketSettings({ [URL_VARIABLE]: url }).url).toBe(url);
    },
  );

  test.each([
    [{ [URL_VARIABLE]: '' }, /CALLSPOOL_LIVE_WEBSOCKET_URL must be set/],
    [{ [URL_VARIABLE]: 'ws://host.example' }, /CALLSPOOL_LIVE_WEBSOCKET_URL must be a URL with wss:/],
    [{ [URL_VARIABLE]: 'ws://127.0.0.1.example' }, /must be a URL with wss:/],
    [{ [URL_VARIABLE]: 'https://host.example' }, /must be a URL with wss:/],
    [{ [URL_VARIABLE]: 'nonsense' }, /must be a URL with wss:/],
    [{ [URL_VARIABLE]: 'wss://user:word@host.example' }, /must hold no user, password or fragment$/],
    [{ [URL_VARIABLE]: 'wss://host.example/#x' }, /must hold no user, password or fragment/],
    [
      { CALLSPOOL_LIVE_WEBSOCKET_DIALECT: 'siprec' },
      /CALLSPOOL_LIVE_WEBSOCKET_DIALECT must be one of audiohook, twilio/,
    ],
    [
      { CALLSPOOL_LIVE_WEBSOCKET_SECRET_ARN: 'listener' },
      /CALLSPOOL_LIVE_WEBSOCKET_SECRET_ARN must be the ARN/,
    ],
    [{ CALLSPOOL_LIVE_WEBSOCKET_FORMAT: 'OPUS' }, /CALLSPOOL_LIVE_WEBSOCKET_FORMAT must be one of PCMU, L16/],
    [{ CALLSPOOL_LIVE_WEBSOCKET_LANGUAGE: 'en US' }, /CALLSPOOL_LIVE_WEBSOCKET_LANGUAGE/],
    [{ CALLSPOOL_LIVE_WEBSOCKET_ORGANIZATION: 'us' }, /CALLSPOOL_LIVE_WEBSOCKET_ORGANIZATION must be a UUID/],
    [
      { CALLSPOOL_LIVE_WEBSOCKET_BEHIND_SECONDS: '1' },
      /CALLSPOOL_LIVE_WEBSOCKET_BEHIND_SECONDS must be a number from 10/,
    ],
    [{ CALLSPOOL_KEEP_ATTRIBUTES: 'yes' }, /CALLSPOOL_KEEP_ATTRIBUTES must be true or false/],
    [
      { CALLSPOOL_LIVE_WEBSOCKET_SECRET: '{}', CALLSPOOL_LIVE_WEBSOCKET_SECRET_FILE: '/run/secret' },
      /only one of CALLSPOOL_LIVE_WEBSOCKET_SECRET_ARN, /,
    ],
  ])('%o is refused by its name', (changes, message) => {
    expect(() => readWebSocketSettings({ [URL_VARIABLE]: 'wss://host.example', ...changes })).toThrow(
      message,
    );
  });
});
