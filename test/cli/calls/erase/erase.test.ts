/** Erasing while others write: nothing of the recording comes back, whoever was at work, and whenever. */
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { eraseCalls } from '../../../../cli/calls/erase/command.ts';
import { resumeCalls } from '../../../../cli/calls/resume.ts';
import { EXIT } from '../../../../cli/terminal/exit.ts';
import { WRITERS_LEAVE_MS } from '../../../../contract/limits.ts';
import { assembleRecording } from '../../../../functions/assemble/assemble.ts';
import type { MediaArchive } from '../../../../ports/media/media.ts';
import { TapeObjectUnreadable } from '../../../../ports/tape/tape.ts';
import type { CallRecord, NewCall } from '../../../../recording/call-record.ts';
import { NOBODY } from '../../../../recording/checkpoint.ts';
import { executionName, type Recording, recordingId } from '../../../../recording/identity.ts';
import { record } from '../../../../task/record.ts';
import { EXECUTION_ARN, RECORDING, RECORDING_ID } from '../../../support/call.ts';
import { MemoryAccess } from '../../../support/cli-access.ts';
import { ioForTest } from '../../../support/io.ts';
import { MemoryObjects } from '../../../support/memory-objects.ts';
import {
  range,
  RecordingWorld,
  type RecordingWorldOptions,
  spoken,
} from '../../../support/recording-world.ts';

class Deployment {
  readonly world: RecordingWorld;
  readonly access: MemoryAccess;
  readonly objects: MemoryObjects;

  constructor(options: RecordingWorldOptions = {}) {
    this.world = new RecordingWorld(options);
    this.access = new MemoryAccess(this.world);
    this.objects = new MemoryObjects(this.world.tape, this.world.recordings);
    this.access.objectsOf = () => this.objects;
  }

  io(signal?: AbortSignal) {
    return ioForTest({ clock: this.world.clock, ...(signal && { signal }) });
  }

  async erase(id = RECORDING_ID, io = this.io()) {
    const args = { ids: [id], yes: true, 'dry-run': false };
    const code = await this.world.finish(eraseCalls(this.access, io, args));
    return { code, ...io.said };
  }

  /** Erases without waiting for anything, at a moment of somebody else's. */
  async eraseNow(): Promise<void> {
    await eraseCalls(this.access, this.io(), { ids: [RECORDING_ID], yes: true, 'dry-run': false });
  }

  /** Somebody stops the execution, now. */
  stopExecution(): void {
    const { assembleInput, clock } = this.world;
    this.access.executions.executions.set(executionName(RECORDING), {
      input: { ...assembleInput, live: 'off' },
      over: true,
      overSinceMs: clock.now(),
    });
  }

  /** All that is kept of the recording but the tombstone. */
  async left() {
    const { world, objects } = this;
    const { erasedAt, ...checkpoint } = (await world.checkpoint) ?? {};
    return { objects: objects.keys, record: await world.calls.get(RECORDING), erasedAt, checkpoint };
  }
}

const NOTHING = {
  objects: [],
  record: undefined,
  erasedAt: expect.any(String) as string,
  checkpoint: expect.objectContaining({ owner: NOBODY, attempt: 0, losses: [] }) as object,
};

/** Recorded to its end and assembled; the bytes are a second's a fragment. */
async function recorded(options: RecordingWorldOptions = {}): Promise<Deployment> {
  const deployment = new Deployment(options);
  const { world } = deployment;
  world.talk(0, 25);
  await world.hangUpAt(25);
  await world.record();
  await world.assemble();
  return deployment;
}

/** While the call goes on: told to leave when `stop` is called. */
async function recording(untilMs: number) {
  const deployment = new Deployment();
  const { world } = deployment;
  world.talk(0, 100);
  await world.calls.create(world.newCall);
  const stopped = new AbortController();
  const task = record(world.ports, world.settings, stopped.signal);
  task.catch(() => undefined);
  await world.clock.run(() => false, world.clock.now() + untilMs);
  return {
    deployment,
    task,
    stop: () => {
      stopped.abort();
    },
  };
}

