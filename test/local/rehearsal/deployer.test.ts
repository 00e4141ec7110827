import { describe, expect, it } from 'vitest';
import { newActionRecord } from '../../../local/rehearsal/endpoint/action-record.ts';
import { joined } from '../../../local/rehearsal/life/recorded.ts';
import { askedForByDeployers } from '../../../local/rehearsal/life/write-down.ts';
import { deployerOf, kindsDeployedBy, kindsOf } from '../../../local/rehearsal/stack/deployer.ts';

describe('whoever deploys in a rehearsal', () => {
  it('is told apart by the networks, and by what regulated users ask for', () => {
    expect(kindsOf({ CALLSPOOL_NETWORK: 'public', CALLSPOOL_ACCESS_LOGS: 'false' })).toEqual(['public']);
    expect(kindsOf({ CALLSPOOL_NETWORK: 'ipv6', CALLSPOOL_KEEP_NETWORK: 'nat' })).toEqual(['ipv6', 'nat']);
    expect(kindsOf({ CALLSPOOL_NETWORK: 'existing', CALLSPOOL_REPLICATE_TO: 'arn:aws:s3:::x' })).toEqual([
      'existing',
      'regulated',
    ]);
    expect(kindsOf({})).toEqual([]);
  });

  it('asks with a key that says so, whatever came first', () => {
    const who = deployerOf(['public', 'nat', 'public']);

    expect(who).toBe(deployerOf(['nat', 'public']));
    expect(kindsDeployedBy(who)).toEqual(['nat', 'public']);
    expect(kindsDeployedBy(deployerOf([]))).toEqual([]);
    expect(kindsDeployedBy('doctor')).toBeUndefined();
  });

  it('has what was asked for written down, with where, and nobody else has', () => {
    const record = newActionRecord();
    const note = (who: string, operation: string) => {
      record.note({ who, service: 'ec2', operation, labels: {}, query: new URLSearchParams() });
    };
    note(deployerOf(['public']), 'CreateVpc');
    note(deployerOf(['public', 'nat']), 'CreateVpc');
    note(deployerOf(['public', 'nat']), 'CreateNatGateway');
    note('doctor', 'DescribeSubnets');

    expect(Object.fromEntries(askedForByDeployers(record))).toEqual({
      'ec2:CreateNatGateway': ['nat public'],
      'ec2:CreateVpc': ['nat public', 'public'],
    });
  });
});

describe('what two rehearsals have written down', () => {
  const ranWith = { terraform: '1.11.4', provider: '5.46.0', moto: '5.2.1' };
  const earlier = {
    ranWith,
    deployer: { 'ec2:CreateVpc': ['public'], 'kms:CreateKey': ['public'] },
    others: { task: ['s3:GetObject'] },
  };
  const next = {
    ranWith,
    deployer: { 'ec2:CreateVpc': ['ipv6'] },
    others: { connect: ['states:StartExecution'], task: ['s3:GetObject', 's3:PutObject'] },
  };

  it('is what both saw', () => {
    expect(joined(earlier, next)).toEqual({
      ranWith,
      deployer: { 'ec2:CreateVpc': ['ipv6', 'public'], 'kms:CreateKey': ['public'] },
      others: { connect: ['states:StartExecution'], task: ['s3:GetObject', 's3:PutObject'] },
    });
  });

  it('is what the later one saw, with another provider', () => {
    const other = { ...next, ranWith: { ...ranWith, provider: '6.25.0' } };

    expect(joined(earlier, other)).toEqual(other);
  });
});
