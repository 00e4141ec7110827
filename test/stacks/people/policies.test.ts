import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import * as v from 'valibot';
import { DEPLOYMENTS } from '../deployments.ts';
import { type Sent, sentCommands } from './sent-commands.ts';
import { INSTANCE_ARN, resource, resources, ROOT, type Synthesised, synthesise } from '../synthesise.ts';

const TEXTS = v.union([
  v.pipe(
    v.string(),
    v.transform((text) => [text]),
  ),
  v.array(v.string()),
]);
const STATEMENT = v.object({
  Sid: v.string(),
  Effect: v.picklist(['Allow', 'Deny']),
  Action: TEXTS,
  Resource: v.optional(TEXTS, []),
  Principal: v.optional(v.unknown()),
  Condition: v.optional(v.record(v.string(), v.record(v.string(), TEXTS)), {}),
});
type Statement = v.InferOutput<typeof STATEMENT>;
const DOCUMENT = v.pipe(v.string(), v.parseJson(), v.object({ Statement: v.array(STATEMENT) }));

const statementsOf = (document: unknown): Statement[] => v.parse(DOCUMENT, document).Statement;

/** What a call of the SDK needs. */
const ACTIONS: Readonly<Record<string, string>> = {
  AbortMultipartUpload: 's3:AbortMultipartUpload',
  CompleteMultipartUpload: 's3:PutObject',
  CreateMultipartUpload: 's3:PutObject',
  DeleteObject: 's3:DeleteObject',
  DescribeContact: 'connect:DescribeContact',
  DescribeExecution: 'states:DescribeExecution',
  DescribeStream: 'kinesisvideo:DescribeStream',
  GetDataEndpoint: 'kinesisvideo:GetDataEndpoint',
  GetItem: 'dynamodb:GetItem',
  GetMedia: 'kinesisvideo:GetMedia',
  GetMediaForFragmentList: 'kinesisvideo:GetMediaForFragmentList',
  GetObject: 's3:GetObject',
  HeadObject: 's3:GetObject',
  ListFragments: 'kinesisvideo:ListFragments',
  ListObjectsV2: 's3:ListBucket',
  PutEvents: 'events:PutEvents',
  PutItem: 'dynamodb:PutItem',
  PutObject: 's3:PutObject',
  Query: 'dynamodb:Query',
  StartExecution: 'states:StartExecution',
  UpdateItem: 'dynamodb:UpdateItem',
  UploadPart: 's3:PutObject',
};

/** What each adapter works on. */
const WORKS_ON: Readonly<Record<string, string>> = {
  ConnectContacts: 'contacts',
  EventBridgeEvents: 'bus',
  KinesisArchive: 'streams',
  KinesisControl: 'streams',
  KinesisMedia: 'streams',
  S3Recordings: 'recordings',
  S3Tape: 'tape',
  S3Upload: 'recordings',
  SfnExecutions: 'workflow',
  SfnExecutionStates: 'executions',
  TableCallQueries: 'call indexes',
  TableCalls: 'calls',
  TableCheckpoints: 'checkpoints',
};

/** The same for the command line, where one adapter works on several things. */
function neededByPeople({ command, adapter }: Sent): string[] {
  const actions = PEOPLE_ACTIONS[command] ?? [ACTIONS[command] ?? command];
  const kinds = /^List(Object|MultipartUploads)/.test(command)
    ? ['bucket']
    : (PEOPLE_WORK_ON[adapter] ?? [WORKS_ON[adapter] ?? adapter]);
  return actions.flatMap((action) => kinds.map((kind) => `${action} on ${kind}`));
}

const PEOPLE_ACTIONS: Readonly<Record<string, readonly string[]>> = {
  DeleteItem: ['dynamodb:DeleteItem'],
  DeleteObjects: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
  ListMultipartUploads: ['s3:ListBucketMultipartUploads'],
  ListObjectVersions: ['s3:ListBucketVersions'],
};

const PEOPLE_WORK_ON: Readonly<Record<string, readonly string[]>> = {
  S3Objects: ['recordings', 'tape'],
  TableCallQueries: ['call indexes'],
  TableRecordErasure: ['calls'],
};

/** What AWS's command calls otherwise than its policies do. */
const AWS_COMMANDS: Readonly<Record<string, string>> = {
  'kinesis-video-archived-media': 'kinesisvideo',
  s3api: 's3',
  stepfunctions: 'states',
};
const AWS_ACTIONS: Readonly<Record<string, string>> = {
  's3:Cp': 's3:GetObject',
  's3:Sync': 's3:ListBucket',
  's3:ListObjectVersions': 's3:ListBucketVersions',
  's3:DeleteObjects': 's3:DeleteObjectVersion',
};

