/** Listener, sinks and feed together, on a recording in memory: each sink hears the WAV, whatever breaks off. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ListenerOptions } from '../../live/listener.ts';
import { decodeState, encodeState } from '../../live/live-checkpoint.ts';
import type { AudioSink } from '../../live/sinks/audio-sink.ts';
import { openExec } from '../../live/sinks/exec.ts';
import { PiecesSink } from '../../live/sinks/pieces.ts';
import { RecogniseSink } from '../../live/sinks/recognise/recognise.ts';
import { startTalker } from '../../live/sinks/recognise/talker.ts';
import { SocketListeners } from '../../live/sinks/socket.ts';
import { type LiveState, LiveTimeline } from '../../live/timeline/live-timeline.ts';
import type { GapWhy, Span } from '../../live/timeline/outputs.ts';
import { MemoryLiveObjects } from '../../ports/live-objects/memory-live-objects.ts';
import { systemClock } from '../../ports/runtime/clock.ts';
import { silentTelemetry } from '../../ports/runtime/telemetry.ts';
import { MemoryTranscripts } from '../../ports/transcripts/memory-transcripts.ts';
import { isSegment } from '../../recording/transcript/segment.ts';
import { fragmentsOf, plansOf, shift, stall } from '../recording/audio/timed-calls.ts';
import { layOut } from '../support/audio.ts';
import { RECORDING, RECORDING_ID } from '../support/call.ts';
import { firstDifference, Heard } from '../support/heard.ts';
import { MessageReader } from '../support/live-messages.ts';
import { assembledPieces } from '../support/live-pieces.ts';
import { listenTo, Recorder, type Run } from './recorder.ts';

const plans = plansOf(12);
stall(plans, 1, 4, 7);
const FRAGMENTS = fragmentsOf(plans);
const WAV = layOut(FRAGMENTS).audio;

let dir: string;
const closers: (() => unknown)[] = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-live-'));
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await rm(dir, { recursive: true });
});

function start(recorder: Recorder, open: ListenerOptions['open'], state?: LiveState): Run {
  const run = listenTo(recorder, open, state);
  closers.push(run.stop);
  return run;
}

async function recording(): Promise<Recorder> {
  const recorder = new Recorder(dir, FRAGMENTS);
  await recorder.start();
  closers.push(() => recorder.feed?.end());
  return recorder;
}

describe('Pieces', () => {
  test('are a WAV of each second, and the late side’s own; all of it is the WAV', async () => {
    const recorder = await recording();
    const objects = new MemoryLiveObjects();
    const run = start(recorder, () => Promise.resolve(new PiecesSink(objects)));
    recorder.keep(6);
    await expect.poll(() => objects.puts.length).toBeGreaterThanOrEqual(5);
    recorder.keep(6);
    await recorder.end();
    expect(await run.done).toBe('ended');
    await recorder.feed?.done();
    const { heard, late, gaps } = assembledPieces(objects, RECORDING);
    expect(firstDifference(heard.audioOf(WAV.length / 4), WAV)).toBeUndefined();
    expect(late).toBeGreaterThan(0);
    expect(gaps).toContain('1:LATE:');
    expect(new Set(objects.puts).size).toBe(objects.puts.length);
  });

  test('of a listener that is killed, and one that goes on, are the same', async () => {
    const recorder = await recording();
    const objects = new MemoryLiveObjects();
    const first = start(recorder, () => Promise.resolve(new PiecesSink(objects)));
    recorder.keep(5);
    await recorder.store();
    recorder.keep(2);
    await expect.poll(() => first.states.length).toBeGreaterThan(2);
    first.stop();
    await first.done;
    const state = first.states.at(-1);
    const again = decodeState(encodeState(state ?? new LiveTimeline().state));
    expect(again).toEqual(state);
    const second = start(recorder, () => Promise.resolve(new PiecesSink(objects)), again);
    recorder.keep(5);
    await recorder.end();
    expect(await second.done).toBe('ended');
    const { heard } = assembledPieces(objects, RECORDING);
    expect(firstDifference(heard.audioOf(WAV.length / 4), WAV)).toBeUndefined();
  });
});

describe('A program', () => {
  test('hears all of it on its standard input, and is waited for', async () => {
    const recorder = await recording();
    const file = join(dir, 'heard');
    const run = start(recorder, () => Promise.resolve(openExec(`cat > '${file}'`)));
    recorder.keep(12);
    await recorder.end();
    expect(await run.done).toBe('ended');
    const messages = new MessageReader();
    messages.push(await readFile(file));
    expect(firstDifference(messages.heard.audioOf(WAV.length / 4), WAV)).toBeUndefined();
    expect(messages.start).toMatchObject({ recordingId: RECORDING_ID, sampleRate: 8_000, startFrame: 0 });
    expect(messages.end).toEqual({ kind: 'end', reason: 'ended' });
  });

  test('that dies is started anew, from where it may have come to', async () => {
    const recorder = await recording();
    let times = 0;
    const file = join(dir, 'heard');
    const failures: string[] = [];
    const onFailure = (why: string) => failures.push(why);
    const run = start(recorder, () => {
      times += 1;
      return Promise.resolve(openExec(times === 1 ? 'exit 7' : `cat > '${file}'`, { onFailure }));
    });
    recorder.keep(12);
    await recorder.end();
    expect(await run.done).toBe('ended');
    expect(times).toBe(2);
    expect(failures).toEqual(['the program ended with exit code 7']);
    const messages = new MessageReader();
    messages.push(await readFile(file));
    expect(messages.end).toEqual({ kind: 'end', reason: 'ended' });
  });
});

test('a program that hangs goes with what its shell has started', async () => {
  const file = join(dir, 'pid');
  const command = `sleep 60 & echo $! > '${file}.new'; mv '${file}.new' '${file}'; wait`;
  const sink = openExec(command, { ownGroup: true });
  const pidOf = () => readFile(file, 'utf8').then(Number, () => 0);
  await expect.poll(pidOf, { timeout: 10_000 }).toBeGreaterThan(0);
  const pid = await pidOf();
  sink.close();
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
});

/** One that has ended, and that nobody has asked after, is not. */
async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return /^\d+ \(.*\) [^ZX] /.test(stat);
}

