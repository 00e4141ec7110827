/** Fragments whose own time, or the server's, is not what one would expect. */
import { describe, expect, it } from 'vitest';
import { T0 } from '../../support/documents.ts';
import { FRAGMENT_MS, layOutPlans, type Plan, plansOf, shift, speech, wholeCall } from './timed-calls.ts';

const CALL = 20;
const WHOLE = wholeCall(CALL);

/** The producer's clock is further ahead in this fragment. */
function move(plan: Plan, ms: number): void {
  plan.clusterMs += ms;
  plan.blocks = plan.blocks.map(shift(ms));
}

function expectWhole(plans: readonly Plan[], reanchored: number): void {
  const facts = layOutPlans(plans);
  expect({ gaps: facts.gaps, losses: facts.losses, reanchored: facts.reanchored }).toEqual({
    gaps: [],
    losses: [],
    reanchored,
  });
  expect(facts.audio.equals(WHOLE)).toBe(true);
}

const JUMPS = [-86_400_000, -20_000, -3_000, 3_000, 20_000, 3_600_000, 365 * 86_400_000];

describe('The producer’s clock', () => {
  it.each(JUMPS)('that is off by %d ms in one fragment, or two, changes nothing', (ms) => {
    for (const [from, to] of [
      [0, 1],
      [1, 2],
      [10, 11],
      [10, 12],
      [CALL - 1, CALL],
    ] as const) {
      const plans = plansOf(CALL);
      for (const plan of plans.slice(from, to)) move(plan, ms);
      // The first fragment's is the clock that all others are anchored to.
      expectWhole(plans, from === 0 ? 1 : 0);
    }
  });

  it.each(JUMPS)('that jumps by %d ms for good is followed by the server’s', (ms) => {
    for (const from of [1, 10, CALL - 2]) {
      const plans = plansOf(CALL);
      for (const plan of plans.slice(from)) move(plan, ms);
      expectWhole(plans, 1);
    }
  });

  it.each(JUMPS)('that jumps by %d ms in a pause leaves the pause as long as the server says', (ms) => {
    const plans = plansOf(CALL);
    for (const plan of plans.slice(10)) {
      move(plan, 7_000);
      plan.serverMs = (plan.serverMs ?? 0) + 7_000;
    }
    const paused = layOutPlans(plans);
    expect(paused.gaps.map(({ lengthMs }) => lengthMs)).toEqual([7_000, 7_000]);
    for (const plan of plans.slice(10)) move(plan, ms);
    const { audio, gaps, reanchored } = layOutPlans(plans);
    expect({ gaps, reanchored }).toEqual({ gaps: paused.gaps, reanchored: 1 });
    expect(audio.equals(paused.audio)).toBe(true);
  });

  it('that jumps in a pause is followed, though fragments without audio come behind it', () => {
    const plans = plansOf(CALL);
    for (const plan of plans.slice(10)) {
      move(plan, 37_000);
      plan.serverMs = (plan.serverMs ?? 0) + 7_000;
    }
    for (const plan of plans.slice(11, 15)) {
      plan.blocks = [];
      plan.serverMs = undefined;
    }
    const { gaps, reanchored } = layOutPlans(plans);
    expect(reanchored).toBe(1);
    const lengths = [7_000, 7_000, 4 * FRAGMENT_MS, 4 * FRAGMENT_MS];
    expect(gaps.map(({ lengthMs }) => lengthMs)).toEqual(lengths);
  });

  it('that jumps again and again is followed each time', () => {
    const plans = plansOf(CALL);
    for (const from of [3, 8, 14])
      for (const plan of plans.slice(from)) move(plan, from % 2 === 0 ? -40_000 : 5_000);
    expectWhole(plans, 3);
  });

  it('that jumps is followed though uploads waver', () => {
    const plans = plansOf(CALL);
    for (const plan of plans.slice(10)) move(plan, 30_000);
    plans.forEach((plan, index) => {
      plan.serverMs = (plan.serverMs ?? 0) + ((index * 7) % 5) * 6;
    });
    const { gaps, reanchored, audio } = layOutPlans(plans);
    expect({ gaps, reanchored }).toEqual({ gaps: [], reanchored: 1 });
    expect(audio.equals(WHOLE)).toBe(true);
  });

  it('that stands still, or runs backwards, loses nothing', () => {
    for (const stepMs of [0, -FRAGMENT_MS]) {
      const plans = plansOf(CALL);
      plans.slice(5, 15).forEach((plan, index) => {
        move(plan, (index + 1) * (stepMs - FRAGMENT_MS));
      });
      const { audio, losses, gaps } = layOutPlans(plans);
      expect({ losses, gaps }).toEqual({ losses: [], gaps: [] });
      expect(audio.equals(WHOLE)).toBe(true);
    }
  });
});

