/** What twists are made of: changes of a scenario, so that two of them may meet. */
import type { Random } from '../support/random.ts';
import type { BlockPlan, CallPlan, Fault, FragmentPlan, Scenario } from './scenario.ts';

export type Twist = (scenario: Scenario, random: Random) => Scenario;

/** After everything that a plain call takes. */
export const RESUMED_MS = 420_000;
export const HOUR_MS = 3_600_000;

export function ours({ fragments }: CallPlan): FragmentPlan[] {
  return fragments.filter(({ part }) => part === 'ours');
}

export function withOurs(
  call: CallPlan,
  alter: (fragment: FragmentPlan, index: number) => FragmentPlan,
): CallPlan {
  let index = 0;
  const fragments = call.fragments.map((fragment) =>
    fragment.part === 'ours' ? alter(fragment, index++) : fragment,
  );
  return { ...call, fragments };
}

/** A fragment of ours that is neither the first nor the last. */
export function amid(call: CallPlan, random: Random): number | undefined {
  const count = ours(call).length;
  return count < 3 ? undefined : random.integer(1, count - 2);
}

/** Between two fragments of ours. */
export function innerPlaces({ fragments }: CallPlan): number[] {
  return fragments.flatMap(({ part }, place) =>
    part === 'ours' && fragments[place - 1]?.part === 'ours' ? [place] : [],
  );
}

export function plainly(fragment: FragmentPlan): FragmentPlan {
  const { part, lengthMs, latencyMs, blocks, noise } = fragment;
  return {
    part,
    lengthMs,
    latencyMs,
    blocks,
    noise,
    pauseMs: 0,
    contactTag: true,
    trailingTags: true,
    malformed: false,
    clockJumpMs: 0,
  };
}

export function withFaults(scenario: Scenario, ...faults: readonly Fault[]): Scenario {
  return { ...scenario, faults: [...scenario.faults, ...faults] };
}

export function steady({ blocks, lengthMs }: FragmentPlan, { sampleRate, channels }: CallPlan): BlockPlan[] {
  const here = [...new Set(blocks.map(({ channel }) => channel))].filter((channel) => channel < channels);
  const blockMs = lengthMs / 4;
  return [0, 1, 2, 3].flatMap((index) =>
    here.map((channel) => ({
      channel,
      atMs: index * blockMs,
      frames: Math.round((blockMs * sampleRate) / 1_000),
    })),
  );
}

/** At any moment of a call, of its assembly, and of what comes after. */
export function anyTimeMs(random: Random): number {
  return random.pick([
    random.integer(0, 15_000),
    random.integer(0, 60_000),
    RESUMED_MS + random.integer(0, 900_000),
  ]);
}

export function nearby(random: Random, atMs: number): number {
  return Math.max(0, atMs + random.integer(-10_000, 30_000));
}

export function spokenMs({ call }: Scenario): number {
  return ours(call).reduce((sum, { lengthMs }) => sum + lengthMs, 0);
}

/** How often our task stores, up to where it comes to what isn't ours. */
export function appends(scenario: Scenario): number {
  return Math.max(1, Math.ceil(spokenMs(scenario) / scenario.settings.segmentMs));
}

/** The contact streams again, soon. */
export function withNext(scenario: Scenario, random: Random, count = random.integer(1, 4)): Scenario {
  const { call } = scenario;
  const last = call.fragments.findLastIndex(({ part }) => part === 'ours');
  const pattern = call.fragments[last];
  if (!pattern || call.fragments.some(({ part }) => part === 'next')) return scenario;
  const next = Array.from({ length: count }, (_, index): FragmentPlan => {
    const noise = random.integer(1, 0x7fff_ffff);
    return {
      ...plainly(pattern),
      part: 'next',
      pauseMs: index === 0 ? random.integer(200, 3_000) : 0,
      noise,
    };
  });
  return { ...scenario, call: { ...call, fragments: call.fragments.toSpliced(last + 1, 0, ...next) } };
}

/** @param byMs of a track's nth block, from 0 */
export function shifted(fragment: FragmentPlan, channel: 0 | 1, byMs: (nth: number) => number): FragmentPlan {
  let nth = 0;
  const blocks = fragment.blocks.map((block) =>
    block.channel === channel ? { ...block, atMs: block.atMs + byMs(nth++) } : block,
  );
  return { ...fragment, blocks };
}
