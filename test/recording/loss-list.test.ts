import { describe, expect, it } from 'vitest';
import { LossList } from '../../recording/loss-list.ts';

const UNUSABLE = 'FRAGMENT_UNUSABLE';

describe('fragments lost one after the other', () => {
  const span = (first: bigint, last: bigint, why = 'no PCM') => ({
    kind: UNUSABLE,
    why,
    firstFragmentNumber: first.toString(),
    lastFragmentNumber: last.toString(),
  });

  it('for one reason are one loss', () => {
    const list = new LossList();
    for (const number of [1n, 2n, 5n]) list.addFragment(UNUSABLE, number, 'no PCM');
    expect(list.all()).toEqual([span(1n, 5n)]);
  });

  it('for two reasons are two', () => {
    const list = new LossList();
    list.addFragment(UNUSABLE, 1n, 'no PCM');
    list.addFragment(UNUSABLE, 2n, 'another rate');
    list.addFragment('FRAGMENT_MALFORMED', 3n, 'another rate');
    expect(list.all()).toEqual([
      span(1n, 1n),
      span(2n, 2n, 'another rate'),
      { ...span(3n, 3n, 'another rate'), kind: 'FRAGMENT_MALFORMED' },
    ]);
  });

  it('are two losses where one between them was fine', () => {
    const list = new LossList();
    list.addFragment(UNUSABLE, 1n, 'no PCM');
    list.endRun();
    list.addFragment(UNUSABLE, 3n, 'no PCM');
    list.addFragment(UNUSABLE, 4n, 'no PCM');
    expect(list.all()).toEqual([span(1n, 1n), span(3n, 4n)]);
  });

  it('do not lengthen a loss that was told in another way', () => {
    const list = new LossList();
    list.add({ kind: UNUSABLE, why: 'no PCM' });
    list.addFragment(UNUSABLE, 3n, 'no PCM');
    expect(list.all()).toEqual([{ kind: UNUSABLE, why: 'no PCM' }, span(3n, 3n)]);
  });
});

describe('a list of losses', () => {
  const many = (count: number) => {
    const list = new LossList();
    for (let index = 0; index < count; index += 1) list.add({ kind: 'FRAGMENT_CUT', why: `loss ${index}` });
    return list.all();
  };

  it('is empty at first', () => {
    expect(many(0)).toEqual([]);
  });

  it('holds 200', () => {
    expect(many(200).map(({ why }) => why)).toEqual(
      Array.from({ length: 200 }, (_, index) => `loss ${index}`),
    );
  });

  it('says in the last one how many more there are', () => {
    expect(many(202)).toHaveLength(200);
    expect(many(202).at(-2)?.why).toBe('loss 198');
    expect(many(202).at(-1)?.why).toBe('loss 199 (and 2 more losses like these)');
  });
});
