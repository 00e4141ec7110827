import type { Clock } from '../ports/runtime/clock.ts';

/** Ends a task that makes no progress and can't say why: nothing else tells a hung container from a working one. */
export interface Watchdog {
  /** Something moved. */
  readonly alive: () => void;
  readonly stop: () => void;
}

/** @param bite called once when nothing has moved for so long; the process is to end then. */
export function startWatchdog(silenceMs: number, bite: () => void): Watchdog {
  const timer = setTimeout(bite, silenceMs);
  timer.unref();
  return {
    alive: () => {
      timer.refresh();
    },
    stop: () => {
      clearTimeout(timer);
    },
  };
}

/**
 * A clock whose owner is seen to be alive: whoever waits for anything within bounds asks what time it is, or sleeps.
 * @param onUse called whenever it does
 */
export function watchedClock(clock: Clock, onUse: () => void): Clock {
  return {
    now: () => {
      onUse();
      return clock.now();
    },
    sleep: (ms, signal) => {
      onUse();
      return clock.sleep(ms, signal);
    },
  };
}
