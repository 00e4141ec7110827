/** Who listens to a seed's call, if anybody does: drawn by itself, so that the call and its faults are what they were. */
import { type Random, seeded } from '../support/random.ts';
import type { ListenerTrouble, ListeningPlan, Scenario } from './scenario.ts';

const SALT = 0x115_7e4;
/** Of all seeds. */
const SHARE = 0.12;

/** @param never whether nobody is to */
export function listenedTo(scenario: Scenario, never: boolean): Scenario {
  const random = seeded(scenario.seed ^ SALT);
  if (never || scenario.listening || !random.chance(SHARE)) return scenario;
  return { ...scenario, listening: listeningPlan(random, scenario) };
}

export function listeningPlan(random: Random, { call }: Scenario): ListeningPlan {
  const spokenMs = call.fragments.reduce((sum, { pauseMs, lengthMs }) => sum + pauseMs + lengthMs, 0);
  const atMs = () => random.integer(0, Math.round(spokenMs * 1.3) + 5_000);
  const troubles = Array.from({ length: random.pick([0, 1, 1, 2, 3]) }, () => trouble(random, atMs()));
  return {
    beginsMs: random.chance(0.6) ? random.integer(0, 3_000) : atMs(),
    windowMs: random.pick([500, 500, 0, 3_000]),
    slowMs: random.pick([0, 0, 0, 300, 1_500]),
    unsureFrames: random.pick([0, 0, call.sampleRate]),
    waitingBytesMax: random.pick([1_048_576, 4_096, 0]),
    troubles: troubles.sort((a, b) => a.atMs - b.atMs),
  };
}

function trouble(random: Random, atMs: number): ListenerTrouble {
  const ms = random.pick([500, 5_000, 30_000, 120_000]);
  const kind = random.pick<ListenerTrouble['kind']>([
    'kill',
    'kill',
    'leave',
    'hang',
    'breakOff',
    'freeze',
    'cut',
  ]);
  if (kind === 'kill')
    return { kind, atMs, state: random.pick<'kept' | 'old' | 'lost'>(['kept', 'kept', 'old', 'lost']) };
  if (kind === 'leave' || kind === 'cut') return { kind, atMs };
  return { kind, atMs, ms };
}
