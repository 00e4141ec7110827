import { describe, expect, it } from 'vitest';
import { filesOf, type Profile, profileTable, sharesOf } from '../../../bench/profile/profile.ts';

const PROGRAM = '/bench/program.mjs';
const BUNDLE = [
  'var a;',
  '// matroska/reader.ts',
  'class Reader {',
  '}',
  '  // node_modules/x/y.js',
  'var y;',
].join('\n');

const node = (id: number, functionName: string, url: string, lineNumber: number) => ({
  id,
  callFrame: { functionName, url, lineNumber },
});
const PROFILE: Profile = {
  nodes: [
    node(1, '(idle)', '', -1),
    node(2, 'take', `file://${PROGRAM}`, 2),
    node(3, 'set', '', 0),
    node(4, '(garbage collector)', '', -1),
    // The same function, called from elsewhere.
    node(5, 'take', `file://${PROGRAM}`, 2),
    node(6, '', 'node:internal/fs', 7),
    node(7, 'y', `file://${PROGRAM}`, 5),
  ],
  samples: [1, 2, 3, 4, 5, 6, 7],
  timeDeltas: [1_000, 30, 35, 10, 15, 5, 5],
};

describe('a profile', () => {
  it('says of each function what part it takes of the time that wasn’t idle, most first', () => {
    expect(sharesOf(PROFILE, filesOf(BUNDLE), PROGRAM).byFunction).toEqual([
      { where: 'take, reader.ts', part: 0.45 },
      { where: 'set, V8’s', part: 0.35 },
      { where: '(garbage collector)', part: 0.1 },
      { where: 'a function, fs', part: 0.05 },
      { where: 'y, y.js', part: 0.05 },
    ]);
  });

  it('says the same of files, packages, Node and V8', () => {
    expect(sharesOf(PROFILE, filesOf(BUNDLE), PROGRAM).byPart).toEqual([
      { where: 'matroska/reader.ts', part: 0.45 },
      { where: 'V8’s own', part: 0.35 },
      { where: '(garbage collector)', part: 0.1 },
      { where: 'Node.js’s own', part: 0.05 },
      { where: 'x', part: 0.05 },
    ]);
  });

  it('says how much is of our own files, and of no package', () => {
    expect(sharesOf(PROFILE, filesOf(BUNDLE), PROGRAM).own).toBeCloseTo(0.45, 12);
  });

  it('knows the file of each line of a bundle', () => {
    const files = filesOf(BUNDLE);
    expect([0, 1, 3, 4, 5, 99].map(files)).toEqual([
      '',
      'matroska/reader.ts',
      'matroska/reader.ts',
      'node_modules/x/y.js',
      'node_modules/x/y.js',
      '',
    ]);
  });

  it('is a table in which nothing is left out, however little', () => {
    const shares = [
      { where: 'take, reader.ts', part: 0.98 },
      { where: 'one', part: 0.01 },
      { where: 'other', part: 0.01 },
    ];
    expect(profileTable('decoding', shares)).toEqual({
      head: ['decoding', 'of the time'],
      rows: [
        ['`take`, reader.ts', '98 %'],
        ['all others, each less than 1.5 %', '2 %'],
      ],
    });
  });
});
