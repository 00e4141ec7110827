/** Streams as no plain call has them: late, stray and cut blocks, audio without a type, a record that can't be read. */
import type { BlockPlan, CallPlan } from './scenario.ts';
import { amid, ours, shifted, steady, type Twist, withOurs } from './twist-tools.ts';

/** Times that can't be right, in a call without pauses: of one block, of one side from somewhere on, of one fragment's clock. */
export const astray: Twist = (scenario, random) => {
  const { call } = scenario;
  const own = ours(call);
  if (own.length < 3 || own.some(({ clockJumpMs }) => clockJumpMs !== 0)) return scenario;
  const plain = withOurs(call, (fragment, index) => ({
    ...fragment,
    pauseMs: index === 0 ? fragment.pauseMs : 0,
    blocks: steady(fragment, call),
  }));
  const at = random.integer(1, own.length - 2);
  const channel = random.pick([0, 1] as const);
  const what = random.pick(['block', 'block', 'side', 'clock'] as const);
  const one = random.integer(0, 3);
  const ms = random.pick([-20_000, -6_000, -1_500, 1_500, 4_000, 20_000]);
  const moved = withOurs(plain, (fragment, index) => {
    if (what === 'clock')
      return { ...fragment, clockJumpMs: index === at ? 3_000 : index === at + 1 ? -3_000 : 0 };
    if (what === 'side') return index < at ? fragment : shifted(fragment, 1, () => -8_000);
    return index === at ? shifted(fragment, channel, (nth) => (nth === one ? ms : 0)) : fragment;
  });
  return { ...scenario, call: moved };
};

/** The first of ours don't say what audio they hold. */
export const untyped: Twist = (scenario, random) => {
  const own = ours(scenario.call).length;
  if (own < 2) return scenario;
  const count = random.integer(1, own - 1);
  const call = withOurs(scenario.call, (fragment, index) =>
    index < count ? { ...fragment, untyped: true } : fragment,
  );
  return { ...scenario, call };
};

/** Some of ours lack their trailing tags, also in mid-call; what stands beside them may be malformed. */
export const untrailed: Twist = (scenario, random) => {
  const { call } = scenario;
  // Where ContactIds stand among the trailing tags, one behind a lost one isn't known to be ours.
  const connectTags = call.connectTags === 'after' ? 'around' : call.connectTags;
  const garbledAt = random.chance(0.3) ? amid(call, random) : undefined;
  const altered = withOurs(call, (fragment, index) => ({
    ...fragment,
    contactTag: true,
    trailingTags: !random.chance(0.5),
    malformed: fragment.malformed || (index > 0 && random.chance(0.15)),
    ...(index === garbledAt && { garbled: true }),
  }));
  const own = ours(altered);
  // Of unknown size, nothing else tells one from what is no Matroska at all.
  const fragments = withOurs(altered, (fragment, index) => ({
    ...fragment,
    trailingTags: fragment.trailingTags || (!call.knownSizes && own[index + 1]?.garbled === true),
  })).fragments;
  return { ...scenario, call: { ...call, connectTags, fragments } };
};

/** The contact has an earlier recording, whose record nobody can read. */
export const damagedSibling: Twist = (scenario) => ({
  ...scenario,
  call: { ...scenario.call, damagedSibling: true },
});

/** A producer that packs bytes without minding samples: no pause, and no jitter, so that each block follows the one before. */
export const cut: Twist = (scenario) => {
  const call = withOurs(scenario.call, (fragment) => ({
    ...fragment,
    cutWithinSamples: true,
    blocks: steady(fragment, scenario.call),
  }));
  return { ...scenario, call };
};

/** One direction stalls, and comes later within one fragment, with its true times: as far back as a block's time goes. */
export const stalled: Twist = (scenario, random) => {
  const { call } = scenario;
  const own = ours(call);
  // Where blocks are cut within a sample, each follows the one before.
  const isOther = own.some((fragment) => fragment.clockJumpMs !== 0 || fragment.cutWithinSamples === true);
  if (own.length < 3 || call.channels === 1 || isOther) return scenario;
  const channel = random.pick([0, 1] as const);
  const first = random.integer(1, own.length - 2);
  const carrier = random.integer(first + 1, own.length - 1);
  const late: BlockPlan[] = [];
  const taken = withOurs(call, (fragment, index) => {
    if (index < first || index >= carrier) return fragment;
    const backMs = sinceMs(call, index, carrier);
    const isLate = (block: BlockPlan) => block.channel === channel && block.atMs - backMs >= -32_768;
    late.push(...fragment.blocks.filter(isLate).map((block) => ({ ...block, atMs: block.atMs - backMs })));
    return { ...fragment, blocks: fragment.blocks.filter((block) => !isLate(block)) };
  });
  const carried = withOurs(taken, (fragment, index) =>
    index === carrier
      ? { ...fragment, blocks: [...late, ...fragment.blocks].sort((a, b) => a.atMs - b.atMs) }
      : fragment,
  );
  return { ...scenario, call: carried };
};

/** From the beginning of one fragment of ours to that of another, ms. */
function sinceMs({ fragments }: CallPlan, from: number, to: number): number {
  const places = fragments.flatMap(({ part }, place) => (part === 'ours' ? [place] : []));
  const [begin = 0, end = 0] = [places[from], places[to]];
  return fragments
    .slice(begin, end)
    .reduce((sum, { lengthMs }, index) => sum + lengthMs + (fragments[begin + index + 1]?.pauseMs ?? 0), 0);
}
