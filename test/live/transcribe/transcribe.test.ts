/** What Transcribe says of a call becomes rows, once each and at its time, whatever becomes of its streams. */
import { describe, expect, test } from 'vitest';
import { SegmentEvents } from '../../../live/sinks/segment-events.ts';
import { tone, toneWord } from '../../../local/standins/transcribe/tones.ts';
import { MemoryEvents } from '../../../ports/events/memory-events.ts';
import { MemoryTranscripts } from '../../../ports/transcripts/memory-transcripts.ts';
import type { Recording } from '../../../recording/identity.ts';
import { RECORDING_ID } from '../../support/call.ts';
import type { Spoken } from './support.ts';
import {
  audioOf,
  conversation,
  expected,
  fastest,
  give,
  newWorld,
  RATE,
  until,
  type World,
} from './support.ts';

/** Another call, at the same time. */
const OTHER: Recording = { contactId: '0b9f8a1e-6f5d-4b1c-8a52-3f3ad6a4c001', startFragmentNumber: 7n };

async function expectWords(world: World, spoken: readonly Spoken[], toleranceMs = 60): Promise<void> {
  const [said, wanted] = [await world.words(), expected(spoken)];
  const byName = (words: typeof said) =>
    words.map(({ said: name }) => name).toSorted((a, b) => (a < b ? -1 : 1));
  expect(byName(said)).toEqual(byName(wanted));
  for (const want of wanted) {
    const near = said.filter(({ said: name, startMs, endMs }) => {
      return (
        name === want.said &&
        Math.abs(startMs - want.startMs) <= toleranceMs &&
        Math.abs(endMs - want.endMs) <= toleranceMs
      );
    });
    expect(near, `${want.said} at ${String(want.startMs)} ms`).toHaveLength(1);
  }
}