/** Whose each question of the doctor is. */
const SERVICES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    cloudwatch: ['DescribeAlarms'],
    connect: [
      'DescribeContactFlow',
      'DescribeContactFlowModule',
      'ListContactFlowModules',
      'ListContactFlows',
      'ListInstanceStorageConfigs',
      'ListLambdaFunctions',
    ],
    dynamodb: ['DescribeTable'],
    ec2: ['DescribeSubnets'],
    ecr: ['DescribeImages'],
    ecs: ['DescribeClusters', 'DescribeTaskDefinition', 'DescribeTasks', 'ListTasks'],
    events: ['DescribeEventBus', 'DescribeRule'],
    iam: ['SimulatePrincipalPolicy'],
    kinesisvideo: ['ListStreams'],
    kms: ['DescribeKey', 'GetKeyPolicy', 'ListGrants'],
    lambda: ['GetFunction', 'GetFunctionConfiguration'],
    servicequotas: ['ListServiceQuotas'],
    sns: ['ListSubscriptionsByTopic'],
    states: ['DescribeStateMachine', 'ListStateMachines'],
  }).flatMap(([service, commands]) => commands.map((command) => [command, service])),
);

/** The same, as the resources of a policy. */
const RESOURCES: Readonly<Record<string, string>> = {
  '${aws_dynamodb_table.calls.arn}': 'calls',
  '${aws_dynamodb_table.calls.arn}/index/*': 'call indexes',
  '${aws_s3_bucket.recordings.arn}': 'bucket',
  'arn:aws:states:eu-west-2:${data.aws_caller_identity.caller.account_id}:execution:callspool:*':
    'executions',
  '${aws_dynamodb_table.checkpoints.arn}': 'checkpoints',
  '${aws_s3_bucket.recordings.arn}/tape/*': 'tape',
  '${aws_s3_bucket.recordings.arn}/recordings/*': 'recordings',
  '${aws_sfn_state_machine.workflow.arn}': 'workflow',
  'arn:aws:kinesisvideo:eu-west-2:${data.aws_caller_identity.caller.account_id}:stream/callspool-connect-*/*':
    'streams',
  'arn:aws:connect:eu-west-2:${data.aws_caller_identity.caller.account_id}:instance/12345678-90ab-cdef-1234-567890abcdef/contact/*':
    'contacts',
  'arn:aws:events:eu-west-2:${data.aws_caller_identity.caller.account_id}:event-bus/default': 'bus',
};

/** Rights that don't appear as calls in the program: keys, the log, Lambda's dead letters. */
const NOT_CALLS = /^(kms|logs|sqs):/;

const PROGRAMS = {
  task: 'task/main.ts',
  connect: 'functions/connect/handler.ts',
  'contact-event': 'functions/contact-event/handler.ts',
  assemble: 'functions/assemble/handler.ts',
  resume: 'functions/resume/handler.ts',
} as const;

/** What people use; it has no role of its own. */
const CLI = 'cli/main.ts';
const DOCTOR = 'cli/doctor/run.ts';

function granted(statements: readonly Statement[]): string[] {
  const calls = statements.filter(({ Action }) => !Action.every((action) => NOT_CALLS.test(action)));
  return calls
    .flatMap(({ Action, Resource, Condition }) =>
      Action.flatMap((action) => Resource.map((name) => `${action} on ${kindOf(action, name, Condition)}`)),
    )
    .toSorted();
}

function kindOf(action: string, name: string, condition: Statement['Condition']): string {
  const tapeAlone = condition.StringLike?.['s3:prefix']?.join() === 'tape/*';
  if (action === 's3:ListBucket' && name === '${aws_s3_bucket.recordings.arn}' && tapeAlone) return 'tape';
  return RESOURCES[name] ?? name;
}