describe('The server’s clock', () => {
  it.each([600_000, 10_000, 3_000])('that is %d ms late, for a while or for good, is a slow upload', (ms) => {
    for (const to of [11, 12, 14, CALL]) {
      const plans = plansOf(CALL);
      for (const plan of plans.slice(10, to)) plan.serverMs = (plan.serverMs ?? 0) + ms;
      expectWhole(plans, 0);
    }
  });

  /** Where a side runs ahead of its times, only the fragments' own tell that they follow on. */
  it.each([
    ['the customer', 0, 'first'],
    ['the customer', 0, 'last'],
    ['the agent', 1, 'first'],
    ['the agent', 1, 'last'],
  ] as const)(
    'that is late for good is a slow upload, though %s is ahead by now (track %d, written %s), and the other side pauses in each fragment',
    (_, longer, place) => {
      const lengthMs = 4 * FRAGMENT_MS;
      const plans = plansOf(CALL).map((_plan, index): Plan => {
        const clusterMs = T0 + index * lengthMs;
        const block = (channel: 0 | 1, atMs: number, ms: number) => ({
          channel,
          atMs: clusterMs + atMs,
          pcm: speech(channel, 0, ms),
        });
        const ahead = block(longer, 0, lengthMs + 256);
        const shorter = longer === 0 ? 1 : 0;
        const pausing = [block(shorter, 0, 128), block(shorter, 128, 128)];
        const blocks = place === 'first' ? [ahead, ...pausing] : [...pausing, ahead];
        return { blocks, clusterMs, serverMs: clusterMs + (index < 12 ? 150 : 5_150) };
      });
      const { reanchored, aheadMs } = layOutPlans(plans);
      expect(reanchored).toBe(0);
      expect(aheadMs[longer === 0 ? 'AUDIO_FROM_CUSTOMER' : 'AUDIO_TO_CUSTOMER']).toBeGreaterThan(1_000);
    },
  );

  it('that is late in the fragment behind a pause doesn’t lengthen the pause', () => {
    const plans = plansOf(CALL);
    for (const plan of plans.slice(10)) {
      move(plan, 7_000);
      plan.serverMs = (plan.serverMs ?? 0) + 7_000;
    }
    for (const plan of plans.slice(10, 12)) plan.serverMs = (plan.serverMs ?? 0) + 4_000;
    const { gaps, reanchored } = layOutPlans(plans);
    expect(reanchored).toBe(0);
    expect(gaps.map(({ lengthMs }) => lengthMs)).toEqual([7_000, 7_000]);
  });

  it.each([-3_600_000, -3_000, 3_000, 3_600_000])(
    'that isn’t told: one fragment %d ms off changes nothing, a pause is a pause',
    (ms) => {
      const plans = plansOf(CALL);
      for (const plan of plans) plan.serverMs = undefined;
      const one = plans[10];
      if (one) move(one, ms);
      expectWhole(plans, 0);
      for (const plan of plans.slice(14)) move(plan, 7_000);
      expect(layOutPlans(plans).gaps.map(({ lengthMs }) => lengthMs)).toEqual([7_000, 7_000]);
    },
  );

  it('that isn’t told: a clock that goes on a year later keeps the audio, and invents no year', () => {
    const plans = plansOf(CALL);
    for (const plan of plans) plan.serverMs = undefined;
    for (const plan of plans.slice(10)) move(plan, 365 * 86_400_000);
    expectWhole(plans, 0);
  });
});
