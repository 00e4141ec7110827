/** Which losses stand: what the recorder saw, held against the stream's list and the contact's record in Connect. */
import { describe, expect, it } from 'vitest';
import { MemoryArchive } from '../../../ports/archive/memory-archive.ts';
import { MediaError } from '../../../ports/media/media.ts';
import type { OpenPlan } from '../../../ports/media/memory-media.ts';
import { MemoryStream } from '../../../ports/media/memory-stream.ts';
import { ObjectReplaced } from '../../../ports/recordings/recordings.ts';
import { recordingId } from '../../../recording/identity.ts';
import { EXECUTION_ARN } from '../../support/call.ts';
import { broken, T0 } from '../../support/documents.ts';
import { gate } from '../../support/gate.ts';
import { range, RecordingWorld, type RecordingWorldOptions, spoken } from '../../support/recording-world.ts';

const HEADER_BYTES = 44;
const OTHER_CONTACT = 'aaaaaaaa-0000-4000-8000-000000000001';

/** GetMedia stalls for good behind the nth fragment: an open connection on which nothing comes. */
function stalledAfter(fragments: number): Pick<RecordingWorldOptions, 'sessions'> {
  return {
    sessions: (_, start): OpenPlan => ({
      afterFragments: start.kind === 'serverTimestamp' ? fragments : 0,
      breakOff: 'stall',
    }),
  };
}

const NO_FETCH = {
  archive: {
    refuse: (operation) =>
      operation === 'fetch' ? new MediaError('accessDenied', 'no GetMediaForFragmentList') : undefined,
  },
} satisfies RecordingWorldOptions;

/** A call of 25 s, recorded. */
async function recorded(options: RecordingWorldOptions): Promise<RecordingWorld> {
  const world = new RecordingWorld(options);
  world.talk(0, 25);
  await world.hangUpAt(25);
  await world.record();
  return world;
}

/** A call of 25 s whose recorder stopped for good before it was over; what it missed is not listed yet. */
async function gaveUpAt(ms: number): Promise<RecordingWorld> {
  const world = new RecordingWorld({ listingDelayMs: 30_000 });
  world.talk(0, 25);
  await world.hangUpAt(25);
  const killed = new AbortController();
  void world.clock.sleep(ms).then(() => {
    killed.abort();
  });
  await world.record({ signal: killed.signal });
  await world.finish(world.clock.sleep(30_000));
  return world;
}

function missing(world: RecordingWorld, first: number, last: number) {
  return {
    kind: 'FRAGMENTS_MISSING',
    firstFragmentNumber: world.number(first).toString(),
    lastFragmentNumber: world.number(last).toString(),
  };
}

