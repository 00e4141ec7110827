import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Quiet } from '../../reading/reading.ts';
import { END_REASONS, type EndReason, SAW_THE_END } from '../../recording/call-record.ts';
import { rangeFrom, type RecordingRange } from '../../recording/range.ts';
import {
  type CallSoFar,
  callSoFar,
  type ContactSoFar,
  type ForeignRun,
  heardOf,
  saw,
} from '../../task/call-so-far.ts';
import { type End, ENDS, judge } from '../../task/ends.ts';
import { RECORDING, START_FRAGMENT_NUMBER as START } from '../support/call.ts';

/** Seconds of the call. */
const S = 1_000;
const LIMITS = { startedAtMs: 0, graceMs: 5 * S, idleTimeoutMs: 600 * S, longestCallMs: 3_600 * S };
const CALL = callSoFar(0, 0);
const OPEN = rangeFrom(RECORDING);
const STOPPED: RecordingRange = { start: START, endBefore: START + 8n, endedBy: 'STREAMING_STOPPED' };
const FOLLOWED: RecordingRange = { start: START, endBefore: START + 8n, endedBy: 'NEXT_RECORDING' };

interface Case {
  readonly at: number;
  readonly call?: Partial<CallSoFar>;
  readonly quiet?: Partial<Quiet>;
  readonly last?: bigint;
  readonly contact?: Partial<ContactSoFar>;
}

/** Nothing has come for the grace period in a session opened after the end was known. */
const drained: Partial<Quiet> = { forMs: 5 * S, afterCall: true };
const over = { contact: { isOver: true } } as const;

function foreign(since: number, from: number, to: number): { foreign: ForeignRun } {
  return { foreign: { sinceMs: since * S, fromServerMs: from * S, toServerMs: to * S } };
}

/** Up to that second, by both clocks. */
function spoken(until: number): Partial<CallSoFar> {
  return { lastOursAtMs: until * S, lastServerMs: until * S };
}

function refusal(since: number, reason: EndReason = 'ACCESS_DENIED'): Partial<Quiet> {
  return { forMs: 0, refusal: { reason, why: 'refused', sinceMs: since * S } };
}

function endOf({ at, call, quiet, last, contact }: Case): End | undefined {
  return judge({
    call: { ...CALL, ...call },
    quiet: quiet && { forMs: 0, afterCall: false, unsettled: false, refusal: undefined, ...quiet },
    lastNumber: last,
    contact: { isOver: false, goesOn: false, range: OPEN, ...contact },
    limits: LIMITS,
    nowMs: at * S,
  });
}

