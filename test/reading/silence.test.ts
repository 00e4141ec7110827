import { describe, expect, it } from 'vitest';
import {
  lengthMsOf,
  listened,
  NO_SILENCE,
  nothingCouldCome,
  sessionEnded,
  sessionOpened,
  somethingCame,
  spansSessions,
} from '../../reading/silence.ts';

const TICK_MS = 1_000;

describe('silence', () => {
  it('is as long as somebody has listened since something came', () => {
    expect(lengthMsOf(NO_SILENCE)).toBe(0);
    let silence = listened(sessionOpened(NO_SILENCE, 10_000), 10_000, 11_000, TICK_MS);
    silence = somethingCame(silence, 11_500);
    silence = listened(silence, 11_500, 12_500, TICK_MS);
    silence = listened(silence, 12_500, 13_500, TICK_MS);
    expect(lengthMsOf(silence)).toBe(2_000);
  });

  it('begins anew after a halt of the process, in which things may have come', () => {
    const halted = listened(sessionOpened(NO_SILENCE, 0), 0, 60_000, TICK_MS);
    expect(lengthMsOf(halted)).toBe(0);
    expect(lengthMsOf(listened(halted, 60_000, 61_000, TICK_MS))).toBe(1_000);
  });

  it('does not outlast its session, unless session after session was empty', () => {
    let silence = NO_SILENCE;
    for (const beganMs of [0, 1_000, 2_000]) {
      silence = listened(sessionOpened(silence, beganMs), beganMs, beganMs + 500, TICK_MS);
      expect(lengthMsOf(silence)).toBe(500);
      expect(spansSessions(silence)).toBe(false);
      silence = sessionEnded(silence);
    }
    expect(spansSessions(silence)).toBe(true);
    silence = sessionOpened(silence, 4_000);
    expect(lengthMsOf(silence)).toBe(2_000);
    expect(spansSessions(somethingCame(silence, 4_000))).toBe(false);
  });

  it('is unknown while nothing could have come', () => {
    const silence = listened(sessionOpened(NO_SILENCE, 0), 0, 1_000, TICK_MS);
    expect(lengthMsOf(nothingCouldCome(silence))).toBe(0);
  });
});