describe('erasing what a task still writes', () => {
  it('waits until one that is being stopped has left', async () => {
    const { deployment, task, stop } = await recording(38_500);
    const { world } = deployment;
    expect(deployment.objects.keys).not.toEqual([]);
    deployment.stopExecution();
    const stoppedAtMs = world.clock.now();
    // SIGTERM reaches the container when all that there was has been erased.
    void world.clock.sleep(5_000).then(stop);

    const { code, err } = await deployment.erase();

    expect(code).toBe(0);
    expect(err).toContain('waiting for that');
    expect(world.clock.now()).toBeGreaterThanOrEqual(stoppedAtMs + WRITERS_LEAVE_MS);
    expect(world.tape.history.at(-1)?.object.last).toBeGreaterThan(world.number(30));
    expect(await deployment.left()).toEqual(NOTHING);
    expect(await world.finish(task)).toBe('foreign');
  });

  it('is made up for by one that wakes up when the command has gone', async () => {
    const { deployment, task, stop } = await recording(38_500);
    const { world, access } = deployment;
    deployment.stopExecution();
    Object.assign(access, { writersLeaveMs: 0 });
    await deployment.erase();
    const written = world.tape.history.length;

    stop();

    expect(await world.finish(task)).toBe('foreign');
    expect(world.tape.history.length).toBeGreaterThan(written);
    expect(await deployment.left()).toEqual(NOTHING);
  });

  it('keeps out one that comes later, and what one left that was killed', async () => {
    const deployment = await recorded();
    const { world } = deployment;
    await deployment.erase();
    await world.tape.append(RECORDING, { first: 1n, last: 2n, bytes: Buffer.from('late') });

    expect(await world.record()).toBe('foreign');

    expect(await deployment.left()).toEqual(NOTHING);
  });
});

describe('erasing what an assembly still writes', () => {
  /** An assembly that finds something missing, and a hook when it asks for the list. */
  async function broken() {
    const deployment = new Deployment({
      sessions: (_, start) => ({
        afterFragments: start.kind === 'serverTimestamp' ? 15 : 0,
        breakOff: 'stall',
      }),
    });
    const { world } = deployment;
    world.talk(0, 25);
    await world.hangUpAt(25);
    await world.record();
    Object.assign(deployment.access, { writersLeaveMs: 0 });
    return deployment;
  }

  it('leaves nothing of what it fetched, and tells nobody of a recording', async () => {
    const deployment = await broken();
    const { world } = deployment;
    const { archive } = world;
    const erasing: MediaArchive = {
      list: async (fromMs, toMs) => {
        const listed = await archive.list(fromMs, toMs);
        await deployment.eraseNow();
        return listed;
      },
      fetch: (numbers) => archive.fetch(numbers),
    };
    const before = world.tape.history.length;

    const result = await world.finish(
      assembleRecording({ ...world.assemblyPorts, archive: erasing }, world.assembleInput),
    );

    expect(result.status).toBe('EMPTY');
    expect(world.tape.history.length).toBeGreaterThan(before);
    expect(await deployment.left()).toEqual(NOTHING);
    expect(world.events.published).toEqual([]);
  });

  it('leaves nothing of a file that was on its way', async () => {
    const deployment = await broken();
    const { world } = deployment;
    const { recordings } = world;
    const put = recordings.put.bind(recordings);
    Object.assign(recordings, {
      put: async (...args: Parameters<typeof put>) => {
        // It has made sure that it may write, and writes where nothing stands.
        await deployment.eraseNow();
        await put(...args);
      },
    });

    await world.assemble();

    expect(await deployment.left()).toEqual(NOTHING);
  });

  it('begins nothing anew', async () => {
    const deployment = await recorded();
    const { world } = deployment;
    await deployment.erase();
    const seen = world.events.published.length;

    expect((await world.assemble()).result.status).toBe('EMPTY');

    expect(await deployment.left()).toEqual(NOTHING);
    expect(world.events.published).toHaveLength(seen);
  });
});

