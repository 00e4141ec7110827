/** Time, turns, limits and logs: what the programs rest on. */
import { getEventListeners } from 'node:events';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { TASK_METRICS } from '../../../contract/metrics.ts';
import { systemClock } from '../../../ports/runtime/clock.ts';
import { eachOf } from '../../../ports/runtime/each.ts';
import { handled } from '../../../ports/runtime/handled.ts';
import { powertoolsTelemetry } from '../../../ports/runtime/powertools-telemetry.ts';
import { scaledClock } from '../../../ports/runtime/scaled-clock.ts';
import { silentTelemetry } from '../../../ports/runtime/telemetry.ts';
import { Turns } from '../../../ports/runtime/turns.ts';
import { within } from '../../../ports/runtime/within.ts';
import { RECORDING, RECORDING_ID } from '../../support/call.ts';
import { gate } from '../../support/gate.ts';
import { ManualClock, settled } from '../../support/manual-clock.ts';

describe('the system’s clock', () => {
  it('tells the time, and waits for as long as it is told', async () => {
    const beganMs = Date.now();
    expect(Math.abs(systemClock.now() - beganMs)).toBeLessThan(1_000);
    await systemClock.sleep(30);
    // Timers may be a ms early.
    expect(Date.now() - beganMs).toBeGreaterThanOrEqual(28);
  });

  it('waits no longer than the signal says, and leaves nothing at it', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    await systemClock.sleep(1, signal);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    const slept = systemClock.sleep(3_600_000, signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    controller.abort();
    await slept;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    await systemClock.sleep(3_600_000, signal);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

it('a faster clock goes on from the same time, and waits for less', async () => {
  const clock = new ManualClock(1_000);
  const faster = scaledClock(clock, 10);
  expect(faster.now()).toBe(1_000);
  const state = { isOver: false };
  void faster.sleep(500).then(() => (state.isOver = true));
  await clock.advance(49);
  expect([faster.now(), state.isOver]).toEqual([1_490, false]);
  await clock.advance(1);
  expect([faster.now(), state.isOver]).toEqual([1_500, true]);
  const controller = new AbortController();
  const aborted = faster.sleep(1e9, controller.signal);
  controller.abort();
  await aborted;
});

describe('turns', () => {
  it('begin when the one before is over, however it ended, and tell what came of each', async () => {
    const turns = new Turns();
    const said: string[] = [];
    const first = gate();
    const one = turns.take(async () => {
      await first.passed;
      said.push('one');
      throw new Error('no');
    });
    const two = turns.take(() => {
      said.push('two');
      return Promise.resolve();
    });
    await settled();
    expect(said).toEqual([]);
    first.open();
    await expect(one).rejects.toThrow('no');
    await two;
    expect(said).toEqual(['one', 'two']);
  });
});

describe('a limit of time', () => {
  it('gives the answer that comes in time, or what it throws, and waits no more', async () => {
    const clock = new ManualClock();
    const signals: AbortSignal[] = [];
    const run = (answer: Promise<number>) =>
      within(clock, 100, 'work', (signal) => {
        signals.push(signal);
        return answer;
      });
    expect(await run(Promise.resolve(7))).toBe(7);
    await expect(run(handled(Promise.reject(new Error('refused'))))).rejects.toThrow('refused');
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    await settled();
    expect(clock.pass()).toBe(false);
  });

  it('says whose answer didn’t come, ends it, and hears no more of it', async () => {
    const clock = new ManualClock();
    const late = gate();
    const state = { aborted: false };
    const answer = within(clock, 99.6, 'work', async (signal) => {
      signal.addEventListener('abort', () => (state.aborted = true));
      await late.passed;
      throw new Error('too late to be heard');
    });
    const refused = expect(answer).rejects.toMatchObject({
      name: 'OutOfTime',
      message: 'work gave no answer within 100 ms',
    });
    await clock.advance(99);
    expect(state.aborted).toBe(false);
    await clock.advance(1);
    await refused;
    expect(state.aborted).toBe(true);
    late.open();
    await settled();
  });
});

describe('work on many', () => {
  async function* numbers(count: number, taken: number[] = []) {
    for (let number = 1; number <= count; number += 1) {
      taken.push(number);
      yield await Promise.resolve(number);
    }
  }

  it('is done some at a time, no further ahead than that, and to its end', async () => {
    const gates = [1, 2, 3, 4, 5].map(() => gate());
    const [taken, done]: [number[], number[]] = [[], []];
    const working = eachOf(numbers(5, taken), 2, async (number) => {
      await gates[number - 1]?.passed;
      done.push(number);
    });
    await settled();
    expect(taken).toEqual([1, 2]);
    gates[1]?.open();
    await settled();
    expect([taken, done]).toEqual([[1, 2, 3], [2]]);
    for (const one of gates) one.open();
    await working;
    expect(done.toSorted()).toEqual([1, 2, 3, 4, 5]);
  });

  it('begins no more when some has failed, and throws what the first threw when what is under way is over', async () => {
    const second = gate();
    const [taken, done]: [number[], number[]] = [[], []];
    const working = eachOf(numbers(9, taken), 2, async (number) => {
      if (number === 1) throw new Error('the first');
      await second.passed;
      done.push(number);
      throw new Error('the second');
    });
    const state = { isOver: false };
    void working.catch(() => undefined).finally(() => (state.isOver = true));
    await settled();
    expect([taken, state.isOver]).toEqual([[1, 2], false]);
    second.open();
    await expect(working).rejects.toThrow('the first');
    expect(done).toEqual([2]);
  });
});

describe('telemetry', () => {
  /** What goes to the log, line by line. */
  function lines(): Record<string, unknown>[] {
    const written: Record<string, unknown>[] = [];
    for (const method of ['log', 'debug', 'info', 'warn', 'error'] as const) {
      const spy = vi.spyOn(console, method).mockImplementation((line: string) => {
        written.push(JSON.parse(line) as Record<string, unknown>);
      });
      onTestFinished(() => {
        spy.mockRestore();
      });
    }
    // It writes by the console then.
    vi.stubEnv('POWERTOOLS_DEV', 'true');
    vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
    vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'DEBUG');
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    return written;
  }

  it('says what, how grave it is, and whose recording it is of', () => {
    const written = lines();
    const telemetry = powertoolsTelemetry({}, RECORDING);
    telemetry.debug('a', { n: 1 });
    telemetry.info('b', { n: 4 });
    telemetry.warn('c', { n: 2 });
    telemetry.error('d', new TypeError('broken'), { n: 3 });
    telemetry.error('e', 'no error');
    const identity = { contactId: RECORDING.contactId, recordingId: RECORDING_ID };
    expect(written).toMatchObject([
      { level: 'DEBUG', message: 'a', n: 1, ...identity },
      { level: 'INFO', message: 'b', n: 4, ...identity },
      { level: 'WARN', message: 'c', n: 2, ...identity },
      { level: 'ERROR', message: 'd', n: 3, error: { name: 'TypeError', message: 'broken' }, ...identity },
      { level: 'ERROR', message: 'e', error: { message: 'no error' }, ...identity },
    ]);
  });

  it('names the invocation that lines are of', () => {
    const written = lines();
    const telemetry = powertoolsTelemetry({});
    telemetry.invoked({ awsRequestId: 'request', functionName: 'f' } as never);
    telemetry.info('a');
    expect(written).toMatchObject([{ message: 'a', function_request_id: 'request' }]);
    expect(written[0]).not.toHaveProperty('recordingId');
  });

  it('publishes values of one moment together, with whose they are beside them', () => {
    const written = lines();
    const { fragments, mediaLagMs } = TASK_METRICS;
    const telemetry = powertoolsTelemetry({ CALLSPOOL_METRICS_NAMESPACE: 'mine' }, RECORDING);
    telemetry.publish([
      [fragments, 1],
      [mediaLagMs, 2],
    ]);
    expect(written).toMatchObject([
      {
        [fragments.name]: 1,
        [mediaLagMs.name]: 2,
        contactId: RECORDING.contactId,
        recordingId: RECORDING_ID,
      },
    ]);
    expect(JSON.stringify(written)).toContain('"Namespace":"mine"');
  });

  it('may be silent', () => {
    const written = lines();
    for (const method of ['debug', 'info', 'warn'] as const) silentTelemetry[method]('a');
    silentTelemetry.error('a', new Error('b'));
    silentTelemetry.publish([]);
    expect(written).toEqual([]);
  });
});
