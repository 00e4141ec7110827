import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { localAccess } from '../../../cli/access/local-access.ts';
import { reportCall } from '../../../cli/report/run.ts';
import { EXIT } from '../../../cli/terminal/exit.ts';
import { FolderTape } from '../../../ports/tape/folder-tape.ts';
import { recordKey, wavKey } from '../../../recording/audio/files/keys.ts';
import type { CallRecord, Gap } from '../../../recording/call-record.ts';
import { CONTACT_ID } from '../../support/call.ts';
import { ioForTest } from '../../support/io.ts';
import { call, documentsOf, STARTED_AT_MS } from '../../support/kinesis.ts';
import { record, SAMPLE_RATE, tones, wavOf } from './content.ts';

const FRAGMENTS = call(6);
const RECORDING = { contactId: CONTACT_ID, startFragmentNumber: FRAGMENTS[0]?.number ?? 0n };
const STARTED = new Date(STARTED_AT_MS);
const WAV = wavOf(tones(6));
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-report-'));
});
afterEach(() => rm(dir, { recursive: true }));

const GAP: Gap = { track: 'AUDIO_FROM_CUSTOMER', startMs: 1_000, lengthMs: 500 };

function finished(gaps: readonly Gap[], gapCount = gaps.length): CallRecord {
  return record({
    startFragmentNumber: RECORDING.startFragmentNumber.toString(),
    recordingId: `${CONTACT_ID}_${RECORDING.startFragmentNumber.toString(36)}`,
    durationMs: 6_000,
    audio: {
      bucket: 'bucket',
      key: wavKey(RECORDING, STARTED),
      bytes: WAV.length,
      sha256: '',
      sampleRate: SAMPLE_RATE,
      channels: 2,
      frames: 6 * SAMPLE_RATE,
    },
    media: {
      fragments: FRAGMENTS.length,
      gapCount,
      gapMs: { AUDIO_FROM_CUSTOMER: 500, AUDIO_TO_CUSTOMER: 0 },
      gaps,
      reanchored: 0,
      reopenings: 0,
      resumes: 0,
      maxBehindMs: 0,
    },
  });
}

/** A local run's folder, by hand: tables, tape, and where they are given the WAV and the record beside it. */
async function folder(item: CallRecord, objects: Readonly<Record<string, string | Uint8Array>> = {}) {
  const bucket = join(dir, 's3/bucket');
  const first = FRAGMENTS[0]?.number ?? 0n;
  const last = FRAGMENTS.at(-1)?.number ?? 0n;
  await new FolderTape(bucket).append(RECORDING, { first, last, bytes: documentsOf(FRAGMENTS) });
  const files = {
    'tables/x-calls.json': JSON.stringify([item]),
    'tables/x-checkpoints.json': '[]',
    ...Object.fromEntries(Object.entries(objects).map(([key, bytes]) => [`s3/bucket/${key}`, bytes])),
  };
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), bytes);
  }
}

async function report(args: Record<string, unknown> = {}) {
  const io = ioForTest({ cwd: dir });
  const access = await localAccess(dir);
  const deployment = { kind: 'local', dir, byDefault: false } as const;
  const out = join(dir, 'page.html');
  const code = await reportCall(access, deployment, io, { id: CONTACT_ID, out, ...args });
  return { code, ...io.said, page: await readFile(out, 'utf8') };
}

/** The hash is checked on reading, so the record must have the real one. */
async function hashed(item: CallRecord): Promise<CallRecord> {
  const { createHash } = await import('node:crypto');
  const sha256 = createHash('sha256').update(WAV.subarray(44)).digest('hex');
  return { ...item, ...(item.audio && { audio: { ...item.audio, sha256 } }) };
}

