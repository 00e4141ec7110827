/** Words for tests: each is a tone, and its pitch says which. So a test knows what must be heard, when, and from whom. */
import { type HeardWord, loudRuns } from './hearing.ts';

const PITCH = { first: 200, step: 20 };
const PAUSE_MS = 30;
const AMPLITUDE = 8_000;

/** @param word from 0 to 150 */
export function tone(word: number, frames: number, sampleRate: number): Int16Array {
  const pitch = PITCH.first + PITCH.step * word;
  return Int16Array.from({ length: frames }, (_, frame) =>
    Math.round(AMPLITUDE * Math.sin((2 * Math.PI * pitch * (frame + 0.5)) / sampleRate)),
  );
}

export function toneWord(word: number): string {
  return `tone${String(word)}`;
}

export function tonesIn(samples: Int16Array, sampleRate: number): HeardWord[] {
  return loudRuns(samples, sampleRate, PAUSE_MS).map(([startFrame, endFrame]) => {
    const run = samples.subarray(startFrame, endFrame);
    const word = Math.round((pitchOf(run, sampleRate) - PITCH.first) / PITCH.step);
    return { text: toneWord(word), startFrame, endFrame };
  });
}

/** By how often it crosses zero, from the first crossing to the last. */
function pitchOf(run: Int16Array, sampleRate: number): number {
  const crossings: number[] = [];
  for (let frame = 1; frame < run.length; frame += 1) {
    const [before = 0, now = 0] = [run[frame - 1], run[frame]];
    if (before < 0 !== now < 0) crossings.push(frame - 1 + before / (before - now));
  }
  const [first = 0, last = 0] = [crossings[0], crossings.at(-1)];
  return last > first ? ((crossings.length - 1) * sampleRate) / (2 * (last - first)) : 0;
}
