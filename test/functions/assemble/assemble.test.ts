import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import wavefile from 'wavefile';
import { MediaError } from '../../../ports/media/media.ts';
import type { MemoryTape } from '../../../ports/tape/memory-tape.ts';
import { recordingId } from '../../../recording/identity.ts';
import { tapePrefix } from '../../../recording/tape/keys.ts';
import { EXECUTION_ARN } from '../../support/call.ts';
import { T0 } from '../../support/documents.ts';
import {
  range,
  RecordingWorld,
  type RecordingWorldOptions,
  silence,
  spoken,
} from '../../support/recording-world.ts';

const HEADER_BYTES = 44;
const NO_ARCHIVE = { archive: { retention: false } } as const;

/** A call of 25 s that has been recorded: three tape objects. */
async function recorded(options: RecordingWorldOptions = {}): Promise<RecordingWorld> {
  const world = new RecordingWorld(options);
  world.talk(0, 25);
  await world.hangUpAt(25);
  await world.record();
  return world;
}

function tapeKeys({ tape, recording }: RecordingWorld): string[] {
  const prefix = tapePrefix(recording);
  return tape.history.map(({ object }) => object.key).filter((key) => key.startsWith(prefix));
}

async function tamperWith(
  tape: MemoryTape,
  key: string | undefined,
  change: (bytes: Buffer) => Buffer,
): Promise<void> {
  if (key === undefined) throw new Error('there is no such tape object');
  tape.tamper(key, change(Buffer.concat(await tape.read(key))));
}

describe('assembleRecording', () => {
  it('makes a WAV that another program reads, and completes the record', async () => {
    const world = await recorded();
    const { result, call, wav, json } = await world.assemble();
    if (!wav) throw new Error('there is no WAV');
    const file = new wavefile.WaveFile(wav);
    expect(file.fmt).toMatchObject({ numChannels: 2, sampleRate: 8_000, bitsPerSample: 16 });
    const samples = wav.subarray(HEADER_BYTES);
    expect(samples.equals(spoken(...range(0, 25)))).toBe(true);
    expect(result).toEqual({ recordingId: recordingId(world.recording), status: 'COMPLETE' });
    expect(call).toMatchObject({
      status: 'COMPLETE',
      durationMs: 25_000,
      attempts: 1,
      endReason: 'DISCONNECTED',
      audio: {
        bytes: wav.length,
        sha256: createHash('sha256').update(samples).digest('hex'),
        frames: 200_000,
        sampleRate: 8_000,
        channels: 2,
      },
      verification: { method: 'LIST_FRAGMENTS', fragmentsListed: 25, fragmentsMissing: 0 },
    });
    expect(call?.why).toBeUndefined();
    expect(json).toEqual(JSON.parse(JSON.stringify(call)));
  });

  it('announces the recording without phone numbers', async () => {
    const world = await recorded();
    await world.assemble();
    expect(world.events.published).toMatchObject([
      {
        detailType: 'Recording Completed',
        detail: { status: 'COMPLETE', contactId: world.recording.contactId },
      },
    ]);
    expect(JSON.stringify(world.events.published)).not.toContain('Number":"+');
  });

  it('gives the same bytes when it runs again', async () => {
    const world = await recorded();
    const first = await world.assemble();
    const second = await world.assemble();
    expect(second.wav?.equals(first.wav ?? Buffer.alloc(0))).toBe(true);
    expect(second.call?.audio).toEqual(first.call?.audio);
    expect(second.call?.status).toBe('COMPLETE');
  });

  it('does nothing for an execution that the recording doesn’t belong to', async () => {
    const world = await recorded();
    const { result, wav, call } = await world.assemble(`${EXECUTION_ARN}-of-another`);
    expect(result.status).toBe('RECORDING');
    expect(wav).toBeUndefined();
    expect(call?.status).toBe('RECORDING');
    expect(world.events.published).toEqual([]);
  });

  it('tells an execution that the recording doesn’t belong to what has become of it, as far as that is known', async () => {
    const world = await recorded();
    await world.assemble();
    const other = `${EXECUTION_ARN}-of-another`;
    expect((await world.assemble(other)).result.status).toBe('COMPLETE');
    world.calls.tamper(world.newCall, undefined);
    expect((await world.assemble(other)).result.status).toBe('RECORDING');
  });

  it('makes the record of a call whose record was lost', async () => {
    const world = await recorded();
    world.calls.tamper(world.newCall, undefined);
    const { call } = await world.assemble();
    expect(call).toMatchObject({
      status: 'COMPLETE',
      streamArn: world.newCall.streamArn,
      startedAt: world.newCall.startedAt,
    });
  });

  it('writes the list of gaps in full beside the WAV', async () => {
    const world = new RecordingWorld();
    for (let index = 0; index < 1_100; index += 2) world.say(index);
    await world.hangUpAt(1_100);
    await world.record();
    const { call, json } = await world.assemble();
    expect(call?.media?.gapCount).toBe(2 * 549);
    expect(call?.media?.gaps).toHaveLength(500);
    expect(json).toMatchObject({ media: { gapCount: 2 * 549 } });
    expect((json as { media: { gaps: unknown[] } }).media.gaps).toHaveLength(2 * 549);
  });
});

