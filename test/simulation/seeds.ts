/** Many seeds, and what to do with one that fails. */
import { scenarioOf } from './generate.ts';
import type { TwistName } from './generate-twists.ts';
import { runScenario, type Verdict } from './run.ts';
import type { Scenario } from './scenario.ts';
import { shrink } from './shrink.ts';
import { inWords } from './words.ts';
import type { Canary } from './world.ts';

export interface Failure {
  readonly seed: number;
  readonly verdict: Verdict;
}

/** Lets the event loop turn, for timers and messages of whoever runs this. */
const TURN_EVERY = 64;

/** @returns the first seed that fails, and how many were tried. */
export async function trySeeds(
  from: number,
  count: number,
  canary?: Canary,
  twist?: TwistName,
): Promise<{ readonly tried: number; readonly failure: Failure | undefined }> {
  for (let seed = from; seed < from + count; seed += 1) {
    if (seed % TURN_EVERY === 0) await new Promise((resolve) => setImmediate(resolve));
    const verdict = await runScenario(scenarioOf(seed, twist), canary);
    if (verdict.findings.length > 0) return { tried: seed - from + 1, failure: { seed, verdict } };
  }
  return { tried: count, failure: undefined };
}

/** What a person needs: the findings, the shortest scenario in words, and how to run both again. */
export async function report(
  { scenario, findings }: Verdict,
  canary?: Canary,
  twist?: TwistName,
): Promise<string> {
  const kind = findings[0]?.kind;
  const fails = async (candidate: Scenario) =>
    (await runScenario(candidate, canary)).findings[0]?.kind === kind;
  const shortest = await shrink(scenario, fails);
  const { findings: left } = await runScenario(shortest, canary);
  return [
    `seed ${scenario.seed} fails:`,
    ...findings.map(({ kind: what, what: why }) => `  ${what}: ${why}`),
    `run it again: npm run simulate -- --from ${scenario.seed} --seeds 1${twist === undefined ? '' : ` --with ${twist}`}`,
    '',
    'the shortest scenario that fails in the same way:',
    ...left.map(({ kind: what, what: why }) => `  ${what}: ${why}`),
    '',
    inWords(shortest),
    '',
    `as it is: npm run simulate -- --replay '${JSON.stringify(shortest)}'`,
  ].join('\n');
}
