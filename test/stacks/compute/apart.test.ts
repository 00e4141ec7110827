/** What is deployed where those that listen have a task of their own: what they may do, and what the recorder has left. */
import * as v from 'valibot';
import { afterAll, describe, expect, it } from 'vitest';
import {
  CONSUMER_CONTAINER,
  CONTAINER,
  LISTENER_CONTAINER,
  LIVE_SOCKETS,
  RECOGNISER_CONTAINER,
} from '../../../contract/names.ts';
import { LIVE_VARIABLES, RUN_VARIABLES } from '../../../contract/variables.ts';
import { readLiveSettings } from '../../../live/settings.ts';
import { readConfig } from '../../../stacks/config/config.ts';
import { listeningSize } from '../../../stacks/config/task-size.ts';
import { CONTACT_ID, START_FRAGMENT_NUMBER } from '../../support/call.ts';
import { DEPLOYMENTS } from '../deployments.ts';
import { blocksOf } from '../references.ts';
import { INSTANCE_ARN, resource, synthesise, type Synthesised } from '../synthesise.ts';
import { containersIn } from './containers.ts';

const WORDS = {
  instanceArn: INSTANCE_ARN,
  liveSinks: 'recognise',
  recogniseImage: '210987654321.dkr.ecr.eu-west-1.amazonaws.com/their/recogniser:1.2.3',
};
const plain = synthesise({ instanceArn: INSTANCE_ARN });
const beside = synthesise(WORDS);
const apart = synthesise({ ...WORDS, liveApart: true });
const everything = synthesise(DEPLOYMENTS['listened to and written down in tasks of their own']);
afterAll(() => {
  for (const stack of [plain, beside, apart, everything]) stack.dispose();
});

const Policy = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    Statement: v.array(
      v.looseObject({
        Sid: v.string(),
        Action: v.array(v.string()),
        Resource: v.union([v.string(), v.array(v.string())]),
      }),
    ),
  }),
);

function containersOf(stack: Synthesised, id: string) {
  return containersIn(stack, id);
}

function container(stack: Synthesised, name: string) {
  const found = containersOf(stack, 'listen_task').find((one) => one.name === name);
  if (found === undefined) throw new Error(`no container ${name}`);
  return found;
}

const variablesOf = ({ environment }: ReturnType<typeof container>) =>
  Object.fromEntries(environment.map(({ name, value }) => [name, value]));

function statementsOf(stack: Synthesised, id: string) {
  return v.parse(Policy, resource(stack, 'aws_iam_role_policy', id).policy).Statement;
}

const texts = (stack: Synthesised) =>
  new Map([...blocksOf(stack)].map(({ address, block }) => [address, JSON.stringify(block)]));

describe('without the setting', () => {
  it.each(['by default', 'listened to, piece by piece'] as const)(
    'the workflow of a deployment %s is what it was before there was one, to the byte',
    async (name) => {
      const stack = synthesise(DEPLOYMENTS[name]);
      stack.dispose();
      const { definition } = resource(stack, 'aws_sfn_state_machine');

      await expect(`${String(definition)}\n`).toMatchFileSnapshot(
        `workflows/${name.replaceAll(/[^a-z]+/g, '-')}.txt`,
      );
    },
  );

  it('liveApart=false is a deployment without it', () => {
    const given = synthesise({ ...WORDS, liveApart: false });
    given.dispose();

    expect(texts(given)).toEqual(texts(beside));
  });
});

describe('beside what is deployed where nobody listens', () => {
  it('there are a task and a role more, and what was there stays as it is but for a few', () => {
    const [before, after] = [texts(plain), texts(apart)];
    const added = [...after.keys()].filter((address) => !before.has(address) && !address.includes('_alarm'));
    const changed = [...before].filter(([address, text]) => after.get(address) !== text);

    expect(added.toSorted()).toEqual([
      'aws_ecs_task_definition.listen_task',
      'aws_iam_role.listener_role',
      'aws_iam_role_policy.listener_policy',
    ]);
    expect(changed.map(([address]) => address).toSorted()).toEqual([
      'aws_cloudwatch_dashboard.dashboard',
      'aws_iam_policy.doctor',
      'aws_iam_role_policy.assemble_policy',
      'aws_iam_role_policy.execution_policy',
      'aws_iam_role_policy.workflow_policy',
      'aws_lambda_function.assemble',
      'aws_lambda_function.connect',
      'aws_s3_bucket_lifecycle_configuration.recordings_lifecycle',
      'aws_sfn_state_machine.workflow',
      'aws_vpc_endpoint.dynamodb_endpoint',
      'aws_vpc_endpoint.s3_endpoint',
    ]);
  });

  it('the recorder is what it was, with its rights, and feeds nobody', () => {
    const [before, after] = [texts(plain), texts(apart)];

    for (const address of ['aws_ecs_task_definition.task', 'aws_iam_role_policy.task_policy'])
      expect(after.get(address)).toBe(before.get(address));
    expect(after.has('aws_ecs_task_definition.live_task')).toBe(false);
  });
});

