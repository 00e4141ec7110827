import { describe, expect, it } from 'vitest';
import {
  characters,
  deployerPolicy,
  deployerPolicyParts,
  filledIn,
  inParts,
  MANAGED_POLICY_CHARACTERS,
  NETWORKS,
  type Policy,
} from '../../../cli/deployer-policy/policy.ts';
import { namesOf } from '../../../contract/names.ts';
import { readActions } from '../../../local/rehearsal/life/recorded.ts';
import { PREFIX_LENGTH_MAX } from '../../../stacks/config/settings.ts';
import { NEEDS_NO_RIGHT, UNASKED } from './unasked.ts';

const PLACE = { prefix: 'sales', region: 'eu-west-2', account: '123456789012', instance: '*' };

/** Each of its parts, and which deployments it is for. */
const PARTS: readonly (readonly [string, Policy, (kinds: readonly string[]) => boolean])[] = [
  ['deployer-policy.json', deployerPolicyParts.forAll, (kinds) => kinds.join() === 'existing'],
  [
    'deployer-policy-own-network.json',
    deployerPolicyParts.forOwnNetwork,
    (kinds) => kinds.some((kind) => ['ipv6', 'nat', 'public'].includes(kind)),
  ],
  ['deployer-policy-ipv6.json', deployerPolicyParts.forIpv6, (kinds) => kinds.includes('ipv6')],
  ['deployer-policy-nat.json', deployerPolicyParts.forNat, (kinds) => kinds.includes('nat')],
  [
    'deployer-policy-regulated.json',
    deployerPolicyParts.forRegulated,
    (kinds) => kinds.includes('regulated'),
  ],
];
const actionsIn = ({ Statement }: Policy) => Statement.flatMap(({ Action }) => Action);

/** Asked for in any network where a setting is changed that no rehearsal of an existing one has changed. */
const BY_A_SETTING = [
  'cloudwatch:TagResource',
  'cloudwatch:UntagResource',
  'connect:TagResource',
  'connect:UntagResource',
  'connect:UpdateContactFlowContent',
  'dynamodb:TagResource',
  'dynamodb:UntagResource',
  'ec2:DeleteTags',
  'ecr:UntagResource',
  'ecs:ListTagsForResource',
  'ecs:TagResource',
  'ecs:UntagResource',
  'events:DescribeEventBus',
  'events:TagResource',
  'events:UntagResource',
  'iam:CreatePolicyVersion',
  'iam:DeletePolicyVersion',
  'iam:TagPolicy',
  'iam:TagRole',
  'iam:UntagPolicy',
  'iam:UntagRole',
  'kms:TagResource',
  'kms:UntagResource',
  'lambda:TagResource',
  'lambda:UntagResource',
  'logs:TagLogGroup',
  'logs:UntagLogGroup',
  's3:GetBucketNotification',
  's3:PutBucketNotification',
  'sns:TagResource',
  'sns:UntagResource',
  'sqs:TagQueue',
  'sqs:UntagQueue',
  'states:TagResource',
  'states:UntagResource',
];

/** What a deployment takes, or two of which one became the other. */
function grantedIn(kinds: string): Set<string> {
  const all = kinds.split(' ');
  const isRegulated = all.includes('regulated');
  const networks = NETWORKS.filter((network) => all.includes(network));
  return new Set(networks.flatMap((network) => actionsIn(deployerPolicy(network, isRegulated))));
}

describe('the deployer’s policy, held against what rehearsals saw asked for', () => {
  const { deployer: asked } = readActions();
  const seen = [...new Set(Object.values(asked).flat())].sort();
  const askedIn = (isMeant: (kinds: readonly string[]) => boolean) =>
    new Set(Object.keys(asked).filter((action) => asked[action]?.some((kinds) => isMeant(kinds.split(' ')))));

  it('was asked for in every network, and with what regulated users may have', () => {
    expect(seen).toEqual(expect.arrayContaining([...NETWORKS].sort()));
    expect(seen.filter((kinds) => kinds.split(' ').includes('regulated'))).not.toEqual([]);
  });

  it.each(seen)('%s: grants all that was asked for there', (kinds) => {
    const granted = grantedIn(kinds);
    const missing = Object.keys(asked).filter(
      (action) => asked[action]?.includes(kinds) && !granted.has(action) && !(action in NEEDS_NO_RIGHT),
    );

    expect(missing).toEqual([]);
  });

  it.each(PARTS)('grants nothing in %s that wasn’t asked for where it is needed', (_, part, isMeant) => {
    const needed = new Set([...askedIn(isMeant), ...BY_A_SETTING]);

    expect(actionsIn(part).filter((action) => !needed.has(action) && !(action in UNASKED))).toEqual([]);
  });

  it('says of nothing that it is never asked for, though it is', () => {
    const granted = new Set(PARTS.flatMap(([, part]) => actionsIn(part)));

    expect(Object.keys(UNASKED).filter((action) => !granted.has(action))).toEqual([]);
    expect(Object.keys(UNASKED).filter((action) => action in asked)).toEqual([]);
    expect(BY_A_SETTING.filter((action) => !(action in asked))).toEqual([]);
    expect(Object.keys(NEEDS_NO_RIGHT).filter((action) => granted.has(action))).toEqual([]);
  });
});

