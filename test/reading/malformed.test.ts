/** What is made of a stream that brings what is no Matroska: with a number, without one, and of what stands beside it. */
import { describe, expect, it } from 'vitest';
import { behind, laidOut, played } from './transcript.ts';

/** Read three times, and passed over by the third session. */
const READ_THRICE = `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   malformed                         | quiet 0 s; wait 0.5 s
      +10.7   waited                            | open by the token of 7
      +10.8   opened                            | read
      +10.9   malformed                         | quiet 0 s; wait 1 s
      +11.9   waited                            | open by the token of 7
      +12     opened                            | read
      +12.1   malformed                         | quiet 0 s; read behind it`;

/** What each does; the fragment that an earlier task dealt with last; what happens, and what is made of it. */
const TRANSCRIPTS: readonly (readonly [string, number | undefined, string])[] = [
  [
    'passes over a malformed fragment on the third try, and declares it',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   malformed 8                       | quiet 0 s; wait 0.5 s
      +10.7   waited                            | open by the token of 7
      +10.8   opened                            | read
      +10.9   malformed 8                       | quiet 0 s; wait 1 s
      +11.9   waited                            | open by the token of 7
      +12     opened                            | read
      +12.1   malformed 8                       | lost 8; wait 2 s
      +14.1   waited                            | open after 8
      +14.2   opened                            | read
      +14.3   9                                 | 9; read`,
  ],
  [
    'reads on behind what is malformed without a number, and declares the place',
    7,
    `${READ_THRICE}
      +12.2   9                                 | hole 7…9 malformed; 9; read
      +12.3   10                                | 10; read`,
  ],
  [
    'declares each of two such places, before and behind a fragment that waits',
    7,
    `${READ_THRICE}
      +12.2   9 structural 2                    | quiet 0 s unsettled; read
      +12.3   malformed                         | quiet 0 s unsettled; wait 0.5 s
      +14.3   waited                            | open by the token of 7
      +14.4   opened                            | read
      +14.5   malformed                         | quiet 0 s unsettled; read behind it
      +14.6   9 structural 2                    | quiet 0 s unsettled; read
      +14.7   malformed                         | quiet 0 s unsettled; wait 1 s
      +18.7   waited                            | open by the token of 7
      +18.8   opened                            | read
      +18.9   malformed                         | quiet 0 s unsettled; read behind it
      +19     9 structural 2                    | quiet 0 s unsettled; read
      +19.1   malformed                         | quiet 0 s unsettled; read behind it
      +19.2   11                                | hole 7…9 malformed; 9; hole 9…11 malformed; 11; read
      +19.3   12                                | 12; read`,
  ],
  [
    'declares none behind a fragment that waits, where only one body had the place',
    7,
    `${READ_THRICE}
      +12.2   9 structural 2                    | quiet 0 s unsettled; read
      +12.3   malformed                         | quiet 0 s unsettled; wait 0.5 s
      +14.3   waited                            | open by the token of 7
      +14.4   opened                            | read
      +14.5   malformed                         | quiet 0 s unsettled; read behind it
      +14.6   9 structural 2                    | quiet 0 s unsettled; read
      +14.7   10                                | hole 7…9 malformed; 9; 10; read`,
  ],
  [
    'declares none that lay before the start',
    undefined,
    `
      +10     waited                            | open at -10 s
      +10.1   opened                            | read
      +10.2   malformed                         | quiet 0 s; wait 0.5 s
      +10.7   waited                            | open at -10 s
      +10.8   opened                            | read
      +10.9   malformed                         | quiet 0 s; wait 1 s
      +11.9   waited                            | open at -10 s
      +12     opened                            | read
      +12.1   malformed                         | quiet 0 s; read behind it
      +12.2   0                                 | 0; read`,
  ],
  [
    'declares none before a fragment that isn’t read again, where only one body had the place',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   malformed                         | quiet 0 s; wait 0.5 s
      +10.7   waited                            | open by the token of 7
      +10.8   opened                            | read
      +10.9   9 structural 2                    | quiet 0 s unsettled; read
      +11     malformed                         | quiet 0 s unsettled; wait 0.5 s
      +11.5   waited                            | open by the token of 7
      +11.6   opened                            | read
      +11.7   9 structural 2                    | quiet 0 s unsettled; read
      +11.8   malformed                         | quiet 0 s unsettled; wait 1 s
      +12.8   waited                            | open by the token of 7
      +12.9   opened                            | read
      +13     9 structural 2                    | quiet 0 s unsettled; read
      +13.1   malformed                         | quiet 0 s unsettled; read behind it
      +13.2   broke unavailable                 | quiet 0 s unsettled; wait 2 s
      +15.2   waited                            | open by the token of 7
      +15.3   opened                            | read
      +15.4   11                                | 9 cut; 11; read`,
  ],
  [
    'declares none before a fragment that is read again without it',
    7,
    `${READ_THRICE}
      +12.2   broke unavailable with 9 torn 1   | quiet 0 s unsettled; wait 2 s
      +14.3   waited                            | open by the token of 7
      +14.4   opened                            | read
      +14.5   9                                 | 9; read`,
  ],
  [
    'declares it before one that is read again, where the stream may have forgotten it by then',
    7,
    `${READ_THRICE}
      +12.2   broke unavailable with 9 torn 1   | quiet 0 s unsettled; wait 2 s
      +290    waited                            | open by the token of 7
      +290.1  opened                            | read
      +290.2  ended with 9 structural 2         | quiet 0 s unsettled; wait 0.25 s
      +290.5  waited                            | open by the token of 7
      +290.6  opened                            | read
      +290.7  9                                 | hole 7…9 malformed; 9; read`,
  ],
  [
    'takes a fragment without trailing tags for whole where a malformed one follows it',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   9 structural 2                    | quiet 0 s unsettled; read
      +10.3   malformed 10                      | 9; wait 0.5 s
      +10.8   waited                            | open by the token of 9
      +10.9   opened                            | read
      +11     malformed 10                      | quiet 0 s; wait 1 s
      +12     waited                            | open by the token of 9
      +12.1   opened                            | read
      +12.2   malformed 10                      | lost 10; wait 2 s`,
  ],
  [
    'keeps what there is of one that broke off before a malformed one',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   9 torn 1                          | quiet 0 s unsettled; read
      +10.3   malformed 10                      | quiet 0 s unsettled; wait 0.5 s
      +10.8   waited                            | open by the token of 7
      +10.9   opened                            | read
      +11     9 torn 1                          | quiet 0 s unsettled; read
      +11.1   malformed 10                      | 9 cut; wait 0.5 s`,
  ],
  [
    'keeps what there is of one that isn’t read again, before the malformed one that comes in its place',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   broke unavailable with 9 torn 1   | quiet 0 s unsettled; wait 0.5 s
      +10.7   waited                            | open by the token of 7
      +10.8   opened                            | read
      +10.9   malformed 10                      | quiet 0 s unsettled; wait 0.5 s
      +11.4   waited                            | open by the token of 7
      +11.5   opened                            | read
      +11.6   malformed 10                      | quiet 0 s unsettled; wait 1 s
      +12.6   waited                            | open by the token of 7
      +12.7   opened                            | read
      +12.8   malformed 10                      | 9 cut; lost 10; wait 2 s
      +14.8   waited                            | open after 10
      +14.9   opened                            | read
      +15     11                                | 11; read`,
  ],
  [
    'counts only malformed readings of a fragment in a row',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   malformed 8                       | quiet 0 s; wait 0.5 s
      +10.7   waited                            | open by the token of 7
      +10.8   opened                            | read
      +10.9   malformed 8                       | quiet 0 s; wait 1 s
      +11.9   waited                            | open by the token of 7
      +12     opened                            | read
      +12.1   ended with 8 structural 2         | quiet 0 s unsettled; wait 0.25 s
      +12.4   waited                            | open by the token of 7
      +12.5   opened                            | read
      +12.6   malformed 8                       | quiet 0 s unsettled; wait 0.5 s
      +13.1   waited                            | open by the token of 7
      +13.2   opened                            | read
      +13.3   8                                 | 8; read`,
  ],
  [
    'remembers a place behind the last fragment, though the stream has forgotten it when it is to be read again',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   8 structural 2                    | quiet 0 s unsettled; read
      +10.3   malformed                         | quiet 0 s unsettled; wait 0.5 s
      +10.8   waited                            | open by the token of 7
      +10.9   opened                            | read
      +11     8 structural 2                    | quiet 0 s unsettled; read
      +11.1   malformed                         | quiet 0 s unsettled; wait 1 s
      +12.1   waited                            | open by the token of 7
      +12.2   opened                            | read
      +12.3   8 structural 2                    | quiet 0 s unsettled; read
      +12.4   malformed                         | quiet 0 s unsettled; read behind it
      +13     over                              | leave
      +13     left                              | open by the token of 7
      +13.3   opened                            | read
      +13.5   8 structural 2                    | quiet 0 s after the call unsettled; read
      +13.6   malformed                         | quiet 0 s after the call unsettled; read behind it
      +18.7   nothing for 5.1                   | leave
      +18.7   left                              | quiet 0 s after the call unsettled; wait 0.25 s
      +19     waited                            | open by the token of 7
      +19.1   opened                            | read
      +19.2   8 structural 2                    | quiet 0 s after the call unsettled; read
      +19.3   malformed                         | quiet 0 s after the call unsettled; read behind it
      +24.4   nothing for 5.1                   | leave
      +24.4   left                              | 8; wait 0.5 s
      +248    waited                            | open by the token of 8
      +248.1  opened                            | read
      +248.2  reported positionUnknown          | quiet 0 s after the call; wait 0.15 s
      +248.5  waited                            | open after 8
      +248.6  opened                            | read
      +248.7  reported positionUnknown          | quiet 0 s after the call; wait 0.15 s
      +249    waited                            | open at -2 s
      +249.1  opened                            | read
      +250    nothing                           | quiet 0.9 s after the call; read
      +254.2  nothing for 5.1                   | quiet 5.1 s after the call; read
      +254.6  nothing                           | quiet 5.5 s after the call; read
      +259.8  nothing for 5.1                   | quiet 10.7 s after the call; read
      +259.9  stop                              | leave
      +259.9  left                              | lost behind 8; stop`,
  ],
  [
    'goes on counting where the fragment before a place has been settled',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   8 structural 2                    | quiet 0 s unsettled; read
      +10.3   malformed                         | quiet 0 s unsettled; wait 0.5 s
      +10.8   waited                            | open by the token of 7
      +10.9   opened                            | read
      +11     8                                 | 8; read
      +11.1   malformed                         | quiet 0 s; wait 0.5 s
      +11.6   waited                            | open by the token of 8
      +11.7   opened                            | read
      +11.8   malformed                         | quiet 0 s; read behind it
      +11.9   10                                | hole 8…10 malformed; 10; read`,
  ],
  [
    'declares it, too, where what stood behind it can’t be read again',
    7,
    `${READ_THRICE}
      +12.2   broke unavailable with 9 torn 1   | quiet 0 s unsettled; wait 2 s
      +14.3   over                              | open by the token of 7
      +14.3   waited                            | open by the token of 7
      +14.4   opened                            | read
      +15.4   nothing                           | quiet 1 s after the call unsettled; read
      +19.5   nothing for 5                     | hole 7…9 malformed; 9 cut; read`,
  ],
  [
    'forgets it where what stood behind it is read again without it',
    7,
    `${READ_THRICE}
      +12.2   broke unavailable with 9 torn 1   | quiet 0 s unsettled; wait 2 s
      +16.3   over                              | open by the token of 7
      +16.3   waited                            | open by the token of 7
      +16.4   opened                            | read
      +16.6   ended with 9 structural 2         | quiet 0 s after the call unsettled; wait 0.25 s
      +17     waited                            | open by the token of 7
      +17.1   opened                            | read
      +17.2   ended with 9 structural 2         | 9; wait 0.5 s`,
  ],
  [
    'takes no session’s silence behind what is malformed for the end, until the next one is as silent',
    7,
    `${READ_THRICE}
      +12.2   over                              | leave
      +12.2   left                              | open by the token of 7
      +12.3   opened                            | read
      +12.4   malformed                         | quiet 0 s after the call; read behind it
      +13.4   nothing                           | quiet 0 s after the call; read
      +17.5   nothing for 5.1                   | leave
      +17.5   left                              | quiet 0 s after the call; wait 0.25 s
      +17.9   waited                            | open by the token of 7
      +18     opened                            | read
      +18.1   malformed                         | quiet 0 s after the call; read behind it
      +19.1   nothing                           | quiet 1.1 s after the call; read
      +23.1   nothing for 5                     | quiet 5.1 s after the call; read`,
  ],
  [
    'forgets what was malformed where the next reading is sound',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   malformed 8                       | quiet 0 s; wait 0.5 s
      +10.7   waited                            | open by the token of 7
      +10.8   opened                            | read
      +10.9   8                                 | 8; read`,
  ],
  [
    'says what is malformed when it is to stop',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   malformed                         | quiet 0 s; wait 0.5 s
      +10.3   stop                              | lost behind 7; stop`,
  ],
  [
    'skips a malformed fragment that isn’t wanted without a word',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   malformed 5                       | quiet 0 s; wait 0.5 s
      +10.7   waited                            | open by the token of 7
      +10.8   opened                            | read
      +10.9   malformed 5                       | quiet 0 s; wait 1 s
      +11.9   waited                            | open by the token of 7
      +12     opened                            | read
      +12.1   malformed 5                       | quiet 0 s; wait 2 s
      +14.1   waited                            | open after 5`,
  ],
];

describe('a reading of what is malformed', () => {
  it.each(TRANSCRIPTS)('%s', (_, last, text) => {
    expect(played(text, last === undefined ? undefined : behind(last))).toBe(laidOut(text));
  });
});
