/**
 * What a security reviewer's tool says: nothing that isn't explained. Of plans from nothing, as a reviewer sees them first,
 * and of what is deployed, where every value is known: each shows what the other doesn't.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { GivenSettings } from '../stack/setting-changes.ts';
import { judge, look, readPassedOver } from '../tools/checkov.ts';
import { findCheckov, type Named } from '../tools/find.ts';
import type { Prepared } from '../tools/prepare.ts';
import { type Rehearsal, variablesOf } from './rehearsal.ts';

/** Before anything is deployed: by default, and with all that regulated users may ask for. @returns plans */
export async function plansFromNothing(rehearsal: Rehearsal, prepared: Prepared): Promise<string[]> {
  const { base, workspace } = rehearsal;
  const plans: string[] = [];
  for (const more of [{}, watched(prepared, base)])
    plans.push(await workspace.planText(variablesOf({ ...base, ...more }), false));
  return plans;
}

/** Once it is deployed. @param fromNothing plans */
export async function review(
  rehearsal: Rehearsal,
  fromNothing: readonly string[],
  named: Named,
): Promise<void> {
  const { base, findings, workspace, signal, spent } = rehearsal;
  const checkov = await findCheckov(named, process.env.PATH ?? '');
  if ('why' in checkov) {
    findings.progress(`not looked at: ${checkov.why}; ${checkov.how}`);
    return;
  }
  const dir = join(rehearsal.dir, 'checkov');
  mkdirSync(dir, { recursive: true });
  const plans = [...fromNothing, await workspace.planText(variablesOf(base), false)];
  const failed = await spent.on('checkov', () => look({ checkov: checkov.path, plans, dir, signal }));
  const { unexplained, stale } = judge(failed, readPassedOver());
  const which = new Set(unexplained.map(({ check, resource, name }) => `${check} ${resource}: ${name}`));
  const explained = `checkov ${checkov.version}: ${failed.length} findings, each with its reason`;
  findings.expect(which.size === 0, which.size === 0 ? explained : `unexplained: ${[...which].join('; ')}`);
  // Another network has not all that there are reasons for.
  if ((base.network ?? 'public') !== 'public') return;
  findings.expect(
    stale.length === 0,
    stale.length === 0 ? 'no reason is stale' : `stale: ${stale.join('; ')}`,
  );
}

/** With all that regulated users may ask for. */
function watched({ keyArn, replicaArn }: Prepared, { network }: GivenSettings): GivenSettings {
  return {
    accessLogs: 'true',
    tracing: 'true',
    replicateTo: replicaArn,
    replicateKeyArn: keyArn,
    ...(network !== 'existing' && { flowLogs: 'true' }),
  };
}