describe('erasing one of a contact’s recordings', () => {
  /** The second begins at second 20, amid a tape object of the first. */
  async function two() {
    const deployment = new Deployment({ keepMs: 24 * 3_600_000, settings: { segmentMs: 8_000 } });
    const { world, access } = deployment;
    world.talk(0, 40);
    await world.hangUpAt(40);
    const second: Recording = { ...RECORDING, startFragmentNumber: world.number(20) };
    const call: NewCall = {
      ...world.newCall,
      startFragmentNumber: second.startFragmentNumber.toString(),
      recordingId: recordingId(second),
    };
    void world.clock.sleep(21_000).then(() => world.calls.create(call));
    await world.record();
    await world.assemble();
    return { deployment, world, access, second };
  }
  const reaching = (world: RecordingWorld, start: bigint) =>
    world.tape.keys.filter((key) => BigInt(key.split('/')[3]?.split('-')[1] ?? 0) >= start);

  it('takes its beginning off the other’s tape, and its range out of the other’s for good', async () => {
    const { deployment, world, second } = await two();
    expect(world.wav?.subarray(44).equals(spoken(...range(0, 20)))).toBe(true);
    const before = world.wav;
    expect(reaching(world, second.startFragmentNumber)).not.toEqual([]);

    expect(await deployment.erase(recordingId(second))).toMatchObject({ code: 0 });

    expect(reaching(world, second.startFragmentNumber)).toEqual([]);
    expect(await world.calls.get(second)).toBeUndefined();
    const { call, wav } = await world.assemble();
    expect(call).toMatchObject({ status: 'COMPLETE', durationMs: 20_000, losses: [] });
    expect(before && wav?.equals(before)).toBe(true);
    expect(reaching(world, second.startFragmentNumber)).toEqual([]);
  });

  it('notes of what it takes off as many as were counted: what was given up behind the count is in none', async () => {
    const { deployment, world, second } = await two();
    const { counters, position } = (await world.checkpoint) ?? {};
    const last = (position?.lastFragmentNumber ?? 0n) - world.number(0);
    const behind = range(Number(last / 1_000n) + 1, Number(last / 1_000n) + 4);
    const bytes = Buffer.concat(behind.map((index) => world.document(index)));
    const [from, to] = [world.number(behind[0] ?? 0), world.number(behind.at(-1) ?? 0)];
    await world.tape.append(RECORDING, { first: from, last: to, bytes });

    await deployment.erase(recordingId(second));

    expect(reaching(world, second.startFragmentNumber)).toEqual([]);
    const { erasedBehind } = (await world.calls.get(RECORDING)) ?? {};
    expect(erasedBehind).toBeGreaterThan(0);
    expect(erasedBehind).toBe((counters?.fragments ?? 0) - 20);
  });

  it('notes as many where an object can’t be read for now, once it is given again', async () => {
    const tried = async (failing: number) => {
      const { deployment, world, second } = await two();
      const stored = (await world.checkpoint)?.counters.fragments ?? 0;
      const read = world.tape.read.bind(world.tape);
      let reads = 0;
      world.tape.read = (key) => {
        reads += 1;
        return reads === failing ? Promise.reject(new Error('SlowDown')) : read(key);
      };
      const erased = await deployment.erase(recordingId(second)).catch((error: unknown) => error);
      if (erased instanceof Error) await deployment.erase(recordingId(second));
      const { erasedBehind } = (await world.calls.get(RECORDING)) ?? {};
      return { hasFailed: erased instanceof Error, notErased: stored - (erasedBehind ?? 0) };
    };
    const first = await tried(1);
    const second = await tried(2);
    expect([first, second]).toEqual([1, 2].map(() => ({ hasFailed: true, notErased: 20 })));
    expect(await tried(Infinity)).toEqual({ hasFailed: false, notErased: 20 });
  });

  it('is kept by no object that can’t be read any more, and that is in no count', async () => {
    const { deployment, world, second } = await two();
    const stored = (await world.checkpoint)?.counters.fragments ?? 0;
    const read = world.tape.read.bind(world.tape);
    const last = reaching(world, second.startFragmentNumber).at(-1) ?? '';
    const unreadable = new TapeObjectUnreadable(last, 'its key is gone');
    world.tape.read = (key) => (key === last ? Promise.reject(unreadable) : read(key));

    expect(await deployment.erase(recordingId(second))).toMatchObject({ code: 0 });

    expect(reaching(world, second.startFragmentNumber)).toEqual([]);
    const { erasedBehind = 0 } = (await world.calls.get(RECORDING)) ?? {};
    expect(erasedBehind).toBeLessThan(stored - 20);
  });

  it('keeps a task of the other, resumed, from reading it once more', async () => {
    const { deployment, world, second } = await two();
    await deployment.erase(recordingId(second));
    await world.checkpoints.handOver(RECORDING_ID, EXECUTION_ARN, `${EXECUTION_ARN}-r1`);

    await world.record({ settings: { executionArn: `${EXECUTION_ARN}-r1` } });

    expect(reaching(world, second.startFragmentNumber)).toEqual([]);
  });

  it('says whose WAV may hold its beginning, and that one’s next assembly takes no more than its own', async () => {
    const deployment = new Deployment();
    const { world } = deployment;
    world.talk(0, 30);
    // A task stored what it could not tell from its own recording's, and gave up.
    const bytes = Buffer.concat(range(0, 30).map((index) => world.document(index)));
    await world.tape.append(RECORDING, { first: world.number(0), last: world.number(29), bytes });
    expect(await world.assemble()).toMatchObject({
      call: { endReason: 'RECORDER_GAVE_UP', durationMs: 30_000 },
    });
    const second: Recording = { ...RECORDING, startFragmentNumber: world.number(20) };
    const startFragmentNumber = second.startFragmentNumber.toString();
    await world.calls.create({ ...world.newCall, startFragmentNumber, recordingId: recordingId(second) });

    const { code, err } = await deployment.erase(recordingId(second));

    expect(code).toBe(EXIT.notComplete);
    expect(err).toMatch(`callspool calls resume ${RECORDING_ID}`);
    const executionArn = `${EXECUTION_ARN}-r1`;
    await world.checkpoints.handOver(RECORDING_ID, EXECUTION_ARN, executionArn);
    const { call, wav } = await world.assemble(executionArn);
    expect(call?.durationMs).toBe(20_000);
    expect(wav?.subarray(44).equals(spoken(...range(0, 20)))).toBe(true);
  });

  it('says nothing of one that gave up, and whose WAV holds its own alone: that stays', async () => {
    const deployment = new Deployment();
    const { world } = deployment;
    world.talk(0, 30);
    const store = async (from: number, to: number) => {
      const bytes = Buffer.concat(range(from, to).map((index) => world.document(index)));
      await world.tape.append(RECORDING, { first: world.number(from), last: world.number(to - 1), bytes });
    };
    await store(0, 10);
    await store(10, 20);
    expect((await world.assemble()).call).toMatchObject({ durationMs: 20_000 });
    await store(20, 24);
    const second: Recording = { ...RECORDING, startFragmentNumber: world.number(20) };
    const startFragmentNumber = second.startFragmentNumber.toString();
    await world.calls.create({ ...world.newCall, startFragmentNumber, recordingId: recordingId(second) });

    expect(await deployment.erase(recordingId(second))).toMatchObject({ code: EXIT.ok });

    world.tape.tamper(world.tape.keys[0] ?? '', undefined);
    const executionArn = `${EXECUTION_ARN}-r1`;
    await world.checkpoints.handOver(RECORDING_ID, EXECUTION_ARN, executionArn);
    expect((await world.assemble(executionArn)).call).toMatchObject({ durationMs: 20_000 });
  });

  it('says nothing of one that gave up, and has no WAV', async () => {
    const deployment = new Deployment();
    const { world } = deployment;
    world.talk(0, 30);
    expect((await world.assemble()).call).toMatchObject({ endReason: 'RECORDER_GAVE_UP' });
    const bytes = world.document(20);
    await world.tape.append(RECORDING, { first: world.number(20), last: world.number(20), bytes });
    const second: Recording = { ...RECORDING, startFragmentNumber: world.number(20) };
    const startFragmentNumber = second.startFragmentNumber.toString();
    await world.calls.create({ ...world.newCall, startFragmentNumber, recordingId: recordingId(second) });

    expect(await deployment.erase(recordingId(second))).toMatchObject({ code: EXIT.ok });
  });

  it('is refused while the other is at work', async () => {
    const { deployment, world, access, second } = await two();
    access.executions.executions.set(executionName(RECORDING), {
      input: { ...world.assembleInput, live: 'off' },
      over: false,
    });
    const before = deployment.objects.keys;

    await expect(deployment.erase(recordingId(second))).rejects.toThrow(/of the same contact/);

    expect(deployment.objects.keys).toEqual(before);
  });
});

