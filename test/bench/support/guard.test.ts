import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failedTwice, judge } from '../../../bench/support/guard.ts';
import type { Ratio } from '../../../bench/support/results.ts';

const less = (value: number, name = 'time'): Ratio => ({ name, value, better: 'less', guarded: true });
const more = (value: number, name = 'speed'): Ratio => ({ name, value, better: 'more', guarded: true });
const failures = (before: readonly Ratio[], now: readonly Ratio[]) =>
  judge(before, now).flatMap(({ name, failed }) => (failed ? [name] : []));

describe('judge', () => {
  it('fails what is to be small when it grew by more than a third', () => {
    expect(failures([less(3)], [less(4.01)])).toEqual(['time']);
    expect(failures([less(3)], [less(4)])).toEqual([]);
  });

  it('fails what is to be large when it fell to less than three quarters', () => {
    expect(failures([more(40)], [more(29.9)])).toEqual(['speed']);
    expect(failures([more(40)], [more(30)])).toEqual([]);
  });

  it('passes whatever became better, by however much', () => {
    const value = fc.double({ min: 0.001, max: 1e6, noNaN: true });

    fc.assert(
      fc.property(value, fc.double({ min: 1, max: 1e3, noNaN: true }), (before, times) => {
        expect(failures([less(before)], [less(before / times)])).toEqual([]);
        expect(failures([more(before)], [more(before * times)])).toEqual([]);
      }),
    );
  });

  it('fails a guarded ratio that was not measured again, and one that is no number', () => {
    expect(judge([less(3)], [less(3, 'renamed')])).toEqual([
      { name: 'time', before: 3, now: undefined, factor: Infinity, failed: true },
    ]);
    expect(failures([less(3)], [less(NaN)])).toEqual(['time']);
  });

  it('looks at no ratio that isn’t guarded, nor at a new one', () => {
    const { guarded, ...free } = less(3);
    expect(guarded).toBe(true);
    expect(judge([free], [less(30)])).toEqual([]);
    expect(judge([], [less(30)])).toEqual([]);
  });
});

describe('failedTwice', () => {
  it('keeps only what failed in both looks', () => {
    const before = [less(1, 'a'), less(1, 'b'), less(1, 'c')];
    const first = judge(before, [less(2, 'a'), less(2, 'b'), less(1, 'c')]);
    const second = judge(before, [less(2, 'a'), less(1, 'b'), less(2, 'c')]);

    expect(failedTwice(first, second).map(({ name }) => name)).toEqual(['a']);
  });
});