/** Says a word of every second that it has heard, and dies, or hangs, after some of them. */
const FAKE_RECOGNISER = `
  const [, , saysMost] = process.argv;
  let rest = Buffer.alloc(0);
  let rate = 0, heard = 0, said = 0;
  const say = (line) => process.stdout.write(JSON.stringify(line) + '\\n');
  const WIDTHS = { audio: 4, late: 2 };
  say({ heard: 0 });
  process.stdin.on('data', (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const message = JSON.parse(rest.subarray(0, end).toString());
      const behind = (WIDTHS[message.kind] ?? 0) * (message.frames ?? 0);
      if (rest.length < end + 1 + behind) return;
      rest = rest.subarray(end + 1 + behind);
      take(message);
    }
  });
  let late = 0;
  const take = ({ kind, sampleRate, startFrame, frames }) => {
    if (kind === 'start') { rate = sampleRate; heard = Math.ceil(startFrame / rate) * rate; }
    if (kind === 'late') say({ heard, late: ++late });
    if (kind === 'audio') for (; heard + rate <= startFrame + frames; heard += rate) {
      if (said++ === Number(saysMost)) process.exit(9);
      const text = 'word-' + String.fromCharCode(97 + heard / rate);
      const span = { startFrame: heard + 100, endFrame: heard + 4000 };
      say({ channel: 'AGENT', ...span, text, words: [{ text, ...span }] });
      say({ heard: heard + rate, late });
    }
    if (kind === 'end') process.exit(0);
  };
`;

describe('A recogniser', () => {
  test('that dies again and again says each word once', async () => {
    const recorder = await recording();
    const transcripts = new MemoryTranscripts();
    const program = join(dir, 'recogniser.mjs');
    await writeFile(program, FAKE_RECOGNISER);
    let times = 0;
    const run = start(recorder, () => {
      times += 1;
      const talker = startTalker(`'${process.execPath}' '${program}' ${times <= 3 ? 2 : 100}`);
      const options = { transcripts, clock: systemClock, telemetry: silentTelemetry, hungMs: 60_000 };
      return Promise.resolve(new RecogniseSink(talker, options));
    });
    recorder.keep(12);
    await recorder.end();
    expect(await run.done).toBe('ended');
    expect(times).toBe(4);
    const rows = await transcripts.ofRecording(RECORDING_ID);
    const seconds = Math.floor(WAV.length / 4 / 8_000);
    expect(rows.map((row) => isSegment(row) && row.text)).toEqual(
      Array.from({ length: seconds }, (_, index) => `word-${String.fromCharCode(97 + index)}`),
    );
  });
});

describe('A socket', () => {
  test('whoever connects late hears all; one that goes and comes again, what it hasn’t said it has heard', async () => {
    const recorder = await recording();
    const path = join(dir, 'audio.sock');
    const listeners = await SocketListeners.listen(path, systemClock);
    closers.push(() => {
      listeners.close();
    });
    const run = start(recorder, (signal) => listeners.next(signal));
    recorder.keep(7);
    await recorder.store();

    const first = connect(path);
    first.write('{"heard": 0}\n');
    const early = new MessageReader();
    await new Promise<void>((resolve) => {
      first.on('data', (bytes) => {
        early.push(bytes);
        if (early.heard.given > 20_000) resolve();
      });
    });
    first.write('{"heard": 16000}\nno line of ours\n');
    recorder.keep(1);
    await expect.poll(() => run.states.length).toBeGreaterThan(0);
    first.destroy();

    const second = connect(path);
    const later = new MessageReader();
    second.on('data', (bytes) => {
      later.push(bytes);
    });
    recorder.keep(4);
    await recorder.end();
    expect(await run.done).toBe('ended');
    const from = later.start?.startFrame ?? -1;
    expect(from).toBeGreaterThan(0);
    expect(from).toBeLessThanOrEqual(16_000);
    const whole = later.heard.audioOf(WAV.length / 4);
    early.heard.audioOf(from).copy(whole);
    expect(firstDifference(whole, WAV)).toBeUndefined();
    second.destroy();
  });
});

