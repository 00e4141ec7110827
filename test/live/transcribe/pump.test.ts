/** What a stream is sent, and when, to the millisecond. */
import { expect, test } from 'vitest';
import { Backlog } from '../../../live/sinks/transcribe/backlog.ts';
import { Pump } from '../../../live/sinks/transcribe/pump.ts';
import { SaidSpans } from '../../../live/sinks/transcribe/said-spans.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { audioOf, conversation, RATE } from './support.ts';

const CHUNK_MS = 100;

function started() {
  const clock = new ManualClock(0);
  const backlog = new Backlog();
  const sentMs: number[] = [];
  const pump = new Pump({
    backlog,
    said: new SaidSpans(),
    clock,
    sampleRate: RATE,
    endsFromMs: () => Infinity,
    onChunk: () => undefined,
  });
  const done = (async () => {
    for await (const chunk of pump.chunks()) {
      expect(chunk).toHaveLength((RATE / 10) * 4);
      sentMs.push(clock.now());
    }
  })();
  return { clock, backlog, pump, sentMs, done };
}

/** In any span of time, of audio for each ms: beside one chunk that may be on its way already. */
function fastest(sentMs: readonly number[]): number {
  const rates = sentMs.flatMap((atMs, first) =>
    sentMs.slice(first + 10).map((laterMs, index) => ((index + 10) * CHUNK_MS) / (laterMs - atMs)),
  );
  return rates.reduce((most, rate) => Math.max(most, rate), 0);
}

test('a hold of ten minutes is filled, and its silence isn’t sent again when it comes', async () => {
  const { clock, backlog, pump, sentMs, done } = started();
  const stereo = audioOf(conversation(12), 12);
  backlog.push(0, stereo);
  await clock.advance(12_000);
  await clock.advance(600_000);
  const gaps = sentMs.map((atMs, index) => atMs - (sentMs[index - 1] ?? 0));
  expect(Math.max(...gaps)).toBeLessThan(3_000);
  const filled = pump.map.end - pump.map.position;
  expect(filled / RATE).toBeGreaterThan(595);
  expect(filled / RATE).toBeLessThan(605);

  for (let second = 12; second < 612; second += 1) backlog.push(second * RATE, new Uint8Array(RATE * 4));
  await clock.advance(5_000);
  expect(pump.map.position).toBe(612 * RATE);
  expect(pump.map.end / RATE).toBeLessThan(620);
  backlog.finish();
  await clock.advance(1_000);
  await done;
  expect(pump.hasEnded).toBe(true);
});

test('what is behind is sent half as fast again as it is spoken, and no faster', async () => {
  const { clock, backlog, pump, sentMs, done } = started();
  backlog.push(0, audioOf(conversation(60), 60));
  backlog.finish();
  await clock.advance(60_000);
  await done;
  // All but the silence with which it begins.
  expect(sentMs).toHaveLength((60 * RATE - pump.map.positionOf(0, 'start')) / (RATE / 10));
  expect((sentMs.at(-1) ?? 0) / 1_000).toBeGreaterThan(39);
  expect(fastest(sentMs)).toBeLessThanOrEqual(1.5 + 1e-9);
});

test('silence with which a stream would begin isn’t sent', async () => {
  const { clock, backlog, pump, sentMs, done } = started();
  backlog.push(0, Buffer.concat([Buffer.alloc(600 * RATE * 4), audioOf(conversation(10), 10)]));
  backlog.finish();
  await clock.advance(10_000);
  await done;
  expect(sentMs.length).toBeLessThanOrEqual(100);
  expect(pump.map.position).toBe(610 * RATE);
  expect(pump.map.positionOf(0, 'start')).toBeGreaterThanOrEqual(600 * RATE);
});

test('a stream that is over is sent nothing, though it goes on asking', async () => {
  const { clock, backlog, pump, sentMs, done } = started();
  backlog.push(0, audioOf(conversation(30), 30));
  await clock.advance(1_000);
  pump.stop();
  await done;
  const sent = sentMs.length;
  await clock.advance(30_000);
  expect([sentMs.length, pump.hasEnded]).toEqual([sent, false]);
});
