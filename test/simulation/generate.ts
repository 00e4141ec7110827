/** A seed → a scenario. */
import type { MediaErrorKind } from '../../ports/media/media.ts';
import { type Random, seeded } from '../support/random.ts';
import { listenedTo } from './generate-listening.ts';
import { TWIST_SALT, type TwistName, TWISTS, twistsOf } from './generate-twists.ts';
import {
  type BlockPlan,
  type CallPlan,
  type CallSite,
  type Fault,
  type FragmentPlan,
  type Operation,
  OPERATIONS,
  type Part,
  type Scenario,
  type ServicePlan,
  SERVICES,
  type SessionFault,
  type SettingsPlan,
} from './scenario.ts';

/** @param twist befalls it whatever the seed says */
export function scenarioOf(seed: number, twist?: TwistName): Scenario {
  const random = seeded(seed ^ TWIST_SALT);
  const drawn = twistsOf(seed, random);
  const names = twist === undefined ? drawn : [twist];
  const scenario = names.reduce((before, name) => TWISTS[name](before, random), plainScenario(seed));
  return listenedTo(tellable(scenario), twist !== undefined);
}

/** An untagged fragment of a Segment of its own, beside another contact's: nobody can tell whose it is. */
function tellable(scenario: Scenario): Scenario {
  const { fragments } = scenario.call;
  const isTold = (fragment: FragmentPlan | undefined) => fragment?.contactTag !== false;
  const isBesideOthers = (at: number) =>
    [fragments.slice(0, at).findLast(isTold), fragments.slice(at + 1).find(isTold)].some(
      (neighbour) => neighbour?.part === 'stray',
    );
  return {
    ...scenario,
    call: {
      ...scenario.call,
      fragments: fragments.map((fragment, at) =>
        fragment.otherSegment === true && isBesideOthers(at) ? { ...fragment, contactTag: true } : fragment,
      ),
    },
  };
}

function plainScenario(seed: number): Scenario {
  const random = seeded(seed);
  const call = callPlan(random);
  const service = servicePlan(random);
  const settings = settingsPlan(random);
  const theme = random.pick(THEMES);
  const faults = theme === 'none' ? [] : faultPlans(random, theme);
  return adapted({ seed, call, service, settings, faults }, theme, random);
}

/** What a seed's faults are about; a mix of everything finds less than one hard blow. */
const THEMES = [
  'none',
  'mixed',
  'mixed',
  'kills',
  'stream',
  'zombies',
  'outages',
  'retention',
  'exhausted',
  'assembly',
] as const;
type Theme = (typeof THEMES)[number];

function callPlan(random: Random): CallPlan {
  const sampleRate = random.chance(0.04) ? 8_000 : random.pick([250, 250, 500, 1_000]);
  const channels = random.chance(0.15) ? 1 : 2;
  const shape: Shape = {
    sampleRate,
    channels,
    agentFrom: random.chance(0.3) ? random.integer(1, 4) : 0,
    jitterMs: random.chance(0.5) ? random.integer(1, 60) : 0,
    odd: random.chance(0.4),
    pauses: random.chance(0.4),
    jumps: random.chance(0.15),
    untagged: random.pick(['none', 'none', 'last', 'all']),
    lastTrailing: !random.chance(0.2),
    malformed: random.chance(0.04),
  };
  const fragments = [
    ...(random.chance(0.5) ? partPlans(random, shape, 'earlier', random.integer(1, 4)) : []),
    ...partPlans(random, shape, 'ours', random.integer(1, 9)),
    ...(random.chance(0.2) ? partPlans(random, shape, 'next', random.integer(1, 4)) : []),
    ...(random.chance(0.4) ? partPlans(random, shape, 'later', random.integer(1, 3)) : []),
  ];
  const isTold = random.chance(0.93);
  return {
    sampleRate,
    channels,
    firstTrack: random.pick(['customer', 'agent']),
    connectTags: random.pick(['before', 'after', 'around']),
    knownSizes: random.chance(0.2),
    clockSkewMs: random.integer(-2_000, 2_000),
    startedAtMs: random.chance(0.1) ? random.integer(-5_000, 50_000) : random.integer(-2_000, 2_000),
    executionAfterMs: random.integer(0, 3_000),
    fragments,
    disconnectAfterMs: random.integer(0, 1_500),
    eventAfterMs: isTold && random.chance(0.8) ? random.integer(0, 5_000) : undefined,
    describeAfterMs: isTold ? random.integer(0, 5_000) : undefined,
  };
}

