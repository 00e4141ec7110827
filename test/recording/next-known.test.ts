import { describe, expect, it } from 'vitest';
import { knownFromMs, mayHoldErased } from '../../recording/next-known.ts';

describe('A contact’s next recording', () => {
  it('is known of a quarter of an hour after it has begun', () => {
    expect(knownFromMs('2026-03-14T09:00:00.000Z')).toBe(Date.parse('2026-03-14T09:15:00.000Z'));
  });

  it('is in nothing that has never been assembled', () => {
    expect(mayHoldErased({}, '2026-03-14T09:15:00.000Z')).toBe(false);
  });
});
