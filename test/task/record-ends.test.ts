/** What ends a recording, and what doesn't: whole runs of the recorder, and what the assembly makes of them. */
import { describe, expect, it } from 'vitest';
import { isNumbered } from '../../matroska/fragment.ts';
import { readAll } from '../../matroska/read-all.ts';
import { MediaError, type MediaErrorKind, type StartSelector } from '../../ports/media/media.ts';
import type { OpenPlan } from '../../ports/media/memory-media.ts';
import type { NewCall } from '../../recording/call-record.ts';
import { recordingId } from '../../recording/identity.ts';
import { statedOwnerOf } from '../../recording/ownership.ts';
import { rangeFrom } from '../../recording/range.ts';
import { record } from '../../task/record.ts';
import { watchedClock } from '../../task/watchdog.ts';
import { EXECUTION_ARN } from '../support/call.ts';
import { broken, T0 } from '../support/documents.ts';
import {
  range,
  RecordingWorld,
  type RecordingWorldOptions,
  silence,
  spoken,
} from '../support/recording-world.ts';

const HEADER_BYTES = 44;
const OTHER = 'aaaaaaaa-0000-4000-8000-000000000001';
const other = { contactId: OTHER, segmentUid: 'another' };

async function outcome(world: RecordingWorld) {
  await world.record();
  const checkpoint = await world.checkpoint;
  const second = (world.clock.now() - T0) / 1_000;
  const { call, wav } = await world.assemble();
  return { reason: checkpoint?.ended?.reason, second, call, samples: wav?.subarray(HEADER_BYTES) };
}

/** These seconds of it were spoken, the others not. */
function samplesOf(seconds: number, ...silent: readonly number[]): Buffer {
  return Buffer.concat(range(0, seconds).map((at) => (silent.includes(at) ? silence(1) : spoken(at))));
}

/** Fragments of another contact on the tape. */
async function strangers({ tape, recording }: RecordingWorld): Promise<bigint[]> {
  const found: bigint[] = [];
  for (const { object } of tape.history) {
    for (const fragment of readAll(await tape.read(object.key)))
      if (isNumbered(fragment) && statedOwnerOf(fragment, recording, rangeFrom(recording)) !== 'ours')
        found.push(fragment.number);
  }
  return found;
}

/** Connect says, whenever it is asked, that the contact is not over. */
function goesOn(world: RecordingWorld): void {
  world.contacts.set(world.recording.contactId, {});
}

describe('a fragment of another contact amid ours', () => {
  it.each([1, 10])('ends nothing by itself (behind %i of ours)', async (at) => {
    const world = new RecordingWorld();
    world.talk(0, at);
    world.say(at, other);
    world.talk(at + 1, 40);
    await world.hangUpAt(40);
    const { reason, call, samples } = await outcome(world);
    expect(reason).toBe('DISCONNECTED');
    expect(call).toMatchObject({ status: 'COMPLETE', durationMs: 40_000, losses: [] });
    expect(samples?.equals(samplesOf(40, at))).toBe(true);
    expect(await strangers(world)).toEqual([]);
  });

  it('ends nothing though a long hold follows it', async () => {
    const world = new RecordingWorld({ archive: { retention: false } });
    world.talk(0, 5);
    world.say(5, other);
    world.talk(305, 310);
    await world.hangUpAt(310);
    goesOn(world);
    const { call } = await outcome(world);
    expect(call).toMatchObject({ status: 'COMPLETE', durationMs: 310_000, losses: [] });
  });

  it('ends nothing though the contact is over, where ours are read late', async () => {
    const world = new RecordingWorld({ archive: { retention: false } });
    world.talk(0, 20);
    world.say(20, other);
    world.talk(21, 40);
    await world.hangUpAt(40);
    await world.finish(world.clock.sleep(60_000));
    const { call, samples } = await outcome(world);
    expect(call).toMatchObject({ status: 'COMPLETE', durationMs: 40_000 });
    expect(samples?.equals(samplesOf(40, 20))).toBe(true);
  });
});

