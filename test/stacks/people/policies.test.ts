import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, describe, expect, it } from 'vitest';
import { iamAction } from '../../../local/rehearsal/endpoint/iam-actions.ts';
import { DEPLOYMENTS } from '../deployments.ts';
import { INSTANCE_ARN, resource, resources, ROOT, synthesise, type Synthesised } from '../synthesise.ts';
import { type Sent, sentCommands } from './sent-commands.ts';

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
  GetSecretValue: 'secretsmanager:GetSecretValue',
  Invoke: 'lambda:InvokeFunction',
  DeleteItem: 'dynamodb:DeleteItem',
  StartStreamTranscription: 'transcribe:StartStreamTranscription',
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
  FunctionContacts: 'ask-connect',
  KinesisArchive: 'streams',
  KinesisControl: 'streams',
  KinesisMedia: 'streams',
  S3AccessLogs: 'bucket',
  S3Copies: 'recordings',
  S3Recordings: 'recordings',
  S3Tape: 'tape',
  S3Upload: 'recordings',
  SdkTranscribe: '*',
  SecretsManagerSecret: 'secret',
  SfnExecutions: 'workflow',
  SfnExecutionStates: 'executions',
  TableCallQueries: 'call indexes',
  TableCalls: 'calls',
  TableCheckpoints: 'checkpoints',
  TableRecordTranscript: 'calls',
  TableTranscripts: 'transcripts',
};

/** The same for the command line, where one adapter works on several things. */
function neededByPeople({ command, adapter }: Sent): string[] {
  const actions = PEOPLE_ACTIONS[command] ?? [ACTIONS[command] ?? command];
  const kinds = /^(GetBucket|List(Object|MultipartUploads))/.test(command)
    ? ['bucket']
    : (PEOPLE_WORK_ON[adapter] ?? [WORKS_ON[adapter] ?? adapter]);
  return actions.flatMap((action) => kinds.map((kind) => `${action} on ${kind}`));
}

const PEOPLE_ACTIONS: Readonly<Record<string, readonly string[]>> = {
  DeleteObjects: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
  GetBucketLogging: ['s3:GetBucketLogging'],
  GetBucketReplication: ['s3:GetReplicationConfiguration'],
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
    ec2: ['DescribeRouteTables', 'DescribeSubnets'],
    ecr: ['DescribeImages'],
    ecs: ['DescribeClusters', 'DescribeTaskDefinition', 'DescribeTasks', 'ListTasks'],
    events: ['DescribeEventBus', 'DescribeRule'],
    iam: ['SimulatePrincipalPolicy'],
    kinesisvideo: ['GetDataEndpoint', 'ListStreams'],
    kms: ['DescribeKey', 'GetKeyPolicy', 'ListGrants'],
    lambda: ['GetFunction', 'GetFunctionConfiguration'],
    s3: ['GetBucketReplication', 'GetBucketVersioning', 'HeadObject'],
    secretsmanager: ['DescribeSecret'],
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
  '${aws_s3_bucket.recordings.arn}/live/*': 'live',
  '${aws_s3_bucket.recordings.arn}/live/*/listener-*.json': 'listeners',
  '${aws_s3_bucket.recordings.arn}/tape/*': 'tape',
  '${aws_s3_bucket.recordings.arn}/recordings/*': 'recordings',
  // Of these, what was said.
  '${aws_s3_bucket.recordings.arn}/recordings/*.transcript.*': 'recordings',
  '${aws_dynamodb_table.transcripts.arn}': 'transcripts',
  [DEPLOYMENTS['listened to in every way'].liveSecretArn]: 'secret',
  '${aws_sfn_state_machine.workflow.arn}': 'workflow',
  'arn:aws:kinesisvideo:eu-west-2:${data.aws_caller_identity.caller.account_id}:stream/callspool-connect-*/*':
    'streams',
  'arn:aws:connect:eu-west-2:${data.aws_caller_identity.caller.account_id}:instance/12345678-90ab-cdef-1234-567890abcdef/contact/*':
    'contacts',
  'arn:aws:events:eu-west-2:${data.aws_caller_identity.caller.account_id}:event-bus/default': 'bus',
};

/** Rights that don't appear as calls in the program: keys, the log, Lambda's dead letters, and tags, which a write sets. */
const NOT_CALLS = /^(kms|logs|sqs):|^s3:PutObjectTagging$/;