describe('each program’s policy', () => {
  const stack = synthesise({ instanceArn: INSTANCE_ARN });
  afterAll(stack.dispose);
  const names = Object.keys(PROGRAMS);
  const sent = sentCommands([...Object.values(PROGRAMS), CLI, DOCTOR]);

  it.each(names)('of %s allows what its sources send, on what they send it to, and no more', (name) => {
    const commands = sent[names.indexOf(name)] ?? [];
    const needed = new Set(
      commands.map(
        ({ command, adapter }) => `${ACTIONS[command] ?? command} on ${WORKS_ON[adapter] ?? adapter}`,
      ),
    );

    expect(commands.length).toBeGreaterThan(1);
    expect(granted(statementsOf(resource(stack, 'aws_iam_role_policy', `${name}_policy`).policy))).toEqual(
      [...needed].toSorted(),
    );
  });

  it('for people allow what the command line sends', () => {
    const allowed = new Set(
      ['operator', 'eraser'].flatMap((id) =>
        granted(statementsOf(resource(stack, 'aws_iam_policy', id).policy)),
      ),
    );
    const commands = (sent.at(-2) ?? []).filter(({ adapter }) => adapter !== '');
    const missing = commands.flatMap(neededByPeople).filter((needed) => !allowed.has(needed));

    expect(commands.length).toBeGreaterThan(5);
    expect(missing).toEqual([]);
  });

  it('for the doctor allows what it asks, and no more', () => {
    const commands = (sent.at(-1) ?? []).filter(({ adapter }) => adapter === '');
    const actions = commands.map(({ command }) => `${SERVICES[command] ?? 'unknown'}:${command}`);
    const allowed = statementsOf(resource(stack, 'aws_iam_policy', 'doctor').policy).flatMap(
      ({ Action }) => Action,
    );

    expect(commands.length).toBeGreaterThan(20);
    expect(allowed.toSorted()).toEqual([...new Set(actions)].toSorted());
    expect(allowed.filter((action) => !/:(Describe|Get|List|Simulate)/.test(action))).toEqual([]);
  });

  it('for people allow what docs/OPERATING.md asks AWS’s own command for', async () => {
    const text = await readFile(join(ROOT, 'docs/OPERATING.md'), 'utf8');
    const asked = [...text.matchAll(/\baws ([a-z0-9-]+) ([a-z0-9-]+)/g)].flatMap(
      ([, service = '', command = '']) => {
        const action = command.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
        const name = `${AWS_COMMANDS[service] ?? service}:${action}`;
        // Whoever transcribes has rights of their own.
        return service === 'transcribe' || service === 'sso' ? [] : [AWS_ACTIONS[name] ?? name];
      },
    );
    const allowed = new Set(
      ['operator', 'doctor', 'eraser'].flatMap((id) =>
        statementsOf(resource(stack, 'aws_iam_policy', id).policy).flatMap(({ Action }) => Action),
      ),
    );

    expect(asked.length).toBeGreaterThan(15);
    expect(asked.filter((action) => !allowed.has(action))).toEqual([]);
  });

  it('for people are not longer than IAM allows', () => {
    for (const { policy } of resources(stack, 'aws_iam_policy')) {
      // A reference becomes an ARN, which is seldom longer.
      expect(String(policy).length).toBeLessThan(6_144);
    }
  });

  it.each(names)(
    'of %s allows the keys of what it reads and writes, and only through those services',
    (name) => {
      const statements = statementsOf(resource(stack, 'aws_iam_role_policy', `${name}_policy`).policy);
      const allowed = statements.flatMap(({ Action }) => Action);
      const through = new Map<string, string[]>();
      for (const { Action, Condition, Resource } of statements) {
        if (!Action.some((action) => action.startsWith('kms:'))) continue;
        expect(Resource).toEqual(['${aws_kms_key.data_key.arn}']);
        through.set(Condition.StringEquals?.['kms:ViaService']?.join() ?? 'anything', Action);
      }

      expect([...through.keys()].toSorted()).toEqual(
        [
          ['dynamodb', /^dynamodb:/],
          ['kinesisvideo', /^kinesisvideo:Get/],
          // A listing needs no key.
          ['s3', /^s3:(Get|Put)Object/],
        ].flatMap(([service, pattern]) =>
          allowed.some((action) => new RegExp(pattern ?? '').test(action))
            ? [`${String(service)}.eu-west-2.amazonaws.com`]
            : [],
        ),
      );
      const s3 = through.get('s3.eu-west-2.amazonaws.com') ?? [];
      expect(s3.includes('kms:GenerateDataKey')).toBe(allowed.includes('s3:PutObject'));
      expect(s3.includes('kms:Decrypt')).toBe(allowed.includes('s3:GetObject'));
    },
  );
});

