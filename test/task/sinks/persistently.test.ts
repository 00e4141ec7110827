/** How long the recorder goes on trying what can't be done at the moment. */
import { expect, it } from 'vitest';
import { Superseded } from '../../../ports/checkpoints/checkpoints.ts';
import { NO_COUNTS } from '../../../recording/checkpoint.ts';
import { persistently } from '../../../task/sinks/persistently.ts';
import { RecordedTelemetry } from '../../support/telemetry.ts';

/** Tries what fails so many times, on a clock that doesn't wait. */
async function trying(failures: number, error: Error = new Error('SlowDown')) {
  const telemetry = new RecordedTelemetry();
  const waits: number[] = [];
  const clock = { now: () => 0, sleep: (ms: number) => (waits.push(ms), Promise.resolve()) };
  let tries = 0;
  const result = await persistently('store it', { clock, telemetry }, () => {
    tries += 1;
    return tries > failures ? Promise.resolve('stored') : Promise.reject(error);
  }).catch((failure: unknown) => failure);
  return { result, tries, waits, lines: telemetry.lines };
}

it('gives what came of it, and says nothing', async () => {
  expect(await trying(0)).toEqual({ result: 'stored', tries: 1, waits: [], lines: [] });
});

it('tries again, ever more seldom, and says what, why, and when', async () => {
  const { result, waits, lines } = await trying(3);
  expect([result, waits]).toEqual(['stored', [200, 400, 800]]);
  expect(lines).toEqual(
    waits.map((retryInMs) => ({
      level: 'warn',
      message: 'could not store it; it is tried again',
      fields: { why: 'Error: SlowDown', retryInMs },
    })),
  );
});

it('gives up after about three minutes, with what stands in the way', async () => {
  const { result, waits } = await trying(Infinity, new Error('AccessDenied'));
  expect(result).toEqual(new Error('AccessDenied'));
  const secondsInAll = waits.reduce((sum, ms) => sum + ms, 0) / 1_000;
  expect(secondsInAll).toBeGreaterThan(150);
  expect(secondsInAll).toBeLessThan(190);
  expect(Math.max(...waits)).toBe(30_000);
});

it('leaves at once when another task goes on', async () => {
  const superseded = new Superseded({ recordingId: 'r', attempt: 2, counters: NO_COUNTS, losses: [] });
  expect(await trying(Infinity, superseded)).toEqual({ result: superseded, tries: 1, waits: [], lines: [] });
});
