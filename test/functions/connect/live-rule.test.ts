/** Which calls are given to whoever listens. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ConnectDeps } from '../../../functions/connect/handler.ts';
import { decideLive, liveRule } from '../../../functions/connect/live-rule.ts';
import { MemoryCalls } from '../../../ports/calls/memory-calls.ts';
import { inputOf } from '../../../resuming/resume.ts';
import { CONTACT_ID, RECORDING, RECORDING_ID } from '../../support/call.ts';
import { flowEvent } from '../../support/flow-event.ts';
import { onTwins } from './twins.ts';

const ON = { otherwise: 'on', percent: 100 } as const;
const OFF = { otherwise: 'off', percent: 100 } as const;

async function start(live: ConnectDeps['live'], parameters: unknown, calls = new MemoryCalls()) {
  const { handler, executions, telemetry } = onTwins({ calls, live });
  const event = flowEvent();
  const answer = await handler({ Details: { ...event.Details, Parameters: parameters } });
  const record = await calls.get(RECORDING);
  return { answer, record, telemetry, input: executions.executions.get(RECORDING_ID)?.input, calls };
}

describe('a call', () => {
  it.each([
    ['nothing is deployed that listens', undefined, { live: 'on' }, 'off'],
    ['its flow says nothing', ON, { sent: 'by the flow' }, 'on'],
    ['its flow gives nothing', ON, null, 'on'],
    ['its flow gives no map', ON, ['live'], 'on'],
    ['the deployment says off', OFF, {}, 'off'],
    ['its flow says on', OFF, { live: 'on' }, 'on'],
    ['its flow says off', ON, { live: 'off' }, 'off'],
    ['its flow says on, in its own way', OFF, { live: ' On' }, 'on'],
    [
      'its flow says on, and few are listened to',
      { otherwise: 'on', percent: 0 } as const,
      { live: 'on' },
      'on',
    ],
    ['none of a hundred is listened to', { otherwise: 'on', percent: 0 } as const, {}, 'off'],
  ])('%s', async (_, rule, parameters, expected) => {
    const { answer, record, input } = await start(rule, parameters);

    expect(answer).toMatchObject({ status: 'STARTED' });
    expect(input).toMatchObject({ live: expected });
    expect(record).toMatchObject({ live: expected });
  });

  it.each(['yes', 5, '', { on: true }])(
    'is recorded whatever its flow says: %j, and that is told',
    async (live) => {
      const { answer, record, telemetry } = await start(ON, { live });

      expect(answer).toMatchObject({ status: 'STARTED' });
      expect(record).toMatchObject({ live: 'on' });
      expect(telemetry.lines[0]).toMatchObject({ level: 'warn', fields: { facts: ['live'] } });
    },
  );

  it('is counted where somebody may listen, and nowhere else', async () => {
    const listened = await start(ON, {});
    const notListened = await start(OFF, {});
    const never = await start(undefined, {});
    const again = await start(ON, {}, listened.calls);

    expect(listened.telemetry.metrics).toContainEqual({ LiveCalls: 1 });
    expect(notListened.telemetry.metrics).toContainEqual({ LiveCalls: 0 });
    for (const { telemetry } of [never, again])
      expect(JSON.stringify(telemetry.metrics)).not.toContain('Live');
  });

  it('goes on as it was decided, when it is started again and when it is resumed', async () => {
    const first = await start(ON, { live: 'off' });
    // The record stands, and its execution never began; meanwhile somebody changed the flow.
    const again = await start(ON, { live: 'on' }, first.calls);

    expect(again.input).toMatchObject({ live: 'off' });
    expect(first.record && inputOf(first.record)).toEqual(first.input);
  });

  it('of a version that knew nothing of it is resumed without listeners', async () => {
    const { record } = await start(ON, {});
    if (record === undefined) throw new Error('there is no record');
    const { live, ...older } = record;
    expect(live).toBe('on');

    expect(inputOf(older)).toMatchObject({ live: 'off' });
  });
});

describe('of a hundred calls', () => {
  const ids = Array.from({ length: 4_000 }, () => randomUUID());
  const chosen = (percent: number) =>
    ids.filter((id) => decideLive({ otherwise: 'on', percent }, undefined, id) === 'on');

  it.each([0, 1, 10, 50, 99, 100])('%i are listened to', (percent) => {
    // Four standard deviations of a draw of so many.
    const tolerance = 4 * Math.sqrt(ids.length * (percent / 100) * (1 - percent / 100));

    expect(Math.abs(chosen(percent).length - (ids.length * percent) / 100)).toBeLessThanOrEqual(tolerance);
  });

  it('always the same ones, and with a higher number those as well', () => {
    const more = new Set(chosen(30));

    expect(chosen(10)).toEqual(chosen(10));
    expect(chosen(10).filter((id) => !more.has(id))).toEqual([]);
    // In every version: 77 is where its hash puts it.
    expect(decideLive({ otherwise: 'on', percent: 76 }, undefined, CONTACT_ID)).toBe('off');
    expect(decideLive({ otherwise: 'on', percent: 77 }, undefined, CONTACT_ID)).toBe('on');
  });
});

describe('the function’s variables', () => {
  it('say nothing where nothing is deployed', () => {
    expect(liveRule({})).toBeUndefined();
    expect(liveRule({ CALLSPOOL_LIVE: 'off', CALLSPOOL_LIVE_PERCENT: '5' })).toEqual({
      otherwise: 'off',
      percent: 5,
    });
    expect(liveRule({ CALLSPOOL_LIVE: 'on' })).toEqual(ON);
  });

  it('may be on or off', () => {
    expect(() => liveRule({ CALLSPOOL_LIVE: 'yes' })).toThrow('CALLSPOOL_LIVE must be on or off');
  });

  it.each([{ CALLSPOOL_LIVE: 'yes' }, { CALLSPOOL_LIVE: 'on', CALLSPOOL_LIVE_PERCENT: '101' }])(
    '%j are refused',
    (env) => {
      expect(() => liveRule(env)).toThrow(/CALLSPOOL_LIVE/);
    },
  );
});
