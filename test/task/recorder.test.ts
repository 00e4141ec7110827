/** What a recorder does while it reads, beside keeping what comes. */
import { describe, expect, it, vi } from 'vitest';
import { MediaError } from '../../ports/media/media.ts';
import type { OpenPlan } from '../../ports/media/memory-media.ts';
import { recordingId } from '../../recording/identity.ts';
import { UNDECIDED_MAX } from '../../recording/ownership.ts';
import { record } from '../../task/record.ts';
import type { RecorderPorts } from '../../task/recorder-ports.ts';
import { EXECUTION_ARN } from '../support/call.ts';
import { T0 } from '../support/documents.ts';
import { RecordingWorld } from '../support/recording-world.ts';

const NEVER = new AbortController().signal;
const OTHER = { contactId: 'aaaaaaaa-0000-4000-8000-000000000001', segmentUid: 'another' };
const WITHOUT_ARCHIVE = { archive: { retention: false } };

function run(world: RecordingWorld, ports: Partial<RecorderPorts> = {}) {
  return world.finish(record({ ...world.ports, ...ports }, world.settings, NEVER));
}

function secondOf({ clock }: RecordingWorld): number {
  return (clock.now() - T0) / 1_000;
}

describe('a recorder that begins late', () => {
  /** The contact's next recording lies right behind this one, and the table takes its time. */
  async function late() {
    const world = new RecordingWorld(WITHOUT_ARCHIVE);
    world.talk(0, 12);
    await world.calls.create({ ...world.newCall, startFragmentNumber: world.number(6).toString() });
    await world.calls.create(world.newCall);
    const ofContact = world.calls.ofContact.bind(world.calls);
    vi.spyOn(world.calls, 'ofContact').mockImplementation(async (contactId) => {
      await world.clock.sleep(500);
      return ofContact(contactId);
    });
    await world.finish(world.clock.sleep(20_000));
    return world;
  }

  it('knows where the recording ends before it keeps anything, where another task was before it', async () => {
    const world = await late();
    await world.checkpoints.claim(recordingId(world.recording), EXECUTION_ARN);
    expect(await run(world)).toBe('ended');
    expect(world.tape.history.map(({ object }) => object.last)).toEqual([world.number(5)]);
  });

  it('isn’t kept waiting for that where it is the first', async () => {
    const world = await late();
    await run(world);
    expect(world.tape.history[0]?.object.last).toBe(world.number(9));
  });
});

describe('a recorder in a hold', () => {
  it('puts what little has come on the tape after a while', async () => {
    const world = new RecordingWorld(WITHOUT_ARCHIVE);
    world.talk(0, 3);
    world.talk(60, 63);
    await world.hangUpAt(63);
    const recorded = run(world);
    await world.finish(world.clock.sleep(30_000));
    expect((await world.checkpoint)?.position?.lastFragmentNumber).toBe(world.number(2));
    await recorded;
  });

  it('looks about it once a second', async () => {
    const world = new RecordingWorld(WITHOUT_ARCHIVE);
    world.talk(0, 1);
    world.talk(300, 301);
    await world.hangUpAt(301);
    const sleep = vi.spyOn(world.clock, 'sleep');
    await run(world);
    expect(sleep.mock.calls.length / secondOf(world)).toBeLessThan(5);
  });

  it('asks Connect only then', async () => {
    const world = new RecordingWorld(WITHOUT_ARCHIVE);
    world.talk(0, 40);
    await world.hangUpAt(40);
    await run(world);
    expect(world.contacts.asked).toBe(0);
  });
});

it('ends at once after a hang-up where the grace period is short', async () => {
  const world = new RecordingWorld({ ...WITHOUT_ARCHIVE, settings: { graceMs: 200 } });
  world.talk(0, 5);
  await world.hangUpAt(5);
  await run(world);
  expect(secondOf(world)).toBeLessThan(5.8);
});

it('opens the session that shows what there is as soon as it knows that the contact is over', async () => {
  const world = new RecordingWorld(WITHOUT_ARCHIVE);
  world.talk(0, 5);
  await world.hangUpAt(5);
  const learntMs: number[] = [];
  const ofContact = world.calls.ofContact.bind(world.calls);
  vi.spyOn(world.calls, 'ofContact').mockImplementation(async (contactId) => {
    // It answers while the recorder waits for audio.
    await world.clock.sleep(300);
    const known = await ofContact(contactId);
    if (known.some(({ disconnectedAt }) => disconnectedAt !== undefined)) learntMs.push(world.clock.now());
    return known;
  });
  const openedMs: number[] = [];
  const open: RecorderPorts['media']['open'] = (start, signal) => {
    openedMs.push(world.clock.now());
    return world.media.open(start, signal);
  };
  await run(world, { media: { open } });
  const [learnt = NaN] = learntMs;
  expect(openedMs.find((ms) => ms >= learnt)).toBe(learnt);
});

