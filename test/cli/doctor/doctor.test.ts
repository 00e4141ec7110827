import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Finding } from '../../../cli/doctor/findings/finding.ts';
import { type DoctorOptions, examine } from '../../../cli/doctor/run.ts';
import { EXIT } from '../../../cli/terminal/exit.ts';
import type { Standin } from '../../../local/standins/standin.ts';
import { TableCallQueries } from '../../../ports/calls/call-queries.ts';
import type { CallRecord } from '../../../recording/call-record.ts';
import { callsTableOf } from '../../support/calls-table.ts';
import { ioForTest } from '../../support/io.ts';
import { record } from '../report/content.ts';
import {
  ACCOUNT,
  type Answers,
  flowContent,
  inGoodOrder,
  INSTANCE_ARN,
  ipv6Subnets,
  keyPolicy,
  listenedTo,
  PREFIX,
  refuse,
  REGION,
  routeTables,
  simulation,
  startAccount,
  subnets,
  subscriptions,
  TASK_ROLE,
  video,
} from './account.ts';

const NOW = Date.parse('2026-03-14T12:00:00.000Z');
let answers: Answers;
let account: Standin;

beforeEach(async () => {
  answers = inGoodOrder();
  account = await startAccount(answers);
  vi.stubEnv('AWS_ENDPOINT_URL', account.url);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await account.close();
});

const DEPLOYMENT = {
  kind: 'aws',
  prefix: PREFIX,
  region: REGION,
  callsTable: `${PREFIX}-calls`,
  checkpointsTable: `${PREFIX}-checkpoints`,
  transcriptsTable: `${PREFIX}-transcripts`,
} as const;

async function doctor(
  calls: readonly CallRecord[] = [],
  options: Pick<DoctorOptions, 'instanceArn' | 'resolve6'> = {},
) {
  const clock = { now: () => NOW, sleep: () => Promise.resolve() };
  const io = ioForTest({ clock });
  const queries = new TableCallQueries(callsTableOf(calls));
  const code = await examine({ queries }, DEPLOYMENT, io, { json: true, hours: 24, ...options });
  const findings = JSON.parse(io.said.out) as Finding[];
  return { code, findings, of: (check: string) => findings.filter((finding) => finding.check === check) };
}

it('finds a deployment in good order in good order, by every check', async () => {
  const { code, findings } = await doctor();
  expect(findings.filter(({ severity }) => severity !== 'OK')).toEqual([]);
  expect(new Set(findings.map(({ check }) => check)).size).toBe(24);
  expect(code).toBe(EXIT.ok);
});

type Case = readonly [
  what: string,
  change: Partial<Answers>,
  check: string,
  severity: Finding['severity'],
  told: RegExp,
];

const mediaConfig = (changes: Record<string, unknown>) => ({
  ListInstanceStorageConfigs: () => ({
    StorageConfigs: [{ KinesisVideoStreamConfig: { Prefix: PREFIX, RetentionPeriodHours: 24, ...changes } }],
  }),
});
/** As `resolve6` rejects. */
const dnsError = (code: string) => Object.assign(new Error(`queryAaaa ${code}`), { code });
const flow = (content: string) => ({
  ListContactFlowModules: () => ({ ContactFlowModulesSummaryList: [] }),
  DescribeContactFlow: ({ id }: Record<string, unknown>) => ({
    ContactFlow: { Content: id === 'f1' ? content : '' },
  }),
});

