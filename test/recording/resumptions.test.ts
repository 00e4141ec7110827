import { describe, expect, it } from 'vitest';
import {
  type Resumption,
  RESUMPTIONS_KEPT,
  RESUMPTIONS_MAX,
  turnOf,
  withResumption,
} from '../../recording/resumptions.ts';

const T0 = Date.parse('2026-03-14T09:00:00.000Z');
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

function at(ms: number, by: Resumption['by'] = 'schedule', more: { gaveUp?: true } = {}): Resumption {
  return { at: new Date(ms).toISOString(), by, why: 'it broke off', ...more };
}

/** When the schedule resumes what breaks off at once, again and again; it looks every five minutes. */
function turns(before: readonly Resumption[] = [], fromMs = T0): { resumed: number[]; over: string } {
  let kept = before;
  const resumed: number[] = [];
  for (let nowMs = fromMs; nowMs < fromMs + 3 * DAY_MS; nowMs += 5 * MINUTE_MS) {
    const turn = turnOf(kept, nowMs);
    if (turn === 'exhausted' || turn === 'givenUp') return { resumed, over: turn };
    if (turn === 'later') continue;
    kept = withResumption(kept, at(nowMs));
    resumed.push(nowMs);
  }
  return { resumed, over: 'never' };
}

describe('the schedule’s turn', () => {
  it('comes at once, then further and further apart, and no more after some: within a day', () => {
    const { resumed, over } = turns();

    expect(resumed).toHaveLength(RESUMPTIONS_MAX);
    expect(over).toBe('exhausted');
    expect([turnOf([], T0), resumed[0]]).toEqual(['now', T0]);
    const waits = resumed.slice(1).map((ms, nth) => ms - (resumed[nth] ?? 0));
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(waits[0]).toBe(15 * MINUTE_MS);
    expect((resumed.at(-1) ?? 0) - T0).toBeLessThan(DAY_MS);
    expect((resumed.at(-1) ?? 0) - T0).toBeGreaterThan(DAY_MS / 2);
  });

  it('comes no more once it is noted that it was given up, and again after a person', () => {
    const given = [at(T0), at(T0 + 1, 'schedule', { gaveUp: true })];
    expect(turnOf(given, T0 + 30 * DAY_MS)).toBe('givenUp');

    const again = [...given, at(T0 + DAY_MS, 'operator')];
    expect(turnOf(again, T0 + DAY_MS)).toBe('later');
    expect(turns(again, T0 + DAY_MS).resumed).toHaveLength(RESUMPTIONS_MAX);
  });

  it('is told right by what a record keeps, however often it was resumed by hand', () => {
    let kept: Resumption[] = [];
    for (let nth = 0; nth < 3 * RESUMPTIONS_KEPT; nth += 1)
      kept = withResumption(kept, at(T0 + nth, 'operator'));
    for (let nth = 0; nth < RESUMPTIONS_MAX; nth += 1) kept = withResumption(kept, at(T0 + DAY_MS + nth));

    expect(kept).toHaveLength(RESUMPTIONS_KEPT);
    expect(turnOf(kept, T0 + 3 * DAY_MS)).toBe('exhausted');
    expect(turnOf(kept.slice(0, -1), T0 + 3 * DAY_MS)).toBe('now');
  });
});
