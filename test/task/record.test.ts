import { describe, expect, it } from 'vitest';
import type { MediaArchive, StartSelector } from '../../ports/media/media.ts';
import { MediaError } from '../../ports/media/media.ts';
import type { OpenPlan } from '../../ports/media/memory-media.ts';
import { recordingId } from '../../recording/identity.ts';
import { record } from '../../task/record.ts';
import type { FeedSink } from '../../task/sinks/fragment-sink.ts';
import { EXECUTION_ARN, STREAM_ARN } from '../support/call.ts';
import { broken, T0 } from '../support/documents.ts';
import { range, RecordingWorld, silence, spoken } from '../support/recording-world.ts';

const HEADER_BYTES = 44;

/** Since the call began. */
function secondsOf({ clock }: RecordingWorld): number {
  return (clock.now() - T0) / 1_000;
}

/** Records and assembles; the samples, and what came of it. */
async function outcome(world: RecordingWorld) {
  const left = await world.record();
  const checkpoint = await world.checkpoint;
  const { call, wav } = await world.assemble();
  return { left, checkpoint, call, samples: wav?.subarray(HEADER_BYTES), losses: call?.losses ?? [] };
}

describe('record', () => {
  it('records a call from its first fragment to its last', async () => {
    const world = new RecordingWorld();
    world.talk(0, 25);
    await world.hangUpAt(25);
    const { left, checkpoint, call, samples } = await outcome(world);
    expect(left).toBe('ended');
    expect(checkpoint?.ended?.reason).toBe('DISCONNECTED');
    expect(checkpoint?.counters).toMatchObject({ fragments: 25, segments: 3, mediaMs: 25_000 });
    expect(call?.status).toBe('COMPLETE');
    expect(samples?.equals(spoken(...range(0, 25)))).toBe(true);
  });

  it('stores the tape object before the checkpoint that speaks of it', async () => {
    const world = new RecordingWorld();
    world.talk(0, 25);
    await world.hangUpAt(25);
    await world.record();
    const lasts = world.tape.history.map(({ object }) => object.last);
    const advanced = world.checkpoints.history.filter(({ operation }) => operation === 'advance');
    expect(advanced.map(({ after }) => after.position?.lastFragmentNumber)).toEqual(lasts);
  });

  it.each([
    ['a session cut every fragment', () => ({ afterFragments: 1 })],
    [
      'a session cut in the middle of a fragment',
      (session: number) => ({ afterBytes: 33_000 + session * 517 }),
    ],
    [
      'bodies that break off with an error',
      () => ({ afterFragments: 2, breakOff: new MediaError('unavailable', 'reset') }),
    ],
    ['bodies that fall silent', () => ({ afterFragments: 3, breakOff: 'stall', idleMs: 30_000 }) as const],
    ['chunks of a few bytes', () => ({ chunkBytes: 97 })],
    [
      'every second opening refused',
      (session: number) =>
        session % 2 === 0 ? { refuse: new MediaError('unavailable', 'throttled') } : { afterFragments: 4 },
    ],
    [
      'stream errors that pass',
      () => ({ afterFragments: 2, breakOff: { report: { id: 5000, code: 'INTERNAL_ERROR' } } }),
    ],
  ])('is not changed by %s', async (_, sessions) => {
    const world = new RecordingWorld({ sessions: (session) => (session > 30 ? {} : sessions(session)) });
    world.talk(0, 12);
    await world.hangUpAt(12);
    const { call, samples } = await outcome(world);
    expect(call?.status).toBe('COMPLETE');
    expect(samples?.equals(spoken(...range(0, 12)))).toBe(true);
  });

  it('doesn’t take a long hold for the end', async () => {
    const world = new RecordingWorld();
    world.talk(0, 3);
    world.talk(903, 906);
    await world.hangUpAt(906);
    const { call, samples } = await outcome(world);
    expect(call?.status).toBe('COMPLETE');
    expect(samples?.equals(Buffer.concat([spoken(0, 1, 2), silence(900), spoken(903, 904, 905)]))).toBe(true);
  });

  it('skips the call before it on the same stream, and ends with the call after it', async () => {
    const world = new RecordingWorld();
    for (const index of range(-8, 0)) world.say(index, { contactId: 'before' });
    world.talk(0, 5);
    for (const index of range(7, 12)) world.say(index, { contactId: 'after' });
    await world.calls.create(world.newCall);
    const { checkpoint, call, samples } = await outcome(world);
    expect(checkpoint?.ended?.reason).toBe('NEXT_CONTACT');
    expect(call?.status).toBe('COMPLETE');
    expect(samples?.equals(spoken(...range(0, 5)))).toBe(true);
  });

  it('ends where the contact’s next recording begins', async () => {
    const world = new RecordingWorld();
    world.talk(0, 10);
    await world.calls.create(world.newCall);
    await world.calls.create({ ...world.newCall, startFragmentNumber: world.number(6).toString() });
    const { checkpoint, call, samples } = await outcome(world);
    expect(checkpoint?.ended).toMatchObject({
      reason: 'NEXT_RECORDING',
      endBefore: world.number(6).toString(),
    });
    expect(call?.status).toBe('COMPLETE');
    expect(samples?.equals(spoken(...range(0, 6)))).toBe(true);
  });

  it('leaves out of the WAV what it stored of the next recording before it knew of it', async () => {
    const world = new RecordingWorld();
    world.talk(0, 10);
    await world.hangUpAt(10);
    await world.record();
    await world.calls.create({ ...world.newCall, startFragmentNumber: world.number(6).toString() });
    const { call, wav } = await world.assemble();
    expect(call?.status).toBe('COMPLETE');
    expect(wav?.subarray(HEADER_BYTES).equals(spoken(...range(0, 6)))).toBe(true);
  });

  it('asks Connect when no contact event comes', async () => {
    const world = new RecordingWorld();
    world.talk(0, 5);
    await world.calls.create(world.newCall);
    world.contacts.set(world.recording.contactId, { disconnectedAt: new Date(T0 + 5_000).toISOString() });
    const { checkpoint, call } = await outcome(world);
    expect(checkpoint?.ended?.reason).toBe('DISCONNECTED');
    expect(call).toMatchObject({ status: 'COMPLETE', disconnectedAt: new Date(T0 + 5_000).toISOString() });
  });

  it('waits on while Connect doesn’t know, up to the longest call', async () => {
    const world = new RecordingWorld({ settings: { longestCallMs: 1_800_000 } });
    world.talk(0, 5);
    await world.calls.create(world.newCall);
    const { checkpoint, call } = await outcome(world);
    expect(checkpoint?.ended?.reason).toBe('LONGEST_CALL');
    expect(world.clock.now() - T0).toBeGreaterThan(1_800_000);
    expect(world.contacts.asked).toBeLessThan(40);
    expect(call).toMatchObject({ status: 'INCOMPLETE', losses: [{ kind: 'CUT_AT_LIMIT' }] });
  });

  it('cuts a call that goes on for longer than the longest call', async () => {
    const world = new RecordingWorld({ settings: { longestCallMs: 60_000 } });
    world.talk(0, 80);
    await world.calls.create(world.newCall);
    const { checkpoint, call } = await outcome(world);
    expect(checkpoint?.ended?.reason).toBe('LONGEST_CALL');
    expect(call?.losses?.map(({ kind }) => kind)).toEqual(['CUT_AT_LIMIT']);
    expect(call?.durationMs).toBeGreaterThanOrEqual(60_000);
  });

  it('gives up on a stream that can’t be read after the contact is over, once it has been idle', async () => {
    const world = new RecordingWorld({
      sessions: (session) =>
        session < 3 ? { afterFragments: 3 } : { refuse: new MediaError('unavailable', 'gone dark') },
      archive: { refuse: () => new MediaError('unavailable', 'gone dark') },
    });
    world.talk(0, 9);
    await world.hangUpAt(9);
    const { checkpoint, call } = await outcome(world);
    expect(checkpoint?.ended?.reason).toBe('IDLE');
    expect(call).toMatchObject({ status: 'INCOMPLETE', losses: [{ kind: 'RECORDER_STOPPED' }] });
  });

  it.each([
    ['noSuchStream', 'NO_SUCH_STREAM'],
    ['accessDenied', 'ACCESS_DENIED'],
    ['keyUnavailable', 'KEY_UNAVAILABLE'],
  ] as const)(
    'ends when no retry has mended it, and the contact has been over for long: %s',
    async (kind, reason) => {
      const refuse = new MediaError(kind, 'no');
      const world = new RecordingWorld({ sessions: () => ({ refuse }), archive: { refuse: () => refuse } });
      await world.hangUpAt(100);
      const { left, checkpoint, call } = await outcome(world);
      expect(left).toBe('ended');
      expect(checkpoint?.ended).toMatchObject({ reason, why: 'no' });
      expect(call).toMatchObject({ status: 'FAILED', why: 'no' });
      // A stream without retention keeps what it holds for 5 minutes.
      expect(secondsOf(world)).toBeGreaterThanOrEqual(400);
      expect(secondsOf(world)).toBeLessThan(440);
    },
  );

  it('says EMPTY, and why, where there never was any audio', async () => {
    const world = new RecordingWorld();
    await world.hangUpAt(5);
    const { call, samples } = await outcome(world);
    expect(call?.status).toBe('EMPTY');
    expect(call?.why).toContain('check that the flow starts media streaming');
    expect(samples).toBeUndefined();
  });
});

