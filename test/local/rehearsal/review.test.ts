/** Reasons for what a security reviewer's tool finds, held against the stack without that tool. */
import { describe, expect, it } from 'vitest';
import {
  covers,
  type Failed,
  judge,
  type PassedOver,
  readPassedOver,
} from '../../../local/rehearsal/tools/checkov.ts';
import { DEPLOYMENTS } from '../../stacks/deployments.ts';
import { blocksOf } from '../../stacks/references.ts';
import { synthesise } from '../../stacks/synthesise.ts';

const addresses = new Set(
  Object.values(DEPLOYMENTS).flatMap((settings) => {
    const stack = synthesise(settings);
    stack.dispose();
    return [...blocksOf(stack)].map(({ address }) => address);
  }),
);

describe('what is passed over', () => {
  const passedOver = readPassedOver();

  it('is about resources that there are', () => {
    const none = passedOver.flatMap(({ check, resources }) =>
      resources
        .filter((pattern) => ![...addresses].some((address) => covers(pattern, address)))
        .map((pattern) => `${check} ${pattern}`),
    );

    expect(passedOver.length).toBeGreaterThan(5);
    expect(none).toEqual([]);
  });

  it('is said once, and in order', () => {
    const checks = passedOver.map(({ check }) => check);

    expect(checks).toEqual([...new Set(checks)].toSorted());
  });

  it('leaves no resource out of a whole kind: what has one pattern has the same reason', () => {
    for (const { resources } of passedOver)
      for (const pattern of resources) {
        const others = resources.filter((other) => other !== pattern && covers(other, pattern));
        expect(others, pattern).toEqual([]);
      }
  });
});

describe('the judgement of findings', () => {
  const reason = 'because it is so, and because nothing better can be done';
  const entries: PassedOver[] = [
    { check: 'CKV_AWS_1', resources: ['aws_vpc.vpc', 'aws_subnet.*'], reason },
    { check: 'CKV_AWS_2', resources: ['aws_vpc.vpc'], reason },
  ];
  const failed = (check: string, resource: string): Failed => ({ check, resource, name: 'x' });

  it('passes over what has a reason, by check and resource', () => {
    const all = ['aws_vpc.vpc', 'aws_subnet.a'].map((address) => failed('CKV_AWS_1', address));

    expect(judge([...all, failed('CKV_AWS_2', 'aws_vpc.vpc')], entries)).toEqual({
      unexplained: [],
      stale: [],
    });
  });

  it('tells what has none, and reasons that are for nothing any more', () => {
    const others = [failed('CKV_AWS_2', 'aws_subnet.a'), failed('CKV_AWS_3', 'aws_vpc.vpc')];

    expect(judge([...others, failed('CKV_AWS_1', 'aws_vpc.vpc')], entries)).toEqual({
      unexplained: others,
      stale: ['CKV_AWS_1 aws_subnet.*', 'CKV_AWS_2 aws_vpc.vpc'],
    });
  });

  it('takes a dot for a dot', () => {
    expect(covers('aws_vpc.vpc', 'aws_vpcxvpc')).toBe(false);
    expect(covers('aws_vpc.*', 'aws_vpc.')).toBe(true);
  });
});
