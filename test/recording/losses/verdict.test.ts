import { describe, expect, it } from 'vitest';
import type { Loss } from '../../../recording/call-record.ts';
import { LossList } from '../../../recording/loss-list.ts';
import { verdictOf } from '../../../recording/losses/verdict.ts';

const loss: Loss = { kind: 'START_MISSING', why: 'it was gone' };

describe('verdictOf', () => {
  it.each([
    [100, [], 'COMPLETE'],
    [100, [loss], 'INCOMPLETE'],
    [0, [], 'EMPTY'],
    [0, [loss], 'FAILED'],
  ] as const)('with %d frames and losses %j it is %s', (frames, losses, status) => {
    const verdict = verdictOf(frames, losses);
    expect(verdict.status).toBe(status);
    expect(verdict.why === undefined).toBe(status === 'COMPLETE');
  });

  it('says why no tape may be read, unless there is audio', () => {
    expect(verdictOf(0, [loss], 'refused')).toEqual({ status: 'FAILED', why: 'refused' });
    expect(verdictOf(100, [], 'refused')).toEqual({ status: 'COMPLETE' });
  });

  it('says how many more losses there are', () => {
    expect(verdictOf(1, [loss, loss, loss]).why).toBe('it was gone (and 2 more: see losses)');
  });
});

describe('LossList', () => {
  it('stays short, and says how many it left out', () => {
    const list = new LossList();
    for (let index = 0; index < 1_000; index += 1) list.add(loss);
    expect(list.all()).toHaveLength(200);
    expect(list.all().at(-1)?.why).toBe('it was gone (and 800 more losses like these)');
  });
});
