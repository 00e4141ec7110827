/** An erasure that comes while an assembly is at work. */
import { beforeEach, expect, it } from 'vitest';
import { leavingNoTrace } from '../../../functions/assemble/erased.ts';
import { MemoryTranscripts } from '../../../ports/transcripts/memory-transcripts.ts';
import { FILE_FORMATS } from '../../../recording/audio/files/formats.ts';
import {
  fileKey,
  recordKey,
  TRANSCRIPT_FORMATS,
  transcriptKey,
} from '../../../recording/audio/files/keys.ts';
import { segment } from '../../recording/transcript/rows.ts';
import { RECORDING, RECORDING_ID } from '../../support/call.ts';
import { T0 } from '../../support/documents.ts';
import { RecordingWorld } from '../../support/recording-world.ts';
import { RecordedTelemetry } from '../../support/telemetry.ts';

const AT = new Date(T0);
const KEYS = [
  ...FILE_FORMATS.map((format) => fileKey(RECORDING, AT, format)),
  recordKey(RECORDING, AT),
  ...TRANSCRIPT_FORMATS.map((format) => transcriptKey(RECORDING, AT, format)),
].sort();
const DONE = { recordingId: RECORDING_ID, status: 'COMPLETE' } as const;

let world: RecordingWorld;
let telemetry: RecordedTelemetry;
let transcripts: MemoryTranscripts;

beforeEach(async () => {
  world = new RecordingWorld();
  telemetry = new RecordedTelemetry();
  transcripts = new MemoryTranscripts();
  await transcripts.put({ ...segment('hello', { startMs: 0 }), recordingId: RECORDING_ID });
  const bytes = world.document(0);
  await world.tape.append(RECORDING, { first: world.number(0), last: world.number(0), bytes });
  for (const key of KEYS) await world.recordings.put(key, Buffer.from('x'), '', undefined);
});

const erase = () => world.checkpoints.erase(RECORDING_ID, T0 + 1e9);
const assembling = (during: () => Promise<unknown>) =>
  leavingNoTrace({ ...world.assemblyPorts, transcripts, telemetry }, world.assembleInput, async () => {
    await during();
    return DONE;
  });
async function left() {
  const rows = await transcripts.ofRecording(RECORDING_ID);
  return { keys: world.recordings.keys, tape: world.tape.keys.length, rows: rows.length };
}

it('leaves nothing of what the assembly may have put back', async () => {
  expect(await assembling(erase)).toEqual({ recordingId: RECORDING_ID, status: 'EMPTY' });
  expect(await left()).toEqual({ keys: [], tape: 0, rows: 0 });
  expect(telemetry.lines).toEqual([
    { level: 'info', message: expect.stringContaining('erased') as unknown, fields: {} },
  ]);
});

it('is no failure where it made the assembly fail', async () => {
  const failing = assembling(async () => {
    await erase();
    throw new Error('refused');
  });
  expect(await failing).toMatchObject({ status: 'EMPTY' });
  expect(await left()).toEqual({ keys: [], tape: 0, rows: 0 });
});

it('is told to the assembly before it writes the record', async () => {
  const { calls } = world;
  const started = leavingNoTrace(
    { ...world.assemblyPorts, transcripts },
    world.assembleInput,
    async (ports) => {
      await erase();
      await ports.calls.create(world.newCall);
      return DONE;
    },
  );
  expect(await started).toMatchObject({ status: 'EMPTY' });
  expect(await calls.get(RECORDING)).toBeUndefined();
});

it('that doesn’t come changes nothing', async () => {
  expect(await assembling(() => Promise.resolve())).toEqual(DONE);
  await expect(assembling(() => Promise.reject(new Error('SlowDown')))).rejects.toThrow('SlowDown');
  expect(await left()).toEqual({ keys: KEYS, tape: 1, rows: 1 });
  expect(telemetry.lines).toEqual([]);
});

it('of which nobody can tell now changes nothing', async () => {
  world.checkpoints.read = () => Promise.reject(new Error('throttled'));
  expect(await assembling(() => Promise.resolve())).toEqual(DONE);
  expect(await left()).toEqual({ keys: KEYS, tape: 1, rows: 1 });
});
