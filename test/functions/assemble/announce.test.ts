import { describe, expect, it } from 'vitest';
import { assembleRecording } from '../../../functions/assemble/assemble.ts';
import type { Events } from '../../../ports/events/events.ts';
import { RecordingWorld } from '../../support/recording-world.ts';
import { RecordedTelemetry } from '../../support/telemetry.ts';

/** A call of 25 s that has been recorded, and is assembled with an event bus of this kind. */
async function assembled(publish: Events['publish']) {
  const world = new RecordingWorld();
  world.talk(0, 25);
  await world.hangUpAt(25);
  await world.record();
  const telemetry = new RecordedTelemetry();
  const ports = { ...world.assemblyPorts, events: { publish }, telemetry };
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
});