describe('what makes recordings empty or late', () => {
  it.each<Case>([
    [
      'media streaming is off',
      { ListInstanceStorageConfigs: () => ({ StorageConfigs: [] }) },
      'media streaming',
      'ERROR',
      /is off/,
    ],
    [
      'its retention is 0',
      mediaConfig({ RetentionPeriodHours: 0 }),
      'media streaming',
      'ERROR',
      /retention is 0 hours/,
    ],
    [
      'a stream was made before its retention was set',
      { ListStreams: () => ({ StreamInfoList: [video(1), video(2, { DataRetentionInHours: 0 })] }) },
      'streams',
      'ERROR',
      /^1 of 2 streams keep no audio: callspool-connect-acme-contact-2$/,
    ],
    [
      'the function isn’t associated',
      { ListLambdaFunctions: () => ({ LambdaFunctions: [] }) },
      'function association',
      'ERROR',
      /doesn’t know the connect function/,
    ],
    [
      'a flow streams one direction',
      flow(flowContent({ directions: ['From'] })),
      'contact flows',
      'ERROR',
      /“Main” doesn’t stream audio to the customer/,
    ],
    [
      'no flow invokes the function',
      flow(flowContent({ functionArn: 'arn:other' })),
      'contact flows',
      'ERROR',
      /none of 2 contact flows/,
    ],
    [
      'a flow doesn’t stream',
      flow(
        JSON.stringify({ Actions: (JSON.parse(flowContent()) as { Actions: unknown[] }).Actions.slice(1) }),
      ),
      'contact flows',
      'WARNING',
      /doesn’t start media streaming itself/,
    ],
    [
      'the rule is off',
      { DescribeRule: () => ({ State: 'DISABLED' }) },
      'contact events',
      'WARNING',
      /disabled/,
    ],
    [
      'the rule is missing',
      { DescribeRule: refuse('ResourceNotFoundException') },
      'contact events',
      'WARNING',
      /no rule callspool-contact-event/,
    ],
    [
      'the schedule that resumes is switched off',
      { DescribeRule: () => ({ State: 'DISABLED' }) },
      'resuming by itself',
      'WARNING',
      /callspool-resume is disabled/,
    ],
    [
      'the schedule that resumes is missing',
      { DescribeRule: refuse('ResourceNotFoundException') },
      'resuming by itself',
      'WARNING',
      /no rule callspool-resume/,
    ],
    [
      'the event bus is gone',
      { DescribeEventBus: refuse('ResourceNotFoundException') },
      'event bus',
      'ERROR',
      /no event bus calls/,
    ],
    [
      'the event bus can’t be looked at',
      { DescribeEventBus: refuse('AccessDeniedException') },
      'event bus',
      'UNKNOWN',
      /you may not look/,
    ],
    [
      'the streams have another prefix than the role allows',
      { SimulatePrincipalPolicy: () => simulation('implicitDeny', 'kinesisvideo:GetMedia') },
      'stream access',
      'ERROR',
      /may not read the instance’s streams \(kinesisvideo:GetMedia/,
    ],
  ])('%s', async (_what, change, check, severity, told) => {
    Object.assign(answers, change);
    const { code, of } = await doctor();
    expect(of(check)).toHaveLength(1);
    expect(of(check)[0]).toMatchObject({ severity });
    expect(of(check)[0]?.what).toMatch(told);
    expect(of(check)[0]?.remedy).toMatch(/\w/);
    expect(code).toBe(severity === 'ERROR' ? EXIT.notComplete : EXIT.ok);
  });
});

describe('the key of the streams', () => {
  it.each<Case>([
    [
      'AWS’s own needs nothing',
      {
        ...mediaConfig({}),
        ListStreams: () => ({
          StreamInfoList: [video(1, { KmsKeyId: `arn:aws:kms:${REGION}:${ACCOUNT}:alias/aws/kinesisvideo` })],
        }),
      },
      'stream keys',
      'OK',
      /AWS’s own key/,
    ],
    [
      'is disabled',
      { DescribeKey: () => ({ KeyMetadata: { KeyId: 'k', KeyState: 'Disabled' } }) },
      'stream keys',
      'ERROR',
      /is Disabled/,
    ],
    [
      'isn’t allowed by the role’s policy',
      { SimulatePrincipalPolicy: () => simulation('implicitDeny') },
      'stream keys',
      'ERROR',
      /role may not use the key/,
    ],
    [
      'isn’t, but a grant is enough',
      {
        SimulatePrincipalPolicy: () => simulation('implicitDeny'),
        ListGrants: () => ({ Grants: [{ Operations: ['Decrypt'] }] }),
      },
      'stream keys',
      'OK',
      /may use the key/,
    ],
    [
      'isn’t, but the key’s policy names the role',
      {
        SimulatePrincipalPolicy: () => simulation('implicitDeny'),
        GetKeyPolicy: () => ({ Policy: keyPolicy(TASK_ROLE) }),
      },
      'stream keys',
      'OK',
      /may use the key/,
    ],
    [
      'names neither the role nor the account',
      { GetKeyPolicy: () => ({ Policy: keyPolicy('arn:aws:iam::999999999999:root') }) },
      'stream keys',
      'ERROR',
      /lets neither/,
    ],
    [
      'has a policy that can’t be seen',
      { GetKeyPolicy: refuse('AccessDeniedException') },
      'stream keys',
      'UNKNOWN',
      /can’t be told/,
    ],
  ])('%s', async (_what, change, check, severity, told) => {
    Object.assign(answers, change);
    const found = (await doctor()).of(check);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ severity });
    expect(found[0]?.what).toMatch(told);
  });

  it('of an earlier stream is looked at too', async () => {
    const old = `arn:aws:kms:${REGION}:${ACCOUNT}:key/99999999-2222-4333-8444-555555555555`;
    answers.ListStreams = () => ({ StreamInfoList: [video(1), video(2, { KmsKeyId: old })] });
    answers.DescribeKey = ({ KeyId }) => ({
      KeyMetadata: { KeyId, KeyState: KeyId === old ? 'PendingDeletion' : 'Enabled' },
    });
    const found = (await doctor()).of('stream keys');
    expect(found.map(({ severity }) => severity).sort()).toEqual(['ERROR', 'OK']);
    expect(found.find(({ severity }) => severity === 'ERROR')?.what).toContain(old);
  });
});