it('declares what it left out while too much waited for its judgement', async () => {
  const world = new RecordingWorld(WITHOUT_ARCHIVE);
  const behind = UNDECIDED_MAX + 4;
  world.say(0);
  for (let index = 1; index < behind; index += 1)
    world.say(index, {
      contactId: '',
      segmentUid: 'a second one',
      blocks: [],
      clusterMs: T0 + index * 1_000,
    });
  world.say(behind);
  await world.hangUpAt(behind + 1);
  await run(world);
  expect((await world.checkpoint)?.losses).toMatchObject([
    {
      kind: 'FRAGMENTS_MISSING',
      firstFragmentNumber: world.number(1).toString(),
      lastFragmentNumber: world.number(3).toString(),
    },
  ]);
});

it('tells the feed what it has from the archive, too, once that is on the tape', async () => {
  const world: RecordingWorld = new RecordingWorld({
    sessions: () => ({
      alter: ({ number, document }) => (number < world.number(2) ? new Uint8Array() : document),
    }),
  });
  world.talk(0, 9);
  await world.hangUpAt(9);
  const fromArchive: unknown[] = [];
  const feed = {
    take: ({ fragment, keptAs, source }: Parameters<NonNullable<RecorderPorts['feed']>['take']>[0]) => {
      const isOnTape = world.tape.history.some(({ object }) => object.last >= fragment.number);
      if (source === 'archive') fromArchive.push([fragment.number, keptAs, isOnTape]);
    },
    onTape: () => undefined,
    end: () => undefined,
  };
  await run(world, { feed });
  expect(fromArchive).toEqual([
    [world.number(0), 'whole', true],
    [world.number(1), 'whole', true],
  ]);
});

describe('at the end a checkpoint', () => {
  it('says why, and nothing that there isn’t', async () => {
    const world = new RecordingWorld(WITHOUT_ARCHIVE);
    world.talk(0, 5);
    await world.hangUpAt(5);
    const end = vi.spyOn(world.checkpoints, 'end');
    await run(world);
    const [, , ended] = end.mock.calls[0] ?? [];
    // To DynamoDB’s client an attribute that is undefined is an error.
    expect(ended).toStrictEqual({ reason: 'DISCONNECTED', at: new Date(world.clock.now()).toISOString() });
  });

  it('says which fragment was the first behind the recording', async () => {
    const world = new RecordingWorld(WITHOUT_ARCHIVE);
    world.talk(0, 5);
    world.talk(5, 20, OTHER);
    await world.hangUpAt(5);
    await run(world);
    const ended = (await world.checkpoint)?.ended;
    expect(ended).toMatchObject({
      reason: 'NEXT_CONTACT',
      foreignFragmentNumber: world.number(5).toString(),
    });
    expect(ended).not.toHaveProperty('isForeignUntold');
  });

  it('says where that one doesn’t say whose it is', async () => {
    const world = new RecordingWorld(WITHOUT_ARCHIVE);
    world.talk(0, 5);
    world.talk(5, 7, { contactId: '', segmentUid: 'a second one' });
    await world.hangUpAt(7);
    await run(world);
    expect((await world.checkpoint)?.ended).toMatchObject({
      reason: 'DISCONNECTED',
      foreignFragmentNumber: world.number(5).toString(),
      isForeignUntold: true,
    });
  });

  it('says that, too, where the contact’s next recording ended it', async () => {
    const world = new RecordingWorld(WITHOUT_ARCHIVE);
    world.talk(0, 5);
    world.talk(5, 7, { contactId: '', segmentUid: 'a second one' });
    world.talk(8, 10);
    await world.calls.create(world.newCall);
    await world.calls.create({ ...world.newCall, startFragmentNumber: world.number(8).toString() });
    await run(world);
    expect((await world.checkpoint)?.ended).toMatchObject({
      reason: 'NEXT_RECORDING',
      foreignFragmentNumber: world.number(5).toString(),
      isForeignUntold: true,
    });
  });

  it('says nothing of the kind of the next recording’s first', async () => {
    const world = new RecordingWorld(WITHOUT_ARCHIVE);
    world.talk(0, 10);
    await world.calls.create(world.newCall);
    await world.calls.create({ ...world.newCall, startFragmentNumber: world.number(8).toString() });
    await run(world);
    const ended = (await world.checkpoint)?.ended;
    expect(ended).toMatchObject({ foreignFragmentNumber: world.number(8).toString() });
    expect(ended).not.toHaveProperty('isForeignUntold');
  });

  it('says how often the stream was opened again, and how far reading was behind', async () => {
    const world = new RecordingWorld({ ...WITHOUT_ARCHIVE, sessions: () => ({ afterFragments: 2 }) });
    world.say(0, { extraTags: [['AWS_KINESISVIDEO_MILLIS_BEHIND_NOW', '7000']] });
    world.talk(1, 9);
    await world.hangUpAt(9);
    await run(world);
    expect((await world.checkpoint)?.counters).toMatchObject({
      maxBehindMs: 7_000,
      reopenings: world.media.starts.length - 1,
    });
  });
});

