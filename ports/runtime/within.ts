import type { Clock } from './clock.ts';

/** When something took longer than it may. It may still have taken effect. */
class OutOfTime extends Error {
  override readonly name = 'OutOfTime';

  constructor(what: string, ms: number) {
    super(`${what} gave no answer within ${String(Math.round(ms))} ms`);
  }
}

const TIME_IS_UP = Symbol('time is up');

/**
 * Waits for the answer no longer than `ms`; the signal is aborted then.
 * @throws OutOfTime, or what `run` throws
 */
export async function within<T>(
  clock: Clock,
  ms: number,
  what: string,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const waiting = new AbortController();
  const running = new AbortController();
  const timeIsUp = clock.sleep(ms, waiting.signal).then(() => TIME_IS_UP);
  try {
    const answer = run(running.signal);
    const first = await Promise.race([answer, timeIsUp]);
    if (first !== TIME_IS_UP) return await answer;
    answer.catch(() => undefined);
    throw new OutOfTime(what, ms);
  } finally {
    waiting.abort();
    running.abort();
  }
}
