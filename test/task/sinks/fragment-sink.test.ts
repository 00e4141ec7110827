import { expect, it } from 'vitest';
import { type FeedSink, guarded } from '../../../task/sinks/fragment-sink.ts';
import { fragmentOf } from '../../support/documents.ts';
import { RecordedTelemetry } from '../../support/telemetry.ts';

const KEPT = { fragment: fragmentOf({}), keptAs: 'whole', source: 'live' } as const;

/** @param fails where it throws; what it is told then counts, too */
function feed(fails?: keyof FeedSink) {
  const told: (readonly [keyof FeedSink, unknown])[] = [];
  const hear = (name: keyof FeedSink) => (what: unknown) => {
    told.push([name, what]);
    if (name === fails) throw new Error('no socket');
  };
  return { told, sink: { take: hear('take'), onTape: hear('onTape'), end: hear('end') } };
}

function tellAll(sink: FeedSink): void {
  sink.take(KEPT);
  sink.onTape(7n);
  sink.end('ended');
}

it('tells a feed all that it is told', () => {
  const { told, sink } = feed();
  const telemetry = new RecordedTelemetry();
  tellAll(guarded(sink, telemetry));
  expect(told).toEqual([
    ['take', KEPT],
    ['onTape', 7n],
    ['end', 'ended'],
  ]);
  expect(telemetry.lines).toEqual([]);
});

it.each(['take', 'onTape', 'end'] as const)(
  'tells one that throws nothing more, and says so once: %s',
  (fails) => {
    const { told, sink } = feed(fails);
    const telemetry = new RecordedTelemetry();
    const safe = guarded(sink, telemetry);
    tellAll(safe);
    const before = told.length;
    expect(told.at(-1)?.[0]).toBe(fails);
    tellAll(safe);
    expect(told).toHaveLength(before);
    expect(telemetry.lines).toEqual([
      {
        level: 'error',
        message: 'the feed has failed; recording goes on without it',
        fields: {},
        error: new Error('no socket'),
      },
    ]);
  },
);