interface Shape {
  readonly sampleRate: number;
  readonly channels: 1 | 2;
  /** The agent's track has no blocks in so many fragments. */
  readonly agentFrom: number;
  readonly jitterMs: number;
  readonly odd: boolean;
  readonly pauses: boolean;
  readonly jumps: boolean;
  readonly untagged: 'none' | 'last' | 'all';
  readonly lastTrailing: boolean;
  readonly malformed: boolean;
}

const FRAGMENT_MS = 1_024;
const BLOCK_MS = 256;

function partPlans(random: Random, shape: Shape, part: Part, count: number): FragmentPlan[] {
  return Array.from({ length: count }, (_, index): FragmentPlan => {
    const isLast = index === count - 1;
    const untagged = shape.untagged === 'all' ? index > 0 : shape.untagged === 'last' && isLast;
    const isOurs = part === 'ours';
    return {
      part,
      pauseMs: pauseMs(random, shape, part, index),
      lengthMs: FRAGMENT_MS,
      latencyMs: random.integer(50, 900),
      blocks: blockPlans(random, shape, index),
      contactTag: !(untagged && random.chance(0.9)),
      trailingTags: !isLast || shape.lastTrailing,
      malformed: isOurs && shape.malformed && random.chance(0.3) && (index > 0 || shape.untagged === 'none'),
      clockJumpMs: isOurs && shape.jumps && index > 0 && random.chance(0.3) ? clockJumpMs(random) : 0,
      noise: random.integer(1, 0x7fff_ffff),
    };
  });
}

function pauseMs(random: Random, { pauses }: Shape, part: Part, index: number): number {
  if (index === 0) {
    if (part === 'ours') return random.pick([0, 200, 5_000, 120_000]);
    if (part === 'next') return random.integer(200, 8_000);
    return random.pick([0, 500, 3_000, 20_000]);
  }
  return pauses && random.chance(0.2) ? random.pick([40, 300, 2_000, 7_000, 20_000, 70_000]) : 0;
}

function clockJumpMs(random: Random): number {
  return random.pick([-1, 1]) * random.pick([1_000, 20_000, 90_000, 3_600_000]);
}

function blockPlans(random: Random, shape: Shape, fragment: number): BlockPlan[] {
  const blocks: BlockPlan[] = [];
  const wholeFrames = Math.round((BLOCK_MS * shape.sampleRate) / 1_000);
  for (const channel of [0, 1] as const) {
    if (channel >= shape.channels || (channel === 1 && fragment < shape.agentFrom)) continue;
    if (random.chance(0.05)) continue;
    for (let atMs = 0; atMs < FRAGMENT_MS; atMs += BLOCK_MS) {
      if (random.chance(0.04)) continue;
      const isOdd = shape.odd && random.chance(0.2);
      blocks.push({
        channel,
        atMs: atMs + random.integer(-shape.jitterMs, shape.jitterMs),
        frames: isOdd ? random.integer(1, wholeFrames) : wholeFrames,
      });
    }
  }
  return blocks.sort((a, b) => a.atMs - b.atMs);
}

function servicePlan(random: Random): ServicePlan {
  return {
    keepMs: undefined,
    archive: random.chance(0.6),
    listingDelayMs: random.chance(0.2) ? random.integer(500, 4_000) : 0,
    sessionMs: random.pick([1_500, 4_000, 15_000, 2_700_000, 2_700_000]),
    chunkBytes: random.chance(0.3) ? random.integer(200, 5_000) : undefined,
    launchMs: random.integer(300, 6_000),
    retriesMax: undefined,
  };
}

