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
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   malformed                         | quiet 0 s; wait 0.5 s
      +10.7   waited                            | open by the token of 7
      +10.8   opened                            | read
      +10.9   malformed                         | quiet 0 s; wait 1 s
      +11.9   waited                            | open by the token of 7
      +12     opened                            | read
      +12.1   malformed                         | quiet 0 s; read behind it
      +12.2   9                                 | hole 7…9 malformed; 9; read
      +12.3   10                                | 10; read`,
  ],
  [
    'declares each of two such places, before and behind a fragment that waits',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   malformed                         | quiet 0 s; wait 0.5 s
      +10.7   waited                            | open by the token of 7
      +10.8   opened                            | read
      +10.9   malformed                         | quiet 0 s; wait 1 s
      +11.9   waited                            | open by the token of 7
      +12     opened                            | read
      +12.1   malformed                         | quiet 0 s; read behind it
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
    'and no place behind it that only one body had',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   malformed                         | quiet 0 s; wait 0.5 s
      +10.7   waited                            | open by the token of 7
      +10.8   opened                            | read
      +10.9   malformed                         | quiet 0 s; wait 1 s
      +11.9   waited                            | open by the token of 7
      +12     opened                            | read
      +12.1   malformed                         | quiet 0 s; read behind it
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
    'and none before a fragment that isn’t read again, where only one body had it',
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
    'but where the stream has forgotten it by then',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   malformed                         | quiet 0 s; wait 0.5 s
      +10.7   waited                            | open by the token of 7
      +10.8   opened                            | read
      +10.9   malformed                         | quiet 0 s; wait 1 s
      +11.9   waited                            | open by the token of 7
      +12     opened                            | read
      +12.1   malformed                         | quiet 0 s; read behind it
      +12.2   broke unavailable with 9 torn 1   | quiet 0 s unsettled; wait 2 s
      +290    waited                            | open by the token of 7
      +290.1  opened                            | read
      +290.2  ended with 9 structural 2         | quiet 0 s unsettled; wait 0.25 s
      +290.5  waited                            | open by the token of 7
      +290.6  opened                            | read
      +290.7  9                                 | hole 7…9 malformed; 9; read`,
  ],
  [
    'nor where that fragment is read again alone',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   malformed                         | quiet 0 s; wait 0.5 s
      +10.7   waited                            | open by the token of 7
      +10.8   opened                            | read
      +10.9   malformed                         | quiet 0 s; wait 1 s
      +11.9   waited                            | open by the token of 7
      +12     opened                            | read
      +12.1   malformed                         | quiet 0 s; read behind it
      +12.2   broke unavailable with 9 torn 1   | quiet 0 s unsettled; wait 2 s
      +14.3   waited                            | open by the token of 7
      +14.4   opened                            | read
      +14.5   9                                 | 9; read`,
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
    'and declares that one where it doesn’t come again',
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
    'remembers such a place behind the last fragment, though the stream has forgotten it when it is to be read again',
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
    'goes on counting where the fragment before such a place has been settled',
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
    'declares that place, too, where what stood behind it can’t be read again',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   malformed                         | quiet 0 s; wait 0.5 s
      +10.7   waited                            | open by the token of 7
      +10.8   opened                            | read
      +10.9   malformed                         | quiet 0 s; wait 1 s
      +11.9   waited                            | open by the token of 7
      +12     opened                            | read
      +12.1   malformed                         | quiet 0 s; read behind it
      +12.2   broke unavailable with 9 torn 1   | quiet 0 s unsettled; wait 2 s
      +14.3   over                              | open by the token of 7
      +14.3   waited                            | open by the token of 7
      +14.4   opened                            | read
      +15.4   nothing                           | quiet 1 s after the call unsettled; read
      +19.5   nothing for 5                     | hole 7…9 malformed; 9 cut; read`,
  ],
  [
    'and forgets it where that is read again without it',
    7,
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   malformed                         | quiet 0 s; wait 0.5 s
      +10.7   waited                            | open by the token of 7
      +10.8   opened                            | read
      +10.9   malformed                         | quiet 0 s; wait 1 s
      +11.9   waited                            | open by the token of 7
      +12     opened                            | read
      +12.1   malformed                         | quiet 0 s; read behind it
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
    `
      +10     waited                            | open by the token of 7
      +10.1   opened                            | read
      +10.2   malformed                         | quiet 0 s; wait 0.5 s
      +10.7   waited                            | open by the token of 7
      +10.8   opened                            | read
      +10.9   malformed                         | quiet 0 s; wait 1 s
      +11.9   waited                            | open by the token of 7
      +12     opened                            | read
      +12.1   malformed                         | quiet 0 s; read behind it
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
