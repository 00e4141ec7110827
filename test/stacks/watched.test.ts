/** Settings that regulated users need: access logs, flow logs, tracing, copies. */
import * as v from 'valibot';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../../stacks/config/config.ts';
import { DEPLOYMENTS } from './deployments.ts';
import { blocksOf } from './references.ts';
import { INSTANCE_ARN, resource, resources, synthesise } from './synthesise.ts';

const Document = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ Statement: v.array(v.looseObject({ Sid: v.string() })) }),
);
const statement = (document: unknown, sid: string) =>
  v.parse(Document, document).Statement.find(({ Sid }) => Sid === sid);

const ALL = DEPLOYMENTS['watched and copied, as regulated users have it'];
const ACCOUNT = '${data.aws_caller_identity.caller.account_id}';

function problemsOf(settings: Record<string, unknown>): readonly string[] {
  try {
    readConfig({}, settings);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('what regulated users ask for', () => {
  const stack = synthesise(ALL);
  afterAll(stack.dispose);

  it('is beside what there is: nothing else changes its address, or goes', () => {
    const without = synthesise({ instanceArn: INSTANCE_ARN });
    without.dispose();
    const addresses = new Set([...blocksOf(stack)].map(({ address }) => address));

    expect([...blocksOf(without)].filter(({ address }) => !addresses.has(address))).toEqual([]);
  });

  it('keeps access logs in a closed bucket that only S3 writes, for this bucket of this account', () => {
    const [bucket, logging] = [
      resource(stack, 'aws_s3_bucket', 'access_logs'),
      resource(stack, 'aws_s3_bucket_logging', 'recordings_logging'),
    ];
    expect(bucket).toMatchObject({ force_destroy: false, lifecycle: { prevent_destroy: true } });
    expect(logging).toMatchObject({
      bucket: '${aws_s3_bucket.recordings.id}',
      target_bucket: '${aws_s3_bucket.access_logs.id}',
      target_object_key_format: { partitioned_prefix: { partition_date_source: 'EventTime' } },
      depends_on: ['aws_s3_bucket_policy.access_logs_policy'],
    });
    expect(resource(stack, 'aws_s3_bucket_public_access_block', 'access_logs_access')).toMatchObject({
      block_public_acls: true,
      block_public_policy: true,
      ignore_public_acls: true,
      restrict_public_buckets: true,
    });
    const { policy } = resource(stack, 'aws_s3_bucket_policy', 'access_logs_policy');
    expect(statement(policy, 'Delivery')).toEqual({
      Sid: 'Delivery',
      Effect: 'Allow',
      Principal: { Service: 'logging.s3.amazonaws.com' },
      Action: ['s3:PutObject'],
      Resource: `\${aws_s3_bucket.access_logs.arn}/${String(logging.target_prefix)}*`,
      Condition: {
        ArnLike: { 'aws:SourceArn': '${aws_s3_bucket.recordings.arn}' },
        StringEquals: { 'aws:SourceAccount': ACCOUNT },
      },
    });
  });

  it('encrypts them with S3’s own keys, since S3 delivers under no other, and keeps them as long as was asked', () => {
    expect(
      resource(stack, 'aws_s3_bucket_server_side_encryption_configuration', 'access_logs_encryption').rule,
    ).toEqual([{ apply_server_side_encryption_by_default: { sse_algorithm: 'AES256' } }]);
    expect(
      resource(stack, 'aws_s3_bucket_lifecycle_configuration', 'access_logs_lifecycle').rule,
    ).toMatchObject([{ expiration: [{ days: ALL.accessLogDays }] }]);
  });

  it('lets an auditor read the logs and records, and hear nothing', () => {
    const { policy } = resource(stack, 'aws_iam_policy', 'auditor');
    const { Statement } = v.parse(Document, policy);
    const objects = Statement.filter(({ Action }) => String(Action).includes('s3:GetObject'));

    expect(objects).toHaveLength(1);
    expect(objects[0]?.Resource).toMatch(/^\$\{aws_s3_bucket\.access_logs\.arn\}\//);
    expect(JSON.stringify(Statement)).not.toMatch(/s3:(Put|Delete)/);
  });

  it('copies recordings alone, under the key of the copies, and no deletion', () => {
    expect(
      resource(stack, 'aws_s3_bucket_replication_configuration', 'recordings_replication'),
    ).toMatchObject({
      bucket: '${aws_s3_bucket.recordings.id}',
      role: '${aws_iam_role.replication_role.arn}',
      rule: [
        {
          status: 'Enabled',
          filter: { prefix: 'recordings/' },
          delete_marker_replication: { status: 'Disabled' },
          source_selection_criteria: { sse_kms_encrypted_objects: { status: 'Enabled' } },
          destination: {
            bucket: ALL.replicateTo,
            encryption_configuration: { replica_kms_key_id: ALL.replicateKeyArn },
          },
        },
      ],
    });
    const { policy } = resource(stack, 'aws_iam_role_policy', 'replication_policy');
    expect(JSON.stringify(policy)).not.toMatch(/ReplicateDelete|tape\//);
    expect(statement(policy, 'CopiesKey')).toMatchObject({
      Resource: ALL.replicateKeyArn,
      Condition: {
        StringEquals: { 'kms:ViaService': 's3.eu-central-1.amazonaws.com' },
        StringLike: {
          'kms:EncryptionContext:aws:s3:arn': [ALL.replicateTo, `${ALL.replicateTo}/recordings/*`],
        },
      },
    });
  });

  it('lets an eraser find and erase the copies, and nobody else touch them', () => {
    const { policy } = resource(stack, 'aws_iam_policy', 'eraser');

    expect(statement(policy, 'EraseCopies')).toMatchObject({
      Action: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
      Resource: `${ALL.replicateTo}/recordings/*`,
    });
    expect(JSON.stringify(resource(stack, 'aws_iam_policy', 'operator').policy)).not.toContain(
      'their-copies',
    );
  });

  it('logs the flows of the own VPC, all of them, in a log with the key and a retention', () => {
    expect(resource(stack, 'aws_flow_log', 'flow_logs')).toMatchObject({
      vpc_id: '${aws_vpc.vpc.id}',
      traffic_type: 'ALL',
      log_destination: '${aws_cloudwatch_log_group.flow_log.arn}',
      iam_role_arn: '${aws_iam_role.flow_logs_role.arn}',
    });
    expect(resource(stack, 'aws_cloudwatch_log_group', 'flow_log')).toMatchObject({
      retention_in_days: 30,
      kms_key_id: '${aws_kms_key.data_key.arn}',
    });
  });

  it('traces every function, which may do that and nothing more', () => {
    const functions = Object.keys(stack.resource.aws_lambda_function ?? {});
    for (const id of functions) {
      expect(resource(stack, 'aws_lambda_function', id).tracing_config).toEqual({ mode: 'Active' });
      expect(
        statement(resource(stack, 'aws_iam_role_policy', `${id}_policy`).policy, 'Tracing'),
      ).toMatchObject({
        Action: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
      });
    }
    expect(functions).toHaveLength(4);
  });

  it('tells where logs, roles and policies are', () => {
    expect(Object.keys(stack.output)).toEqual(
      expect.arrayContaining(['access_logs', 'auditor_policy_arn', 'replication_role_arn']),
    );
  });
});

describe('with the data alone', () => {
  const stack = synthesise({ ...ALL, dataOnly: true });
  afterAll(stack.dispose);

  it('logs and copies go on, since what they watch stays', () => {
    expect(resources(stack, 'aws_s3_bucket_logging')).toHaveLength(1);
    expect(resources(stack, 'aws_s3_bucket_replication_configuration')).toHaveLength(1);
    expect(resources(stack, 'aws_flow_log')).toEqual([]);
  });
});

describe('settings that contradict each other', () => {
  const { replicateTo, replicateKeyArn } = ALL;

  it.each([
    [{ replicateTo }, /^replicateTo is set, so that replicateKeyArn/],
    [{ replicateKeyArn }, /^replicateKeyArn is set, but replicateTo is not/],
    [{ replicateTo: 'their-copies', replicateKeyArn }, /^replicateTo is "their-copies".*malformed/],
    [{ accessLogDays: 90 }, /^accessLogDays is set, but accessLogs is false/],
    [
      { flowLogs: true, network: 'existing', vpcId: 'vpc-00000001', subnetIds: 'subnet-00000001' },
      /^flowLogs is true, but network is existing/,
    ],
  ])('are refused: %j', (settings, problem) => {
    expect(problemsOf(settings)).toEqual([expect.stringMatching(problem)]);
  });
});
