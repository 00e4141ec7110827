/** What may go wrong with what a producer sends, done to a call. */
import { type Plan, plansOf, shift, stall } from './timed-calls.ts';

interface Many {
  readonly channel: 0 | 1;
  readonly from: number;
  readonly count: number;
}

/** A stalled side, a pause, a hold, a clock that jumps, blocks with wrong times, jitter. */
export interface Twists {
  readonly stalls: readonly Many[];
  readonly pauses: readonly Many[];
  readonly holds: readonly { readonly from: number; readonly ms: number }[];
  readonly jumps: readonly { readonly from: number; readonly ms: number }[];
  readonly strays: readonly { readonly from: number; readonly block: number; readonly ms: number }[];
  readonly jitterMs: number;
  readonly uploadMs: number;
  readonly hasServer: boolean;
  readonly seed: number;
}

export function twistedPlans(fragments: number, call: Twists): Plan[] {
  const plans = plansOf(fragments);
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
  });
  // Times of a block can't be further from its fragment's than Matroska can say.
  const isFar = call.holds.length + call.jumps.length + call.strays.length > 0;
  if (!isFar)
    for (const { channel: late, from, count: many } of call.stalls)
      stall(plans, late, from, Math.min(fragments - 1, from + many));
  return plans;
}

function move(plan: Plan, ms: number): void {
  plan.clusterMs += ms;
  plan.blocks = plan.blocks.map(shift(ms));
}
