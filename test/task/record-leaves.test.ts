/** How a task leaves: what it says, what it has told the feed by then, and what it leaves behind on the tape. */
import { describe, expect, it, vi } from 'vitest';
import { TableRecordErasure } from '../../ports/calls/record-erasure.ts';
import { record } from '../../task/record.ts';
import type { RecorderPorts } from '../../task/recorder-ports.ts';
import type { SinkEnd } from '../../task/sinks/fragment-sink.ts';
import { EXECUTION_ARN, RECORDING_ID as ID } from '../support/call.ts';
import { T0 } from '../support/documents.ts';
import { range, RecordingWorld } from '../support/recording-world.ts';
import { RecordedTelemetry } from '../support/telemetry.ts';

const NEVER = new AbortController().signal;

/** A call of so many seconds, over by then, in segments of a second; whoever records it is heard. */
async function call(seconds: number) {
  const world = new RecordingWorld({ settings: { segmentMs: 1_000 }, archive: { retention: false } });
  world.talk(0, seconds);
  await world.hangUpAt(seconds);
  const telemetry = new RecordedTelemetry();
  const ends: SinkEnd[] = [];
  const feed = { take: () => undefined, onTape: () => undefined, end: (why: SinkEnd) => ends.push(why) };
  const run = (ports: Partial<RecorderPorts> = {}, signal = NEVER) =>
    world.finish(record({ ...world.ports, telemetry, feed, ...ports }, world.settings, signal));
  return {
    world,
    ends,
    run,
    telemetry,
    messages: () => telemetry.lines.map(({ message }) => message),
    /** Does it at this second of the call. */
    at: (second: number, act: () => unknown) => {
      void world.clock.sleep(second * 1_000).then(act);
    },
  };
}

/** Stores each object only after so long: at any moment some are on their way. */
function slowTape({ tape, clock }: RecordingWorld, ms: number): RecorderPorts['tape'] {
  return {
    list: (recording, from) => tape.list(recording, from),
    read: (key) => tape.read(key),
    remove: (key) => tape.remove(key),
    append: async (recording, segment) => {
      await clock.sleep(ms);
      await tape.append(recording, segment);
    },
  };
}

describe('a task', () => {
  it('says at the end why it was one, and how much there was', async () => {
    const { run, ends, telemetry } = await call(5);
    expect(await run()).toBe('ended');
    expect(ends).toEqual(['ended']);
    expect(telemetry.lines).toEqual([
      { level: 'info', message: 'the call is over', fields: { reason: 'DISCONNECTED', fragments: 5 } },
    ]);
  });

  it('says that it goes on where another one stopped, and counts that', async () => {
    const { run, ends, telemetry, at } = await call(9);
    const stop = new AbortController();
    at(5, () => {
      stop.abort();
    });
    expect(await run({}, stop.signal)).toBe('interrupted');
    expect(ends).toEqual(['interrupted']);
    expect(telemetry.metrics.flatMap((values) => Object.keys(values))).not.toContain('Resumes');
    expect(telemetry.lines).toEqual([]);

    expect(await run()).toBe('ended');
    expect(telemetry.lines[0]).toEqual({
      level: 'info',
      message: 'going on where an earlier task stopped',
      fields: { attempt: 2 },
    });
    expect(telemetry.metrics.filter((values) => 'Resumes' in values)).toEqual([{ Resumes: 1 }]);
  });

  it('counts as a resumption, too, where the one before it had kept nothing', async () => {
    const { world, run, telemetry, messages } = await call(3);
    await world.checkpoints.claim(ID, EXECUTION_ARN);
    await run();
    expect(telemetry.metrics.filter((values) => 'Resumes' in values)).toEqual([{ Resumes: 1 }]);
    expect(messages()).not.toContain('going on where an earlier task stopped');
  });

  it('touches nothing of what another execution records', async () => {
    const { world, run } = await call(5);
    await world.checkpoints.claim(ID, 'another');
    const [first, last] = [world.number(0), world.number(0)];
    await world.tape.append(world.recording, { first, last, bytes: world.document(0) });
    expect(await run()).toBe('foreign');
    expect(world.tape.keys).toHaveLength(1);
    expect(world.media.starts).toEqual([]);
  });

  it('leaves to the execution that owns the recording now', async () => {
    const { world, run, ends, at } = await call(9);
    at(5, () => world.checkpoints.handOver(ID, EXECUTION_ARN, 'another'));
    expect(await run()).toBe('foreign');
    expect(ends).toEqual(['superseded']);
  });

  it('fails with what keeps it from storing, and tells the feed so', async () => {
    const { world, run, ends, messages } = await call(3);
    const append = () => Promise.reject(new Error('AccessDenied'));
    await expect(run({ tape: { ...slowTape(world, 0), append } })).rejects.toThrow('AccessDenied');
    expect(ends).toEqual(['failed']);
    expect(messages()).toContain('could not store a tape object; it is tried again');
  });

  it('claims, and writes how far it is and that the call is over, as persistently', async () => {
    const { world, run, messages } = await call(3);
    for (const write of ['claim', 'advance', 'end'] as const)
      vi.spyOn(world.checkpoints, write).mockRejectedValueOnce(new Error('throttled'));
    expect(await run()).toBe('ended');
    const tried = messages().filter((message) => message.startsWith('could not'));
    expect(tried).toEqual([
      'could not claim the recording; it is tried again',
      'could not advance the checkpoint; it is tried again',
      'could not write that the call is over; it is tried again',
    ]);
    expect((await world.checkpoint)?.ended?.reason).toBe('DISCONNECTED');
  });
});