describe('the role of those that listen', () => {
  it('reads tape and checkpoint, and writes what its sinks write, and nothing else', () => {
    const granted = statementsOf(everything, 'listener_policy').map(({ Action, Resource }) => [
      Action.join(' '),
      [Resource]
        .flat()
        .join(' ')
        .replaceAll(/\$\{([^}]+)\.arn\}/g, '$1'),
    ]);

    expect(Object.fromEntries(granted)).toEqual({
      's3:ListBucket': 'aws_s3_bucket.recordings',
      's3:GetObject': expect.any(String) as string,
      's3:PutObject': 'aws_s3_bucket.recordings/live/*',
      'kms:Decrypt kms:GenerateDataKey': 'aws_kms_key.data_key',
      'kms:Decrypt kms:DescribeKey kms:Encrypt kms:GenerateDataKey': 'aws_kms_key.data_key',
      'dynamodb:GetItem': expect.any(String) as string,
      'dynamodb:DeleteItem dynamodb:Query dynamodb:UpdateItem': 'aws_dynamodb_table.transcripts',
      'events:PutEvents': expect.stringContaining('event-bus/default') as string,
      'secretsmanager:GetSecretValue': expect.stringContaining(':secret:listens-AbCdEf') as string,
      'kms:Decrypt': expect.stringContaining('arn:aws:kms:eu-west-2') as string,
    });
    const on = (action: string) =>
      granted.filter(([actions]) => actions === action).map(([, where]) => where);
    expect(on('s3:GetObject')).toEqual([
      'aws_s3_bucket.recordings/tape/*',
      expect.stringMatching(/^aws_s3_bucket.recordings\/live\//) as string,
    ]);
    expect(on('dynamodb:GetItem')).toEqual(['aws_dynamodb_table.checkpoints', 'aws_dynamodb_table.calls']);
  });

  it('is the task’s own, which the workflow may give, and no container of the recorder’s has it', () => {
    const roleOf = (id: string) => resource(apart, 'aws_ecs_task_definition', id).task_role_arn;

    expect(roleOf('listen_task')).toBe('${aws_iam_role.listener_role.arn}');
    expect(roleOf('task')).toBe('${aws_iam_role.task_role.arn}');
    const workflow = statementsOf(apart, 'workflow_policy');
    const on = (sid: string) => workflow.find(({ Sid }) => Sid === sid)?.Resource;
    expect(on('PassRoles')).toContain('${aws_iam_role.listener_role.arn}');
    expect(on('RunTask')).toEqual([
      expect.stringContaining(':task-definition/callspool-task:*'),
      expect.stringContaining(':task-definition/callspool-listen-task:*'),
    ]);
    expect(statementsOf(beside, 'workflow_policy').find(({ Sid }) => Sid === 'PassRoles')?.Resource).toEqual([
      '${aws_iam_role.task_role.arn}',
      '${aws_iam_role.execution_role.arn}',
    ]);
  });
});

