import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deploymentOf } from '../../../cli/access/deployment.ts';
import type { Environment } from '../../../contract/environment.ts';
import { readConfig } from '../../../stacks/config/config.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'callspool-deployment-'));
});
afterEach(() => rm(cwd, { recursive: true }));

const localRun = () => mkdir(join(cwd, 'local-out/tables'), { recursive: true });
const checkout = (settings: object) =>
  writeFile(join(cwd, 'cdktf.json'), JSON.stringify({ context: { callspool: settings } }));

it('is called callspool, in the profile’s region, unless something says otherwise', () => {
  expect(deploymentOf({}, {}, cwd)).toEqual({
    kind: 'aws',
    prefix: 'callspool',
    callsTable: 'callspool-calls',
    checkpointsTable: 'callspool-checkpoints',
    transcriptsTable: 'callspool-transcripts',
  });
});

it('takes an option before the environment, and that before the checkout', async () => {
  await checkout({ prefix: 'file', region: 'eu-west-1' });
  const env = { CALLSPOOL_PREFIX: 'env', CALLSPOOL_REGION: 'eu-west-2', AWS_REGION: 'eu-north-1' };
  expect(deploymentOf({}, {}, cwd)).toMatchObject({ prefix: 'file', region: 'eu-west-1' });
  expect(deploymentOf({}, env, cwd)).toMatchObject({
    prefix: 'env',
    region: 'eu-west-2',
    callsTable: 'env-calls',
  });
  expect(deploymentOf({ prefix: 'option', region: 'eu-west-3' }, env, cwd)).toMatchObject({
    prefix: 'option',
    region: 'eu-west-3',
    checkpointsTable: 'option-checkpoints',
  });
});

const INSTANCE_ARN =
  'arn:aws:connect:ca-central-1:123456789012:instance/12345678-90ab-cdef-1234-567890abcdef';

describe('the region is the one that the stack would be deployed to', () => {
  const aws = { AWS_REGION: 'us-west-1', AWS_DEFAULT_REGION: 'us-west-2' };
  it.each<[env: Environment, settings: Record<string, string>]>([
    [{ ...aws, CALLSPOOL_REGION: 'ca-central-1', CALLSPOOL_INSTANCE_ARN: INSTANCE_ARN }, {}],
    [{ ...aws, CALLSPOOL_INSTANCE_ARN: INSTANCE_ARN }, {}],
    [aws, { region: 'eu-west-1' }],
    [aws, { instanceArn: INSTANCE_ARN }],
    [{ ...aws, CALLSPOOL_REGION: 'eu-west-2' }, { region: 'eu-west-1' }],
    [aws, {}],
    [{ AWS_DEFAULT_REGION: 'us-west-2' }, {}],
  ])('%j and %j in cdktf.json', async (env, settings) => {
    await checkout(settings);
    const { region } = readConfig(env, settings);
    expect(deploymentOf({}, env, cwd)).toMatchObject({ region });
    expect(region).not.toBe('us-east-1');
  });
});

it('may be named table by table', () => {
  const named = {
    'calls-table': 'c',
    'checkpoints-table': 'p',
    bucket: 'b',
    'state-machine-arn': 'arn:aws:states:x',
    profile: 'me',
  };
  expect(deploymentOf(named, { CALLSPOOL_BUCKET: 'other' }, cwd)).toMatchObject({
    callsTable: 'c',
    checkpointsTable: 'p',
    bucket: 'b',
    stateMachineArn: 'arn:aws:states:x',
    profile: 'me',
  });
  expect(deploymentOf({}, { CALLSPOOL_CALLS_TABLE: 'c', CALLSPOOL_BUCKET: 'b' }, cwd)).toMatchObject({
    callsTable: 'c',
    bucket: 'b',
  });
});

it.each([[{ prefix: ['a', 'b'] }], [{ region: '' }], [{ local: '' }]])('refuses %j', (args) => {
  expect(() => deploymentOf(args, {}, cwd)).toThrow(/^give --\w+ once, with a value$/);
});

describe('a local run', () => {
  it('is what is meant where there is one and nothing names a deployment', async () => {
    await localRun();
    await checkout({});
    const dir = join(cwd, 'local-out');
    expect(deploymentOf({}, {}, cwd)).toEqual({ kind: 'local', dir, byDefault: true });
  });

  it.each([
    [{ prefix: 'x' }, {}],
    [{ profile: 'x' }, {}],
    [{}, { AWS_PROFILE: 'x' }],
    [{}, { AWS_REGION: 'x' }],
    [{}, { CALLSPOOL_CALLS_TABLE: 'x' }],
  ])('is not where %j and %j name one', async (args, env) => {
    await localRun();
    expect(deploymentOf(args, env, cwd).kind).toBe('aws');
  });

  it('is not where the checkout names one', async () => {
    await localRun();
    await checkout({ prefix: 'mine' });
    expect(deploymentOf({}, {}, cwd)).toMatchObject({ kind: 'aws', prefix: 'mine' });
  });

  it.each([
    ['AWS_REGION', { AWS_REGION: 'eu-west-1' }, {}],
    ['AWS_PROFILE', { AWS_PROFILE: 'me' }, {}],
    ['CALLSPOOL_PREFIX', { CALLSPOOL_PREFIX: 'mine', AWS_REGION: 'eu-west-1' }, {}],
    ['cdktf.json', {}, { region: 'eu-west-1' }],
  ])('that is passed over is told of, and that it is for %s', async (because, env, settings) => {
    await checkout(settings);
    expect(deploymentOf({}, env, cwd)).not.toHaveProperty('passedOver');
    await localRun();
    expect(deploymentOf({}, env, cwd)).toMatchObject({ kind: 'aws', passedOver: { because } });
    expect(deploymentOf({ region: 'eu-west-1' }, env, cwd)).not.toHaveProperty('passedOver');
  });

  it('is where --local says so, whatever else is set; the environment gives way to options', () => {
    const env = { CALLSPOOL_LOCAL: 'there', AWS_REGION: 'x' };
    expect(deploymentOf({ local: 'here', prefix: 'x' }, env, cwd)).toEqual({
      kind: 'local',
      dir: 'here',
      byDefault: false,
    });
    expect(deploymentOf({}, env, cwd)).toEqual({ kind: 'local', dir: 'there', byDefault: false });
    expect(deploymentOf({ prefix: 'x' }, env, cwd).kind).toBe('aws');
  });

  it('needs more than a folder of that name', async () => {
    await mkdir(join(cwd, 'local-out'));
    expect(deploymentOf({}, {}, cwd).kind).toBe('aws');
  });
});

it('passes over a cdktf.json that isn’t one', async () => {
  await writeFile(join(cwd, 'cdktf.json'), 'nonsense');
  expect(deploymentOf({}, {}, cwd)).toMatchObject({ prefix: 'callspool' });
});
