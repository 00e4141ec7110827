/** Time that goes faster, for stand-ins and what talks to them. */
import type { Clock } from './clock.ts';

/** @param scale so many times as fast as the other one */
export function scaledClock(clock: Clock, scale: number): Clock {
  const began = clock.now();
  return {
    now: () => began + (clock.now() - began) * scale,
    sleep: (ms, signal) => clock.sleep(ms / scale, signal),
  };
}
