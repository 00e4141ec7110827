import { afterAll, describe, expect, it } from 'vitest';
import { DEPLOYMENTS } from './deployments.ts';
import { faults } from './provider-types.ts';
import { circle, dangling, referencesOf } from './references.ts';
import { resource, synthesise, type Synthesised } from './synthesise.ts';

function allFaults(stack: Synthesised): string[] {
  const resources = Object.entries(stack.resource).filter(([type]) => type !== 'terraform_data');
  return [
    ...(stack.provider.aws ?? []).flatMap((block) => faults('provider', block)),
    ...resources.flatMap(([type, blocks]) => Object.values(blocks).flatMap((block) => faults(type, block))),
    ...Object.entries(stack.data).flatMap(([type, blocks]) =>
      Object.values(blocks).flatMap((block) => faults(`data_${type}`, block)),
    ),
  ];
}

describe.each(Object.entries(DEPLOYMENTS))('a deployment %s', (_, settings) => {
  const stack = synthesise(settings);
  afterAll(stack.dispose);

  it('has only attributes that the provider knows, all that it requires, each of its type', () => {
    expect(Object.keys(stack.resource).length).toBeGreaterThan(8);
    expect(allFaults(stack)).toEqual([]);
  });

  it('refers only to what is there, and in no circle', () => {
    expect(referencesOf(stack).length).toBeGreaterThan(15);
    expect(dangling(stack)).toEqual([]);
    expect(circle(stack)).toBeUndefined();
  });

  it('has documents that are JSON wherever it has JSON', () => {
    for (const [type, attribute] of [
      ['aws_iam_role', 'assume_role_policy'],
      ['aws_iam_role_policy', 'policy'],
      ['aws_iam_policy', 'policy'],
      ['aws_kms_key', 'policy'],
      ['aws_s3_bucket_policy', 'policy'],
      ['aws_sqs_queue_policy', 'policy'],
      ['aws_sns_topic_policy', 'policy'],
      ['aws_vpc_endpoint', 'policy'],
      ['aws_ecr_lifecycle_policy', 'policy'],
      ['aws_ecs_task_definition', 'container_definitions'],
      ['aws_sfn_state_machine', 'definition'],
      ['aws_cloudwatch_event_rule', 'event_pattern'],
      ['aws_cloudwatch_dashboard', 'dashboard_body'],
      ['aws_connect_contact_flow', 'content'],
      ['aws_connect_contact_flow_module', 'content'],
    ] as const) {
      for (const block of Object.values(stack.resource[type] ?? {})) {
        // A rule that goes by the clock has no pattern.
        if (attribute === 'event_pattern' && block.schedule_expression !== undefined) continue;
        expect(() => JSON.parse(String(block[attribute])) as unknown, `${type}.${attribute}`).not.toThrow();
      }
    }
  });
});

describe('the check of attributes', () => {
  const stack = synthesise();
  afterAll(stack.dispose);
  const table = resource(stack, 'aws_dynamodb_table', 'calls');

  it.each([
    ['unknown', { ...table, bilingMode: 'x' }, 'aws_dynamodb_table.bilingMode is unknown'],
    ['missing', { ...table, name: undefined }, 'aws_dynamodb_table.name is missing'],
    [
      'mistyped',
      { ...table, deletion_protection_enabled: 'yes' },
      'aws_dynamodb_table.deletion_protection_enabled should be a boolean, and is "yes"',
    ],
    ['unknown inside', { ...table, ttl: { enable: true } }, 'aws_dynamodb_table.ttl.enable is unknown'],
    [
      'missing inside a list',
      { ...table, attribute: [{ name: 'x' }] },
      'aws_dynamodb_table.attribute[0].type is missing',
    ],
  ])('finds an attribute that is %s', (_, block, fault) => {
    expect(faults('aws_dynamodb_table', table)).toEqual([]);
    expect(faults('aws_dynamodb_table', block)).toContain(fault);
  });
});

describe('the check of references', () => {
  const stack = synthesise();
  afterAll(stack.dispose);
  const withOutput = (value: string): Synthesised => ({ ...stack, output: { x: { value } } });

  it.each([
    ['${aws_s3_bucket.missing.arn}', 'output.x refers to aws_s3_bucket.missing, which is not there'],
    [
      'a ${aws_s3_bucket.recordings.arm} b',
      'output.x refers to aws_s3_bucket.recordings.arm: no such attribute',
    ],
    [
      '${data.aws_caller_identity.me.account_id}',
      'output.x refers to data.aws_caller_identity.me, which is not there',
    ],
  ])('finds %s', (value, fault) => {
    expect(dangling(withOutput(value))).toContain(fault);
  });

  it('finds a circle', () => {
    const circular: Synthesised = {
      ...stack,
      resource: {
        aws_vpc: { a: { x: '${aws_vpc.b.id}' }, b: { depends_on: ['aws_vpc.a'] } },
      },
    };
    expect(circle(circular)).toEqual(['aws_vpc.a', 'aws_vpc.b', 'aws_vpc.a']);
  });
});
