/** What was said, by the commands, on a local run's folder, as a user types them. The recogniser's words are known. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { TRANSCRIPTS_TABLE } from '../../../contract/tables.ts';
import { readWav } from '../../../local/run/wav-input.ts';
import { EnergyHearing } from '../../../local/standins/transcribe/hearing.ts';
import { scriptWords } from '../../../local/standins/transcribe/script.ts';
import {
  startTranscribe,
  type TranscribeOptions,
  type TranscribeStandin,
} from '../../../local/standins/transcribe/server.ts';
import { systemClock } from '../../../ports/runtime/clock.ts';
import { scaledClock } from '../../../ports/runtime/scaled-clock.ts';
import { FolderTable } from '../../../ports/table/folder-table.ts';
import { TableTranscripts } from '../../../ports/transcripts/table-transcripts.ts';
import { transcriptKey } from '../../../recording/audio/files/keys.ts';
import type { CallRecord } from '../../../recording/call-record.ts';
import { recordingId } from '../../../recording/identity.ts';
import { parseTranscript, type Transcript } from '../../../recording/transcript/document.ts';
import {
  type Speaker,
  SPEAKERS,
  type TranscriptRow,
  untranscribedId,
} from '../../../recording/transcript/segment.ts';
import { segment } from '../../recording/transcript/rows.ts';
import { callspool, type Ran } from '../../support/cli.ts';
import { BUCKET_DIR, writeLocalDir } from '../../support/local-dir.ts';
import { noise, produced, STARTED_AT_MS } from '../../support/local-run.ts';
import { recordedCall } from '../../support/recorded-call.ts';
import { scriptedRecogniser } from '../../support/scripted.ts';

const SAMPLE = join(import.meta.dirname, '../../../local/sample/call.wav');
const SCRIPT = join(import.meta.dirname, '../../../local/sample/make-call.sh');
const DAY = ['--day', '2026-03-14'];
const RECOGNISER = { CALLSPOOL_RECOGNISER: scriptedRecogniser('sample') };
/** A call in which nobody says a word that is known. */
const OTHER = produced(
  [noise(2_000, 1).map((sample) => sample >> 8), noise(2_000, 2).map((sample) => sample >> 8)],
  {
    startedAtMs: STARTED_AT_MS + 3_600_000,
    contactId: 'other-call',
  },
);

let dir: string;
/** How many words the sample’s lines have, and how many lines there are. */
let script: { readonly words: number; readonly lines: number };
let call: ReturnType<typeof produced>;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-words-'));
  call = produced(readWav(await readFile(SAMPLE)).channels);
  const lines = [...(await readFile(SCRIPT, 'utf8')).matchAll(/^(?:agent|customer) [\d.]+ "(.+)"$/gm)];
  script = { words: lines.flatMap(([, said = '']) => said.split(' ')).length, lines: lines.length };
  await writeLocalDir(local(), [
    [call, recordedCall(call)],
    [OTHER, recordedCall(OTHER)],
  ]);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true });
});

const local = () => join(dir, 'local-out');
const run = (env: Record<string, string>, ...args: string[]): Promise<Ran> =>
  callspool(args, { cwd: dir, env });
const cli = (...args: string[]) => run(RECOGNISER, ...args);
const rows = () =>
  new TableTranscripts(
    new FolderTable(join(local(), 'tables/callspool-transcripts.json'), TRANSCRIPTS_TABLE),
  );

async function written(): Promise<Transcript | undefined> {
  const key = transcriptKey(call, new Date(call.startedAtMs), 'json');
  return parseTranscript(await readFile(join(local(), 's3', BUCKET_DIR, key), 'utf8'));
}

async function recordOf(contactId: string): Promise<CallRecord | undefined> {
  const { out } = await cli('calls', 'show', contactId, '--json');
  return (JSON.parse(out) as CallRecord[])[0];
}

