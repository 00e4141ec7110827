import { expect, test } from 'vitest';
import { readLiveSettings } from '../../live/settings.ts';
import { CONTACT_ID, RECORDING, START_FRAGMENT_NUMBER } from '../support/call.ts';

const ENVIRONMENT = {
  CALLSPOOL_CONTACT_ID: CONTACT_ID,
  CALLSPOOL_START_FRAGMENT_NUMBER: START_FRAGMENT_NUMBER.toString(),
  CALLSPOOL_BUCKET: 'bucket',
  CALLSPOOL_CHECKPOINTS_TABLE: 'table',
  CALLSPOOL_LIVE_SINKS: 'pieces, socket,exec',
  CALLSPOOL_LIVE_SOCKET: '/run/audio.sock',
  CALLSPOOL_LIVE_EXEC: 'python3 meter.py',
};

test('sinks and what each of them is told', () => {
  expect(readLiveSettings(ENVIRONMENT)).toEqual({
    recording: RECORDING,
    bucket: 'bucket',
    checkpointsTable: 'table',
    feedSocket: undefined,
    longestSeconds: Infinity,
    windowMs: 500,
    sinks: [
      { name: 'pieces', pieceSeconds: 1 },
      { name: 'socket', path: '/run/audio.sock' },
      { name: 'exec', command: 'python3 meter.py' },
    ],
  });
});

test('what recognises, and what becomes of what is said', () => {
  const recognise = {
    ...ENVIRONMENT,
    CALLSPOOL_LIVE_SINKS: 'recognise',
    CALLSPOOL_RECOGNISER: 'python3 -m mine',
    CALLSPOOL_TRANSCRIPTS_TABLE: 'words',
  };
  expect(readLiveSettings(recognise).sinks).toEqual([
    {
      name: 'recognise',
      by: { command: 'python3 -m mine' },
      transcriptsTable: 'words',
      hungMs: 60_000,
      behindMs: Infinity,
      keepDays: undefined,
      patterns: [],
    },
  ]);
  const settings = readLiveSettings({
    ...recognise,
    CALLSPOOL_RECOGNISE_SOCKET: '/run/words.sock',
    CALLSPOOL_RECOGNISE_HUNG_SECONDS: '20',
    CALLSPOOL_RECOGNISE_BEHIND_SECONDS: '60',
    CALLSPOOL_TRANSCRIPT_DAYS: '30',
    CALLSPOOL_MASK: '###-##-####; AB #{6}',
  });
  expect(settings.sinks).toMatchObject([
    { by: { socket: '/run/words.sock' }, hungMs: 20_000, behindMs: 60_000, keepDays: 30, patterns: [{}, {}] },
  ]);
  for (const mask of ['##', '{'])
    expect(() => readLiveSettings({ ...recognise, CALLSPOOL_MASK: mask })).toThrow(/pattern/);
});

test.each([
  [{ CALLSPOOL_LIVE_SINKS: 'recognise' }, /CALLSPOOL_RECOGNISER/],
  [{ CALLSPOOL_LIVE_SINKS: undefined }, /CALLSPOOL_LIVE_SINKS/],
  [{ CALLSPOOL_LIVE_SINKS: 'pieces,radio' }, /CALLSPOOL_LIVE_SINKS must name some of pieces, socket, exec/],
  [{ CALLSPOOL_LIVE_SOCKET: '' }, /CALLSPOOL_LIVE_SOCKET/],
  [{ CALLSPOOL_LIVE_EXEC: undefined }, /CALLSPOOL_LIVE_EXEC/],
  [{ CALLSPOOL_LIVE_WINDOW_MS: '5' }, /CALLSPOOL_LIVE_WINDOW_MS/],
])('%o is refused by its name', (changes, message) => {
  expect(() => readLiveSettings({ ...ENVIRONMENT, ...changes })).toThrow(message);
});