describe('the deployer’s policy with another network', () => {
  it.each([
    ['ipv6', 'ec2:CreateEgressOnlyInternetGateway'],
    ['nat', 'ec2:CreateNatGateway'],
  ] as const)('%s has what that network takes, and no other has it', (network, action) => {
    const granting = NETWORKS.filter((one) =>
      deployerPolicy(one).Statement.some(({ Action }) => Action.includes(action)),
    );
    expect(granting).toEqual([network]);
  });
});

describe('the deployer’s policy', () => {
  const filled = filledIn(deployerPolicy('nat'), PLACE);
  const resourcesOf = (sid: string) =>
    filled.Statement.filter(({ Sid }) => Sid === sid).flatMap(({ Resource }) => Resource);

  it('grants what has names by the names that the stack gives', () => {
    const names = namesOf(PLACE);
    const own = 'arn:aws:iam::123456789012:role/';
    const here = 'eu-west-2:123456789012';

    expect(resourcesOf('Bucket')).toEqual([`arn:aws:s3:::${names.bucket(PLACE.account)}`]);
    const tables = Object.entries(names).flatMap(([key, name]) =>
      key.endsWith('Table') ? [String(name)] : [],
    );
    expect(tables.length).toBeGreaterThanOrEqual(3);
    expect(resourcesOf('Tables').sort()).toEqual(
      tables.sort().map((table) => `arn:aws:dynamodb:${here}:table/${table}`),
    );
    expect(`${own}${names.role('task')}`.startsWith(String(resourcesOf('Roles')[0]).replace('*', ''))).toBe(
      true,
    );
    expect(resourcesOf('Workflow')).toEqual([`arn:aws:states:${here}:stateMachine:${names.stateMachine}`]);
    const regulated = filledIn(deployerPolicy('public', true), PLACE).Statement;
    const ofRegulated = (sid: string) => regulated.find(({ Sid }) => Sid === sid)?.Resource;
    expect(ofRegulated('AccessLogsBucket')).toBe(`arn:aws:s3:::${names.accessLogsBucket(PLACE.account)}`);
    expect(ofRegulated('GiveCopyingRole')).toBe(`${own}${names.role('replication')}`);
    expect(ofRegulated('GiveFlowLogsRole')).toBe(`${own}${names.role('flow-logs')}`);
    expect(resourcesOf('DeadLetters')).toEqual([`arn:aws:sqs:${here}:${names.deadLetters}`]);
    expect(resourcesOf('Images')).toEqual([`arn:aws:ecr:${here}:repository/${names.repository}`]);
  });

  it('grants everything only in the region, or on what carries the deployment’s tag', () => {
    const wide = filled.Statement.filter(({ Resource }) => Resource === '*');

    expect(wide.filter(({ Condition }) => Condition === undefined).map(({ Sid }) => Sid)).toEqual([
      'LogInToImages',
    ]);
    expect(filled.Statement.flatMap(({ Action }) => Action).filter((action) => action.includes('*'))).toEqual(
      [],
    );
  });

  it('comes in parts that IAM takes, with the longest names, too', () => {
    const longest = {
      prefix: 'p'.repeat(PREFIX_LENGTH_MAX),
      region: 'ap-southeast-2',
      account: '123456789012',
      instance: '12345678-90ab-cdef-1234-567890abcdef',
    };
    const whole = filledIn(deployerPolicy('nat', true), longest);
    const parts = inParts(whole);

    expect(Math.max(...parts.map(characters))).toBeLessThanOrEqual(MANAGED_POLICY_CHARACTERS);
    expect(parts.flatMap(({ Statement }) => Statement)).toEqual(whole.Statement);
    // As many managed policies may be attached to a role, unless more are asked for.
    expect(parts.length).toBeLessThanOrEqual(10);
  });

  it('leaves no variable open', () => {
    expect(JSON.stringify(filled)).not.toContain('${');
    const strange = { Version: '2012-10-17' as const, Statement: [] };
    expect(() =>
      filledIn(
        { ...strange, Statement: [{ Sid: 'a', Effect: 'Allow', Action: ['a:b'], Resource: '${Other}' }] },
        PLACE,
      ),
    ).toThrow('Other');
  });
});
