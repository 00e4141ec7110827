/** What is deployed where somebody listens, and that nothing of it is where nobody does. */
import { describe, expect, it } from 'vitest';
import { CONSUMER_CONTAINER, CONTAINER, LISTENER_CONTAINER, LIVE_SOCKETS } from '../../../contract/names.ts';
import { LIVE_VARIABLES, RUN_VARIABLES, TASK_VARIABLES } from '../../../contract/variables.ts';
import { readLiveSettings } from '../../../live/settings.ts';
import { readConfig } from '../../../stacks/config/config.ts';
import { taskSize } from '../../../stacks/config/task-size.ts';
import { CONTACT_ID, START_FRAGMENT_NUMBER } from '../../support/call.ts';
import { DEPLOYMENTS } from '../deployments.ts';
import { blocksOf } from '../references.ts';
import { INSTANCE_ARN, resource, synthesise, type Synthesised } from '../synthesise.ts';
import { containersIn } from './containers.ts';

function deployed(settings: Readonly<Record<string, unknown>>): Synthesised {
  const stack = synthesise({ instanceArn: INSTANCE_ARN, ...settings });
  stack.dispose();
  return stack;
}

function containersOf(stack: Synthesised, id = 'live_task') {
  const all = containersIn(stack, id);
  return Object.fromEntries(all.map((container) => [container.name, container]));
}

const variablesOf = (container: { environment: readonly { name: string; value: string }[] } | undefined) =>
  Object.fromEntries((container?.environment ?? []).map(({ name, value }) => [name, value]));

/** What the workflow tells a listener of its call. */
const OF_A_CALL = {
  [RUN_VARIABLES.contactId]: CONTACT_ID,
  [RUN_VARIABLES.startFragmentNumber]: START_FRAGMENT_NUMBER.toString(),
  [RUN_VARIABLES.instanceArn]: INSTANCE_ARN,
};

const plain = deployed({});
const pieces = deployed({ liveSinks: 'pieces' });
const everything = deployed(DEPLOYMENTS['listened to in every way']);

describe('where nobody listens', () => {
  it('nothing of it is deployed', () => {
    // Erasing knows of what an earlier deployment's listeners may have left.
    const { aws_iam_policy: people, ...resources } = plain.resource;
    expect(people).toBeDefined();
    const told = JSON.stringify([resources, plain.data, plain.output]).matchAll(
      /CALLSPOOL_LIVE|live_task|live\/|run\/callspool|RecordLive|IsLive|LiveCalls|listener/g,
    );

    expect([...told].map(([text]) => text)).toEqual([]);
    expect(Object.keys(plain.resource.aws_ecs_task_definition ?? {})).toEqual(['task']);
  });

  it('is as it was, once listeners are taken away again: nothing that is kept goes with them', () => {
    const before = new Map([...blocksOf(plain)].map(({ address, block }) => [address, block]));
    const after = new Map([...blocksOf(pieces)].map(({ address, block }) => [address, block]));
    const changed = [...before].filter(
      ([address, block]) => JSON.stringify(block) !== JSON.stringify(after.get(address)),
    );

    expect([...after.keys()].filter((address) => !before.has(address)).toSorted()).toEqual([
      'aws_cloudwatch_metric_alarm.alarm_listeners_behind',
      'aws_cloudwatch_metric_alarm.alarm_listeners_failing',
      'aws_cloudwatch_metric_alarm.alarm_listeners_not_begun',
      'aws_cloudwatch_metric_alarm.alarm_listeners_restarting',
      'aws_ecs_task_definition.live_task',
    ]);
    expect([...before.keys()].filter((address) => !after.has(address))).toEqual([]);
    expect(changed.map(([address]) => address).toSorted()).toEqual([
      'aws_cloudwatch_dashboard.dashboard',
      'aws_iam_role_policy.task_policy',
      'aws_iam_role_policy.workflow_policy',
      'aws_lambda_function.connect',
      'aws_s3_bucket_lifecycle_configuration.recordings_lifecycle',
      'aws_sfn_state_machine.workflow',
      'aws_vpc_endpoint.s3_endpoint',
    ]);
  });

  it.each([
    ['a percentage', { livePercent: 50 }],
    ['a container', { liveImage: 'example/listener:1' }],
    ['a choice', { live: 'off' }],
  ])('%s is refused: somebody must have forgotten who is to listen', (_, settings) => {
    expect(() => readConfig({}, settings)).toThrow(/is set, but liveSinks is empty/);
  });
});

