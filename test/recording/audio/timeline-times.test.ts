/** Blocks whose times are not what one would expect: late, early, wrong, or of another clock. */
import assert from 'node:assert/strict';
import { describe, expect, it } from 'vitest';
import type { OwnFragment } from '../../../recording/ownership.ts';
import { layOut } from '../../support/audio.ts';
import { START_FRAGMENT_NUMBER } from '../../support/call.ts';
import { fragmentOf, T0, type TestBlock } from '../../support/documents.ts';
import {
  alter,
  asRead,
  BLOCK_MS,
  blockAt,
  BLOCKS,
  FRAGMENT_MS,
  layOutPlans,
  type Plan,
  plansOf,
  received,
  shift,
  speech,
  stall,
  wholeCall,
} from './timed-calls.ts';

const CALL = 39;
const WHOLE = wholeCall(CALL);
/** So few fragments do for what has to be tried in many places. */
const SHORT = 9;
const CHANNELS = [0, 1] as const;

function expectWhole(plans: readonly Plan[]): void {
  const { audio, gaps, reanchored, losses } = layOutPlans(plans);
  expect({ gaps, reanchored, losses }).toEqual({ gaps: [], reanchored: 0, losses: [] });
  expect(audio.equals(WHOLE)).toBe(true);
}

/** Makes the Cluster's time of its blocks' times, some of which have been changed. */
function withEarliestCluster(plans: readonly Plan[]): void {
  for (const plan of plans) plan.clusterMs = Math.min(...plan.blocks.map(({ atMs }) => atMs));
}

describe.each(CHANNELS)('A track that stalls (channel %d)', (channel) => {
  it.each([1, 2, 4, 6, 12, 20, 30])('for %d fragments leaves no trace', (count) => {
    const plans = plansOf(CALL);
    stall(plans, channel, 5, 5 + count);
    expectWhole(plans);
  });

  it.each([6, 20, 30])(
    'for %d fragments leaves none where the Cluster’s time is that of its first block',
    (count) => {
      const plans = plansOf(CALL);
      stall(plans, channel, 5, 5 + count);
      withEarliestCluster(plans);
      expectWhole(plans);
    },
  );

  it.each([6, 30])('for %d fragments at the very beginning leaves none', (count) => {
    const plans = plansOf(CALL);
    stall(plans, channel, 0, count);
    expectWhole(plans);
  });

  it('leaves none where its blocks come behind, or between, the others’', () => {
    for (const mix of [byChannel, alternately]) {
      const plans = plansOf(CALL);
      stall(plans, channel, 5, 17);
      const into = plans[17];
      if (into) into.blocks = mix(into.blocks);
      expectWhole(plans);
    }
  });

  it('leaves none where its blocks come in several fragments', () => {
    const plans = plansOf(CALL);
    stall(plans, channel, 5, 11);
    stall(plans, channel, 12, 17);
    expectWhole(plans);
  });

  it('leaves none where the other one stalls, too', () => {
    const plans = plansOf(CALL);
    stall(plans, channel, 5, 17);
    stall(plans, channel === 0 ? 1 : 0, 9, 17);
    expectWhole(plans);
  });

  it('leaves its own pause, and nothing else', () => {
    const plans = plansOf(CALL);
    for (const plan of plans.slice(8, 12))
      plan.blocks = plan.blocks.filter((block) => block.channel !== channel);
    const { audio, gaps } = layOutPlans(plans);
    expect(gaps).toHaveLength(1);
    stall(plans, channel, 5, 17);
    expect(layOutPlans(plans).gaps).toEqual(gaps);
    expect(layOutPlans(plans).audio.equals(audio)).toBe(true);
  });

  it('and both clocks jump meanwhile: still none', () => {
    const plans = plansOf(CALL);
    for (const plan of plans.slice(10)) moveProducer(plan, 90_000);
    stall(plans, channel, 5, 17);
    const into = plans[17];
    if (into)
      into.blocks = into.blocks.map((block) => (block.atMs < T0 + 80_000 ? shift(90_000)(block) : block));
    const { audio, gaps, reanchored } = layOutPlans(plans);
    expect({ gaps, reanchored }).toEqual({ gaps: [], reanchored: 1 });
    expect(audio.equals(WHOLE)).toBe(true);
  });

  it('for more than a minute loses nothing, and it is said', () => {
    const minute = 70;
    const plans = plansOf(minute + 10);
    const late = plans
      .slice(2, minute)
      .flatMap(({ blocks }) => blocks.filter((block) => block.channel === channel));
    for (const plan of plans.slice(2, minute))
      plan.blocks = plan.blocks.filter((block) => block.channel !== channel);
    const fragments = asRead(plans);
    // They come in a Cluster of their own, since a block's time reaches 32 s from its Cluster's.
    const halves = [late.slice(0, late.length / 2), late.slice(late.length / 2)].map((blocks, half) =>
      fragmentOf({
        number: START_FRAGMENT_NUMBER + 500n + BigInt(half),
        blocks,
        serverMs: T0 + minute * FRAGMENT_MS,
      }),
    );
    const behind = fragments
      .slice(minute)
      .map((fragment): OwnFragment => ({ ...fragment, number: fragment.number + 1_000n }));
    const { audio, lateBlocks, aheadMs, losses } = layOut([
      ...fragments.slice(0, minute),
      ...halves,
      ...behind,
    ]);
    expect(losses).toEqual([]);
    expect(lateBlocks).toBe(1);
    const whole = wholeCall(minute + 10);
    for (const one of CHANNELS) assert.deepEqual(received(audio, one), received(whole, one));
    const missedMs = minute * FRAGMENT_MS - 60_000 - 2 * FRAGMENT_MS;
    expect(aheadMs[channel === 0 ? 'AUDIO_FROM_CUSTOMER' : 'AUDIO_TO_CUSTOMER']).toBe(missedMs);
  });
});

