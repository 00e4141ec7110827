/** Several assemblies of one recording at once: the workflow tries again, or somebody resumes, while one still hangs. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { assembleRecording } from '../../../functions/assemble/assemble.ts';
import type { AssemblyPorts } from '../../../functions/assemble/assembly-ports.ts';
import { AssemblySuperseded, CallMissing } from '../../../ports/calls/calls.ts';
import { type MediaArchive, MediaError } from '../../../ports/media/media.ts';
import { ObjectReplaced, type Recordings } from '../../../ports/recordings/recordings.ts';
import { recordingId } from '../../../recording/identity.ts';
import { EXECUTION_ARN } from '../../support/call.ts';
import { type Gate, gate } from '../../support/gate.ts';
import { range, RecordingWorld, type RecordingWorldOptions, spoken } from '../../support/recording-world.ts';

const HEADER_BYTES = 44;
const RESUMED_ARN = `${EXECUTION_ARN}-r1`;

/** Somebody calls for 25 s; a reading of it comes to 15 s, and what is behind that is in the archive alone. */
async function halfRecorded(options: RecordingWorldOptions = {}): Promise<RecordingWorld> {
  const world = new RecordingWorld({
    sessions: (_, { kind }) => ({ afterFragments: kind === 'serverTimestamp' ? 15 : 0, breakOff: 'stall' }),
    ...options,
  });
  world.talk(0, 25);
  await world.hangUpAt(25);
  await world.record();
  return world;
}

/** Recordings whose first put waits. */
function held({ recordings }: RecordingWorld, { passed }: Gate): Recordings {
  return {
    bucket: recordings.bucket,
    standing: (key) => recordings.standing(key),
    read: (key, bytesMax) => recordings.read(key, bytesMax),
    begin: (key) => recordings.begin(key),
    remove: (key) => recordings.remove(key),
    put: async (...args) => {
      await passed;
      await recordings.put(...args);
    },
  };
}

/** Knows less than the others. */
function withoutArchive({ archive }: RecordingWorld): MediaArchive {
  return {
    list: () => Promise.reject(new MediaError('unavailable', 'throttled')),
    fetch: (numbers) => archive.fetch(numbers),
  };
}

function invoke(
  world: RecordingWorld,
  ports: Partial<AssemblyPorts> = {},
  executionArn: string = EXECUTION_ARN,
) {
  const input = { ...world.assembleInput, executionArn };
  const running = assembleRecording({ ...world.assemblyPorts, ...ports }, input);
  running.catch(() => undefined);
  return running;
}

async function moment(world: RecordingWorld): Promise<void> {
  await world.finish(world.clock.sleep(1_000));
}

/** All that users see. */
async function outcome(world: RecordingWorld) {
  const { calls, recording, wav, json, events } = world;
  const sha256 = createHash('sha256')
    .update(wav ?? '')
    .digest('hex');
  return { call: await calls.get(recording), sha256, json, published: events.published.length };
}

describe('an assembly that hangs in its write', () => {
  it('changes nothing of what the resumption’s has finished', async () => {
    const world = new RecordingWorld({ archive: { retention: false } });
    world.talk(0, 25);
    await world.hangUpAt(25);
    const stop = new AbortController();
    void world.clock.sleep(12_000).then(() => {
      stop.abort();
    });
    await world.record({ signal: stop.signal });
    const hanging = gate();
    const old = invoke(world, { recordings: held(world, hanging) });
    await moment(world);
    await world.checkpoints.handOver(recordingId(world.recording), EXECUTION_ARN, RESUMED_ARN);
    await world.record({ settings: { executionArn: RESUMED_ARN } });
    const { call, wav } = await world.assemble(RESUMED_ARN);
    expect(wav?.subarray(HEADER_BYTES).equals(spoken(...range(0, 25)))).toBe(true);
    const before = await outcome(world);

    hanging.open();

    expect(await world.finish(old)).toMatchObject({ status: call?.status });
    expect(await outcome(world)).toEqual(before);
  });

  it('changes nothing of what a later one of the same execution has finished', async () => {
    const world = await halfRecorded();
    const hanging = gate();
    const old = invoke(world, { recordings: held(world, hanging), archive: withoutArchive(world) });
    await moment(world);
    const { call } = await world.assemble();
    expect(call).toMatchObject({ status: 'COMPLETE', durationMs: 25_000 });
    const before = await outcome(world);

    hanging.open();

    expect(await world.finish(old)).toMatchObject({ status: 'COMPLETE' });
    expect(await outcome(world)).toEqual(before);
  });

  it('fails while a later one of the same execution is under way: should that one die, the workflow tries again', async () => {
    const world = await halfRecorded();
    const [first, second] = [gate(), gate()];
    const old = invoke(world, { recordings: held(world, first), archive: withoutArchive(world) });
    await moment(world);
    const later = invoke(world, { recordings: held(world, second) });
    await moment(world);

    first.open();

    await expect(world.finish(old)).rejects.toThrow(AssemblySuperseded);
    expect(world.wav).toBeDefined();
    second.open();
    expect(await world.finish(later)).toMatchObject({ status: 'COMPLETE' });
    expect(world.wav?.subarray(HEADER_BYTES).equals(spoken(...range(0, 25)))).toBe(true);
    expect(world.json).toMatchObject({ status: 'COMPLETE', audio: { frames: 200_000 } });
  });
});