describe('the task of a call that is listened to', () => {
  const { [CONTAINER]: recorder, [LISTENER_CONTAINER]: listener } = containersOf(pieces);

  it('records as ever: same image, user and rights, and it waits for nobody', () => {
    const { [CONTAINER]: alone } = containersOf(pieces, 'task');
    const { environment, mountPoints, cpu, ...rest } = recorder ?? {};

    expect({
      ...rest,
      environment: alone?.environment,
      mountPoints: alone?.mountPoints,
      cpu: alone?.cpu,
    }).toEqual(alone);
    expect(variablesOf(recorder)).toEqual({
      ...variablesOf(alone),
      [LIVE_VARIABLES.feedSocket]: LIVE_SOCKETS.feed,
    });
    expect(recorder).toMatchObject({ essential: true });
    expect(recorder).not.toHaveProperty('dependsOn');
    expect(mountPoints).toEqual([
      { containerPath: LIVE_SOCKETS.folder, readOnly: false, sourceVolume: 'run' },
    ]);
    expect(environment?.length).toBe((alone?.environment.length ?? 0) + 1);
    expect(cpu).toBeGreaterThan(listener?.cpu ?? Infinity);
  });

  it('has a listener of the same image, which may fail, and take so much memory and no more', () => {
    expect(listener).toMatchObject({
      image: recorder?.image,
      command: ['/app/live/index.mjs'],
      essential: false,
      memory: 256,
      user: '65532:65532',
      readonlyRootFilesystem: true,
      linuxParameters: { initProcessEnabled: true, capabilities: { drop: ['ALL'] } },
      mountPoints: recorder?.mountPoints,
      logConfiguration: { options: { 'awslogs-stream-prefix': LISTENER_CONTAINER } },
    });
    expect(listener).not.toHaveProperty('dependsOn');
    expect(resource(pieces, 'aws_ecs_task_definition', 'live_task')).toMatchObject({
      family: 'callspool-live-task',
      cpu: '256',
      memory: '1024',
      volume: [{ name: 'run' }],
      skip_destroy: true,
    });
  });

  it('tells the listener every variable that it knows, as far as its sinks have a use for it', () => {
    const known = Object.values(LIVE_VARIABLES);
    const told = Object.keys(variablesOf(containersOf(everything)[LISTENER_CONTAINER]));
    const untold = known.filter((name) => !told.includes(name));

    // What is for one machine alone, for a task of its own, and for words, which none of these writes down.
    expect(untold.toSorted()).toEqual(
      [
        LIVE_VARIABLES.eventBus,
        LIVE_VARIABLES.exec,
        LIVE_VARIABLES.longestSeconds,
        LIVE_VARIABLES.mask,
        LIVE_VARIABLES.recogniseAttributeLanguages,
        LIVE_VARIABLES.recogniseBehindSeconds,
        LIVE_VARIABLES.recogniseHungSeconds,
        LIVE_VARIABLES.recogniseLanguageAttribute,
        LIVE_VARIABLES.recogniser,
        LIVE_VARIABLES.recogniseSocket,
        LIVE_VARIABLES.transcriptDays,
        LIVE_VARIABLES.transcriptEvents,
        LIVE_VARIABLES.transcriptsTable,
        LIVE_VARIABLES.webSocketSecret,
        LIVE_VARIABLES.webSocketSecretFile,
      ].toSorted(),
    );
    expect(told.filter((name) => !known.some((one) => one === name))).toEqual([]);
    expect(
      Object.keys(variablesOf(listener)).filter((name) => /WEBSOCKET|_SOCKET$|_CALLS_|_KEEP_/.test(name)),
    ).toEqual([LIVE_VARIABLES.feedSocket]);
    expect(variablesOf(listener)).toMatchObject({
      [LIVE_VARIABLES.sinks]: 'pieces',
      [LIVE_VARIABLES.pieceSeconds]: '1',
      [TASK_VARIABLES.service]: 'callspool',
    });
  });

  it('tells it what its deployer says of the server, as the listener itself reads it', () => {
    const { [LISTENER_CONTAINER]: told } = containersOf(everything);
    const { sinks } = readLiveSettings({ ...variablesOf(told), ...OF_A_CALL });

    expect(sinks).toContainEqual({
      name: 'websocket',
      url: 'wss://listens.example.org/calls',
      dialect: 'audiohook',
      secret: {
        from: 'secrets-manager',
        arn: DEPLOYMENTS['listened to in every way'].liveSecretArn,
        region: 'eu-west-2',
      },
      format: 'L16',
      language: 'en-GB',
      organizationId: DEPLOYMENTS['listened to in every way'].liveWebsocketOrganization,
      behindMs: 30_000,
      callsTable: expect.stringContaining('aws_dynamodb_table.calls') as string,
      keep: { phoneNumbers: true, attributes: false },
    });
  });

  it.each([
    [{}, { dialect: 'audiohook', format: 'PCMU', language: undefined, behindMs: undefined }],
    [{ liveWebsocketDialect: 'twilio' }, { dialect: 'twilio', behindMs: undefined }],
  ])('tells it of a server with %j what is the listener’s own default', (settings, expected) => {
    const url = { liveSinks: 'websocket', liveWebsocketUrl: 'wss://listens.example.org/' };
    const { [LISTENER_CONTAINER]: told } = containersOf(deployed({ ...url, ...settings }));
    const { sinks } = readLiveSettings({ ...variablesOf(told), ...OF_A_CALL });

    // Connect's instance, which the workflow tells of each call.
    expect(sinks).toMatchObject([{ ...expected, organizationId: INSTANCE_ARN.split('/')[1] }]);
  });

  it('has the deployer’s container, with limits of its own, which may connect and replace nothing', () => {
    const { [CONSUMER_CONTAINER]: consumer } = containersOf(everything);

    expect(consumer).toMatchObject({
      image: DEPLOYMENTS['listened to in every way'].liveImage,
      essential: false,
      cpu: 256,
      memory: 512,
      mountPoints: [{ containerPath: LIVE_SOCKETS.folder, readOnly: true, sourceVolume: 'run' }],
      dependsOn: [{ condition: 'START', containerName: LISTENER_CONTAINER }],
    });
    expect(consumer).not.toHaveProperty('user');
    expect(variablesOf(consumer)).toEqual({ [LIVE_VARIABLES.socket]: LIVE_SOCKETS.audio });
    expect(resource(everything, 'aws_ecs_task_definition', 'live_task')).toMatchObject({
      cpu: '512',
      memory: '2048',
    });
    expect(String(resource(everything, 'aws_iam_role_policy', 'execution_policy').policy)).toContain(
      'arn:aws:ecr:eu-west-1:210987654321:repository/their/listener',
    );
  });
});

