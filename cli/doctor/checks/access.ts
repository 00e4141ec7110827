/** May the recorder read the streams, and use the keys that they are encrypted with? As far as can be told. */
import * as v from 'valibot';
import type { Deployed } from '../findings/deployed.ts';
import { type CheckResult, error, ok, unknown, warning } from '../findings/finding.ts';
import { unanswered } from '../findings/refusal.ts';

/** Keys that streams were made with; more than one where the instance's was changed. */
const KEYS_MAX = 5;
/** AWS's own key needs no permission. */
const AWS_KEY = 'alias/aws/kinesisvideo';
const KEY_ARN = /^arn:[^:]+:kms:([^:]+):/;

export async function streamAccess(deployed: Deployed): Promise<CheckResult[]> {
  const settings = await deployed.mediaSettings();
  const [video] = await deployed.videos();
  if (!settings || !video) return [unknown('there is no stream yet to ask about')];
  const actions = ['kinesisvideo:GetDataEndpoint', 'kinesisvideo:GetMedia', 'kinesisvideo:ListFragments'];
  const denied = await deniedActions(deployed, actions, video.arn);
  if (denied.length === 0) return [ok('the recorder’s role may read the instance’s streams')];
  return [
    error(
      `the recorder’s role may not read the instance’s streams (${denied.join(', ')} on ${video.name})`,
      `deploy with CALLSPOOL_MEDIA_STREAM_PREFIX=${settings.prefix}, which is what the instance’s streams begin with`,
    ),
  ];
}

export async function keyAccess(deployed: Deployed): Promise<CheckResult[]> {
  const settings = await deployed.mediaSettings();
  if (!settings) return [unknown('live media streaming is off')];
  const videos = await deployed.videos().catch(() => []);
  const keys = new Set([settings, ...videos].flatMap(({ keyArn }) => keyArn ?? []));
  const own = [...keys].filter((key) => !key.endsWith(AWS_KEY)).slice(0, KEYS_MAX);
  if (own.length === 0) return [ok('streams are encrypted with AWS’s own key, which needs no permission')];
  return (await Promise.all(own.map((key) => oneKey(deployed, key)))).flat();
}

async function oneKey(deployed: Deployed, key: string): Promise<CheckResult[]> {
  const state = await keyState(deployed, key).catch(unanswered);
  if (state.severity === 'ERROR') return [state];
  const { roleArn } = await deployed.task();
  const [byRole, byPolicy, byGrant] = await Promise.all([
    answer(
      async () => (await deniedActions(deployed, ['kms:Decrypt'], key, viaKinesisVideo(key))).length === 0,
    ),
    answer(() => policyOf(deployed, key, roleArn)),
    answer(() => isGranted(deployed, key, roleArn)),
  ]);
  return [verdict(key, roleArn, { byRole, byPolicy, byGrant })];
}

type KeyPolicy = 'names the role' | 'leaves it to IAM' | 'neither';

interface Evidence {
  /** Undefined: it could not be looked at. */
  readonly byRole: boolean | undefined;
  readonly byPolicy: KeyPolicy | undefined;
  readonly byGrant: boolean | undefined;
}

/** A grant or the key's own policy is enough; else the key must leave it to IAM, and the role's policy allow it. */
function verdict(key: string, roleArn: string, { byRole, byPolicy, byGrant }: Evidence): CheckResult {
  const allowed = byGrant === true || byPolicy === 'names the role';
  if (allowed || (byRole === true && byPolicy === 'leaves it to IAM'))
    return ok(`the recorder may use the key ${key}`);
  const remedy = `allow kms:Decrypt on it to ${roleArn}, in the key’s policy and by CALLSPOOL_MEDIA_KEY_ARN; without it recordings are empty`;
  if (byRole === false && byGrant === false)
    return error(`the recorder’s role may not use the key ${key}`, remedy);
  if (byPolicy === 'neither' && byGrant === false) {
    return error(`the policy of the key ${key} lets neither the recorder’s role nor IAM decide`, remedy);
  }
  if (byRole === false)
    return warning(
      `the recorder’s role is not allowed to use the key ${key}, and its grants can’t be seen`,
      remedy,
    );
  return unknown(
    `whether the recorder may use the key ${key} can’t be told for certain`,
    `make sure of it: ${remedy}`,
  );
}

