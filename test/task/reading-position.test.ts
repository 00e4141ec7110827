import { describe, expect, it } from 'vitest';
import { ReadingPosition } from '../../task/reading-position.ts';
import { RECORDING, START_FRAGMENT_NUMBER } from '../support/call.ts';
import { fragmentOf, T0 } from '../support/documents.ts';

const START = START_FRAGMENT_NUMBER;
const fragment = (offset: bigint, serverMs = T0 + Number(offset)) =>
  fragmentOf({ number: START + offset, serverMs });

describe('ReadingPosition, at the start', () => {
  it('begins by time, earlier and earlier, until the start is covered', () => {
    const position = new ReadingPosition(RECORDING, T0, undefined);
    const tried: unknown[] = [];
    do tried.push(position.selector());
    while (position.startsTooLate(START + 5n));
    expect(tried).toEqual(
      [10_000, 60_000, 600_000].map((marginMs) => ({ kind: 'serverTimestamp', atMs: T0 - marginMs })),
    );
    expect(position.holeBefore(START + 5n)).toEqual({
      after: START - 1n,
      before: START + 5n,
      fromMs: T0 - 10_000,
    });
  });

  it.each([START, START - 1n, START - 1_000n])(
    'is content with a first number at or below the start',
    (number) => {
      const position = new ReadingPosition(RECORDING, T0, undefined);
      expect(position.startsTooLate(number)).toBe(false);
      expect(position.holeBefore(START)).toBeUndefined();
    },
  );

  it('sees a hole when the start fragment itself is not among those that come', () => {
    const position = new ReadingPosition(RECORDING, T0, undefined);
    position.startsTooLate(START - 1n);
    expect(position.holeBefore(START + 1n)).toMatchObject({ after: START - 1n, before: START + 1n });
  });

  it('doesn’t take fragments before the start for a position', () => {
    const position = new ReadingPosition(RECORDING, T0, undefined);
    position.passed(fragment(-5n));
    expect(position.lastNumber).toBeUndefined();
  });

  it('falls back to the oldest fragment when every time is refused', () => {
    const position = new ReadingPosition(RECORDING, T0, undefined);
    expect([position.refused(), position.refused(), position.refused(), position.refused()]).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(position.selector()).toEqual({ kind: 'earliest' });
  });
});

describe('ReadingPosition, later', () => {
  const later = () => {
    const position = new ReadingPosition(RECORDING, T0, undefined);
    position.passed(fragment(7n));
    return position;
  };

  it('goes on by token, then by number, then by time, then from the oldest', () => {
    const position = later();
    const number = START + 7n;
    const tried = [position.selector()];
    while (position.refused()) tried.push(position.selector());
    expect(tried).toEqual([
      { kind: 'continuationToken', token: number.toString() },
      { kind: 'afterFragment', number },
      { kind: 'serverTimestamp', atMs: T0 + 7 - 10_000 },
      { kind: 'earliest' },
    ]);
  });

  describe('once the stream knows neither token nor number', () => {
    const KEPT_MS = 300_000;
    /** Everything was heard until T0; the next session, by time, begins so much later. */
    const byTimeAfter = (silentMs: number) => {
      const position = later();
      position.heard(T0);
      position.refused();
      position.refused();
      position.opened(T0 + silentMs);
      return position;
    };

    it('sees a hole where a session by time begins too late', () => {
      const position = byTimeAfter(KEPT_MS);
      expect(position.isLost).toBe(true);
      expect(position.startsTooLate(START + 100n)).toBe(false);
      expect(position.holeBefore(START + 100n)).toMatchObject({ after: START + 7n, before: START + 100n });
      position.passed(fragment(100n));
      expect(position.isLost).toBe(false);
      expect(position.holeBefore(START + 200n)).toBeUndefined();
    });

    it('sees the hole behind a fragment that had come earlier, and is handed over only now', () => {
      const position = byTimeAfter(KEPT_MS);
      position.startsTooLate(START + 100n);
      expect(position.holeBefore(START + 8n)).toBeUndefined();
      position.passed(fragment(8n));
      expect(position.isLost).toBe(true);
      expect(position.holeBefore(START + 100n)).toMatchObject({ after: START + 8n, before: START + 100n });
    });

    it('sees none where the session begins early enough', () => {
      const position = byTimeAfter(KEPT_MS);
      expect(position.startsTooLate(START + 7n)).toBe(false);
      expect(position.isLost).toBe(false);
      expect(position.holeBefore(START + 100n)).toBeUndefined();
    });

    it('sees none where all that came was heard until a moment ago: a stream keeps what came since', () => {
      const position = byTimeAfter(1_000);
      expect(position.isLost).toBe(false);
      expect(position.startsTooLate(START + 100n)).toBe(false);
      expect(position.holeBefore(START + 100n)).toBeUndefined();
    });

    it('knows nothing of what came while a silent session by time was open', () => {
      const position = byTimeAfter(KEPT_MS);
      position.heard(T0 + KEPT_MS + 60_000);
      position.opened(T0 + KEPT_MS + 61_000);
      expect(position.isLost).toBe(true);
    });
  });

  it('trusts a token and a number', () => {
    const position = later();
    expect(position.startsTooLate(START + 100n)).toBe(false);
    expect(position.holeBefore(START + 100n)).toBeUndefined();
  });

  it('goes on where an earlier task’s checkpoint says', () => {
    const position = new ReadingPosition(RECORDING, T0, { lastFragmentNumber: START + 9n });
    expect(position.selector()).toEqual({ kind: 'afterFragment', number: START + 9n });
  });

  it('passes over a fragment that can’t be read', () => {
    const position = later();
    expect(position.skip(START + 8n)).toBe(true);
    expect(position.selector()).toEqual({ kind: 'afterFragment', number: START + 8n });
  });
});