describe('assembleRecording, held against the stream’s own list', () => {
  it('fetches what the tape lacks, and is complete', async () => {
    const world = await recorded();
    world.tape.tamper(tapeKeys(world)[1] ?? '', undefined);
    const { call, wav } = await world.assemble();
    expect(call).toMatchObject({ status: 'COMPLETE', losses: [] });
    expect(wav?.subarray(HEADER_BYTES).equals(spoken(...range(0, 25)))).toBe(true);
    expect(world.recordings.openUploads).toBe(0);
  });

  it('reads the tape once more where it has been added to, and else but once', async () => {
    const world = await recorded();
    const objects = tapeKeys(world).length;
    const read = world.tape.read.bind(world.tape);
    let reads = 0;
    world.tape.read = (key) => {
      reads += 1;
      return read(key);
    };
    await world.assemble();
    expect(reads).toBe(objects);

    reads = 0;
    world.tape.tamper(tapeKeys(world)[1] ?? '', undefined);
    await world.assemble();
    const standing = objects - 1;
    const added = tapeKeys(world).length - objects;
    expect(reads).toBe(standing + standing + added);
  });

  it('fetches a whole call that no task ever recorded', async () => {
    const world = new RecordingWorld();
    world.talk(0, 25);
    await world.hangUpAt(25);
    await world.finish(world.clock.sleep(90_000));
    const { call, wav } = await world.assemble();
    expect(call).toMatchObject({ status: 'COMPLETE', endReason: 'RECORDER_GAVE_UP', attempts: 0 });
    expect(wav?.subarray(HEADER_BYTES).equals(spoken(...range(0, 25)))).toBe(true);
  });

  it('says which fragments are listed and not to be had', async () => {
    const world = await recorded({
      archive: {
        refuse: (operation) => (operation === 'fetch' ? new MediaError('accessDenied', 'no') : undefined),
      },
    });
    world.tape.tamper(tapeKeys(world)[1] ?? '', undefined);
    const { call } = await world.assemble();
    expect(call?.status).toBe('INCOMPLETE');
    expect(call?.losses).toContainEqual(
      expect.objectContaining({
        kind: 'FRAGMENTS_MISSING',
        firstFragmentNumber: world.number(10).toString(),
        lastFragmentNumber: world.number(19).toString(),
      }),
    );
    expect(call?.verification).toMatchObject({
      method: 'LIST_FRAGMENTS',
      fragmentsListed: 25,
      fragmentsMissing: 10,
    });
  });

  it('goes by the contact’s record in Connect where there is no archive', async () => {
    const world = await recorded(NO_ARCHIVE);
    const span = (last: number) => ({
      firstFragmentNumber: world.number(0),
      lastFragmentNumber: world.number(last),
    });
    world.contacts.set(world.recording.contactId, {}, [span(24)]);
    expect((await world.assemble()).call).toMatchObject({
      status: 'COMPLETE',
      verification: { method: 'CONTACT_RECORDINGS' },
    });
    world.contacts.set(world.recording.contactId, {}, [span(30)]);
    expect((await world.assemble()).call).toMatchObject({
      status: 'INCOMPLETE',
      losses: [{ kind: 'FRAGMENTS_MISSING', lastFragmentNumber: world.number(30).toString() }],
    });
  });

  it('says that it could not be verified, and why, where there is no archive', async () => {
    const world = await recorded(NO_ARCHIVE);
    const { call } = await world.assemble();
    expect(call).toMatchObject({ status: 'COMPLETE', verification: { method: 'NONE' } });
    expect(call?.verification?.why).toBeTruthy();
  });
});

