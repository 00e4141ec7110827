import { describe, expect, it } from 'vitest';
import { NO_COUNTS } from '../../../recording/checkpoint.ts';
import { removedFrom } from '../../../recording/tape/count.ts';

const removed = (counted: { fragments: number; restored: number }, tape: { live: number; stored: number }) =>
  removedFrom({ counters: { ...NO_COUNTS, ...counted } }, tape, undefined);

describe('fragments removed from the tape', () => {
  it.each([
    ['all are there', { live: 3, stored: 5 }, 0],
    ['others have put more there from the archive', { live: 3, stored: 7 }, 0],
    ['an orphan has stored live what was restored', { live: 5, stored: 5 }, 0],
    ['one that was restored is gone', { live: 3, stored: 4 }, 1],
    ['one that was read live is gone', { live: 2, stored: 4 }, 1],
    ['as many have been restored since', { live: 2, stored: 5 }, 1],
    ['both kinds are gone', { live: 2, stored: 3 }, 2],
    ['all are gone', { live: 0, stored: 0 }, 5],
  ])('are told where %s', (_, tape, expected) => {
    expect(removed({ fragments: 5, restored: 2 }, tape)).toBe(expected);
  });

  it('are told by what was read live alone where a version counted nothing else', () => {
    expect(removed({ fragments: 3, restored: 0 }, { live: 3, stored: 5 })).toBe(0);
    expect(removed({ fragments: 3, restored: 0 }, { live: 2, stored: 5 })).toBe(1);
  });

  it('are not those that went with the contact’s next recording', () => {
    const checkpoint = { counters: { ...NO_COUNTS, fragments: 5, restored: 2 } };
    const record = { erasedBehind: 2, erasedBehindLive: 1 };

    expect(removedFrom(checkpoint, { live: 2, stored: 3 }, record)).toBe(0);
    expect(removedFrom(checkpoint, { live: 1, stored: 3 }, record)).toBe(1);
    expect(removedFrom(checkpoint, { live: 2, stored: 2 }, record)).toBe(1);
  });
});
