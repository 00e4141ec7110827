import { describe, expect, it } from 'vitest';
import {
  isBehind,
  isWithin,
  lastNamedBy,
  rangeAmong,
  type RangeFacts,
  rangeFrom,
  rangeUpTo,
} from '../../recording/range.ts';
import { RECORDING, START_FRAGMENT_NUMBER as START, STREAM_ARN } from '../support/call.ts';

function call(facts: Partial<RangeFacts> = {}): RangeFacts {
  return { startFragmentNumber: START.toString(), streamArn: STREAM_ARN, ...facts };
}

const next = call({ startFragmentNumber: (START + 900n).toString() });
const stopped = (at: bigint) => call({ stopFragmentNumber: at.toString() });

describe('rangeAmong', () => {
  it.each<[string, readonly RangeFacts[], bigint | undefined, string | undefined]>([
    ['goes on where nothing says that it ends', [call()], undefined, undefined],
    ['ends where the contact’s next recording begins', [next, call()], START + 900n, 'NEXT_RECORDING'],
    [
      'ends behind the fragment at which streaming was stopped',
      [stopped(START + 7n)],
      START + 8n,
      'STREAMING_STOPPED',
    ],
    [
      'ends with the stop where a next recording follows it',
      [stopped(START + 7n), next],
      START + 8n,
      'STREAMING_STOPPED',
    ],
    [
      'ends with the next recording where the stop is its own',
      [stopped(START + 950n), next],
      START + 900n,
      'NEXT_RECORDING',
    ],
    [
      'ends with the stop where the next recording follows at once',
      [stopped(START + 899n), next],
      START + 900n,
      'STREAMING_STOPPED',
    ],
    ['may be one fragment long', [stopped(START)], START + 1n, 'STREAMING_STOPPED'],
    ['takes no notice of a stop before its start', [stopped(START - 1n)], undefined, undefined],
    [
      'ends where one began that was erased',
      [call({ nextStartFragmentNumber: (START + 5n).toString() }), next],
      START + 5n,
      'NEXT_RECORDING',
    ],
    [
      'takes no notice of an earlier recording',
      [call({ startFragmentNumber: '1' }), call()],
      undefined,
      undefined,
    ],
    [
      'takes no notice of one on another stream',
      [call(), { ...next, streamArn: 'another' }],
      undefined,
      undefined,
    ],
  ])('%s', (_, calls, endBefore, endedBy) => {
    expect(rangeAmong(calls, RECORDING)).toEqual({ start: START, endBefore, endedBy });
  });

  it('goes by the stream that is named where the recording’s own record is gone', () => {
    expect(rangeAmong([next], RECORDING, STREAM_ARN).endBefore).toBe(START + 900n);
    expect(rangeAmong([next], RECORDING, 'another').endBefore).toBeUndefined();
    expect(rangeAmong([next], RECORDING).endBefore).toBe(START + 900n);
  });
});

describe('a range', () => {
  it('reaches from its start up to, but without, its end', () => {
    const range = rangeAmong([stopped(START + 7n)], RECORDING);
    expect([START - 1n, START, START + 7n, START + 8n].map((number) => isWithin(range, number))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(isBehind(range, START + 8n)).toBe(true);
    expect(isBehind(range, START - 1n)).toBe(false);
    expect(isBehind(rangeFrom(RECORDING), START + 10n ** 40n)).toBe(false);
  });

  it('has a last fragment that is named where streaming was stopped, and else none', () => {
    expect(lastNamedBy(rangeAmong([stopped(START + 7n)], RECORDING))).toBe(START + 7n);
    expect(lastNamedBy(rangeUpTo(RECORDING, START + 900n))).toBeUndefined();
    expect(lastNamedBy(rangeFrom(RECORDING))).toBeUndefined();
  });

  it('up to the next recording is the one that records tell', () => {
    expect(rangeUpTo(RECORDING, START + 900n)).toEqual(rangeAmong([call(), next], RECORDING));
    expect(rangeFrom(RECORDING)).toEqual(rangeAmong([call()], RECORDING));
  });
});