test('whoever writes a line without end, and then no more, hears all of it', async () => {
  const recorder = await recording();
  const path = join(dir, 'audio.sock');
  const listeners = await SocketListeners.listen(path, systemClock);
  closers.push(() => {
    listeners.close();
  });
  const run = start(recorder, (signal) => listeners.next(signal));
  const socket = connect({ path, allowHalfOpen: true });
  socket.end(Buffer.alloc(1 << 20, 'a'));
  const messages = new MessageReader();
  socket.on('data', (bytes) => {
    messages.push(bytes);
  });
  const heard = new Promise<void>((resolve) => {
    socket.once('end', resolve);
  });
  recorder.keep(12);
  await recorder.end();
  expect(await run.done).toBe('ended');
  await heard;
  socket.destroy();
  expect(firstDifference(messages.heard.audioOf(WAV.length / 4), WAV)).toBeUndefined();
});

describe('A listener that has to leave when the call is over tells', () => {
  /** @param leaves told of what was opened, and of each piece of audio; whether the listener has to leave then */
  async function left(fragments: typeof FRAGMENTS, leaves: (startFrame: number | undefined) => boolean) {
    const recorder = new Recorder(dir, fragments);
    recorder.keep(fragments.length);
    await recorder.end();
    const heard = new Heard();
    const told: { span: Span; why: GapWhy }[] = [];
    let stop: () => void = () => undefined;
    const leaveAt = (startFrame?: number) => {
      if (leaves(startFrame)) stop();
      return Promise.resolve();
    };
    const sink: AudioSink = {
      safe: Infinity,
      start: () => Promise.resolve(),
      audio: (startFrame, stereo) => {
        heard.audio(startFrame, stereo);
        return leaveAt(startFrame);
      },
      late: () => Promise.resolve(),
      gap: (span, why) => {
        told.push({ span, why });
        return Promise.resolve();
      },
      end: () => Promise.resolve(),
      close: () => undefined,
    };
    const run = start(recorder, async () => {
      await Promise.resolve();
      await leaveAt();
      return sink;
    });
    ({ stop } = run);
    expect(await run.done).toBe('ended');
    return { heard, told: (one: GapWhy) => told.filter(({ why }) => why === one).map(({ span }) => span) };
  }

  const spans = (startFrame: number, frames: number): Span[] =>
    ([0, 1] as const).map((channel) => ({ channel, startFrame, frames }));

  test('what it can’t give any more', async () => {
    const { heard, told } = await left(FRAGMENTS, (startFrame = 0) => startFrame > 30_000);
    expect(heard.given).toBeLessThan(WAV.length / 4);
    expect(told('END')).toEqual(spans(heard.given, WAV.length / 4 - heard.given));
  });

  test('all of it, where it has given nothing', async () => {
    const { told } = await left(FRAGMENTS, (startFrame) => startFrame === undefined);
    expect(told('END')).toEqual(spans(0, WAV.length / 4));
  });

  test('what it gave where that doesn’t belong, as what it can’t give any more says', async () => {
    const jumping = plansOf(14);
    for (const plan of jumping.slice(8, 9)) plan.blocks = plan.blocks.slice(0, 8);
    for (const plan of jumping.slice(9)) {
      plan.clusterMs += 20_000;
      plan.blocks = plan.blocks.map(shift(20_000));
    }
    const fragments = fragmentsOf(jumping);
    const begun = layOut(fragments.slice(0, 9)).frames;
    const { heard, told } = await left(fragments, (startFrame = 0) => startFrame >= begun);
    const wrong = framesUnlike(heard.audioOf(heard.given), layOut(fragments).audio);
    expect(wrong.length).toBeGreaterThan(0);
    const moved = told('MOVED').filter(({ channel }) => channel === 0);
    const isTold = (frame: number) =>
      moved.some(({ startFrame, frames }) => frame >= startFrame && frame < startFrame + frames);
    expect(wrong.filter((frame) => !isTold(frame))).toEqual([]);
    expect(Math.max(...moved.map(({ startFrame, frames }) => startFrame + frames))).toBe(heard.given);
  });
});

/** Frames at which the customer's samples differ. @param audio both interleaved S16LE. @param wav no shorter */
function framesUnlike(audio: Buffer, wav: Buffer): number[] {
  return Array.from({ length: audio.length / 4 }, (_, frame) => frame).filter(
    (frame) => audio.readInt16LE(frame * 4) !== wav.readInt16LE(frame * 4),
  );
}
