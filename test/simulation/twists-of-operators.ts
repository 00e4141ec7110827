/** What operators and the deployment's schedule do to any seed's recordings. */
import type { Random } from '../support/random.ts';
import type { Fault, Scenario } from './scenario.ts';
import {
  anyTimeMs,
  appends,
  HOUR_MS,
  nearby,
  spokenMs,
  type Twist,
  withFaults,
  withNext,
} from './twist-tools.ts';

/** An operator erases recordings: beside whoever is at work on them, and beside neighbours. */
export const erased: Twist = (plain, random) => {
  if (random.chance(0.2)) return erasedAsleep(plain, random);
  const scenario = random.chance(0.6) ? withNext(plain, random) : plain;
  const isAmid = random.chance(0.5);
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

/** What breaks off for long, or for good, where the deployment's schedule mends it. */
export const mended: Twist = (scenario, random) => {
  const service = random.pick(['s3', 'dynamodb', 'kms', 'ecs', 'kinesis'] as const);
  const ms = random.pick([40_000, 900_000, 5 * HOUR_MS, 8 * HOUR_MS]);
  const outage: Fault = { kind: 'outage', service, atMs: random.integer(0, 60_000), ms };
  const forced: Fault = { kind: 'resume', atMs: anyTimeMs(random), force: random.chance(0.5) };
  const some = [outage, forced].filter(() => random.chance(0.6));
  return withFaults(scheduled(scenario, random), ...some);
};

const scheduled: Twist = (scenario) => ({
  ...scenario,
  service: { ...scenario.service, resumeEveryMs: 900_000 },
});

/** Whatever is being stored when the command looks for what there is arrives later, when nobody may be left who asked for it. */
function storing(random: Random, scenario: Scenario, atMs: number): Fault[] {
  const operation = random.pick(['tape.append', 'tape.append', 'recordings.put'] as const);
  const when = random.pick(['late', 'late', 'late', 'slow'] as const);
  const late = Array.from({ length: appends(scenario) + 3 }, (_, index): Fault => {
    const at = { operation, nth: index + 1 };
    return when === 'late'
      ? { kind: 'fail', at, when }
      : { kind: when, at, ms: random.integer(2_000, 20_000) };
  });
  return random.chance(0.5) ? [...late, { kind: 'killAt', atMs: atMs + random.integer(0, 10_000) }] : late;
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