describe('what keeps recorders from starting, and failures from being heard of', () => {
  it.each<Case>([
    [
      'no free address',
      { DescribeSubnets: () => subnets(0, 0) },
      'free addresses',
      'ERROR',
      /no free address/,
    ],
    [
      'a zone without Fargate',
      {
        DescribeSubnets: () =>
          subnets(200, 180).replace('</item>', '<availabilityZoneId>usw1-az2</availabilityZoneId></item>'),
      },
      'free addresses',
      'ERROR',
      /^the subnet subnet-1 is in usw1-az2, where there is no Fargate/,
    ],
    [
      'few free addresses',
      { DescribeSubnets: () => subnets(3, 4) },
      'free addresses',
      'WARNING',
      /only 7 free addresses/,
    ],
    [
      'no image',
      { DescribeImages: refuse('ImageNotFoundException') },
      'image',
      'ERROR',
      /abc123 is not there/,
    ],
    [
      'an image from elsewhere',
      {
        DescribeTaskDefinition: () => ({
          taskDefinition: {
            status: 'ACTIVE',
            cpu: '256',
            containerDefinitions: [{ image: 'docker.io/acme/task:1' }],
          },
        }),
      },
      'image',
      'UNKNOWN',
      /not in ECR/,
    ],
    [
      'an inactive cluster',
      { DescribeClusters: () => ({ clusters: [] }) },
      'cluster',
      'ERROR',
      /is not there/,
    ],
    [
      'no state machine',
      { ListStateMachines: () => ({ stateMachines: [] }) },
      'workflow',
      'ERROR',
      /no state machine callspool/,
    ],
    [
      'a throttled function',
      {
        GetFunction: ({ id }) => ({
          Configuration: { State: 'Active' },
          Concurrency: { ReservedConcurrentExecutions: id === `${PREFIX}-assemble` ? 0 : 25 },
        }),
      },
      'functions',
      'ERROR',
      /callspool-assemble is throttled/,
    ],
    [
      'nothing reserved, of a quota that is too small',
      { GetFunction: () => ({ Configuration: { State: 'Active' } }) },
      'functions',
      'WARNING',
      /nothing is reserved for the function callspool-connect/,
    ],
    [
      'a missing function',
      { GetFunction: refuse('ResourceNotFoundException') },
      'functions',
      'ERROR',
      /no function/,
    ],
    [
      'a missing table',
      {
        DescribeTable: ({ TableName }) =>
          TableName === `${PREFIX}-calls`
            ? refuse('ResourceNotFoundException')()
            : { Table: { TableStatus: 'ACTIVE' } },
      },
      'tables',
      'ERROR',
      /no table callspool-calls/,
    ],
    [
      'a quota that is used up',
      {
        ListServiceQuotas: () => ({
          Quotas: [{ QuotaName: 'Fargate Spot vCPU resource count', Value: 0.5 }],
        }),
      },
      'Fargate quota',
      'ERROR',
      /enough for 2 calls at once; 0.5 vCPUs in use/,
    ],
    [
      'too many streams',
      { ListServiceQuotas: () => ({ Quotas: [{ QuotaName: 'Streams', Value: 2.2 }] }) },
      'stream quota',
      'WARNING',
      /2 streams of the instance in use/,
    ],
    [
      'no subscription',
      { ListSubscriptionsByTopic: () => subscriptions() },
      'alarm subscriptions',
      'WARNING',
      /has no subscription/,
    ],
    [
      'one that isn’t confirmed',
      { ListSubscriptionsByTopic: () => subscriptions('PendingConfirmation') },
      'alarm subscriptions',
      'WARNING',
      /no subscription is confirmed/,
    ],
    [
      'no topic',
      { ListSubscriptionsByTopic: refuse('NotFound') },
      'alarm subscriptions',
      'ERROR',
      /no topic/,
    ],
    [
      'an alarm that is on',
      {
        DescribeAlarms: () => ({
          MetricAlarms: [
            { AlarmName: `${PREFIX} dead letters`, AlarmDescription: 'They wait.', StateValue: 'ALARM' },
          ],
        }),
      },
      'alarms',
      'WARNING',
      /“dead letters” is on: They wait\./,
    ],
  ])('%s', async (_what, change, check, severity, told) => {
    Object.assign(answers, change);
    const amiss = (await doctor()).of(check).filter((finding) => finding.severity !== 'OK');
    expect(amiss.length).toBeGreaterThan(0);
    for (const finding of amiss) expect(finding).toMatchObject({ severity });
    expect(amiss.map(({ what }) => what).join('\n')).toMatch(told);
  });

  it('counts the calls of the last day that went wrong, and no others', async () => {
    const at = (hoursAgo: number) => new Date(NOW - hoursAgo * 3_600_000).toISOString();
    const call = (status: CallRecord['status'], hoursAgo: number, contactId: string): CallRecord =>
      record({
        status,
        contactId,
        startedAt: at(hoursAgo),
        day: at(hoursAgo).slice(0, 10),
        why: `why ${contactId}`,
      });
    const { of } = await doctor([
      call('FAILED', 2, 'a'),
      call('FAILED', 1, 'b'),
      call('FAILED', 30, 'old'),
      call('EMPTY', 1, 'c'),
      call('COMPLETE', 1, 'd'),
    ]);
    expect(of('recent calls')).toMatchObject([
      {
        severity: 'ERROR',
        what: '2 recordings failed; the latest: why b',
        remedy: expect.stringContaining('calls show b') as string,
      },
      { severity: 'WARNING', what: '1 recording empty; the latest: why c' },
    ]);
  });

  it('counts those that went wrong beside a record that can’t be read, and tells of it', async () => {
    const startedAt = new Date(NOW - 3_600_000).toISOString();
    const failed = record({ status: 'FAILED', contactId: 'a', startedAt, why: 'why a' });
    const damaged = { ...failed, contactId: 'damaged', durationMs: 'long' };
    const io = ioForTest({ clock: { now: () => NOW, sleep: () => Promise.resolve() } });
    const queries = new TableCallQueries(callsTableOf([failed, damaged]));
    await examine({ queries }, DEPLOYMENT, io, { json: true, hours: 24 });
    const findings = JSON.parse(io.said.out) as Finding[];
    expect(findings.filter(({ check }) => check === 'recent calls')).toMatchObject([
      { severity: 'ERROR', what: '1 recording failed; the latest: why a' },
      {
        severity: 'WARNING',
        what: expect.stringMatching(/^1 call record can’t be read, say: .*damaged/) as string,
      },
    ]);
  });
});

