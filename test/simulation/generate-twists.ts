/** What can befall any seed beside its faults: each a change of a scenario, so that two of them may meet. */
import type { Random } from '../support/random.ts';
import type { BlockPlan, CallPlan, Fault, FragmentPlan, Scenario, Service } from './scenario.ts';

type Twist = (scenario: Scenario, random: Random) => Scenario;

/** Both of them after everything that a plain call takes. */
const RESUMED_MS = 420_000;
const LATER_MS = 200_000;
/** Most calls here last less than two minutes, and no stream forgets within five. */
const FORGOTTEN_MS = 420_000;
const HOUR_MS = 3_600_000;

/** Fragments that GetMedia passes over; the archive lists them, and gives them late or never. */
const withheld: Twist = (scenario, random) => {
  const first = random.integer(0, Math.max(0, ours(scenario.call).length - 1));
  const last = first + random.integer(0, 2);
  const withholding = random.pick(['forever', 'forever', 'late', 'given'] as const);
  const untilMs = random.integer(60_000, 1_200_000);
  const call = withOurs(scenario.call, (fragment, index) =>
    // An untagged one behind one that can't be had isn't known to be ours.
    index < first || index > last
      ? { ...fragment, contactTag: true }
      : {
          ...fragment,
          contactTag: true,
          hidden: true,
          ...(withholding === 'forever' && { withheld: 'forever' }),
          ...(withholding === 'late' && { withheld: { untilMs } }),
        },
  );
  const archived = { ...scenario, call, service: { ...scenario.service, archive: true } };
  return random.chance(0.6) ? resumed(archived, random) : archived;
};

/** The recording is resumed after everything has come to its end: by hand, or by the deployment's schedule. */
function resumed(scenario: Scenario, random: Random, ...before: readonly Fault[]): Scenario {
  const atMs = RESUMED_MS + random.integer(0, 900_000);
  // Between the assembly and the resumption, or behind both.
  const forgetsAtMs = random.chance(0.7)
    ? random.integer(FORGOTTEN_MS, atMs)
    : atMs + random.integer(0, 200_000);
  const forgets = random.chance(0.5) ? [{ kind: 'forget', atMs: forgetsAtMs } as const] : [];
  return withFaults(scenario, ...before, ...forgets, { kind: 'handOver', atMs });
}

const forgotten: Twist = (scenario, random) => resumed(scenario, random);

const expired: Twist = (scenario, random) => {
  const objects = random.pick([1, 1, 2, 3, 50] as const);
  return resumed(scenario, random, { kind: 'expire', atMs: LATER_MS + random.integer(0, 200_000), objects });
};

/** Tagged: an untagged one between two of ours is taken for ours. */
const strays: Twist = (scenario, random) => {
  const { call } = scenario;
  const inner = innerPlaces(call);
  if (inner.length === 0) return scenario;
  const at = inner[random.integer(0, inner.length - 1)] ?? 0;
  const [pattern] = ours(call);
  if (!pattern) return scenario;
  const stray = (): FragmentPlan => ({
    ...plainly(pattern),
    part: 'stray',
    noise: random.integer(1, 0x7fff_ffff),
  });
  const fragments = call.fragments.toSpliced(at, 0, ...Array.from({ length: random.integer(1, 2) }, stray));
  return { ...scenario, call: { ...call, fragments } };
};

/** Between two of ours that are tagged, and can be read. */
const otherSegment: Twist = (scenario, random) => {
  const at = amid(scenario.call, random);
  return at === undefined
    ? scenario
    : {
        ...scenario,
        call: withOurs(scenario.call, (fragment, index) => {
          if (index === at) return { ...fragment, contactTag: false, otherSegment: true };
          const isNeighbour = Math.abs(index - at) === 1;
          return isNeighbour ? { ...fragment, contactTag: true, malformed: false } : fragment;
        }),
      };
};

const garbled: Twist = (scenario, random) => {
  const at = amid(scenario.call, random);
  if (at === undefined) return scenario;
  const call = withOurs(scenario.call, (fragment, index) =>
    index === at ? { ...fragment, garbled: true } : { ...fragment, contactTag: true },
  );
  return { ...scenario, call };
};

