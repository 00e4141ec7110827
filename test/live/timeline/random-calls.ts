/** Calls in which all kinds of things go wrong with what a producer sends, as fragments. */
import fc from 'fast-check';
import type { NumberedFragment } from '../../../matroska/fragment.ts';
import { fragmentsOf } from '../../recording/audio/timed-calls.ts';
import { twistedPlans } from '../../recording/audio/twisted-calls.ts';

const FRAGMENTS = 14;
const at = fc.integer({ min: 0, max: FRAGMENTS - 1 });
const channel = fc.constantFrom<0 | 1>(0, 1);
const count = fc.integer({ min: 1, max: 8 });

/** Some of these, or none: a stalled side, a pause, a hold, a clock that jumps, blocks with wrong times, jitter, losses. */
const twists = fc.record({
  stalls: fc.array(fc.record({ channel, from: at, count }), { maxLength: 2 }),
  pauses: fc.array(fc.record({ channel, from: at, count }), { maxLength: 2 }),
  holds: fc.array(fc.record({ from: at, ms: fc.integer({ min: 1, max: 20_000 }) }), { maxLength: 2 }),
  jumps: fc.array(fc.record({ from: at, ms: fc.integer({ min: -40_000, max: 40_000 }) }), { maxLength: 2 }),
  strays: fc.array(
    fc.record({
      from: at,
      block: fc.integer({ min: 0, max: 31 }),
      ms: fc.oneof(fc.integer({ min: -30_000, max: 30_000 }), fc.integer({ min: -200, max: 200 })),
    }),
    { maxLength: 3 },
  ),
  missing: fc.array(at, { maxLength: 3 }),
  untold: fc.array(at, { maxLength: 4 }),
  jitterMs: fc.constantFrom(0, 5, 60),
  uploadMs: fc.constantFrom(0, 50, 900),
  hasServer: fc.boolean(),
  seed: fc.nat(),
});

export const randomCalls: fc.Arbitrary<readonly NumberedFragment[]> = twists.map((call) => {
  const plans = twistedPlans(FRAGMENTS, call);
  for (const index of call.untold) {
    const plan = plans[index];
    if (plan) plan.mimeType = '';
  }
  return fragmentsOf(plans).filter((_, index) => !call.missing.includes(index));
});
