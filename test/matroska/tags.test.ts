import { describe, expect, it } from 'vitest';
import {
  fragmentNumberOf,
  millisBehindNowOf,
  producerTimestampOf,
  serverTimestampOf,
  streamErrorOf,
} from '../../matroska/tags.ts';

const tagged = (name: string, value: string) => new Map([[`AWS_KINESISVIDEO_${name}`, value]]);

it('reads a fragment number beyond 2^53 exactly, and nothing that isn’t one', () => {
  const number = '91343852333181432392682062607743920146159169392';
  expect(fragmentNumberOf(tagged('FRAGMENT_NUMBER', number))).toBe(BigInt(number));
  for (const bad of ['', '-1', '1e5', '0x10', ' 1', '1'.repeat(61)]) {
    expect(fragmentNumberOf(tagged('FRAGMENT_NUMBER', bad))).toBeUndefined();
  }
  expect(fragmentNumberOf(new Map())).toBeUndefined();
});

describe('timestamps', () => {
  it.each([
    ['1782912654.706', 1_782_912_654_706],
    ['1782912654.7', 1_782_912_654_700],
    ['1782912654', 1_782_912_654_000],
    ['1782912654.9999', 1_782_912_655_000],
    ['0.001', 1],
  ])('%s', (value, ms) => {
    expect(serverTimestampOf(tagged('SERVER_TIMESTAMP', value))).toBe(ms);
    expect(serverTimestampOf(tagged('SERVER_SIDE_TIMESTAMP', value))).toBe(ms);
    expect(producerTimestampOf(tagged('PRODUCER_TIMESTAMP', value))).toBe(ms);
    expect(producerTimestampOf(tagged('PRODUCER_SIDE_TIMESTAMP', value))).toBe(ms);
  });

  it.each(['', 'now', '-1', '1.', '.5', '1,5', '9'.repeat(13)])('%j is none', (value) => {
    expect(serverTimestampOf(tagged('SERVER_TIMESTAMP', value))).toBeUndefined();
  });
});

it('reads how far behind a session is', () => {
  expect(millisBehindNowOf(tagged('MILLIS_BEHIND_NOW', '131207'))).toBe(131_207);
  for (const bad of ['-3', '3ms', '1'.repeat(16)])
    expect(millisBehindNowOf(tagged('MILLIS_BEHIND_NOW', bad))).toBeUndefined();
  expect(millisBehindNowOf(new Map())).toBeUndefined();
});

describe('errors in the stream', () => {
  it('has an id and a name', () => {
    const both = new Map([...tagged('ERROR_ID', '4500'), ...tagged('ERROR_CODE', 'KMS_KEY_ACCESS_DENIED')]);
    expect(streamErrorOf(both)).toEqual({ id: 4500, code: 'KMS_KEY_ACCESS_DENIED' });
  });

  it('is one with either alone, as archived media spells it too', () => {
    expect(streamErrorOf(tagged('ERROR_ID', '4000'))).toEqual({ id: 4000, code: '4000' });
    expect(streamErrorOf(tagged('ERROR_CODE', 'INTERNAL'))).toEqual({ id: 0, code: 'INTERNAL' });
    expect(streamErrorOf(tagged('EXCEPTION_ERROR_CODE', '3000'))).toEqual({ id: 3000, code: '3000' });
  });

  it.each(['x4000', '4000x', '', '1'.repeat(10)])('has the id 0 where that is %j', (id) => {
    expect(streamErrorOf(tagged('ERROR_ID', id))).toEqual({ id: 0, code: id });
  });

  it('is none without them', () => {
    expect(streamErrorOf(tagged('FRAGMENT_NUMBER', '1'))).toBeUndefined();
  });
});
