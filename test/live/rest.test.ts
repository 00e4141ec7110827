import { expect, test } from 'vitest';
import { Rest } from '../../live/rest.ts';
import type { LiveOutput } from '../../live/timeline/outputs.ts';

const moved = (startFrame: number, frames: number, channel: 0 | 1 = 0): LiveOutput => ({
  kind: 'gap',
  span: { channel, startFrame, frames },
  why: 'MOVED',
});
const late = (startFrame: number, frames: number): LiveOutput => ({
  kind: 'late',
  channel: 0,
  startFrame,
  samples: new Uint8Array(2 * frames),
});

test('What is taken back is what was given, and nothing behind that', () => {
  const rest = new Rest(100);
  rest.add([
    moved(80, 40),
    { kind: 'audio', startFrame: 100, stereo: new Uint8Array(4 * 30) },
    moved(110, 5),
  ]);
  expect(rest.moved).toEqual([moved(80, 20)]);
  expect(rest.end).toBe(130);
});

test('What would have come late was never given: it isn’t taken back', () => {
  const rest = new Rest(100);
  rest.add([late(50, 10), late(20, 10), moved(10, 60), moved(20, 10, 1), late(95, 20), moved(90, 30)]);
  expect(rest.moved).toEqual([moved(10, 10), moved(30, 20), moved(60, 10), moved(20, 10, 1), moved(90, 5)]);
});

test('What was given, is taken back, and would have followed late is taken back once', () => {
  const rest = new Rest(100);
  rest.add([moved(10, 10), late(10, 10), moved(10, 10)]);
  expect(rest.moved).toEqual([moved(10, 10)]);
});