describe('what may not be looked at', () => {
  it('is unknown, and no error', async () => {
    for (const operation of Object.keys(answers))
      answers[operation] = refuse('AccessDeniedException', `not ${operation}`);
    const { code, findings } = await doctor();
    expect(findings.filter(({ check }) => check !== 'recent calls').map(({ severity }) => severity)).toEqual(
      findings.slice(1).map(() => 'UNKNOWN'),
    );
    expect(findings.find(({ check }) => check === 'alarms')).toMatchObject({
      what: 'you may not look: not DescribeAlarms',
      remedy: expect.stringMatching(/\w/) as string,
    });
    expect(code).toBe(EXIT.ok);
  });

  it.each(Object.keys(inGoodOrder()))('by %s alone spoils no other check', async (operation) => {
    answers[operation] = refuse('AccessDenied');
    const { findings } = await doctor();
    expect(findings.filter(({ severity }) => severity === 'ERROR' || severity === 'WARNING')).toEqual([]);
    expect(findings.some(({ severity }) => severity === 'OK')).toBe(true);
  });

  it('for want of credentials ends it', async () => {
    answers.DescribeAlarms = refuse('ExpiredTokenException');
    await expect(doctor()).rejects.toMatchObject({ name: 'ExpiredTokenException' });
  });
});

