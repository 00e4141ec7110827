import { describe, expect, it } from 'vitest';
import { assembleRecording } from '../../../functions/assemble/assemble.ts';
import type { Events } from '../../../ports/events/events.ts';
import type { Clock } from '../../../ports/runtime/clock.ts';
import { RecordingWorld } from '../../support/recording-world.ts';
import { RecordedTelemetry } from '../../support/telemetry.ts';

/** A call of 25 s that has been recorded, and is assembled with an event bus of this kind. */
async function assembled(publish: (...args: [...Parameters<Events['publish']>, Clock]) => Promise<void>) {
  const world = new RecordingWorld();
  world.talk(0, 25);
  await world.hangUpAt(25);
  await world.record();
  const telemetry = new RecordedTelemetry();
  const ports = {
    ...world.assemblyPorts,
    events: { publish: (...args: Parameters<Events['publish']>) => publish(...args, world.clock) },
    telemetry,
  };
  const beganMs = world.clock.now();
  const result = await world.finish(assembleRecording(ports, world.assembleInput));
  return {
    result,
    call: await world.calls.get(world.recording),
    metrics: telemetry.metrics.at(-1),
    warnings: telemetry.lines.filter(({ level }) => level === 'warn'),
    tookMs: world.clock.now() - beganMs,
  };
}

const refused = () => Promise.reject(new Error('EventBridge didn’t take the event: InternalFailure'));

describe('announcing a recording', () => {
  it.each([
    ['refuses', refused],
    [
      'throws before it asks',
      () => {
        throw new Error('no such bus');
      },
    ],
    ['never answers', () => new Promise<void>(() => undefined)],
  ])(
    'changes nothing of it where the bus %s: a warning, a count, and no more than 65 s',
    async (_, publish) => {
      const { result, call, metrics, warnings, tookMs } = await assembled(publish);

      expect(result.status).toBe('COMPLETE');
      expect(call).toMatchObject({ status: 'COMPLETE', losses: [] });
      expect(metrics).toMatchObject({ Complete: 1, AnnouncementFailures: 1 });
      expect(warnings).toHaveLength(1);
      expect(tookMs).toBeLessThanOrEqual(65_000);
    },
  );

  it('is tried again', async () => {
    let tries = 0;
    const { metrics, warnings } = await assembled(() => {
      tries += 1;
      return tries < 4 ? refused() : Promise.resolve();
    });

    expect(tries).toBe(4);
    expect(metrics).toMatchObject({ AnnouncementFailures: 0 });
    expect(warnings).toEqual([]);
  });

  it('is tried again later and later, for the bus may be out for longer', async () => {
    const atMs: number[] = [];
    await assembled((_detailType, _detail, clock) => {
      atMs.push(clock.now());
      return refused();
    });

    const waits = atMs.slice(1).map((ms, index) => ms - (atMs[index] ?? 0));
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000]);
  });

  it('says in the log what was not told, and why', async () => {
    const { warnings } = await assembled(refused);

    const reason = 'Error: EventBridge didn’t take the event: InternalFailure';
    const fields = { detailType: 'Recording Completed', reason };
    expect(warnings).toEqual([
      { level: 'warn', message: expect.stringContaining('recording itself is complete') as unknown, fields },
    ]);
  });

  it('names the bus that never answers', async () => {
    const { warnings } = await assembled(() => new Promise<void>(() => undefined));

    expect(warnings[0]?.fields.reason).toContain('EventBridge gave no answer');
  });
});
