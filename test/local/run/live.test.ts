/** What is found out of whoever is to listen, before a call begins. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { InputError } from '../../../local/run/call.ts';
import { checkSinks, parseLive } from '../../../local/run/live.ts';
import { RECORDING } from '../../support/call.ts';
import { ownOfEachTest } from '../../support/own-of-test.ts';

const own = ownOfEachTest();
afterEach(() => {
  vi.unstubAllEnvs();
});

async function refusal(...texts: string[]): Promise<string> {
  const error: unknown = await checkSinks(parseLive(texts), RECORDING).catch((reason: unknown) => reason);
  if (error instanceof InputError) return error.message;
  throw new Error('it was not refused', { cause: error });
}

const SECRET = 'CALLSPOOL_LIVE_WEBSOCKET_SECRET';
const SERVER = 'websocket=ws://127.0.0.1:9/';

test('what is fine is fine', async () => {
  vi.stubEnv('CALLSPOOL_LIVE_PIECE_SECONDS', '5');
  vi.stubEnv('CALLSPOOL_RECOGNISER', 'cat');
  for (const sink of ['RECOGNISE', 'TRANSCRIBE']) {
    vi.stubEnv(`CALLSPOOL_${sink}_LANGUAGE_ATTRIBUTE`, 'language');
    vi.stubEnv(`CALLSPOOL_${sink}_ATTRIBUTE_LANGUAGES`, 'en-US');
  }
  vi.stubEnv(SECRET, JSON.stringify({ apiKey: 'key', clientSecret: 'c2VjcmV0' }));
  const texts = [
    'pieces',
    'exec=cat',
    `socket=${join(own.dir, 'audio.sock')}`,
    SERVER,
    'transcribe',
    'recognise',
  ];
  await checkSinks(parseLive(texts), RECORDING);
  await checkSinks({}, RECORDING);
});

test.each([
  [
    'pieces',
    'CALLSPOOL_LIVE_PIECE_SECONDS',
    '0',
    /CALLSPOOL_LIVE_PIECE_SECONDS must be a number from 1 to 60/,
  ],
  ['exec=cat', 'CALLSPOOL_LIVE_WINDOW_MS', 'soon', /CALLSPOOL_LIVE_WINDOW_MS must be a number from 100 to/],
  ['transcribe', 'CALLSPOOL_TRANSCRIBE_PII', 'hide', /CALLSPOOL_TRANSCRIBE_PII/],
  [
    'recognise',
    'CALLSPOOL_RECOGNISE_LANGUAGE_ATTRIBUTE',
    'language',
    /CALLSPOOL_RECOGNISE_ATTRIBUTE_LANGUAGES/,
  ],
  [SERVER, SECRET, 'hunter2', /the secret must be a JSON object with apiKey, clientSecret/],
  [SERVER, `${SECRET}_FILE`, '/no/such/file', /the secret can’t be read: ENOENT/],
])('%s with %s=%s is refused', async (text, name, value, message) => {
  // One that is named is there.
  vi.stubEnv('CALLSPOOL_RECOGNISER', 'cat');
  vi.stubEnv(name, value);
  const said = await refusal(text);
  expect(said).toMatch(message);
  expect(said).not.toContain('hunter2');
});

test('a socket where a file is, or where none can be, is refused', async () => {
  const file = join(own.dir, 'notes.txt');
  await writeFile(file, 'notes');
  expect(await refusal(`socket=${file}`)).toContain('is there already, and is no socket');
  expect(await refusal(`socket=${own.dir}/nowhere/audio.sock`)).toContain('its folder must be there');
});