const PROGRAMS = {
  task: 'task/main.ts',
  connect: 'functions/connect/handler.ts',
  'contact-event': 'functions/contact-event/handler.ts',
  assemble: 'functions/assemble/handler.ts',
  resume: 'functions/resume/handler.ts',
} as const;

/** What the doctor asks by the right of operators: recordings are theirs to look at. */
const OPERATORS = 's3:GetObject';

/** Runs beside the recorder, in its role. */
const LISTENER = 'live/main.ts';
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

/** Of its own objects a listener reads where it goes on, and nothing else. */
function worksOnLive(command: string, adapter: string): string {
  if (adapter === 'S3LiveObjects') return command === 'GetObject' ? 'listeners' : 'live';
  return WORKS_ON[adapter] ?? adapter;
}

describe('a recorder that has no IPv4', () => {
  it.each([
    [{ network: 'ipv6' }, [INVOKE]],
    [{ network: 'ipv6', keepNetwork: 'public' }, [DESCRIBE, INVOKE]],
    [{ network: 'public', keepNetwork: 'ipv6' }, [DESCRIBE, INVOKE]],
    [{}, [DESCRIBE]],
  ])('asks a function, which may ask Connect: %j', (settings, expected) => {
    const stack = synthesise(settings);
    const granted = (id: string) =>
      statementsOf(resource(stack, 'aws_iam_role_policy', id).policy).flatMap(({ Action }) => Action);
    expect(granted('task_policy').filter((action) => [DESCRIBE, INVOKE].includes(action))).toEqual(expected);
    const asks = stack.resource.aws_lambda_function?.['ask-connect'];
    if (asks)
      expect(granted('ask-connect_policy').filter((action) => !action.startsWith('logs:'))).toEqual([
        DESCRIBE,
      ]);
    expect(asks === undefined).toBe(!expected.includes(INVOKE));
    stack.dispose();
  });
});

const DESCRIBE = 'connect:DescribeContact';
const INVOKE = 'lambda:InvokeFunction';