describe('record, at the start', () => {
  it('begins 10 s before the start by the server’s clock, and never with the fragment after the first', async () => {
    const world = new RecordingWorld();
    world.talk(0, 3);
    await world.hangUpAt(3);
    await world.record();
    expect(world.media.starts[0]).toEqual({ kind: 'serverTimestamp', atMs: T0 - 10_000 });
  });

  it('goes back further when the first number is above the start', async () => {
    const world = new RecordingWorld();
    // Connect's clock was half a minute late: by the server's, the call began before the first rung.
    world.talk(0, 60);
    await world.hangUpAt(60);
    const settings = { startedAtMs: T0 + 30_000 };
    await world.record({ settings });
    expect(world.media.starts.slice(0, 2)).toEqual([
      { kind: 'serverTimestamp', atMs: T0 + 20_000 },
      { kind: 'serverTimestamp', atMs: T0 - 30_000 },
    ]);
    const { wav } = await world.assemble();
    expect(wav?.subarray(HEADER_BYTES).equals(spoken(...range(0, 60)))).toBe(true);
  });

  it('declares what the stream had forgotten, and records the rest', async () => {
    const world = new RecordingWorld({
      keepMs: 300_000,
      archive: { retention: false },
    });
    world.talk(0, 400);
    await world.hangUpAt(400);
    await world.finish(world.clock.sleep(390_000));
    const { call } = await outcome(world);
    expect(call?.status).toBe('INCOMPLETE');
    expect(call?.losses).toMatchObject([
      { kind: 'START_MISSING', firstFragmentNumber: world.number(0).toString() },
    ]);
    expect(call?.durationMs).toBeLessThan(400_000);
  });

  it('says that the start is missing, not that there was nothing, when all has been forgotten', async () => {
    const world = new RecordingWorld({ keepMs: 300_000, archive: { retention: false } });
    world.talk(0, 40);
    await world.hangUpAt(40);
    await world.finish(world.clock.sleep(400_000));
    const { call } = await outcome(world);
    expect(call?.status).toBe('FAILED');
    expect(call?.losses).toMatchObject([
      { kind: 'START_MISSING', firstFragmentNumber: world.number(0).toString() },
    ]);
    expect(call?.why).toContain('retention');
  });

  it('fetches the beginning from the archive where the live stream lacks it', async () => {
    const world: RecordingWorld = new RecordingWorld({
      sessions: () => ({
        alter: (fragment) => (fragment.number < world.number(4) ? new Uint8Array() : fragment.document),
      }),
    });
    world.talk(0, 12);
    await world.hangUpAt(12);
    const { call, samples } = await outcome(world);
    expect(call?.status).toBe('COMPLETE');
    expect(samples?.equals(spoken(...range(0, 12)))).toBe(true);
  });

  describe('while the archive fills a hole', () => {
    /** The first four fragments are to be had of the archive alone, which answers after so long. */
    function withHole(answersAfterMs: number) {
      const world: RecordingWorld = new RecordingWorld({
        sessions: () => ({
          alter: (fragment) => (fragment.number < world.number(4) ? new Uint8Array() : fragment.document),
        }),
      });
      world.talk(0, 40);
      const archive: MediaArchive = {
        list: async (fromMs, toMs) => {
          await world.clock.sleep(answersAfterMs);
          return world.archive.list(fromMs, toMs);
        },
        fetch: (numbers) => world.archive.fetch(numbers),
      };
      return { world, ports: { ...world.ports, archive } };
    }

    it('reads on, and the checkpoint waits before the hole', async () => {
      const { world, ports } = withHole(25_000);
      await world.hangUpAt(40);
      const recorded = record(ports, world.settings, new AbortController().signal);
      await world.finish(world.clock.sleep(24_000));
      const lasts = () => world.tape.history.map(({ object }) => object.last);
      expect(lasts()).toEqual([world.number(13), world.number(23)].filter((last) => lasts().includes(last)));
      expect(lasts()).toContain(world.number(13));
      expect((await world.checkpoint)?.position).toBeUndefined();
      expect(await world.finish(recorded)).toBe('ended');
      const { call, wav } = await world.assemble();
      expect(call?.status).toBe('COMPLETE');
      expect(wav?.subarray(HEADER_BYTES).equals(spoken(...range(0, 40)))).toBe(true);
    });

    it('counts what it restores, and once that is gone from the tape and the stream, it is missed', async () => {
      const { world, ports } = withHole(0);
      await world.hangUpAt(40);
      await world.finish(record(ports, world.settings, new AbortController().signal));
      expect((await world.checkpoint)?.counters).toMatchObject({ fragments: 40, restored: 4 });
      const restored = world.tape.history.find(({ object }) => object.last === world.number(3));
      expect(restored).toBeDefined();
      world.tape.tamper(restored?.object.key ?? '', undefined);
      world.stream.forget();
      expect((await world.assemble()).call).toMatchObject({
        status: 'INCOMPLETE',
        losses: [{ kind: 'TAPE_DAMAGED', why: '4 fragments were stored that are not on the tape any more' }],
      });
    });
  });
});