describe('its size', () => {
  const sizeOf = (settings: Record<string, unknown>) =>
    taskSize(readConfig({}, { liveSinks: 'socket', liveImage: 'example/listener:1', ...settings }));

  it.each([
    [{}, 512, 2_048],
    [{ liveImageMemory: 256 }, 512, 1_024],
    [{ liveImageCpu: 257 }, 1_024, 2_048],
    [{ liveImageCpu: 1_792, liveImageMemory: 8_000 }, 2_048, 9_216],
    [{ liveImageCpu: 3_840, liveImageMemory: 16_384, liveMemory: 2_048 }, 4_096, 19_456],
  ])(
    '%j: %i CPU units and %i MiB, of which the recorder has what it has alone',
    (settings, cpu, memoryMib) => {
      const size = sizeOf(settings);

      expect(size).toMatchObject({ cpu, memoryMib });
      const { recorder = 0, listener = 0, own = 0, recogniser } = size?.shares ?? {};
      expect(recogniser).toBe(0);
      expect(recorder + listener + own).toBe(cpu);
      expect(recorder).toBeGreaterThanOrEqual(192);
    },
  );

  it('that Fargate doesn’t have is refused, and says what to change', () => {
    expect(() => sizeOf({ liveImageMemory: 8_192 })).toThrow(/allowed is more of liveImageCpu/);
  });
});