it('needs an instance that is wired, or named', async () => {
  answers.GetFunctionConfiguration = () => ({ FunctionArn: 'arn:f', Environment: { Variables: {} } });
  const without = await doctor();
  expect(without.of('instance')[0]).toMatchObject({ severity: 'WARNING' });
  expect(without.of('media streaming')[0]).toMatchObject({ severity: 'UNKNOWN' });
  const named = await doctor([], { instanceArn: INSTANCE_ARN });
  expect(named.of('media streaming')[0]).toMatchObject({ severity: 'OK' });
});

it('tells the worst first, and what to do; a local run has no doctor', async () => {
  answers.DescribeSubnets = () => subnets(0);
  answers.DescribeRule = ({ Name }) => ({ State: Name === `${PREFIX}-resume` ? 'ENABLED' : 'DISABLED' });
  const io = ioForTest();
  const queries = new TableCallQueries(callsTableOf([]));
  const code = await examine({ queries }, DEPLOYMENT, io, { json: false, hours: 24 });
  expect(code).toBe(EXIT.notComplete);
  expect(io.said.out).toMatch(/^ERROR {4}free addresses: .*\n {11}→ .*\nWARNING {2}contact events: /);
  expect(io.said.out).toMatch(/\n\n1 error, 1 warning, 0 not to be told, \d+ in order\n$/);
  const local = { kind: 'local', dir: '.', byDefault: false } as const;
  await expect(examine({ queries }, local, io, { json: false, hours: 24 })).rejects.toMatchObject({
    exitCode: EXIT.usage,
  });
});

