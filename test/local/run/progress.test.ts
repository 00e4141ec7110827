import { expect, test } from 'vitest';
import { plainDisplay, progressLine, type ProgressState } from '../../../local/run/progress.ts';
import { NO_COUNTS } from '../../../recording/checkpoint.ts';

const STATE: ProgressState = {
  phase: 'recording',
  counters: { ...NO_COUNTS, mediaMs: 20_400, segments: 2 },
  attempt: 1,
  retries: 0,
  availableMs: 31_000,
  totalMs: 31_000,
};

test('a line says how much is safe, how far behind that is, and what went wrong', () => {
  expect(progressLine(STATE)).toBe('recording 20.4 s of 31.0 s, 10.6 s behind, 2 segments, attempt 1');
  expect(
    progressLine({
      ...STATE,
      counters: { ...STATE.counters, mediaMs: 31_064, segments: 1, reopenings: 3 },
      attempt: 2,
      retries: 1,
    }),
  ).toBe('recording 31.1 s of 31.0 s, 0.0 s behind, 1 segment, attempt 2, 1 retry, 3 reopenings');
});

test('plain lines come once a second at most, and none twice', () => {
  const lines: string[] = [];
  let nowMs = 0;
  const display = plainDisplay(
    (line) => lines.push(line),
    () => nowMs,
  );
  const showAt = (atMs: number, segments: number) => {
    nowMs = atMs;
    display.show({ ...STATE, counters: { ...STATE.counters, segments } });
  };
  showAt(0, 1);
  showAt(999, 2);
  showAt(1000, 3);
  showAt(2500, 3);
  showAt(2600, 4);
  display.stop();
  showAt(9000, 5);
  expect(lines.map((line) => /(\d+) segment/.exec(line)?.[1])).toEqual(['1', '3', '4']);
});