describe('judge', () => {
  it.each<[EndReason | undefined, string, Case]>([
    [undefined, 'audio comes', { at: 60, call: { lastOursAtMs: 59 * S } }],
    [undefined, 'a hold lasts for an hour less a minute', { at: 3_540, quiet: { forMs: 3_500 * S } }],
    [
      undefined,
      'nothing comes for long, and nobody says that it is over',
      { at: 900, quiet: { forMs: 890 * S } },
    ],

    [
      'STREAMING_STOPPED',
      'the last fragment has come',
      { at: 9, last: START + 7n, contact: { range: STOPPED } },
    ],
    [
      undefined,
      'the last fragment has not come yet',
      { at: 9, last: START + 6n, contact: { range: STOPPED } },
    ],
    ['STREAMING_STOPPED', 'it never comes', { at: 30, quiet: drained, contact: { range: STOPPED } }],
    [
      'STREAMING_STOPPED',
      'a later one came',
      { at: 9, call: { sawBehind: true }, contact: { range: STOPPED } },
    ],
    [
      'NEXT_RECORDING',
      'one of the next recording came',
      { at: 9, call: { sawBehind: true }, contact: { range: FOLLOWED } },
    ],
    [
      undefined,
      'the next has begun, ours may go on',
      { at: 9, last: START + 7n, contact: { range: FOLLOWED } },
    ],
    ['NEXT_RECORDING', 'and nothing more comes', { at: 30, quiet: drained, contact: { range: FOLLOWED } }],

    [
      undefined,
      'one fragment of another’s came, and the contact is over',
      { at: 9, call: foreign(8, 8, 8), ...over },
    ],
    [
      'NEXT_CONTACT',
      'another’s have filled the grace period, and the contact is over',
      { at: 9, call: foreign(8, 8, 13), ...over },
    ],
    [
      'NEXT_CONTACT',
      'nothing followed another’s, and the contact is over',
      { at: 30, call: foreign(8, 8, 8), quiet: drained, ...over },
    ],
    [
      undefined,
      'another’s have come for minutes, and the contact isn’t known to be over',
      { at: 500, call: foreign(8, 8, 499) },
    ],
    [undefined, '… for a little less than the idle time-out', { at: 607, call: foreign(8, 8, 606) }],
    ['NEXT_CONTACT', '… for the idle time-out, and nobody knows', { at: 608, call: foreign(8, 8, 607) }],
    [
      'STREAM_TAKEN',
      '… for the idle time-out, and Connect says that it goes on',
      { at: 608, call: foreign(8, 8, 607), contact: { goesOn: true } },
    ],
    [
      'NEXT_CONTACT',
      '… whose fragments have filled the grace period, and something has just come',
      { at: 608, call: foreign(8, 8, 13) },
    ],
    [
      undefined,
      '… whose fragments haven’t filled the grace period, and something has just come',
      { at: 608, call: foreign(8, 8, 12) },
    ],
    [
      undefined,
      'a stray one, then an outage for the idle time-out',
      { at: 700, call: foreign(8, 8, 8), quiet: { forMs: 0 } },
    ],

    [
      'DISCONNECTED',
      'the contact is over, and a fresh session stays quiet',
      { at: 30, quiet: drained, ...over },
    ],
    [undefined, 'the session was opened before it was over', { at: 30, quiet: { forMs: 20 * S }, ...over }],
    [
      undefined,
      'the fresh session has not been quiet for long',
      { at: 30, quiet: { ...drained, forMs: 4 * S }, ...over },
    ],
    [
      undefined,
      'a fragment is being read again',
      { at: 30, quiet: { ...drained, unsettled: true }, ...over },
    ],
    [undefined, 'nothing comes, and the contact isn’t over', { at: 30, quiet: drained }],

    [undefined, 'access is denied for minutes while the contact goes on', { at: 1_000, quiet: refusal(10) }],
    [
      undefined,
      'access is denied, and the contact has just been over',
      { at: 1_000, call: { overSinceMs: 900 * S }, quiet: refusal(10), ...over },
    ],
    [
      'ACCESS_DENIED',
      'access is denied for five minutes after it was over',
      { at: 1_200, call: { overSinceMs: 900 * S }, quiet: refusal(10), ...over },
    ],
    [
      undefined,
      'it has been over for long, and access was just denied',
      { at: 1_200, call: { overSinceMs: 700 * S }, quiet: refusal(1_000), ...over },
    ],
    [
      'KEY_UNAVAILABLE',
      'the key is gone until the longest call',
      { at: 3_601, quiet: refusal(10, 'KEY_UNAVAILABLE') },
    ],
    [
      undefined,
      'there is no such stream for some minutes',
      { at: 600, quiet: refusal(10, 'NO_SUCH_STREAM') },
    ],
    [
      'NO_SUCH_STREAM',
      'there is no such stream for the idle time-out',
      { at: 610, quiet: refusal(10, 'NO_SUCH_STREAM') },
    ],

    [
      'IDLE',
      'it has been over for the idle time-out, and can’t be asked',
      { at: 700, call: { overSinceMs: 100 * S }, quiet: {}, ...over },
    ],
    [
      undefined,
      'audio came since',
      { at: 700, call: { overSinceMs: 100 * S, lastOursAtMs: 300 * S }, quiet: {}, ...over },
    ],

    [
      'LONGEST_CALL',
      'the stream’s clock says so',
      { at: 60, call: { lastOursAtMs: 60 * S, lastServerMs: 3_601 * S } },
    ],
    ['LONGEST_CALL', 'it has been silent since', { at: 3_601, quiet: { forMs: 5 * S } }],
    [undefined, 'it has just been as long as is allowed', { at: 3_600, quiet: { forMs: 5 * S } }],
    [
      'LONGEST_CALL',
      'it has been silent for the grace period before',
      { at: 3_601, call: spoken(3_500), quiet: { forMs: 5 * S } },
    ],
    [undefined, 'that may be no silence yet', { at: 3_601, call: spoken(3_500), quiet: { forMs: 4 * S } }],
    [
      'LONGEST_CALL',
      'it can’t be read, and nothing has come for the idle time-out',
      { at: 3_601, call: spoken(3_001), quiet: { forMs: 0 } },
    ],
    [
      undefined,
      'nothing of ours has come for the idle time-out, but something has',
      { at: 3_601, call: spoken(3_001) },
    ],
    [undefined, 'it is read late', { at: 5_000, call: { lastOursAtMs: 5_000 * S, lastServerMs: 1_000 * S } }],
  ])('says %s when %s', (reason, _, situation) => {
    expect(endOf(situation)?.reason).toBe(reason);
  });

  it.each<[EndReason, Case]>([
    ['STREAM_TAKEN', { at: 608, call: foreign(8, 8, 607), contact: { goesOn: true } }],
    ['ACCESS_DENIED', { at: 1_200, call: { overSinceMs: 900 * S }, quiet: refusal(10), ...over }],
    ['IDLE', { at: 700, call: { overSinceMs: 100 * S }, quiet: {}, ...over }],
  ])('declares with %s that it stopped, and why', (reason, situation) => {
    const end = endOf(situation);
    expect(end).toMatchObject({ reason, loss: { kind: 'RECORDER_STOPPED', why: end?.why } });
    expect(end?.why).not.toBe('');
  });

  it('declares with LONGEST_CALL that it was cut, and what helps', () => {
    const loss = endOf({ at: 3_601, quiet: { forMs: 5 * S } })?.loss;
    expect(loss?.kind).toBe('CUT_AT_LIMIT');
    expect(loss?.why).toContain('raise that setting');
  });

  it('doesn’t call an end clean that leaves a contact which goes on', () => {
    const unclean: readonly EndReason[] = [
      'STREAM_TAKEN',
      'IDLE',
      'LONGEST_CALL',
      'ACCESS_DENIED',
      'NO_SUCH_STREAM',
    ];
    expect(unclean.filter((reason) => SAW_THE_END.has(reason))).toEqual([]);
    expect(END_REASONS).toEqual(expect.arrayContaining([...unclean]));
  });
});

