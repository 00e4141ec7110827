import { describe, expect, it } from 'vitest';
import { Silence } from '../../task/silence.ts';

const TICK_MS = 1_000;

describe('Silence', () => {
  it('is as long as somebody has listened since something came', () => {
    const silence = new Silence();
    expect(silence.lengthMs).toBe(0);
    silence.opened(10_000);
    silence.listened(10_000, 11_000, TICK_MS);
    silence.broken(11_500);
    silence.listened(11_500, 12_500, TICK_MS);
    silence.listened(12_500, 13_500, TICK_MS);
    expect(silence.lengthMs).toBe(2_000);
  });

  it('begins anew after a halt of the process, in which things may have come', () => {
    const silence = new Silence();
    silence.opened(0);
    silence.listened(0, 60_000, TICK_MS);
    expect(silence.lengthMs).toBe(0);
    silence.listened(60_000, 61_000, TICK_MS);
    expect(silence.lengthMs).toBe(1_000);
  });

  it('does not outlast its session, unless session after session was empty', () => {
    const silence = new Silence();
    for (const beganMs of [0, 1_000, 2_000]) {
      silence.opened(beganMs);
      silence.listened(beganMs, beganMs + 500, TICK_MS);
      expect(silence.lengthMs).toBe(500);
      expect(silence.spansSessions).toBe(false);
      silence.ended();
    }
    expect(silence.spansSessions).toBe(true);
    silence.opened(4_000);
    expect(silence.lengthMs).toBe(2_000);
    silence.broken(4_000);
    expect(silence.spansSessions).toBe(false);
  });

  it('is unknown while nothing could have come', () => {
    const silence = new Silence();
    silence.opened(0);
    silence.listened(0, 1_000, TICK_MS);
    silence.interrupted();
    expect(silence.lengthMs).toBe(0);
  });
});