describe('a call', () => {
  test('is written down, each word once and at its time', { timeout: 120_000 }, async () => {
    const world = await newWorld();
    const spoken = conversation(60);
    const stereo = audioOf(spoken, 60);
    const sink = await world.started();
    await give(sink, stereo, 0, 60 * RATE);
    await sink.end('ended');
    await expectWords(world, spoken);
    expect(await world.untranscribed()).toEqual([]);
    expect(sink.safe).toBe(60 * RATE);
    expect(world.streams.map(({ ended }) => ended)).toEqual(['done']);
  });

  test('goes on through a hold in which nothing comes', { timeout: 120_000 }, async () => {
    const world = await newWorld();
    const hold = { from: 12, to: 102 };
    const before = conversation(12);
    const after = conversation(20).map((one) => ({ ...one, startFrame: one.startFrame + hold.to * RATE }));
    const stereo = audioOf([...before, ...after], 130);
    const sink = await world.started();
    await give(sink, stereo, 0, hold.from * RATE);
    await world.clock.sleep((hold.to - hold.from) * 1000);
    await give(sink, stereo, hold.from * RATE, 130 * RATE);
    await sink.end('ended');
    await expectWords(world, [...before, ...after]);
    // That its silence is sent once, pump.test.ts holds, by a clock that no other process holds up.
    expect(world.streams).toHaveLength(1);
  });

  test('of many hours is written down by streams that follow one another', { timeout: 120_000 }, async () => {
    // A stream may last as long, by a hundredth and fiftieth, as it may by the service.
    const world = await newWorld({ longestMs: 96_000 });
    const spoken = conversation(400);
    const stereo = audioOf(spoken, 400);
    const sink = await world.started(0, { streamMs: 60_000 });
    await give(sink, stereo, 0, 400 * RATE);
    await sink.end('ended');
    await expectWords(world, spoken);
    expect(world.streams.length).toBeGreaterThanOrEqual(4);
    expect(new Set(world.streams.map(({ ended }) => ended)).has('LimitExceededException')).toBe(false);
  });

  test.each([
    ['reset', { kind: 'reset', afterMs: 13_000 }],
    ['cut', { kind: 'cut', afterMs: 17_000 }],
    ['failed', { kind: 'fail', code: 'InternalFailureException', afterMs: 15_000 }],
    ['never answered', { kind: 'mute' }],
    ['refused', { kind: 'refuse', code: 'LimitExceededException', statusCode: 429 }],
    ['refused for now', { kind: 'refuse', code: 'ServiceUnavailableException', statusCode: 503 }],
  ] as const)(
    'loses no word and says none twice where streams are %s',
    { timeout: 120_000 },
    async (_, fate) => {
      const world = await newWorld({ fate: (number) => (number <= 3 ? fate : undefined) });
      const spoken = conversation(60);
      const stereo = audioOf(spoken, 60);
      const sink = await world.started();
      await give(sink, stereo, 0, 60 * RATE);
      await sink.end('ended');
      await expectWords(world, spoken);
      expect(await world.untranscribed()).toEqual([]);
      expect(world.streams.length).toBeGreaterThan(1);
    },
  );

  test('is written down where the first words are answered late', { timeout: 120_000 }, async () => {
    const world = await newWorld({ lagMs: { least: 6_000, most: 9_000 } });
    const spoken = conversation(40);
    const sink = await world.started();
    await give(sink, audioOf(spoken, 40), 0, 40 * RATE);
    await sink.end('ended');
    await expectWords(world, spoken);
    expect(world.streams).toHaveLength(1);
  });

  test(
    'waits where there are too many streams, and takes the first that is free',
    { timeout: 120_000 },
    async () => {
      const world = await newWorld({ streamsMax: 1 });
      const spoken = conversation(30);
      const stereo = audioOf(spoken, 30);
      const other = await world.started(0, { transcripts: new MemoryTranscripts() }, OTHER);
      await give(other, stereo, 0, 10 * RATE);
      const sink = await world.started();
      const given = give(sink, stereo, 0, 30 * RATE);
      await until(() => world.streams.some(({ ended }) => ended === 'LimitExceededException'));
      other.close();
      await given;
      await sink.end('ended');
      await expectWords(world, spoken);
      expect(await world.untranscribed()).toEqual([]);
    },
  );

  test('ends for one that should have gone, when its successor begins', { timeout: 120_000 }, async () => {
    const world = await newWorld();
    const spoken = conversation(60);
    const stereo = audioOf(spoken, 60);
    const zombie = await world.started();
    await give(zombie, stereo, 0, 20 * RATE);
    const sink = await world.started(Math.max(0, zombie.safe));
    await give(sink, stereo, Math.max(0, zombie.safe), 60 * RATE);
    await sink.end('ended');
    await expect(give(zombie, stereo, 20 * RATE, 60 * RATE)).rejects.toThrow('another one transcribes');
    expect(world.streams.map(({ ended }) => ended)).toEqual(['ConflictException', 'done']);
    await expectWords(world, spoken);
  });

  test('is gone on with by another listener, amid words', { timeout: 120_000 }, async () => {
    const world = await newWorld();
    const spoken = conversation(80);
    const stereo = audioOf(spoken, 80);
    let safe = 0;
    for (const to of [17, 33, 34, 51, 66]) {
      const sink = await world.started(safe);
      await give(sink, stereo, safe, to * RATE);
      // As the listener keeps where it could go on.
      ({ safe } = sink);
      sink.close();
    }
    const last = await world.started(safe);
    await give(last, stereo, safe, 80 * RATE);
    await last.end('ended');
    await expectWords(world, spoken);
  });

  test(
    'is given what one side brought late, without a word of the other being cut',
    { timeout: 120_000 },
    async () => {
      const world = await newWorld();
      const spoken = conversation(50);
      const whole = audioOf(spoken, 50);
      const late = { from: 10 * RATE, to: 20 * RATE };
      const held = spoken.filter(({ channel, startFrame, frames }) => {
        return channel === 1 && startFrame < late.to && startFrame + frames > late.from;
      });
      const first = held[0]?.startFrame ?? 0;
      const end = Math.max(...held.map(({ startFrame, frames }) => startFrame + frames));
      const stereo = audioOf(
        spoken.filter((one) => !held.includes(one)),
        50,
      );
      const sink = await world.started();
      await give(sink, stereo, 0, 30 * RATE);
      const samples = Buffer.alloc((end - first) * 2);
      for (let frame = first; frame < end; frame += 1)
        whole.copy(samples, (frame - first) * 2, frame * 4 + 2, frame * 4 + 4);
      await sink.late(1, first, samples);
      expect(sink.safe).toBeLessThan(30 * RATE);
      await give(sink, stereo, 30 * RATE, 50 * RATE);
      await sink.end('ended');
      await expectWords(world, spoken);
      expect(sink.safe).toBe(50 * RATE);
    },
  );
});

describe('what was given where it doesn’t belong', () => {
  test.each([
    ['was said', 14],
    ['is still on its way', 0.5],
  ])('is taken back when it %s, and said where it does', { timeout: 120_000 }, async (_, afterSeconds) => {
    const world = await newWorld();
    const spoken = conversation(60);
    const whole = audioOf(spoken, 60);
    const side = spoken.filter(({ channel }) => channel === 1);
    // An utterance that is 0.7 s too early at first.
    const first = side.findIndex(({ startFrame }, index) => {
      const before = side[index - 1];
      const isUtterance = before && startFrame - before.startFrame - before.frames > 0.85 * RATE;
      return isUtterance && startFrame > 20 * RATE;
    });
    const last = side.findIndex(({ startFrame, frames }, index) => {
      const next = side[index + 1];
      return index >= first && next !== undefined && next.startFrame - startFrame - frames > RATE / 2;
    });
    const moved = side.slice(first, last + 1);
    const by = 0.7 * RATE;
    const early = moved.map((one) => ({ ...one, startFrame: one.startFrame - by }));
    const [from, to] = [
      moved[0]?.startFrame ?? 0,
      (moved.at(-1)?.startFrame ?? 0) + (moved.at(-1)?.frames ?? 0),
    ];
    const wrong = audioOf([...spoken.filter((one) => !moved.includes(one)), ...early], 60);
    const until = Math.ceil(to / RATE + afterSeconds) * RATE;
    const sink = await world.started();
    await give(sink, wrong, 0, until);
    await sink.gap({ channel: 1, startFrame: from - by, frames: to - from }, 'MOVED');
    const samples = Buffer.alloc((to - from) * 2);
    for (let frame = from; frame < to; frame += 1)
      whole.copy(samples, (frame - from) * 2, frame * 4 + 2, frame * 4 + 4);
    await sink.late(1, from, samples);
    await give(sink, wrong, until, 60 * RATE);
    await sink.end('ended');
    await expectWords(world, spoken);
    expect(sink.safe).toBe(60 * RATE);
  });
});

