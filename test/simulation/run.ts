/** One scenario run to its end, and judged. */
import { Checks, type Finding } from './checks.ts';
import { withPlainAbort } from '../support/plain-abort.ts';
import type { Scenario } from './scenario.ts';
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
    return { scenario, findings: checks.findings(isOver), world };
  } finally {
    undo();
  }
}