describe('fragments that are listed and can’t be had', () => {
  it('are a loss, and no empty call, where nothing is on the tape', async () => {
    const world = await recorded({ ...stalledAfter(0), ...NO_FETCH });
    expect((await world.checkpoint)?.ended?.reason).toBe('DISCONNECTED');
    expect((await world.assemble()).call).toMatchObject({
      status: 'FAILED',
      losses: [missing(world, 0, 24)],
      verification: { fragmentsListed: 25, fragmentsMissing: 25 },
    });
  });

  it('are a loss behind the last fragment, where they began before the contact was over', async () => {
    const world = await recorded({ ...stalledAfter(15), ...NO_FETCH });
    expect((await world.checkpoint)?.ended?.reason).toBe('DISCONNECTED');
    expect((await world.assemble()).call).toMatchObject({
      status: 'INCOMPLETE',
      losses: [missing(world, 15, 24)],
      verification: { fragmentsListed: 25, fragmentsMissing: 10 },
    });
  });

  it.each([
    ['they began later', 26, 25],
    ['that one had the stream shortly before ours was over', 25, 27],
    ['only that one’s audio told of the end', 25, undefined],
  ])('are the next contact’s where %s', async (_, nextFrom, overAt) => {
    const world = new RecordingWorld(NO_FETCH);
    world.talk(0, 25);
    world.talk(nextFrom, 40, { contactId: OTHER_CONTACT });
    if (overAt === undefined) await world.calls.create(world.newCall);
    else await world.hangUpAt(overAt);
    await world.record();
    expect((await world.checkpoint)?.ended?.reason).toBe('NEXT_CONTACT');
    expect((await world.assemble()).call).toMatchObject({
      status: 'COMPLETE',
      verification: { fragmentsListed: 25, fragmentsMissing: 0 },
    });
  });

  it.each([
    ['hung up at 25', 25],
    ['nobody says when it was over', undefined],
  ])('are ours where GetMedia passed over them: %s', async (_, overAt) => {
    const world = new RecordingWorld();
    world.talk(0, 15);
    world.talk(25, 27, { contactId: OTHER_CONTACT });
    // In the archive alone, and not to be had.
    const all = new MemoryStream({ clock: world.clock });
    for (const index of range(0, 27)) {
      const atMs = T0 + index * 1_000;
      const document = world.document(index, index < 25 ? {} : { contactId: OTHER_CONTACT });
      const times = { serverTimestampMs: atMs, producerTimestampMs: atMs };
      all.put({ number: world.number(index), document, ...times }, atMs + 1_000);
    }
    const archive = new MemoryArchive(all, NO_FETCH.archive);
    world.archive.list = (...args) => archive.list(...args);
    world.archive.fetch = (...args) => archive.fetch(...args);
    if (overAt === undefined) await world.calls.create(world.newCall);
    else await world.hangUpAt(overAt);
    await world.record();
    expect((await world.checkpoint)?.ended).toMatchObject({
      reason: 'NEXT_CONTACT',
      foreignFragmentNumber: world.number(25).toString(),
    });
    expect((await world.assemble()).call).toMatchObject({
      status: 'INCOMPLETE',
      losses: [missing(world, 15, 24)],
      verification: { fragmentsListed: 25, fragmentsMissing: 10 },
    });
  });

  it('are ours where they lie between two of ours and don’t say whose they are', async () => {
    const world = new RecordingWorld(stalledAfter(26));
    world.talk(0, 25);
    world.say(25, { contactId: '', segmentUid: 'a second one' });
    world.say(26);
    await world.hangUpAt(27);
    await world.record();
    expect((await world.checkpoint)?.ended).toMatchObject({
      foreignFragmentNumber: world.number(25).toString(),
      isForeignUntold: true,
    });
    const fetch = world.archive.fetch.bind(world.archive);
    world.archive.fetch = (numbers, ...rest) =>
      fetch(
        numbers.map((number) => (number === world.number(25) ? 1n : number)),
        ...rest,
      );
    await world.finish(world.clock.sleep(60_000));
    expect((await world.assemble()).call).toMatchObject({
      status: 'INCOMPLETE',
      losses: [missing(world, 25, 25)],
      verification: { fragmentsListed: 27, fragmentsMissing: 1 },
    });
  });

  it('are counted where they are taken for the next contact’s', async () => {
    const world = new RecordingWorld(NO_FETCH);
    world.talk(0, 25);
    world.talk(25, 40, { contactId: OTHER_CONTACT });
    await world.hangUpAt(27);
    await world.record();
    await world.finish(world.clock.sleep(60_000));
    const { call } = await world.assemble();
    expect(call).toMatchObject({ status: 'COMPLETE', verification: { fragmentsTakenForNext: 15 } });
  });

  it('are not ours where the recorder has read them, and Connect never says that the call is over', async () => {
    const world = new RecordingWorld({ ...NO_FETCH, settings: { longestCallMs: 60_000 } });
    world.talk(0, 25);
    world.say(25, { contactId: '', segmentUid: 'another' });
    await world.calls.create(world.newCall);
    await world.record();
    expect((await world.checkpoint)?.ended?.reason).toBe('LONGEST_CALL');
    expect((await world.assemble()).call?.losses).toMatchObject([{ kind: 'CUT_AT_LIMIT' }]);
  });

  it('are not lost where they came malformed, and the archive’s copy says that they are another contact’s', async () => {
    const world: RecordingWorld = new RecordingWorld({
      settings: { longestCallMs: 60_000 },
      sessions: () => ({
        alter: ({ number, document }) => (number === world.number(25) ? broken(document) : document),
      }),
    });
    world.talk(0, 25);
    world.say(25, { contactId: OTHER_CONTACT });
    await world.calls.create(world.newCall);
    await world.record();
    const kinds = (await world.checkpoint)?.losses.map(({ kind }) => kind);
    expect(kinds).toEqual(['FRAGMENT_MALFORMED', 'CUT_AT_LIMIT']);
    const { call } = await world.assemble();
    expect(call?.losses).toMatchObject([{ kind: 'CUT_AT_LIMIT' }]);
    expect(call?.disproved).toMatchObject([{ kind: 'FRAGMENT_MALFORMED' }]);
  });

  it('are ours behind another contact’s fragment in mid-call', async () => {
    const world = new RecordingWorld({ ...NO_FETCH, ...stalledAfter(11) });
    world.talk(0, 10);
    world.say(10, { contactId: OTHER_CONTACT });
    world.talk(11, 40);
    await world.hangUpAt(40);
    await world.record();
    expect((await world.checkpoint)?.ended?.reason).toBe('NEXT_CONTACT');
    await world.finish(world.clock.sleep(60_000));
    expect((await world.assemble()).call).toMatchObject({
      status: 'INCOMPLETE',
      losses: [{ kind: 'FRAGMENTS_MISSING' }],
    });
  });
});

