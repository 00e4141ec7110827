/** What was heard of the contact's next recording is taken back once it is known where this one ended. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Overheard } from '../../live/overheard.ts';
import type { AudioSink, LiveCall } from '../../live/sinks/audio-sink.ts';
import { LIVE_WINDOW_MS, LiveTimeline } from '../../live/timeline/live-timeline.ts';
import type { LiveOutput } from '../../live/timeline/outputs.ts';
import type { NumberedFragment } from '../../matroska/fragment.ts';
import { MemoryTape } from '../../ports/tape/memory-tape.ts';
import { FRAGMENTS_AHEAD } from '../../recording/audio/clock-anchor.ts';
import { BLOCKS, fragmentsOf, type Plan, plansOf, shift } from '../recording/audio/timed-calls.ts';
import { layOut } from '../support/audio.ts';
import { RECORDING } from '../support/call.ts';
import { firstDifference, Heard } from '../support/heard.ts';
import { listenTo, Recorder } from './recorder.ts';

const OURS = 10;

/**
 * A call, and so many fragments of the contact's next recording.
 * @param jumpMs of the clock, in our last fragment. @param blocks of each side in the one before that
 */
function call(next: number, jumpMs: number, blocks = BLOCKS) {
  const plans = plansOf(OURS + next);
  for (const plan of plans.slice(OURS - 2, OURS - 1)) plan.blocks = plan.blocks.slice(0, 2 * blocks);
  for (const plan of plans.slice(OURS - 1)) move(plan, jumpMs);
  const all = fragmentsOf(plans);
  return { ours: all.slice(0, OURS), all };
}

function move(plan: Plan, ms: number): void {
  plan.clusterMs += ms;
  plan.blocks = plan.blocks.map(shift(ms));
}

const endBeforeOf = (all: readonly NumberedFragment[]) => all[OURS]?.number ?? 0n;

async function tapeOf(fragments: readonly NumberedFragment[]): Promise<MemoryTape> {
  const tape = new MemoryTape();
  const [first, last] = [fragments[0], fragments.at(-1)];
  if (!first || !last) return tape;
  const bytes = Buffer.concat(fragments.flatMap(({ pieces }) => pieces));
  await tape.append(RECORDING, { first: first.number, last: last.number, bytes });
  return tape;
}

/** As it was heard, and as it is in the end. */
async function heardOf(
  taken: readonly NumberedFragment[],
  stored: readonly NumberedFragment[],
  remembers: boolean,
): Promise<{ before: Heard; after: Heard; outputs: LiveOutput[] }> {
  const overheard = new Overheard({
    tape: await tapeOf(stored),
    recording: RECORDING,
    windowMs: LIVE_WINDOW_MS,
  });
  const [before, after] = [new Heard(), new Heard()];
  const timeline = new LiveTimeline();
  for (const fragment of taken) {
    for (const output of timeline.add(fragment)) for (const heard of [before, after]) heard.take(output);
    if (remembers) overheard.note(timeline.state);
  }
  const endBefore = endBeforeOf(stored.length > taken.length ? stored : taken);
  const corrected = await overheard.correct(timeline, endBefore);
  const outputs: LiveOutput[] = [];
  for await (const output of corrected?.outputs ?? []) outputs.push(output);
  outputs.push(...(corrected?.timeline.finish() ?? []));
  for (const output of outputs) after.take(output);
  return { before, after, outputs };
}

function expectToBe(heard: Heard, ours: readonly NumberedFragment[]): void {
  const { audio, frames } = layOut(ours);
  const most = Math.max(frames, heard.given);
  const padded = Buffer.concat([audio, Buffer.alloc(Math.max(0, most * 4 - audio.length))]);
  expect(firstDifference(heard.audioOf(most), padded)).toBeUndefined();
}

