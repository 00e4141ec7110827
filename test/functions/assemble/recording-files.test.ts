/** The WAV, and beside it a FLAC of the same samples: in which order they appear, and that the FLAC harms nothing. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { assembleRecording } from '../../../functions/assemble/assemble.ts';
import { PART_BYTES } from '../../../functions/assemble/file-upload.ts';
import { RecordingFiles } from '../../../functions/assemble/recording-files.ts';
import type { Replace } from '../../../functions/assemble/replace.ts';
import { AssemblySuperseded } from '../../../ports/calls/calls.ts';
import { MemoryRecordings } from '../../../ports/recordings/memory-recordings.ts';
import { ObjectReplaced, type Recordings } from '../../../ports/recordings/recordings.ts';
import { silentTelemetry, type Telemetry } from '../../../ports/runtime/telemetry.ts';
import { fileKey } from '../../../recording/audio/files/keys.ts';
import { FLAC } from '../../../recording/audio/format/flac/flac.ts';
import type { FileFormat } from '../../../recording/audio/format/format.ts';
import { recordingId } from '../../../recording/identity.ts';
import { EXECUTION_ARN, RECORDING } from '../../support/call.ts';
import { decodeFlac } from '../../support/flac-decoder.ts';
import { gate } from '../../support/gate.ts';
import { seeded } from '../../support/random.ts';
import { range, RecordingWorld, spoken } from '../../support/recording-world.ts';
import { RecordedTelemetry } from '../../support/telemetry.ts';

const MIB = 1024 * 1024;
/** Nothing stands there. */
const REPLACE: Replace = (_key, write) => write(undefined);
const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function written(
  recordings: Recordings,
  samples: Buffer,
  format: FileFormat = FLAC,
  telemetry: Telemetry = silentTelemetry,
) {
  const files = new RecordingFiles(
    { recordings, telemetry },
    { formats: [format], keyOf: ({ extension }) => `call.${extension}`, audio: { sampleRate: 8_000 } },
  );
  for (let at = 0; at < samples.length; at += MIB) {
    const chunk = Buffer.from(samples.subarray(at, at + MIB));
    await files.write(chunk);
    // What it was given is valid only until then.
    chunk.fill(0xee);
  }
  await files.end(samples.length / 4);
  return files;
}

/** Noise, of which no format makes less: its FLAC has as many parts as the WAV. */
function noise(bytes: number): Buffer {
  return Buffer.alloc(bytes, seeded(bytes).bytes(65_521));
}

type Operation = 'begin' | 'part' | 'put' | 'complete';

/** Recordings that refuse an operation on the FLAC, and note what appears. */
function refusing(memory: MemoryRecordings, refused?: Operation, error = new Error('SlowDown')) {
  const appeared: string[] = [];
  const attempt = async (operation: Operation, key: string, action: () => Promise<void>) => {
    if (operation === refused && key.endsWith('.flac')) throw error;
    await action();
    if (operation === 'put' || operation === 'complete') appeared.push(key);
  };
  const recordings: Recordings = {
    bucket: memory.bucket,
    standing: (key) => memory.standing(key),
    read: (key, bytesMax) => memory.read(key, bytesMax),
    remove: (key) => memory.remove(key),
    put: (key, ...rest) => attempt('put', key, () => memory.put(key, ...rest)),
    begin: async (key) => {
      await attempt('begin', key, () => Promise.resolve());
      const upload = await memory.begin(key);
      return {
        part: (number, bytes) => attempt('part', key, () => upload.part(number, bytes)),
        complete: (over) => attempt('complete', key, () => upload.complete(over)),
        abort: () => upload.abort(),
      };
    },
  };
  return { recordings, appeared };
}

