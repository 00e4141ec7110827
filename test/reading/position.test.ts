import { describe, expect, it } from 'vitest';
import {
  beganWith,
  earlier,
  elsewhere,
  heardUntil,
  holeBefore,
  isLost,
  isWanted,
  passed,
  positionAt,
  positionBehind,
  type ReadingPosition,
  selectorOf,
  sessionBegan,
  skipped,
} from '../../reading/position.ts';
import { RECORDING, START_FRAGMENT_NUMBER } from '../support/call.ts';
import { fragmentOf, T0 } from '../support/documents.ts';

const START = START_FRAGMENT_NUMBER;
const fragment = (offset: bigint, serverMs = T0 + Number(offset)) =>
  fragmentOf({ number: START + offset, serverMs });

/** The position after as many refusals as bring another one to try, and how many those were. */
function refusedAll(position: ReadingPosition): { tried: ReadingPosition[] } {
  const tried = [position];
  for (let next = elsewhere(position); next; next = elsewhere(next)) tried.push(next);
  return { tried };
}

describe('the reading position, at the start', () => {
  const begin = positionBehind(RECORDING, T0, undefined);

  it('begins by time, earlier and earlier, until the start is covered', () => {
    const tried: unknown[] = [];
    let began: ReturnType<typeof beganWith> = { position: begin, start: 'too late' };
    while (began.start === 'too late') {
      tried.push(selectorOf(began.position));
      began = beganWith(began.position, START + 5n);
    }
    expect(tried).toEqual(
      [10_000, 60_000, 600_000].map((marginMs) => ({ kind: 'serverTimestamp', atMs: T0 - marginMs })),
    );
    expect(holeBefore(began.position, START + 5n)).toEqual({
      after: START - 1n,
      before: START + 5n,
      fromMs: T0 - 10_000,
    });
  });

  describe('where a session has been silent until now, and the next one is opened a moment later', () => {
    const NOW = T0 + 290_000;
    const isLostBehind = (silent: ReadingPosition) =>
      isLost(sessionBegan(heardUntil(sessionBegan(silent, T0 + 5_000), NOW), NOW + 1_000));
    const { tried } = refusedAll(begin);
    const sawBefore = beganWith(begin, START - 1n).position;

    it.each([0, 1])('it isn’t known what lies before the time that was asked for (%i)', (fallback) => {
      expect(isLostBehind(tried[fallback] ?? begin)).toBe(true);
    });

    it.each([2, 3])('all has been heard where nothing earlier can be asked for (%i)', (fallback) => {
      expect(isLostBehind(tried[fallback] ?? begin)).toBe(false);
    });

    it('all has been heard where the session went back to before the start', () => {
      expect(isLostBehind(sawBefore)).toBe(false);
    });

    it('all has been heard where the first that comes is the first', () => {
      expect(isLostBehind(positionAt({ kind: 'serverTimestamp', atMs: T0 }, T0))).toBe(false);
    });

    it('behind a first fragment whose time nobody knows, only a session by its number has', () => {
      const behind = skipped(begin, START);
      const [byNumber = behind, byTime = behind] = refusedAll(behind).tried;
      expect(isLostBehind(byTime)).toBe(true);
      const heard = heardUntil(sessionBegan(byNumber, T0 + 5_000), NOW);
      expect(isLost(sessionBegan({ ...heard, fallback: 1 }, NOW + 1_000))).toBe(false);
    });
  });

  it.each([START, START - 1n, START - 1_000n])(
    'is content with a first number at or below the start',
    (number) => {
      const { position, start } = beganWith(begin, number);
      expect(start).toBe('early enough');
      expect(holeBefore(position, START)).toBeUndefined();
    },
  );

  it('sees a hole when the start fragment itself is not among those that come', () => {
    const { position } = beganWith(begin, START - 1n);
    expect(holeBefore(position, START + 1n)).toMatchObject({ after: START - 1n, before: START + 1n });
  });

  it('doesn’t take fragments before the start for a position', () => {
    expect(passed(begin, fragment(-5n)).last).toBeUndefined();
  });

  it('falls back to the oldest fragment when every time is refused', () => {
    const { tried } = refusedAll(begin);
    expect(tried.slice(1)).toHaveLength(3);
    expect(tried.map(selectorOf).at(-1)).toEqual({ kind: 'earliest' });
  });
});

describe('the reading position of whoever wants what comes', () => {
  const begins = [{ kind: 'now' }, { kind: 'earliest' }, { kind: 'serverTimestamp', atMs: T0 }] as const;

  it.each(begins)('takes the first number for the first: $kind', (begin) => {
    const position = positionAt(begin, T0);
    expect(selectorOf(position)).toEqual(begin);
    // However long nothing could be read, and nothing came.
    const began = beganWith(sessionBegan(position, T0 + 600_000), START);
    expect(began.start).toBe('early enough');
    expect(holeBefore(began.position, START)).toBeUndefined();
    expect(isLost(began.position)).toBe(false);
    expect(earlier(began.position)).toBeUndefined();
  });

  it.each(begins)('goes on behind it as any other does: $kind', (begin) => {
    const position = passed(positionAt(begin, T0), fragment(1n));
    expect(selectorOf(position)).toMatchObject({ kind: 'continuationToken' });
    expect(isWanted(position, START + 1n)).toBe(false);
    expect(isWanted(position, START + 2n)).toBe(true);
  });

  it('wants nothing below a start that is known, and sees when that is missing', () => {
    const position = positionAt({ kind: 'earliest' }, T0, START);
    const began = beganWith(position, START - 5n);
    expect(began.start).toBe('early enough');
    expect(isWanted(began.position, START - 1n)).toBe(false);
    expect(holeBefore(began.position, START)).toBeUndefined();
    expect(holeBefore(began.position, START + 1n)).toMatchObject({ after: START - 1n, before: START + 1n });
  });

  it('begins at the oldest fragment where a time is refused', () => {
    const position = positionAt({ kind: 'serverTimestamp', atMs: T0 }, T0);
    expect(refusedAll(position).tried.map(selectorOf).at(-1)).toEqual({ kind: 'earliest' });
  });
});