function byChannel(blocks: readonly TestBlock[]): TestBlock[] {
  return [...blocks].sort((a, b) => a.channel - b.channel);
}

/** New ones and old ones, in turns. */
function alternately(blocks: readonly TestBlock[]): TestBlock[] {
  const half = Math.ceil(blocks.length / 2);
  return blocks
    .slice(0, half)
    .flatMap((block, index) => [blocks[index + half], block].filter((one) => one !== undefined));
}

/** The producer's clock is further ahead in this fragment. */
function moveProducer(plan: Plan, ms: number): void {
  plan.clusterMs += ms;
  plan.blocks = plan.blocks.map(shift(ms));
}

describe.each(CHANNELS)('A track of another time (channel %d)', (channel) => {
  it.each([-8_000, -3_000, 3_000, 8_000])('by %d ms from some fragment on goes on where it was', (ms) => {
    for (const earliest of [false, true]) {
      const plans = plansOf(CALL);
      for (const plan of plans.slice(15))
        plan.blocks = plan.blocks.map((block) => (block.channel === channel ? shift(ms)(block) : block));
      if (earliest) withEarliestCluster(plans);
      expectWhole(plans);
      const { aheadMs } = layOutPlans(plans);
      const [own, other] =
        channel === 0
          ? (['AUDIO_FROM_CUSTOMER', 'AUDIO_TO_CUSTOMER'] as const)
          : (['AUDIO_TO_CUSTOMER', 'AUDIO_FROM_CUSTOMER'] as const);
      expect(aheadMs).toEqual({ [own]: Math.max(0, -ms), [other]: 0 });
    }
  });

  it('keeps the pauses of the other one, and its own', () => {
    const plans = plansOf(CALL);
    for (const plan of plans.slice(25, 28)) plan.blocks = [];
    const expected = layOutPlans(plans);
    expect(expected.gaps).toHaveLength(2);
    for (const plan of plans.slice(15))
      plan.blocks = plan.blocks.map((block) => (block.channel === channel ? shift(-1_900)(block) : block));
    withEarliestCluster(plans.filter(({ blocks }) => blocks.length > 0));
    const { gaps } = layOutPlans(plans);
    const lengths = gaps.map(({ lengthMs }) => lengthMs).sort((a, b) => a - b);
    expect(lengths).toEqual([3 * FRAGMENT_MS - 1_900, 3 * FRAGMENT_MS]);
  });
});