function settingsPlan(random: Random): SettingsPlan {
  return {
    segmentMs: random.pick([1_000, 2_000, 5_000, 10_000]),
    graceMs: random.pick([2_000, 5_000, 10_000]),
    idleTimeoutMs: 120_000,
    longestCallMs: 300_000,
  };
}

const TASK_SITES: readonly Operation[] = OPERATIONS.filter(
  (operation) =>
    !/^(recordings|events)|tape\.(list|read)|calls\.(get|assembling|confirm|complete)|fence|checkpoints.read/.test(
      operation,
    ),
);
const ASSEMBLY_SITES: readonly Operation[] = OPERATIONS.filter(
  (operation) => !/^media|advance|claim|checkpoints\.end/.test(operation),
);

function faultPlans(random: Random, theme: Theme): Fault[] {
  const count = random.integer(1, 4);
  const some = (make: () => Fault) => Array.from({ length: count }, make);
  switch (theme) {
    case 'none':
    case 'retention':
    case 'exhausted':
      return [];
    case 'mixed':
      return some(() =>
        random.pick([killPlan, failPlan, stalePlan, streamPlan, zombiePlan, timedPlan])(random, TASK_SITES),
      );
    case 'kills':
      return some(() => killPlan(random, TASK_SITES));
    case 'stream':
      return some(() => streamPlan(random));
    case 'zombies':
      return some(() => random.pick([zombiePlan, timedPlan])(random, TASK_SITES));
    case 'outages':
      return some(() => random.pick([outagePlan, failPlan, stalePlan])(random, TASK_SITES));
    case 'assembly':
      return some(() => random.pick([killPlan, failPlan, zombiePlan, latePlan])(random, ASSEMBLY_SITES));
  }
}

function sitePlan(random: Random, operations: readonly Operation[]): CallSite {
  const operation = operations[random.integer(0, operations.length - 1)] ?? 'media.open';
  const isFrequent = operation === 'media.read' || operation === 'calls.ofContact';
  return { operation, nth: random.integer(1, isFrequent ? 14 : 5) };
}

function killPlan(random: Random, operations: readonly Operation[]): Fault {
  return { kind: 'kill', at: sitePlan(random, operations), when: random.pick(['before', 'effect', 'after']) };
}

/**
 * A body that is silent for longer than the grace period from its first byte on can't be told from one that has nothing
 * more: that is a limit of what can be known without an archive, so that reads don't take so long.
 */
function failPlan(random: Random, operations: readonly Operation[]): Fault {
  const at = sitePlan(random, operations);
  const isRead = at.operation === 'media.read';
  if (random.chance(0.15)) return { kind: 'slow', at, ms: random.integer(500, isRead ? 1_500 : 20_000) };
  if (random.chance(0.2)) {
    const ms = isRead ? 1_500 : random.pick([5_000, 30_000, 400_000]);
    return { kind: 'hang', at, ms, effect: random.chance(0.5) };
  }
  return { kind: 'fail', at, when: random.pick(['before', 'effect', 'late']) };
}

/** Only these reads may be stale: those of the tables are strongly consistent, and the archive's list has a delay of its own. */
function stalePlan(random: Random): Fault {
  return { kind: 'stale', at: { operation: 'contacts.describe', nth: random.integer(2, 5) } };
}

function zombiePlan(random: Random, operations: readonly Operation[]): Fault {
  return {
    kind: 'freeze',
    at: sitePlan(random, operations),
    when: random.pick(['before', 'effect']),
    ms: random.pick([2_000, 10_000, 30_000, 60_000]),
    orphan: random.chance(0.8),
  };
}

/** An assembly, or a request of one, that comes to life again when another has gone on. */
function latePlan(random: Random): Fault {
  const operation = random.pick(['calls.assembling', 'calls.complete', 'recordings.put'] as const);
  const at = { operation, nth: random.integer(1, 2) };
  if (random.chance(0.5)) return { kind: 'fail', at, when: 'late' };
  return { kind: 'freeze', at, when: 'before', ms: random.pick([10_000, 60_000]), orphan: true };
}