describe('RecordingFiles', () => {
  it.each([1_000, 1.5 * PART_BYTES])(
    'writes the same samples twice (%d bytes), the WAV first',
    async (bytes) => {
      const memory = new MemoryRecordings();
      const { recordings, appeared } = refusing(memory);
      const samples = noise(bytes);
      const { wav, further } = await (await written(recordings, samples)).finish(REPLACE);
      expect(appeared).toEqual(['call.wav', 'call.flac']);
      expect(memory.openUploads).toBe(0);
      expect(wav).toEqual({ bytes: 44 + bytes, headerBytes: 44, sha256: sha256Of(samples) });
      const flac = Buffer.from(memory.get('call.flac') ?? []);
      expect((await decodeFlac(flac)).samples.equals(samples)).toBe(true);
      expect(further).toEqual([
        {
          format: 'flac',
          key: 'call.flac',
          bytes: flac.length,
          headerBytes: 42,
          sha256: wav.sha256,
          dataSha256: sha256Of(flac.subarray(42)),
        },
      ]);
    },
  );

  it.each([
    ['begin', 1.5 * PART_BYTES],
    ['part', 1.5 * PART_BYTES],
    ['complete', 1.5 * PART_BYTES],
    ['put', 1_000],
  ] as const)(
    'writes the WAV all the same where the FLAC’s %s fails, and says so',
    async (operation, bytes) => {
      const memory = new MemoryRecordings();
      const { recordings } = refusing(memory, operation);
      const samples = noise(bytes);
      const telemetry = new RecordedTelemetry();
      const { wav, further } = await (await written(recordings, samples, FLAC, telemetry)).finish(REPLACE);
      expect(wav.sha256).toBe(sha256Of(samples));
      expect(memory.get('call.wav')?.length).toBe(44 + bytes);
      expect(further).toEqual([{ format: 'flac', why: expect.stringContaining('SlowDown') as string }]);
      expect(telemetry.lines).toEqual([
        {
          level: 'warn',
          message: expect.stringContaining('could not be written in a further format') as unknown,
          fields: { format: 'flac', reason: 'Error: SlowDown' },
        },
      ]);
      expect(memory.keys).toEqual(['call.wav']);
      expect(memory.openUploads).toBe(0);
    },
  );

  it.each(['encode', 'finish', 'header'] as const)('survives an encoder that fails (%s)', async (fails) => {
    const memory = new MemoryRecordings();
    const broken: FileFormat = {
      ...FLAC,
      encoder: (facts) => {
        const encoder = FLAC.encoder(facts);
        const fail = () => {
          throw new RangeError('no such bit');
        };
        return {
          encode: fails === 'encode' ? fail : (samples) => encoder.encode(samples),
          finish: fails === 'finish' ? fail : () => encoder.finish(),
          header: fails === 'header' ? fail : (frames) => encoder.header(frames),
        };
      },
    };
    const { further } = await (await written(memory, noise(1.5 * PART_BYTES), broken)).finish(REPLACE);
    expect(further).toMatchObject([{ why: expect.stringContaining('no such bit') as string }]);
    expect(memory.keys).toEqual(['call.wav']);
    expect(memory.openUploads).toBe(0);
  });

  it('has no FLAC where the WAV could not be replaced', async () => {
    const memory = new MemoryRecordings();
    const files = await written(memory, noise(1_000));
    await memory.put('call.wav', Buffer.from('a later one’s'), 'audio/wav', undefined);
    await expect(files.finish(REPLACE)).rejects.toThrow(ObjectReplaced);
    await files.abort();
    expect(memory.keys).toEqual(['call.wav']);
  });

  it('leaves both to a later assembly, once one has begun', async () => {
    const memory = new MemoryRecordings();
    const files = await written(memory, noise(1.5 * PART_BYTES));
    const superseded: Replace = async (key, write) => {
      if (key.endsWith('.flac')) throw new AssemblySuperseded({ recording: RECORDING, assembly: 'earlier' });
      await write(undefined);
    };
    await expect(files.finish(superseded)).rejects.toThrow(AssemblySuperseded);
    await files.abort();
    expect(memory.keys).toEqual(['call.wav']);
    expect(memory.openUploads).toBe(0);
  });

  it('leaves nothing of either behind when it is dropped', async () => {
    const memory = new MemoryRecordings();
    await (await written(memory, noise(1.5 * PART_BYTES))).abort();
    expect(memory.keys).toEqual([]);
    expect(memory.openUploads).toBe(0);
  });
});

