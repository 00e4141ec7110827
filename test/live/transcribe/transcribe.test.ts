/** What Transcribe says of a call becomes rows, once each and at its time, whatever becomes of its streams. */
import { describe, expect, test } from 'vitest';
import { audioOf, conversation, expected, give, newWorld, RATE, type World } from './support.ts';
import type { Spoken } from './support.ts';

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
  test('is written down, each word once and at its time', { timeout: 30_000 }, async () => {
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

  test('goes on through a hold of ten minutes in which nothing comes', { timeout: 30_000 }, async () => {
    const world = await newWorld({}, 60);
    const hold = { from: 12, to: 612 };
    const before = conversation(12);
    const after = conversation(20).map((one) => ({ ...one, startFrame: one.startFrame + hold.to * RATE }));
    const stereo = audioOf([...before, ...after], 640);
    const sink = await world.started();
    await give(sink, stereo, 0, hold.from * RATE);
    await world.clock.sleep((hold.to - hold.from) * 1000);
    await give(sink, stereo, hold.from * RATE, 640 * RATE);
    await sink.end('ended');
    await expectWords(world, [...before, ...after]);
    expect(world.streams.map(({ ended }) => ended)).toEqual(['done']);
    // What was sent in the hold was the hold: it was not sent again.
    const sent = world.streams[0]?.chunks.reduce((sum, { frames }) => sum + frames, 0) ?? 0;
    expect(sent / RATE).toBeLessThan(640 + 30);
  });

  test('of many hours is written down by streams that follow one another', { timeout: 60_000 }, async () => {
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
    { timeout: 60_000 },
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
});
