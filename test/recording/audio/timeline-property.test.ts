/** Whatever a call is like, every sample that was received is in the WAV, once, in its track's order. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TRACKS } from '../../../recording/call-record.ts';
import type { OwnFragment } from '../../../recording/ownership.ts';
import { runs } from '../../support/runs.ts';
import { asRead, fragmentsOf, layOutPlans, type Plan, received } from './timed-calls.ts';
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

describe('Any call', () => {
  it('is read from its documents as the tests of the timeline take it to be', () => {
    const told = ({ number, clusterMs, serverTimestampMs, tracks, tags, blocks }: OwnFragment) => {
      const mimeType = tags.get('MimeType');
      const audio = blocks.map((block) => ({ ...block, audio: Buffer.from(block.audio).toString('hex') }));
      return { number, clusterMs, serverTimestampMs, tracks, mimeType, audio };
    };
    fc.assert(
      fc.property(calls, (call) => {
        const plans = twistedPlans(3, call);
        for (const plan of plans.slice(1, 2)) plan.mimeType = '';
        expect(asRead(plans).map(told)).toEqual(fragmentsOf(plans).map(told));
      }),
      { numRuns: runs(5) },
    );
  });

  it('has every sample in the WAV once, and silence and gaps add up to the rest', () => {
    fc.assert(
      fc.property(calls, (call) => {
        const plans = twistedPlans(FRAGMENTS, call);
        const { audio, gaps, frames, losses, sampleRate, lateBlocks } = layOutPlans(plans);
        expect(losses).toEqual([]);
        // Without a server's clock a jump may put more than the window between the sides; nothing else here does.
        if (call.jumps.length === 0) expect(lateBlocks).toBe(0);
        expect(audio.length).toBe(frames * 4);
        for (const one of [0, 1] as const) {
          const found = received(audio, one);
          assert.deepEqual(found.toSorted(), sentSamples(plans, one).sort());
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
        for (const one of [0, 1] as const) assert.deepEqual(received(audio, one), sentSamples(plans, one));
      }),
      { numRuns: runs(20) },
    );
  }, 120_000);
});

/** A side's samples in the order in which they were said: with no wrong times, that of the blocks, fragment by fragment. */
function sentSamples(plans: readonly Plan[], of: 0 | 1): Int16Array {
  const blocks = plans.flatMap((plan) =>
    plan.blocks.filter((block) => block.channel === of).sort((a, b) => a.atMs - b.atMs),
  );
  const bytes = Uint8Array.from(Buffer.concat(blocks.map(({ pcm }) => pcm)));
  return new Int16Array(bytes.buffer);
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
