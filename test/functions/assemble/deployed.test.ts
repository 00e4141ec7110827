/** The function as it is deployed: told by its environment alone, on the SDK's clients and the services' stand-ins. */
import { createHash } from 'node:crypto';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ASSEMBLE_VARIABLES, TRANSCRIPT_VARIABLES } from '../../../contract/variables.ts';
import type { handler as Handler } from '../../../functions/assemble/handler.ts';
import { TableCalls } from '../../../ports/calls/table-calls.ts';
import { TableCheckpoints } from '../../../ports/checkpoints/table-checkpoints.ts';
import { S3Recordings } from '../../../ports/recordings/s3-recordings.ts';
import { callsIn, checkpointsIn, transcriptsIn } from '../../../ports/table/dynamodb-table.ts';
import { S3Tape } from '../../../ports/tape/s3-tape.ts';
import { TableTranscripts } from '../../../ports/transcripts/table-transcripts.ts';
import { fileKey, recordKey, transcriptKey, wavKey } from '../../../recording/audio/files/keys.ts';
import { FLAC } from '../../../recording/audio/format/flac/flac.ts';
import { NO_COUNTS } from '../../../recording/checkpoint.ts';
import { segment } from '../../recording/transcript/rows.ts';
import { EXECUTION_ARN, RECORDING, RECORDING_ID, STREAM_ARN } from '../../support/call.ts';
import { T0 } from '../../support/documents.ts';
import { decodeFlac } from '../../support/flac-decoder.ts';
import { range, RecordingWorld, spoken } from '../../support/recording-world.ts';
import { type Services, servicesForTest } from '../../support/services.ts';

const STARTED_AT = new Date(T0);
const BUS = 'recordings-bus';
const SECONDS = 5;
const world = new RecordingWorld();

let services: Services;
let handler: typeof Handler;
let calls: TableCalls;

/** A call of five seconds, of which the recorder stored four before it stopped for good. */
async function recordAllButTheEnd({ dynamoDb, s3, stream, connect }: Services): Promise<void> {
  for (const index of range(0, SECONDS)) {
    const times = { serverTimestampMs: T0 + index * 1_000, producerTimestampMs: T0 + index * 1_000 };
    stream.put({ number: world.number(index), document: world.document(index), ...times });
  }
  connect.tell({
    contactId: RECORDING.contactId,
    initiatedAtMs: T0,
    queueId: 'sales',
    agentId: 'anna',
    connectedToAgentAtMs: T0 + 1_000,
    streamArn: STREAM_ARN,
    firstFragmentNumber: world.number(0),
    disconnectedAtMs: T0 + SECONDS * 1_000,
    lastFragmentNumber: world.number(SECONDS - 1),
  });
  await calls.create(world.newCall);
  const stored = { first: world.number(0), last: world.number(3) };
  const bytes = Buffer.concat(range(0, 4).map((index) => world.document(index)));
  await new S3Tape(s3.client, s3.bucket).append(RECORDING, { ...stored, bytes });
  const checkpoints = new TableCheckpoints(
    checkpointsIn(dynamoDb.client, dynamoDb.tables.checkpoints),
    world.clock,
  );
  const result = await checkpoints.claim(RECORDING_ID, EXECUTION_ARN);
  if (!result.claimed) throw new Error('a new recording can be claimed');
  const counters = { ...NO_COUNTS, fragments: 4, segments: 1, reopenings: 2 };
  await checkpoints.advance(result.claim, {
    position: { lastFragmentNumber: stored.last },
    counters,
    losses: [],
  });
}

const objectAt = (key: string) =>
  new S3Recordings(services.s3.client, services.s3.bucket)
    .read(key, 2 ** 24)
    .then((bytes) => (bytes === undefined ? undefined : Buffer.from(bytes)));

const typeOf = async (Key: string) => {
  const { client, bucket } = services.s3;
  return (await client.send(new HeadObjectCommand({ Bucket: bucket, Key }))).ContentType;
};

beforeAll(async () => {
  services = await servicesForTest();
  const { dynamoDb, s3 } = services;
  calls = new TableCalls(callsIn(dynamoDb.client, dynamoDb.tables.calls));
  await recordAllButTheEnd(services);
  // To the console that a test can listen to.
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
  vi.stubEnv(ASSEMBLE_VARIABLES.bucket, s3.bucket);
  vi.stubEnv(ASSEMBLE_VARIABLES.checkpointsTable, dynamoDb.tables.checkpoints);
  vi.stubEnv(ASSEMBLE_VARIABLES.callsTable, dynamoDb.tables.calls);
  vi.stubEnv(ASSEMBLE_VARIABLES.eventBus, BUS);
  // With clients of its own, which are made while a container starts.
  vi.resetModules();
  ({ handler } = await import('../../../functions/assemble/handler.ts'));
});

