/** Blocks at the limits of what the placer's rules allow: how late, how early, how far, how little. */
import assert from 'node:assert/strict';
import { describe, expect, it } from 'vitest';
import { Placer } from '../../../recording/audio/placer.ts';
import { KeptNotes } from '../../../recording/audio/placing-notes.ts';
import { layOut } from '../../support/audio.ts';
import { START_FRAGMENT_NUMBER } from '../../support/call.ts';
import { T0, type TestBlock } from '../../support/documents.ts';
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
  wholeCall,
} from './timed-calls.ts';

const CALL = 8;
const WHOLE = wholeCall(CALL);
const RATE = 8_000;

/** What became of blocks of which each is a fragment of its own, which the server had as soon as it was said. */
function placed(...blocks: readonly (Partial<TestBlock> & { readonly fromMs: number })[]) {
  const notes = new KeptNotes();
  const placer = new Placer(notes);
  let serverMs = T0;
  const plans = blocks.map(({ fromMs, ...block }): Plan => {
    const atMs = T0 + fromMs;
    serverMs = Math.max(serverMs, atMs);
    const own = { channel: 0, atMs, pcm: speech(0, 0, BLOCK_MS), ...block } as const;
    return { blocks: [own], clusterMs: atMs, serverMs };
  });
  const fragments = asRead(plans);
  const starts = fragments.map((fragment, index) =>
    placer
      .place(fragment, fragments.slice(index + 1, index + 5), RATE)
      .list()
      .map(({ start }) => (start * 1_000) / RATE),
  );
  placer.finish();
  return { notes, starts: starts.flat(), furthest: placer.furthest };
}

/** A call in which one block of the customer's is that much off. */
function strayed(ms: number, at: readonly number[] = [7]) {
  const plans = plansOf(CALL);
  for (const one of at) alter(plans, 3, 0, one, shift(ms));
  const { audio, gaps, strayBlocks } = layOutPlans(plans);
  return { isWhole: audio.equals(WHOLE), gaps: gaps.map(({ lengthMs }) => lengthMs), strayBlocks };
}

describe('A block that is late', () => {
  it.each([
    [32, { isWhole: true, gaps: [], strayBlocks: 0 }],
    [33, { isWhole: false, gaps: [33], strayBlocks: 0 }],
  ])('by %d ms, and those behind it aren’t: %j', (ms, expected) => {
    expect(strayed(ms)).toEqual(expected);
  });

  it.each([
    [20, { isWhole: true, gaps: [] }],
    [32, { isWhole: true, gaps: [] }],
    [33, { isWhole: false, gaps: [33] }],
  ])('by far more than those behind it, which are by %d ms: %j', (ms, expected) => {
    const plans = plansOf(CALL);
    for (let at = 7; at < BLOCKS; at += 1) alter(plans, 3, 0, at, shift(at === 7 ? 3_000 : ms));
    for (const plan of plans.slice(4))
      plan.blocks = plan.blocks.map((block) => (block.channel === 0 ? shift(ms)(block) : block));
    const { audio, gaps, strayBlocks } = layOutPlans(plans);
    const found = { isWhole: audio.equals(WHOLE), gaps: gaps.map(({ lengthMs }) => lengthMs) };
    expect({ ...found, strayBlocks }).toEqual({ ...expected, strayBlocks: 1 });
  });
});

describe('A track’s first block', () => {
  it('is where its fragment begins, if its own time can’t be right', () => {
    const plans = plansOf(CALL);
    for (const [index, plan] of plans.slice(0, 4).entries())
      plan.blocks = plan.blocks.filter(({ channel }, at) => channel === 0 || (index === 3 && at === 1));
    alter(plans, 3, 1, 0, shift(20_000));
    const { gaps, strayBlocks } = layOutPlans(plans);
    expect(gaps.map(({ startMs, lengthMs }) => [startMs, lengthMs])).toEqual([
      [0, 3 * FRAGMENT_MS],
      [3 * FRAGMENT_MS + BLOCK_MS, FRAGMENT_MS - BLOCK_MS],
    ]);
    expect(strayBlocks).toBe(1);
  });

  it('of a time before the call’s beginning is at the beginning, and noted where jitter doesn’t explain it', () => {
    const early = (fromMs: number) => {
      const { starts, notes } = placed({ fromMs: 0 }, { fromMs, channel: 1 });
      return [starts.at(-1), notes.strayBlocks];
    };
    expect([early(-32), early(-33)]).toEqual([
      [0, 0],
      [0, 1],
    ]);
  });
});

