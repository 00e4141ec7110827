import { describe, expect, it } from 'vitest';
import { behind, laidOut, played } from './transcript.ts';

/** What each does; the fragment that an earlier task dealt with last; what happens, and what is made of it. */
const TRANSCRIPTS: readonly (readonly [string, number | undefined, string])[] = [
  [
    'reads from before the start, and on behind each fragment',
    undefined,
    `
      +0      waited                            | open at -10 s
      +0.1    opened                            | read
      +0.2    -3                                | quiet 0 s; read
      +0.3    0                                 | 0; read
      +1      1                                 | 1; read
      +2      nothing                           | quiet 1 s; read`,
  ],
  [
    'begins earlier where the first that comes is too late, and then looks for what is missing',
    undefined,
    `
      +0      waited                            | open at -10 s
      +0.1    opened                            | read
      +0.2    3                                 | quiet 0 s; wait 0.15 s
      +0.4    waited                            | open at -60 s
      +0.5    opened                            | read
      +0.6    3                                 | quiet 0 s; wait 0.15 s
      +0.8    waited                            | open at -600 s
      +0.9    opened                            | read
      +1      3                                 | hole -1…3; 3; read
      +2      4                                 | 4; read`,
  ],
  [
    'begins earlier where the first that comes is too late, whatever is on its way behind it',
    undefined,
    `
      +0      waited                            | open at -10 s
      +0.1    opened                            | read
      +0.2    3 midway                          | quiet 0 s; wait 0.15 s
      +0.4    waited                            | open at -60 s`,
  ],
  [
    'begins earlier where nothing at all comes',
    undefined,
    `
      +0      waited                            | open at -10 s
      +0.1    opened                            | read
      +6      nothing for 5.5                   | leave
      +6      left                              | quiet 0 s; open at -60 s
      +7      waited                            | open at -60 s`,
  ],
  [
    'goes on where an earlier task stopped: by token, by number, by time, from the oldest',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   refused positionUnknown           | quiet 0 s; wait 0.25 s
      +10.4   waited                            | open after 7
      +10.5   refused positionUnknown           | quiet 0 s; wait 0.25 s
      +10.8   waited                            | open at -3 s
      +10.9   refused positionUnknown           | quiet 0 s; wait 0.25 s
      +11.2   waited                            | open at the oldest
      +11.3   refused positionUnknown           | quiet 0 s; wait 0.5 s`,
  ],
  [
    'sees the hole where a session by time begins long after what was heard last',
    7,
    `
      +600    waited                            | open by the token of 7
      +600.1  opened                            | read
      +600.2  reported positionUnknown          | quiet 0 s; wait 0.15 s
      +600.4  waited                            | open after 7
      +600.5  opened                            | read
      +600.6  reported positionUnknown          | quiet 0 s; wait 0.15 s
      +600.8  waited                            | open at -3 s
      +600.9  opened                            | read
      +601    100                               | hole 7…100; 100; read
      +602    101                               | 101; read`,
  ],
  [
    'reopens after the end of a body, later and later',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   8                                 | 8; read
      +10.3   ended                             | quiet 0 s; wait 0.25 s
      +10.6   waited                            | open by the token of 8
      +10.7   opened                            | read
      +10.8   ended                             | quiet 0 s; wait 0.5 s
      +11.3   waited                            | open by the token of 8
      +11.4   opened                            | read
      +11.5   ended                             | quiet 0.1 s; wait 1 s
      +12.6   waited                            | open by the token of 8
      +12.7   opened                            | read
      +12.8   ended                             | quiet 1.4 s; wait 2 s`,
  ],
  [
    'takes no silence for one in which the process itself was halted',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   8 torn 1                          | quiet 0 s unsettled; read
      +16.2   nothing for 6 halted 6            | quiet 0 s unsettled; read
      +21.2   nothing for 11                    | leave`,
  ],
  [
    'takes a fragment without trailing tags for whole where a later one follows it',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   8 structural 2                    | quiet 0 s unsettled; read
      +10.3   9                                 | 8; 9; read`,
  ],
  [
    'reads one that broke off again, and keeps what there is of it where something follows it twice',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   8 torn 1                          | quiet 0 s unsettled; read
      +10.3   9                                 | leave
      +10.3   left                              | quiet 0 s unsettled; wait 0.05 s
      +10.4   waited                            | open by the token of 7
      +10.5   opened                            | read
      +10.6   8 torn 1                          | quiet 0 s unsettled; read
      +10.7   9                                 | 8 cut; 9; read`,
  ],
  [
    'reads the last one again, and takes it for whole once two readings gave the same and the call is over',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   over                              | leave
      +10.2   left                              | open by the token of 7
      +10.3   waited                            | open by the token of 7
      +10.4   opened                            | read
      +10.5   ended with 8 structural 2         | quiet 0 s after the call unsettled; wait 0.25 s
      +11     waited                            | open by the token of 7
      +11.1   opened                            | read
      +11.2   ended with 8 structural 2         | 8; wait 0.5 s`,
  ],
  [
    'keeps a last one that breaks off twice in an element as cut',
    7,
    `
      +10     over                              | open by the token of 7
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   ended with 8 torn 1               | quiet 0 s after the call unsettled; wait 0.25 s
      +11     waited                            | open by the token of 7
      +11.1   opened                            | read
      +11.2   ended with 8 torn 1               | 8 cut; wait 0.5 s`,
  ],
  [
    'doesn’t take two that broke off at different places of an element for the same',
    7,
    `
      +10     over                              | open by the token of 7
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   ended with 8 torn 1 40            | quiet 0 s after the call unsettled; wait 0.25 s
      +11     waited                            | open by the token of 7
      +11.1   opened                            | read
      +11.2   ended with 8 torn 1 30            | quiet 0 s after the call unsettled; wait 0.5 s
      +12     waited                            | open by the token of 7
      +12.1   opened                            | read
      +12.2   ended with 8 torn 1 40            | quiet 0.1 s after the call unsettled; wait 1 s
      +14     waited                            | open by the token of 7
      +14.1   opened                            | read
      +14.2   ended with 8 torn 1 40            | 8 cut; wait 2 s`,
  ],
  [
    'takes the better of two readings',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   broke unavailable with 8 torn 1   | quiet 0 s unsettled; wait 0.5 s
      +11     waited                            | open by the token of 7
      +11.1   opened                            | read
      +11.2   broke unavailable with 8 torn 2   | quiet 0 s unsettled; wait 1 s
      +13     stop                              | 8 cut; stop`,
  ],
  [
    'keeps what it had of one that a fresh session doesn’t show again, once the call is over',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   ended with 8 torn 1               | quiet 0 s unsettled; wait 0.25 s
      +10.5   over                              | open by the token of 7
      +10.6   waited                            | open by the token of 7
      +10.7   opened                            | read
      +11.7   nothing                           | quiet 1 s after the call unsettled; read
      +15.8   nothing for 5                     | 8 cut; read`,
  ],
  [
    'gives a session the grace period to show it again, however quiet those before it were',
    7,
    `
      +10     over                              | open by the token of 7
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   ended with 8 structural 2         | quiet 0 s after the call unsettled; wait 0.25 s
      +10.5   waited                            | open by the token of 7
      +10.6   opened                            | read
      +11.6   nothing                           | quiet 1 s after the call unsettled; read
      +12.6   nothing                           | quiet 2 s after the call unsettled; read
      +12.7   ended                             | quiet 0 s after the call unsettled; wait 0.5 s
      +13.3   waited                            | open by the token of 7
      +13.4   opened                            | read
      +14.4   nothing                           | quiet 1 s after the call unsettled; read
      +15.4   nothing                           | quiet 2 s after the call unsettled; read
      +16.4   nothing                           | quiet 3 s after the call unsettled; read
      +16.5   ended                             | quiet 3.1 s after the call unsettled; wait 1 s
      +17.6   waited                            | open by the token of 7
      +17.7   opened                            | read
      +18.7   nothing                           | quiet 5.3 s after the call unsettled; read
      +19.7   nothing                           | quiet 6.3 s after the call unsettled; read
      +19.8   ended with 8 structural 2         | 8; wait 2 s`,
  ],
  [
    'keeps what it had of one that a later one came instead of',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   broke unavailable with 8 torn 1   | quiet 0 s unsettled; wait 0.5 s
      +11     waited                            | open by the token of 7
      +11.1   opened                            | read
      +11.2   9                                 | 8 cut; 9; read`,
  ],
  [
    'takes a fragment without trailing tags for whole where the next has begun to come, and no more',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   8 structural 2                    | quiet 0 s unsettled; read
      +15.3   nothing for 5 midway              | leave
      +15.3   left with 9 structural 2          | 8; wait 0.25 s
      +15.6   waited                            | open by the token of 8
      +15.7   opened                            | read
      +15.8   ended with 9 structural 2         | quiet 0 s unsettled; wait 0.5 s`,
  ],
  [
    'takes nothing that came behind a fragment that is to be read again for its end',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   8 torn 1                          | quiet 0 s unsettled; read
      +10.3   9 midway                          | leave
      +10.3   left with 10 torn 1               | quiet 0 s unsettled; wait 0.05 s
      +10.5   waited                            | open by the token of 7
      +10.6   opened                            | read
      +10.7   8                                 | 8; read`,
  ],
  [
    'reads on where one shows up before the one that was to be read again',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   broke unavailable with 10 torn 1  | quiet 0 s unsettled; wait 0.5 s
      +10.7   waited                            | open by the token of 7
      +10.8   opened                            | read
      +10.9   broke unavailable with 9 torn 1   | quiet 0 s unsettled; wait 1 s
      +11.9   waited                            | open by the token of 7
      +12     opened                            | read
      +12.1   9 structural 2                    | quiet 0 s unsettled; read
      +12.2   10                                | 9; 10; read`,
  ],
  [
    'declares one that was to be read again, and doesn’t come behind another that shows up before it',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   broke unavailable with 10 torn 1  | quiet 0 s unsettled; wait 0.5 s
      +10.7   waited                            | open by the token of 7
      +10.8   opened                            | read
      +10.9   broke unavailable with 9 torn 1   | quiet 0 s unsettled; wait 1 s
      +11.9   waited                            | open by the token of 7
      +12     opened                            | read
      +12.1   11                                | 9 cut; lost 10; 11; read`,
  ],
  [
    'backs off where it is refused, and says so once it has been for long',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   refused accessDenied              | quiet 0 s; wait 0.5 s
      +10.6   waited                            | open by the token of 7
      +10.7   refused accessDenied              | quiet 0 s; wait 1 s
      +11.7   waited                            | open by the token of 7
      +11.8   refused accessDenied              | quiet 0 s; wait 2 s
      +13.8   waited                            | open by the token of 7
      +13.9   refused accessDenied              | quiet 0 s; wait 4 s
      +17.9   waited                            | open by the token of 7
      +18     refused accessDenied              | quiet 0 s; wait 8 s
      +26     waited                            | open by the token of 7
      +26.1   refused accessDenied              | quiet 0 s ACCESS_DENIED; wait 16 s
      +26.2   waited                            | quiet 0 s ACCESS_DENIED; wait 15.9 s`,
  ],
  [
    'waits a tick at a time, and never longer than half a minute though the clock be set back',
    7,
    `
      +100    waited                            | open by the token of 7
      +100.1  refused unavailable               | quiet 0 s; wait 0.5 s
      +100.3  waited                            | quiet 0 s; wait 0.3 s
      +40     waited                            | quiet 0 s; wait 30 s`,
  ],
  [
    'looks only at sessions opened after the call, and counts their silence',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +11     nothing                           | quiet 0.9 s; read
      +12     over                              | leave
      +12     left                              | open by the token of 7
      +12     waited                            | open by the token of 7
      +12.1   opened                            | read
      +13.1   nothing                           | quiet 1 s after the call; read
      +16     nothing for 3.9                   | quiet 3.9 s after the call; read
      +17.1   nothing for 5                     | quiet 5 s after the call; read`,
  ],
  [
    'doesn’t take a session’s silence for the end that has brought something',
    7,
    `
      +10     over                              | open by the token of 7
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   8                                 | 8; read
      +11.2   nothing                           | quiet 0 s after the call; read
      +15.3   nothing for 5.1                   | leave
      +15.3   left                              | quiet 0 s after the call; wait 0.25 s
      +15.6   waited                            | open by the token of 8`,
  ],
  [
    'hands over what it held, and what was on its way, when it is to stop',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   8                                 | 8; read
      +10.3   9 structural 2                    | quiet 0 s unsettled; read
      +10.4   stop                              | leave
      +10.4   left                              | 9 cut; stop`,
  ],
  [
    'hands nothing over twice',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   7                                 | quiet 0 s; read
      +10.3   6                                 | quiet 0 s; read
      +10.4   8                                 | 8; read
      +10.5   8                                 | quiet 0 s; read`,
  ],
  [
    'tells a fragment without a number',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   unnumbered                        | lost without a number; read
      +10.3   8                                 | 8; read`,
  ],
  [
    'reads a fragment of another body’s end again, behind what it broke off in',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   nothing midway                    | quiet 0.1 s unsettled; read
      +15.3   nothing for 5.1 midway            | leave
      +15.3   left with 8 torn 1                | quiet 0 s unsettled; wait 0.25 s
      +15.6   waited                            | open by the token of 7
      +15.7   opened                            | read
      +15.8   8                                 | 8; read`,
  ],
  [
    'knows after some sessions that ended with nothing that there is nothing, though none is open',
    7,
    `
      +10     over                              | open by the token of 7
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +11     ended                             | quiet 0 s after the call; wait 0.25 s
      +11.3   waited                            | open by the token of 7
      +11.4   opened                            | read
      +12.4   ended                             | quiet 0 s after the call; wait 0.5 s
      +13     waited                            | open by the token of 7
      +13.1   opened                            | read
      +14.1   ended                             | quiet 1 s after the call; wait 1 s
      +14.2   waited                            | quiet 1 s after the call; wait 0.9 s
      +16     waited                            | open by the token of 7
      +16.1   opened                            | read
      +17.1   nothing                           | quiet 4 s after the call; read`,
  ],
  [
    'begins behind what it passed on the way, where a session went further back',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   refused positionUnknown           | quiet 0 s; wait 0.25 s
      +10.4   waited                            | open after 7
      +10.5   refused positionUnknown           | quiet 0 s; wait 0.25 s
      +10.8   waited                            | open at -3 s
      +10.9   opened                            | read
      +11     5                                 | quiet 0 s; read
      +11.1   broke unavailable                 | quiet 0 s; wait 0.5 s
      +12     waited                            | open after 5
      +12.1   opened                            | read
      +12.2   8                                 | 8; read`,
  ],
];

describe('a reading', () => {
  it.each(TRANSCRIPTS)('%s', (_, last, text) => {
    expect(played(text, last === undefined ? undefined : behind(last))).toBe(laidOut(text));
  });

  it('begins earlier after 10 s without anything, however long the grace period is', () => {
    const text = `
      +0      waited                            | open at -10 s
      +0.1    opened                            | read
      +9      nothing for 8.9                   | quiet 8.9 s; read
      +10.1   nothing for 10                    | leave
      +10.1   left                              | quiet 0 s; open at -60 s`;
    expect(played(text, undefined, { graceMs: 120_000, tickMs: 1_000 })).toBe(laidOut(text));
  });

  it.each(['opened', '8', 'nothing', 'ended', 'left'])(
    'has no use for “%s” before a session is opened',
    (come) => {
      expect(() => played(`+1 ${come}`)).toThrow('has no use for');
    },
  );
});
