/** What a security reviewer's tool says of the plan: nothing that isn't explained. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { GivenSettings } from '../stack/setting-changes.ts';
import { judge, look, readPassedOver } from '../tools/checkov.ts';
import { findCheckov, type Named } from '../tools/find.ts';
import type { Prepared } from '../tools/prepare.ts';
import { type Rehearsal, variablesOf } from './rehearsal.ts';

export async function review(rehearsal: Rehearsal, prepared: Prepared, named: Named): Promise<void> {
  const { base, findings, workspace, signal, spent } = rehearsal;
  findings.begin('checkov on the plan');
  const checkov = await findCheckov(named, process.env.PATH ?? '');
  if ('why' in checkov) {
    findings.progress(`not looked at: ${checkov.why}; ${checkov.how}`);
    return;
  }
  const dir = join(rehearsal.dir, 'checkov');
  mkdirSync(dir, { recursive: true });
  const plans: string[] = [];
  for (const more of [{}, watched(prepared, base)])
    plans.push(await workspace.planText(variablesOf({ ...base, ...more }), false));
  const failed = await spent.on('checkov', () => look({ checkov: checkov.path, plans, dir, signal }));
  const { unexplained, stale } = judge(failed, readPassedOver());
  const which = unexplained.map(({ check, resource, name }) => `${check} ${resource}: ${name}`);
  const explained = `checkov ${checkov.version}: ${failed.length} findings, each with its reason`;
  findings.expect(
    unexplained.length === 0,
    which.length === 0 ? explained : `unexplained: ${which.join('; ')}`,
  );
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
