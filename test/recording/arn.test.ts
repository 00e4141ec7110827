import { describe, expect, it } from 'vitest';
import { instanceArnIn, instanceOf, isInstanceArn, partsOfStreamArn } from '../../recording/arn.ts';
import { INSTANCE_ARN, STREAM_ARN } from '../support/call.ts';

const NO_INSTANCES = [
  '',
  `${INSTANCE_ARN}/queue/1`,
  ` ${INSTANCE_ARN}`,
  INSTANCE_ARN.replace('us-east-1', ''),
  INSTANCE_ARN.replace('123456789012', 'me'),
  INSTANCE_ARN.replace(':connect:', ':lambda:'),
  INSTANCE_ARN.replace('instance/', 'function/'),
];

describe('the ARN of an instance', () => {
  it('has its parts', () => {
    expect(instanceOf(INSTANCE_ARN)).toEqual({
      arn: INSTANCE_ARN,
      region: 'us-east-1',
      account: '123456789012',
      id: '1f0a9a52-6b1e-4c5c-bf34-0d6a3c6f1d11',
    });
    expect(isInstanceArn(INSTANCE_ARN.replace('aws', 'aws-us-gov'))).toBe(true);
  });

  it.each(NO_INSTANCES)('is not %j', (arn) => {
    expect(instanceOf(arn)).toBeUndefined();
    expect(isInstanceArn(arn)).toBe(false);
  });

  it('stands in those of what lies below it', () => {
    expect(instanceArnIn(`${INSTANCE_ARN}/agent/1/more`)).toBe(INSTANCE_ARN);
    for (const arn of [INSTANCE_ARN, `x${INSTANCE_ARN}/agent/1`, 'arn:aws:connect:instance/x/agent/1', ''])
      expect(instanceArnIn(arn)).toBeUndefined();
  });
});

describe('the ARN of a stream', () => {
  it('has its region and its name', () => {
    expect(partsOfStreamArn(STREAM_ARN)).toEqual({
      region: 'us-east-1',
      name: 'acme-connect-acme-contact-7d3',
    });
    expect(partsOfStreamArn(STREAM_ARN.replace('/1600000000000', ''))?.name).toBe(
      'acme-connect-acme-contact-7d3',
    );
  });

  it.each(['', `x${STREAM_ARN}`, STREAM_ARN.replace('stream/', 'channel/'), INSTANCE_ARN])(
    'is not %j',
    (arn) => {
      expect(partsOfStreamArn(arn)).toBeUndefined();
    },
  );
});
