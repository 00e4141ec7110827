import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startWatchdog, watchedClock } from '../../task/watchdog.ts';
import { ManualClock } from '../support/manual-clock.ts';

describe('startWatchdog', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('bites once nothing has moved for long enough', () => {
    const bite = vi.fn();
    startWatchdog(1_000, bite);
    vi.advanceTimersByTime(999);
    expect(bite).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(bite).toHaveBeenCalledOnce();
  });

  it('is kept quiet by whatever moves, and by being stopped', () => {
    const bite = vi.fn();
    const watchdog = startWatchdog(1_000, bite);
    for (let count = 0; count < 10; count += 1) {
      vi.advanceTimersByTime(900);
      watchdog.alive();
    }
    watchdog.stop();
    vi.advanceTimersByTime(10_000);
    expect(bite).not.toHaveBeenCalled();
  });
});

describe('a watched clock', () => {
  it('tells of whoever asks what time it is, or sleeps, and is the clock that it was', async () => {
    const clock = new ManualClock(1_000);
    let uses = 0;
    const watched = watchedClock(clock, () => (uses += 1));
    expect([watched.now(), uses]).toEqual([1_000, 1]);
    let isAwake = false;
    const slept = watched.sleep(500).then(() => (isAwake = true));
    expect(uses).toBe(2);
    await clock.advance(499);
    expect(isAwake).toBe(false);
    await clock.advance(1);
    await slept;
    const stop = new AbortController();
    const stopped = watched.sleep(500, stop.signal);
    stop.abort();
    await stopped;
    expect([clock.now(), uses]).toEqual([1_500, 3]);
  });
});