describe('an assembly that has been overtaken', () => {
  it.each([
    ['leaves it to a resumption’s, which is under way', undefined, { status: 'ASSEMBLING' }],
    ['fails with what it failed of itself', new Error('S3 is out'), { message: 'S3 is out' }],
  ])('%s', async (_, error, outcome) => {
    const world = await halfRecorded();
    const [first, second] = [gate(), gate()];
    const put: Recordings['put'] = async (...args) => {
      await first.passed;
      if (error) throw error;
      await world.recordings.put(...args);
    };
    const old = invoke(world, { recordings: { ...held(world, first), put } });
    await moment(world);
    await world.checkpoints.handOver(recordingId(world.recording), EXECUTION_ARN, RESUMED_ARN);
    const later = invoke(world, { recordings: held(world, second) }, RESUMED_ARN);
    await moment(world);

    first.open();

    expect(await world.finish(old.catch((thrown: unknown) => thrown))).toMatchObject(outcome);
    second.open();
    expect(await world.finish(later)).toMatchObject({ status: 'COMPLETE' });
  });

  it('fails where the record has gone meanwhile', async () => {
    const world = await halfRecorded();
    const hanging = gate();
    const old = invoke(world, { recordings: held(world, hanging) });
    await moment(world);
    await world.assemble();
    world.calls.tamper(world.newCall, undefined);

    hanging.open();

    await expect(world.finish(old)).rejects.toThrow(CallMissing);
  });

  it('fails where the record goes while it is asked whose it is', async () => {
    const world = await halfRecorded();
    const { calls } = world;
    const hanging = gate();
    const old = invoke(world, { recordings: held(world, hanging) });
    await moment(world);
    await world.assemble();
    const get = calls.get.bind(calls);
    calls.get = (recording) => {
      calls.tamper(world.newCall, undefined);
      return get(recording);
    };

    hanging.open();

    await expect(world.finish(old)).rejects.toThrow(CallMissing);
  });
});

describe('an assembly that hangs as it begins', () => {
  it('takes back nothing of what a later one has finished', async () => {
    const world = await halfRecorded();
    const hanging = gate();
    const { calls } = world;
    const assembling = calls.assembling.bind(calls);
    calls.assembling = async (...args) => {
      calls.assembling = assembling;
      await hanging.passed;
      return assembling(...args);
    };
    const old = invoke(world);
    await moment(world);
    await world.assemble();
    const before = await outcome(world);

    hanging.open();

    expect(await world.finish(old)).toMatchObject({ status: 'COMPLETE' });
    expect(await outcome(world)).toEqual(before);
  });
});

describe('an assembly that claims the call after another one has', () => {
  it('has all that the other put on the tape, though it could not find that itself', async () => {
    const world = await halfRecorded();
    const { calls, contacts } = world.assemblyPorts;
    const [asking, claiming] = [gate(), gate()];
    const earlier = invoke(world, {
      contacts: {
        describe: async (contactId) => {
          await asking.passed;
          return contacts.describe(contactId);
        },
      },
    });
    await moment(world);
    const assembling = calls.assembling.bind(calls);
    world.calls.assembling = async (...args) => {
      await claiming.passed;
      return assembling(...args);
    };
    const later = invoke(world, { archive: withoutArchive(world) });
    await moment(world);
    asking.open();
    expect(await world.finish(earlier)).toMatchObject({ status: 'COMPLETE' });

    claiming.open();

    expect(await world.finish(later)).toMatchObject({ status: 'COMPLETE' });
    expect(world.wav?.subarray(HEADER_BYTES).equals(spoken(...range(0, 25)))).toBe(true);
  });
});

describe('an assembly whose object is not what it was', () => {
  it('writes it again when its own answer was lost', async () => {
    const world = await halfRecorded();
    const { recordings } = world;
    const types: string[] = [];
    const forgetful: Recordings = {
      ...held(world, { passed: Promise.resolve(), open: () => undefined }),
      put: async (key, bytes, type, ...rest) => {
        await recordings.put(key, bytes, type, ...rest);
        types.push(type);
        // What the client’s own retry is told.
        if (types.length === 1) throw new ObjectReplaced(key);
      },
    };

    expect(await world.finish(invoke(world, { recordings: forgetful }))).toMatchObject({
      status: 'COMPLETE',
    });

    expect(types).toEqual(['audio/wav', 'audio/wav', 'application/json']);
    expect(world.wav?.subarray(HEADER_BYTES).equals(spoken(...range(0, 25)))).toBe(true);
  });

  it('replaces what an earlier one wrote in between', async () => {
    const world = await halfRecorded();
    const { recordings } = world;
    let isFirst = true;
    const raced: Recordings = {
      ...held(world, { passed: Promise.resolve(), open: () => undefined }),
      put: async (key, bytes, type, over) => {
        if (isFirst) await recordings.put(key, Buffer.from('an earlier one’s'), type, over);
        isFirst = false;
        await recordings.put(key, bytes, type, over);
      },
    };

    expect(await world.finish(invoke(world, { recordings: raced }))).toMatchObject({ status: 'COMPLETE' });

    expect(world.wav?.subarray(HEADER_BYTES).equals(spoken(...range(0, 25)))).toBe(true);
  });

  it('gives up, for the workflow to try again, when others keep writing', async () => {
    const world = await halfRecorded();
    const contested: Recordings = {
      ...held(world, { passed: Promise.resolve(), open: () => undefined }),
      put: (key) => Promise.reject(new ObjectReplaced(key)),
    };

    await expect(world.finish(invoke(world, { recordings: contested }))).rejects.toThrow(ObjectReplaced);

    expect(world.wav).toBeUndefined();
    expect((await world.calls.get(world.recording))?.status).toBe('ASSEMBLING');
  });
});
