import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../../contract/limits.ts';
import { ConfigError, readConfig } from '../../../stacks/config/config.ts';
import {
  aboutSetting,
  PREFIX_LENGTH_MAX,
  SETTING_NAMES,
  settingVariable,
} from '../../../stacks/config/settings.ts';
import { strangers } from '../../../stacks/config/strangers.ts';

const INSTANCE = 'arn:aws:connect:eu-west-2:123456789012:instance/12345678-90ab-cdef-1234-567890abcdef';
const KEY = 'arn:aws:kms:eu-west-2:123456789012:key/11111111-2222-3333-4444-555555555555';

function problemsOf(env: Record<string, string>, context: unknown = {}): readonly string[] {
  try {
    readConfig(env, context);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('settings', () => {
  it('all have a default that is allowed, and say what they mean', () => {
    const config = readConfig({});

    expect(config).toMatchObject({
      region: 'us-east-1',
      prefix: 'callspool',
      instance: undefined,
      network: 'public',
      segmentSeconds: LIMITS.segmentSeconds.default,
      idleTimeoutSeconds: LIMITS.idleTimeoutSeconds.default,
      longestCallSeconds: LIMITS.longestCallSeconds.default,
      spot: true,
      mediaRetentionHours: 24,
      mediaStreamPrefix: 'callspool',
      protectData: true,
      tags: {},
    });
    for (const name of SETTING_NAMES) {
      expect(aboutSetting(name).summary).not.toBe('');
      expect(aboutSetting(name).allowed).not.toBe('');
      expect(name in config).toBe(true);
    }
  });

  it('are named in the environment after their names', () => {
    expect(settingVariable('segmentSeconds')).toBe('CALLSPOOL_SEGMENT_SECONDS');
    expect(settingVariable('kmsKeyArn')).toBe('CALLSPOOL_KMS_KEY_ARN');
  });

  it('come from cdktf.json as text, numbers, booleans and lists', () => {
    const config = readConfig(
      {},
      {
        prefix: 'sales',
        segmentSeconds: 5,
        spot: false,
        network: 'existing',
        vpcId: 'vpc-0123456789abcdef0',
        subnetIds: ['subnet-00000001', 'subnet-00000002'],
        tags: 'Team=voice, Cost=a=b',
      },
    );

    expect(config).toMatchObject({
      prefix: 'sales',
      segmentSeconds: 5,
      spot: false,
      subnetIds: ['subnet-00000001', 'subnet-00000002'],
      tags: { Team: 'voice', Cost: 'a=b' },
    });
  });

  it('are overridden by the environment', () => {
    const context = { prefix: 'sales', segmentSeconds: 5 };

    expect(readConfig({ CALLSPOOL_SEGMENT_SECONDS: '7' }, context)).toMatchObject({
      prefix: 'sales',
      segmentSeconds: 7,
    });
  });

  it('take the region from the instance, then from the SDK’s variables', () => {
    expect(readConfig({ CALLSPOOL_INSTANCE_ARN: INSTANCE, AWS_REGION: 'us-west-2' })).toMatchObject({
      region: 'eu-west-2',
      instance: { id: '12345678-90ab-cdef-1234-567890abcdef', account: '123456789012', arn: INSTANCE },
    });
    expect(readConfig({ AWS_REGION: 'us-west-2', AWS_DEFAULT_REGION: 'eu-west-1' }).region).toBe('us-west-2');
    expect(readConfig({ AWS_REGION: '', AWS_DEFAULT_REGION: 'eu-west-1' }).region).toBe('eu-west-1');
    expect(readConfig({ CALLSPOOL_REGION: 'eu-west-3', AWS_REGION: 'us-west-2' }).region).toBe('eu-west-3');
  });
});

describe('a wrong value', () => {
  it.each([
    ['CALLSPOOL_REGION', 'london', 'malformed'],
    ['CALLSPOOL_REGION', 'us-gov-west-1', 'malformed'],
    ['CALLSPOOL_PREFIX', 'Sales', 'malformed'],
    ['CALLSPOOL_PREFIX', 'ab', 'too short'],
    ['CALLSPOOL_PREFIX', 'a'.repeat(PREFIX_LENGTH_MAX + 1), 'too long'],
    ['CALLSPOOL_PREFIX', 'a--b', 'malformed'],
    ['CALLSPOOL_PREFIX', 'sthree-calls', 'a prefix that S3 keeps to itself'],
    ['CALLSPOOL_PREFIX', '', 'too short'],
    ['CALLSPOOL_INSTANCE_ARN', '12345678-90ab-cdef-1234-567890abcdef', 'malformed'],
    ['CALLSPOOL_NETWORK', 'vpn', 'none of the choices'],
    ['CALLSPOOL_VPC_CIDR', '10.0.0.0/8', 'malformed'],
    ['CALLSPOOL_ZONES', '5', 'too large'],
    ['CALLSPOOL_SEGMENT_SECONDS', '0', 'too small'],
    ['CALLSPOOL_SEGMENT_SECONDS', '301', 'too large'],
    ['CALLSPOOL_SEGMENT_SECONDS', 'ten', 'not a whole number'],
    ['CALLSPOOL_SEGMENT_SECONDS', '1e2', 'not a whole number'],
    ['CALLSPOOL_GRACE_SECONDS', '-1', 'not a number'],
    ['CALLSPOOL_LONGEST_CALL_SECONDS', '172801', 'too large'],
    ['CALLSPOOL_SPOT', 'yes', 'none of the choices'],
    ['CALLSPOOL_MEDIA_RETENTION_HOURS', '0', 'too small'],
    ['CALLSPOOL_KMS_KEY_ARN', 'alias/mine', 'malformed'],
    ['CALLSPOOL_QUEUE_NAME', '${queue}', 'malformed'],
    ['CALLSPOOL_ANNOUNCEMENT', 'say "hello"', 'malformed'],
    ['CALLSPOOL_ALARM_EMAIL', 'nobody', 'malformed'],
    ['CALLSPOOL_LOG_DAYS', '31', 'none of the choices'],
    ['CALLSPOOL_IMAGE_BUILDER', 'kaniko', 'none of the choices'],
    ['CALLSPOOL_IMAGE_URI', 'example/task', 'malformed'],
    ['CALLSPOOL_TAGS', 'aws:x=1', 'using a tag that AWS keeps to itself'],
    ['CALLSPOOL_TAGS', 'Team', 'malformed'],
    ['CALLSPOOL_STATE_BUCKET', 'My_Bucket', 'malformed'],
  ])('in %s ("%s") stops with one line: which, why, what is allowed', (variable, value, why) => {
    const problems = problemsOf({ [variable]: value });
    const name = SETTING_NAMES.find((known) => settingVariable(known) === variable);

    expect(name).toBeDefined();
    expect(problems[0]).toBe(
      `${name ?? ''} is "${value}" (${variable}), which is ${why}: allowed is ${aboutSetting(name ?? 'prefix').allowed}`,
    );
  });

  it('in cdktf.json names the file', () => {
    expect(problemsOf({}, { zones: 0 })).toEqual([
      'zones is "0" (context.callspool in cdktf.json), which is too small: allowed is a number from 1 to 4',
    ]);
    expect(problemsOf({}, { zones: { a: 1 } })).toEqual([
      'zones (context.callspool in cdktf.json) must be a number from 1 to 4',
    ]);
    expect(problemsOf({}, 'nothing')).toEqual([
      'context.callspool in cdktf.json must be an object of settings',
    ]);
  });

  it('is told of together with all the others', () => {
    expect(problemsOf({ CALLSPOOL_ZONES: '9', CALLSPOOL_SPOT: 'no' })).toHaveLength(2);
  });
});

describe('a setting that there is none of', () => {
  it('stops in cdktf.json', () => {
    expect(problemsOf({}, { segmentSecond: 5 })[0]).toMatch(
      /^segmentSecond \(context.callspool in cdktf.json\) is no setting; known: region,/,
    );
  });

  it('is pointed out in the environment; the programs’ own variables and the command’s are known', () => {
    expect(
      strangers({
        CALLSPOOL_SEGMENT_SECOND: '5',
        CALLSPOOL_BUCKET: 'b',
        CALLSPOOL_PREFIX: 'x',
        CALLSPOOL_LOCAL: 'there',
        CALLSPOOL_DEBUG: '1',
        PATH: '/',
      }),
    ).toEqual(['CALLSPOOL_SEGMENT_SECOND']);
  });
});

describe('settings that contradict each other stop', () => {
  it.each([
    [
      { CALLSPOOL_INSTANCE_ARN: INSTANCE, CALLSPOOL_REGION: 'us-east-1' },
      'region is us-east-1, but instanceArn names eu-west-2',
    ],
    [{ CALLSPOOL_KMS_KEY_ARN: KEY, CALLSPOOL_REGION: 'us-east-1' }, 'kmsKeyArn is a key in eu-west-2'],
    [{ AWS_REGION: 'nowhere' }, 'region is "nowhere" (AWS_REGION or AWS_DEFAULT_REGION), which is malformed'],
    [
      { CALLSPOOL_NETWORK: 'existing', CALLSPOOL_SUBNET_IDS: 'subnet-00000001' },
      'network is existing, so that vpcId (CALLSPOOL_VPC_ID)',
    ],
    [
      { CALLSPOOL_NETWORK: 'existing', CALLSPOOL_VPC_ID: 'vpc-00000001' },
      'network is existing, so that subnetIds (CALLSPOOL_SUBNET_IDS)',
    ],
    [{ CALLSPOOL_VPC_ID: 'vpc-00000001' }, 'vpcId is set, but network is public'],
    [{ CALLSPOOL_NETWORK: 'nat', CALLSPOOL_ZONES: '4' }, 'zones is 4, but network is nat'],
    [
      { CALLSPOOL_NETWORK: 'ipv6', CALLSPOOL_REGION: 'eu-west-2' },
      'network is ipv6, but region is eu-west-2, where DynamoDB is not known to speak IPv6',
    ],
    [
      {
        CALLSPOOL_NETWORK: 'ipv6',
        CALLSPOOL_REGION: 'us-west-2',
        CALLSPOOL_IMAGE_URI: '123456789012.dkr.ecr.us-west-2.amazonaws.com/their/task:1',
      },
      'ECR’s other name for it, 123456789012.dkr-ecr.us-west-2.on.aws/their/task:1',
    ],
    [
      {
        CALLSPOOL_NETWORK: 'ipv6',
        CALLSPOOL_REGION: 'us-west-2',
        CALLSPOOL_LIVE_SINKS: 'socket',
        CALLSPOOL_LIVE_IMAGE: '123456789012.dkr.ecr.us-west-2.amazonaws.com/their/listener:1',
      },
      'liveImage is 123456789012.dkr.ecr.us-west-2.amazonaws.com/their/listener:1, which IPv4 alone reaches',
    ],
    [
      {
        CALLSPOOL_NETWORK: 'ipv6',
        CALLSPOOL_REGION: 'us-west-2',
        CALLSPOOL_LIVE_SINKS: 'websocket',
        CALLSPOOL_LIVE_WEBSOCKET_URL: 'wss://192.0.2.1/calls',
      },
      'liveWebsocketUrl is wss://192.0.2.1/calls, which IPv4 alone reaches',
    ],
    [
      { CALLSPOOL_NETWORK: 'nat', CALLSPOOL_KEEP_NETWORK: 'public' },
      'keepNetwork is public, but network is nat',
    ],
    [{ CALLSPOOL_KEEP_NETWORK: 'public' }, 'keepNetwork is public, but network is public'],
    [{ CALLSPOOL_VPC_CIDR: '10.0.0.1/16' }, 'vpcCidr is "10.0.0.1/16", which is no block'],
    [{ CALLSPOOL_VPC_CIDR: '10.0.999.0/24' }, 'vpcCidr is "10.0.999.0/24", which is no block'],
    [{ CALLSPOOL_TAPE_DAYS: '1' }, 'tapeDays is 1, but mediaRetentionHours is 24'],
    [
      {
        CALLSPOOL_TAPE_DAYS: '1',
        CALLSPOOL_MEDIA_RETENTION_HOURS: '1',
        CALLSPOOL_LONGEST_CALL_SECONDS: '172800',
      },
      'tapeDays is 1, but longestCallSeconds is 172800 and mediaRetentionHours is 1: allowed is 3 or more',
    ],
    [
      { CALLSPOOL_TAPE_DAYS: '2', CALLSPOOL_LONGEST_CALL_SECONDS: '43201' },
      'tapeDays is 2, but longestCallSeconds is 43201 and mediaRetentionHours is 24: allowed is 3 or more',
    ],
    [{ CALLSPOOL_RECORDING_DAYS: '29' }, 'recordingDays is 29, but tapeDays is 30'],
    [
      { CALLSPOOL_IDLE_TIMEOUT_SECONDS: '3601', CALLSPOOL_MEDIA_RETENTION_HOURS: '1' },
      'idleTimeoutSeconds is 3601, but mediaRetentionHours is 1: allowed is at most 3600',
    ],
    [{ CALLSPOOL_LONGEST_CALL_SECONDS: '60' }, 'idleTimeoutSeconds is 600, but longestCallSeconds is 60'],
    [
      { CALLSPOOL_IDLE_TIMEOUT_SECONDS: '30', CALLSPOOL_GRACE_SECONDS: '30' },
      'graceSeconds is 30, but idleTimeoutSeconds is 30',
    ],
    [
      { CALLSPOOL_MEDIA_KEY_ARN: KEY, CALLSPOOL_REGION: 'eu-west-2' },
      'mediaKeyArn is set, but manageMediaStreams is true',
    ],
    [
      { CALLSPOOL_IMAGE_URI: 'a/b:1', CALLSPOOL_IMAGE_BUILDER: 'podman' },
      'imageBuilder is set, but so is imageUri',
    ],
    [{ CALLSPOOL_STATE_REGION: 'eu-west-1' }, 'stateRegion is set, but stateBucket is not'],
  ])('%j', (env, line) => {
    const problems = problemsOf(env);

    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(line);
    expect(problems[0]).toMatch(/allowed|must|the streams then have/);
  });
});