describe('whoever listens', () => {
  const told = async (changes: Answers) => {
    Object.assign(answers, changes);
    const { of, findings } = await doctor();
    return { found: of('listeners'), findings };
  };

  it('is in good order, and so is the rest', async () => {
    const { found, findings } = await told(listenedTo());

    expect(findings.filter(({ severity }) => severity !== 'OK')).toEqual([]);
    expect(found.map(({ what }) => what)).toEqual([
      'websocket,socket: 100 of a hundred calls, and calls whose flow asks for it (parameter live)',
      'theirs:1 is there',
      'the secret of whoever listens is there',
    ]);
  });

  it.each<[string, Answers, Finding['severity'], RegExp]>([
    ['has no secret', { DescribeSecret: refuse('ResourceNotFoundException') }, 'ERROR', /there is no secret/],
    [
      'has a secret that goes',
      { DescribeSecret: () => ({ DeletedDate: 1 }) },
      'ERROR',
      /about to be deleted/,
    ],
    [
      'has an image that isn’t there',
      {
        DescribeImages: ({ repositoryName }) =>
          repositoryName === 'theirs' ? refuse('ImageNotFoundException')() : { imageDetails: [{}] },
      },
      'ERROR',
      /theirs:1 is not there: calls are recorded, and nobody listens/,
    ],
    [
      'may not be looked at',
      { DescribeSecret: refuse('AccessDeniedException') },
      'UNKNOWN',
      /you may not look/,
    ],
  ])('%s', async (_, changes, severity, text) => {
    const { found } = await told({ ...listenedTo(), ...changes });

    expect(found.filter((one) => one.severity === severity).map(({ what }) => what)).toEqual([
      expect.stringMatching(text),
    ]);
  });

  it.each<[Record<string, string>, Finding['severity'], RegExp]>([
    [{}, 'ERROR', /gives them no call/],
    [{ CALLSPOOL_LIVE: 'off' }, 'OK', /^websocket,socket: calls whose flow asks/],
    [{ CALLSPOOL_LIVE: 'on', CALLSPOOL_LIVE_PERCENT: '0' }, 'WARNING', /livePercent is 0/],
    [{ CALLSPOOL_LIVE: 'on', CALLSPOOL_LIVE_PERCENT: '10' }, 'OK', /: 10 of a hundred calls/],
  ])('is given the calls that %j chooses', async (choice, severity, text) => {
    const { found } = await told(listenedTo(choice));

    expect(found[0]).toMatchObject({ severity, what: expect.stringMatching(text) as unknown });
  });
});

describe('what writes down what is said', () => {
  const told = async (changes: Answers, byIpv6: readonly string[] = []) => {
    const environment = [
      { name: 'CALLSPOOL_LIVE_SINKS', value: 'recognise,transcribe' },
      { name: 'CALLSPOOL_TRANSCRIPT_EVENTS', value: 'final' },
      ...(byIpv6.length > 0 ? [{ name: 'AWS_USE_DUALSTACK_ENDPOINT', value: 'true' }] : []),
    ];
    Object.assign(answers, listenedTo(), {
      DescribeTaskDefinition: () => ({
        taskDefinition: {
          status: 'ACTIVE',
          containerDefinitions: [
            { name: 'listener', image: 'task:1', environment },
            {
              name: 'recogniser',
              image: `${ACCOUNT}.dkr-ecr.${REGION}.on.aws/recogniser:1`,
              environment: [],
            },
          ],
        },
      }),
      ...changes,
    });
    const resolve6 = (name: string) =>
      byIpv6.includes(name) ? Promise.resolve(['2600:1f70::1']) : Promise.reject(dnsError('ENODATA'));
    const { of } = await doctor([], { resolve6 });
    return of('listeners');
  };

  it('is in good order', async () => {
    expect((await told({})).map(({ severity, what }) => `${severity} ${what}`)).toEqual([
      'OK Concurrent streams: 25: so many calls at once are written down',
      'OK recognise,transcribe: 100 of a hundred calls, and calls whose flow asks for it (parameter live)',
      'OK recogniser:1 is there',
    ]);
  });

  it('lacks its image, or a quota that anybody can see', async () => {
    const found = await told({
      DescribeImages: refuse('ImageNotFoundException'),
      ListServiceQuotas: () => ({ Quotas: [] }),
    });

    expect(found.filter(({ severity }) => severity !== 'OK')).toMatchObject([
      { severity: 'UNKNOWN', what: expect.stringContaining('Transcribe’s streams') as string },
      {
        severity: 'ERROR',
        what: expect.stringContaining('calls are recorded, and nothing is written down') as string,
        remedy: expect.stringContaining('recogniseImage') as string,
      },
    ]);
  });

  it('is reached by IPv6 where recorders have nothing else, or said not to be', async () => {
    const bus = `events.${REGION}.api.aws`;
    const found = await told({}, [bus]);

    expect(found).toContainEqual({ check: 'listeners', severity: 'OK', what: `${bus} has an IPv6 address` });
    expect(found.map(({ what }) => what)).toContainEqual(
      expect.stringContaining(`transcribestreaming.${REGION}.api.aws has no IPv6 address`),
    );
  });
});