describe('the next call on the stream', () => {
  it('ends the recording when the contact is over and nothing of ours follows', async () => {
    const world = new RecordingWorld({ archive: { retention: false } });
    world.talk(0, 10);
    world.say(10, other);
    // Two uploads overlap: our last one comes behind the first of the next call.
    world.say(11);
    world.talk(12, 60, other);
    await world.hangUpAt(12);
    const { reason, second, call, samples } = await outcome(world);
    expect([reason, call?.status]).toEqual(['NEXT_CONTACT', 'COMPLETE']);
    expect(second).toBeLessThan(25);
    expect(samples?.equals(samplesOf(12, 10))).toBe(true);
  });

  it('asks Connect by itself when no contact event comes', async () => {
    const world = new RecordingWorld({ archive: { retention: false } });
    world.talk(0, 10);
    world.talk(10, 60, other);
    await world.calls.create(world.newCall);
    world.contacts.set(world.recording.contactId, { disconnectedAt: new Date(T0 + 10_000).toISOString() });
    const { reason, second, call } = await outcome(world);
    expect([reason, call?.status]).toEqual(['NEXT_CONTACT', 'COMPLETE']);
    expect(second).toBeLessThan(30);
  });

  it('is no clean end of a contact that goes on', async () => {
    const world = new RecordingWorld({ archive: { retention: false } });
    world.talk(0, 10);
    world.talk(10, 700, other);
    await world.calls.create(world.newCall);
    goesOn(world);
    const { reason, second, call, samples } = await outcome(world);
    expect(reason).toBe('STREAM_TAKEN');
    expect(second).toBeGreaterThan(600);
    expect(call).toMatchObject({ status: 'INCOMPLETE', losses: [{ kind: 'RECORDER_STOPPED' }] });
    expect(samples?.equals(samplesOf(10))).toBe(true);
  });
});

describe('an untagged fragment between two of ours', () => {
  it.each<[string, RecordingWorldOptions]>([
    ['read live', { archive: { retention: false } }],
    ['put on the tape from the archive', { sessions: () => ({ alter: withoutSecond }) }],
  ])('is ours, whatever its SegmentUID: %s', async (_, options) => {
    const world = new RecordingWorld(options);
    world.talk(0, 10);
    world.say(10, { contactId: '', segmentUid: 'a second one' });
    world.talk(11, 25);
    await world.hangUpAt(25);
    const { call, samples } = await outcome(world);
    expect(call).toMatchObject({ status: 'COMPLETE', durationMs: 25_000, losses: [] });
    expect(samples?.equals(samplesOf(25))).toBe(true);
  });

  function withoutSecond({ document }: { readonly document: Uint8Array }): Uint8Array {
    return Buffer.from(document).includes('a second one') ? new Uint8Array() : document;
  }

  it('is not passed by the checkpoint before it is judged, and is read again by the next task', async () => {
    const world = new RecordingWorld({ archive: { retention: false }, settings: { segmentMs: 1_000 } });
    world.talk(0, 10);
    world.talk(10, 13, { contactId: '', segmentUid: 'a second one' });
    world.talk(13, 20);
    await world.hangUpAt(20);
    const stop = new AbortController();
    void world.clock.sleep(12_500).then(() => {
      stop.abort();
    });
    expect(await world.record({ signal: stop.signal })).toBe('interrupted');
    expect((await world.checkpoint)?.position?.lastFragmentNumber).toBe(world.number(9));
    const { call, samples } = await outcome(world);
    expect(call).toMatchObject({ status: 'COMPLETE', losses: [] });
    expect(samples?.equals(samplesOf(20))).toBe(true);
  });

  it('is left out where another contact’s voice may be in it', async () => {
    const world = new RecordingWorld({ archive: { retention: false } });
    world.talk(0, 10);
    world.say(10, other);
    world.say(11, { ...other, contactId: '' });
    world.say(12, { contactId: '', segmentUid: 'a third one' });
    world.talk(13, 20);
    await world.hangUpAt(20);
    const { samples } = await outcome(world);
    expect(samples?.equals(samplesOf(20, 10, 11, 12))).toBe(true);
    expect(await strangers(world)).toEqual([]);
  });
});