function sinkOf(heard: Heard): AudioSink {
  const done = (act: () => void) => {
    act();
    return Promise.resolve();
  };
  return {
    start: () => Promise.resolve(),
    audio: (...args) =>
      done(() => {
        heard.audio(...args);
      }),
    late: (...args) =>
      done(() => {
        heard.takeLate(...args);
      }),
    gap: (span, why) =>
      done(() => {
        heard.gap(span, why);
      }),
    end: () => Promise.resolve(),
    close: () => undefined,
    get safe() {
      return heard.given;
    },
  };
}

describe('What was overheard', () => {
  test.each([
    ['a little', 2, true],
    ['more than any fragment is judged by', 9, true],
    ['more, by a listener begun anew', 9, false],
  ])('%s: a clock’s jump that it alone confirmed is none', async (_, next, remembers) => {
    const { ours, all } = call(next, 20_000);
    const { before, after } = await heardOf(all, all, remembers);
    // Else nothing of this is tested.
    expect(() => {
      expectToBe(before, ours);
    }).toThrow();
    expectToBe(after, ours);
  });

  test('is all that is taken back, where it told nothing of what is ours', async () => {
    const { ours, all } = call(3, 0);
    const { after, outputs } = await heardOf(all, all, true);
    expectToBe(after, ours);
    const { frames } = layOut(ours);
    expect(outputs).toEqual(
      [0, 1].map((channel) => ({
        kind: 'gap',
        span: { channel, startFrame: frames, frames: (3 * frames) / OURS },
        why: 'MOVED',
      })),
    );
  });

  test.each([true, false])('is taken back, where it alone told the sample rate (%s)', async (remembers) => {
    const plans = plansOf(OURS + 3);
    for (const plan of plans.slice(0, OURS)) plan.mimeType = '';
    const all = fragmentsOf(plans);
    const ours = all.slice(0, OURS);
    const { before, after } = await heardOf(all, all, remembers);
    expect(before.given).toBeGreaterThan(layOut(ours).frames);
    expectToBe(after, ours);
  });

  test.each([0, 1])('is taken back, though a recorder that died stored %d of it', async (stored) => {
    const { ours, all } = call(2, 20_000);
    const { after } = await heardOf(all, all.slice(0, OURS + stored), true);
    expectToBe(after, ours);
  });

  /** By itself our last block is behind a pause, as it says; before what was overheard, its time couldn't be right. */
  test.each([0, 1])('stood where ours goes, and a recorder that died stored %d of it', async (stored) => {
    const plans = plansOf(OURS + 3);
    const own = plans[OURS - 1];
    const at = own?.blocks.findLastIndex(({ channel }) => channel === 0) ?? -1;
    if (own) own.blocks = own.blocks.map((block, index) => (index === at ? shift(4_000)(block) : block));
    const all = fragmentsOf(plans);
    const ours = all.slice(0, OURS);
    const { before, after } = await heardOf(all, all.slice(0, OURS + stored), true);
    expect(() => {
      expectToBe(before, ours);
    }).toThrow();
    expectToBe(after, ours);
  });

  test('stays where positions aren’t the recording’s any more, since its beginning was found later', async () => {
    const { all } = call(2, 20_000);
    expect((await heardOf(all.slice(1), all, false)).outputs).toEqual([]);
  });

  test('is nothing, where nothing was', async () => {
    const { ours, all } = call(2, 20_000);
    expect((await heardOf(ours, all, true)).outputs).toEqual([]);
  });
});