describe('A block that is early', () => {
  it('follows on, and is noted where its time can’t be right', () => {
    const expected = (strayBlocks: number) => ({ isWhole: true, gaps: [], strayBlocks });
    expect([strayed(-33), strayed(-1_000), strayed(-1_001)]).toEqual([0, 0, 1].map(expected));
  });

  it('is noted once, and those behind it that are as early are not', () => {
    expect(strayed(-6_000, [7, 8, 9]).strayBlocks).toBe(1);
    expect(strayed(-6_000, [7, 11]).strayBlocks).toBe(2);
  });

  it.each([
    [-31, 0, 0],
    [-32, 0, 0],
    [-33, 33, 0],
    [-32, 0, 1],
    [-33, 33, 1],
  ] as const)(
    'by %d ms for the rest of the call has its track run %d ms ahead: channel %d',
    (ms, aheadMs, channel) => {
      const plans = plansOf(CALL);
      for (const plan of plans.slice(3))
        plan.blocks = plan.blocks.map((block) => (block.channel === channel ? shift(ms)(block) : block));
      const facts = layOutPlans(plans);
      const [customer, agent] = channel === 0 ? [aheadMs, 0] : [0, aheadMs];
      expect(facts.aheadMs).toEqual({ AUDIO_FROM_CUSTOMER: customer, AUDIO_TO_CUSTOMER: agent });
      expect(facts.audio.equals(WHOLE)).toBe(true);
    },
  );

  /** By time it would come first and have the next follow it on: as many breaks as where it stands, but for where its track has come to. */
  it.each([0, 3])(
    'stays where it stands in fragment %d, where only its track’s end tells which order is right',
    (at) => {
      for (const jumpMs of [0, 20_000])
        for (const channel of [0, 1] as const) {
          const plans = plansOf(CALL);
          for (const plan of plans.slice(2)) {
            plan.clusterMs += jumpMs;
            plan.blocks = plan.blocks.map(shift(jumpMs));
          }
          alter(plans, at, channel, 3, shift(-4 * BLOCK_MS));
          expect(layOutPlans(plans).audio.equals(WHOLE)).toBe(true);
        }
    },
  );

  it('stays where it stands also where its fragment’s own time is as early', () => {
    const plans = plansOf(CALL);
    for (const plan of plans) plan.clusterMs -= BLOCK_MS;
    for (const channel of [0, 1] as const) alter(plans, 3, channel, 3, shift(-4 * BLOCK_MS));
    expect(layOutPlans(plans).audio.equals(WHOLE)).toBe(true);
  });

  it.each<[string, (plans: Plan[]) => void]>([
    ['one fragment alone', () => undefined],
    [
      'the last fragment before a pause',
      (plans) => {
        for (const plan of plans.slice(4, 5))
          plan.blocks = plan.blocks.filter(({ channel }) => channel === 0);
      },
    ],
    [
      'the ends of two fragments',
      (plans) => {
        for (let at = 0; at < BLOCKS; at += 1) {
          if (at < 8) alter(plans, 3, 1, at, shift(400));
          else alter(plans, 4, 1, at, shift(-400));
        }
      },
    ],
  ])('for %s doesn’t', (_, change) => {
    const plans = plansOf(CALL);
    const [plan] = plans.slice(3);
    if (plan) plan.blocks = plan.blocks.map((block) => (block.channel === 1 ? shift(-400)(block) : block));
    change(plans);
    expect(layOutPlans(plans).aheadMs).toEqual({ AUDIO_FROM_CUSTOMER: 0, AUDIO_TO_CUSTOMER: 0 });
  });
});