describe('a refusal', () => {
  /** GetMedia is refused from one second of the call to another. */
  function refusing(world: RecordingWorld, kind: MediaErrorKind, from: number, to: number) {
    const open = (start: StartSelector, signal: AbortSignal) => {
      const second = (world.clock.now() - T0) / 1_000;
      if (second < from || second >= to) return world.media.open(start, signal);
      return Promise.reject(new MediaError(kind, 'refused'));
    };
    return { ...world.ports, media: { open } };
  }

  it.each<[MediaErrorKind, number]>([
    ['accessDenied', 20],
    ['keyUnavailable', 20],
    ['noSuchStream', 20],
    ['accessDenied', 280],
    ['keyUnavailable', 280],
    ['unavailable', 280],
  ])('ends nothing while the contact goes on: %s for %i s', async (kind, seconds) => {
    const world = new RecordingWorld({ archive: { retention: false }, keepMs: 300_000 });
    world.talk(0, 300);
    await world.hangUpAt(300);
    const ports = refusing(world, kind, 0, seconds);
    expect(await world.finish(record(ports, world.settings, new AbortController().signal))).toBe('ended');
    const { call } = await world.assemble();
    expect(call).toMatchObject({
      status: 'COMPLETE',
      endReason: 'DISCONNECTED',
      durationMs: 300_000,
      losses: [],
    });
  });

  it('ends nothing for some minutes after the hang-up either', async () => {
    const world = new RecordingWorld({ archive: { retention: false }, keepMs: 300_000 });
    world.talk(0, 30);
    await world.hangUpAt(30);
    const ports = refusing(world, 'accessDenied', 0, 250);
    await world.finish(record(ports, world.settings, new AbortController().signal));
    expect((await world.assemble()).call).toMatchObject({ status: 'COMPLETE', durationMs: 30_000 });
  });

  it('goes on for hours, feeds the watchdog, and asks no more often than every half minute', async () => {
    const world = new RecordingWorld({
      archive: { retention: false },
      settings: { longestCallMs: 8 * 3_600_000 },
    });
    await world.calls.create(world.newCall);
    let opened = 0;
    const open = () => {
      opened += 1;
      return Promise.reject(new MediaError('accessDenied', 'refused'));
    };
    let aliveMs = T0;
    let longestMs = 0;
    const alive = () => {
      longestMs = Math.max(longestMs, world.clock.now() - aliveMs);
      aliveMs = world.clock.now();
    };
    const stop = new AbortController();
    void world.clock.sleep(3_600_000).then(() => {
      stop.abort();
    });
    const clock = watchedClock(world.clock, alive);
    const work = record({ ...world.ports, clock, media: { open } }, world.settings, stop.signal);
    expect(await world.finish(work, 2 * 3_600_000)).toBe('interrupted');
    expect(longestMs).toBeLessThan(60_000);
    expect(opened).toBeGreaterThan(110);
    expect(opened).toBeLessThan(140);
  });

  it('in the stream is one as well', async () => {
    const report = { id: 4501, code: 'KMS_KEY_DISABLED' };
    const world = new RecordingWorld({
      archive: { retention: false },
      sessions: (session) => (session <= 9 ? { afterFragments: 0, breakOff: { report } } : {}),
    });
    world.talk(0, 120);
    await world.hangUpAt(120);
    expect((await outcome(world)).call).toMatchObject({ status: 'COMPLETE', durationMs: 120_000 });
  });
});

