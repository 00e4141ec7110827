import { spawnSync } from 'node:child_process';
import * as v from 'valibot';
import { afterAll, describe, expect, it } from 'vitest';
import { CALLS_TABLE, CHECKPOINTS_TABLE } from '../../contract/tables.ts';
import {
  ASSEMBLE_NODE_OPTIONS,
  ASSEMBLE_VARIABLES,
  CONNECT_VARIABLES,
  CONTACT_EVENT_VARIABLES,
  RESUME_VARIABLES,
  TASK_VARIABLES,
} from '../../contract/variables.ts';
import { type Block, INSTANCE_ARN, resource, resources, synthesise } from './synthesise.ts';

const KEY = '${aws_kms_key.data_key.arn}';
const wired = synthesise({ instanceArn: INSTANCE_ARN });
afterAll(wired.dispose);

const json = <const S extends v.GenericSchema>(text: unknown, schema: S) =>
  v.parse(v.pipe(v.string(), v.parseJson(), schema), text);

describe('the bucket', () => {
  it('is closed, encrypted, versioned, TLS only, and withstands destruction', () => {
    expect(resource(wired, 'aws_s3_bucket')).toMatchObject({
      bucket: 'callspool-${data.aws_caller_identity.caller.account_id}-eu-west-2',
      force_destroy: false,
      lifecycle: { prevent_destroy: true },
    });
    expect(resource(wired, 'aws_s3_bucket_public_access_block')).toMatchObject({
      block_public_acls: true,
      block_public_policy: true,
      ignore_public_acls: true,
      restrict_public_buckets: true,
    });
    expect(resource(wired, 'aws_s3_bucket_server_side_encryption_configuration').rule).toEqual([
      {
        apply_server_side_encryption_by_default: { sse_algorithm: 'aws:kms', kms_master_key_id: KEY },
        bucket_key_enabled: true,
      },
    ]);
    expect(resource(wired, 'aws_s3_bucket_versioning').versioning_configuration).toEqual({
      status: 'Enabled',
    });
    expect(JSON.parse(String(resource(wired, 'aws_s3_bucket_policy').policy))).toMatchObject({
      Statement: [
        {
          Effect: 'Deny',
          Principal: '*',
          Action: ['s3:*'],
          Resource: ['${aws_s3_bucket.recordings.arn}', '${aws_s3_bucket.recordings.arn}/*'],
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
    });
  });

  it('lets the tape and unfinished uploads expire, and recordings only where that was asked for', () => {
    const expiring = synthesise({ tapeDays: 9, recordingDays: 365 });
    const ruleOf = (block: Block, id: string) =>
      v.parse(v.array(v.looseObject({ id: v.string() })), block.rule).find((rule) => rule.id === id);
    const standard = resource(wired, 'aws_s3_bucket_lifecycle_configuration');
    const chosen = resource(expiring, 'aws_s3_bucket_lifecycle_configuration');
    expiring.dispose();

    expect(ruleOf(standard, 'tape')).toMatchObject({
      filter: [{ prefix: 'tape/' }],
      expiration: [{ days: 30 }],
    });
    expect(ruleOf(standard, 'recordings')).toBeUndefined();
    expect(ruleOf(standard, 'unfinished-uploads')).toMatchObject({
      abort_incomplete_multipart_upload: [{ days_after_initiation: 2 }],
    });
    expect(ruleOf(chosen, 'tape')).toMatchObject({ expiration: [{ days: 9 }] });
    expect(ruleOf(chosen, 'recordings')).toMatchObject({
      filter: [{ prefix: 'recordings/' }],
      expiration: [{ days: 365 }],
    });
  });
});

describe('the tables', () => {
  it.each([
    ['calls', CALLS_TABLE],
    ['checkpoints', CHECKPOINTS_TABLE],
  ])('%s has the keys and indexes that the programs use, and is protected', (id, schema) => {
    const table = resource(wired, 'aws_dynamodb_table', id);

    expect(table).toMatchObject({
      name: `callspool-${schema.suffix}`,
      billing_mode: 'PAY_PER_REQUEST',
      hash_key: schema.hashKey,
      server_side_encryption: { enabled: true, kms_key_arn: KEY },
      point_in_time_recovery: { enabled: true },
      deletion_protection_enabled: true,
      lifecycle: { prevent_destroy: true },
    });
    expect(table.range_key).toBe(schema.rangeKey);
    expect(table.ttl).toEqual(schema.timeToLive && { enabled: true, attribute_name: schema.timeToLive });
    expect(table.global_secondary_index ?? []).toEqual(
      schema.indexes.map((index) => ({
        name: index.name,
        hash_key: index.hashKey,
        range_key: index.rangeKey,
        projection_type: 'INCLUDE',
        non_key_attributes: index.projected,
      })),
    );
    const declared = v.parse(v.array(v.object({ name: v.string(), type: v.literal('S') })), table.attribute);
    const keys = [schema, ...schema.indexes].flatMap(({ hashKey, rangeKey }) => [
      hashKey,
      rangeKey ?? hashKey,
    ]);
    // DynamoDB refuses attributes that are no key, and keys that are no attribute.
    expect(declared.map(({ name }) => name).toSorted()).toEqual([...new Set(keys)].toSorted());
  });
});

describe('the key', () => {
  it('is made, turned every year, and waits the longest before it goes; or is the one given', () => {
    expect(resource(wired, 'aws_kms_key')).toMatchObject({
      enable_key_rotation: true,
      deletion_window_in_days: 30,
      lifecycle: { prevent_destroy: true },
    });
    const given = 'arn:aws:kms:eu-west-2:123456789012:key/11111111-2222-3333-4444-555555555555';
    const theirs = synthesise({ instanceArn: INSTANCE_ARN, kmsKeyArn: given });
    theirs.dispose();

    expect(theirs.resource.aws_kms_key).toBeUndefined();
    expect(JSON.stringify(theirs.resource)).not.toContain('aws_kms_key');
    expect(resource(theirs, 'aws_dynamodb_table', 'calls').server_side_encryption).toMatchObject({
      kms_key_arn: given,
    });
  });

  it('encrypts every log group and the alarms', () => {
    expect(resources(wired, 'aws_cloudwatch_log_group')).toHaveLength(6);
    for (const group of resources(wired, 'aws_cloudwatch_log_group')) {
      expect(group).toMatchObject({ kms_key_id: KEY, retention_in_days: 30 });
    }
    expect(resource(wired, 'aws_sns_topic').kms_master_key_id).toBe(KEY);
  });
});

const CONTAINER = v.looseObject({
  name: v.string(),
  image: v.string(),
  environment: v.array(v.object({ name: v.string(), value: v.string() })),
});

describe('the task', () => {
  const definition = resource(wired, 'aws_ecs_task_definition');
  const [container] = json(definition.container_definitions, v.tuple([CONTAINER]));

  it('is Fargate’s smallest, on ARM64, and old revisions outlive an upgrade', () => {
    expect(definition).toMatchObject({
      cpu: '256',
      memory: '512',
      network_mode: 'awsvpc',
      requires_compatibilities: ['FARGATE'],
      runtime_platform: { cpu_architecture: 'ARM64', operating_system_family: 'LINUX' },
      skip_destroy: true,
    });
    expect(definition.depends_on).toContain('terraform_data.task_image_push');
  });

  it('may do nothing on its machine, and has two minutes to leave', () => {
    expect(container).toMatchObject({
      user: '65532:65532',
      readonlyRootFilesystem: true,
      privileged: false,
      linuxParameters: { initProcessEnabled: true, capabilities: { drop: ['ALL'] } },
      stopTimeout: 120,
    });
    expect(container.portMappings).toEqual([]);
  });

  it('does not wait for its log', () => {
    expect(container.logConfiguration).toMatchObject({
      logDriver: 'awslogs',
      options: { 'awslogs-group': '${aws_cloudwatch_log_group.task_log.name}', mode: 'non-blocking' },
    });
  });

  it('runs on Spot and On-Demand capacity', () => {
    expect(resource(wired, 'aws_ecs_cluster_capacity_providers').capacity_providers).toEqual([
      'FARGATE',
      'FARGATE_SPOT',
    ]);
  });

  it('is reached by nobody, and reaches HTTPS alone', () => {
    expect(wired.resource.aws_vpc_security_group_ingress_rule).toBeUndefined();
    expect(resource(wired, 'aws_security_group').ingress).toBeUndefined();
    expect(resources(wired, 'aws_vpc_security_group_egress_rule')).toHaveLength(1);
    expect(resource(wired, 'aws_vpc_security_group_egress_rule')).toMatchObject({
      ip_protocol: 'tcp',
      from_port: 443,
      to_port: 443,
    });
  });
});

describe('the environment of', () => {
  const variables = (id: string, stack = wired) =>
    v.parse(
      v.object({ variables: v.record(v.string(), v.string()) }),
      resource(stack, 'aws_lambda_function', id).environment,
    ).variables;
  // Which calls are listened to is a question only where somebody listens.
  const listenedTo = synthesise({ instanceArn: INSTANCE_ARN, liveSinks: 'pieces' });
  listenedTo.dispose();
  const [container] = json(
    resource(wired, 'aws_ecs_task_definition').container_definitions,
    v.tuple([CONTAINER]),
  );

  // Only where it isn't, a recorder is told whom to ask: test/stacks/network.
  const { asksConnect, ...whereConnectIsReached } = TASK_VARIABLES;
  expect(asksConnect).toBe('CALLSPOOL_ASKS_CONNECT');

  it.each([
    [
      'task',
      whereConnectIsReached,
      Object.fromEntries(container.environment.map(({ name, value }) => [name, value])),
    ],
    ['connect', CONNECT_VARIABLES, variables('connect', listenedTo)],
    ['contact-event', CONTACT_EVENT_VARIABLES, variables('contact-event')],
    ['assemble', ASSEMBLE_VARIABLES, variables('assemble')],
    ['resume', RESUME_VARIABLES, variables('resume')],
  ])('%s holds every variable that the program knows, and no other', (_, known, set) => {
    expect(Object.keys(set).toSorted()).toEqual(Object.values(known).toSorted());
    for (const value of Object.values(set)) expect(value).not.toBe('');
  });

  it('gives the assembly options that Node.js takes', () => {
    const { NODE_OPTIONS } = variables('assemble');
    expect(NODE_OPTIONS).toBe(ASSEMBLE_NODE_OPTIONS);
    expect(spawnSync(process.execPath, ['-e', '0'], { env: { NODE_OPTIONS } }).status).toBe(0);
  });

  it('holds what was configured', () => {
    const configured = synthesise({
      prefix: 'sales',
      segmentSeconds: 3,
      graceSeconds: 1.5,
      idleTimeoutSeconds: 60,
      longestCallSeconds: 7200,
      keepPhoneNumbers: false,
      keepAttributes: true,
      logLevel: 'DEBUG',
      eventBusName: 'theirs',
    });
    configured.dispose();
    const all = JSON.stringify([
      resource(configured, 'aws_ecs_task_definition').container_definitions,
      resources(configured, 'aws_lambda_function'),
    ]).replaceAll('\\', '');

    for (const [name, value] of [
      [TASK_VARIABLES.segmentSeconds, '3'],
      [TASK_VARIABLES.graceSeconds, '1.5'],
      [TASK_VARIABLES.idleTimeoutSeconds, '60'],
      [TASK_VARIABLES.longestCallSeconds, '7200'],
      [TASK_VARIABLES.service, 'sales'],
    ]) {
      expect(all).toContain(`{"name":"${String(name)}","value":"${String(value)}"}`);
    }
    for (const [name, value] of [
      [CONNECT_VARIABLES.keepPhoneNumbers, 'false'],
      [CONNECT_VARIABLES.keepAttributes, 'true'],
      [CONNECT_VARIABLES.logLevel, 'DEBUG'],
      [ASSEMBLE_VARIABLES.eventBus, 'theirs'],
    ]) {
      expect(all).toContain(`"${String(name)}":"${String(value)}"`);
    }
    expect(all).not.toContain(CONNECT_VARIABLES.instanceArn);
  });
});

describe('the functions', () => {
  it.each(['connect', 'contact-event', 'assemble', 'resume'])(
    '%s runs Node 24 on ARM64 with a log of its own',
    (name) => {
      const deployed = resource(wired, 'aws_lambda_function', name);

      expect(deployed).toMatchObject({
        runtime: 'nodejs24.x',
        architectures: ['arm64'],
        handler: 'index.handler',
        role: `\${aws_iam_role.${name}_role.arn}`,
        logging_config: { log_group: `\${aws_cloudwatch_log_group.${name}_log.name}` },
      });
      expect(deployed.depends_on).toContain(`aws_iam_role_policy.${name}_policy`);
    },
  );

  it('reserve concurrency where the account has enough of it', () => {
    const quota = 'data.aws_servicequotas_service_quota.concurrency_quota.value';

    expect(resource(wired, 'aws_lambda_function', 'connect').reserved_concurrent_executions).toBe(
      `\${(${quota} >= 135) ? 25 : -1}`,
    );
    expect(resource(wired, 'aws_lambda_function', 'assemble').reserved_concurrent_executions).toBeUndefined();
  });

  it('leave what they can’t handle as dead letters', () => {
    expect(resource(wired, 'aws_lambda_function_event_invoke_config')).toMatchObject({
      function_name: '${aws_lambda_function.contact-event.function_name}',
      destination_config: { on_failure: { destination: '${aws_sqs_queue.dead_letters.arn}' } },
    });
    expect(resource(wired, 'aws_cloudwatch_event_target')).toMatchObject({
      dead_letter_config: { arn: '${aws_sqs_queue.dead_letters.arn}' },
    });
    expect(resource(wired, 'aws_sqs_queue')).toMatchObject({
      message_retention_seconds: 1_209_600,
      sqs_managed_sse_enabled: true,
    });
  });
});

describe('what an outage has broken off', () => {
  const rule = (resumeByItself: boolean) => {
    const stack = synthesise({ instanceArn: INSTANCE_ARN, resumeByItself });
    stack.dispose();
    return resource(stack, 'aws_cloudwatch_event_rule', 'resume_schedule');
  };

  it('is looked for every 15 minutes, unless that is switched off', () => {
    expect(rule(true)).toMatchObject({ schedule_expression: 'rate(15 minutes)', state: 'ENABLED' });
    expect(rule(false)).toMatchObject({ state: 'DISABLED' });
    expect(resource(wired, 'aws_cloudwatch_event_target', 'resume_target')).toMatchObject({
      rule: '${aws_cloudwatch_event_rule.resume_schedule.name}',
      arn: '${aws_lambda_function.resume.arn}',
    });
    expect(resource(wired, 'aws_lambda_permission', 'resume_permission')).toMatchObject({
      principal: 'events.amazonaws.com',
      source_arn: '${aws_cloudwatch_event_rule.resume_schedule.arn}',
    });
  });

  it('isn’t looked for by two runs at once: the next run does what one couldn’t', () => {
    expect(resource(wired, 'aws_lambda_function', 'resume')).toMatchObject({ timeout: 300 });
    expect(resource(wired, 'aws_lambda_function_event_invoke_config', 'resume_invocations')).toMatchObject({
      function_name: '${aws_lambda_function.resume.function_name}',
      maximum_retry_attempts: 0,
    });
  });
});

describe('the event bus', () => {
  it('that isn’t there stops the deployment: it is looked up, and the assembly’s right refers to it', () => {
    const theirs = synthesise({ eventBusName: 'theirs' });
    theirs.dispose();

    expect(theirs.data.aws_cloudwatch_event_bus).toMatchObject({ event_bus: { name: 'theirs' } });
    expect(resource(theirs, 'aws_iam_role_policy', 'assemble_policy').policy).toContain(
      '${data.aws_cloudwatch_event_bus.event_bus.arn}',
    );
    expect(wired.data.aws_cloudwatch_event_bus).toBeUndefined();
  });
});

describe('tags and provider', () => {
  it('put the deployment’s tags on everything', () => {
    const tagged = synthesise({ prefix: 'sales', tags: 'Team=voice' });
    tagged.dispose();

    expect(tagged.provider.aws).toEqual([
      {
        region: 'us-east-1',
        default_tags: [{ tags: { Application: 'callspool', Deployment: 'sales', Team: 'voice' } }],
      },
    ]);
  });

  it('refuse credentials of another account than the instance’s', () => {
    expect(wired.provider.aws).toMatchObject([
      { region: 'eu-west-2', allowed_account_ids: ['123456789012'] },
    ]);
  });
});

describe('the state', () => {
  it('is a file in the checkout, one a deployment', () => {
    expect(wired.terraform).toMatchObject({
      required_version: '>= 1.10',
      backend: { local: { path: '../../../terraform.callspool-eu-west-2.tfstate' } },
    });
  });

  it('or lies in a bucket, with a lock file', () => {
    const remote = synthesise({
      prefix: 'sales',
      region: 'eu-west-2',
      stateBucket: 'states',
      stateRegion: 'eu-west-1',
    });
    remote.dispose();

    expect(remote.terraform.backend).toEqual({
      s3: {
        bucket: 'states',
        key: 'callspool/sales-eu-west-2.tfstate',
        region: 'eu-west-1',
        encrypt: true,
        use_lockfile: true,
      },
    });
  });
});

describe('what is left when only data are kept', () => {
  const data = synthesise({ dataOnly: true });
  afterAll(data.dispose);

  it('is bucket, tables and key, under the same addresses', () => {
    expect(
      Object.keys(data.resource).every((type) => /^aws_(s3_bucket|dynamodb_table|kms_)/.test(type)),
    ).toBe(true);
    for (const type of ['aws_s3_bucket', 'aws_dynamodb_table', 'aws_kms_key']) {
      expect(Object.keys(data.resource[type] ?? {})).toEqual(Object.keys(wired.resource[type] ?? {}));
    }
  });
});

describe('without protection', () => {
  it('everything can be destroyed', () => {
    const bare = synthesise({ protectData: false });
    bare.dispose();

    expect(JSON.stringify(bare.resource)).not.toContain('"prevent_destroy":true');
    for (const table of resources(bare, 'aws_dynamodb_table')) {
      expect(table.deletion_protection_enabled).toBe(false);
    }
  });
});
