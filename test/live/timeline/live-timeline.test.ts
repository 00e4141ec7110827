/** What whoever listens is given, beside the WAV. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LiveTimeline } from '../../../live/timeline/live-timeline.ts';
import type { LiveOutput } from '../../../live/timeline/outputs.ts';
import type { NumberedFragment } from '../../../matroska/fragment.ts';
import { alter, fragmentsOf, plansOf, shift, stall } from '../../recording/audio/timed-calls.ts';
import { layOut } from '../../support/audio.ts';
import { firstDifference, Heard } from '../../support/heard.ts';
import { randomCalls } from './random-calls.ts';

/** @param quietAfter fragments after which nothing comes for a while */
function listen(fragments: readonly NumberedFragment[], quietAfter: ReadonlySet<number> = new Set()): Heard {
  const heard = new Heard();
  const timeline = new LiveTimeline();
  for (const [index, fragment] of fragments.entries()) {
    for (const output of timeline.add(fragment)) heard.take(output);
    if (quietAfter.has(index)) for (const output of timeline.flush()) heard.take(output);
  }
  for (const output of timeline.finish()) heard.take(output);
  return heard;
}

function expectTheWav(heard: Heard, fragments: readonly NumberedFragment[]): void {
  const { audio, frames } = layOut(fragments);
  expect(firstDifference(heard.audioOf(Math.max(frames, heard.given)), padded(audio, heard.given))).toBe(
    undefined,
  );
}

/** What was given beyond the WAV's end is taken back: silence. */
function padded(audio: Buffer, frames: number): Buffer {
  return Buffer.concat([audio, Buffer.alloc(Math.max(0, frames * 4 - audio.length))]);
}

describe('Both sides flowing', () => {
  test('each fragment is given at once and whole, and no gap is told', () => {
    const fragments = fragmentsOf(plansOf(6));
    const timeline = new LiveTimeline();
    const given = fragments.map((fragment) => {
      const outputs = [...timeline.add(fragment)];
      return outputs.map((output) => (output.kind === 'audio' ? output.stereo.length / 4 : output.kind));
    });
    // A second and 24 ms, of which no output holds more than a second.
    expect(given).toEqual(fragments.map(() => [8_000, 192]));
    expectTheWav(listen(fragments), fragments);
  });
});

describe('A side that stalls', () => {
  const plans = plansOf(10);
  stall(plans, 1, 2, 6);
  const fragments = fragmentsOf(plans);

  test('isn’t waited for; what it brings at last follows as late, in gaps that were told', () => {
    const heard = listen(fragments);
    expectTheWav(heard, fragments);
    expect(heard.late).toBe(4 * 8_192 - 4_000);
    expect(new Set(heard.gaps.map(({ why, span: { channel } }) => `${why} ${channel}`))).toEqual(
      new Set(['LATE 1']),
    );
  });

  test('keeps the other one from nothing but the window', () => {
    const timeline = new LiveTimeline();
    let given = 0;
    for (const fragment of fragments.slice(0, 5))
      for (const output of timeline.add(fragment))
        if (output.kind === 'audio') given += output.stereo.length / 4;
    expect(given).toBe(5 * 8_192 - 4_000);
  });
});

test('a single wrong time at a fragment’s end makes nothing of what follows late', () => {
  const plans = plansOf(8);
  alter(plans, 3, 0, 15, shift(5_000));
  const fragments = fragmentsOf(plans);
  const heard = listen(fragments);
  expectTheWav(heard, fragments);
  expect([heard.late, heard.gaps]).toEqual([0, []]);
});

describe('When nothing comes for a while', () => {
  test('what is held back for the other side goes out', () => {
    const plans = plansOf(4);
    for (const plan of plans) plan.blocks = plan.blocks.filter(({ channel }) => channel === 0);
    const fragments = fragmentsOf(plans);
    expect(listen(fragments, new Set([1])).given).toBe(4 * 8_192);
    const timeline = new LiveTimeline();
    for (const fragment of fragments) Array.from(timeline.add(fragment));
    const [gap, audio] = timeline.flush();
    expect(gap).toEqual({
      kind: 'gap',
      span: { channel: 1, startFrame: 28_768, frames: 4_000 },
      why: 'LATE',
    });
    expect(audio).toMatchObject({ kind: 'audio', startFrame: 28_768 });
    expect([...timeline.flush()]).toEqual([]);
  });
});

test('whatever the call is like, every sample of the WAV is given once, at its place, or is in a gap that was told', () => {
  const quiet = fc.uniqueArray(fc.integer({ min: 0, max: 14 }), { maxLength: 4 });
  fc.assert(
    fc.property(randomCalls, quiet, (fragments, quietAfter) => {
      expectTheWav(listen(fragments, new Set(quietAfter)), fragments);
    }),
    { numRuns: 60 },
  );
}, 240_000);

test('stopped and begun anew behind any fragment, it gives the same', () => {
  fc.assert(
    fc.property(randomCalls, fc.integer({ min: 0, max: 14 }), (fragments, stop) => {
      const whole = new LiveTimeline();
      const expected = fragments.map((fragment) => inShort(whole.add(fragment))).slice(stop);
      expected.push(inShort(whole.finish()));

      const first = new LiveTimeline();
      for (const fragment of fragments.slice(0, stop)) Array.from(first.add(fragment));
      const { state } = first;
      const second = new LiveTimeline(state);
      const actual: string[][] = [];
      for (const fragment of fragments) {
        if (state.settled !== undefined && fragment.number <= state.settled) continue;
        const outputs = inShort(second.add(fragment));
        if (state.taken === undefined || fragment.number > state.taken) actual.push(outputs);
        else expect(outputs).toEqual([]);
      }
      actual.push(inShort(second.finish()));
      expect(actual).toEqual(expected);
    }),
    { numRuns: 25 },
  );
}, 240_000);

/** Each output as a text that tells it from any other. */
function inShort(outputs: Iterable<LiveOutput>): string[] {
  return Array.from(outputs, (output) => {
    const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
    if (output.kind === 'audio') return `audio ${output.startFrame} ${hash(output.stereo)}`;
    if (output.kind === 'late') return `late ${output.channel} ${output.startFrame} ${hash(output.samples)}`;
    const { channel, startFrame, frames } = output.span;
    return `gap ${output.why} ${channel} ${startFrame} ${frames}`;
  });
}