describe('A listener', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'callspool-overheard-'));
  });
  afterEach(async () => {
    await rm(dir, { recursive: true });
  });

  test('takes back what it has given of the next recording, once the recorder’s end says so', async () => {
    const { ours, all } = call(6, 20_000);
    const recorder = new Recorder(dir, all, { endBefore: endBeforeOf(all) });
    await recorder.start();
    const heard = new Heard();
    const run = listenTo(recorder, () => Promise.resolve(sinkOf(heard)));
    recorder.keep(all.length);
    await expect.poll(() => heard.given).toBeGreaterThan(layOut(ours).frames);
    await recorder.end();
    expect(await run.done).toBe('ended');
    expectToBe(heard, ours);
  });

  test('takes it back, too, where it has to leave when the call is over', async () => {
    const { ours, all } = call(6, 20_000);
    const recorder = new Recorder(dir, all, { endBefore: endBeforeOf(all) });
    await recorder.start();
    const heard = new Heard();
    const sink = sinkOf(heard);
    let leave: () => void = () => undefined;
    const audio: AudioSink['audio'] = async (startFrame, stereo) => {
      heard.audio(startFrame, stereo);
      if (heard.given <= layOut(ours).frames) return;
      await recorder.end();
      leave();
    };
    const run = listenTo(recorder, () => Promise.resolve(Object.assign(sink, { audio })));
    leave = run.stop;
    recorder.keep(all.length);
    expect(await run.done).toBe('ended');
    expectToBe(heard, ours);
  });

  test('that heard of nothing else is told what call it is, once there is something of it', async () => {
    const plans = plansOf(OURS + 1);
    for (const plan of plans.slice(OURS)) plan.blocks = [];
    const all = fragmentsOf(plans);
    const recorder = new Recorder(dir, all, { endBefore: endBeforeOf(all) });
    await recorder.start();
    // The archive had all of it: that fills a hole, which whoever listens doesn’t hear of.
    recorder.miss(OURS);
    recorder.keep(1);
    const heard = new Heard();
    const starts: number[] = [];
    const start = ({ startFrame }: LiveCall) => Promise.resolve(void starts.push(startFrame));
    const run = listenTo(recorder, () => Promise.resolve(Object.assign(sinkOf(heard), { start })));
    await expect.poll(() => run.states.length).toBe(1);
    await recorder.end();
    expect(await run.done).toBe('ended');
    expect(starts).toEqual([0]);
    expectToBe(heard, all.slice(0, OURS));
  });

  test('that broke off when it was taken back is told where the call goes on, though nothing more comes', async () => {
    const { ours, all } = call(3, 0);
    const recorder = new Recorder(dir, all, { endBefore: endBeforeOf(all) });
    await recorder.start();
    const { frames } = layOut(ours);
    const starts: number[] = [];
    let sureOf = 0;
    const open = () => {
      const heard = new Heard();
      const breaksOff = starts.length === 0;
      const sink = sinkOf(heard);
      return Promise.resolve({
        ...sink,
        start: ({ startFrame }: LiveCall) => Promise.resolve(void starts.push(startFrame)),
        audio: async (startFrame: number, stereo: Uint8Array) => {
          await sink.audio(startFrame, stereo);
          // A little of what follows ours, and too little for another place to go on from.
          sureOf = Math.min(heard.given, frames + 1);
        },
        gap: (...args: Parameters<AudioSink['gap']>) =>
          breaksOff && args[1] === 'MOVED' ? Promise.reject(new Error('gone')) : sink.gap(...args),
        get safe() {
          return sureOf;
        },
      });
    };
    const run = listenTo(recorder, open);
    recorder.keep(all.length);
    await expect.poll(() => sureOf).toBeGreaterThan(frames);
    await recorder.end();
    expect(await run.done).toBe('ended');
    expect(starts).toEqual([0, frames]);
  });

  /** What it overheard has moved ours when it breaks off; and where it goes on, ours had all been given. */
  test.each(['sink', 'program'])(
    'whose %s breaks off when ours has been moved takes that back, though it hears of nothing else any more',
    async (what) => {
      const { ours, all } = call(2, 20_000, 4);
      const recorder = new Recorder(dir, all, { endBefore: endBeforeOf(all) });
      await recorder.start();
      const heard = new Heard();
      let [isMoved, breaksOff] = [false, true];
      const sink: AudioSink = {
        ...sinkOf(heard),
        start: async ({ startFrame }) => {
          heard.goOnAt(startFrame);
          await Promise.resolve();
        },
        gap: async (span, why) => {
          isMoved ||= why === 'MOVED';
          heard.gap(span, why);
          await Promise.resolve();
        },
        audio: async (startFrame, stereo) => {
          if (isMoved && breaksOff) {
            breaksOff = false;
            await recorder.end();
            throw new Error('gone');
          }
          heard.audio(startFrame, stereo);
        },
        get safe() {
          return heard.given;
        },
      };
      const open = () => Promise.resolve(sink);
      let run = listenTo(recorder, open);
      recorder.keep(all.length);
      await expect.poll(() => breaksOff).toBe(false);
      if (what === 'program') {
        run.stop();
        await run.done;
        run = listenTo(recorder, open, run.states.at(-1));
      }
      expect(await run.done).toBe('ended');
      expectToBe(heard, ours);
    },
  );

  test('that goes on for one that died says what call it is before it takes back, though nothing of ours has audio', async () => {
    const plans = plansOf(OURS + 3);
    for (const plan of plans.slice(0, OURS)) plan.blocks = [];
    const all = fragmentsOf(plans);
    const recorder = new Recorder(dir, all, { endBefore: endBeforeOf(all) });
    await recorder.start();
    const heard = new Heard();
    let given: string[] = [];
    const open = () => {
      const start = ({ startFrame, originMs }: LiveCall) => {
        heard.goOnAt(startFrame);
        return Promise.resolve(void given.push(`start ${startFrame} ${originMs}`));
      };
      const gap: AudioSink['gap'] = (span, why) => {
        given.push(why);
        heard.gap(span, why);
        return Promise.resolve();
      };
      return Promise.resolve(Object.assign(sinkOf(heard), { start, gap }));
    };
    const first = listenTo(recorder, open);
    recorder.keep(all.length);
    await expect.poll(() => first.states.at(-1)?.given ?? 0).toBeGreaterThan(0);
    first.stop();
    await first.done;
    const [begun] = given;
    given = [];
    await recorder.end();
    const second = listenTo(recorder, open, first.states.at(-1));
    expect(await second.done).toBe('ended');
    const startFrame = first.states.at(-1)?.given ?? 0;
    expect(given).toEqual([begun?.replace('start 0', `start ${startFrame}`), 'MOVED', 'MOVED']);
    expectToBe(heard, []);
  });

  /** Its state is from before the earlier one overheard anything: it has nothing to give, and nothing to take back. */
  test.each(['hears to the end', 'has to leave at the end'])(
    'that goes on for one that died, and %s, says where the call goes on',
    async (what) => {
      const { ours, all } = call(FRAGMENTS_AHEAD, 0);
      const { frames } = layOut(ours);
      const recorder = new Recorder(dir, all, { endBefore: endBeforeOf(all) });
      await recorder.start();
      const heard = new Heard();
      const start = ({ startFrame }: LiveCall) => {
        heard.goOnAt(startFrame);
        return Promise.resolve();
      };
      const open = () => Promise.resolve(Object.assign(sinkOf(heard), { start }));
      const first = listenTo(recorder, open);
      recorder.keep(OURS);
      await expect.poll(() => first.states.at(-1)?.given).toBe(frames);
      const old = first.states.at(-1);
      recorder.keep(all.length);
      await expect.poll(() => heard.given).toBeGreaterThan(frames);
      first.stop();
      await first.done;
      await recorder.end();
      const second = listenTo(recorder, open, old);
      if (what === 'has to leave at the end') second.stop();
      expect(await second.done).toBe('ended');
      expectToBe(heard, ours);
    },
  );

  test('that comes late isn’t given any of it', async () => {
    const { ours, all } = call(6, 0);
    const recorder = new Recorder(dir, all, { endBefore: endBeforeOf(all) });
    await recorder.start();
    recorder.keep(all.length);
    await recorder.end();
    const heard = new Heard();
    const run = listenTo(recorder, () => Promise.resolve(sinkOf(heard)));
    expect(await run.done).toBe('ended');
    expect(heard.given).toBe(layOut(ours).frames);
    expectToBe(heard, ours);
  });
});
