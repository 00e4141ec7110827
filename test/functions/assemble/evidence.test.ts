/** What outlives an assembly: what it found missing, what it disproved, and a WAV that holds more than the next one's. */
import { describe, expect, it } from 'vitest';
import { assembleRecording } from '../../../functions/assemble/assemble.ts';
import type { Contacts } from '../../../ports/contacts/contacts.ts';
import { MediaError } from '../../../ports/media/media.ts';
import type { OpenPlan } from '../../../ports/media/memory-media.ts';
import { TapeObjectUnreadable } from '../../../ports/tape/tape.ts';
import { recordingId } from '../../../recording/identity.ts';
import { tapePrefix } from '../../../recording/tape/keys.ts';
import { EXECUTION_ARN } from '../../support/call.ts';
import { type Gate, gate } from '../../support/gate.ts';
import { range, RecordingWorld, type RecordingWorldOptions, spoken } from '../../support/recording-world.ts';

const HEADER_BYTES = 44;
const DAY_MS = 24 * 3_600_000;
const RESUMED_ARN = `${EXECUTION_ARN}-r1`;

const NO_FETCH = {
  refuse: (operation: 'list' | 'fetch') =>
    operation === 'fetch' ? new MediaError('accessDenied', 'no GetMediaForFragmentList') : undefined,
};

/** A call of so many seconds, of which GetMedia brings the first ones and then stalls; the stream keeps it for a day. */
async function recorded(
  seconds: number,
  brought: number,
  options: RecordingWorldOptions = {},
): Promise<RecordingWorld> {
  const world = new RecordingWorld({
    keepMs: DAY_MS,
    sessions: (_, start): OpenPlan => ({
      afterFragments: start.kind === 'serverTimestamp' ? brought : 0,
      breakOff: 'stall',
    }),
    ...options,
  });
  world.talk(0, seconds);
  await world.hangUpAt(seconds);
  await world.record();
  return world;
}

/** When the stream has forgotten the call. @param days since */
async function resumedAfter(
  world: RecordingWorld,
  days: number,
  expire: (world: RecordingWorld) => void = () => undefined,
) {
  await world.finish(world.clock.sleep(days * DAY_MS), (days + 1) * DAY_MS);
  expire(world);
  await world.checkpoints.handOver(recordingId(world.recording), EXECUTION_ARN, RESUMED_ARN);
  await world.record({ settings: { executionArn: RESUMED_ARN } });
  return world.assemble(RESUMED_ARN);
}

function tapeKeys({ tape, recording }: RecordingWorld): string[] {
  const prefix = tapePrefix(recording);
  return tape.history.map(({ object }) => object.key).filter((key) => key.startsWith(prefix));
}

function expireTape(objects: number) {
  return (world: RecordingWorld) => {
    for (const key of tapeKeys(world).slice(0, objects)) world.tape.tamper(key, undefined);
  };
}

function expireCheckpoint(world: RecordingWorld): void {
  world.checkpoints.tamper(recordingId(world.recording), undefined);
}

/** Connect, which answers late. */
function heldBack({ contacts }: RecordingWorld, { passed }: Gate): Contacts {
  return {
    describe: async (contactId) => {
      await passed;
      return contacts.describe(contactId);
    },
  };
}

describe('what only the stream’s list showed to be missing', () => {
  it('is still missing when the stream has forgotten the call', async () => {
    const world = await recorded(25, 15, { archive: NO_FETCH });
    const first = await world.assemble();
    expect(first.call).toMatchObject({ status: 'INCOMPLETE', losses: [{ kind: 'FRAGMENTS_MISSING' }] });
    const { call, json } = await resumedAfter(world, 2);
    expect(call).toMatchObject({
      status: 'INCOMPLETE',
      losses: first.call?.losses,
      verification: first.call?.verification,
    });
    expect(json).toMatchObject({ status: 'INCOMPLETE', losses: first.call?.losses });
  });

  it('leaves it FAILED, and no empty call', async () => {
    const world = await recorded(25, 0, { archive: NO_FETCH });
    const first = await world.assemble();
    expect(first.call?.status).toBe('FAILED');
    expect((await resumedAfter(world, 2)).call).toMatchObject({
      status: 'FAILED',
      why: first.call?.why,
      losses: first.call?.losses,
    });
  });

  it('is known from the JSON beside the WAV where the record has been lost', async () => {
    const world = await recorded(25, 15, { archive: NO_FETCH });
    const first = await world.assemble();
    const { disconnectedAt = '' } = first.call ?? {};
    world.contacts.set(world.recording.contactId, { disconnectedAt });
    const { call } = await resumedAfter(world, 2, ({ calls, newCall }) => {
      calls.tamper(newCall, undefined);
    });
    expect(call).toMatchObject({ status: 'INCOMPLETE', losses: first.call?.losses });
  });

  it('is disproved by a list of which everything is there', async () => {
    let refuses = true;
    const world = await recorded(25, 15, {
      archive: { refuse: (operation) => (refuses ? NO_FETCH.refuse(operation) : undefined) },
    });
    expect((await world.assemble()).call?.status).toBe('INCOMPLETE');
    refuses = false;
    const { call, wav } = await world.assemble();
    expect(call).toMatchObject({ status: 'COMPLETE', losses: [] });
    expect(wav?.subarray(HEADER_BYTES).equals(spoken(...range(0, 25)))).toBe(true);
  });
});

