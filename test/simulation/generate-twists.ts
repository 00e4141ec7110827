/** What can befall any seed beside its faults: each a change of a scenario, so that two of them may meet. */
import { type Random, seeded } from '../support/random.ts';
import type { Fault, FragmentPlan, Scenario, Service } from './scenario.ts';
import {
  amid,
  anyTimeMs,
  HOUR_MS,
  innerPlaces,
  ours,
  plainly,
  RESUMED_MS,
  type Twist,
  withFaults,
  withOurs,
} from './twist-tools.ts';
import { erased, mended } from './twists-of-operators.ts';
import { heard, late, torn, untagged, untold } from './twists-of-services.ts';
import { astray, cut, damagedSibling, stalled, untrailed, untyped } from './twists-of-streams.ts';

/** After everything that a plain call takes. */
const LATER_MS = 200_000;
/** Most calls here last less than two minutes, and no stream forgets within five. */
const FORGOTTEN_MS = 420_000;

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
  heard,
  torn,
  untagged,
  late,
  untold,
  untrailed,
} as const satisfies Record<string, Twist>;
export type TwistName = keyof typeof TWISTS;
export const TWIST_NAMES = Object.keys(TWISTS) as TwistName[];

/** Learnt late, and drawn by themselves: what else befalls a seed is as it was before. One seed in so many meets each. */
const LATE_TWISTS = { untrailed: 40 } as const satisfies Partial<Record<TwistName, number>>;
const LATE_NAMES = Object.keys(LATE_TWISTS) as (keyof typeof LATE_TWISTS)[];
const LATE_SALT = 0x1a7e_1a7e;

/** So that a seed's first choices don't repeat in what befalls it. */
export const TWIST_SALT = 0x7715_7715;

/** Half of the seeds meet none of most. */
export function twistsOf(seed: number, random: Random): TwistName[] {
  const late = seeded(seed ^ LATE_SALT);
  return [...earlyTwistsOf(random), ...LATE_NAMES.filter((name) => late.chance(1 / LATE_TWISTS[name]))];
}

function earlyTwistsOf(random: Random): TwistName[] {
  const names = TWIST_NAMES.filter((name) => !(name in LATE_TWISTS));
  if (random.chance(0.5)) return [];
  const one = () => names[random.integer(0, names.length - 1)] ?? 'forgotten';
  return random.chance(0.75) ? [one()] : [...new Set([one(), one()])];
}
