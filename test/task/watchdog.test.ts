import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startWatchdog } from '../../task/watchdog.ts';

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