describe('record, with a feed', () => {
  /** All that a feed is told, in words. */
  function listening() {
    const told: string[] = [];
    const feed: FeedSink = {
      take: ({ fragment: { number, pieces }, keptAs, source }) => {
        told.push(`${number} ${keptAs} ${source} ${Buffer.concat(pieces).length}`);
      },
      onTape: (last) => {
        told.push(`on tape ${last}`);
      },
      end: (why) => {
        told.push(why);
      },
    };
    return { told, feed };
  }

  it('tells it each fragment that is kept, verbatim, how far the tape reaches, and the end', async () => {
    const world = new RecordingWorld();
    world.talk(0, 12);
    await world.hangUpAt(12);
    const { told, feed } = listening();
    await world.finish(record({ ...world.ports, feed }, world.settings, new AbortController().signal));
    const taken = range(0, 12).map(
      (index) => `${world.number(index)} whole live ${world.document(index).length}`,
    );
    expect(told.filter((line) => line.includes('whole'))).toEqual(taken);
    expect(told.filter((line) => line.startsWith('on tape'))).toEqual([
      `on tape ${world.number(9)}`,
      `on tape ${world.number(11)}`,
    ]);
    expect(told.at(-1)).toBe('ended');
  });

  it('records on without one that fails', async () => {
    const world = new RecordingWorld();
    world.talk(0, 12);
    await world.hangUpAt(12);
    let told = 0;
    const fail = () => {
      told += 1;
      throw new Error('no socket');
    };
    const ports = { ...world.ports, feed: { take: fail, onTape: fail, end: fail } };
    expect(await world.finish(record(ports, world.settings, new AbortController().signal))).toBe('ended');
    expect(told).toBe(1);
    expect((await world.assemble()).call?.status).toBe('COMPLETE');
  });
});