describe('One stray time', () => {
  const wholeShort = wholeCall(SHORT);
  const offsets = [-32_000, -6_000, -1_500, -470, -200, 200, 500, 1_500, 4_000, 20_000, 31_000];

  it.each(offsets)('of %d ms moves nothing, wherever it stands', (ms) => {
    for (const channel of CHANNELS)
      for (const fragment of [0, 1, SHORT - 2])
        for (const at of [0, 1, 7, BLOCKS - 2, BLOCKS - 1]) {
          const plans = plansOf(SHORT);
          alter(plans, fragment, channel, at, shift(ms));
          const { audio, gaps } = layOutPlans(plans);
          expect({ gaps, isWhole: audio.equals(wholeShort), fragment, at, channel }).toEqual({
            gaps: [],
            isWhole: true,
            fragment,
            at,
            channel,
          });
        }
  });

  it.each(offsets)('of %d ms is noted', (ms) => {
    const plans = plansOf(CALL);
    alter(plans, 20, 0, 7, shift(ms));
    const isFar = ms > 0 || ms < -1_000;
    expect(layOutPlans(plans).strayBlocks).toBe(isFar ? 1 : 0);
  });

  it('on both tracks, and some in a row, moves nothing', () => {
    const plans = plansOf(CALL);
    for (const channel of CHANNELS) for (const at of [5, 6]) alter(plans, 20, channel, at, shift(4_000 + at));
    for (const channel of CHANNELS) for (const at of [9, 10]) alter(plans, 22, channel, at, shift(-6_000));
    expectWhole(plans);
  });

  it('in the last fragment moves nothing but the last block', () => {
    for (const ms of offsets)
      for (const at of [0, 1, 7, BLOCKS - 2]) {
        const plans = plansOf(SHORT);
        alter(plans, SHORT - 1, 1, at, shift(ms));
        expect(layOutPlans(plans).audio.equals(wholeShort)).toBe(true);
      }
    const plans = plansOf(SHORT);
    alter(plans, SHORT - 1, 1, BLOCKS - 1, shift(20_000));
    expect(layOutPlans(plans).audio.equals(wholeShort)).toBe(true);
  });

  it('does not take a pause away that begins with it', () => {
    const plans = plansOf(SHORT);
    for (const plan of plans.slice(2, 4)) plan.blocks = plan.blocks.filter(({ channel }) => channel !== 0);
    const { audio, gaps } = layOutPlans(plans);
    expect(gaps).toHaveLength(1);
    for (const ms of offsets)
      for (const at of [1, 2, 7]) {
        // It stands right before the others by its time: it may as well have been said there.
        if (Math.abs((at + 1) * BLOCK_MS + ms) <= 32) continue;
        const strayed = plans.map((plan) => ({ ...plan }));
        alter(strayed, 4, 0, at, shift(ms));
        const found = layOutPlans(strayed);
        expect(found.gaps).toEqual(gaps);
        expect(found.audio.equals(audio)).toBe(true);
      }
  });

  it('as a track’s very first block puts the track where its fragment begins', () => {
    const plans = plansOf(CALL);
    for (const plan of plans.slice(0, 10)) plan.blocks = plan.blocks.filter(({ channel }) => channel === 0);
    const tenth = plans[10];
    if (tenth)
      tenth.blocks = tenth.blocks.filter(({ channel, atMs }) => channel === 0 || atMs === tenth.clusterMs);
    const { audio } = layOutPlans(plans);
    alter(plans, 10, 1, 0, shift(20_000));
    expect(layOutPlans(plans).audio.equals(audio)).toBe(true);
  });
});

describe('A second Cluster', () => {
  const far = (aheadMs: number) =>
    asRead(plansOf(1)).map(({ blocks, ...rest }): OwnFragment => {
      const [first] = blocks;
      return { ...rest, blocks: first ? [...blocks, { ...first, timeMs: first.timeMs + aheadMs }] : [] };
    });

  it.each([3_600_000, 365 * 86_400_000, 2 ** 50])(
    '%d ms in the future is declared, and invents no silence',
    (aheadMs) => {
      const { audio, losses, gaps } = layOut(far(aheadMs));
      expect(losses).toHaveLength(1);
      expect(losses[0]).toMatchObject({
        kind: 'FRAGMENT_UNUSABLE',
        firstFragmentNumber: START_FRAGMENT_NUMBER.toString(),
      });
      expect(gaps).toEqual([]);
      expect(audio.equals(wholeCall(1))).toBe(true);
    },
  );
});

describe('Audio that isn’t as fast as its times', () => {
  it('of another rate than it is labelled is all kept, and the record says how far it ran ahead', () => {
    const plans = plansOf(CALL);
    for (const plan of plans)
      plan.blocks = plan.blocks.map((block) => {
        const callMs = block.atMs - T0;
        return { ...block, pcm: speech(block.channel, 2 * callMs, 2 * BLOCK_MS) };
      });
    const { audio, aheadMs, gaps } = layOutPlans(plans);
    expect(gaps).toEqual([]);
    expect(audio.equals(wholeCall(2 * CALL))).toBe(true);
    // Of the last fragment nobody can tell that it lasts.
    const runMs = (CALL - 2) * FRAGMENT_MS;
    expect(aheadMs).toEqual({ AUDIO_FROM_CUSTOMER: runMs, AUDIO_TO_CUSTOMER: runMs });
  });

  it('because one side’s clock is 6 % fast is all kept, and said of that side alone', () => {
    const plans = plansOf(CALL);
    for (const plan of plans) plan.blocks = plan.blocks.filter(({ channel }) => channel === 0);
    for (let block = 0; block < 0.9 * CALL * BLOCKS; block += 1) {
      const atMs = T0 + Math.round((block * BLOCK_MS) / 1.06);
      const plan = plans.findLast(({ clusterMs }) => clusterMs <= atMs);
      plan?.blocks.push({ ...blockAt(1, block * BLOCK_MS), atMs });
    }
    const { audio, aheadMs, gaps } = layOutPlans(plans);
    expect(gaps).toEqual([]);
    assert.deepEqual(received(audio, 0), received(WHOLE, 0));
    const agent = received(audio, 1);
    assert.deepEqual(agent, received(WHOLE, 1).slice(0, agent.length));
    expect(agent.length).toBe(Math.ceil(0.9 * CALL * BLOCKS) * BLOCK_MS * 8);
    expect(aheadMs.AUDIO_FROM_CUSTOMER).toBe(0);
    expect(aheadMs.AUDIO_TO_CUSTOMER).toBeGreaterThan(1_800);
    expect(aheadMs.AUDIO_TO_CUSTOMER).toBeLessThan(2_500);
  });
});