describe('a fragment of which the tape holds only a part', () => {
  it('is had whole from the archive, once that may be asked', async () => {
    let refuses = true;
    const world: RecordingWorld = new RecordingWorld({
      sessions: (session) => ({
        alter: ({ number, document }) => {
          if (number !== world.number(4)) return document;
          return session === 1 ? document.subarray(0, 20_000) : new Uint8Array();
        },
      }),
      archive: { refuse: () => (refuses ? new MediaError('accessDenied', 'not yet') : undefined) },
    });
    world.talk(0, 5);
    await world.hangUpAt(5);
    await world.record();
    expect((await world.checkpoint)?.losses).toMatchObject([{ kind: 'FRAGMENT_CUT' }]);
    refuses = false;

    const { call, wav } = await world.assemble();

    expect(call).toMatchObject({ status: 'COMPLETE', losses: [], disproved: [{ kind: 'FRAGMENT_CUT' }] });
    expect(wav?.subarray(HEADER_BYTES).equals(spoken(...range(0, 5)))).toBe(true);
  });

  it('is had whole where a superseded task stored it, and GetMedia never gave it to the next', async () => {
    const world: RecordingWorld = new RecordingWorld({
      sessions: () => ({
        alter: ({ number, document }) => (number === world.number(2) ? new Uint8Array() : document),
      }),
    });
    const blocks = [{ channel: 0, atMs: T0 + 2_000, pcm: new Uint8Array(100) }] as const;
    const bytes = world.document(2, { blocks, untagged: true });
    await world.tape.append(world.recording, { first: world.number(2), last: world.number(2), bytes });
    world.talk(0, 5);
    await world.hangUpAt(5);
    await world.record();

    const { call, wav } = await world.assemble();

    expect(call).toMatchObject({ status: 'COMPLETE', losses: [] });
    expect(wav?.subarray(HEADER_BYTES).equals(spoken(...range(0, 5)))).toBe(true);
  });

  it('is not asked for where it is the last, and the recorder saw it whole', async () => {
    const asked: string[] = [];
    const world = new RecordingWorld({
      archive: {
        refuse: (operation) => {
          asked.push(operation);
          return undefined;
        },
      },
    });
    world.talk(0, 4);
    world.say(4, { untagged: true });
    await world.hangUpAt(5);
    await world.record();
    expect((await world.assemble()).call).toMatchObject({ status: 'COMPLETE', media: { fragments: 5 } });
    expect(new Set(asked)).toEqual(new Set(['list']));
  });
});

describe('the last fragment that the contact’s record in Connect names', () => {
  async function named(last: number) {
    // What came last isn't listed yet when the recording is assembled.
    const world = await recorded({ ...stalledAfter(20), listingDelayMs: 12_000 });
    const span = { firstFragmentNumber: world.number(0), lastFragmentNumber: world.number(last) };
    world.contacts.set(world.recording.contactId, {}, [span]);
    const { call } = await world.assemble();
    expect(call?.verification?.method).toBe('LIST_FRAGMENTS');
    return { world, call };
  }

  it('shows that the end is missing, also where the stream doesn’t list it', async () => {
    const { world, call } = await named(24);
    const first = (world.number(19) + 1n).toString();
    const loss = { ...missing(world, 20, 24), firstFragmentNumber: first };
    expect(call).toMatchObject({ status: 'INCOMPLETE', losses: [loss] });
  });

  it('is no loss where it is on the tape', async () => {
    const { call } = await named(19);
    expect(call).toMatchObject({ status: 'COMPLETE', losses: [] });
  });

  it('is declared once', async () => {
    const world = await recorded({ ...stalledAfter(20), ...NO_FETCH });
    const span = { firstFragmentNumber: world.number(0), lastFragmentNumber: world.number(24) };
    world.contacts.set(world.recording.contactId, {}, [span]);
    expect((await world.assemble()).call?.losses).toMatchObject([missing(world, 20, 24)]);
  });
});