function timedPlan(random: Random): Fault {
  const atMs = random.integer(0, 20_000);
  const kind = random.pick(['killAt', 'terminate', 'terminate', 'twin', 'stranger', 'handOver'] as const);
  return { kind, atMs };
}

function outagePlan(random: Random): Fault {
  return {
    kind: 'outage',
    service: SERVICES[random.integer(0, SERVICES.length - 1)] ?? 'kinesis',
    atMs: random.integer(0, 15_000),
    ms: random.pick([500, 3_000, 15_000, 40_000]),
  };
}

const REPORTS = [3002, 4000, 4503, 5000, 9999, 4500, 4501, 4502, 4504, 4505, 4506] as const;
const REFUSALS: readonly [MediaErrorKind, ...MediaErrorKind[]] = [
  'unavailable',
  'unavailable',
  'positionUnknown',
  'accessDenied',
  'keyUnavailable',
  'noSuchStream',
];

function streamPlan(random: Random): Fault {
  return { kind: 'session', nth: random.integer(1, 7), fault: sessionPlan(random) };
}

function sessionPlan(random: Random): SessionFault {
  switch (random.pick(['cut', 'cut', 'cut', 'refused', 'report', 'repeats', 'corrupt'] as const)) {
    case 'cut':
      return {
        how: 'cut',
        afterBytes: random.integer(0, 20_000),
        by: random.pick(['end', 'end', 'stall', 'error']),
      };
    case 'refused':
      return { how: 'refused', error: random.pick(REFUSALS) };
    case 'report':
      return { how: 'report', afterFragments: random.integer(0, 4), id: random.pick(REPORTS) };
    case 'repeats':
      return { how: 'repeats', what: random.pick(['same', 'previous']) };
    case 'corrupt':
      return { how: 'corrupt', fragment: random.integer(1, 4) };
  }
}

/** What some themes need beside their faults. */
function adapted(scenario: Scenario, theme: Theme, random: Random): Scenario {
  const { service } = scenario;
  if (theme === 'retention') return forgetful(scenario, random);
  if (theme === 'exhausted') {
    const retriesMax = random.integer(0, 2);
    const kills = Array.from({ length: 3 + retriesMax + random.integer(-1, 1) }, (_, index): Fault => {
      const operation = random.pick([
        'tape.append',
        'checkpoints.advance',
        'media.open',
        'checkpoints.claim',
      ] as const);
      const when = random.pick(['before', 'effect', 'after'] as const);
      return { kind: 'kill', at: { operation, nth: index + 1 }, when };
    });
    return { ...scenario, service: { ...service, retriesMax }, faults: kills };
  }
  return scenario;
}

/**
 * A stream that keeps what it must, and no more; and a time in which nothing can be read, or a long hold. Every fragment
 * is tagged: one that isn't can't be told to be ours when the one before it is forgotten.
 */
function forgetful({ call, service, settings, ...rest }: Scenario, random: Random): Scenario {
  const hold = random.chance(0.4) ? random.integer(1, 6) : -1;
  const fragments = call.fragments.map((fragment, index) => ({
    ...fragment,
    contactTag: true,
    pauseMs: fragment.part === 'ours' && index === hold ? 400_000 : fragment.pauseMs,
  }));
  const outage: Fault = {
    kind: 'outage',
    service: random.pick(['kinesis', 'ecs', 'dynamodb', 's3'] as const),
    atMs: random.integer(0, 12_000),
    ms: random.integer(150_000, 450_000),
  };
  return {
    ...rest,
    call: { ...call, fragments },
    service: { ...service, keepMs: 300_000 },
    settings: { ...settings, longestCallMs: 1_800_000, idleTimeoutMs: 600_000 },
    faults: random.chance(0.8) ? [outage] : [],
  };
}