describe('the reading position, later', () => {
  const later = passed(positionBehind(RECORDING, T0, undefined), fragment(7n));

  it('goes on by token, then by number, then by time, then from the oldest', () => {
    const number = START + 7n;
    expect(refusedAll(later).tried.map(selectorOf)).toEqual([
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
      const [, , byTime = later] = refusedAll(heardUntil(later, T0)).tried;
      return sessionBegan(byTime, T0 + silentMs);
    };

    it('sees a hole where a session by time begins too late', () => {
      const blind = byTimeAfter(KEPT_MS);
      expect(isLost(blind)).toBe(true);
      const { position, start } = beganWith(blind, START + 100n);
      expect(start).toBe('early enough');
      expect(holeBefore(position, START + 100n)).toMatchObject({ after: START + 7n, before: START + 100n });
      const behind = passed(position, fragment(100n));
      expect(isLost(behind)).toBe(false);
      expect(holeBefore(behind, START + 200n)).toBeUndefined();
    });

    it('sees the hole behind a fragment that had come earlier, and is handed over only now', () => {
      const { position } = beganWith(byTimeAfter(KEPT_MS), START + 100n);
      expect(holeBefore(position, START + 8n)).toBeUndefined();
      const behind = passed(position, fragment(8n));
      expect(isLost(behind)).toBe(true);
      expect(holeBefore(behind, START + 100n)).toMatchObject({ after: START + 8n, before: START + 100n });
    });

    it('sees none where the session begins early enough', () => {
      const { position, start } = beganWith(byTimeAfter(KEPT_MS), START + 7n);
      expect(start).toBe('early enough');
      expect(isLost(position)).toBe(false);
      expect(holeBefore(position, START + 100n)).toBeUndefined();
    });

    it('sees none where all that came was heard until a moment ago: a stream keeps what came since', () => {
      const seeing = byTimeAfter(1_000);
      expect(isLost(seeing)).toBe(false);
      const { position, start } = beganWith(seeing, START + 100n);
      expect(start).toBe('early enough');
      expect(holeBefore(position, START + 100n)).toBeUndefined();
    });

    it('knows nothing of what came while a silent session by time was open', () => {
      const blind = heardUntil(byTimeAfter(KEPT_MS), T0 + KEPT_MS + 60_000);
      expect(isLost(sessionBegan(blind, T0 + KEPT_MS + 61_000))).toBe(true);
    });
  });

  it('trusts a token and a number', () => {
    const { position, start } = beganWith(later, START + 100n);
    expect(start).toBe('early enough');
    expect(holeBefore(position, START + 100n)).toBeUndefined();
  });

  it('goes on where an earlier task’s checkpoint says', () => {
    const position = positionBehind(RECORDING, T0, { lastFragmentNumber: START + 9n });
    expect(selectorOf(position)).toEqual({ kind: 'afterFragment', number: START + 9n });
  });

  it('passes over a fragment that can’t be read', () => {
    expect(isWanted(later, START + 8n)).toBe(true);
    expect(selectorOf(skipped(later, START + 8n))).toEqual({ kind: 'afterFragment', number: START + 8n });
  });

  describe('behind a first fragment that can’t be read, whose time nobody knows', () => {
    const behind = skipped(positionBehind(RECORDING, T0, undefined), START);
    const times = [10_000, 60_000, 600_000].map((marginMs) => {
      return { kind: 'serverTimestamp', atMs: T0 - marginMs };
    });

    it('goes on by number, then by time as at the start, then from the oldest', () => {
      const { tried } = refusedAll(behind);
      const after = { kind: 'afterFragment', number: START };
      expect(tried.map(selectorOf)).toEqual([after, ...times, { kind: 'earliest' }]);
    });

    it('begins earlier and earlier by time, until it is covered', () => {
      const tried: unknown[] = [];
      let position = elsewhere(behind) ?? behind;
      for (let start = 'too late'; start === 'too late';) {
        tried.push(selectorOf(position));
        ({ position, start } = beganWith(sessionBegan(position, T0), START + 2n));
      }
      expect(tried).toEqual(times);
      expect(holeBefore(position, START + 2n)).toMatchObject({ after: START, before: START + 2n });
    });

    it('is content with what follows it, or lies before', () => {
      const byTime = elsewhere(behind) ?? behind;
      for (const number of [START - 5n, START, START + 1n]) {
        const { position, start } = beganWith(sessionBegan(byTime, T0), number);
        expect(start).toBe('early enough');
        expect(holeBefore(position, START + 2n)).toBeUndefined();
      }
    });
  });
});