describe('a report', () => {
  it('of a finished call has its audio inside, and its tape', async () => {
    await folder(await hashed(finished([GAP])), { [wavKey(RECORDING, STARTED)]: WAV });
    const { code, page, out } = await report();
    expect(code).toBe(EXIT.ok);
    expect(out).toBe(`${join(dir, 'page.html')}\n`);
    const base64 = /src="data:audio\/wav;base64,([^"]*)"/.exec(page)?.[1] ?? '';
    expect(Buffer.from(base64, 'base64').equals(WAV)).toBe(true);
    expect(page).toContain('Tape objects (1)');
    expect(page).toContain('Gaps (1)');
    expect((await readdir(dir)).sort()).toEqual(['page.html', 's3', 'tables']);
  });

  it('of a longer one has it in a file beside it', async () => {
    await folder(await hashed(finished([])), { [wavKey(RECORDING, STARTED)]: WAV });
    const { page, err } = await report({ 'embed-max': 0.1 });
    expect(page).toContain('src="page.wav"');
    expect((await readFile(join(dir, 'page.wav'))).equals(WAV)).toBe(true);
    expect(err).toContain('page.wav');
  });

  it('has all gaps, where the table’s record has the first ones alone', async () => {
    const gaps = Array.from({ length: 30 }, (_, index): Gap => ({
      ...GAP,
      startMs: 100 * index,
      lengthMs: 50,
    }));
    const full = await hashed(finished(gaps));
    await folder(await hashed(finished(gaps.slice(0, 2), 30)), {
      [wavKey(RECORDING, STARTED)]: WAV,
      [recordKey(RECORDING, STARTED)]: JSON.stringify(full),
    });
    const { page } = await report();
    expect(page.match(/class="gap"\s+x=/g)).toHaveLength(30);
    expect(page).toContain('Gaps (30)');
  });

  it('of a call that is still recorded shows what is on its tape so far', async () => {
    const { audio, media, durationMs, ...begun } = finished([]);
    expect([audio, media, durationMs]).not.toContain(undefined);
    await folder({ ...begun, status: 'RECORDING' });
    const { code, page } = await report();
    expect(code).toBe(EXIT.notComplete);
    expect(page).toContain('data-duration="6.000"');
    expect(page).toContain('src="data:audio/wav');
  });

  it('may take its audio from S3, by a link that expires, to the bucket that was read', async () => {
    const { audio, ...rest } = await hashed(finished([]));
    // Whoever writes records could lead the page’s reader anywhere.
    await folder(
      { ...rest, ...(audio && { audio: { ...audio, bucket: 'elsewhere' } }) },
      { [wavKey(RECORDING, STARTED)]: WAV },
    );
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    const io = ioForTest({ cwd: dir });
    const aws = {
      kind: 'aws',
      prefix: 'callspool',
      region: 'eu-west-2',
      callsTable: 'x-calls',
      checkpointsTable: 'x-checkpoints',
      transcriptsTable: 'x-transcripts',
    } as const;
    const out = join(dir, 'page.html');
    const access = await localAccess(dir);
    const objectsOf = () => Object.assign(access.objectsOf(undefined), { name: 'bucket' });
    await reportCall({ ...access, objectsOf }, aws, io, { id: CONTACT_ID, out, presign: 2 });
    const page = await readFile(out, 'utf8');
    const url = new URL(/<audio[^>]* src="([^"]*)"/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? '');
    expect(url.origin + url.pathname).toBe(
      `https://bucket.s3.eu-west-2.amazonaws.com/${wavKey(RECORDING, STARTED)}`,
    );
    expect(url.searchParams.get('X-Amz-Expires')).toBe('7200');
    expect(page).not.toContain('data:audio');
    vi.unstubAllEnvs();
  });

  it('is refused where it can’t be made: no such call, a link to a local file', async () => {
    await folder(await hashed(finished([])), { [wavKey(RECORDING, STARTED)]: WAV });
    await expect(report({ id: 'nobody' })).rejects.toMatchObject({ exitCode: EXIT.notFound });
    await expect(report({ presign: 1 })).rejects.toMatchObject({ exitCode: EXIT.usage });
    await expect(report({ 'embed-max': -1 })).rejects.toMatchObject({ exitCode: EXIT.usage });
  });
});
