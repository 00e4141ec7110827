/** Whatever a call is like, every sample that was received is in the WAV, once, in its track's order. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TRACKS } from '../../../recording/call-record.ts';
import { runs } from '../../support/runs.ts';
import { layOutPlans, type Plan, received } from './timed-calls.ts';
import { twistedPlans } from './twisted-calls.ts';

const FRAGMENTS = 10;
const at = fc.integer({ min: 0, max: FRAGMENTS - 1 });
const channel = fc.constantFrom<0 | 1>(0, 1);
/** Within int16, wherever the block stands. */
const offset = fc.oneof(fc.integer({ min: -30_000, max: 30_000 }), fc.integer({ min: -200, max: 200 }));

const calls = fc.record({
  pauses: fc.array(fc.record({ channel, from: at, count: fc.integer({ min: 1, max: 4 }) }), { maxLength: 2 }),
  stalls: fc.array(fc.record({ channel, from: at, count: fc.integer({ min: 1, max: 8 }) }), { maxLength: 1 }),
  holds: fc.array(fc.record({ from: at, ms: fc.integer({ min: 1, max: 20_000 }) }), { maxLength: 2 }),
  jumps: fc.array(fc.record({ from: at, ms: fc.integer({ min: -100_000, max: 100_000 }) }), { maxLength: 2 }),
  strays: fc.array(fc.record({ from: at, block: fc.integer({ min: 0, max: 31 }), ms: offset }), {
    maxLength: 3,
  }),
  jitterMs: fc.constantFrom(0, 5, 60),
  uploadMs: fc.constantFrom(0, 50, 900),
  hasServer: fc.boolean(),
  seed: fc.nat(),
});

/** One channel's samples as numbers that sort: the value alone tells where in the call a sample was said. */
function sentSamples(plans: readonly Plan[], of: 0 | 1): number[] {
  return plans
    .flatMap(({ blocks }) => blocks.filter((block) => block.channel === of))
    .flatMap(({ pcm }) => [...new Int16Array(pcm.buffer, pcm.byteOffset, pcm.length / 2)])
    .sort((a, b) => a - b);
}

describe('Any call', () => {
  it('has every sample in the WAV once, and silence and gaps add up to the rest', () => {
    fc.assert(
      fc.property(calls, (call) => {
        const plans = twistedPlans(FRAGMENTS, call);
        const { audio, gaps, frames, losses, sampleRate, lateBlocks } = layOutPlans(plans);
        expect(losses).toEqual([]);
        expect(lateBlocks).toBe(0);
        expect(audio.length).toBe(frames * 4);
        for (const one of [0, 1] as const) {
          const found = received(audio, one);
          assert.deepEqual(
            [...found].sort((a, b) => a - b),
            sentSamples(plans, one),
          );
          const own = gaps.filter(({ track }) => track === TRACKS[one]);
          const silent = own.reduce((sum, { lengthMs }) => sum + lengthMs, 0) * (sampleRate / 1000);
          const end = found.length === 0 ? 0 : lastSound(audio, one);
          expect(end).toBe(Math.round(silent) + found.length);
          expectGapsSilent(audio, one, own, sampleRate);
        }
      }),
      { numRuns: runs(40) },
    );
  }, 120_000);

  it('without wrong times keeps each track’s order', () => {
    fc.assert(
      fc.property(calls, (call) => {
        const plans = twistedPlans(FRAGMENTS, { ...call, strays: [], jitterMs: 5 });
        const { audio } = layOutPlans(plans);
        for (const one of [0, 1] as const) assert.deepEqual(received(audio, one), inOrderSent(plans, one));
      }),
      { numRuns: runs(20) },
    );
  }, 120_000);
});

/** The samples in the order in which they were said: with no wrong times, that of the blocks, fragment by fragment. */
function inOrderSent(plans: readonly Plan[], of: 0 | 1): number[] {
  return plans
    .flatMap(({ blocks }) => blocks.filter((block) => block.channel === of).sort((a, b) => a.atMs - b.atMs))
    .flatMap(({ pcm }) => [...new Int16Array(pcm.buffer, pcm.byteOffset, pcm.length / 2)]);
}

/** One past the last frame that is no silence. */
function lastSound(audio: Buffer, of: 0 | 1): number {
  let frame = audio.length / 4;
  while (frame > 0 && audio.readInt16LE((frame - 1) * 4 + of * 2) === 0) frame -= 1;
  return frame;
}

function expectGapsSilent(
  audio: Buffer,
  of: 0 | 1,
  gaps: readonly { startMs: number; lengthMs: number }[],
  sampleRate: number,
): void {
  for (const { startMs, lengthMs } of gaps) {
    const from = Math.round((startMs * sampleRate) / 1000);
    const to = Math.round(((startMs + lengthMs) * sampleRate) / 1000);
    for (const frame of [from, to - 1]) expect(audio.readInt16LE(frame * 4 + of * 2)).toBe(0);
  }
}