describe('a call that is followed', () => {
  test('shows who speaks as it is written down, each line once, and at the end what came late', async () => {
    const said = (text: string, startMs: number, channel: Speaker = 'CUSTOMER') => ({
      ...segment(text, { startMs, channel }),
      recordingId: recordingId(call),
    });
    await writeLocalDir(local(), [[call, recordedCall(call, { status: 'RECORDING' })]]);
    await rows().put(said('good morning', 500, 'AGENT'));
    const comes = [
      () => rows().put(said('now', 1_000_000)),
      // A side that was late; and one that was later than rows are read again.
      () => rows().put(said('somewhat late', 900_000, 'AGENT')),
      () => rows().put(said('very late', 20_000)),
      () => writeLocalDir(local(), [[call, recordedCall(call)]]),
    ];
    const lines: string[] = [];
    const clock = {
      now: () => STARTED_AT_MS,
      sleep: async () => {
        lines.push('--');
        await comes.shift()?.();
      },
    };
    const write = (chunk: string | Uint8Array) => lines.push(...chunk.toString().trimEnd().split('\n')) > 0;
    const stdout = { write, once: () => undefined };
    const follow = (...args: string[]) =>
      callspool(['calls', 'follow', call.contactId, ...args], { cwd: dir, clock, stdout });

    expect((await follow('--words')).code).toBe(0);
    expect(lines.filter((line) => line === '--' || line.startsWith('['))).toEqual([
      '[0:00.5] Agent: good morning',
      '--',
      '[16:40.0] Customer: now',
      '--',
      '[15:00.0] Agent: somewhat late',
      '--',
      '--',
      '[0:20.0] Customer: very late',
    ]);
    lines.length = 0;
    await follow();
    expect(lines.join()).not.toContain('good morning');
    await follow('--words', '--json');
    expect(
      lines.filter((line) => line.includes('"text"')).map((line) => JSON.parse(line) as unknown),
    ).toMatchObject([
      { text: 'good morning' },
      { text: 'very late' },
      { text: 'somewhat late' },
      { text: 'now' },
    ]);
  });
});