describe('A track of another time in the last two fragments', () => {
  const moved = (...lastMs: readonly [number, number]) => {
    const plans = plansOf(CALL);
    for (const [index, plan] of plans.slice(-2).entries())
      plan.blocks = plan.blocks.map((block) =>
        block.channel === 0 ? shift(lastMs[index] ?? 0)(block) : block,
      );
    const { audio, gaps } = layOutPlans(plans);
    return { isWhole: audio.equals(WHOLE), gaps: gaps.map(({ lengthMs }) => lengthMs) };
  };

  it('goes on where it was: what is as far off as the block before can’t be right either', () => {
    for (const last of [3_000, 3_128, 2_872]) expect(moved(3_000, last)).toEqual({ isWhole: true, gaps: [] });
  });

  it('leaves a gap where it is off otherwise: nothing says that it isn’t so', () => {
    expect(moved(3_000, 3_129)).toEqual({ isWhole: false, gaps: [3_129] });
    expect(moved(3_000, 2_871)).toEqual({ isWhole: false, gaps: [2_871] });
    expect(moved(0, 3_000)).toEqual({ isWhole: false, gaps: [3_000] });
    // What is off by jitter alone can be right.
    expect(moved(32, 160)).toEqual({ isWhole: false, gaps: [160] });
  });
});

describe('A block without audio', () => {
  const empty = (fromMs: number) => ({ fromMs, pcm: new Uint8Array() });

  it('is none, and a fragment of nothing else tells nothing', () => {
    const { starts, notes } = placed(empty(0), { fromMs: 1_000 }, empty(1_500), { fromMs: 1_064 });
    expect({ starts, fragments: notes.fragments, gaps: notes.gaps }).toEqual({
      starts: [0, 64],
      fragments: 2,
      gaps: [],
    });
  });

  it('moves nothing amid others', () => {
    const plans = plansOf(CALL);
    for (const plan of plans.slice(3, 5)) {
      const [first] = plan.blocks;
      if (first) plan.blocks.splice(8, 0, { ...shift(700)(first), pcm: new Uint8Array() });
    }
    expect(layOutPlans(plans).audio.equals(WHOLE)).toBe(true);
  });
});

describe('The window', () => {
  it('has room for a block that is a minute behind, and puts what is further at its edge', () => {
    const edgeMs = FRAGMENT_MS;
    const atMs = (fromMs: number) => {
      const late = { fromMs, channel: 1 } as const;
      const { starts, notes } = placed({ fromMs: 0 }, { fromMs: 60_000 + edgeMs - BLOCK_MS }, late);
      return { startMs: starts.at(-1), late: notes.lateBlocks };
    };
    expect(atMs(edgeMs)).toEqual({ startMs: edgeMs, late: 0 });
    expect(atMs(edgeMs - 1)).toEqual({ startMs: edgeMs, late: 1 });
  });
});

describe('A recording', () => {
  const LONGEST_MS = 50 * 3_600_000;

  it('is as long as the longest call and two hours; what is beyond is declared', () => {
    const last = LONGEST_MS - BLOCK_MS;
    const { starts, notes, furthest } = placed({ fromMs: 0 }, { fromMs: last }, { fromMs: LONGEST_MS });
    expect([starts, furthest]).toEqual([[0, last], (LONGEST_MS * RATE) / 1_000]);
    const number = (START_FRAGMENT_NUMBER + 2n).toString();
    expect(notes.losses).toEqual([
      {
        kind: 'FRAGMENT_UNUSABLE',
        why: 'it lies beyond 50 hours, which no call lasts',
        firstFragmentNumber: number,
        lastFragmentNumber: number,
      },
    ]);
  });

  it('has no gap that is longer: such a time can’t be right', () => {
    const next = (fromMs: number) => placed({ fromMs: 0 }, { fromMs }).starts.at(-1);
    expect(next(LONGEST_MS - BLOCK_MS)).toBe(LONGEST_MS - BLOCK_MS);
    expect(next(LONGEST_MS)).toBe(BLOCK_MS);
  });
});

