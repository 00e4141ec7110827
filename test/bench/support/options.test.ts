import { describe, expect, it } from 'vitest';
import {
  parseCommandLine,
  shortenedNote,
  UsageError,
  WHOLE,
  within,
} from '../../../bench/support/options.ts';

const KNOWN = ['decode', 'task'];

describe('parseCommandLine', () => {
  it('measures everything whole, unless it is told otherwise', () => {
    expect(parseCommandLine([], KNOWN)).toEqual({ names: KNOWN, extent: WHOLE, dry: false });
  });

  it('takes names and limits', () => {
    expect(parseCommandLine(['task', '--runs', '2', '--minutes', '10', '--dry'], KNOWN)).toEqual({
      names: ['task'],
      extent: { runsMax: 2, secondsMax: 600 },
      dry: true,
    });
  });

  it.each([
    [['tsk'], 'there are: decode, task'],
    [['--runs', '0'], 'a whole number of 1 or more'],
    [['--minutes', 'ten'], 'a whole number of 1 or more'],
    [['--fast'], '--fast'],
  ])('refuses %j', (args, why) => {
    expect(() => parseCommandLine(args, KNOWN)).toThrow(UsageError);
    expect(() => parseCommandLine(args, KNOWN)).toThrow(why);
  });
});

describe('within', () => {
  const LENGTHS = [
    { name: 'short', seconds: 600, runs: 5 },
    { name: 'long', seconds: 3_600, runs: 1 },
  ];

  it('leaves out what is longer, and says so', () => {
    expect(within(LENGTHS, { runsMax: 3, secondsMax: 600 })).toEqual({
      measured: [{ name: 'short', seconds: 600, runs: 3 }],
      skipped: ['long'],
    });
    expect(shortenedNote({ runsMax: 3, secondsMax: 600 })).toContain('at most 3 runs');
  });

  it('leaves a whole run as it is, of which nothing is to be said', () => {
    expect(within(LENGTHS, WHOLE)).toEqual({ measured: LENGTHS, skipped: [] });
    expect(shortenedNote(WHOLE)).toBeUndefined();
  });
});