describe('a list of the stream’s fragments', () => {
  it('says nothing of the end when it was asked for soon after it, however late the assembly is done', async () => {
    const world = await gaveUpAt(15_500);
    const put = world.recordings.put.bind(world.recordings);
    world.recordings.put = async (...file: Parameters<typeof put>) => {
      await world.clock.sleep(90_000);
      return put(...file);
    };
    expect((await world.assemble()).call).toMatchObject({
      status: 'INCOMPLETE',
      losses: [{ kind: 'RECORDER_STOPPED' }],
      media: { fragments: 15 },
    });
  });
});

describe('a call that goes on behind its hang-up', () => {
  it('is asked for as far as its fragments go, where its recorder stopped', async () => {
    const world = new RecordingWorld();
    world.talk(0, 1_200);
    await world.hangUpAt(40);
    const killed = new AbortController();
    void world.clock.sleep(20_000).then(() => {
      killed.abort();
    });
    await world.record({ signal: killed.signal });
    await world.finish(world.clock.sleep(1_400_000));
    const { call, wav } = await world.assemble();
    expect(call).toMatchObject({
      status: 'COMPLETE',
      endReason: 'RECORDER_GAVE_UP',
      verification: { fragmentsListed: 1_200 },
    });
    expect(wav?.subarray(HEADER_BYTES).equals(spoken(...range(0, 1_200)))).toBe(true);
  });

  it('is not taken for whole while what came last may not be listed yet', async () => {
    const world = new RecordingWorld({ listingDelayMs: 30_000 });
    world.talk(0, 200);
    await world.hangUpAt(40);
    const killed = new AbortController();
    void world.clock.sleep(20_000).then(() => {
      killed.abort();
    });
    await world.record({ signal: killed.signal });
    await world.finish(world.clock.sleep(140_000));
    expect((await world.assemble()).call).toMatchObject({
      status: 'INCOMPLETE',
      losses: [{ kind: 'RECORDER_STOPPED' }],
    });
  });
});

describe('a recording that the flow stopped, while people talk on', () => {
  /** Its recorder stopped for good before that. @param ms after the flow stopped it, it is assembled. */
  async function assembledAfter(ms: number) {
    const world = new RecordingWorld();
    world.talk(0, 25);
    await world.calls.create(world.newCall);
    const killed = new AbortController();
    void world.clock.sleep(10_500).then(() => {
      killed.abort();
    });
    await world.record({ signal: killed.signal });
    await world.finish(world.clock.sleep(T0 + 25_000 - world.clock.now()));
    await world.calls.streamingStopped(world.recording, world.number(24));
    await world.finish(world.clock.sleep(ms));
    return world.assemble();
  }

  it('is whole once what the flow names as its last has been listed for a while', async () => {
    const { call, wav } = await assembledAfter(60_000);
    expect(call).toMatchObject({ status: 'COMPLETE', endReason: 'RECORDER_GAVE_UP', losses: [] });
    expect(wav?.subarray(HEADER_BYTES).equals(spoken(...range(0, 25)))).toBe(true);
  });

  it('is not taken for whole before: something may be missing in the list', async () => {
    const { call } = await assembledAfter(50_000);
    expect(call).toMatchObject({ status: 'INCOMPLETE', losses: [{ kind: 'RECORDER_STOPPED' }] });
  });
});