describe('record, after an interruption', () => {
  it('goes on where the earlier task stopped, without a lost or doubled sample', async () => {
    const world = new RecordingWorld();
    world.talk(0, 25);
    await world.hangUpAt(25);
    const stop = new AbortController();
    void world.clock.sleep(13_300).then(() => {
      stop.abort();
    });
    expect(await world.record({ signal: stop.signal })).toBe('interrupted');
    const { left, checkpoint, call, samples } = await outcome(world);
    expect(left).toBe('ended');
    expect(checkpoint?.attempt).toBe(2);
    expect(checkpoint?.counters.fragments).toBe(25);
    expect(call).toMatchObject({ status: 'COMPLETE', attempts: 2, media: { resumes: 1 } });
    expect(samples?.equals(spoken(...range(0, 25)))).toBe(true);
  });

  it('is interrupted at once while GetMedia doesn’t answer', async () => {
    const world = new RecordingWorld();
    const stop = new AbortController();
    const open = (_start: unknown, signal: AbortSignal) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => {
          reject(new MediaError('unavailable', 'aborted'));
        });
      });
    void world.clock.sleep(7_000).then(() => {
      stop.abort();
    });
    const left = await world.finish(record({ ...world.ports, media: { open } }, world.settings, stop.signal));
    expect(left).toBe('interrupted');
    expect(world.clock.now()).toBe(T0 + 7_000);
  });

  describe('resumed by hand after its end had been seen', () => {
    const OTHER = 'another execution';
    /** Ten minutes after the end nothing is left of it on a stream without retention. */
    const resumed = async (then: OpenPlan = {}) => {
      let plan: OpenPlan = {};
      const world = new RecordingWorld({
        keepMs: 300_000,
        archive: { retention: false },
        sessions: () => plan,
      });
      world.talk(0, 9);
      await world.hangUpAt(9);
      await world.record();
      const before = await world.checkpoint;
      await world.finish(world.clock.sleep(600_000));
      await world.checkpoints.handOver(recordingId(world.recording), EXECUTION_ARN, OTHER);
      plan = then;
      return { world, before };
    };

    it.each<[string, OpenPlan]>([
      ['all is forgotten', {}],
      ['the stream is gone', { refuse: new MediaError('noSuchStream', 'no such stream') }],
    ])('stays whole though %s', async (_, plan) => {
      const { world, before } = await resumed(plan);
      await world.record({ settings: { executionArn: OTHER } });
      const after = await world.checkpoint;
      expect(after?.ended).toEqual(before?.ended);
      expect(after?.losses).toEqual([]);
      expect((await world.assemble(OTHER)).call).toMatchObject({ status: 'COMPLETE', losses: [] });
    });

    it('stays whole though no task was to be had', async () => {
      const { world } = await resumed();
      expect((await world.assemble(OTHER)).call).toMatchObject({
        status: 'COMPLETE',
        endReason: 'DISCONNECTED',
        losses: [],
      });
    });
  });

  it('forgets why an earlier run stopped, once it has gone on from there', async () => {
    const refuse = new MediaError('keyUnavailable', 'the key is disabled');
    let isMended = false;
    const world: RecordingWorld = new RecordingWorld({
      archive: { retention: false },
      sessions: (session) => (session >= 2 && !isMended ? { refuse } : { afterFragments: 4 }),
    });
    world.talk(0, 9);
    await world.hangUpAt(9);
    await world.record();
    isMended = true;
    expect((await world.checkpoint)?.losses).toMatchObject([{ kind: 'RECORDER_STOPPED' }]);
    await world.checkpoints.handOver(recordingId(world.recording), EXECUTION_ARN, 'another');
    await world.record({ settings: { executionArn: 'another' } });
    const { call, wav } = await world.assemble('another');
    expect(call).toMatchObject({ status: 'COMPLETE', losses: [] });
    expect(wav?.subarray(HEADER_BYTES).equals(spoken(...range(0, 9)))).toBe(true);
  });

  it('leaves at once when the recording is over already', async () => {
    const world = new RecordingWorld();
    world.talk(0, 3);
    await world.hangUpAt(3);
    await world.record();
    const sessions = world.media.starts.length;
    expect(await world.record()).toBe('ended');
    expect(world.media.starts).toHaveLength(sessions);
  });

  it('leaves a recording to the execution that it belongs to', async () => {
    const world = new RecordingWorld();
    await world.checkpoints.claim(recordingId(world.recording), 'another execution');
    expect(await world.record()).toBe('foreign');
    expect(world.media.starts).toEqual([]);
  });

  it('leaves when a later task of its execution has claimed, so that a retry claims anew', async () => {
    const world = new RecordingWorld();
    world.talk(0, 40);
    await world.hangUpAt(40);
    void world.clock
      .sleep(5_000)
      .then(() => world.checkpoints.claim(recordingId(world.recording), EXECUTION_ARN));
    expect(await world.record()).toBe('superseded');
    expect((await world.checkpoint)?.ended).toBeUndefined();
  });

  it('leaves for good when it has been fenced off', async () => {
    const world = new RecordingWorld();
    world.talk(0, 40);
    await world.hangUpAt(40);
    const ended = { reason: 'RECORDER_GAVE_UP', at: new Date(T0).toISOString() } as const;
    void world.clock
      .sleep(5_000)
      .then(() => world.checkpoints.fence(recordingId(world.recording), EXECUTION_ARN, ended));
    expect(await world.record()).toBe('ended');
    expect(world.tape.history).toHaveLength(1);
  });

  it('falls back to time when the stream has forgotten the number, and declares what lies between', async () => {
    const world = new RecordingWorld({
      keepMs: 300_000,
      archive: { retention: false },
    });
    world.talk(0, 500);
    await world.hangUpAt(500);
    const stop = new AbortController();
    void world.clock.sleep(21_500).then(() => {
      stop.abort();
    });
    await world.record({ signal: stop.signal });
    await world.finish(world.clock.sleep(400_000));
    const { call } = await outcome(world);
    expect(call?.status).toBe('INCOMPLETE');
    expect(call?.losses).toMatchObject([
      { kind: 'POSITION_LOST', firstFragmentNumber: (world.number(20) + 1n).toString() },
    ]);
    expect(call?.media?.gaps.map(({ startMs }) => startMs)).toEqual([21_000, 21_000]);
    expect(call?.durationMs).toBe(500_000);
  });

  it('knows that nothing was forgotten in a hold through which it listened', async () => {
    const world = new RecordingWorld({ keepMs: 300_000, archive: { retention: false } });
    world.talk(0, 5);
    world.talk(500, 505);
    await world.hangUpAt(505);
    const { call } = await outcome(world);
    expect(call).toMatchObject({ status: 'COMPLETE', losses: [], durationMs: 505_000 });
  });

  it('says that more may have been forgotten when nothing comes after a position that is', async () => {
    const world = new RecordingWorld({ keepMs: 300_000, archive: { retention: false } });
    world.talk(0, 40);
    await world.hangUpAt(40);
    const stop = new AbortController();
    void world.clock.sleep(21_500).then(() => {
      stop.abort();
    });
    await world.record({ signal: stop.signal });
    await world.finish(world.clock.sleep(400_000));
    const { call } = await outcome(world);
    expect(call?.status).toBe('INCOMPLETE');
    expect(call?.losses).toMatchObject([{ kind: 'POSITION_LOST' }]);
  });

  it('does not declare lost, too, what it keeps in part behind a position that is forgotten', async () => {
    const world = new RecordingWorld({
      keepMs: 300_000,
      archive: { retention: false },
      sessions: (session) => (session === 1 ? {} : { afterBytes: 20_000 }),
    });
    world.talk(0, 22);
    world.say(400);
    await world.hangUpAt(401);
    const stop = new AbortController();
    void world.clock.sleep(21_500).then(() => {
      stop.abort();
    });
    await world.record({ signal: stop.signal });
    await world.finish(world.clock.sleep(400_000));
    const { media } = world;
    // By its token, by its number and by its time; after that the stream can't be read any more.
    const open = (start: StartSelector, signal: AbortSignal) =>
      media.starts.length > 3
        ? Promise.reject(new MediaError('unavailable', 'out'))
        : media.open(start, signal);
    await world.finish(
      record({ ...world.ports, media: { open } }, world.settings, new AbortController().signal),
    );
    expect((await world.checkpoint)?.losses).toMatchObject([
      { kind: 'FRAGMENT_CUT', lastFragmentNumber: world.number(400).toString() },
      { kind: 'RECORDER_STOPPED' },
      { kind: 'POSITION_LOST', firstFragmentNumber: (world.number(400) + 1n).toString() },
    ]);
  });

  it('says so too when the session that was to catch up had stalled', async () => {
    const plans: readonly OpenPlan[] = [{ afterFragments: 5, breakOff: 'stall', idleMs: 30_000 }];
    const world = new RecordingWorld({
      keepMs: 300_000,
      archive: { retention: false },
      sessions: (session) => plans[session - 1] ?? {},
    });
    world.talk(0, 5, { extraTags: [['AWS_KINESISVIDEO_MILLIS_BEHIND_NOW', '200000']] });
    world.talk(5, 40);
    await world.hangUpAt(500);
    await world.finish(world.clock.sleep(200_000));
    const refuse = new MediaError('unavailable', 'out');
    const { media } = world;
    const open = (start: StartSelector, signal: AbortSignal) =>
      media.starts.length > 0 && world.clock.now() < T0 + 400_000
        ? Promise.reject(refuse)
        : media.open(start, signal);
    await world.finish(
      record({ ...world.ports, media: { open } }, world.settings, new AbortController().signal),
    );
    const { call } = await world.assemble();
    expect(call?.status).toBe('INCOMPLETE');
    expect(call?.losses).toMatchObject([{ kind: 'POSITION_LOST' }]);
  });
});