describe('whoever listens, without IPv4', () => {
  const NAMES = ['listens.example.org', `secretsmanager.${REGION}.amazonaws.com`, 'ecr.example.org'];
  const told = async (names: readonly string[], byIpv6 = true, otherwise = 'ENODATA') => {
    const environment = [
      { name: 'CALLSPOOL_LIVE_SINKS', value: 'websocket,socket' },
      { name: 'CALLSPOOL_LIVE_WEBSOCKET_URL', value: 'wss://listens.example.org/calls' },
      {
        name: 'CALLSPOOL_LIVE_WEBSOCKET_SECRET_ARN',
        value: `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:listens-AbCdEf`,
      },
      ...(byIpv6 ? [{ name: 'AWS_USE_DUALSTACK_ENDPOINT', value: 'true' }] : []),
    ];
    Object.assign(answers, listenedTo(), {
      DescribeTaskDefinition: () => ({
        taskDefinition: {
          status: 'ACTIVE',
          containerDefinitions: [
            { name: 'listener', image: 'task:1', environment },
            { name: 'consumer', image: 'ecr.example.org:5000/theirs:1', environment: [] },
          ],
        },
      }),
    });
    const { of } = await doctor([], {
      resolve6: (name) =>
        names.includes(name) ? Promise.resolve(['2600:1f70::1']) : Promise.reject(dnsError(otherwise)),
    });
    return of('listeners').filter(({ what }) => what.includes('IPv6'));
  };

  it('is in order where each name that is needed has an IPv6 address', async () => {
    expect(await told(NAMES)).toMatchObject(NAMES.map(() => ({ severity: 'OK' })));
  });

  it.each(NAMES)('doesn’t reach %s, which has none, and is told the way', async (name) => {
    const amiss = (await told(NAMES.filter((one) => one !== name))).filter(
      ({ severity }) => severity !== 'OK',
    );

    expect(amiss).toMatchObject([
      { severity: 'ERROR', what: expect.stringContaining(`${name} has no IPv6 address`) as string },
    ]);
    expect(amiss[0]?.remedy).toMatch(/network to public or nat/);
  });

  it('needs no IPv6 where recorders have IPv4', async () => {
    expect(await told([], false)).toEqual([]);
  });

  it('isn’t judged where no name server answers', async () => {
    expect(await told([], true, 'ETIMEOUT')).toMatchObject([
      { severity: 'UNKNOWN', what: expect.stringContaining(NAMES.join(', ')) as string },
    ]);
  });
});