describe('what a list has disproved', () => {
  it('stays so when nothing is listed any more', async () => {
    const world = await recorded(25, 25);
    // As many come from the archive as have gone: neither hides the other.
    world.tape.tamper(tapeKeys(world)[1] ?? '', undefined);
    const first = await world.assemble();
    expect(first.call).toMatchObject({
      status: 'COMPLETE',
      losses: [],
      disproved: [{ kind: 'TAPE_DAMAGED' }],
    });
    expect(first.call?.disproved?.[0]?.why).toContain('10 fragments');
    expect((await resumedAfter(world, 2)).call).toMatchObject({
      status: 'COMPLETE',
      losses: [],
      verification: { method: 'LIST_FRAGMENTS', fragmentsListed: 25 },
    });
  });
});

describe('fragments that a task stored behind the last count, and was given up', () => {
  it('hide none that have gone from the tape', async () => {
    const world = await recorded(25, 25);
    world.archive.list = () => Promise.reject(new MediaError('noRetention', 'expired'));
    const behind = range(25, 40);
    const bytes = Buffer.concat(behind.map((index) => world.document(index)));
    await world.tape.append(world.recording, { first: world.number(25), last: world.number(39), bytes });
    world.tape.tamper(tapeKeys(world)[0] ?? '', undefined);
    const { call } = await world.assemble();
    expect(call).toMatchObject({ status: 'INCOMPLETE', media: { fragments: 30 } });
    const gone = call?.losses?.find(({ kind }) => kind === 'TAPE_DAMAGED');
    expect(gone?.why).toContain('10 fragments');
  });
});

describe('fragments from the archive', () => {
  it('hide none that have gone from the tape', async () => {
    const world = await recorded(25, 15);
    expect((await world.assemble()).call?.media?.fragments).toBe(25);
    // Ten were added, ten go; the record of the first assembly is lost, and so is what it said of them.
    const [first] = tapeKeys(world);
    world.tape.tamper(first ?? '', undefined);
    world.calls.tamper(world.newCall, undefined);
    world.archive.list = () => Promise.reject(new MediaError('noRetention', 'expired'));
    world.recordings.read = () => Promise.resolve(undefined);
    const { call } = await world.assemble();
    expect(call).toMatchObject({ status: 'INCOMPLETE', losses: [{ kind: 'TAPE_DAMAGED' }] });
    expect(call?.losses?.[0]?.why).toContain('10 fragments');
  });
});

