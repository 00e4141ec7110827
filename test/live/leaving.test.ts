/** A listener in a task of its own, which nobody tells to leave. */
import { expect, test } from 'vitest';
import { leaveAfterEnd, REST_MS } from '../../live/leaving.ts';
import { type Checkpoint, NO_COUNTS } from '../../recording/checkpoint.ts';
import { parseRecording } from '../../recording/identity.ts';
import { CONTACT_ID, START_FRAGMENT_NUMBER } from '../support/call.ts';
import { ManualClock } from '../support/manual-clock.ts';

const RECORDING = parseRecording(CONTACT_ID, START_FRAGMENT_NUMBER.toString());
const HOUR = 3_600_000;
const AT = '2026-01-01T00:00:00Z';
const GOES_ON: Checkpoint = { recordingId: 'r', attempt: 1, counters: NO_COUNTS, losses: [] };
const ENDED: Checkpoint = { ...GOES_ON, ended: { reason: 'DISCONNECTED', at: AT } };

/** @param says of the checkpoint, at a time since the beginning */
function watched(says: (ms: number) => Checkpoint | undefined) {
  const clock = new ManualClock();
  const sinceMs = clock.now();
  const signal = new AbortController();
  const seen: boolean[] = [];
  const checkpoints = {
    read: async () => Promise.resolve(says(clock.now() - sinceMs)),
  };
  void leaveAfterEnd({ checkpoints, clock }, RECORDING, signal.signal).then((left) => seen.push(left));
  return { clock, signal, seen };
}

test('stays while the recording goes on, and before it has begun', async () => {
  const { clock, seen } = watched((ms) => (ms < HOUR ? undefined : GOES_ON));
  await clock.advance(12 * HOUR);

  expect(seen).toEqual([]);
});

test.each([
  ['has ended', ENDED],
  ['was erased', { ...GOES_ON, erasedAt: AT }],
])('leaves some minutes after one that %s, whatever isn’t given', async (_, then) => {
  const { clock, seen } = watched((ms) => (ms < HOUR ? GOES_ON : then));
  await clock.advance(HOUR + REST_MS - 1);
  expect(seen).toEqual([]);
  await clock.advance(30_000);

  expect(seen).toEqual([true]);
});

test('asks a table again that can’t be asked', async () => {
  const { clock, seen } = watched((ms) => {
    if (ms < HOUR) throw new Error('not now');
    return ENDED;
  });
  await clock.advance(HOUR + REST_MS + 30_000);

  expect(seen).toEqual([true]);
});

test.each([0, HOUR + 60_000])('is over when all is given, %i ms after it began', async (atMs) => {
  const { clock, seen, signal } = watched((ms) => (ms < HOUR ? undefined : ENDED));
  await clock.advance(atMs);
  signal.abort();
  await clock.advance(0);

  expect(seen).toEqual([false]);
});