describe.each(Object.entries(DEPLOYMENTS))('the policies of a deployment %s', (_, settings) => {
  const stack = synthesise(settings);
  afterAll(stack.dispose);

  it('name every action in full', () => {
    for (const { Sid, Effect, Action } of allStatements(stack)) {
      for (const action of Action) {
        if (Effect === 'Allow') expect(action, Sid).toMatch(/^[a-z0-9-]+:[A-Za-z0-9]+$/);
      }
    }
  });

  it('leave the resource open only where AWS knows no narrower one', () => {
    const open = identityStatements(stack)
      .filter(({ Resource }) => Resource.includes('*'))
      .flatMap(({ Action }) => Action)
      .toSorted();

    expect(OPEN_BY_NECESSITY).toEqual(expect.arrayContaining(open));
    if (!('dataOnly' in settings)) expect(open).toContain('xray:PutTraceSegments');
  });

  it('let a service act for this account alone', () => {
    for (const role of resources(stack, 'aws_iam_role')) {
      const [trust] = statementsOf(role.assume_role_policy);
      // They name no source (stacks/policies/role.ts, stacks/data/replication.ts).
      if (/"(lambda|s3)\.amazonaws\.com"/.test(JSON.stringify(trust?.Principal))) continue;
      expect(trust?.Condition.StringEquals?.['aws:SourceAccount']).toEqual([
        '${data.aws_caller_identity.caller.account_id}',
      ]);
      expect(trust?.Condition.ArnLike?.['aws:SourceArn']).toHaveLength(1);
    }
    for (const permission of resources(stack, 'aws_lambda_permission')) {
      expect(permission.source_arn).toMatch(/^arn:aws:connect:|^\$\{aws_cloudwatch_event_rule\./);
    }
  });
});

/** Service Authorization Reference: actions without resource types. */
const OPEN_BY_NECESSITY = [
  'ec2:DescribeSubnets',
  'ecr:GetAuthorizationToken',
  'ecs:DescribeTaskDefinition',
  // Narrowed to the cluster by a condition.
  'ecs:ListTasks',
  'kinesisvideo:ListStreams',
  'logs:CreateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:DescribeLogGroups',
  'logs:DescribeResourcePolicies',
  'logs:GetLogDelivery',
  'logs:GetQueryResults',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:UpdateLogDelivery',
  'servicequotas:ListServiceQuotas',
  'states:ListStateMachines',
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
  'xray:PutTelemetryRecords',
  'xray:PutTraceSegments',
];

/** Policies of roles and of operators; in those of a resource `*` is that resource. */
function identityStatements(stack: Synthesised): Statement[] {
  return [...resources(stack, 'aws_iam_role_policy'), ...resources(stack, 'aws_iam_policy')].flatMap(
    ({ policy }) => statementsOf(policy),
  );
}

function allStatements(stack: Synthesised): Statement[] {
  const documents = Object.values(stack.resource)
    .flatMap((blocks) => Object.values(blocks))
    .flatMap(({ policy, assume_role_policy }) => [policy, assume_role_policy])
    .filter((text): text is string => typeof text === 'string' && text.includes('Statement'));
  return documents.flatMap(statementsOf);
}

describe('the workflow’s policy', () => {
  const stack = synthesise({ instanceArn: INSTANCE_ARN });
  afterAll(stack.dispose);
  const statements = statementsOf(resource(stack, 'aws_iam_role_policy', 'workflow_policy').policy);
  const machine = String(resource(stack, 'aws_sfn_state_machine').definition);

  /** Step Functions developer guide, "service integrations": what each needs. */
  const INTEGRATIONS: Readonly<Record<string, readonly string[]>> = {
    'ecs:runTask.sync': [
      'ecs:DescribeTasks',
      'ecs:RunTask',
      'ecs:StopTask',
      // Tags are propagated from the task definition.
      'ecs:TagResource',
      'events:DescribeRule',
      'events:PutRule',
      'events:PutTargets',
      'iam:PassRole',
    ],
    'lambda:invoke': ['lambda:InvokeFunction'],
    'dynamodb:updateItem': ['dynamodb:UpdateItem'],
  };

  it('allows what its integrations do, and no more', () => {
    const used = new Set([...machine.matchAll(/arn:aws:states:::([\w:.]+)/g)].map(([, name = '']) => name));
    const needed = [...used].flatMap((name) => INTEGRATIONS[name] ?? [name]);
    const platform = /^(kms|logs|xray):/;

    expect(
      statements
        .flatMap(({ Action }) => Action)
        .filter((action) => !platform.test(action))
        .toSorted(),
    ).toEqual(needed.toSorted());
  });

  it('is narrowed to this cluster, these tasks, these roles', () => {
    const of = (sid: string) => statements.find(({ Sid }) => Sid === sid);

    expect(of('RunTask')?.Condition.ArnEquals?.['ecs:cluster']).toEqual(['${aws_ecs_cluster.cluster.arn}']);
    expect(of('RunTask')?.Resource[0]).toMatch(/:task-definition\/callspool-task:\*$/);
    expect(of('WatchTask')?.Resource[0]).toMatch(/:task\/callspool\/\*$/);
    expect(of('PassRoles')).toMatchObject({
      Resource: ['${aws_iam_role.task_role.arn}', '${aws_iam_role.execution_role.arn}'],
      Condition: { StringEquals: { 'iam:PassedToService': ['ecs-tasks.amazonaws.com'] } },
    });
    expect(of('Assemble')?.Resource).toEqual(['${aws_lambda_function.assemble.arn}']);
    expect(of('TaskEvents')?.Resource[0]).toMatch(/:rule\/StepFunctionsGetEventsForECSTaskRule$/);
  });
});