describe('the task of those that listen', () => {
  it('has no recorder, and ends with the listener', () => {
    const essential = containersOf(everything, 'listen_task').map(({ name, essential }) => [name, essential]);

    expect(Object.fromEntries(essential)).toEqual({
      [LISTENER_CONTAINER]: true,
      [CONSUMER_CONTAINER]: false,
      [RECOGNISER_CONTAINER]: false,
    });
    expect(containersOf(everything, 'task').map(({ name }) => name)).toEqual([CONTAINER]);
  });

  it('hears the tape, leaves after the longest call, and doesn’t take a recogniser for hung between segments', () => {
    const variables = variablesOf(container(apart, LISTENER_CONTAINER));

    expect(variables).not.toHaveProperty(LIVE_VARIABLES.feedSocket);
    expect(variables).toMatchObject({
      [LIVE_VARIABLES.longestSeconds]: '46800',
      [LIVE_VARIABLES.recogniseHungSeconds]: '120',
      [LIVE_VARIABLES.recogniseSocket]: LIVE_SOCKETS.words,
    });
    const told = {
      [RUN_VARIABLES.contactId]: CONTACT_ID,
      [RUN_VARIABLES.startFragmentNumber]: START_FRAGMENT_NUMBER.toString(),
    };
    expect(readLiveSettings({ ...variables, ...told })).toMatchObject({
      feedSocket: undefined,
      longestSeconds: 46_800,
      sinks: [{ name: 'recognise' }],
    });
  });

  it('is Fargate’s smallest with our recogniser, which has most of the processor', () => {
    const { cpu, memory } = resource(apart, 'aws_ecs_task_definition', 'listen_task');

    expect([cpu, memory]).toEqual(['256', '512']);
    expect(container(apart, RECOGNISER_CONTAINER).cpu).toBe(192);
  });

  it.each([
    [{ liveSinks: 'pieces' }, 256, 512],
    [{ liveSinks: 'pieces', liveMemory: 513 }, 256, 1_024],
    [{ ...WORDS, recogniseMemory: 257 }, 256, 1_024],
    [{ ...WORDS, recogniseCpu: 193 }, 512, 1_024],
    [{ ...WORDS, recogniseCpu: 960, recogniseMemory: 3_000 }, 1_024, 4_096],
  ])('%j takes %i CPU units and %i MiB, all of which is given out', (settings, cpu, memoryMib) => {
    const size = listeningSize(readConfig({}, { liveApart: true, ...settings }));

    expect(size).toMatchObject({ cpu, memoryMib });
    const { listener = 0, own = 0, recogniser = 0 } = size?.shares ?? {};
    expect(listener + own + recogniser).toBe(cpu);
  });
});

describe('settings', () => {
  it.each([
    [{ liveApart: true }, /liveApart is set, but liveSinks is empty/],
    [{ liveApart: true, liveSinks: 'transcribe' }, /liveApart is true, but liveSinks names transcribe/],
    [
      { ...WORDS, liveApart: true, recogniseBehindSeconds: 60 },
      /recogniseBehindSeconds is 60, but with liveApart what is heard may be 70 s old/,
    ],
    [
      {
        liveApart: true,
        liveSinks: 'websocket',
        liveWebsocketUrl: 'wss://example.org/',
        segmentSeconds: 10,
        liveWebsocketBehindSeconds: 29,
      },
      /liveWebsocketBehindSeconds is 29, but with liveApart what is heard may be 30 s old/,
    ],
    [
      { ...WORDS, liveApart: true, recogniseMemory: 16_384, recogniseCpu: 64 },
      /Fargate has no task of that much memory with so little CPU, beside a listener of liveMemory/,
    ],
  ])('%j is refused', (settings, message) => {
    expect(() => readConfig({}, settings)).toThrow(message);
  });

  it.each([
    { ...WORDS, liveApart: true, recogniseBehindSeconds: 70 },
    { ...WORDS, recogniseBehindSeconds: 60 },
    { liveSinks: 'transcribe' },
  ])('%j is not', (settings) => {
    expect(() => readConfig({}, settings)).not.toThrow();
  });
});

describe('the alarms', () => {
  const of = (stack: Synthesised, id: string) => resource(stack, 'aws_cloudwatch_metric_alarm', id);

  it('wait for what lies on the tape as long as that takes', () => {
    for (const id of ['alarm_listeners_behind', 'alarm_words_behind'])
      expect(Number(of(apart, id).threshold) - Number(of(beside, id).threshold)).toBe(60_000);
  });

  it('tell of tasks that nobody would miss otherwise', () => {
    expect(of(apart, 'alarm_listeners_missing')).toMatchObject({ threshold: 0, evaluation_periods: 2 });
    expect(texts(beside).has('aws_cloudwatch_metric_alarm.alarm_listeners_missing')).toBe(false);
  });
});