describe('a WAV that holds more than the tape gives by now', () => {
  it.each([
    ['its first half has expired', 3, false],
    ['all of it has expired', Infinity, false],
    ['all of it has expired, and the checkpoint too', Infinity, true],
    ['its first half has expired, and the checkpoint too', 3, true],
  ])('stays, and is named in the record: %s', async (_, objects, checkpointToo) => {
    const world = await recorded(60, 55, { archive: NO_FETCH });
    const first = await world.assemble();
    const { call, wav, json } = await resumedAfter(world, 30, (expiring) => {
      expireTape(objects)(expiring);
      if (checkpointToo) expireCheckpoint(expiring);
    });
    expect(wav?.equals(first.wav ?? Buffer.alloc(0))).toBe(true);
    const { status, durationMs, audio, media, losses, verification } = first.call ?? {};
    const same = { status, durationMs, audio, media, losses, verification };
    expect(call).toMatchObject(same);
    expect(call?.kept?.why).toContain('of the 55 fragments');
    expect(json).toMatchObject(same);
  });

  it('stays COMPLETE where it was', async () => {
    const world = await recorded(25, 25);
    expect((await world.assemble()).call?.status).toBe('COMPLETE');
    expect((await resumedAfter(world, 30, expireTape(1))).call).toMatchObject({
      status: 'COMPLETE',
      losses: [],
      media: { fragments: 25 },
    });
  });

  it('stays where only its middle has gone, which makes the next one no shorter', async () => {
    const world = await recorded(25, 25);
    const first = await world.assemble();
    const { call, wav } = await resumedAfter(world, 2, ({ tape }) => {
      tape.tamper(tapeKeys(world)[1] ?? '', undefined);
    });
    expect(wav?.equals(first.wav ?? Buffer.alloc(0))).toBe(true);
    expect(call).toMatchObject({ status: 'COMPLETE', kept: {} });
  });

  it('is named again in the JSON with all of its gaps', async () => {
    const world = new RecordingWorld({ keepMs: DAY_MS });
    for (let index = 0; index < 1_100; index += 2) world.say(index);
    await world.hangUpAt(1_100);
    await world.record();
    await world.assemble();
    const { json } = await resumedAfter(world, 30, expireTape(10));
    expect((json as { media: { gaps: unknown[] } }).media.gaps).toHaveLength(2 * 549);
  });

  it('stays though an assembly that read the whole tape before it expired is late', async () => {
    const world = await recorded(25, 25);
    const first = await world.assemble();
    const hanging = gate();
    const late = assembleRecording(
      { ...world.assemblyPorts, contacts: heldBack(world, hanging) },
      world.assembleInput,
    );
    await world.finish(world.clock.sleep(1_000));
    expireTape(1)(world);
    world.archive.list = () => Promise.reject(new MediaError('noRetention', 'expired'));
    const { call } = await world.assemble();
    expect(call).toMatchObject({ status: 'COMPLETE', audio: first.call?.audio, kept: {} });
    hanging.open();
    expect(await world.finish(late)).toMatchObject({ status: 'COMPLETE' });
    expect((await world.calls.get(world.recording))?.audio).toEqual(first.call?.audio);
    expect(world.wav?.equals(first.wav ?? Buffer.alloc(0))).toBe(true);
  });

  it('gives way to one that holds more', async () => {
    let refuses = true;
    const world = await recorded(60, 55, {
      archive: { refuse: (operation) => (refuses ? NO_FETCH.refuse(operation) : undefined) },
    });
    await world.assemble();
    expireTape(3)(world);
    expect((await world.assemble()).call).toMatchObject({ media: { fragments: 55 }, kept: {} });
    refuses = false;
    const { call } = await world.assemble();
    expect(call).toMatchObject({ status: 'COMPLETE', losses: [], media: { fragments: 60 } });
    expect(call?.kept).toBeUndefined();
  });

  it('is made again where somebody has removed it', async () => {
    const world = await recorded(25, 25);
    const first = await world.assemble();
    world.recordings.tamper(first.call?.audio?.key ?? '');
    const { call, wav } = await resumedAfter(world, 2, expireTape(1));
    expect(call).toMatchObject({ status: 'INCOMPLETE', media: { fragments: 15 } });
    expect(wav?.subarray(HEADER_BYTES).equals(spoken(...range(10, 25)))).toBe(true);
  });
});

describe('a tape of which no object may be read', () => {
  function refuse(world: RecordingWorld): void {
    world.tape.read = (key) => Promise.reject(new TapeObjectUnreadable(key, 'AccessDenied', undefined, true));
  }

  it('is not damaged: FAILED, with the remedy, and COMPLETE once it may be', async () => {
    const world = await recorded(25, 25, { archive: { retention: false } });
    const read = world.tape.read.bind(world.tape);
    refuse(world);
    const { call } = await world.assemble();
    expect(call).toMatchObject({ status: 'FAILED', losses: [] });
    expect(call?.why).toContain('kms:Decrypt');
    world.tape.read = read;
    expect((await world.assemble()).call).toMatchObject({ status: 'COMPLETE', losses: [] });
  });

  it('is no news for a WAV that there is', async () => {
    const world = await recorded(25, 25, { archive: { retention: false } });
    const first = await world.assemble();
    refuse(world);
    const { call } = await world.assemble();
    expect(call).toMatchObject({ status: 'COMPLETE', audio: first.call?.audio, losses: [] });
    expect(call?.kept?.why).toContain('AccessDenied');
  });
});

describe('an object that was damaged and is not any more', () => {
  it('is no loss, though nothing is listed', async () => {
    const world = await recorded(25, 25, { archive: { retention: false } });
    const key = tapeKeys(world)[1] ?? '';
    const bytes = Buffer.concat(await world.tape.read(key));
    world.tape.tamper(key, Buffer.from('not a tape'));
    expect((await world.assemble()).call).toMatchObject({ losses: [{ kind: 'TAPE_DAMAGED' }, {}] });
    world.tape.tamper(key, bytes);
    expect((await world.assemble()).call).toMatchObject({ status: 'COMPLETE', losses: [] });
  });
});
