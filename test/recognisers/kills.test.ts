/** The real recogniser dies, hangs, or has too little memory, amid a call: no word is lost, and none is said twice. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { recogniserCommand } from '../../live/sinks/recognise/own-program.ts';
import { RecogniseSink } from '../../live/sinks/recognise/recognise.ts';
import { startTalker } from '../../live/sinks/recognise/talker.ts';
import { silentTelemetry } from '../../ports/runtime/telemetry.ts';
import { MemoryTranscripts } from '../../ports/transcripts/memory-transcripts.ts';
import { recordingId } from '../../recording/identity.ts';
import {
  isSegment,
  isUntranscribed,
  type Segment,
  SPEAKERS,
  type TranscriptRow,
} from '../../recording/transcript/segment.ts';
import { listenTo, Recorder } from '../live/recorder.ts';
import { produced } from '../support/local-run.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { callFragments } from '../support/recorded-call.ts';
import { isRecogniserThere, sampleChannels, titled } from './support.ts';
import { wordErrorRate } from './word-errors.ts';

const HUNG_MS = 60_000;

let dir: string;
const closers: (() => unknown)[] = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-kills-'));
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await rm(dir, { recursive: true });
});

interface Rig {
  readonly clock: ManualClock;
  readonly rows: () => Promise<readonly TranscriptRow[]>;
  /** Of the recogniser that was begun last. */
  readonly pid: () => Promise<number>;
  /** How many have been begun. */
  readonly begun: () => number;
}

/** @param act comes in the middle of the call. @param shell what comes before the recogniser in its shell’s command */
async function heardWhile(act: (rig: Rig) => Promise<void>, shell = ''): Promise<Segment[]> {
  const call = produced(await sampleChannels());
  const fragments = callFragments(call);
  const recorder = new Recorder(dir, fragments, { recording: call });
  await recorder.start();
  closers.push(() => recorder.feed?.end());
  const [transcripts, clock, pidFile] = [new MemoryTranscripts(), new ManualClock(), join(dir, 'pid')];
  let begun = 0;
  const run = listenTo(recorder, () => {
    begun += 1;
    const command = `echo $$ > '${pidFile}'; ${shell} exec ${recogniserCommand(process.env)}`;
    const options = { transcripts, clock, telemetry: silentTelemetry, hungMs: HUNG_MS };
    return Promise.resolve(new RecogniseSink(startTalker(command), options));
  });
  closers.push(run.stop);
  const half = Math.ceil(fragments.length / 2);
  recorder.keep(half);
  await recorder.store();
  // The shell writes it before it runs anything, and may not have come to that.
  const pid = async () => {
    const told = () => readFile(pidFile, 'utf8').catch(() => '');
    await expect.poll(told, { timeout: 60_000 }).toMatch(/^\d+\n$/);
    return Number(await told());
  };
  const rowsNow = () => transcripts.ofRecording(recordingId(call));
  await act({ rows: rowsNow, clock, pid, begun: () => begun });
  recorder.keep(fragments.length - half);
  await recorder.end();
  expect(await run.done).toBe('ended');
  expect(await run.done).toBe('ended');
  const rows = await rowsNow();
  expect(rows.filter(isUntranscribed)).toEqual([]);
  return rows.filter(isSegment);
}

const someRows = ({ rows }: Rig) =>
  expect.poll(async () => (await rows()).length, { timeout: 120_000 }).toBeGreaterThanOrEqual(2);

/** A recogniser that begins anew may hear a word otherwise; it says each once, at its time. */
function expectSame(segments: readonly Segment[], unharmed: readonly Segment[]): void {
  for (const speaker of SPEAKERS) {
    const of = (all: readonly Segment[]) => all.filter(({ channel }) => channel === speaker);
    const textOf = (all: readonly Segment[]) => all.map(({ text }) => text).join(' ');
    expect(wordErrorRate(textOf(of(segments)), textOf(of(unharmed))), textOf(of(segments))).toBeLessThan(0.1);
    for (const { startMs, text } of of(unharmed))
      expect(Math.min(...of(segments).map((one) => Math.abs(one.startMs - startMs))), text).toBeLessThan(300);
    for (const [index, { startMs, text }] of of(segments).entries())
      expect(startMs, text).toBeGreaterThanOrEqual(of(segments)[index - 1]?.endMs ?? 0);
  }
}

describe.skipIf(!isRecogniserThere)(titled('the recogniser amid a call'), { timeout: 300_000 }, () => {
  let unharmed: readonly Segment[] = [];
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'callspool-kills-'));
    unharmed = await heardWhile(() => Promise.resolve());
    expect(unharmed.length).toBeGreaterThan(5);
    await rm(dir, { recursive: true });
  }, 300_000);

  test('is killed', async () => {
    let begun = () => 0;
    const segments = await heardWhile(async (rig) => {
      await someRows(rig);
      ({ begun } = rig);
      process.kill(await rig.pid(), 'SIGKILL');
    });
    // That it has gone is found when there is more for it to hear.
    expect(begun()).toBe(2);
    expectSame(segments, unharmed);
  });

  test('stands still, is ended, and another one goes on', async () => {
    const segments = await heardWhile(async (rig) => {
      process.kill(await rig.pid(), 'SIGSTOP');
      await rig.clock.advance(2 * HUNG_MS);
      await expect.poll(rig.begun, { timeout: 60_000 }).toBe(2);
      await someRows(rig);
    });
    expectSame(segments, unharmed);
  });

  test('has too little memory at first, and then enough', async () => {
    const marker = join(dir, 'tried');
    // Of address space, KiB: less than the model and its library take.
    const shell = `[ -e '${marker}' ] || { touch '${marker}'; ulimit -v 300000; };`;
    let begun = 0;
    const segments = await heardWhile(async (rig) => {
      await expect.poll(rig.begun, { timeout: 60_000 }).toBeGreaterThanOrEqual(2);
      await someRows(rig);
      begun = rig.begun();
    }, shell);
    expect(begun).toBe(2);
    expectSame(segments, unharmed);
  });
});
