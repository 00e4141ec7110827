/** What an assembly takes from the one before it: from the record, and where that says too little, from the JSON beside the WAV. */
import { beforeEach, describe, expect, it } from 'vitest';
import { beforeAssembly, earlierAssembly } from '../../../functions/assemble/earlier-assembly.ts';
import type { ContactCall } from '../../../ports/calls/calls.ts';
import { MemoryRecordings } from '../../../ports/recordings/memory-recordings.ts';
import { recordKey, wavKey } from '../../../recording/audio/files/keys.ts';
import type { CallRecord, Completion } from '../../../recording/call-record.ts';
import { EXECUTION_ARN, RECORDING, recordOf, STARTED_AT } from '../../support/call.ts';
import { RecordingWorld } from '../../support/recording-world.ts';

const AT = new Date(STARTED_AT);
const KEY = wavKey(RECORDING, AT);
const JSON_KEY = recordKey(RECORDING, AT);
const RESUMED_ARN = `${EXECUTION_ARN}-r1`;
const world = new RecordingWorld();
const input = (executionArn = EXECUTION_ARN) => ({ ...world.assembleInput, executionArn });

const gap = (startMs: number) => ({ track: 'AUDIO_FROM_CUSTOMER', startMs, lengthMs: 40 }) as const;
const WITHOUT_AUDIO = {
  status: 'INCOMPLETE',
  why: 'a fragment is missing',
  endedAt: STARTED_AT,
  endReason: 'DISCONNECTED',
  durationMs: 25_000,
  attempts: 1,
  media: {
    fragments: 25,
    gapCount: 2,
    gapMs: { AUDIO_FROM_CUSTOMER: 80, AUDIO_TO_CUSTOMER: 0 },
    gaps: [gap(0), gap(100)],
    reanchored: 0,
    lateBlocks: 0,
    strayBlocks: 0,
    aheadMs: { AUDIO_FROM_CUSTOMER: 0, AUDIO_TO_CUSTOMER: 0 },
    reopenings: 0,
    resumes: 0,
    maxBehindMs: 0,
  },
  losses: [{ kind: 'FRAGMENTS_MISSING', why: 'not to be had' }],
  verification: { method: 'LIST_FRAGMENTS', at: STARTED_AT, fragmentsListed: 26, fragmentsMissing: 1 },
} satisfies Completion;
const RESULT = {
  ...WITHOUT_AUDIO,
  audio: {
    bucket: 'memory',
    key: KEY,
    bytes: 44,
    sha256: 'a'.repeat(64),
    sampleRate: 8_000,
    channels: 2,
    frames: 9,
  },
} satisfies Completion;
const WHOLE = recordOf(EXECUTION_ARN, RESULT);
/** As an item has it that had to leave gaps out. */
const CUT: ContactCall = { ...WHOLE, media: { ...RESULT.media, gaps: [gap(0)] } };
const UNFINISHED: ContactCall = recordOf(EXECUTION_ARN, { status: 'ASSEMBLING' });

let recordings: MemoryRecordings;

async function beside(json: unknown): Promise<void> {
  await recordings.put(
    JSON_KEY,
    Buffer.from(typeof json === 'string' ? json : JSON.stringify(json)),
    '',
    undefined,
  );
}

const evidenceOf = async (own: ContactCall | undefined, executionArn?: string) =>
  (await earlierAssembly(recordings, input(executionArn), own)).evidence;

beforeEach(async () => {
  recordings = new MemoryRecordings();
  await recordings.put(KEY, Buffer.from('a WAV'), '', undefined);
});