describe('record, with a last fragment that lacks its trailing tags', () => {
  it('reads it again, and takes it when two readings are the same', async () => {
    const world = new RecordingWorld();
    world.talk(0, 4);
    world.say(4, { untagged: true });
    await world.hangUpAt(5);
    const { call, samples } = await outcome(world);
    expect(call).toMatchObject({ status: 'COMPLETE', losses: [] });
    expect(samples?.equals(spoken(...range(0, 5)))).toBe(true);
  });

  it('ends soon after the hang-up where that is the call’s before ours, and nothing of ours ever comes', async () => {
    const world = new RecordingWorld();
    world.say(-1, { untagged: true, contactId: 'before' });
    await world.hangUpAt(5);
    const { checkpoint, call } = await outcome(world);
    expect(checkpoint?.ended?.reason).toBe('DISCONNECTED');
    expect(call?.status).toBe('EMPTY');
  });

  it('takes it at once when a later fragment follows in the same body', async () => {
    const world = new RecordingWorld();
    world.talk(0, 4);
    world.say(4, { untagged: true, contactId: '' });
    world.say(5, { contactId: 'after' });
    await world.calls.create(world.newCall);
    const { checkpoint, samples } = await outcome(world);
    expect(checkpoint?.ended?.reason).toBe('NEXT_CONTACT');
    expect(samples?.equals(spoken(...range(0, 5)))).toBe(true);
  });

  it('keeps the complete blocks of one that broke off and can’t be read again, and declares that', async () => {
    let torn = 0;
    const world: RecordingWorld = new RecordingWorld({
      sessions: (session) => ({
        alter: (fragment) => {
          if (fragment.number !== world.number(4)) return fragment.document;
          torn += 1;
          return session === 1 ? fragment.document.subarray(0, 20_000) : new Uint8Array();
        },
      }),
      archive: { retention: false },
    });
    world.talk(0, 5);
    await world.hangUpAt(5);
    const { call, samples } = await outcome(world);
    expect(torn).toBeGreaterThan(1);
    expect(call).toMatchObject({
      status: 'INCOMPLETE',
      losses: [{ kind: 'FRAGMENT_CUT', firstFragmentNumber: world.number(4).toString() }],
    });
    expect(samples?.subarray(0, spoken(...range(0, 4)).length).equals(spoken(...range(0, 4)))).toBe(true);
    expect(call?.durationMs).toBeGreaterThan(4_000);
  });
});