describe('a finished call', () => {
  test('is written down by a recogniser: shown, found, and told in the record', async () => {
    const { code, err } = await cli('calls', 'transcribe', call.contactId);
    expect(code).toBe(0);
    expect(err).toContain(`: ${script.words} words in ${script.lines} segments\n`);
    expect(await recordOf(call.contactId)).toMatchObject({
      transcript: { segments: script.lines, words: script.words, untranscribed: 0, sources: ['recognise'] },
    });
    const { out } = await cli('calls', 'show', call.contactId, '--words');
    expect(out).toContain('[0:00.5] Agent: Good morning, Acme Books, this is Ann. How can I help you?');
    expect(out).toMatch(/Customer: Very good\. Thank you, goodbye\./);

    const found = await cli('calls', 'search', 'Express', 'MAIL', ...DAY);
    expect(found.code).toBe(0);
    expect(found.out).toMatch(
      /^2026-03-14 09:26:53 UTC +\S+ +0:\d\d +Agent: Thank you .* by express mail\.\n$/,
    );
    expect(found.err).toContain('1 place in 1 transcript of 2 calls');
    const hits = (await cli('calls', 'search', 'goodbye', ...DAY, '--json')).out.trim().split('\n');
    expect(hits.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { contactId: call.contactId, channel: 'CUSTOMER', source: 'recognise', isFinished: true },
      { contactId: call.contactId, channel: 'AGENT' },
    ]);
    expect((await cli('calls', 'search', 'never said', ...DAY)).code).toBe(3);
    expect((await cli('calls', 'search', '!', ...DAY)).code).toBe(2);
  });

  test('of many, those that nobody has written down; anew where that is asked for', async () => {
    await rows().put({ ...segment('an old word', { startMs: 500 }), recordingId: recordingId(call) });
    const first = await cli('calls', 'transcribe', '--all', ...DAY);
    expect(first.code).toBe(0);
    expect(first.err).toContain(`${recordingId(OTHER)}: 0 words in 0 segments`);
    const again = await cli('calls', 'transcribe', '--all', ...DAY);
    expect([again.code, again.err]).toEqual([0, expect.not.stringContaining('words in')]);
    expect((await cli('calls', 'search', 'old', ...DAY)).code).toBe(0);
    await cli('calls', 'transcribe', call.contactId, '--anew');
    expect((await cli('calls', 'search', 'old', ...DAY)).code).toBe(3);
    expect((await written())?.segments).toHaveLength(script.lines);
    for (const args of [[], ['--all', call.contactId]])
      expect((await cli('calls', 'transcribe', ...args)).code).toBe(2);
    const before = await cli('calls', 'transcribe', '--all', '--since', '1h', '--anew');
    expect([before.code, before.err]).toEqual([0, expect.not.stringContaining('words in')]);
  });

  test('of one whose record is damaged keeps no other from being written down, and found', async () => {
    const file = join(local(), 'tables/callspool-calls.json');
    const items = JSON.parse(await readFile(file, 'utf8')) as CallRecord[];
    const spoil = (of: { contactId: string }, damage: (item: CallRecord) => object) =>
      items.map((item) => (item.contactId === of.contactId ? { ...item, ...damage(item) } : item));
    for (const damage of [
      () => ({ durationMs: 'long' }),
      () => ({ losses: 'none' }),
      ({ audio }: CallRecord) => ({ audio: { ...audio, sampleRate: 'high' } }),
    ]) {
      await writeFile(file, JSON.stringify(spoil(OTHER, damage)));
      const written = await cli('calls', 'transcribe', '--all', '--anew', ...DAY);
      expect(written.code).toBe(1);
      expect(written.err).toMatch(/left out: .*other-call/);
      expect(written.err).toContain(`${recordingId(call)}: ${script.words} words`);
      const found = await cli('calls', 'search', 'goodbye', ...DAY);
      expect(found.code).toBe(1);
      expect(found.err).toMatch(/left out: .*other-call/);
      expect(found.out).toContain(recordingId(call));
    }
  });

  test('is completed: what was written down stays, and what couldn’t be is no more told', async () => {
    const id = recordingId(call);
    const facts = { recordingId: id, source: 'recognise', startedAt: call.startedAtMs } as const;
    const end: TranscriptRow = {
      ...facts,
      segmentId: untranscribedId(0, 'AGENT', 'recognise'),
      startMs: 0,
      endMs: 31_000,
      channel: 'AGENT',
      untranscribed: 'END',
    };
    await rows().put(end);
    const { code } = await cli('calls', 'transcribe', call.contactId);
    expect(code).toBe(0);
    expect(await written()).toMatchObject({ segments: { length: script.lines }, untranscribed: [] });
    const { length } = await rows().ofRecording(id);
    expect((await cli('calls', 'transcribe', call.contactId)).code).toBe(0);
    expect(await rows().ofRecording(id)).toHaveLength(length);
  });

  test('counts from the WAV’s frame 0, though its rows counted from a later one', async () => {
    const id = recordingId(call);
    await cli('calls', 'transcribe', call.contactId);
    const all = await rows().ofRecording(id);
    await rows().erase(id);
    // As a listener wrote them who hadn’t been given the first 0.4 s.
    const shiftMs = 400;
    for (const row of all.slice(0, 3)) {
      if (!('words' in row)) continue;
      const words = row.words.map((word) => {
        return { ...word, startMs: word.startMs - shiftMs, endMs: word.endMs - shiftMs };
      });
      const moved = { startMs: row.startMs - shiftMs, endMs: row.endMs - shiftMs };
      const start = String(moved.startMs * 8).padStart(12, '0');
      await rows().put({ ...row, ...moved, words, segmentId: row.segmentId.replace(/^\d+/, start) });
    }
    await cli('calls', 'transcribe', call.contactId);
    const again = await written();
    expect(again?.frameShift).toBe(shiftMs * 8);
    const at = (list: readonly { readonly startMs: number; readonly text: string }[], by: number) =>
      list.map(({ startMs, text }) => `${startMs + by} ${text}`);
    const before = all.flatMap((row) => ('text' in row ? [row] : []));
    expect(at(again?.segments ?? [], shiftMs).toSorted()).toEqual(at(before, 0).toSorted());
  });

  test('is forgotten after so many days as a setting says', async () => {
    const days = 30;
    const env = { ...RECOGNISER, CALLSPOOL_TRANSCRIPT_DAYS: String(days) };
    expect((await run(env, 'calls', 'transcribe', call.contactId)).code).toBe(0);
    const all = await rows().ofRecording(recordingId(call));
    expect(all).toHaveLength(script.lines);
    for (const { startedAt, expiresAt } of all)
      expect(expiresAt).toBe(Math.floor(startedAt / 1_000) + days * 86_400);
  });

  test('is written down in the language that its contact’s attribute names', async () => {
    const languages = async (attributes: Record<string, string>, setting = 'de,fr') => {
      await writeLocalDir(local(), [[call, recordedCall(call, { attributes })]]);
      const env = {
        CALLSPOOL_RECOGNISE_LANGUAGE_ATTRIBUTE: 'spoken',
        CALLSPOOL_RECOGNISE_ATTRIBUTE_LANGUAGES: setting,
      };
      const args = ['calls', 'transcribe', call.contactId, '--anew'];
      const { code, err } = await run({ ...RECOGNISER, ...env }, ...args);
      const heard = code === 0 ? (await written())?.segments.map(({ language }) => language) : undefined;
      return { code, err, heard: heard && [...new Set(heard)] };
    };
    expect(await languages({ spoken: 'de' })).toMatchObject({ code: 0, heard: ['de'] });
    const other = await languages({ spoken: 'my secret' });
    // The recogniser’s own.
    expect(other).toMatchObject({ code: 0, heard: ['en'] });
    expect(other.err).toContain(
      `${recordingId(call)}: the contact’s attribute names no language that is allowed\n`,
    );
    expect(other.err).not.toContain('secret');
    expect((await languages({}, '')).code).toBe(2);
  });

  test('is left alone by a recogniser that breaks off', async () => {
    const { code, err } = await run(
      { CALLSPOOL_RECOGNISER: 'exit 9' },
      'calls',
      'transcribe',
      call.contactId,
    );
    expect([code, err]).toEqual([1, expect.stringContaining('the recogniser failed on')]);
    expect((await recordOf(call.contactId))?.transcript).toBeUndefined();
    const masked = await run({ ...RECOGNISER, CALLSPOOL_MASK: '#{' }, 'calls', 'transcribe', call.contactId);
    expect(masked.code).toBe(2);
  });

  test('is written down nowhere where it is erased meanwhile', { timeout: 60_000 }, async () => {
    const [heard, goOn] = ['heard', 'go-on'].map((name) => join(dir, name));
    await promisify(execFile)('mkfifo', [heard ?? '', goOn ?? '']);
    const waiting = `${scriptedRecogniser('sample')} && cat '${heard}' '${goOn}' >&2`;
    const written = run({ CALLSPOOL_RECOGNISER: waiting }, 'calls', 'transcribe', call.contactId);
    // Opened when all has been said.
    await writeFile(heard ?? '', '');
    const id = recordingId(call);
    await expect.poll(async () => (await rows().ofRecording(id)).length).toBe(script.lines);
    expect((await cli('calls', 'erase', call.contactId, '--yes')).code).toBe(0);
    await writeFile(goOn ?? '', '');
    const { code, err } = await written;

    expect([code, err]).toEqual([4, expect.stringContaining('it has been erased meanwhile')]);
    expect(await rows().ofRecording(id)).toEqual([]);
    const files = await readdir(join(local(), 's3'), { recursive: true });
    expect(files.filter((file) => file.includes(call.contactId))).toEqual([]);
    expect((await cli('calls', 'show', OTHER.contactId)).code).toBe(0);
  });

  const SCALE = 50;

  async function byTranscribe(
    options: Pick<TranscribeOptions, 'fate'> = {},
  ): Promise<{ standin: TranscribeStandin; by: (env?: Record<string, string>) => Promise<Ran> }> {
    const standin = await startTranscribe({
      hearing: (rate, tell) => new EnergyHearing(rate, scriptWords(), tell),
      clock: scaledClock(systemClock, SCALE),
      silenceMs: 600_000,
      ...options,
    });
    onTestFinished(() => standin.close());
    const env = {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL_TRANSCRIBE_STREAMING: standin.url,
      CALLSPOOL_TRANSCRIBE_SCALE: String(SCALE),
    };
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    const args = ['calls', 'transcribe', call.contactId, '--source', 'transcribe', '--local', local()];
    return { standin, by: (more = {}) => run({ ...env, ...more }, ...args) };
  }

  test('is written down by Amazon Transcribe, whose words stand beside', { timeout: 60_000 }, async () => {
    const { standin, by } = await byTranscribe();
    expect((await by({ CALLSPOOL_TRANSCRIBE_LANGUAGE: 'english' })).code).toBe(2);
    const { code, err } = await by();
    expect(code).toBe(0);
    expect(err).toContain(`: ${script.words} words in ${script.lines} segments\n`);
    expect(await written()).toMatchObject({ sources: ['transcribe'], segments: { length: script.lines } });
    expect(standin.streams.map(({ ended }) => ended)).toEqual(['done']);
  });

  test('is told not to be whole where the service won’t have it', async () => {
    const refusal = { kind: 'refuse', code: 'BadRequestException', statusCode: 400 } as const;
    const { by } = await byTranscribe({ fate: () => refusal });
    const { code, err } = await by();
    expect([code, err]).toEqual([4, expect.stringContaining('0 words in 0 segments, and nothing of')]);
    expect(await written()).toMatchObject({ segments: [], untranscribed: { length: SPEAKERS.length } });
  });
});