describe('the contact’s other recording', () => {
  it('tells nothing of this one, though it stands before it', async () => {
    const world = new RecordingWorld();
    const startFragmentNumber = (world.recording.startFragmentNumber - 1_000n).toString();
    await world.calls.create({ ...world.newCall, startFragmentNumber, attributes: { which: 'the first' } });
    world.talk(0, 5);
    await world.hangUpAt(5);
    await world.record();
    const { call, json } = await world.assemble();
    expect(call).toMatchObject({ status: 'COMPLETE' });
    expect(json).toEqual(JSON.parse(JSON.stringify(call)));
  });

  it('may be damaged: this one is recorded to where that one begins, and assembled', async () => {
    const world = new RecordingWorld();
    world.talk(0, 40);
    await world.hangUpAt(40);
    const start = world.number(25).toString();
    const other = {
      ...world.newCall,
      startFragmentNumber: start,
      endReason: 'OF_A_NEWER_VERSION',
      status: 7,
    };
    world.calls.tamper({ ...world.newCall, startFragmentNumber: start }, other);
    await world.record();
    expect((await world.checkpoint)?.ended?.reason).toBe('NEXT_RECORDING');
    expect((await world.assemble()).call).toMatchObject({ status: 'COMPLETE', media: { fragments: 25 } });
  });
});

describe('an upload of several parts', () => {
  /** Seconds, and fragments; a part is 164 s. */
  const SECONDS = 400;

  async function longRecorded(options: RecordingWorldOptions): Promise<RecordingWorld> {
    const world = new RecordingWorld({ ...stalledAfter(SECONDS - 10), ...options });
    world.talk(0, SECONDS);
    await world.hangUpAt(SECONDS);
    await world.record();
    return world;
  }

  it('is dropped where what is restored makes another one of it', async () => {
    const world = await longRecorded({});
    expect((await world.assemble()).call).toMatchObject({ status: 'COMPLETE', durationMs: SECONDS * 1_000 });
    expect(world.wav?.subarray(HEADER_BYTES).equals(spoken(...range(0, SECONDS)))).toBe(true);
    expect(world.recordings.openUploads).toBe(0);
  });

  it('is dropped where the tape can’t be added to', async () => {
    const world = await longRecorded({});
    world.tape.append = () => Promise.reject(new Error('SlowDown'));
    await expect(world.assemble()).rejects.toThrow('SlowDown');
    expect(world.recordings.openUploads).toBe(0);
  });

  it('is dropped where others keep writing in its place', async () => {
    const world = await longRecorded({});
    const begin = world.recordings.begin.bind(world.recordings);
    let tries = 0;
    world.recordings.begin = async (key) => ({
      ...(await begin(key)),
      complete: () => {
        tries += 1;
        return Promise.reject(new ObjectReplaced(key));
      },
    });
    await expect(world.assemble()).rejects.toThrow(ObjectReplaced);
    expect(tries).toBe(3);
    expect(world.recordings.openUploads).toBe(0);
  });

  it('is dropped where the tape can’t be read to its end', async () => {
    const world = await longRecorded({});
    const read = world.tape.read.bind(world.tape);
    let reads = 0;
    world.tape.read = (key) => ((reads += 1) > 38 ? Promise.reject(new Error('SlowDown')) : read(key));
    await expect(world.assemble()).rejects.toThrow('SlowDown');
    expect(reads).toBeGreaterThan(38);
    expect(world.recordings.openUploads).toBe(0);
  });
});

describe('while the tape is read', () => {
  /** Seconds, and fragments: long enough that its beginning is listed ahead. */
  const LONG = 1_200;

  async function longCall(options: RecordingWorldOptions): Promise<RecordingWorld> {
    const world = new RecordingWorld(options);
    world.talk(0, LONG);
    await world.hangUpAt(LONG);
    await world.record();
    return world;
  }

  /** Waits before the tape is listed. */
  function beforeTape(world: RecordingWorld, wait: () => Promise<unknown>): void {
    const list = world.tape.list.bind(world.tape);
    world.tape.list = async function* (recording) {
      await wait();
      yield* list(recording);
    };
  }

  it('Connect is asked', async () => {
    const world = await recorded({});
    const { contacts } = world.assemblyPorts;
    const begun = gate();
    beforeTape(world, () => {
      begun.open();
      return begun.passed;
    });
    const describeContact = contacts.describe.bind(contacts);
    contacts.describe = async (contactId) => {
      await begun.passed;
      return describeContact(contactId);
    };
    expect((await world.assemble()).call).toMatchObject({ status: 'COMPLETE' });
  });

  it('the archive is asked for what is not new', async () => {
    const world = await longCall({});
    const list = world.archive.list.bind(world.archive);
    const asked = gate();
    world.archive.list = (...span) => {
      asked.open();
      return list(...span);
    };
    beforeTape(world, () => asked.passed);
    expect((await world.assemble()).call).toMatchObject({
      status: 'COMPLETE',
      verification: { method: 'LIST_FRAGMENTS', fragmentsListed: LONG },
    });
  });

  it.each([
    ['a short call', recorded, 20, 25],
    ['a long call', longCall, LONG - 25, LONG],
  ])('what is new may come to be listed: %s', async (_, record, stalled, fragments) => {
    const world = await record({ ...stalledAfter(stalled), listingDelayMs: 55_000 });
    beforeTape(world, () => world.clock.sleep(55_000));
    expect((await world.assemble()).call).toMatchObject({ status: 'COMPLETE', media: { fragments } });
  });

  it('a contact may come to have been over for long enough that its list is all', async () => {
    const world = await gaveUpAt(15_500);
    beforeTape(world, () => world.clock.sleep(90_000));
    expect((await world.assemble()).call).toMatchObject({ status: 'COMPLETE', media: { fragments: 25 } });
  });
});