async function keyState({ clients }: Deployed, key: string): Promise<CheckResult> {
  const { sdk, client } = await clients.kms();
  const { KeyMetadata } = await client.send(new sdk.DescribeKeyCommand({ KeyId: key }));
  if (KeyMetadata?.KeyState === 'Enabled') return ok(`${key} is enabled`);
  return error(
    `the streams’ key ${key} is ${KeyMetadata?.KeyState ?? 'not there'}: no audio can be read`,
    `aws kms enable-key --key-id ${key}; a key that waits for its deletion: aws kms cancel-key-deletion first`,
  );
}

const OneOrMore = v.union([v.string(), v.array(v.string())]);
const Policy = v.object({
  Statement: v.array(
    v.object({
      Effect: v.string(),
      Action: v.optional(OneOrMore, []),
      Principal: v.optional(v.union([v.string(), v.record(v.string(), OneOrMore)]), ''),
    }),
  ),
});

async function policyOf({ clients }: Deployed, key: string, roleArn: string): Promise<KeyPolicy> {
  const { sdk, client } = await clients.kms();
  const { Policy: text = '{}' } = await client.send(
    new sdk.GetKeyPolicyCommand({ KeyId: key, PolicyName: 'default' }),
  );
  const { Statement } = v.parse(Policy, JSON.parse(text));
  const principals = Statement.flatMap(({ Effect, Action, Principal }) => {
    const decrypts = [Action].flat().some((one) => ['*', 'kms:*', 'kms:Decrypt'].includes(one));
    if (Effect !== 'Allow' || !decrypts) return [];
    return typeof Principal === 'string' ? [Principal] : [Principal.AWS ?? []].flat();
  });
  if (principals.includes(roleArn)) return 'names the role';
  const account = roleArn.split(':')[4] ?? '';
  const leaves = principals.some((one) => one === '*' || one === account || one.endsWith(`:${account}:root`));
  return leaves ? 'leaves it to IAM' : 'neither';
}

async function isGranted({ clients }: Deployed, key: string, roleArn: string): Promise<boolean> {
  const { sdk, client } = await clients.kms();
  const command = new sdk.ListGrantsCommand({ KeyId: key, GranteePrincipal: roleArn });
  const { Grants = [] } = await client.send(command);
  return Grants.some(({ Operations = [] }) => Operations.includes('Decrypt'));
}

/** Finds the actions that the recorder's role isn't allowed. */
async function deniedActions(
  deployed: Deployed,
  actions: readonly string[],
  resource: string,
  context: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const { roleArn } = await deployed.task();
  const { sdk, client } = await deployed.clients.iam();
  const command = new sdk.SimulatePrincipalPolicyCommand({
    PolicySourceArn: roleArn,
    ActionNames: [...actions],
    ResourceArns: [resource],
    ContextEntries: Object.entries(context).map(([ContextKeyName, value]) => ({
      ContextKeyName,
      ContextKeyType: 'string',
      ContextKeyValues: [value],
    })),
  });
  const { EvaluationResults = [] } = await client.send(command);
  return EvaluationResults.flatMap(({ EvalActionName, EvalDecision }) =>
    EvalDecision === 'allowed' || EvalActionName === undefined ? [] : [EvalActionName],
  );
}

function viaKinesisVideo(key: string): Record<string, string> {
  return { 'kms:ViaService': `kinesisvideo.${KEY_ARN.exec(key)?.[1] ?? ''}.amazonaws.com` };
}

/** Undefined where AWS doesn't answer. */
async function answer<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (reason) {
    unanswered(reason);
    return undefined;
  }
}