const outageOf =
  (services: readonly [Service, ...Service[]], durations: readonly [number, ...number[]]): Twist =>
  (scenario, random) => {
    const [service, ms] = [random.pick(services), random.pick(durations)];
    return withFaults(scenario, { kind: 'outage', service, atMs: random.integer(0, 60_000), ms });
  };

/** When the tape is read, or longer, at any time. */
const keyless: Twist = (scenario, random) => {
  if (random.chance(0.3)) return outageOf(['kms'], [3_000, 40_000, 300_000])(scenario, random);
  const nth = random.integer(1, 3);
  return withFaults(scenario, {
    kind: 'fail',
    at: { operation: 'tape.read', nth },
    when: 'before',
    by: 'key',
  });
};

/** GetMedia is refused for so long that one might take it for the end; and then no more. */
const denied: Twist = (scenario, random) => {
  const error = random.pick(['accessDenied', 'keyUnavailable', 'noSuchStream'] as const);
  const first = random.integer(1, 4);
  const refused = Array.from({ length: random.integer(6, 10) }, (_, index): Fault => {
    return { kind: 'session', nth: first + index, fault: { how: 'refused', error } };
  });
  return withFaults(scenario, ...refused);
};

/** The contact goes on for long, without streaming. */
const stopped: Twist = (scenario, random) => {
  const { call } = scenario;
  const fragments = call.fragments.filter(({ part }) => part !== 'next');
  return {
    ...scenario,
    // Nobody reads before the stop: what the stream forgets until then can't be had.
    service: { ...scenario.service, keepMs: undefined },
    call: { ...call, fragments, stopped: true, disconnectAfterMs: random.pick([30_000, 240_000, 280_000]) },
  };
};