describe('record, with a fragment that is no Matroska', () => {
  it('passes it over after three readings, declares it, and records all the rest', async () => {
    const world: RecordingWorld = new RecordingWorld({
      sessions: () => ({
        alter: ({ number, document }) => (number === world.number(4) ? broken(document) : document),
      }),
      archive: { retention: false },
    });
    world.talk(0, 9);
    await world.hangUpAt(9);
    const { call, samples } = await outcome(world);
    expect(call).toMatchObject({
      status: 'INCOMPLETE',
      losses: [{ kind: 'FRAGMENT_MALFORMED', firstFragmentNumber: world.number(4).toString() }],
    });
    expect(samples?.equals(Buffer.concat([spoken(0, 1, 2, 3), silence(1), spoken(5, 6, 7, 8)]))).toBe(true);
  });

  it.each([
    ['others follow', 9],
    ['nothing follows', 5],
  ])('declares one that is gone when it is to be read again, and %s', async (_, seconds) => {
    const world: RecordingWorld = new RecordingWorld({
      sessions: (session) => ({
        alter: ({ number, document }) => {
          if (number !== world.number(4)) return document;
          return session === 1 ? broken(document) : new Uint8Array();
        },
      }),
      archive: { retention: false },
    });
    world.talk(0, seconds);
    await world.hangUpAt(seconds);
    const number = world.number(4).toString();
    expect((await outcome(world)).call).toMatchObject({
      status: 'INCOMPLETE',
      losses: [{ kind: 'FRAGMENT_MALFORMED', firstFragmentNumber: number, lastFragmentNumber: number }],
    });
  });
});