describe('A block', () => {
  it.each([
    ['at the very beginning', 0],
    ['behind a gap', 3],
    ['amid others', 1],
  ])('of one byte joins what its track goes on with: %s', (_, index) => {
    const plans = plansOf(CALL);
    for (const plan of plans.slice(2, 3)) plan.blocks = plan.blocks.filter(({ channel }) => channel === 1);
    const expected = layOutPlans(plans);
    for (const plan of plans.slice(index, index + 1))
      plan.blocks = plan.blocks.flatMap((block, at) => {
        const { pcm } = block;
        const parts = [pcm.subarray(0, 1), pcm.subarray(1)].map((part) => ({ ...block, pcm: part }));
        return at === 0 ? parts : [block];
      });
    const { audio, losses, gaps } = layOutPlans(plans);
    expect({ losses, gaps }).toEqual({ losses: [], gaps: expected.gaps });
    expect(audio.equals(expected.audio)).toBe(true);
  });

  it('of one byte behind a gap, which nothing joins, is lost, and the gap is what is heard', () => {
    const byte = { fromMs: 5_000, pcm: speech(0, 0, BLOCK_MS).subarray(0, 1) };
    const last = placed({ fromMs: 0 }, byte);
    expect([last.notes.gaps, last.notes.losses.length, last.furthest]).toEqual([
      [],
      1,
      (BLOCK_MS * RATE) / 1_000,
    ]);

    const amid = placed({ fromMs: 0 }, byte, { fromMs: 9_000 });
    expect(amid.notes.gaps.map(({ startMs, lengthMs }) => [startMs, lengthMs])).toEqual([
      [BLOCK_MS, 9_000 - BLOCK_MS],
    ]);
    expect(amid.notes.losses).toHaveLength(1);
  });

  it('without audio is nothing, wherever it stands', () => {
    const plans = plansOf(CALL);
    const empty = { ...blockAt(1, 0), atMs: T0 + 2 * FRAGMENT_MS - 500, pcm: new Uint8Array() };
    for (const plan of plans.slice(2, 3)) plan.blocks = [empty, ...plan.blocks];
    const { audio, losses, gaps, strayBlocks } = layOutPlans(plans);
    expect({ losses, gaps, strayBlocks }).toEqual({ losses: [], gaps: [], strayBlocks: 0 });
    expect(audio.equals(WHOLE)).toBe(true);
  });

  it('that a Cluster could just reach is placed, and one further off is declared', () => {
    const reach = (ms: number, ...more: readonly TestBlock[]) => {
      const plans = plansOf(CALL);
      const far = { ...blockAt(0, 0), atMs: T0 + ms };
      for (const plan of plans.slice(0, 1)) plan.blocks.push(far, ...more);
      return layOutPlans(plans);
    };
    expect(reach(60_000).losses).toEqual([]);
    expect(reach(60_000, { ...blockAt(0, 0), pcm: new Uint8Array() }).losses).toEqual([]);
    expect(received(reach(60_000).audio, 0).length).toBe((CALL * 16 + 1) * BLOCK_MS * 8);
    const { losses, audio } = reach(60_001);
    const number = START_FRAGMENT_NUMBER.toString();
    expect(losses).toEqual([
      {
        kind: 'FRAGMENT_UNUSABLE',
        why: 'it has a block whose time is further behind its own than any can be',
        firstFragmentNumber: number,
        lastFragmentNumber: number,
      },
    ]);
    assert.deepEqual(received(audio, 0), received(WHOLE, 0));
  });

  it('of a call’s other rate is declared with both rates', () => {
    const plans = plansOf(CALL);
    for (const plan of plans.slice(4, 5)) plan.mimeType = 'audio/L16;rate=16000';
    expect(layOutPlans(plans).losses.map(({ why }) => why)).toEqual([
      'its sample rate is 16000 where the call’s is 8000',
    ]);
  });

  it('of a track that is nobody’s is declared, and the others’ is kept', () => {
    const fragments = asRead(plansOf(CALL));
    const [first, ...rest] = fragments;
    assert.ok(first);
    const block = { trackNumber: 9, timeMs: T0, audio: speech(1, 0, BLOCK_MS) };
    const { losses, audio } = layOut([{ ...first, blocks: [block, ...first.blocks] }, ...rest]);
    const why = 'it has a track that is neither the customer’s nor the agent’s';
    expect(losses.map((loss) => loss.why)).toEqual([why]);
    expect(audio.equals(WHOLE)).toBe(true);
  });
});
