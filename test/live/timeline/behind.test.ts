import { expect, test } from 'vitest';
import { Behind } from '../../../live/timeline/behind.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { RecordedTelemetry } from '../../support/telemetry.ts';

const RATE = 8_000;

test('tells the most of ten seconds by which what was given lies behind what is said', async () => {
  const clock = new ManualClock();
  const telemetry = new RecordedTelemetry();
  const behind = new Behind(clock, telemetry);
  const format = { sampleRate: RATE, originMs: clock.now() - 2_000 };
  behind.note(0, undefined);
  for (const [second, late] of [2, 3, 7, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1].entries()) {
    // So much of the call was said by then, but for what is still to be given.
    behind.note((2 + second - late) * RATE, format);
    await clock.advance(1_000);
  }

  expect(telemetry.metrics).toEqual([{ LiveBehindMs: 7_000 }]);
});
