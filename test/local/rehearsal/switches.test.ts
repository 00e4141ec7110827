import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { changesIn, counted, lostData } from '../../../local/rehearsal/stack/plan.ts';
import { withSwitches } from '../../../local/rehearsal/stack/switches.ts';
import { INSTANCE_ARN, synthesise } from '../../stacks/synthesise.ts';

describe('the switches of a rehearsal', () => {
  const stack = synthesise({ instanceArn: INSTANCE_ARN });
  afterAll(() => {
    stack.dispose();
  });
  const json = JSON.parse(readFileSync(join(stack.folder, 'cdk.tf.json'), 'utf8')) as object;
  const { required_providers: providers } = stack.terraform;
  const none = { statePath: '/r/terraform.tfstate', s3ByPath: false };

  it('move the state out of the checkout, and leave every resource as it is', () => {
    const switched = withSwitches(json, none);

    expect(switched.terraform.backend).toEqual({ local: { path: '/r/terraform.tfstate' } });
    expect({ ...switched, terraform: {} }).toEqual({ ...json, terraform: {} });
    expect(switched.terraform.required_providers).toEqual(providers);
  });

  it('change what they name and nothing else', () => {
    const switched = withSwitches(json, {
      ...none,
      s3ByPath: true,
      providerVersion: '5.46.0',
      runtime: 'nodejs20.x',
    });

    expect(switched.terraform.required_providers.aws.version).toBe('5.46.0');
    expect(switched.provider.aws).toEqual([{ ...stack.provider.aws?.[0], s3_use_path_style: true }]);
    const { aws_lambda_function: functions, ...others } = switched.resource;
    const { aws_lambda_function: before, ...othersBefore } = stack.resource;
    expect(others).toEqual(othersBefore);
    expect(Object.values(functions ?? {}).map((one) => one.runtime)).toEqual(
      Object.keys(before ?? {}).map(() => 'nodejs20.x'),
    );
  });
});

describe('a plan', () => {
  const change = (address: string, actions: string[], before: object | null, after: object | null) => ({
    address,
    mode: 'managed',
    type: address.split('.')[0],
    change: { actions, before, after, after_unknown: { arn: true } },
  });
  const changes = changesIn({
    resource_changes: [
      change('aws_vpc.vpc', ['no-op'], { a: 1 }, { a: 1 }),
      change('aws_s3_bucket.recordings', ['delete', 'create'], { bucket: 'a', arn: 'x' }, { bucket: 'b' }),
      change('aws_sfn_state_machine.recording', ['update'], { definition: '{}' }, { definition: '{ }' }),
      change('aws_eip.nat', ['create'], null, {}),
      { ...change('data.aws_caller_identity.caller', ['read'], null, {}), mode: 'data' },
    ],
  });

  it('is read: what is changed, and in what', () => {
    expect(changes.map(({ address, kind, attributes }) => [address, kind, attributes])).toEqual([
      ['aws_s3_bucket.recordings', 'replaced', ['bucket']],
      ['aws_sfn_state_machine.recording', 'changed', ['definition']],
      ['aws_eip.nat', 'added', []],
    ]);
    expect(counted(changes)).toBe('1 added, 1 changed, 1 replaced');
    expect(counted([])).toBe('no changes');
  });

  it('loses data where a bucket, a table or a key is replaced or goes', () => {
    expect(lostData(changes).map(({ address }) => address)).toEqual(['aws_s3_bucket.recordings']);
  });
});