describe('a flow that stops streaming before the hang-up', () => {
  /** Connect has named the fragment of this second as the last. */
  function stopped(world: RecordingWorld, second: number): NewCall {
    return { ...world.newCall, stopFragmentNumber: world.number(second).toString() };
  }

  it('ends the recording with the fragment that Connect names', async () => {
    const world = new RecordingWorld({ archive: { retention: false } });
    world.talk(0, 10);
    await world.calls.create(stopped(world, 9));
    goesOn(world);
    const { reason, second, call, samples } = await outcome(world);
    expect([reason, call?.status]).toEqual(['STREAMING_STOPPED', 'COMPLETE']);
    expect(second).toBeLessThan(15);
    expect(samples?.equals(samplesOf(10))).toBe(true);
  });

  it('ends it when it comes to be known during the call', async () => {
    const world = new RecordingWorld({ archive: { retention: false } });
    world.talk(0, 30);
    await world.calls.create(world.newCall);
    void world.clock.sleep(20_000).then(() => {
      world.calls.tamper(world.newCall, { ...stopped(world, 24) });
    });
    const { reason, samples } = await outcome(world);
    expect(reason).toBe('STREAMING_STOPPED');
    expect(samples?.equals(samplesOf(25))).toBe(true);
  });

  it('leaves out of the WAV what was stored before it was known', async () => {
    const world = new RecordingWorld();
    world.talk(0, 20);
    await world.hangUpAt(20);
    await world.record();
    world.calls.tamper(world.newCall, { ...stopped(world, 11) });
    const { call, wav } = await world.assemble();
    expect(call).toMatchObject({ status: 'COMPLETE', losses: [] });
    expect(wav?.subarray(HEADER_BYTES).equals(samplesOf(12))).toBe(true);
  });

  it('takes untagged fragments up to the stop for ours, and none behind it', async () => {
    const world = new RecordingWorld({ archive: { retention: false } });
    world.talk(0, 10);
    world.talk(10, 15, { contactId: '', segmentUid: 'a second one' });
    await world.calls.create(stopped(world, 12));
    const { samples } = await outcome(world);
    expect(samples?.equals(samplesOf(13))).toBe(true);
  });

  it('is INCOMPLETE where that fragment never came', async () => {
    const world = new RecordingWorld({ archive: { retention: false } });
    world.talk(0, 10);
    await world.calls.create(stopped(world, 14));
    const { reason, call } = await outcome(world);
    expect(reason).toBe('STREAMING_STOPPED');
    expect(call).toMatchObject({
      status: 'INCOMPLETE',
      losses: [{ kind: 'FRAGMENTS_MISSING', lastFragmentNumber: world.number(14).toString() }],
    });
  });
});