describe('an erasure', () => {
  it('lists again after the question', async () => {
    const deployment = await recorded();
    const { access, world } = deployment;
    async function* answer() {
      // Meanwhile somebody resumes it: another execution puts audio on the tape.
      await access.checkpoints.handOver(RECORDING_ID, EXECUTION_ARN, `${EXECUTION_ARN}-r1`);
      await world.tape.append(RECORDING, { first: 1n, last: 2n, bytes: Buffer.from('new') });
      yield 'erase\n';
    }
    const stdin = Object.assign(Readable.from(answer()), { isTTY: true });
    const io = ioForTest({ clock: world.clock, stdin });
    Object.assign(access, { writersLeaveMs: 0 });

    expect(await eraseCalls(access, io, { ids: [RECORDING_ID], yes: false, 'dry-run': false })).toBe(0);

    expect(await deployment.left()).toEqual(NOTHING);
  });

  it('asks again whether anybody is at work after the question', async () => {
    const deployment = await recorded();
    const { access, world, objects } = deployment;
    const before = objects.keys;
    // eslint-disable-next-line @typescript-eslint/require-await -- read as the question stands
    async function* answer() {
      access.executions.executions.set(executionName(RECORDING), {
        input: { ...world.assembleInput, live: 'off' },
        over: false,
      });
      yield 'erase\n';
    }
    const stdin = Object.assign(Readable.from(answer()), { isTTY: true });
    const io = ioForTest({ clock: world.clock, stdin });

    const erasing = eraseCalls(access, io, { ids: [RECORDING_ID], yes: false, 'dry-run': false });

    await expect(erasing).rejects.toThrow('nothing was erased');
    expect(io.said.err).toContain('Type erase');
    expect(objects.keys).toEqual(before);
    expect(await world.calls.get(RECORDING)).toBeDefined();
  });

  it('erases what came meanwhile of somebody who died over it', async () => {
    const deployment = await recorded();
    const { world } = deployment;
    deployment.stopExecution();
    const late = { first: 1n, last: 2n, bytes: Buffer.from('late') };
    void world.clock.sleep(WRITERS_LEAVE_MS - 1_000).then(() => world.tape.append(RECORDING, late));

    expect(await deployment.erase()).toMatchObject({ code: 0 });

    expect(world.tape.history.at(-1)?.object).toMatchObject({ first: 1n });
    expect(await deployment.left()).toEqual(NOTHING);
  });

  it('leaves the record where objects keep coming', async () => {
    const deployment = await recorded();
    const { world, objects } = deployment;
    const late = { first: 1n, last: 2n, bytes: Buffer.from('late') };
    const versions = objects.versions.bind(objects);
    Object.assign(objects, {
      versions: async function* (prefix: string) {
        await world.tape.append(RECORDING, late);
        yield* versions(prefix);
      },
    });

    await expect(deployment.erase()).rejects.toThrow('keep coming');

    expect(await world.calls.get(RECORDING)).toBeDefined();
  });

  it('waits for nobody where all that was at work is long over', async () => {
    const deployment = await recorded();
    const { world } = deployment;
    deployment.stopExecution();
    await world.finish(world.clock.sleep(WRITERS_LEAVE_MS));
    const beforeMs = world.clock.now();

    expect(await deployment.erase()).toMatchObject({ code: 0 });

    expect(world.clock.now()).toBe(beforeMs);
    expect(await deployment.left()).toEqual(NOTHING);
  });

  it('that is interrupted while it waits goes on when it is run again, from the same time', async () => {
    const deployment = await recorded();
    const { world } = deployment;
    deployment.stopExecution();
    const fencedMs = world.clock.now();
    const interruption = new AbortController();
    void world.clock.sleep(60_000).then(() => {
      interruption.abort();
    });

    const first = await deployment.erase(RECORDING_ID, deployment.io(interruption.signal));

    expect(first).toMatchObject({ code: 4 });
    expect(first.err).toContain('Erase it again after');
    expect(deployment.objects.keys).toEqual([]);
    expect(await world.calls.get(RECORDING)).toBeDefined();

    expect(await deployment.erase()).toMatchObject({ code: 0 });
    expect(world.clock.now()).toBe(fencedMs + WRITERS_LEAVE_MS);
    expect(await deployment.left()).toEqual(NOTHING);
  });

  it.each([
    [
      'the tombstone',
      ({ access }: Deployment, fail: () => never) => Object.assign(access.checkpoints, { erase: fail }),
    ],
    [
      'the objects',
      ({ objects }: Deployment, fail: () => never) => Object.assign(objects, { onErase: fail }),
    ],
    [
      'the record',
      ({ access }: Deployment, fail: () => never) => Object.assign(access.erasure, { eraseCall: fail }),
    ],
  ])('that broke off at %s is made whole when it is run again', async (_, breakAt) => {
    const deployment = await recorded();
    const { checkpoints, erasure } = deployment.access;
    const erase = checkpoints.erase.bind(checkpoints);
    const eraseCall = erasure.eraseCall.bind(erasure);
    breakAt(deployment, () => {
      throw new Error('no more');
    });
    await expect(deployment.erase()).rejects.toThrow('no more');
    expect(await deployment.world.calls.get(RECORDING)).toBeDefined();

    Object.assign(checkpoints, { erase });
    Object.assign(deployment.objects, { onErase: () => Promise.resolve() });
    Object.assign(erasure, { eraseCall });

    expect(await deployment.erase()).toMatchObject({ code: 0 });
    expect(await deployment.left()).toEqual(NOTHING);
    expect((await deployment.erase()).err).toContain('nothing is kept of that');
  });

  it('finds what came when the record was gone, by the tape’s keys', async () => {
    const deployment = await recorded();
    const { world } = deployment;
    await deployment.erase();
    await world.tape.append(RECORDING, { first: 1n, last: 2n, bytes: Buffer.from('late') });

    expect(await deployment.erase(RECORDING.contactId)).toMatchObject({ code: 0 });

    expect(await deployment.left()).toEqual(NOTHING);
  });

  it('is kept by no attribute of its record, nor of its contact’s others, that can’t be read', async () => {
    const deployment = await recorded();
    const { world } = deployment;
    const damage = { status: 'OF_A_NEWER_VERSION' };
    const item = await world.calls.get(RECORDING);
    world.calls.tamper(item ?? world.newCall, { ...item, ...damage });
    const earlier = { ...world.newCall, startFragmentNumber: '1', recordingId: `${RECORDING.contactId}_1` };
    world.calls.tamper(earlier, { ...earlier, ...damage });

    expect(await deployment.erase()).toMatchObject({ code: 0 });

    expect(deployment.objects.keys).toEqual([]);
    expect(await world.calls.get(RECORDING)).toBeUndefined();
  });

  it('is refused where the record doesn’t tell what the recording’s files are found by', async () => {
    const deployment = await recorded();
    const { world } = deployment;
    const item = await world.calls.get(RECORDING);
    world.calls.tamper(item ?? world.newCall, { ...item, startedAt: 'yesterday' });
    const before = deployment.objects.keys;

    await expect(deployment.erase()).rejects.toThrow(`the record of ${RECORDING_ID} has no startedAt`);

    expect(deployment.objects.keys).toEqual(before);
  });

  it('keeps the tombstone for as long as the stream, or an execution, may bring the recording back', async () => {
    const expiries: unknown[] = [];
    for (const hours of [24, 10 * 8_760, undefined]) {
      const deployment = await recorded();
      Object.assign(deployment.access, { retentionHoursOf: () => Promise.resolve(hours) });
      const nowMs = deployment.world.clock.now();
      await deployment.erase();
      const { expiresAt } = deployment.world.checkpoints.item(RECORDING_ID) ?? {};
      expiries.push(Math.round((Number(expiresAt) * 1_000 - nowMs) / 86_400_000));
    }
    expect(expiries).toEqual([90, 3_651, 3_650]);
  });

  it('can’t be undone by a resumption', async () => {
    const deployment = await recorded();
    const { access, world, objects } = deployment;
    Object.assign(access.erasure, { eraseCall: () => Promise.resolve() });
    await deployment.erase();
    const flags = { 'all-interrupted': false, wait: false, yes: true, 'dry-run': false, force: false };
    const args = { id: RECORDING_ID, ...flags };

    await expect(resumeCalls(access, deployment.io(), args)).rejects.toThrow('has been erased');

    expect(await access.checkpoints.handOver(RECORDING_ID, EXECUTION_ARN, 'another')).toBe(false);
    expect(objects.keys).toEqual([]);
    expect(world.checkpoints.item(RECORDING_ID)).toHaveProperty('erasedAt');
  });
});

