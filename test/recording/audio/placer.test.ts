/** The placer by itself, as whoever listens to a call has it: handed on from one to the next, fragment by fragment. */
import { describe, expect, it } from 'vitest';
import { FragmentsAhead } from '../../../recording/audio/fragments-ahead.ts';
import { Placer } from '../../../recording/audio/placer.ts';
import { KeptNotes, NO_NOTES } from '../../../recording/audio/placing-notes.ts';
import type { OwnFragment } from '../../../recording/ownership.ts';
import { alter, asRead, layOutPlans, type Plan, plansOf } from './timed-calls.ts';
import { twistedPlans, type Twists } from './twisted-calls.ts';

const FRAGMENTS = 20;
const NOTHING_AMISS: Twists = {
  stalls: [],
  pauses: [],
  holds: [],
  jumps: [],
  strays: [],
  jitterMs: 0,
  uploadMs: 0,
  hasServer: true,
  seed: 7,
};

const twisted = (twists: Partial<Twists>) => () => twistedPlans(FRAGMENTS, { ...NOTHING_AMISS, ...twists });

const CALLS: readonly (readonly [what: string, plans: () => Plan[]])[] = [
  ['nothing amiss', twisted({})],
  [
    'a side that stalls, longer than a Cluster can tell',
    twisted({ stalls: [{ channel: 1, from: 2, count: 12 }], uploadMs: 50 }),
  ],
  ['a pause', twisted({ pauses: [{ channel: 0, from: 0, count: 6 }], jitterMs: 20 })],
  [
    'a clock that jumps twice',
    twisted({
      jumps: [
        { from: 6, ms: -40_000 },
        { from: 13, ms: 9_000 },
      ],
      uploadMs: 300,
    }),
  ],
  [
    'times that are wrong, and no server’s',
    twisted({
      strays: [
        { from: 3, block: 4, ms: 20_000 },
        { from: 8, block: 31, ms: -5_000 },
        { from: 9, block: 0, ms: 7_000 },
      ],
      hasServer: false,
    }),
  ],
  ['audio that runs ahead', runsAhead],
  ['a sample that two fragments share', sharesSample],
];

/** The agent's times step back by 8 s amid the call; the Clusters' with them. */
function runsAhead(): Plan[] {
  const plans = plansOf(FRAGMENTS);
  for (const plan of plans.slice(9)) {
    plan.blocks = plan.blocks.map((block) =>
      block.channel === 1 ? { ...block, atMs: block.atMs - 8_000 } : block,
    );
    plan.clusterMs -= 8_000;
  }
  return plans;
}

function sharesSample(): Plan[] {
  const plans = plansOf(FRAGMENTS);
  for (const [index, channel] of [
    [4, 0],
    [11, 1],
  ] as const) {
    alter(plans, index, channel, 15, (block) => ({ ...block, pcm: block.pcm.subarray(0, -1) }));
    const last = plansOf(FRAGMENTS)[index]?.blocks.findLast((block) => block.channel === channel);
    alter(plans, index + 1, channel, 0, (block) => ({
      ...block,
      pcm: Buffer.concat([last?.pcm.subarray(-1) ?? new Uint8Array(), block.pcm]),
    }));
  }
  return plans;
}

/** @param next the placer for the fragment that comes after one has placed another */
function placed(fragments: readonly OwnFragment[], next: (placer: Placer, notes: KeptNotes) => Placer) {
  const notes = new KeptNotes();
  const ahead = new FragmentsAhead();
  let placer = new Placer(notes);
  const all: { channel: number; start: number; samples: Buffer }[] = [];
  const take = (fragment: OwnFragment) => {
    const own = placer.place(fragment, ahead.held, ahead.sampleRate).list();
    for (const { channel, start, samples } of own)
      all.push({ channel, start, samples: Buffer.from(samples) });
    placer = next(placer, notes);
  };
  for (const fragment of fragments) {
    if (!ahead.push(fragment)) continue;
    for (let ready = ahead.next(); ready; ready = ahead.next()) take(ready);
  }
  for (let ready = ahead.rest(); ready; ready = ahead.rest()) take(ready);
  placer.finish();
  const { gaps, lateBlocks, strayBlocks, losses } = notes;
  const { furthest, originMs, sampleRate, reanchored, state } = placer;
  const aheadFrames = placer.lines.map(({ ahead: frames }) => frames);
  const told = { gaps, fragments: notes.fragments, lateBlocks, strayBlocks, losses };
  return { all, told, furthest, originMs, sampleRate, reanchored, state, aheadFrames };
}

describe.each(CALLS)('A call with %s', (_, plans) => {
  it('is placed alike by one placer, and by one for each fragment that goes on where another had come to', () => {
    const fragments = asRead(plans());
    const expected = placed(fragments, (placer) => placer);
    const actual = placed(fragments, ({ state }, notes) => new Placer(notes, state));

    expect(actual.told).toEqual(expected.told);
    expect(actual.state).toEqual(expected.state);
    expect({ ...actual, all: undefined, told: undefined }).toEqual({
      ...expected,
      all: undefined,
      told: undefined,
    });
    expect(actual.all.length).toBe(expected.all.length);
    const moved = expected.all.findIndex((one, index) => {
      const other = actual.all[index];
      const isHere = other?.channel === one.channel && other.start === one.start;
      return !isHere || !other.samples.equals(one.samples);
    });
    expect(moved).toBe(-1);
  });

  it('is placed as the WAV has it', () => {
    const call = plans();
    const { all, furthest, originMs } = placed(asRead(call), (placer) => placer);
    const wav = layOutPlans(call);
    expect({ furthest, originMs }).toEqual({ furthest: wav.frames, originMs: wav.originMs });
    const audio = Buffer.alloc(furthest * 4);
    for (const { channel, start, samples } of all)
      for (let at = 0; at < samples.length; at += 2)
        samples.copy(audio, start * 4 + at * 2 + channel * 2, at, at + 2);
    expect(audio.equals(wav.audio)).toBe(true);
  });
});

describe('What is placed', () => {
  it('has the call’s rate where its fragment tells none', () => {
    const [first] = asRead(plansOf(1));
    if (first === undefined) throw new Error('a fragment is wanted');
    const placer = new Placer(NO_NOTES);
    placer.place({ ...first, tags: new Map() }, [], 16_000);
    expect(placer.sampleRate).toBe(16_000);
  });

  it('can be kept when the next fragment is placed', () => {
    const [first, second] = asRead(plansOf(2));
    if (first === undefined || second === undefined) throw new Error('two fragments are wanted');
    const placer = new Placer(NO_NOTES);
    const kept = placer.place(first, [], 8_000).list();
    const told = () => kept.map(({ channel, start, samples }) => [channel, start, Buffer.from(samples)]);
    const before = told();

    const { blocks } = second;
    const few = placer.place({ ...second, blocks: blocks.slice(0, 3) }, [], 8_000).list();

    expect(few.map(({ block }) => blocks.indexOf(block))).toEqual([0, 1, 2]);
    expect(told()).toEqual(before);
    expect(kept.map(({ block }) => first.blocks.indexOf(block))).toEqual([...first.blocks.keys()]);
  });
});