describe('resumed after its end had been seen', () => {
  async function resumed(more: (world: RecordingWorld) => void, then: OpenPlan = {}) {
    let plan: OpenPlan = {};
    const world = new RecordingWorld({ ...WITHOUT_ARCHIVE, sessions: () => plan });
    world.talk(0, 5);
    await world.hangUpAt(5);
    await run(world);
    const before = (await world.checkpoint)?.ended;
    await world.finish(world.clock.sleep(60_000));
    await world.checkpoints.handOver(recordingId(world.recording), EXECUTION_ARN, 'another');
    more(world);
    plan = then;
    await world.record({ settings: { executionArn: 'another' } });
    return { world, before, after: await world.checkpoint };
  }

  it('stays as it ended where nothing more is there', async () => {
    const { before, after } = await resumed(() => undefined);
    expect(after?.ended).toEqual(before);
  });

  it('ends anew where more of it has come', async () => {
    const { world, before, after } = await resumed((it) => {
      it.say(5);
    });
    expect(after?.ended).toMatchObject({ reason: 'DISCONNECTED' });
    expect(after?.ended?.at).not.toBe(before?.at);
    expect(after?.position?.lastFragmentNumber).toBe(world.number(5));
  });

  it('stays as it ended though the stream can’t be read any more', async () => {
    const refuse = new MediaError('noSuchStream', 'it is gone');
    const { before, after } = await resumed(() => undefined, { refuse });
    expect([after?.ended, after?.losses]).toEqual([before, []]);
  });
});

describe('a recorder that goes on where another one stopped', () => {
  /** The first one is told to stop at this second; the other one begins at once. */
  async function continued(world: RecordingWorld, second: number) {
    const stop = new AbortController();
    void world.clock.sleep(second * 1_000).then(() => {
      stop.abort();
    });
    expect(await world.record({ signal: stop.signal })).toBe('interrupted');
    expect(await world.record()).toBe('ended');
    return world.checkpoint;
  }

  it('knows by its Segment what is the recording’s, though it doesn’t say so', async () => {
    const world = new RecordingWorld(WITHOUT_ARCHIVE);
    world.talk(0, 5);
    world.talk(5, 9, { contactId: '' });
    await world.hangUpAt(9);
    const checkpoint = await continued(world, 5.5);
    expect(checkpoint?.counters.fragments).toBe(9);
  });

  it('knows how long the call has been', async () => {
    const world = new RecordingWorld({ ...WITHOUT_ARCHIVE, settings: { longestCallMs: 60_000 } });
    world.talk(0, 50);
    await world.calls.create(world.newCall);
    const checkpoint = await continued(world, 55);
    expect(checkpoint?.ended?.reason).toBe('LONGEST_CALL');
    expect(secondOf(world)).toBeLessThan(75);
  });
});

describe('a fragment that the archive alone has, and that doesn’t say whose it is', () => {
  /** Not even its number can be read. */
  const GARBAGE = Buffer.alloc(5_000, 0x3f);

  /** @returns whether it is kept */
  async function kept(before: 'ours' | 'another contact’s') {
    const world: RecordingWorld = new RecordingWorld({
      sessions: () => ({
        alter: ({ number, document }) => (number === world.number(6) ? GARBAGE : document),
      }),
    });
    const owner = before === 'ours' ? {} : OTHER;
    world.talk(0, 5);
    world.say(5, owner);
    world.say(6, { ...owner, contactId: '' });
    world.talk(7, 20, OTHER);
    await world.hangUpAt(7);
    await run(world);
    return world.tape.history.some(({ object }) => object.last === world.number(6));
  }

  it('is kept behind one that is ours, and not behind another contact’s', async () => {
    expect(await kept('ours')).toBe(true);
    expect(await kept('another contact’s')).toBe(false);
  });
});
