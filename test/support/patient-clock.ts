/**
 * Time that goes faster than real time, and waits for this process: however long that is held up by others on the machine,
 * between two turns of its own loop no more goes by than a step. So what a test's stand-in and its client do to each other
 * depends on what they do, and not on how busy a machine is.
 */
import type { Clock } from '../../ports/runtime/clock.ts';
import { ManualClock, settled } from './manual-clock.ts';

/** Less than a chunk of audio lasts, which is what the clients here send at a time. */
const STEP_MS = 50;

/** @param scale so many times as fast as real time, at most. It stands still while nobody sleeps by it */
export function patientClock(scale: number): Clock {
  const clock = new ManualClock(0);
  let sleepers = 0;
  let isRunning = false;
  const run = async () => {
    isRunning = true;
    for (let lastMs = performance.now(); sleepers > 0;) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      // What has come in the meantime is dealt with first.
      await settled();
      const nowMs = performance.now();
      await clock.advance(Math.min((nowMs - lastMs) * scale, STEP_MS));
      lastMs = nowMs;
    }
    isRunning = false;
  };
  return {
    now: () => clock.now(),
    sleep: async (ms, signal) => {
      const slept = clock.sleep(ms, signal);
      sleepers += 1;
      if (!isRunning) void run();
      await slept;
      sleepers -= 1;
    },
  };
}