describe('a task whose recording has been erased', () => {
  const LATER_MS = T0 + 86_400_000;

  it('reads nothing, and removes what is left on the tape', async () => {
    const { world, run } = await call(5);
    const [first, last] = [world.number(0), world.number(0)];
    await world.tape.append(world.recording, { first, last, bytes: world.document(0) });
    await world.checkpoints.erase(ID, LATER_MS);
    expect(await run()).toBe('foreign');
    expect(world.tape.keys).toEqual([]);
    expect(world.media.starts).toEqual([]);
  });

  it('leaves nothing of it on the tape, not even what is on its way there', async () => {
    const { world, run, ends, messages, at } = await call(9);
    at(5, () => world.checkpoints.erase(ID, LATER_MS));
    vi.spyOn(world.tape, 'remove').mockRejectedValueOnce(new Error('SlowDown'));
    expect(await run({ tape: slowTape(world, 1_500) })).toBe('foreign');
    await world.finish(world.clock.sleep(10_000));
    expect(world.tape.history.length).toBeGreaterThan(4);
    expect(world.tape.keys).toEqual([]);
    expect(ends).toEqual(['erased']);
    expect(messages()).toContain('could not remove what has been erased; it is tried again');
    expect(messages()).toContain('the recording has been erased; nothing is kept of it');
  });

  it.each<[string, (world: RecordingWorld, stop: AbortController) => unknown]>([
    ['another one claims', ({ checkpoints }) => checkpoints.claim(ID, EXECUTION_ARN)],
    [
      'it is told to stop',
      (_, stop) => {
        stop.abort();
      },
    ],
  ])('leaves nothing of the contact’s next one that has been erased, when %s', async (_, leave) => {
    const { world, run, at } = await call(20);
    const next = world.number(4);
    const stop = new AbortController();
    const erasure = new TableRecordErasure(world.calls.table);
    at(6, () => erasure.noteNextStart(world.recording, next, { fragments: 0, live: 0 }));
    at(7, () => leave(world, stop));
    await run({ tape: slowTape(world, 1_500) }, stop.signal);
    await world.finish(world.clock.sleep(10_000));
    expect(world.tape.history.some(({ object }) => object.last >= next)).toBe(true);
    const kept = world.tape.history.filter(({ object }) => world.tape.keys.includes(object.key));
    expect(kept.map(({ object }) => object.last)).toEqual(range(0, 4).map((index) => world.number(index)));
  });
});