describe('the table of ends', () => {
  const rowsOf = (markdown: string) =>
    [...markdown.matchAll(/^ +\| (`[A-Z_]+`(?:, `[A-Z_]+`)*) +\| (.+?) +\| (yes|no) +\|$/gm)].map(
      ([, reasons, when, clean]) => ({ reasons: reasons?.match(/[A-Z_]+/g), when, clean }),
    );

  it('is the one in docs/ARCHITECTURE.md, row by row', () => {
    const architecture = readFileSync(new URL('../../docs/ARCHITECTURE.md', import.meta.url), 'utf8');
    expect(rowsOf(architecture)).toEqual(
      ENDS.map(({ reasons, when }) => ({
        reasons,
        when,
        clean: reasons[0] && SAW_THE_END.has(reasons[0]) ? 'yes' : 'no',
      })),
    );
  });

  it('has each end that a task may write', () => {
    const named = new Set(ENDS.flatMap(({ reasons }) => reasons));
    expect(END_REASONS.filter((reason) => !named.has(reason))).toEqual(['RECORDER_GAVE_UP']);
  });
});

describe('what is known of a call', () => {
  const at = (seconds: number) => ({ number: START + BigInt(seconds), serverTimestampMs: seconds * S });

  it('forgets another contact’s fragments when one of ours follows', () => {
    const stray = saw(saw(CALL, at(1), 'ours', S), at(2), 'otherContact', 2 * S);
    expect(stray.foreign).toEqual({ sinceMs: 2 * S, fromServerMs: 2 * S, toServerMs: 2 * S });
    const more = saw(stray, at(9), 'otherContact', 3 * S);
    expect(more.foreign).toEqual({ sinceMs: 2 * S, fromServerMs: 2 * S, toServerMs: 9 * S });
    expect(saw(more, at(10), 'ours', 4 * S)).toMatchObject({ foreign: undefined, lastOursAtMs: 4 * S });
  });

  it('takes no notice of fragments that may be anybody’s', () => {
    expect(saw(CALL, at(9), 'unknown', 9 * S)).toEqual({ ...CALL, firstForeign: START + 9n });
    expect(saw(CALL, at(9), 'before', 9 * S)).toBe(CALL);
  });

  it('knows the first fragment behind our last one that is not ours', () => {
    expect(saw(CALL, at(1), 'ours', S)).toMatchObject({ tookMore: true, firstForeign: undefined });
    const stray = saw(saw(CALL, at(1), 'before', S), at(2), 'otherContact', S);
    const behind = saw(stray, at(3), 'behind', S);
    expect([stray.sawBehind, behind.sawBehind]).toEqual([false, true]);
    expect(behind).toMatchObject({ tookMore: false, firstForeign: START + 2n });
    expect(saw(behind, at(4), 'ours', S)).toMatchObject({ tookMore: true, firstForeign: undefined });
  });

  it('is as long as the stream’s clock has ever said of ours', () => {
    const call = saw(CALL, at(9), 'ours', 9 * S);
    expect(call.lastServerMs).toBe(9 * S);
    expect(saw(call, at(3), 'ours', 10 * S).lastServerMs).toBe(9 * S);
    expect(saw(call, { number: START, serverTimestampMs: undefined }, 'ours', S).lastServerMs).toBe(9 * S);
    expect(saw(call, at(11), 'otherContact', 11 * S).lastServerMs).toBe(9 * S);
  });

  it('keeps since when it is over', () => {
    const contact = { isOver: true, goesOn: false, range: OPEN };
    const first = heardOf(CALL, contact, 7 * S);
    expect(heardOf(first, contact, 9 * S).overSinceMs).toBe(7 * S);
    expect(heardOf(CALL, { ...contact, isOver: false, range: FOLLOWED }, 8 * S).overSinceMs).toBe(8 * S);
    expect(heardOf(CALL, { ...contact, isOver: false }, 8 * S).overSinceMs).toBeUndefined();
  });
});