/** Somebody calls for 25 s. */
async function recorded(): Promise<RecordingWorld> {
  const world = new RecordingWorld();
  world.talk(0, 25);
  await world.hangUpAt(25);
  await world.record();
  return world;
}

const flacKey = ({ recording, assembleInput }: RecordingWorld) =>
  fileKey(recording, new Date(assembleInput.startedAt), FLAC);

function flacOf(world: RecordingWorld): Buffer | undefined {
  const bytes = world.recordings.get(flacKey(world));
  return bytes && Buffer.from(bytes);
}

/** What tells each object from any other that was ever written. */
function tagsOf({ recordings }: RecordingWorld): Promise<(string | undefined)[]> {
  return Promise.all(recordings.keys.map((key) => recordings.standing(key)));
}

describe('an assembly that is to write a FLAC, too', () => {
  it('has the same samples in both; record, JSON and event say so', async () => {
    const world = await recorded();
    const { call, json, wav } = await world.assemble(EXECUTION_ARN, [FLAC]);
    const flac = flacOf(world) ?? Buffer.alloc(0);
    const { samples, sampleRate } = await decodeFlac(flac);
    expect(sampleRate).toBe(8_000);
    expect(samples.equals(spoken(...range(0, 25)))).toBe(true);
    expect(wav?.subarray(44).equals(samples)).toBe(true);
    const files = [
      {
        format: 'flac',
        key: flacKey(world),
        bytes: flac.length,
        headerBytes: 42,
        sha256: call?.audio?.sha256,
        dataSha256: sha256Of(flac.subarray(42)),
      },
    ];
    expect(call).toMatchObject({ status: 'COMPLETE', files });
    expect(json).toMatchObject({ files });
    expect(world.events.published).toMatchObject([{ detail: { files } }]);
  });

  it('gives the same bytes again', async () => {
    const world = await recorded();
    const { call } = await world.assemble(EXECUTION_ARN, [FLAC]);
    const flac = flacOf(world);
    const again = await world.assemble(EXECUTION_ARN, [FLAC]);
    expect(flacOf(world)).toEqual(flac);
    expect(again.call?.files).toEqual(call?.files);
  });

  it('writes none, and names none, unless it is asked to', async () => {
    const world = await recorded();
    const { call } = await world.assemble();
    expect(flacOf(world)).toBeUndefined();
    expect(call).not.toHaveProperty('files');
  });

  it('goes on naming the one of before when it isn’t asked for any more, and the samples are the same', async () => {
    const world = await recorded();
    const { call } = await world.assemble(EXECUTION_ARN, [FLAC]);
    expect((await world.assemble()).call?.files).toEqual(call?.files);
    await world.recordings.remove(flacKey(world));
    const { call: later, json } = await world.assemble();
    expect(later).not.toHaveProperty('files');
    expect(json).not.toHaveProperty('files');
  });

  it('keeps both of before where the tape gives less now, and names them', async () => {
    const world = await recorded();
    const { call, wav } = await world.assemble(EXECUTION_ARN, [FLAC]);
    const flac = flacOf(world);
    const [first] = world.tape.history;
    world.tape.tamper(first?.object.key ?? '', undefined);
    world.stream.forget();
    const kept = await world.assemble(EXECUTION_ARN, [FLAC]);
    expect(kept.call?.kept).toBeDefined();
    expect(kept.wav).toEqual(wav);
    expect(flacOf(world)).toEqual(flac);
    expect(kept.call?.files).toEqual(call?.files);
  });

  it('says why there is none where the WAV of before is kept and had none beside it', async () => {
    const world = await recorded();
    await world.assemble();
    world.tape.tamper(world.tape.history[0]?.object.key ?? '', undefined);
    world.stream.forget();
    const { call } = await world.assemble(EXECUTION_ARN, [FLAC]);
    expect(call?.kept).toBeDefined();
    expect(call?.files).toEqual([
      { format: 'flac', why: expect.stringContaining('the earlier WAV was kept') as string },
    ]);
  });

  it('keeps a COMPLETE recording COMPLETE where the FLAC is refused, and says why there is none', async () => {
    const world = await recorded();
    const { recordings } = refusing(world.recordings, 'put', new Error('AccessDenied'));
    const ports = { ...world.assemblyPorts, recordings };
    await world.finish(assembleRecording(ports, world.assembleInput, [FLAC]));
    const call = await world.calls.get(world.recording);
    expect(call).toMatchObject({
      status: 'COMPLETE',
      files: [{ format: 'flac', why: expect.stringContaining('AccessDenied') as string }],
    });
    expect(flacOf(world)).toBeUndefined();
    expect((await world.assemble(EXECUTION_ARN, [FLAC])).call?.files).toMatchObject([
      { key: flacKey(world) },
    ]);
  });

  it('that hangs in its FLAC changes nothing of what a later one has finished', async () => {
    const world = await recorded();
    const hanging = gate();
    const { recordings } = refusing(world.recordings);
    const held: Recordings = {
      ...recordings,
      put: async (key, ...rest) => {
        if (key.endsWith('.flac')) await hanging.passed;
        await recordings.put(key, ...rest);
      },
    };
    const ports = { ...world.assemblyPorts, recordings: held };
    const old = assembleRecording(ports, world.assembleInput, [FLAC]);
    await world.finish(world.clock.sleep(1_000));
    const { call } = await world.assemble(EXECUTION_ARN, [FLAC]);
    const before = await tagsOf(world);

    hanging.open();

    expect(await world.finish(old)).toMatchObject({ status: 'COMPLETE' });
    expect(await world.calls.get(world.recording)).toEqual(call);
    expect(await tagsOf(world)).toEqual(before);
  });

  it('that dies between WAV and FLAC leaves what the next one makes good', async () => {
    const world = await recorded();
    const died = new Error('the function was stopped');
    const { recordings, appeared } = refusing(world.recordings);
    const dying: Recordings = {
      ...recordings,
      put: (key, ...rest) =>
        key.endsWith('.flac') ? new Promise<never>(() => undefined) : recordings.put(key, ...rest),
    };
    const running = assembleRecording({ ...world.assemblyPorts, recordings: dying }, world.assembleInput, [
      FLAC,
    ]);
    await expect(
      world.finish(Promise.race([running, world.clock.sleep(900_000).then(() => Promise.reject(died))])),
    ).rejects.toThrow(died);
    expect(appeared).toEqual([expect.stringMatching(/\.wav$/)]);
    expect(await world.calls.get(world.recording)).not.toHaveProperty('files');
    const { call } = await world.assemble(EXECUTION_ARN, [FLAC]);
    expect(call).toMatchObject({ status: 'COMPLETE', files: [{ key: flacKey(world) }] });
    expect((await decodeFlac(flacOf(world) ?? Buffer.alloc(0))).samples.equals(spoken(...range(0, 25)))).toBe(
      true,
    );
  });

  it('leaves none of a recording that has been erased meanwhile', async () => {
    const world = await recorded();
    const { recordings } = refusing(world.recordings);
    const erasing: Recordings = {
      ...recordings,
      put: async (key, ...rest) => {
        await recordings.put(key, ...rest);
        if (key.endsWith('.flac'))
          await world.checkpoints.erase(recordingId(world.recording), world.clock.now() + 1_000_000);
      },
    };
    const ports = { ...world.assemblyPorts, recordings: erasing };
    await world.finish(assembleRecording(ports, world.assembleInput, [FLAC]));
    expect(world.recordings.keys).toEqual([]);
  });
});