describe('what listeners leave', () => {
  it('goes after a day, and older versions, too', () => {
    const { rule } = resource(pieces, 'aws_s3_bucket_lifecycle_configuration');

    expect(rule).toContainEqual({
      id: 'live',
      status: 'Enabled',
      filter: [{ prefix: 'live/' }],
      expiration: [{ days: 1 }],
      noncurrent_version_expiration: [{ noncurrent_days: 1 }],
    });
  });

  it('is told to EventBridge where that is asked for', () => {
    const told = deployed({ liveSinks: 'pieces', livePieceEvents: true });

    expect(resource(told, 'aws_s3_bucket_notification')).toMatchObject({ eventbridge: true });
    expect(pieces.resource.aws_s3_bucket_notification).toBeUndefined();
  });
});

describe('the workflow', () => {
  it('may run both tasks, and ask whether a recording has ended', () => {
    const policy = String(resource(pieces, 'aws_iam_role_policy', 'workflow_policy').policy);

    expect(policy).toContain(':task-definition/callspool-task:*');
    expect(policy).toContain(':task-definition/callspool-live-task:*');
    expect(policy).toContain('"Sid":"HasItEnded"');
  });

  it('tells both which recording it is, within what ECS takes of overrides', () => {
    const definition = String(resource(pieces, 'aws_sfn_state_machine').definition);

    expect(definition).toContain(`{"Name":"${LISTENER_CONTAINER}","Environment"`);
    expect(definition).toContain('${aws_ecs_task_definition.live_task.arn}');
  });
});

describe('settings of listeners', () => {
  it.each([
    [{ liveSinks: 'radio' }, /liveSinks is "radio"/],
    [{ liveSinks: 'websocket' }, /liveSinks names websocket, so that liveWebsocketUrl must be set/],
    [{ liveSinks: 'socket' }, /liveSinks names socket, so that liveImage must be set/],
    [{ liveSinks: 'pieces', liveImage: 'a/b:1' }, /liveImage is set, but liveSinks doesn’t name socket/],
    [{ liveSinks: 'websocket', liveWebsocketUrl: 'ws://example.org' }, /liveWebsocketUrl is "ws:/],
    [{ liveSinks: 'websocket', liveWebsocketUrl: 'wss://example.org:8443/' }, /liveWebsocketUrl is/],
    [{ liveSinks: 'websocket', liveWebsocketUrl: 'wss://me:secret@example.org/' }, /liveWebsocketUrl is/],
    ...[
      { liveWebsocketFormat: 'OPUS' },
      { liveWebsocketLanguage: 'english!' },
      { liveWebsocketOrganization: 'mine' },
      { liveWebsocketBehindSeconds: 9 },
      { liveWebsocketBehindSeconds: 3_601 },
    ].map((wrong): [object, RegExp] => [
      { liveSinks: 'websocket', liveWebsocketUrl: 'wss://example.org/', ...wrong },
      new RegExp(`${Object.keys(wrong).join()} is "${Object.values(wrong).join()}".*allowed is`),
    ]),
    [
      { liveSinks: 'pieces', liveWebsocketBehindSeconds: 60 },
      /liveWebsocketBehindSeconds is set, but liveSinks doesn’t name websocket/,
    ],
    ...['liveWebsocketFormat', 'liveWebsocketLanguage'].map((name): [object, RegExp] => [
      {
        liveSinks: 'websocket',
        liveWebsocketUrl: 'wss://example.org/',
        liveWebsocketDialect: 'twilio',
        [name]: name.endsWith('Format') ? 'L16' : 'en-US',
      },
      new RegExp(`${name} is set, but liveWebsocketDialect is twilio`),
    ]),
    [{ liveSinks: 'pieces', livePercent: 101 }, /livePercent is "101"/],
    [
      {
        liveSinks: 'websocket',
        liveWebsocketUrl: 'wss://example.org/',
        liveSecretArn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:listens-AbCdEf',
      },
      /liveSecretArn is in eu-west-1, but region is us-east-1/,
    ],
  ])('%j is refused', (settings, message) => {
    expect(() => readConfig({}, settings)).toThrow(message);
  });

  it('take sinks in any order, for the same deployment', () => {
    const one = readConfig({}, { liveSinks: 'socket, pieces', liveImage: 'a/b:1' });
    const other = readConfig({}, { liveSinks: ['pieces', 'socket', 'pieces'], liveImage: 'a/b:1' });

    expect(one).toEqual(other);
    expect(one.liveSinks).toEqual(['pieces', 'socket']);
  });
});