describe('each program’s policy', () => {
  const stack = synthesise({ instanceArn: INSTANCE_ARN });
  // With all that people may have to look after.
  const watched = synthesise(DEPLOYMENTS['watched and copied, as regulated users have it']);
  // With all that may listen, and write down.
  const heard = synthesise({
    ...DEPLOYMENTS['listened to in every way'],
    ...DEPLOYMENTS['written down while people talk, in every way'],
    liveSinks: 'pieces,websocket,socket,recognise,transcribe',
  });
  afterAll(() => {
    stack.dispose();
    watched.dispose();
    heard.dispose();
  });
  const names = Object.keys(PROGRAMS);
  const sent = sentCommands([...Object.values(PROGRAMS), LISTENER, CLI, DOCTOR]);

  it.each(names)('of %s allows what its sources send, on what they send it to, and no more', (name) => {
    const commands = sent[names.indexOf(name)] ?? [];
    const needed = new Set(
      commands.map(
        ({ command, adapter }) => `${ACTIONS[command] ?? command} on ${WORKS_ON[adapter] ?? adapter}`,
      ),
    );

    // Of what a recorder can send, its network decides: here it reaches Connect.
    needed.delete(`${INVOKE} on ask-connect`);
    expect(commands.length).toBeGreaterThan(1);
    // The assembly makes files of what was said, where that is written down.
    const deployed = name === 'assemble' ? heard : stack;
    const policy = statementsOf(resource(deployed, 'aws_iam_role_policy', `${name}_policy`).policy);
    expect(granted(policy)).toEqual([...needed].toSorted());
  });

  it('of a task whose call is listened to allows what recorder and listener send, and no more', () => {
    const commands = [...(sent[0] ?? []), ...(sent.at(-3) ?? [])];
    const needed = new Set(
      commands.map(
        ({ command, adapter }) => `${ACTIONS[command] ?? command} on ${worksOnLive(command, adapter)}`,
      ),
    );
    needed.delete(`${INVOKE} on ask-connect`);

    expect(sent.at(-3)).not.toEqual([]);
    expect(granted(statementsOf(resource(heard, 'aws_iam_role_policy', 'task_policy').policy))).toEqual(
      [...needed].toSorted(),
    );
  });

  it.each([
    ['nobody listens', {}, []],
    ['pieces are written', { liveSinks: 'pieces' }, []],
    [
      'a recogniser writes down',
      { liveSinks: 'recognise', recogniseImage: 'example/recogniser:1' },
      ['DeleteItem', 'Query', 'UpdateItem'],
    ],
    [
      'Transcribe does, and is told of',
      { liveSinks: 'transcribe', transcriptEvents: 'final' },
      ['DeleteItem', 'PutEvents', 'Query', 'StartStreamTranscription', 'UpdateItem'],
    ],
  ])('of words, where %s, allows a task no more than that takes', (_, settings, expected) => {
    const one = synthesise({ instanceArn: INSTANCE_ARN, ...settings });
    one.dispose();
    const policy = statementsOf(resource(one, 'aws_iam_role_policy', 'task_policy').policy);
    const rights = granted(policy).filter((right) => / on (transcripts|bus|\*)$/.test(right));

    expect(rights.map((right) => right.replace(/^\w+:(\w+) .*$/, '$1')).toSorted()).toEqual(expected);
  });

  it('of the assembly looks at no words where nobody writes them down', () => {
    const policy = resource(stack, 'aws_iam_role_policy', 'assemble_policy').policy;

    expect(String(policy)).not.toContain('aws_dynamodb_table.transcripts');
    expect(String(policy)).not.toContain('PutObjectTagging');
  });

  it('of a task that gives no pieces allows it to write down alone where its listener goes on', () => {
    const settings = { liveSinks: 'socket', liveImage: 'example/listener:1' };
    const live = synthesise({ instanceArn: INSTANCE_ARN, ...settings });
    live.dispose();
    const allowed = granted(statementsOf(resource(live, 'aws_iam_role_policy', 'task_policy').policy));

    expect(allowed).toContain('s3:PutObject on listeners');
    expect(allowed.filter((right) => right.endsWith(' on live'))).toEqual([]);
  });

  it('of a task that has a secret to tell allows that one, and its key through Secrets Manager', () => {
    const settings = DEPLOYMENTS['listened to in every way'];
    const live = synthesise(settings);
    live.dispose();
    const statements = statementsOf(resource(live, 'aws_iam_role_policy', 'task_policy').policy);

    expect(statements.find(({ Sid }) => Sid === 'Secret')).toMatchObject({
      Action: ['secretsmanager:GetSecretValue'],
      Resource: [settings.liveSecretArn],
    });
    expect(statements.find(({ Sid }) => Sid === 'SecretKey')).toMatchObject({
      Action: ['kms:Decrypt'],
      Resource: [settings.liveSecretKeyArn],
      Condition: { StringEquals: { 'kms:ViaService': ['secretsmanager.eu-west-2.amazonaws.com'] } },
    });
  });

  it('of a task that is listened to lets it decrypt its tape, and S3 alone do so for it', () => {
    const live = synthesise({ instanceArn: INSTANCE_ARN, liveSinks: 'pieces' });
    live.dispose();
    const keys = statementsOf(resource(live, 'aws_iam_role_policy', 'task_policy').policy).filter(
      ({ Condition }) => Condition.StringEquals?.['kms:ViaService']?.join() === 's3.eu-west-2.amazonaws.com',
    );

    expect(keys).toMatchObject([
      { Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: ['${aws_kms_key.data_key.arn}'] },
    ]);
  });

  it('for people allow what the command line sends', () => {
    const allowed = new Set(
      ['operator', 'eraser', 'transcriber'].flatMap((id) =>
        granted(statementsOf(resource(watched, 'aws_iam_policy', id).policy)),
      ),
    );
    const commands = (sent.at(-2) ?? []).filter(({ adapter }) => adapter !== '');
    const missing = commands.flatMap(neededByPeople).filter((needed) => !allowed.has(needed));

    expect(commands.length).toBeGreaterThan(5);
    expect(missing).toEqual([]);
  });

  it('for the doctor allows what it asks, and no more', () => {
    const commands = (sent.at(-1) ?? []).filter(({ adapter }) => adapter === '');
    const actions = commands
      .map(({ command }) => iamAction({ service: SERVICES[command] ?? 'unknown', operation: command }))
      .filter((action) => action !== OPERATORS);
    // Each asks for more where there is more to look after.
    const live = heard;
    const allowedWith = (one: Synthesised) =>
      statementsOf(resource(one, 'aws_iam_policy', 'doctor').policy).flatMap(({ Action }) => Action);
    const allowed = [...new Set([...allowedWith(live), ...allowedWith(watched)])];

    expect(allowedWith(stack)).not.toContain('secretsmanager:DescribeSecret');

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
    for (const { policy } of resources(watched, 'aws_iam_policy')) {
      // A reference becomes an ARN, which is seldom longer.
      expect(String(policy).length).toBeLessThan(6_144);
    }
  });
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