test(
  'what came late, and waits for a pause still, is not written down where it is taken back',
  { timeout: 120_000 },
  async () => {
    const world = await newWorld();
    const spoken = conversation(30);
    const stereo = audioOf(spoken, 30);
    const sink = await world.started();
    await give(sink, stereo, 0, 10 * RATE);
    const samples = Buffer.alloc(2 * RATE);
    for (const [index, sample] of tone(149, RATE, RATE).entries()) samples.writeInt16LE(sample, index * 2);
    await sink.late(1, 2 * RATE, samples);
    await sink.gap({ channel: 1, startFrame: 2 * RATE, frames: RATE }, 'MOVED');
    await give(sink, stereo, 10 * RATE, 30 * RATE);
    await sink.end('ended');
    const words = await world.words();
    expect(words.length).toBeGreaterThan(10);
    expect(words.filter(({ said }) => said === `AGENT ${toneWord(149)}`)).toEqual([]);
  },
);

describe('whoever is told', () => {
  test('hears of every row, and of what isn’t final yet', { timeout: 120_000 }, async () => {
    const world = await newWorld();
    const bus = new MemoryEvents();
    const { clock, telemetry } = world;
    const events = new SegmentEvents({ events: bus, partials: true, clock, telemetry });
    const sink = await world.started(0, { events });
    await give(sink, audioOf(conversation(20), 20), 0, 20 * RATE);
    await sink.end('ended');
    const finals = bus.published.filter(({ detail }) => detail.final === true);
    const rows = await world.transcripts.ofRecording(RECORDING_ID);
    expect(finals.map(({ detail }) => detail.segmentId).toSorted()).toEqual(
      rows.map(({ segmentId }) => segmentId).toSorted(),
    );
    expect(bus.published.length).toBeGreaterThan(finals.length);
    expect(telemetry.metrics).toContainEqual({ WordsBegun: 1 });
  });
});

describe('what is sent', () => {
  test('is never more than one and a half times what is spoken', { timeout: 120_000 }, async () => {
    const world = await newWorld({}, 10);
    const sink = await world.started();
    await give(sink, audioOf(conversation(40), 40), 0, 40 * RATE);
    await sink.end('ended');
    const [log] = world.streams;
    // A clock that goes ten times as fast tells times ten times as coarsely.
    if (log) expect(fastest(log, 10_000)).toBeLessThan(1.55);
    expect(log?.chunks.every(({ frames }) => frames === RATE / 10)).toBe(true);
  });
});

describe('what can’t be written down', () => {
  test('is told, where the service won’t have the call', { timeout: 120_000 }, async () => {
    const world = await newWorld({
      fate: () => ({ kind: 'refuse', code: 'BadRequestException', statusCode: 400 }),
    });
    const sink = await world.started();
    await give(sink, audioOf(conversation(30), 30), 0, 30 * RATE);
    await sink.gap({ channel: 0, startFrame: 30 * RATE, frames: RATE }, 'END');
    await sink.end('ended');
    expect(world.streams).toHaveLength(1);
    expect(await world.untranscribed()).toEqual([
      'AGENT 0-30000 REFUSED',
      'CUSTOMER 0-30000 REFUSED',
      'CUSTOMER 30000-31000 REFUSED',
    ]);
    expect(world.telemetry.lines).toMatchObject([
      { level: 'error', fields: { code: 'BadRequestException' } },
    ]);
  });

  test('is told, where the call is over before a stream was to be had', { timeout: 120_000 }, async () => {
    const world = await newWorld({ streamsMax: 0 });
    const sink = await world.started();
    await give(sink, audioOf(conversation(5), 5), 0, 2 * RATE);
    await until(() => world.telemetry.lines.length > 0);
    // The listener has to leave: what is waited for is let go.
    const waiting = give(sink, audioOf(conversation(5), 5), 2 * RATE, 5 * RATE);
    sink.close();
    await waiting;
    await sink.end('ended');
    expect(await world.untranscribed()).toEqual(['AGENT 0-5000 REFUSED', 'CUSTOMER 0-5000 REFUSED']);
    expect(sink.safe).toBe(0);
  });

  test('is in no log', { timeout: 120_000 }, async () => {
    const world = await newWorld({
      fate: (number) => (number === 1 ? { kind: 'cut', afterMs: 9_000 } : undefined),
    });
    const sink = await world.started();
    await give(sink, audioOf(conversation(20), 20), 0, 20 * RATE);
    await sink.end('ended');
    expect(world.telemetry.lines.length).toBeGreaterThan(0);
    expect(JSON.stringify(world.telemetry.lines)).not.toContain('tone');
  });
});