describe('record, with what real services may do', () => {
  it('goes on when the contact has another recording on another stream, and its own record is gone', async () => {
    const world = new RecordingWorld();
    world.talk(0, 9);
    await world.hangUpAt(9);
    const startFragmentNumber = world.number(5).toString();
    await world.calls.create({ ...world.newCall, startFragmentNumber, streamArn: `${STREAM_ARN}2` });
    world.calls.tamper(world.newCall, undefined);
    world.contacts.set(world.recording.contactId, { disconnectedAt: new Date(T0 + 9_000).toISOString() });
    await world.record();
    expect((await world.checkpoint)?.counters.fragments).toBe(9);
    expect((await world.checkpoint)?.ended?.reason).toBe('DISCONNECTED');
  });

  it('opens the next session soon though the clock is set back', async () => {
    const refuse = new MediaError('unavailable', 'throttled');
    const plans = [{ afterFragments: 3 }, { refuse }];
    const world = new RecordingWorld({ sessions: (session) => plans[session - 1] ?? {} });
    world.talk(0, 9);
    await world.hangUpAt(600);
    let setBackMs = 0;
    const openedAtMs: number[] = [];
    const clock = {
      now: () => world.clock.now() - setBackMs,
      sleep: (ms: number, signal?: AbortSignal) => world.clock.sleep(ms, signal),
    };
    // Just as the first session has ended, and the next one is to be opened in a moment.
    const media = {
      open: async (start: StartSelector, signal: AbortSignal) => {
        openedAtMs.push(world.clock.now());
        if (openedAtMs.length === 2) setBackMs = 20 * 60_000;
        return world.media.open(start, signal);
      },
    };
    await world.finish(
      record({ ...world.ports, clock, media }, world.settings, new AbortController().signal),
    );
    expect((await world.checkpoint)?.counters.fragments).toBe(9);
    const [, second = 0, third = Infinity] = openedAtMs;
    expect(third - second).toBeLessThan(60_000);
  });

  it('ends at once after a hang-up when every body ends by itself', async () => {
    const world = new RecordingWorld({ sessions: () => ({ idleMs: 10 }) });
    world.talk(0, 5);
    await world.hangUpAt(5);
    const { checkpoint, call } = await outcome(world);
    expect(checkpoint?.ended?.reason).toBe('DISCONNECTED');
    expect(call?.status).toBe('COMPLETE');
    expect(world.clock.now() - T0).toBeLessThan(60_000);
  });

  it('takes no notice of the contact’s recording on another stream, whose numbers say nothing here', async () => {
    const world = new RecordingWorld();
    world.talk(0, 12);
    await world.hangUpAt(12);
    const startFragmentNumber = world.number(4).toString();
    await world.calls.create({
      ...world.newCall,
      startFragmentNumber,
      streamArn: `${world.newCall.streamArn}0`,
    });
    const { checkpoint, samples } = await outcome(world);
    expect(checkpoint?.ended?.reason).toBe('DISCONNECTED');
    expect(samples?.equals(spoken(...range(0, 12)))).toBe(true);
  });

  it('doesn’t take refusals with sound sessions between them for a final word', async () => {
    const refuse = new MediaError('accessDenied', 'for a moment');
    const world = new RecordingWorld({
      sessions: (session) => (session % 2 === 0 ? { refuse } : { sessionMs: 15_000 }),
    });
    world.talk(0, 200);
    await world.hangUpAt(200);
    const { call } = await outcome(world);
    expect(call?.status).toBe('COMPLETE');
    expect(world.media.starts.length).toBeGreaterThan(14);
  });

  it('fails, and says so, where nothing was read though Connect names fragments', async () => {
    const world = new RecordingWorld({ archive: { retention: false } });
    await world.hangUpAt(5);
    const span = { firstFragmentNumber: world.number(0), lastFragmentNumber: world.number(4) };
    world.contacts.set(world.recording.contactId, {}, [span]);
    const { call } = await outcome(world);
    expect(call).toMatchObject({ status: 'FAILED', losses: [{ kind: 'FRAGMENTS_MISSING' }] });
  });
});