describe('assembleRecording, with a damaged tape', () => {
  it('declares an object that is gone, and leaves silence of the right length', async () => {
    const world = await recorded(NO_ARCHIVE);
    world.tape.tamper(tapeKeys(world)[1] ?? '', undefined);
    const { call, wav } = await world.assemble();
    expect(call).toMatchObject({
      status: 'INCOMPLETE',
      losses: [{ kind: 'TAPE_DAMAGED' }],
      durationMs: 25_000,
    });
    const expected = Buffer.concat([spoken(...range(0, 10)), silence(10), spoken(...range(20, 25))]);
    expect(wav?.subarray(HEADER_BYTES).equals(expected)).toBe(true);
  });

  it('declares a fragment that is damaged, and keeps all the others', async () => {
    const world = await recorded(NO_ARCHIVE);
    const documentBytes = world.document(10).length;
    await tamperWith(world.tape, tapeKeys(world)[1], (bytes) =>
      bytes.fill(0, documentBytes * 3 + 100, documentBytes * 3 + 300),
    );
    const { call, wav } = await world.assemble();
    expect(call).toMatchObject({ status: 'INCOMPLETE', durationMs: 25_000 });
    expect(call?.losses?.map(({ kind }) => kind)).toContain('TAPE_DAMAGED');
    const expected = Buffer.concat([spoken(...range(0, 13)), silence(1), spoken(...range(14, 25))]);
    expect(wav?.subarray(HEADER_BYTES).equals(expected)).toBe(true);
  });

  it('declares an object whose audio was altered, though every element still fits', async () => {
    const world = await recorded(NO_ARCHIVE);
    await tamperWith(world.tape, tapeKeys(world)[0], (bytes) => bytes.fill(1, 5_000, 5_010));
    const { call } = await world.assemble();
    expect(call).toMatchObject({ status: 'INCOMPLETE', losses: [{ kind: 'TAPE_DAMAGED' }] });
  });

  it('mends it all from the archive where that still has it', async () => {
    const world = await recorded();
    const keys = tapeKeys(world);
    world.tape.tamper(keys[1] ?? '', undefined);
    await tamperWith(world.tape, keys[0], (bytes) => bytes.fill(1, 5_000, 5_010));
    await tamperWith(world.tape, keys[2], (bytes) => bytes.subarray(0, bytes.length - 40_000));
    const { call, wav } = await world.assemble();
    expect(call).toMatchObject({ status: 'COMPLETE', losses: [] });
    expect(wav?.subarray(HEADER_BYTES).equals(spoken(...range(0, 25)))).toBe(true);
  });

  it('fails where nothing is left of it, and says why', async () => {
    const world = await recorded(NO_ARCHIVE);
    for (const key of tapeKeys(world)) world.tape.tamper(key, Buffer.from('not a tape'));
    const { call, wav } = await world.assemble();
    expect(call).toMatchObject({ status: 'FAILED' });
    expect(call?.why).toContain('damaged');
    expect(wav).toBeUndefined();
  });
});

describe('assembleRecording, where the recorder gave up', () => {
  it('fences it off, says so, and keeps what there is', async () => {
    const world = new RecordingWorld(NO_ARCHIVE);
    world.talk(0, 25);
    const stop = new AbortController();
    void world.clock.sleep(15_500).then(() => {
      stop.abort();
    });
    await world.calls.create(world.newCall);
    await world.record({ signal: stop.signal });
    const { call, wav } = await world.assemble();
    expect(call).toMatchObject({
      status: 'INCOMPLETE',
      endReason: 'RECORDER_GAVE_UP',
      attempts: 1,
      losses: [{ kind: 'RECORDER_STOPPED' }],
    });
    expect(wav?.subarray(HEADER_BYTES).equals(spoken(...range(0, 15)))).toBe(true);
    const checkpoint = await world.checkpoint;
    expect(checkpoint).toMatchObject({
      attempt: 2,
      ended: { reason: 'RECORDER_GAVE_UP', at: new Date(world.clock.now()).toISOString() },
    });
    expect(Date.parse(checkpoint?.ended?.at ?? '')).toBeGreaterThan(T0);
  });

  it('is complete all the same when the archive has the rest, and the contact is over', async () => {
    const world = new RecordingWorld();
    world.talk(0, 25);
    await world.hangUpAt(25);
    const stop = new AbortController();
    void world.clock.sleep(15_500).then(() => {
      stop.abort();
    });
    await world.record({ signal: stop.signal });
    await world.finish(world.clock.sleep(120_000));
    const { call, wav } = await world.assemble();
    expect(call).toMatchObject({ status: 'COMPLETE', endReason: 'RECORDER_GAVE_UP', losses: [] });
    expect(wav?.subarray(HEADER_BYTES).equals(spoken(...range(0, 25)))).toBe(true);
  });
});