describe('erasing by number', () => {
  const CUSTOMER = '+12025550143';

  /** @param damage to the first one's record */
  async function erased(calls: readonly Partial<CallRecord>[], damage: object = {}) {
    const deployment = new Deployment();
    const { access, world } = deployment;
    const ids = calls.map((call, index) => {
      const contactId = call.contactId ?? `contact-${index}`;
      const recordingId = `${contactId}_${index}`;
      const set = { ...world.newCall, contactId, startFragmentNumber: String(index), recordingId, ...call };
      access.calls.tamper(set, { ...set, ...(index === 0 && damage) });
      return recordingId;
    });
    const io = deployment.io();
    await world.finish(eraseCalls(access, io, { customer: CUSTOMER, yes: true, 'dry-run': false }));
    const left = calls.map((_, index) => ids[index]).filter((id) => io.said.err.includes(`${id}: erased`));
    return { erased: left, err: io.said.err };
  }

  it('finds those of the same contact, and of contacts that it names, whose record knows none', async () => {
    const { erased: gone } = await erased([
      { customerNumber: CUSTOMER, contactId: 'a', previousContactId: 'b', initialContactId: 'c' },
      { contactId: 'a' },
      { contactId: 'b', previousContactId: 'd' },
      { contactId: 'c' },
      { contactId: 'd' },
      { contactId: 'stranger' },
    ]);
    expect(gone).toEqual(['a_0', 'a_1', 'b_2', 'c_3', 'd_4']);
  });

  it.each([{ durationMs: 'long' }, { status: 'DONE' }, { recordingId: 'another' }])(
    'finds one of which a part is damaged, and what it names: %j',
    async (damage) => {
      const calls = [
        { customerNumber: CUSTOMER, contactId: 'a', previousContactId: 'b' },
        { contactId: 'b' },
        { customerNumber: CUSTOMER, contactId: 'c' },
      ];
      const { erased: gone } = await erased(calls, damage);
      expect(gone).toEqual(['a_0', 'b_1', 'c_2']);
    },
  );

  it('leaves those of another number, and says so', async () => {
    const { erased: gone, err } = await erased([
      { customerNumber: CUSTOMER, contactId: 'a', previousContactId: 'b' },
      { customerNumber: '+19995550000', contactId: 'b' },
    ]);
    expect(gone).toEqual(['a_0']);
    expect(err).toContain('b_1: left alone');
    expect(err).toContain('a caller is found by contact id alone');
  });
});
