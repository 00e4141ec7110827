/** Who is told of what is said as it is written down, and that nothing waits for them. */
import { describe, expect, test } from 'vitest';
import { eventSettings } from '../../live/sinks/event-settings.ts';
import { SegmentEvents } from '../../live/sinks/segment-events.ts';
import type { Events } from '../../ports/events/events.ts';
import { MemoryEvents } from '../../ports/events/memory-events.ts';
import type { Segment, Untranscribed } from '../../recording/transcript/segment.ts';
import { ManualClock, settled } from '../support/manual-clock.ts';
import { RecordedTelemetry } from '../support/telemetry.ts';

const ROW = {
  recordingId: 'c_1',
  startMs: 1_000,
  endMs: 2_000,
  startedAt: 1_760_000_001_000,
  channel: 'CUSTOMER',
  source: 'recognise',
} as const;

function segment(text: string): Segment {
  return { ...ROW, segmentId: `${text}#CUSTOMER#recognise`, text, words: [], expiresAt: 1_760_100_000 };
}

class World {
  readonly clock = new ManualClock(0);
  readonly telemetry = new RecordedTelemetry();
  readonly bus = new MemoryEvents();

  told(events: Events = this.bus, partials = true): SegmentEvents {
    const { clock, telemetry } = this;
    return new SegmentEvents({ events, partials, clock, telemetry });
  }
}

const never: Events = { publish: () => new Promise(() => undefined) };

describe('events', () => {
  test('are rows, as they are kept, in order', async () => {
    const world = new World();
    const events = world.told();
    const gone: Untranscribed = { ...ROW, segmentId: 'u', untranscribed: 'BEHIND' };
    events.final(segment('hello'));
    events.final(gone);
    await events.done();
    const { expiresAt, ...kept } = segment('hello');
    expect(world.bus.published).toEqual([
      { detailType: 'Transcript Segment', detail: { ...kept, final: true } },
      { detailType: 'Transcript Segment', detail: { ...gone, final: true } },
    ]);
    expect(world.telemetry.metrics).toEqual([]);
  });

  test('of what isn’t final come where they are asked for, and wait for none', async () => {
    const world = new World();
    const events = world.told();
    events.partial(segment('hel'));
    events.partial(segment('hell'));
    await events.done();
    expect(world.bus.published.map(({ detail }) => [detail.text, detail.final])).toEqual([['hel', false]]);

    const finals = world.told(world.bus, false);
    expect(finals.tellsPartials).toBe(false);
    finals.partial(segment('other'));
    await finals.done();
    expect(world.bus.published).toHaveLength(1);
  });

  test('that the bus refuses are given up, counted, and what was said is in no log', async () => {
    const world = new World();
    const events = world.told({ publish: () => Promise.reject(new TypeError('no “secret word”')) });
    events.final(segment('secret'));
    await events.done();
    expect(world.telemetry.metrics).toEqual([{ WordsEventFailures: 1 }]);
    expect(world.telemetry.lines).toMatchObject([{ level: 'warn', fields: { error: 'TypeError' } }]);
    expect(JSON.stringify(world.telemetry.lines)).not.toContain('secret');
  });

  test('keep nobody waiting where the bus doesn’t answer', async () => {
    const world = new World();
    const events = world.told(never);
    for (let row = 0; row < 101; row += 1) events.final(segment(`row ${row}`));
    expect(world.telemetry.metrics).toEqual([{ WordsEventFailures: 1 }]);
    await settled();
    const done = events.done();
    await settled();
    await world.clock.advance(5_000);
    await done;
    await world.clock.advance(5_000);
    await settled();
    expect(world.telemetry.metrics).toHaveLength(2);
  });
});

describe('who is told', () => {
  test('is a setting', () => {
    expect(eventSettings({})).toBeUndefined();
    const bus = { CALLSPOOL_EVENT_BUS: 'theirs' };
    expect(eventSettings({ ...bus, CALLSPOOL_TRANSCRIPT_EVENTS: 'final' })).toEqual({
      bus: 'theirs',
      partials: false,
    });
    expect(eventSettings({ ...bus, CALLSPOOL_TRANSCRIPT_EVENTS: 'all' })).toMatchObject({ partials: true });
    expect(() => eventSettings({ ...bus, CALLSPOOL_TRANSCRIPT_EVENTS: 'some' })).toThrow(
      'must be final or all',
    );
    expect(() => eventSettings({ CALLSPOOL_TRANSCRIPT_EVENTS: 'all' })).toThrow('CALLSPOOL_EVENT_BUS');
  });
});
