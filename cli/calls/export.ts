/**
 * Many calls into a folder: `<recordingId>.wav`, what the assembly has stored beside it (`<recordingId>.flac`), and
 * `<recordingId>.json` with the record. Run again, it goes on
 * where it stopped: a file whose size and samples are those that the record promises is not fetched again. What can't
 * be exported is told, and doesn't keep the others; what concerns all of them ends it.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { OnDamaged } from '../../ports/calls/call-queries.ts';
import { ObjectMissing } from '../../ports/objects/stored-objects.ts';
import { eachOf } from '../../ports/runtime/each.ts';
import type { DamagedItem } from '../../ports/table/item.ts';
import { WAV } from '../../recording/audio/format/wav/wav.ts';
import { BYTES_PER_FRAME } from '../../recording/audio/stereo-window.ts';
import { type Audio, type CallRecord, isFinal } from '../../recording/call-record.ts';
import { parseRecordingId } from '../../recording/identity.ts';
import { transcriptFiles } from '../../recording/transcript/files.ts';
import type { Access } from '../access/access.ts';
import { storedAudio } from '../audio/source.ts';
import { isFilePresent, storedFileBytes, storedFiles } from '../audio/stored-file.ts';
import { fileBytes } from '../audio/write-file.ts';
import { PRIVATE_FOLDER, writeWhole } from '../files/whole-file.ts';
import { callsOf } from '../selection/identify.ts';
import { isOfOneCall } from '../selection/left-out.ts';
import { type FilterArguments, selectCalls } from '../selection/select.ts';
import { CliError, EXIT, type ExitCode } from '../terminal/exit.ts';
import { type Io, note, print } from '../terminal/io.ts';
import { count, jsonText, size } from '../terminal/terminal.ts';
import { wordsOf } from '../words/words.ts';

export interface ExportArguments extends FilterArguments {
  readonly ids?: readonly string[] | undefined;
  readonly out: string;
  readonly 'at-a-time': number;
}

type ExportOutcome = 'fetched' | 'present' | 'noAudio' | 'underWay' | 'gone' | 'failed';

export async function exportCalls(access: Access, io: Io, args: ExportArguments): Promise<ExitCode> {
  const damaged: DamagedItem[] = [];
  const recordingIds = await chosen(access, io, args, (error) => damaged.push(error));
  for (const { message } of damaged) note(io, `left out: ${message}`);
  if (recordingIds.length === 0 && damaged.length === 0) {
    note(io, `no such calls in ${access.where}`);
    return EXIT.notFound;
  }
  await mkdir(args.out, { recursive: true, mode: PRIVATE_FOLDER });
  const tally = new Tally(io, recordingIds.length);
  try {
    await eachOf(iterate(recordingIds, io.signal), args['at-a-time'], async (recordingId) => {
      try {
        const call = await access.calls.get(parseRecordingId(recordingId));
        const stem = join(args.out, recordingId);
        const exported = await untilInterrupted(io.signal, () => exportOne(access, call, stem, io.signal));
        if (exported !== undefined) tally.add(exported.outcome, recordingId, exported.bytes);
      } catch (error) {
        if (!isOfOneCall(error)) throw error;
        tally.add('failed', recordingId, 0, error.message);
      }
    });
  } finally {
    tally.finish();
    print(io, tally.summary());
  }
  if (io.signal.aborted) return EXIT.notComplete;
  if (tally.of('failed') + damaged.length > 0) return EXIT.failed;
  return tally.of('underWay') + tally.of('gone') > 0 ? EXIT.notComplete : EXIT.ok;
}

/** Ids alone: a hundred thousand of them take little room. */
async function chosen(
  access: Access,
  io: Io,
  { ids = [], ...filter }: ExportArguments,
  damaged: OnDamaged,
): Promise<string[]> {
  const filters = [filter.since, filter.day, filter.from, filter.to, filter.customer, filter.status];
  if (ids.length > 0 && filters.some((given) => given !== undefined)) {
    throw new CliError(EXIT.usage, 'give calls, or say which ones by --since and the like; not both');
  }
  const chosenIds: string[] = [];
  if (ids.length > 0) {
    for (const id of ids)
      chosenIds.push(...(await callsOf(access, id)).map(({ recordingId }) => recordingId));
  } else {
    for await (const { recordingId } of selectCalls(access, io, filter, damaged)) chosenIds.push(recordingId);
  }
  return [...new Set(chosenIds)];
}

async function* iterate(values: readonly string[], signal: AbortSignal): AsyncGenerator<string> {
  for (const value of values) {
    if (signal.aborted) return;
    yield await Promise.resolve(value);
  }
}

interface Exported {
  readonly outcome: ExportOutcome;
  /** The bytes that were fetched. */
  readonly bytes: number;
}