describe('bytes that are no Matroska, before a fragment’s number', () => {
  const garbage = Buffer.alloc(5_000, 0x3f);

  /** In place of this fragment, or in front of it, on every reading. */
  function spoiling(second: number, how: (document: Uint8Array) => Uint8Array) {
    return (): OpenPlan => ({
      alter: ({ serverTimestampMs, document }) =>
        serverTimestampMs === T0 + second * 1_000 ? how(document) : document,
    });
  }

  const instead = () => garbage;
  const headless = (document: Uint8Array) => document.subarray(40);

  it.each<[string, number, (document: Uint8Array) => Uint8Array]>([
    ['in place of a fragment', 4, instead],
    ['in place of the first fragment', 0, instead],
    ['a fragment without its beginning', 4, headless],
  ])('are passed over, and declared: %s', async (_, second, how) => {
    const world = new RecordingWorld({
      archive: { retention: false },
      keepMs: 300_000,
      sessions: spoiling(second, how),
    });
    world.talk(0, 400);
    await world.hangUpAt(400);
    const { call, samples } = await outcome(world);
    expect(call?.status).toBe('INCOMPLETE');
    expect(call?.losses).toMatchObject([{ kind: 'FRAGMENT_MALFORMED' }]);
    expect(call?.losses?.[0]?.why).toContain('malformed Matroska');
    const expected = second === 0 ? samplesOf(400).subarray(32_000) : samplesOf(400, second);
    expect(samples?.equals(expected)).toBe(true);
  });

  it('cost nothing where a fragment stands behind them', async () => {
    const before = (document: Uint8Array) => Buffer.concat([garbage, document]);
    const world = new RecordingWorld({ archive: { retention: false }, sessions: spoiling(4, before) });
    world.talk(0, 40);
    await world.hangUpAt(40);
    expect((await outcome(world)).samples?.equals(samplesOf(40))).toBe(true);
  });

  it('are declared at the end of a call, which ends all the same', async () => {
    const world = new RecordingWorld({ archive: { retention: false }, sessions: spoiling(9, instead) });
    world.talk(0, 10);
    await world.hangUpAt(10);
    const { reason, second, call } = await outcome(world);
    expect(reason).toBe('DISCONNECTED');
    expect(second).toBeLessThan(60);
    expect(call?.losses).toMatchObject([
      { kind: 'FRAGMENT_MALFORMED', firstFragmentNumber: (world.number(8) + 1n).toString() },
    ]);
  });

  it('are declared though the stream has forgotten them before anything follows', async () => {
    const world = new RecordingWorld({
      archive: { retention: false },
      keepMs: 300_000,
      sessions: spoiling(4, instead),
    });
    world.talk(0, 5);
    world.talk(500, 505);
    await world.hangUpAt(505);
    expect((await outcome(world)).call).toMatchObject({
      status: 'INCOMPLETE',
      losses: [
        {
          kind: 'POSITION_LOST',
          firstFragmentNumber: (world.number(3) + 1n).toString(),
          lastFragmentNumber: (world.number(500) - 1n).toString(),
        },
      ],
    });
  });

  it('say nothing where they came behind the last fragment once, and nothing does when that is read again', async () => {
    const behind = (document: Uint8Array) => Buffer.concat([document, garbage]);
    const world = new RecordingWorld({
      archive: { retention: false },
      sessions: (session) => (session === 1 ? spoiling(9, behind)() : {}),
    });
    world.talk(0, 10);
    await world.hangUpAt(10);
    expect((await outcome(world)).call).toMatchObject({ status: 'COMPLETE', losses: [] });
  });

  it('say nothing where they are in the call before ours, right before a malformed fragment', async () => {
    const sessions = (): OpenPlan => ({
      alter: ({ serverTimestampMs, document }) => {
        if (serverTimestampMs === T0 - 4_000) return garbage;
        return serverTimestampMs === T0 - 3_000 ? broken(document) : document;
      },
    });
    const world = new RecordingWorld({ archive: { retention: false }, sessions });
    for (const index of range(-8, 0)) world.say(index, other);
    world.talk(0, 40);
    await world.hangUpAt(40);
    expect((await outcome(world)).call).toMatchObject({ status: 'COMPLETE', losses: [] });
  });

  it('are made up for by the archive', async () => {
    const world = new RecordingWorld({ sessions: spoiling(4, instead) });
    world.talk(0, 40);
    await world.hangUpAt(40);
    const { call, samples } = await outcome(world);
    expect(call).toMatchObject({ status: 'COMPLETE', losses: [] });
    expect(samples?.equals(samplesOf(40))).toBe(true);
  });

  it('cost nothing where the next reading is sound', async () => {
    const world = new RecordingWorld({
      archive: { retention: false },
      sessions: (session) => (session < 3 ? spoiling(4, instead)() : {}),
    });
    world.talk(0, 40);
    await world.hangUpAt(40);
    const { call, samples } = await outcome(world);
    expect(call).toMatchObject({ status: 'COMPLETE', losses: [] });
    expect(samples?.equals(samplesOf(40))).toBe(true);
  });

  it('say nothing where they are in the call before ours', async () => {
    const world = new RecordingWorld({ archive: { retention: false }, sessions: spoiling(-3, instead) });
    for (const index of range(-8, 0)) world.say(index, other);
    world.talk(0, 40);
    await world.hangUpAt(40);
    const { call, samples } = await outcome(world);
    expect(call).toMatchObject({ status: 'COMPLETE', losses: [] });
    expect(samples?.equals(samplesOf(40))).toBe(true);
  });
});

it('declares no malformed fragment that turns out to be of the contact’s next recording', async () => {
  const world = new RecordingWorld({
    archive: { retention: false },
    sessions: (session) => ({
      alter: ({ number, document }) => {
        if (number !== world.number(6)) return document;
        return session === 1 ? broken(document) : new Uint8Array();
      },
    }),
  });
  world.talk(0, 7);
  await world.calls.create(world.newCall);
  void world.clock.sleep(9_000).then(async () => {
    await world.calls.create({ ...world.newCall, startFragmentNumber: world.number(6).toString() });
  });
  expect(await world.record()).toBe('ended');
  const checkpoint = await world.checkpoints.read(recordingId(world.recording));
  expect(checkpoint).toMatchObject({ owner: EXECUTION_ARN, ended: { reason: 'NEXT_RECORDING' }, losses: [] });
});