describe('recorders without IPv4', () => {
  const REGION_NAMES = ['kinesisvideo', 'dynamodb', 'lambda', 'logs', 'ecr'].map(
    (service) => `${service}.${REGION}.api.aws`,
  );
  const DATA = `s-1.kinesisvideo.${REGION}.api.aws`;
  const ARCHIVE = `b-1.kinesisvideo.${REGION}.api.aws`;
  const REGISTRY = `${ACCOUNT}.dkr-ecr.${REGION}.on.aws`;
  const NAMES = [...REGION_NAMES, `s3.dualstack.${REGION}.amazonaws.com`, REGISTRY, DATA, ARCHIVE];
  const resolving = (names: readonly string[]) => (name: string) =>
    names.includes(name) ? Promise.resolve(['2600:1f70::1']) : Promise.reject(dnsError('ENODATA'));
  const variables = { AWS_USE_DUALSTACK_ENDPOINT: 'true', CALLSPOOL_ASKS_CONNECT: 'arn:aws:lambda:…' };
  const taskWith = (environment: Record<string, string>) => () => ({
    taskDefinition: {
      status: 'ACTIVE',
      cpu: '256',
      taskRoleArn: TASK_ROLE,
      containerDefinitions: [
        {
          image: `${REGISTRY}/${PREFIX}/task:abc123`,
          environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
        },
      ],
    },
  });

  beforeEach(() => {
    Object.assign(answers, {
      DescribeSubnets: () => ipv6Subnets(),
      DescribeRouteTables: () =>
        routeTables('<destinationIpv6CidrBlock>::/0</destinationIpv6CidrBlock><state>active</state>'),
      DescribeTaskDefinition: taskWith(variables),
      GetDataEndpoint: ({ APIName }) => ({
        DataEndpoint: `https://${APIName === 'GET_MEDIA' ? DATA : ARCHIVE}`,
      }),
    } satisfies Partial<Answers>);
  });

  it('are in order where every name has an IPv6 address', async () => {
    const { findings } = await doctor([], { resolve6: resolving(NAMES) });
    expect(findings.filter(({ severity }) => severity !== 'OK')).toEqual([]);
  });

  it.each(NAMES)('are told that %s has none', async (name) => {
    const others = NAMES.filter((one) => one !== name);
    const { of } = await doctor([], { resolve6: resolving(others) });
    expect(of('way out')).toMatchObject([
      { severity: 'ERROR', what: expect.stringContaining(name) as string },
    ]);
  });

  it('are told that a name isn’t there at all', async () => {
    const [first, ...others] = NAMES;
    const { of } = await doctor([], {
      resolve6: (name) => (name === first ? Promise.reject(dnsError('ENOTFOUND')) : resolving(others)(name)),
    });
    expect(of('way out')).toMatchObject([
      { severity: 'ERROR', what: expect.stringContaining(String(first)) as string },
    ]);
  });

  it('aren’t judged by a name server that knows no name of AWS’s', async () => {
    const { of } = await doctor([], { resolve6: () => Promise.reject(dnsError('ENOTFOUND')) });
    expect(of('way out')).toMatchObject([
      { severity: 'UNKNOWN', what: expect.stringContaining(NAMES.join(', ')) as string },
    ]);
  });

  it.each(['ECONNREFUSED', 'ETIMEOUT', 'ESERVFAIL'])(
    'aren’t judged by names that nobody answers for (%s)',
    async (code) => {
      const [first = '', ...others] = NAMES;
      const resolve6 = (name: string) =>
        name === first ? Promise.resolve(['2600:1f70::1']) : Promise.reject(dnsError(code));
      const { of } = await doctor([], { resolve6 });

      expect(of('way out')).toMatchObject([
        { severity: 'UNKNOWN', what: expect.stringContaining(others.join(', ')) as string },
      ]);
    },
  );

  it('are told that they have no way out', async () => {
    answers.DescribeRouteTables = () =>
      routeTables('<destinationIpv6CidrBlock>::/0</destinationIpv6CidrBlock><state>blackhole</state>');
    const { of } = await doctor([], { resolve6: resolving(NAMES) });
    expect(of('way out')).toMatchObject([
      { severity: 'ERROR', what: expect.stringContaining('subnet-1 has no way out by IPv6') as string },
      { severity: 'ERROR' },
    ]);
  });

  it.each(Object.keys(variables))('are told that their task lacks %s', async (missing) => {
    const environment = Object.entries(variables).filter(([name]) => name !== missing);
    answers.DescribeTaskDefinition = taskWith(Object.fromEntries(environment));
    const { of } = await doctor([], { resolve6: resolving(NAMES) });
    expect(of('way out')).toMatchObject([
      { severity: 'ERROR', what: expect.stringContaining(`${missing} missing`) as string },
    ]);
  });
});
