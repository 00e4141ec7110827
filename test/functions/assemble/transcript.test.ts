/** What was said, beside the WAV; and a recording that nothing of it can touch. */
import { expect, test } from 'vitest';
import { assembleRecording } from '../../../functions/assemble/assemble.ts';
import { MemoryRecordings } from '../../../ports/recordings/memory-recordings.ts';
import { MemoryTranscripts } from '../../../ports/transcripts/memory-transcripts.ts';
import { TRANSCRIPT_FORMATS, transcriptKey } from '../../../recording/audio/files/keys.ts';
import { recordingId } from '../../../recording/identity.ts';
import { parseTranscript } from '../../../recording/transcript/document.ts';
import type { TranscriptRow } from '../../../recording/transcript/segment.ts';
import { segment, untranscribed } from '../../recording/transcript/rows.ts';
import { RECORDING } from '../../support/call.ts';
import { T0 } from '../../support/documents.ts';
import { RecordingWorld } from '../../support/recording-world.ts';
import { RecordedTelemetry } from '../../support/telemetry.ts';

const ID = recordingId(RECORDING);
const STARTED_AT = new Date(T0);
const own = (row: TranscriptRow): TranscriptRow => ({ ...row, recordingId: ID });
const ROWS = [
  own(segment('hello there', { startMs: 500, originMs: T0 })),
  own(segment('hi', { startMs: 900, channel: 'AGENT', originMs: T0 })),
  own(segment('hello their', { startMs: 510, originMs: T0, source: 'transcribe' })),
  own(untranscribed(4_000, { startMs: 3_000, originMs: T0 })),
];

async function recorded(): Promise<RecordingWorld> {
  const world = new RecordingWorld();
  world.talk(0, 5);
  await world.hangUpAt(6);
  await world.record();
  return world;
}

async function written(rows: readonly TranscriptRow[]): Promise<MemoryTranscripts> {
  const transcripts = new MemoryTranscripts();
  for (const row of rows) await transcripts.put(row);
  return transcripts;
}

function textOf(recordings: MemoryRecordings, format: (typeof TRANSCRIPT_FORMATS)[number]): string {
  return Buffer.from(recordings.get(transcriptKey(RECORDING, STARTED_AT, format)) ?? '').toString();
}

test('what was said stands beside the WAV, and the record says how it went', async () => {
  const world = await recorded();
  const ports = { ...world.assemblyPorts, transcripts: await written(ROWS) };
  await world.finish(assembleRecording(ports, world.assembleInput));

  const call = await world.calls.get(RECORDING);
  expect(call).toMatchObject({
    status: 'COMPLETE',
    transcript: {
      key: transcriptKey(RECORDING, STARTED_AT, 'json'),
      segments: 2,
      words: 3,
      untranscribed: 0,
      untranscribedMs: 0,
      sources: ['recognise', 'transcribe'],
      frameShift: 0,
    },
  });
  expect(world.json).toMatchObject({ transcript: { segments: 2 } });
  const document = parseTranscript(textOf(world.recordings, 'json'));
  expect(document).toMatchObject({ recordingId: ID, frameShift: 0, sources: ['recognise', 'transcribe'] });
  expect(document?.segments.map(({ text }) => text)).toEqual(['hello there', 'hi']);
  // By which they may expire before the WAV does.
  expect([...world.recordings.tagging.values()]).toEqual(Array(3).fill('callspool-kind=transcript'));
  expect([...world.recordings.tagging.keys()].every((key) => key.includes('.transcript.'))).toBe(true);
  expect(textOf(world.recordings, 'vtt')).toContain('<v Agent>hi</v>');
  expect(textOf(world.recordings, 'txt')).toBe('[0:00.5] Customer: hello there\n[0:00.9] Agent: hi\n');
});

test('a setting says whose words they are', async () => {
  const world = await recorded();
  const ports = { ...world.assemblyPorts, transcripts: await written(ROWS) };
  await world.finish(assembleRecording(ports, world.assembleInput, [], 'transcribe'));

  expect(textOf(world.recordings, 'txt')).toBe('[0:00.5] Customer: hello their\n[0:00.9] Agent: hi\n');
});

