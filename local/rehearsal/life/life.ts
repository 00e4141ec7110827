/** The whole life of a deployment, step by step. */
import type { NetworkName } from '../stack/setting-changes.ts';
import type { Named } from '../tools/find.ts';
import type { Prepared } from '../tools/prepare.ts';
import { expectRest, type Rehearsal } from './rehearsal.ts';
import { calls, doctor, firstDeploy, lookAtCalls, planBySuccessor, validate } from './steps-first.ts';
import { dataAloneAndBack, destroyed, refusedWhileProtected } from './steps-last.ts';
import { plansFromNothing, review } from './steps-review.ts';
import { changeSettings, type SettingSeen } from './steps-settings.ts';
import { together } from './together.ts';
import { upgradeFirst } from './upgrade.ts';

export interface LifeOptions {
  readonly network: NetworkName;
  readonly prepared: Prepared;
  /** checkov, as it was named. */
  readonly named: Named;
  /** Ends once calls are recorded: everything is left as it is. */
  readonly keep: boolean;
  /** A copy of the checkout whose stack is cdktn's. */
  readonly cdktn: string | undefined;
  /** A commit whose stack is deployed first. */
  readonly upgradeFrom: string | undefined;
}

/** @throws ToolFailure where a step can't go on. */
export async function life(
  rehearsal: Rehearsal,
  { network, prepared, named, keep, cdktn, upgradeFrom }: LifeOptions,
): Promise<readonly SettingSeen[]> {
  await validate(rehearsal);
  const plans = await plansFromNothing(rehearsal, prepared);
  // A deploy waits more than it works: the call on this machine alone goes on beside it.
  rehearsal.reference().catch(() => undefined);
  if (upgradeFrom === undefined) await firstDeploy(rehearsal);
  else await upgradeFirst(rehearsal, upgradeFrom);
  rehearsal.findings.begin(
    'what is deployed: the plan is empty, checkov looks at it, and calls are recorded',
  );
  const reviewed = async () => {
    await expectRest(rehearsal);
    await review(rehearsal, plans, named);
    if (cdktn !== undefined) await planBySuccessor(rehearsal, cdktn);
  };
  const [played] = await together(calls(rehearsal), reviewed());
  await doctor(rehearsal);
  await lookAtCalls(rehearsal, played);
  if (keep) return [];
  const { seen, left } = await changeSettings(rehearsal, prepared, network);
  await refusedWhileProtected(rehearsal, left);
  await dataAloneAndBack(rehearsal, left);
  await destroyed(rehearsal);
  return seen;
}