describe('an earlier assembly', () => {
  it('is one that has come to its end', async () => {
    expect(await earlierAssembly(recordings, input(), undefined)).toEqual({ evidence: undefined, files: [] });
    expect(await earlierAssembly(recordings, input(), UNFINISHED)).toEqual({
      evidence: undefined,
      files: [],
    });
  });

  it('has left what it found, and the WAV', async () => {
    const { losses, verification, endReason, endedAt, audio, media, durationMs } = RESULT;
    expect(await evidenceOf(WHOLE)).toEqual({
      losses,
      verification,
      endReason,
      endedAt,
      disproved: [],
      fragments: 25,
      standing: { audio, media, durationMs },
    });
  });

  it.each<[string, CallRecord]>([
    ['where it is gone', WHOLE],
    ['where there never was one', recordOf(EXECUTION_ARN, WITHOUT_AUDIO)],
  ])('has left no WAV %s', async (_, own) => {
    if (own.audio) recordings.tamper(KEY);
    expect(await evidenceOf(own)).toMatchObject({ losses: RESULT.losses, standing: undefined });
  });

  it('has left files beside it, as far as they are still there', async () => {
    const stored = {
      format: 'flac',
      key: 'x.flac',
      bytes: 5,
      headerBytes: 2,
      sha256: 'a',
      dataSha256: 'b',
    } as const;
    const own = {
      ...WHOLE,
      files: [stored, { ...stored, key: 'gone.flac' }, { format: 'flac', why: 'refused' } as const],
    };
    await recordings.put('x.flac', Buffer.from('fLaC'), '', undefined);
    expect((await earlierAssembly(recordings, input(), own)).files).toEqual([stored]);
  });
});

describe('where the record had to leave gaps out', () => {
  it('the JSON tells all of them', async () => {
    await beside(WHOLE);
    expect((await evidenceOf(CUT))?.standing?.media.gaps).toEqual(RESULT.media.gaps);
  });

  it.each<[string, unknown]>([
    ['is of another WAV', { ...WHOLE, audio: { ...RESULT.audio, sha256: 'b'.repeat(64) } }],
    ['is of an assembly that found no audio', { ...WHOLE, audio: undefined }],
    ['is of no assembly', recordOf(EXECUTION_ARN)],
    ['says nothing of how it was verified', { ...recordOf(EXECUTION_ARN), audio: RESULT.audio }],
    ['is none', '{'],
    ['is a list', []],
    ['is a text', '"x"'],
    ['is not there', undefined],
  ])('the record stands where the JSON %s', async (_, json) => {
    if (json !== undefined) await beside(json);
    expect(await evidenceOf(CUT)).toMatchObject({
      losses: RESULT.losses,
      standing: { media: { gapCount: 2, gaps: [gap(0)] } },
    });
  });

  it('no other is asked for its JSON', async () => {
    await beside({ ...WHOLE, losses: [] });
    expect(await evidenceOf(WHOLE)).toMatchObject({ losses: RESULT.losses });
  });
});

describe('where the record has been lost', () => {
  it.each<[string, ContactCall | undefined]>([
    ['and nothing stands there', undefined],
    ['and made anew', UNFINISHED],
  ])('%s, a resumption knows of it by the JSON', async (_, own) => {
    await beside(WHOLE);
    expect(await evidenceOf(own, RESUMED_ARN)).toMatchObject({ losses: RESULT.losses });
  });

  it('a resumption without a JSON knows nothing', async () => {
    expect(await evidenceOf(UNFINISHED, RESUMED_ARN)).toBeUndefined();
    await beside(recordOf(EXECUTION_ARN));
    expect(await evidenceOf(UNFINISHED, RESUMED_ARN)).toBeUndefined();
  });

  it('the recording’s first execution has no earlier one', async () => {
    await beside(WHOLE);
    expect(await evidenceOf(UNFINISHED)).toBeUndefined();
  });
});

it('what was known before an assembly is all but its result', () => {
  const { live = 'off' } = WHOLE;
  const facts = { ...recordOf(EXECUTION_ARN), live, queue: { arn: 'q' }, disconnectedAt: STARTED_AT };
  const result = {
    ...RESULT,
    files: [],
    disproved: [],
    kept: { at: STARTED_AT, why: 'fuller' },
    lossCount: 200,
  };
  const { status, ...rest } = facts;
  expect(status).toBe('RECORDING');
  expect(beforeAssembly({ ...facts, ...result })).toEqual(rest);
  expect(beforeAssembly(undefined)).toEqual({});
});