test('what was said before the beginning was found is shifted by what that moved', async () => {
  const world = await recorded();
  const late = ROWS.map((row) => ({ ...row, startedAt: row.startedAt + 1_500 }));
  const ports = { ...world.assemblyPorts, transcripts: await written(late) };
  await world.finish(assembleRecording(ports, world.assembleInput));

  const record = await world.calls.get(RECORDING);
  expect(record?.transcript).toMatchObject({ frameShift: 12_000 });
  // What they counted from lies so much behind the WAV's frame 0, which the record tells.
  const [row] = late;
  expect(record?.media?.originMs).toBe((row?.startedAt ?? NaN) - (row?.startMs ?? NaN) - 1_500);
  expect(textOf(world.recordings, 'txt')).toContain('[0:02.0] Customer: hello there');
});

test('where nothing was written down, nothing says so; nor does what has expired take away what there is', async () => {
  const world = await recorded();
  const transcripts = await written([]);
  await world.finish(assembleRecording({ ...world.assemblyPorts, transcripts }, world.assembleInput));
  expect(await world.calls.get(RECORDING)).not.toHaveProperty('transcript');
  expect(world.recordings.keys.filter((key: string) => key.includes('transcript'))).toEqual([]);

  for (const row of ROWS) await transcripts.put(row);
  await world.finish(assembleRecording({ ...world.assemblyPorts, transcripts }, world.assembleInput));
  await transcripts.erase(ID);
  await world.finish(assembleRecording({ ...world.assemblyPorts, transcripts }, world.assembleInput));
  expect((await world.calls.get(RECORDING))?.transcript).toMatchObject({ segments: 2 });
});

test('what goes wrong with it is said, and touches nothing else', async () => {
  const plain = await recorded();
  await plain.finish(assembleRecording(plain.assemblyPorts, plain.assembleInput));
  const world = await recorded();
  class Refusing extends MemoryTranscripts {
    override ofRecording(): Promise<never> {
      return Promise.reject(new Error('what was said'));
    }
  }
  const telemetry = new RecordedTelemetry();
  await world.finish(
    assembleRecording(
      { ...world.assemblyPorts, transcripts: new Refusing(), telemetry },
      world.assembleInput,
    ),
  );

  const { transcript, ...call } = (await world.calls.get(RECORDING)) ?? {};
  expect(call).toMatchObject({ status: 'COMPLETE', audio: (await plain.calls.get(RECORDING))?.audio });
  expect(transcript).toEqual({
    why: 'it could not be written beside the WAV (Error); an assembly anew tries again',
  });
  expect(world.wav).toEqual(plain.wav);
  // Its message may hold what was said.
  expect(telemetry.lines[0]).toEqual({
    level: 'warn',
    message: expect.stringContaining('beside the WAV') as unknown,
    fields: { error: 'Error' },
  });
});

test('a WAV that is kept keeps what was said in it', async () => {
  const world = new RecordingWorld();
  world.talk(0, 15);
  await world.hangUpAt(15);
  await world.record();
  const transcripts = await written(ROWS);
  const ports = { ...world.assemblyPorts, transcripts };
  await world.finish(assembleRecording(ports, world.assembleInput));
  const before = { record: await world.calls.get(RECORDING), text: textOf(world.recordings, 'txt') };
  // Of the tape only the end is left, and nothing of the stream.
  world.tape.tamper(world.tape.history[0]?.object.key ?? '', undefined);
  world.stream.forget();
  await transcripts.put(own(segment('a later word', { startMs: 12_000, originMs: T0 })));

  await world.finish(assembleRecording(ports, world.assembleInput));

  const record = await world.calls.get(RECORDING);
  expect(record).toMatchObject({ kept: {}, transcript: before.record?.transcript });
  expect(textOf(world.recordings, 'txt')).toBe(before.text);
});

test('where there is no audio, there is no transcript, whatever was heard', async () => {
  const world = new RecordingWorld();
  await world.hangUpAt(5);
  await world.record();
  const transcripts = await written(ROWS);
  await world.finish(assembleRecording({ ...world.assemblyPorts, transcripts }, world.assembleInput));

  expect(await world.calls.get(RECORDING)).not.toHaveProperty('transcript');
  expect(world.recordings.keys.filter((key) => key.includes('transcript'))).toEqual([]);
});

test('of a recording that was erased meanwhile nothing of it is left', async () => {
  const world = await recorded();
  const transcripts = await written(ROWS);
  const ports = { ...world.assemblyPorts, transcripts };
  await world.finish(assembleRecording(ports, world.assembleInput));
  await world.checkpoints.erase(ID, T0 + 1e9);
  await world.finish(assembleRecording(ports, world.assembleInput));

  expect(world.recordings.keys).toEqual([]);
  expect(await transcripts.ofRecording(ID)).toEqual([]);
});
