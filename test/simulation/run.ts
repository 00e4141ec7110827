/** One scenario run to its end, and judged. */
import { withPlainAbort } from '../support/plain-abort.ts';
import { Checks, type Finding } from './checks.ts';
import type { Scenario } from './scenario.ts';
import { changedBy } from './unchanged.ts';
import { type Canary, World } from './world.ts';

export interface Verdict {
  readonly scenario: Scenario;
  /** What was wrong, the first first; empty when all was well. */
  readonly findings: readonly Finding[];
  readonly world: World;
}

export async function runScenario(scenario: Scenario, canary?: Canary): Promise<Verdict> {
  const undo = withPlainAbort();
  try {
    const world = new World(scenario, canary);
    const checks = new Checks(world);
    const isOver = await world.run(checks.untilMs);
    const findings = [...checks.findings(isOver), ...(await findChanges(world, canary))];
    return { scenario, findings, world };
  } finally {
    undo();
  }
}

/** Every so many of the runs that somebody listens to. */
const COMPARED = 3;

/** The same without whoever listens has to store the same, at the same times. */
async function findChanges(listened: World, canary: Canary | undefined): Promise<Finding[]> {
  const { scenario } = listened;
  if (!scenario.listening || scenario.seed % COMPARED !== 0) return [];
  const plain = new World({ ...scenario, listening: undefined }, canary);
  await plain.run(new Checks(plain).untilMs);
  const changed = changedBy(listened, plain);
  return changed === undefined ? [] : [{ kind: 'listening', what: changed }];
}
