/** The deployer's policy, put to a library: what it grants makes sense to AWS, and goes no further than it says. */
import { describe, expect, it } from 'vitest';
import { deployerPolicy, filledIn } from '../../../cli/deployer-policy/policy.ts';
import { readActions } from '../../../local/rehearsal/life/recorded.ts';
import { beside, otherwise } from '../../stacks/policies/beside.ts';
import { decide, type Question } from '../../stacks/policies/decide.ts';
import { ACCOUNT, documentOf, type Policy, type Statement } from '../../stacks/policies/documents.ts';
import { contextOf, examplesOf, granting } from '../../stacks/policies/example.ts';
import { NEEDS_NO_RIGHT } from './unasked.ts';

const PLACE = {
  prefix: 'sales',
  region: 'eu-west-2',
  account: ACCOUNT,
  instance: '12345678-90ab-cdef-1234-567890abcdef',
};
/** Of every network, each statement once. */
const statements = new Map(
  (['nat', 'ipv6'] as const)
    .flatMap((network) => deployerPolicy(network, true).Statement)
    .map((statement) => [statement.Sid, statement]),
);
const whole = { Version: '2012-10-17' as const, Statement: [...statements.values()] };
const document = documentOf(JSON.stringify(filledIn(whole, PLACE)));
const policy: Policy = { address: 'deployer', kind: 'identity', of: '', document };

interface Granted {
  readonly statement: Statement;
  readonly action: string;
  /** An example of what it is granted on. */
  readonly resource: string;
}

/** By each statement alone; actions that it doesn't grant on any example of its resources are told. */
async function grantedBy(statement: Statement): Promise<{ granted: Granted[]; faults: string[] }> {
  const granted: Granted[] = [];
  const faults: string[] = [];
  for (const action of statement.Action) {
    const before = granted.length;
    let why: string | undefined;
    for (const resource of (statement.Resource ?? []).flatMap(examplesOf)) {
      const { allowed, ignored, error } = await decide(granting(policy, statement, action, resource));
      why ??= error ?? ignored.join();
      if (allowed && ignored.length === 0) granted.push({ statement, action, resource });
    }
    if (granted.length === before) faults.push(`${statement.Sid}: ${action}: ${why ?? ''}`);
  }
  return { granted, faults };
}

/** What has no name of the deployment's is narrowed to the account's region, and by conditions. */
function neighbours(one: Pick<Question, 'action' | 'resource' | 'context'>): ReturnType<typeof beside> {
  if (one.resource === '*') return [];
  const isNamed = one.resource.includes(PLACE.prefix) || one.resource.includes(PLACE.instance);
  return beside(one).filter(({ resource }) => isNamed || !resource.includes('other-'));
}

describe.each(document.Statement.map((statement) => [statement.Sid, statement] as const))(
  'the deployer’s statement %s',
  (_, statement) => {
    it('names actions, resources and condition keys that go together', async () => {
      expect((await grantedBy(statement)).faults).toEqual([]);
    });

    it('grants nothing one name beside, in another region or account, or under other conditions', async () => {
      const { granted } = await grantedBy(statement);
      const allowed = new Set<string>();
      for (const { action, resource } of granted) {
        const context = contextOf(statement);
        const others = [
          ...neighbours({ action, resource, context }),
          ...otherwise(context).map((other) => ({ action, resource, context: other })),
        ];
        for (const other of others) {
          if ((await decide({ ...other, identity: [document] })).allowed)
            allowed.add(`${action} on ${other.resource} ${JSON.stringify(other.context)}`);
        }
      }

      expect([...allowed]).toEqual([]);
    });
  },
);

describe('what a rehearsal saw asked for', () => {
  const deployer = Object.keys(readActions().deployer);

  it('is granted on something of the deployment’s, by the policy’s own conditions', async () => {
    const granted = new Set<string>();
    for (const statement of document.Statement)
      for (const one of (await grantedBy(statement)).granted) granted.add(one.action);

    expect(deployer.filter((action) => !granted.has(action) && !(action in NEEDS_NO_RIGHT))).toEqual([]);
  });
});
