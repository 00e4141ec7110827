/** What a recogniser says of a call becomes rows, once each, whatever becomes of the recogniser. */
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { linesOf } from '../../live/sinks/lines.ts';
import { Lag } from '../../live/sinks/recognise/lag.ts';
import type { RecogniseOptions } from '../../live/sinks/recognise/options.ts';
import { RecogniseSink } from '../../live/sinks/recognise/recognise.ts';
import { startTalker, type Talker } from '../../live/sinks/recognise/talker.ts';
import { SegmentEvents } from '../../live/sinks/segment-events.ts';
import { MemoryEvents } from '../../ports/events/memory-events.ts';
import { MemoryTranscripts } from '../../ports/transcripts/memory-transcripts.ts';
import { isUntranscribed } from '../../recording/transcript/segment.ts';
import { RECORDING, RECORDING_ID } from '../support/call.ts';
import { collect } from '../support/collect.ts';
import { ManualClock, settled } from '../support/manual-clock.ts';
import { RecordedTelemetry } from '../support/telemetry.ts';

const RATE = 8_000;
const HUNG_MS = 60_000;
const second = new Uint8Array(RATE * 4);

/** A recogniser in hand: what it is told can be read, what it says is given. */
class Recogniser implements Talker {
  readonly told = new PassThrough({ highWaterMark: 1 << 24 });
  readonly said = new PassThrough();
  readonly done: Promise<void>;
  leave: (error?: Error) => void = () => undefined;
  closed = false;

  constructor() {
    this.done = new Promise((resolve, reject) => {
      this.leave = (error) => {
        this.said.end();
        if (error) reject(error);
        else resolve();
      };
    });
    this.done.catch(() => undefined);
  }

