/** Calls in which all kinds of things go wrong with what a producer sends, as fragments. */
import fc from 'fast-check';
import type { NumberedFragment } from '../../../matroska/fragment.ts';
import { fragmentsOf, type Plan, plansOf, shift, stall } from '../../recording/audio/timed-calls.ts';

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
type Twists = typeof twists extends fc.Arbitrary<infer Value> ? Value : never;

export const randomCalls: fc.Arbitrary<readonly NumberedFragment[]> = twists.map((call) => {
  const kept = fragmentsOf(plansFor(call));
  return kept.filter((_, index) => !call.missing.includes(index));
});

function plansFor(call: Twists): Plan[] {
  const plans = plansOf(FRAGMENTS);
  const noise = (index: number, most: number) =>
    (((index + 1) * (call.seed % 9_973)) % (2 * most + 1)) - most;
  for (const { from, ms } of call.holds)
    for (const plan of plans.slice(from)) {
      move(plan, ms);
      plan.serverMs = (plan.serverMs ?? 0) + ms;
    }
  for (const { channel: silent, from, count: many } of call.pauses)
    for (const plan of plans.slice(from, from + many))
      plan.blocks = plan.blocks.filter((block) => block.channel !== silent);
  for (const { from, ms } of call.jumps) for (const plan of plans.slice(from)) move(plan, ms);
  for (const { from, block, ms } of call.strays) {
    const plan = plans[from];
    if (plan) plan.blocks = plan.blocks.map((one, index) => (index === block ? shift(ms)(one) : one));
  }
  plans.forEach((plan, index) => {
    plan.blocks = plan.blocks.map((block, place) => shift(noise(index * 32 + place, call.jitterMs))(block));
    plan.serverMs = call.hasServer ? (plan.serverMs ?? 0) + Math.abs(noise(index, call.uploadMs)) : undefined;
    if (call.untold.includes(index)) plan.mimeType = '';
  });
  // Times of a block can't be further from its fragment's than Matroska can say.
  const isFar = call.holds.length + call.jumps.length + call.strays.length > 0;
  if (!isFar)
    for (const { channel: late, from, count: many } of call.stalls)
      stall(plans, late, from, Math.min(FRAGMENTS - 1, from + many));
  return plans;
}

function move(plan: Plan, ms: number): void {
  plan.clusterMs += ms;
  plan.blocks = plan.blocks.map(shift(ms));
}