const printed: string[] = [];
beforeEach(() => {
  printed.length = 0;
  for (const method of ['log', 'info', 'warn', 'error'] as const)
    vi.spyOn(console, method).mockImplementation((line: string) => printed.push(line));
  return () => vi.restoreAllMocks();
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await services.close();
});

describe('the assemble function, as it is deployed', () => {
  it('has the WAV made of tape and archive, the record completed, and the bus told', async () => {
    expect(await handler(world.assembleInput)).toEqual({ recordingId: RECORDING_ID, status: 'COMPLETE' });

    const wav = await objectAt(wavKey(RECORDING, STARTED_AT));
    expect(wav?.subarray(44).equals(spoken(...range(0, SECONDS)))).toBe(true);
    const record = await calls.get(RECORDING);
    expect(record).toMatchObject({
      status: 'COMPLETE',
      endReason: 'RECORDER_GAVE_UP',
      audio: { bucket: services.s3.bucket, key: wavKey(RECORDING, STARTED_AT) },
      media: { fragments: SECONDS, reopenings: 2 },
      verification: { method: 'LIST_FRAGMENTS', fragmentsListed: SECONDS },
      // What Connect says.
      disconnectedAt: new Date(T0 + SECONDS * 1_000).toISOString(),
    });
    // Nothing is written beside it unless that is asked for.
    expect(record).not.toHaveProperty('files');
    expect(record).not.toHaveProperty('transcript');
    expect(await typeOf(wavKey(RECORDING, STARTED_AT))).toBe('audio/wav');
    expect(await typeOf(recordKey(RECORDING, STARTED_AT))).toBe('application/json');
    const json: unknown = JSON.parse((await objectAt(recordKey(RECORDING, STARTED_AT)))?.toString() ?? '');
    expect(json).toEqual(JSON.parse(JSON.stringify(record)));
    expect(services.eventBridge.events).toMatchObject([
      { bus: BUS, detailType: 'Recording Completed', detail: { recordingId: RECORDING_ID } },
    ]);
  });

  it('prints metrics, and lines that name the recording', async () => {
    await handler(world.assembleInput);

    const lines = printed.map((line): unknown => JSON.parse(line));
    const { contactId } = RECORDING;
    expect(lines).toContainEqual(expect.objectContaining({ message: 'assembled', contactId }));
    expect(lines).toContainEqual(
      expect.objectContaining({ Complete: 1, Incomplete: 0, recordingId: RECORDING_ID }),
    );
  });

  it('writes a FLAC, and what was said, where it is told to', async () => {
    const { dynamoDb } = services;
    const table = dynamoDb.tables.transcripts;
    vi.stubEnv(ASSEMBLE_VARIABLES.flac, 'true');
    vi.stubEnv(TRANSCRIPT_VARIABLES.table, table);
    vi.stubEnv(TRANSCRIPT_VARIABLES.source, 'transcribe');
    const transcripts = new TableTranscripts(transcriptsIn(dynamoDb.client, table));
    for (const [words, source] of [
      ['hello there', 'recognise'],
      ['hello their', 'transcribe'],
    ] as const)
      await transcripts.put({
        ...segment(words, { startMs: 500, originMs: T0, source }),
        recordingId: RECORDING_ID,
      });

    await handler(world.assembleInput);

    const flac = (await objectAt(fileKey(RECORDING, STARTED_AT, FLAC))) ?? Buffer.alloc(0);
    const { samples } = await decodeFlac(flac);
    const { audio, files } = (await calls.get(RECORDING)) ?? {};
    expect(createHash('sha256').update(samples).digest('hex')).toBe(audio?.sha256);
    expect(files).toMatchObject([{ format: 'flac', bytes: flac.length }]);
    const text = () => objectAt(transcriptKey(RECORDING, STARTED_AT, 'txt')).then(String);
    expect(await text()).toContain('hello their');

    // No source is no reason not to assemble.
    vi.stubEnv(TRANSCRIPT_VARIABLES.source, 'hearsay');
    await handler(world.assembleInput);
    expect(await text()).toContain('hello there');
  });
});
