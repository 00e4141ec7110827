/** The sample call is what its script says, so that a run on it shows what it should. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readWav } from '../../../local/run/wav-input.ts';

const CALL = path.join(import.meta.dirname, '../../../local/sample/call.wav');
const RATE = 8000;
/** A tenth of a second counts as speech when anything in it is louder than this. */
const SPEECH_LEVEL = 200;

async function channels(): Promise<readonly Int16Array[]> {
  const wav = readWav(await readFile(CALL));
  expect(wav.sampleRate).toBe(RATE);
  return wav.channels;
}

/** Whether each tenth of a second has speech. */
function speech(samples: Int16Array | undefined): boolean[] {
  const step = RATE / 10;
  return Array.from({ length: Math.floor((samples?.length ?? 0) / step) }, (_, index) =>
    (samples ?? []).slice(index * step, (index + 1) * step).some((sample) => Math.abs(sample) > SPEECH_LEVEL),
  );
}

describe('the sample call', () => {
  it('is half a minute of two channels, and small', async () => {
    const [customer, agent, ...others] = await channels();
    expect(others).toEqual([]);
    for (const samples of [customer, agent]) {
      expect(samples?.length).toBeGreaterThanOrEqual(30 * RATE);
      expect(samples?.length).toBeLessThanOrEqual(60 * RATE);
    }
    expect((await stat(CALL)).size).toBeLessThan(1_000_000);
  });

  it('has each of them talk alone, both talk at once, and a hold', async () => {
    const [customer, agent] = await channels();
    const [left, right] = [speech(customer), speech(agent)];
    const tenths = (of: (left: boolean, right: boolean) => boolean) =>
      left.filter((talks, index) => of(talks, right[index] === true)).length;
    expect(tenths((a, b) => a && !b)).toBeGreaterThan(30);
    expect(tenths((a, b) => b && !a)).toBeGreaterThan(30);
    expect(tenths((a, b) => a && b)).toBeGreaterThan(10);
    expect(longestSilenceSeconds(customer, agent)).toBeGreaterThan(5.5);
  });
});

/** The longest time in which both sides are nothing but zeros. */
function longestSilenceSeconds(left: Int16Array | undefined, right: Int16Array | undefined): number {
  let longest = 0;
  let current = 0;
  for (const [at, sample] of (left ?? []).entries()) {
    current = sample === 0 && right?.[at] === 0 ? current + 1 : 0;
    longest = Math.max(longest, current);
  }
  return longest / RATE;
}