  async say(...lines: readonly unknown[]): Promise<void> {
    for (const line of lines) this.said.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`);
    await settled();
    await settled();
  }

  toldKinds(): string[] {
    const text = Buffer.from((this.told.read() as Buffer | null) ?? '').toString('latin1');
    return [...text.matchAll(/"kind":"(\w+)"/g)].map(([, kind = '']) => kind);
  }

  close(): void {
    this.closed = true;
    this.said.end();
  }
}

function utterance(text: string, startSecond: number, more: object = {}) {
  const words = text.split(' ').map((word, index) => ({
    text: word,
    startFrame: startSecond * RATE + index * 2_000,
    endFrame: startSecond * RATE + (index + 1) * 2_000,
  }));
  const endFrame = words.at(-1)?.endFrame ?? 0;
  return { channel: 'CUSTOMER', startFrame: startSecond * RATE, endFrame, text, words, ...more };
}

class World {
  readonly transcripts = new MemoryTranscripts();
  readonly clock = new ManualClock(0);
  readonly telemetry = new RecordedTelemetry();
  recogniser = new Recogniser();

  open(options: Partial<RecogniseOptions> = {}): RecogniseSink {
    this.recogniser = new Recogniser();
    const { transcripts, clock, telemetry } = this;
    return new RecogniseSink(this.recogniser, { transcripts, clock, telemetry, hungMs: HUNG_MS, ...options });
  }

  async started(options: Partial<RecogniseOptions> = {}, startFrame = 0): Promise<RecogniseSink> {
    const sink = this.open(options);
    await sink.start({ recording: RECORDING, sampleRate: RATE, originMs: 0, startFrame });
    return sink;
  }

  async rows(): Promise<string[]> {
    const rows = await this.transcripts.ofRecording(RECORDING_ID);
    return rows.map((row) =>
      isUntranscribed(row)
        ? `${row.channel} ${row.startMs}-${row.endMs} ${row.untranscribed}`
        : `${row.channel} ${row.startMs} ${row.text}`,
    );
  }
}

/** @param from, to seconds */
async function hearSeconds(sink: RecogniseSink, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += 1) await sink.audio(at * RATE, second);
}

describe('what a recogniser says', () => {
  test('becomes rows when it is final, and is safe when they stand there', async () => {
    const world = new World();
    const sink = await world.started();
    await hearSeconds(sink, 0, 5);
    const { recogniser } = world;
    await recogniser.say({ heard: 0 }, utterance('hello', 1, { final: false }));
    expect(await world.rows()).toEqual([]);
    expect(sink.safe).toBe(0);

    await recogniser.say(utterance('hello there', 1), utterance('hi', 2, { channel: 'AGENT' }), {
      heard: 3 * RATE,
    });
    expect(await world.rows()).toEqual(['CUSTOMER 1000 hello there', 'AGENT 2000 hi']);
    expect(sink.safe).toBe(3 * RATE);
    await recogniser.say({ heard: 100 * RATE });
    expect(sink.safe).toBe(5 * RATE);
    expect(recogniser.toldKinds()).toEqual(['start', 'audio', 'audio', 'audio', 'audio', 'audio']);
    sink.close();
  });

  test('isn’t safe while it is held back, and is masked when it is known', async () => {
    const world = new World();
    const sink = await world.started();
    await hearSeconds(sink, 0, 20);
    await world.recogniser.say(utterance('it is 4111 1111', 1), { heard: 4 * RATE });
    expect([await world.rows(), sink.safe]).toEqual([[], RATE]);
    await world.recogniser.say(utterance('1111 1111 please', 5), { heard: 8 * RATE });
    expect(await world.rows()).toEqual(['CUSTOMER 1000 it is [masked]', 'CUSTOMER 5000 [masked] please']);
    expect(sink.safe).toBe(8 * RATE);
    await world.recogniser.say(utterance('I have 2', 9), { heard: 15 * RATE });
    expect(sink.safe).toBe(9 * RATE);
    const ended = sink.end('ended');
    world.recogniser.leave();
    await ended;
    expect((await world.rows()).at(-1)).toBe('CUSTOMER 9000 I have 2');
  });

  test('is there once, though a recogniser dies and another one is given the rest again', async () => {
    const world = new World();
    const sink = await world.started();
    await hearSeconds(sink, 0, 10);
    await world.recogniser.say(utterance('well and good', 2), { heard: 2 * RATE });
    world.recogniser.leave(new Error('killed'));
    await expect(sink.audio(10 * RATE, second)).rejects.toThrow('killed');
    expect(sink.safe).toBe(2 * RATE);
    sink.close();

    const next = await world.started({}, 2 * RATE);
    for (let at = 2; at < 10; at += 1) await next.audio(at * RATE, second);
    await world.recogniser.say(utterance('well and good then', 2), { heard: 10 * RATE });
    expect(await world.rows()).toEqual(['CUSTOMER 2000 well and good', 'CUSTOMER 2750 then']);
    next.close();
  });

  test('is waited for no longer than a recogniser lives', async () => {
    const world = new World();
    const sink = await world.started();
    await world.recogniser.say({ heard: 0 });
    await hearSeconds(sink, 0, 2);
    await world.clock.advance(HUNG_MS - 1_000);
    await world.recogniser.say({ heard: 0 });
    await world.clock.advance(HUNG_MS - 1_000);
    await sink.audio(2 * RATE, second);
    await world.recogniser.say({ heard: 3 * RATE });
    // There is nothing to be heard.
    await world.clock.advance(3 * HUNG_MS);
    await sink.audio(3 * RATE, second);
    await world.clock.advance(2 * HUNG_MS);
    await expect(sink.audio(4 * RATE, second)).rejects.toThrow('hangs');
    sink.close();
    expect(world.recogniser.closed).toBe(true);
  });

  test('is refused where it can’t be, and counted; nothing of it is logged', async () => {
    const world = new World();
    const sink = await world.started();
    await hearSeconds(sink, 0, 2);
    await world.recogniser.say(
      'secret words',
      { channel: 'CUSTOMER', text: 'secret' },
      utterance('not given yet, secret', 3),
      'x'.repeat(300_000),
      utterance('good', 1),
      { heard: 2 * RATE },
    );
    expect(await world.rows()).toEqual(['CUSTOMER 1000 good']);
    const ended = sink.end('ended');
    world.recogniser.leave();
    await ended;
    expect(world.telemetry.lines).toMatchObject([{ level: 'warn', fields: { lines: 4 } }]);
    expect(JSON.stringify(world.telemetry.lines)).not.toContain('secret');
  });

  test('where it doesn’t belong is taken back, and said where it does', async () => {
    const world = new World();
    const sink = await world.started();
    await hearSeconds(sink, 0, 10);
    const { recogniser } = world;
    await recogniser.say(
      utterance('one two three four five', 1),
      utterance('hi there', 4, { channel: 'AGENT' }),
      utterance('gone', 5),
      { heard: 7 * RATE },
    );
    // The customer’s second from 1.5 to 2, and what was said at 5 s; the agent’s stays.
    await sink.gap({ channel: 0, startFrame: 1.5 * RATE, frames: RATE / 2 }, 'MOVED');
    await sink.gap({ channel: 0, startFrame: 5 * RATE, frames: RATE }, 'MOVED');
    expect(await world.rows()).toEqual([
      'CUSTOMER 1000 one two',
      'CUSTOMER 2000 five',
      'AGENT 4000 hi there',
    ]);
    expect(sink.safe).toBeLessThan(10 * RATE);
    await sink.late(0, 5.5 * RATE, new Uint8Array(RATE * 2));
    // Of what it was given before it knew.
    await recogniser.say(utterance('gone', 5), utterance('well', 8), { heard: 8 * RATE });
    expect((await world.rows()).at(-1)).toBe('CUSTOMER 8000 well');
    expect(await world.rows()).not.toContain('CUSTOMER 5000 gone');
    await recogniser.say({ heard: 8 * RATE, late: 2 }, utterance('here', 5), { heard: 10 * RATE, late: 3 });
    expect(await world.rows()).toContain('CUSTOMER 5000 here');
    expect(sink.safe).toBe(10 * RATE);
    expect(recogniser.toldKinds()).toEqual([
      'start',
      ...Array<string>(10).fill('audio'),
      'gap',
      'gap',
      'late',
    ]);
    sink.close();
  });

  test('goes to whoever is told, masked, when it stands there; before it is final, where that is asked for', async () => {
    const world = new World();
    const bus = new MemoryEvents();
    const { clock, telemetry } = world;
    const events = new SegmentEvents({ events: bus, partials: true, clock, telemetry });
    const sink = await world.started({ events });
    await hearSeconds(sink, 0, 30);
    const { recogniser } = world;
    await recogniser.say(
      { heard: 0 },
      utterance('it is 4111 1111', 1, { final: false }),
      // Of what hasn’t been given.
      utterance('soon', 40, { final: false }),
      utterance('it is 4111 1111 1111 1111 thanks', 1),
      { heard: 20 * RATE },
    );
    expect(bus.published.map(({ detail }) => [detail.text, detail.final])).toEqual([
      ['it is [masked]', false],
      ['it is [masked] thanks', true],
    ]);
    await sink.gap({ channel: 1, startFrame: 30 * RATE, frames: 2 * RATE }, 'END');
    await settled();
    expect(bus.published.at(-1)?.detail).toMatchObject({ untranscribed: 'END', channel: 'AGENT' });
    expect(world.telemetry.metrics).toContainEqual({ UntranscribedMs: 2_000 });
    expect(world.telemetry.metrics.filter(({ WordsBegun: begun }) => begun === 1)).toHaveLength(1);
    sink.close();
  });

  test('is told to be so far behind', async () => {
    const world = new World();
    const sink = await world.started();
    await hearSeconds(sink, 0, 5);
    await world.recogniser.say({ heard: RATE });
    await world.clock.advance(12_000);
    await hearSeconds(sink, 5, 6);
    expect(world.telemetry.metrics).toContainEqual({ WordsBehindMs: 11_000 });
    sink.close();
  });

  test('of a late side is waited for', async () => {
    const world = new World();
    const sink = await world.started();
    await hearSeconds(sink, 0, 5);
    await sink.late(1, RATE, new Uint8Array(RATE * 2));
    await sink.audio(5 * RATE, second);
    await world.recogniser.say({ heard: 6 * RATE, late: 0 });
    expect(sink.safe).toBe(5 * RATE - 1);
    await world.recogniser.say(utterance('late', 1, { channel: 'AGENT' }), { heard: 6 * RATE, late: 1 });
    expect(sink.safe).toBe(6 * RATE);
    expect(await world.rows()).toEqual(['AGENT 1000 late']);
    sink.close();
  });

  test('may leave out what is too far behind, where a setting says so, and that is told', async () => {
    const world = new World();
    const sink = await world.started({ lag: new Lag(30_000) });
    await hearSeconds(sink, 0, 2);
    await world.recogniser.say({ heard: 2 * RATE });
    await world.clock.advance(40_000);
    await hearSeconds(sink, 2, 7);
    expect(sink.safe).toBe(2 * RATE);
    // What is said now is heard.
    for (let at = 7; at < 42; at += 1) {
      await sink.audio(at * RATE, second);
      await world.recogniser.say({ heard: (at + 1) * RATE });
    }
    expect(await world.rows()).toEqual(['AGENT 2000-11000 BEHIND', 'CUSTOMER 2000-11000 BEHIND']);
    expect(sink.safe).toBe(42 * RATE);
    sink.close();
  });

  test('or couldn’t say before the call was over is told', async () => {
    const world = new World();
    const sink = await world.started();
    await hearSeconds(sink, 0, 10);
    await world.recogniser.say(utterance('hello', 1), { heard: 4 * RATE });
    await sink.gap({ channel: 1, startFrame: 10 * RATE, frames: RATE }, 'END');
    const ended = sink.end('ended');
    await world.clock.advance(18_000);
    await ended;
    expect(await world.rows()).toEqual([
      'CUSTOMER 1000 hello',
      'AGENT 4000-10000 END',
      'CUSTOMER 4000-10000 END',
      'AGENT 10000-11000 END',
    ]);
    sink.close();
  });

  test('isn’t finished by one who leaves for another to go on', async () => {
    const world = new World();
    const sink = await world.started();
    await hearSeconds(sink, 0, 10);
    await world.recogniser.say(utterance('I have 2', 1), { heard: 4 * RATE });
    const ended = sink.end('stopped');
    world.recogniser.leave();
    await ended;
    expect(await world.rows()).toEqual([]);
    sink.close();
  });
});

describe('a program', () => {
  test('is told, answers, and goes with its shell', async () => {
    const talker = startTalker('cat');
    talker.told.end('one\ntwo\n');
    expect(await collect(linesOf(talker.said, 100))).toEqual(['one', 'two']);
    await talker.done;

    const sleeper = startTalker('sleep 1000; true');
    sleeper.close();
    await expect(sleeper.done).rejects.toThrow('SIGKILL');
    await expect(startTalker('exit 3').done).rejects.toThrow('exit code 3');
  });

  test('whose lines are too long says nothing by them', async () => {
    const said = new PassThrough();
    const lines = collect(linesOf(said, 5));
    for (const part of ['12345\n123', '456', '7\n', '12', '3\n\n']) said.write(part);
    said.end();
    expect(await lines).toEqual(['12345', undefined, '123', '']);
  });
});
