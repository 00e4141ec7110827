/** Every policy of a synthesised stack, with ARNs in place of Terraform's references. */
import * as v from 'valibot';
import { blocksOf } from '../references.ts';
import type { Block, Synthesised } from '../synthesise.ts';

export const ACCOUNT = '123456789012';

const TEXTS = v.pipe(
  v.union([v.string(), v.array(v.string())]),
  v.transform((texts) => [texts].flat()),
);
const STATEMENT = v.object({
  Sid: v.string(),
  Effect: v.picklist(['Allow', 'Deny']),
  Action: TEXTS,
  Resource: v.optional(TEXTS),
  Principal: v.optional(v.union([v.literal('*'), v.record(v.string(), v.string())])),
  Condition: v.optional(v.record(v.string(), v.record(v.string(), TEXTS)), {}),
});
export type Statement = v.InferOutput<typeof STATEMENT>;
const DOCUMENT = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ Version: v.literal('2012-10-17'), Statement: v.array(STATEMENT) }),
);
export type PolicyDocument = v.InferOutput<typeof DOCUMENT>;

export const documentOf = (text: unknown): PolicyDocument => v.parse(DOCUMENT, text);

export interface Policy {
  /** `aws_iam_role_policy.task_policy` */
  readonly address: string;
  /** `trust`: who may take a role on. `resource`: of a bucket, a key, a queue, a topic. */
  readonly kind: 'identity' | 'trust' | 'resource' | 'endpoint';
  /** The resource that a trust or resource policy is of, which `*` stands for in it; else empty. */
  readonly of: string;
  readonly document: PolicyDocument;
}

const KINDS: Readonly<Record<string, Policy['kind']>> = {
  aws_iam_role_policy: 'identity',
  aws_iam_policy: 'identity',
  aws_vpc_endpoint: 'endpoint',
};

export function policiesOf(stack: Synthesised): Policy[] {
  const arns = arnsOf(stack);
  return [...blocksOf(stack)].flatMap(({ address, type, block }) => {
    const found = (['policy', 'assume_role_policy'] as const).filter((name) => isPolicy(block[name]));
    return found.map((name): Policy => {
      const kind = name === 'assume_role_policy' ? 'trust' : (KINDS[type] ?? 'resource');
      const document = documentOf(resolved(String(block[name]), arns));
      const of = kind === 'trust' || kind === 'resource' ? resolved(ownerOf(address, block), arns) : '';
      return { address, kind, of, document };
    });
  });
}

const isPolicy = (text: unknown) => typeof text === 'string' && text.includes('"Statement"');

/** What a policy's block is about: itself, or what it refers to. */
function ownerOf(address: string, block: Block): string {
  for (const name of ['queue_url', 'bucket', 'arn']) {
    const reference = block[name];
    if (typeof reference === 'string') return reference.replace(/\.(id|url|bucket)\}$/, '.arn}');
  }
  return `\${${address}.arn}`;
}

/** Of every block that has one, as AWS would give it. */
export function arnsOf(stack: Synthesised): ReadonlyMap<string, string> {
  const region = String(stack.provider.aws?.[0]?.region);
  const here = (service: string, resource: string) => `arn:aws:${service}:${region}:${ACCOUNT}:${resource}`;
  const known: Readonly<Record<string, (name: (attribute: string) => string) => string>> = {
    aws_s3_bucket: (of) => `arn:aws:s3:::${of('bucket')}`,
    aws_dynamodb_table: (of) => here('dynamodb', `table/${of('name')}`),
    aws_kms_key: () => here('kms', 'key/11111111-2222-3333-4444-555555555555'),
    aws_sfn_state_machine: (of) => here('states', `stateMachine:${of('name')}`),
    aws_ecs_cluster: (of) => here('ecs', `cluster/${of('name')}`),
    aws_ecr_repository: (of) => here('ecr', `repository/${of('name')}`),
    aws_lambda_function: (of) => here('lambda', `function:${of('function_name')}`),
    aws_iam_role: (of) => `arn:aws:iam::${ACCOUNT}:role/${of('name')}`,
    aws_cloudwatch_log_group: (of) => here('logs', `log-group:${of('name')}`),
    aws_cloudwatch_event_rule: (of) => here('events', `rule/${of('name')}`),
    aws_sqs_queue: (of) => here('sqs', of('name')),
    aws_sns_topic: (of) => here('sns', of('name')),
    data_aws_cloudwatch_event_bus: (of) => here('events', `event-bus/${of('name')}`),
  };
  return new Map(
    [...blocksOf(stack)].flatMap(({ address, type, block }) => {
      const arn = known[type]?.((attribute) => withAccount(String(block[attribute])));
      return arn === undefined ? [] : [[address, arn] as const];
    }),
  );
}

const withAccount = (text: string) =>
  text.replaceAll('${data.aws_caller_identity.caller.account_id}', ACCOUNT);

/** @throws where something refers to what has no ARN here */
export function resolved(text: string, arns: ReadonlyMap<string, string>): string {
  return withAccount(text).replaceAll(/\$\{((?:data\.)?[a-z0-9_]+\.[\w-]+)\.arn\}/g, (_, address: string) => {
    const arn = arns.get(address);
    if (arn === undefined) throw new Error(`${address} has no ARN that is known`);
    return arn;
  });
}