describe('what a contact’s record in Connect tells', () => {
  it('is in the record, where no event came', async () => {
    const world = new RecordingWorld();
    world.talk(0, 25);
    await world.calls.create(world.newCall);
    const facts = { disconnectedAt: new Date(T0 + 25_000).toISOString(), queue: { arn: 'queue' } };
    world.contacts.set(world.recording.contactId, facts);
    await world.record();
    expect((await world.assemble()).call).toMatchObject(facts);
  });
});

describe('a start that was read too late', () => {
  it('is not proved to be all by a list that was asked for soon after the end', async () => {
    const world = new RecordingWorld({ ...stalledAfter(0), listingDelayMs: 30_000 });
    world.talk(0, 5);
    world.talk(318, 320);
    await world.hangUpAt(320);
    await world.finish(world.clock.sleep(300_000));
    await world.record();
    expect((await world.assemble()).call).toMatchObject({
      status: 'INCOMPLETE',
      losses: [{ kind: 'START_MISSING' }],
      media: { fragments: 5 },
    });
  });
});

describe('fragments that the archive gave', () => {
  it('are no sign that a task was interrupted, now or when it is assembled again without the archive', async () => {
    const world = await recorded(stalledAfter(15));
    const { call, wav } = await world.assemble();
    expect(call).toMatchObject({ status: 'COMPLETE', losses: [], media: { fragments: 25 } });
    expect(wav?.subarray(HEADER_BYTES).equals(spoken(...range(0, 25)))).toBe(true);
    world.archive.list = () => Promise.reject(new MediaError('noRetention', 'the archive has expired'));
    expect((await world.assemble()).call).toMatchObject({ status: 'COMPLETE', losses: [] });
  });

  it('are no loss behind another contact’s fragment in mid-call', async () => {
    const world = new RecordingWorld(stalledAfter(11));
    world.talk(0, 10);
    world.say(10, { contactId: OTHER_CONTACT });
    world.talk(11, 40);
    await world.hangUpAt(40);
    await world.record();
    expect((await world.checkpoint)?.ended?.reason).toBe('NEXT_CONTACT');
    await world.finish(world.clock.sleep(60_000));
    expect((await world.assemble()).call).toMatchObject({
      status: 'COMPLETE',
      losses: [],
      media: { fragments: 39 },
    });
  });

  it('leave it a loss that the stream had forgotten where a task had been', async () => {
    const world = new RecordingWorld({ archive: { retention: false } });
    world.talk(0, 25);
    await world.hangUpAt(25);
    await world.finish(world.clock.sleep(30_000));
    // A task that was interrupted before it wrote the checkpoint.
    const numbers = range(0, 5);
    const bytes = Buffer.concat(numbers.map((index) => world.document(index)));
    await world.tape.append(world.recording, { first: world.number(0), last: world.number(4), bytes });
    const result = await world.checkpoints.claim(recordingId(world.recording), EXECUTION_ARN);
    if (!result.claimed) throw new Error('a new recording can be claimed');
    const { progress, ended } = {
      progress: { counters: result.checkpoint.counters, losses: [] },
      ended: { reason: 'DISCONNECTED', at: new Date(T0 + 30_000).toISOString() },
    } as const;
    await world.checkpoints.end(result.claim, progress, ended);
    expect((await world.assemble()).call).toMatchObject({
      status: 'INCOMPLETE',
      losses: [{ kind: 'POSITION_LOST', firstFragmentNumber: world.number(0).toString() }],
    });
  });
});