/** @returns undefined when it was interrupted */
async function untilInterrupted<T>(signal: AbortSignal, action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

/** @param stem of the files' names */
async function exportOne(
  access: Access,
  call: CallRecord | undefined,
  stem: string,
  signal: AbortSignal,
): Promise<Exported> {
  // Erased since it was listed.
  if (call === undefined) return { outcome: 'gone', bytes: 0 };
  if (!isFinal(call.status)) return { outcome: 'underWay', bytes: 0 };
  const files = filesOf(access, call, stem);
  const outcomes = new Set<ExportOutcome>();
  let bytes = 0;
  for (const file of files) {
    const outcome = await exportFile(file, signal);
    outcomes.add(outcome);
    if (outcome === 'fetched') bytes += file.bytes;
  }
  await writeWords(access, call, stem);
  await writeIfChanged(`${stem}.json`, `${jsonText(call, 2)}\n`);
  const outcome = BY_WEIGHT.find((each) => outcomes.has(each)) ?? 'noAudio';
  return { outcome, bytes };
}

/** What was said, as it stands beside the WAV. */
async function writeWords(access: Access, call: CallRecord, stem: string): Promise<void> {
  const transcript = await wordsOf(access, call);
  if (transcript === undefined) return;
  for (const { key, bytes } of transcriptFiles(transcript, parseRecordingId(call.recordingId), new Date(0)))
    await writeIfChanged(`${stem}.transcript${extname(key)}`, Buffer.from(bytes).toString());
}

/** What is told of a recording some of whose files came to this, and others to that. */
const BY_WEIGHT = ['gone', 'fetched', 'present'] as const;

interface ExportedFile {
  readonly path: string;
  readonly bytes: number;
  isPresent(): Promise<boolean>;
  content(): AsyncIterable<Uint8Array>;
}

/** The WAV, and what the assembly has stored beside it. */
function filesOf(access: Access, call: CallRecord, stem: string): ExportedFile[] {
  const source = storedAudio(access, call);
  const { audio } = call;
  if (source === undefined || audio === undefined) return [];
  const whole = { fromFrame: 0, toFrame: source.frames };
  const wav: ExportedFile = {
    path: `${stem}.${WAV.extension}`,
    bytes: audio.bytes,
    isPresent: () => isPresent(wav.path, audio),
    content: () => fileBytes(source, whole, WAV),
  };
  const further = storedFiles(call).map((file): ExportedFile => {
    const path = `${stem}${extname(file.key)}`;
    return {
      path,
      bytes: file.bytes,
      isPresent: () => isFilePresent(path, file),
      content: () => storedFileBytes(access, call, file),
    };
  });
  return [wav, ...further];
}

async function exportFile(file: ExportedFile, signal: AbortSignal): Promise<'present' | 'fetched' | 'gone'> {
  if (await file.isPresent()) return 'present';
  try {
    await writeWhole(file.path, file.content(), signal);
    return 'fetched';
  } catch (error) {
    if (signal.aborted || !(error instanceof ObjectMissing)) throw error;
    return 'gone';
  }
}

async function isPresent(file: string, audio: Audio): Promise<boolean> {
  const bytes = await stat(file).then(
    (stats) => stats.size,
    () => -1,
  );
  if (bytes !== audio.bytes) return false;
  const hash = createHash('sha256');
  const samples = createReadStream(file, { start: audio.bytes - audio.frames * BYTES_PER_FRAME });
  for await (const chunk of samples) if (chunk instanceof Uint8Array) hash.update(chunk);
  return hash.digest('hex') === audio.sha256;
}

async function writeIfChanged(file: string, text: string): Promise<void> {
  const standing = await readFile(file, 'utf8').catch(() => undefined);
  if (standing !== text) await writeWhole(file, [text]);
}

const OUTCOMES: Readonly<Record<ExportOutcome, string>> = {
  fetched: 'fetched',
  present: 'there already',
  noAudio: 'without audio',
  underWay: 'still under way: export again later',
  gone: 'not to be had any more',
  failed: 'failed',
};

/** What came of how many; on a terminal it shows how far it is. */
class Tally {
  readonly #io: Io;
  readonly #total: number;
  readonly #counts = new Map<ExportOutcome, number>();
  #done = 0;
  #bytes = 0;

  constructor(io: Io, total: number) {
    this.#io = io;
    this.#total = total;
  }

  of(outcome: ExportOutcome): number {
    return this.#counts.get(outcome) ?? 0;
  }

  /** @param why of one that failed */
  add(outcome: ExportOutcome, recordingId: string, bytes = 0, why?: string): void {
    this.#counts.set(outcome, this.of(outcome) + 1);
    this.#done += 1;
    if (outcome === 'fetched') this.#bytes += bytes;
    const { stderr } = this.#io;
    if (outcome === 'underWay' || outcome === 'gone' || outcome === 'failed') {
      if (stderr.isTTY === true) stderr.write('\r\u001b[2K');
      note(this.#io, `${recordingId}: ${OUTCOMES[outcome]}${why === undefined ? '' : `: ${why}`}`);
    }
    if (stderr.isTTY === true)
      stderr.write(`\r\u001b[2K${this.#done} of ${count(this.#total, 'recording')}, ${size(this.#bytes)}`);
  }

  finish(): void {
    if (this.#io.stderr.isTTY === true) this.#io.stderr.write('\r\u001b[2K');
  }

  summary(): string {
    const parts = [...this.#counts].map(([outcome, number]) => `${number} ${OUTCOMES[outcome]}`);
    const left = this.#total - this.#done;
    return [...parts, ...(left > 0 ? [`${left} left`] : [])].join(', ') + ` (${size(this.#bytes)})`;
  }
}
