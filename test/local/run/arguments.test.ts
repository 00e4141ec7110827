import { describe, expect, test } from 'vitest';
import { parseArguments } from '../../../local/run/arguments.ts';
import { InputError } from '../../../local/run/call.ts';

test('without options it is the sample call, as fast as it goes', async () => {
  const { media, ...rest } = (await parseArguments([])) ?? {};
  expect(media).toMatch(/local\/sample\/call\.wav$/);
  expect(rest).toEqual({ out: 'local-out', network: 'public', segmentSeconds: 10, formats: [], live: {} });
});

test('every option is taken', async () => {
  const line =
    '--media a.mkv --out b --contact c --segment-seconds 1.5 --kill-at 0 --pace=20 --network ipv6 --flac --live pieces --live exec=cat';
  expect(await parseArguments(line.split(' '))).toEqual({
    media: 'a.mkv',
    out: 'b',
    contact: 'c',
    segmentSeconds: 1.5,
    network: 'ipv6',
    killAtSeconds: 0,
    pace: 20,
    formats: ['flac'],
    live: { pieces: '', exec: 'cat' },
  });
});

test.each(['wss://host.example/x?y=1,2', 'ws://127.0.0.1:80,twilio', 'ws://localhost:80/a,b,audiohook'])(
  'a WebSocket server: %s',
  async (websocket) => {
    expect((await parseArguments(['--live', `websocket=${websocket}`]))?.live).toEqual({ websocket });
  },
);

describe('what can not be meant is refused in one line that names the option', () => {
  test.each([
    ['--media', /media/],
    ['--media a --media b', /media/],
    ['--media= ', /media/],
    ['--no-media', /no-media/],
    ['--segment-seconds 0', /segment-seconds.*1 to 300/],
    ['--segment-seconds 301', /segment-seconds.*1 to 300/],
    ['--segment-seconds ten', /segment-seconds/],
    ['--kill-at -1', /kill-at/],
    ['--kill-at', /kill-at/],
    ['--pace 0', /pace/],
    ['--pace Infinity', /pace/],
    ['--pace 1 --pace 2', /pace/],
    ['--live websocket', /live/],
    ['--live radio=x', /live/],
    ['--live websocket=ws://host.example', /live websocket.*wss:/],
    ['--live websocket=wss://host.example,siprec', /live websocket.*audiohook, twilio/],
    ['--live websocket=ws://127.0.0.1:80,Twilio', /live websocket.*audiohook, twilio/],
    ['--live websocket=ws://127.0.0.1:80/x,audiohook2', /live websocket.*audiohook, twilio/],
    ['--live exec=', /live/],
    ['--live pieces=1', /live/],
    ['--live transcribe=1', /live/],
    ['--live pieces --live pieces', /live/],
    ['--no-flac', /no-flac/],
    ['--flac yes', /non-option/],
    ['--speed 2', /speed/],
    ['file.wav', /non-option/],
  ])('%s', async (line, message) => {
    const refusal = await parseArguments(line.trim().split(' ')).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(InputError);
    expect((refusal as InputError).message).toMatch(message);
    expect((refusal as InputError).message).not.toContain('\n');
  });
});
