import { describe, expect, it } from 'vitest';
import { type Look, LOOK_AT_ONCE, lookAt } from '../../task/look.ts';

const S = 1_000;
const GRACE_MS = 5 * S;

/** What is done at each of these moments, in seconds: `p` the table is read, `a` Connect is asked. */
function looked(moments: readonly number[], quietMs: (atMs: number) => number): string[] {
  const done: string[] = [];
  let plan = LOOK_AT_ONCE;
  for (const at of moments) {
    const look: Look = lookAt(plan, quietMs(at * S), at * S, GRACE_MS);
    plan = look.plan;
    if (look.poll || look.ask) done.push(`${at}${look.poll ? 'p' : ''}${look.ask ? 'a' : ''}`);
  }
  return done;
}

const each = (until: number) => Array.from({ length: until + 1 }, (_, at) => at);

describe('when to look again', () => {
  it('reads the table at once, and every half minute while audio flows', () => {
    expect(looked(each(65), () => 0)).toEqual(['0p', '30p', '60p']);
  });

  it('reads it as soon as there is silence, and every two seconds from then on', () => {
    expect(looked(each(9), (atMs) => (atMs < 3 * S ? 0 : atMs - 2 * S + 2_000))).toEqual([
      '0p',
      '3p',
      '5p',
      '7p',
      '9p',
    ]);
  });

  it('asks Connect after 15 s of silence, and ever more seldom, at least every two minutes', () => {
    const asked = looked(each(600), (atMs) => atMs).filter((one) => one.endsWith('a'));
    expect(asked.map((one) => Number.parseInt(one, 10))).toEqual([15, 30, 60, 120, 240, 360, 480, 600]);
  });

  it('asks as often as at first in a later silence', () => {
    const silences = (atMs: number) => (atMs < 200 * S ? atMs : atMs - 200 * S);
    const asked = looked(each(300), silences).filter((one) => one.endsWith('a'));
    expect(asked.map((one) => Number.parseInt(one, 10))).toEqual([15, 30, 60, 120, 240, 255, 285]);
  });

  it('looks again soon though the clock is set back by an hour', () => {
    const { plan } = lookAt(LOOK_AT_ONCE, 20 * S, 3_600 * S, GRACE_MS);
    const back = lookAt(plan, 20 * S, 0, GRACE_MS);
    expect(back.plan).toMatchObject({ pollAtMs: 2 * S, askAtMs: 120 * S });
  });

  it('looks once at a moment, however often it is asked', () => {
    for (const quietMs of [0, 20 * S]) {
      const { plan } = lookAt(LOOK_AT_ONCE, quietMs, 3_600 * S, GRACE_MS);
      expect(lookAt(plan, quietMs, 3_600 * S, GRACE_MS)).toEqual({ poll: false, ask: false, plan });
    }
  });

  it('takes two and a half seconds without a fragment for silence, and less where the grace period is shorter', () => {
    const pollsAfter = (quietMs: number, graceMs: number) => {
      const { plan } = lookAt(LOOK_AT_ONCE, 0, 0, graceMs);
      return lookAt(plan, quietMs, 10 * S, graceMs).poll;
    };
    expect([pollsAfter(2_499, GRACE_MS), pollsAfter(2_500, GRACE_MS)]).toEqual([false, true]);
    expect([pollsAfter(499, 500), pollsAfter(500, 500)]).toEqual([false, true]);
  });

  it('reads the table within a grace period that is shorter than two seconds', () => {
    const { plan } = lookAt(LOOK_AT_ONCE, 5 * S, 0, 500);
    expect(plan.pollAtMs).toBe(500);
  });
});