/** One direction stalls, and comes later within one fragment, with its true times: as far back as a block's time goes. */
const stalled: Twist = (scenario, random) => {
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

/** A producer that packs bytes without minding samples: no pause, and no jitter, so that each block follows the one before. */
const cut: Twist = (scenario) => {
  const call = withOurs(scenario.call, (fragment) => ({
    ...fragment,
    cutWithinSamples: true,
    blocks: steady(fragment, scenario.call),
  }));
  return { ...scenario, call };
};

/** Times that can't be right, in a call without pauses: of one block, of one side from somewhere on, of one fragment's clock. */
const astray: Twist = (scenario, random) => {
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

/** @param byMs of a track's nth block, from 0 */
function shifted(fragment: FragmentPlan, channel: 0 | 1, byMs: (nth: number) => number): FragmentPlan {
  let nth = 0;
  const blocks = fragment.blocks.map((block) =>
    block.channel === channel ? { ...block, atMs: block.atMs + byMs(nth++) } : block,
  );
  return { ...fragment, blocks };
}

/** The first of ours don't say what audio they hold. */
const untyped: Twist = (scenario, random) => {
  const own = ours(scenario.call).length;
  if (own < 2) return scenario;
  const count = random.integer(1, own - 1);
  const call = withOurs(scenario.call, (fragment, index) =>
    index < count ? { ...fragment, untyped: true } : fragment,
  );
  return { ...scenario, call };
};

/** The contact has an earlier recording, whose record nobody can read. */
const damagedSibling: Twist = (scenario) => ({
  ...scenario,
  call: { ...scenario.call, damagedSibling: true },
});

function steady({ blocks, lengthMs }: FragmentPlan, { sampleRate, channels }: CallPlan): BlockPlan[] {
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
function anyTimeMs(random: Random): number {
  return random.pick([
    random.integer(0, 15_000),
    random.integer(0, 60_000),
    RESUMED_MS + random.integer(0, 900_000),
  ]);
}

/** An operator erases recordings: beside whoever is at work on them, and beside neighbours. */
const erased: Twist = (plain, random) => {
  if (random.chance(0.2)) return erasedAsleep(plain, random);
  const scenario = random.chance(0.6) ? withNext(plain, random) : plain;
  const isAmid = random.chance(0.4);
  const stop = random.chance(isAmid ? 0.9 : 0.6);
  const atMs = isAmid ? random.integer(0, spokenMs(scenario) + 10_000) : anyTimeMs(random);
  const hasNext = scenario.call.fragments.some(({ part }) => part === 'next');
  const of = random.pick(
    hasNext ? (['next', 'next', 'ours', 'contact'] as const) : (['ours', 'contact'] as const),
  );
  const breaksOffAfter = random.chance(0.3) ? random.integer(1, 40) : undefined;
  const beside: Fault[] = [
    { kind: 'terminate', atMs: nearby(random, atMs) },
    { kind: 'killAt', atMs: nearby(random, atMs) },
    { kind: 'resume', atMs: nearby(random, atMs), force: random.chance(0.5) },
    { kind: 'handOver', atMs: nearby(random, atMs) },
    sleeper(random, 'tape.append', random.integer(1, 3)),
    sleeper(random, 'checkpoints.advance', random.integer(1, 3)),
    {
      kind: 'freeze',
      at: { operation: 'recordings.put', nth: 1 },
      when: 'before',
      ms: 600_000,
      orphan: true,
    },
    {
      kind: 'outage',
      service: random.pick(['s3', 'dynamodb']),
      atMs: nearby(random, atMs),
      ms: random.pick([3_000, 40_000]),
    },
  ];
  const some = beside.filter(() => random.chance(0.25));
  if (isAmid) some.push(...storing(random, scenario, atMs));
  const erase = {
    kind: 'erase',
    atMs,
    of,
    stop,
    ...(breaksOffAfter !== undefined && { breaksOffAfter }),
  } as const;
  return withFaults(random.chance(0.3) ? scheduled(scenario, random) : scenario, ...some, erase);
};

function nearby(random: Random, atMs: number): number {
  return Math.max(0, atMs + random.integer(-10_000, 30_000));
}

/** A task that sleeps on when all others take it for dead, for longer than an erasure waits. */
function sleeper(random: Random, operation: 'tape.append' | 'checkpoints.advance', nth: number): Fault {
  return {
    kind: 'freeze',
    at: { operation, nth },
    when: random.pick(['before', 'effect']),
    ms: 5_400_000,
    orphan: true,
  };
}

/** It has the beginning of the contact's next recording in hand when it falls asleep, and that one is erased meanwhile. */
const erasedAsleep: Twist = (plain, random) => {
  const { call } = plain;
  const others = { ...call, fragments: call.fragments.filter(({ part }) => part !== 'next') };
  const short = { ...plain, call: others, settings: { ...plain.settings, segmentMs: 1_000 } };
  const twofold = withNext(short, random, 4);
  // Nobody knows of it before some of it has been read.
  const scenario = { ...twofold, call: { ...twofold.call, nextAfterMs: random.integer(2_000, 3_500) } };
  const nth = appends(scenario) + random.integer(0, 1);
  const atMs = random.integer(60_000, 600_000);
  return withFaults(scenario, sleeper(random, 'tape.append', nth), {
    kind: 'erase',
    atMs,
    of: 'next',
    stop: random.chance(0.5),
  });
};

/** Whatever is being stored when the command looks for what there is arrives later, when nobody may be left who asked for it. */
function storing(random: Random, scenario: Scenario, atMs: number): Fault[] {
  const operation = random.pick(['tape.append', 'tape.append', 'recordings.put'] as const);
  const when = random.pick(['late', 'slow'] as const);
  const late = Array.from({ length: appends(scenario) + 3 }, (_, index): Fault => {
    const at = { operation, nth: index + 1 };
    return when === 'late'
      ? { kind: 'fail', at, when }
      : { kind: when, at, ms: random.integer(2_000, 20_000) };
  });
  return random.chance(0.5) ? [...late, { kind: 'killAt', atMs: atMs + random.integer(0, 10_000) }] : late;
}

/** How often our task stores, up to where it comes to what isn't ours. */
function appends(scenario: Scenario): number {
  return Math.max(1, Math.ceil(spokenMs(scenario) / scenario.settings.segmentMs));
}

function spokenMs({ call }: Scenario): number {
  return ours(call).reduce((sum, { lengthMs }) => sum + lengthMs, 0);
}

/** The contact streams again, soon. */
function withNext(scenario: Scenario, random: Random, count = random.integer(1, 4)): Scenario {
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

const scheduled: Twist = (scenario) => ({
  ...scenario,
  service: { ...scenario.service, resumeEveryMs: 900_000 },
});

/** What breaks off for long, or for good, where the deployment's schedule mends it. */
const mended: Twist = (scenario, random) => {
  const service = random.pick(['s3', 'dynamodb', 'kms', 'ecs', 'kinesis'] as const);
  const ms = random.pick([40_000, 900_000, 5 * HOUR_MS, 8 * HOUR_MS]);
  const outage: Fault = { kind: 'outage', service, atMs: random.integer(0, 60_000), ms };
  const forced: Fault = { kind: 'resume', atMs: anyTimeMs(random), force: random.chance(0.5) };
  const some = [outage, forced].filter(() => random.chance(0.6));
  return withFaults(scheduled(scenario, random), ...some);
};

/** An operator resumes by force what may be COMPLETE, and what may be under way. */
const forced: Twist = (scenario, random) => {
  const again = Array.from({ length: random.integer(1, 3) }, (): Fault => {
    return { kind: 'resume', atMs: anyTimeMs(random), force: random.chance(0.8) };
  });
  const forgets: Fault[] = random.chance(0.3)
    ? [{ kind: 'forget', atMs: FORGOTTEN_MS + random.integer(0, 200_000) }]
    : [];
  return withFaults(scenario, ...forgets, ...again);
};

export const TWISTS = {
  withheld,
  forgotten,
  expired,
  strays,
  otherSegment,
  garbled,
  unannounced: outageOf(['eventbridge'], [60_000, 900_000, 12 * HOUR_MS]),
  keyless,
  hours: outageOf(['s3', 'dynamodb', 'kms', 'archive'], [HOUR_MS, 2 * HOUR_MS]),
  denied,
  stopped,
  stalled,
  cut,
  astray,
  untyped,
  damagedSibling,
  erased,
  mended,
  forced,
} as const satisfies Record<string, Twist>;
export type TwistName = keyof typeof TWISTS;
export const TWIST_NAMES = Object.keys(TWISTS) as TwistName[];

/** So that a seed's first choices don't repeat in what befalls it. */
export const TWIST_SALT = 0x7715_7715;

/** Half of the seeds meet none. */
export function twistsOf(random: Random, names: readonly TwistName[]): TwistName[] {
  if (names.length === 0 || random.chance(0.5)) return [];
  const one = () => names[random.integer(0, names.length - 1)] ?? 'forgotten';
  return random.chance(0.75) ? [one()] : [...new Set([one(), one()])];
}

function ours({ fragments }: CallPlan): FragmentPlan[] {
  return fragments.filter(({ part }) => part === 'ours');
}

function withOurs(call: CallPlan, alter: (fragment: FragmentPlan, index: number) => FragmentPlan): CallPlan {
  let index = 0;
  const fragments = call.fragments.map((fragment) =>
    fragment.part === 'ours' ? alter(fragment, index++) : fragment,
  );
  return { ...call, fragments };
}

/** A fragment of ours that is neither the first nor the last. */
function amid(call: CallPlan, random: Random): number | undefined {
  const count = ours(call).length;
  return count < 3 ? undefined : random.integer(1, count - 2);
}

/** Between two fragments of ours. */
function innerPlaces({ fragments }: CallPlan): number[] {
  return fragments.flatMap(({ part }, place) =>
    part === 'ours' && fragments[place - 1]?.part === 'ours' ? [place] : [],
  );
}

function plainly(fragment: FragmentPlan): FragmentPlan {
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

function withFaults(scenario: Scenario, ...faults: readonly Fault[]): Scenario {
  return { ...scenario, faults: [...scenario.faults, ...faults] };
}
