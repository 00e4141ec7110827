/**
 * Many calls into a folder: `<recordingId>.wav`, and `<recordingId>.json` with the record. Run again, it goes on
 * where it stopped: a file whose size and samples are those that the record promises is not fetched again.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ObjectMissing } from '../../ports/stored-objects.ts';
import { type CallRecord, isFinal } from '../../recording/call-record.ts';
import { parseRecordingId } from '../../recording/identity.ts';
import { BYTES_PER_FRAME } from '../../recording/stereo-window.ts';
import type { Access } from '../access.ts';
import { storedAudio } from '../audio/source.ts';
import { wavBytes } from '../audio/write-wav.ts';
import { eachOf } from '../../ports/each.ts';
import { CliError, EXIT, type ExitCode } from '../exit.ts';
import { type Io, note, print } from '../io.ts';
import { count, size } from '../terminal.ts';
import { writeWhole } from '../whole-file.ts';
import { callsOf } from './identify.ts';
import { type FilterArguments, selectCalls } from './list.ts';

export interface ExportArguments extends FilterArguments {
  readonly ids?: readonly string[] | undefined;
  readonly out: string;
  readonly 'at-a-time': number;
}

type Outcome = 'fetched' | 'present' | 'noAudio' | 'underWay' | 'gone';

export async function exportCalls(access: Access, io: Io, args: ExportArguments): Promise<ExitCode> {
  const recordingIds = await chosen(access, io, args);
  if (recordingIds.length === 0) {
    note(io, `no such calls in ${access.where}`);
    return EXIT.notFound;
  }
  await mkdir(args.out, { recursive: true });
  const tally = new Tally(io, recordingIds.length);
  try {
    await eachOf(iterate(recordingIds, io.signal), args['at-a-time'], async (recordingId) => {
      const call = await access.calls.get(parseRecordingId(recordingId));
      // Erased since it was listed.
      if (call === undefined) tally.add('gone', recordingId);
      else {
        const outcome = await exportOne(access, call, args.out, io.signal);
        if (outcome !== undefined) tally.add(outcome, recordingId, call.audio?.bytes);
      }
    });
  } finally {
    tally.finish();
    print(io, tally.summary());
  }
  if (io.signal.aborted) return EXIT.notComplete;
  return tally.of('underWay') + tally.of('gone') > 0 ? EXIT.notComplete : EXIT.ok;
}

/** Ids alone: a hundred thousand of them take little room. */
async function chosen(access: Access, io: Io, { ids = [], ...filter }: ExportArguments): Promise<string[]> {
  const filters = [filter.since, filter.day, filter.from, filter.to, filter.customer, filter.status];
  if (ids.length > 0 && filters.some((given) => given !== undefined)) {
    throw new CliError(EXIT.usage, 'give calls, or say which ones by --since and the like; not both');
  }
  const chosenIds: string[] = [];
  if (ids.length > 0) {
    for (const id of ids)
      chosenIds.push(...(await callsOf(access, id)).map(({ recordingId }) => recordingId));
  } else {
    for await (const { recordingId } of selectCalls(access, io, filter)) chosenIds.push(recordingId);
  }
  return [...new Set(chosenIds)];
}

async function* iterate(values: readonly string[], signal: AbortSignal): AsyncGenerator<string> {
  for (const value of values) {
    if (signal.aborted) return;
    yield await Promise.resolve(value);
  }
}

/** @returns undefined when it was interrupted. @throws what concerns more than one call, such as expired credentials */
async function exportOne(
  access: Access,
  call: CallRecord,
  dir: string,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  if (!isFinal(call.status)) return 'underWay';
  const stem = join(dir, call.recordingId);
  const source = storedAudio(access, call);
  let outcome: Outcome = 'noAudio';
  if (source !== undefined && (await isPresent(`${stem}.wav`, call))) outcome = 'present';
  else if (source !== undefined) {
    try {
      await writeWhole(`${stem}.wav`, wavBytes(source, { fromFrame: 0, toFrame: source.frames }), signal);
      outcome = 'fetched';
    } catch (error) {
      if (signal.aborted) return undefined;
      if (!(error instanceof ObjectMissing)) throw error;
      outcome = 'gone';
    }
  }
  await writeIfChanged(`${stem}.json`, `${JSON.stringify(call, undefined, 2)}\n`);
  return outcome;
}

async function isPresent(file: string, { audio }: CallRecord): Promise<boolean> {
  if (audio === undefined) return false;
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
  if (standing !== text) await writeFile(file, text);
}

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  fetched: 'fetched',
  present: 'there already',
  noAudio: 'without audio',
  underWay: 'still under way: export again later',
  gone: 'not to be had any more',
};

/** What came of how many; on a terminal it shows how far it is. */
class Tally {
  readonly #io: Io;
  readonly #total: number;
  readonly #counts = new Map<Outcome, number>();
  #done = 0;
  #bytes = 0;

  constructor(io: Io, total: number) {
    this.#io = io;
    this.#total = total;
  }

  of(outcome: Outcome): number {
    return this.#counts.get(outcome) ?? 0;
  }

  add(outcome: Outcome, recordingId: string, bytes = 0): void {
    this.#counts.set(outcome, this.of(outcome) + 1);
    this.#done += 1;
    if (outcome === 'fetched') this.#bytes += bytes;
    const { stderr } = this.#io;
    if (outcome === 'underWay' || outcome === 'gone') {
      if (stderr.isTTY === true) stderr.write('\r\u001b[2K');
      note(this.#io, `${recordingId}: ${OUTCOMES[outcome]}`);
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
