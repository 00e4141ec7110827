/**
 * DIR: `<contactId>.wav` (`.flac`, where it was asked for), `<contactId>.json` (the call record), `<contactId>.html` (a page about the call, see
 * report.ts), `s3/<bucket>/<key…>`, `tables/<table>.json`, `logs/`.
 * What earlier runs left there is replaced as far as this one writes it: recordings of other calls stay, in the
 * tables too. Nothing else is touched.
 */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, rm } from 'node:fs/promises';
import { extname, join } from 'node:path';
import * as v from 'valibot';
import { TRANSCRIPTS_TABLE } from '../../contract/tables.ts';
import { FolderTable } from '../../ports/table/folder-table.ts';
import { TableTranscripts } from '../../ports/transcripts/table-transcripts.ts';
import { FILE_FORMATS } from '../../recording/audio/files/formats.ts';
import { recordingId } from '../../recording/identity.ts';
import { parseTapeKey, tapePrefix } from '../../recording/tape/keys.ts';
import { dumpStores, objectFile, writeJson } from '../system/store.ts';
import type { System } from '../system/system.ts';
import type { LocalCall } from './call.ts';
import type { CallResult } from './run-call.ts';

export interface OutputFiles {
  readonly record: string;
  /** Absent where no WAV was made. */
  readonly wav?: string;
  /** In further formats. */
  readonly further?: readonly string[];
  /** The page about the call. */
  readonly report?: string;
}

const audioOf = v.object({
  audio: v.object({ bucket: v.string(), key: v.string() }),
  files: v.optional(v.array(v.object({ key: v.optional(v.string()) })), []),
});

export async function writeOutput(
  dir: string,
  system: System,
  call: LocalCall,
  result: CallResult,
): Promise<OutputFiles> {
  const ofCall = (extension: string) => join(dir, `${call.contactId}.${extension}`);
  const record = ofCall('json');
  const earlier = [record, ...FILE_FORMATS.map(({ extension }) => ofCall(extension))];
  await Promise.all(earlier.map((file) => rm(file, { force: true })));
  await dumpStores(system, { dir, tables: Object.values(system.tables), buckets: [system.bucket] });
  await writeJson(record, result.record);
  const { success, output } = v.safeParse(audioOf, result.record);
  if (!success) return { record };
  const { audio, files } = output;
  const keys = [audio.key, ...files.flatMap(({ key }) => key ?? [])];
  const copies = keys.map((key) => [key, ofCall(extname(key).slice(1))] as const);
  for (const [key, copy] of copies) await copyFile(objectFile(dir, audio.bucket, key), copy);
  const [wav, ...further] = copies.map(([, copy]) => copy);
  return { record, ...(wav !== undefined && { wav }), further };
}

/** Prepares DIR before anything of the call is written, so that it holds no earlier tape of it. */
export async function prepareOutput(dir: string, system: System, call: LocalCall): Promise<void> {
  await removeTape(dir, system, call);
  await removeWords(dir, system, call);
  await mkdir(join(dir, 's3', system.bucket), { recursive: true });
}

/** A tape that an earlier run left of the same recording; its objects have names that this run's haven't. */
async function removeTape(dir: string, { bucket }: System, call: LocalCall): Promise<void> {
  const folder = objectFile(dir, bucket, tapePrefix(call).replace(/\/$/, ''));
  if (!existsSync(folder)) return;
  for (const name of await readdir(folder)) {
    if (isTapeObject(name)) await rm(join(folder, name));
  }
}

/** What an earlier run wrote down of it: cut elsewhere, it would stand beside what this one writes down. */
async function removeWords(dir: string, { tables }: System, call: LocalCall): Promise<void> {
  if (tables.transcripts === undefined) return;
  const table = new FolderTable(join(dir, 'tables', `${tables.transcripts}.json`), TRANSCRIPTS_TABLE);
  await new TableTranscripts(table).erase(recordingId(call));
}

function isTapeObject(name: string): boolean {
  try {
    parseTapeKey(name);
    return true;
  } catch {
    return false;
  }
}
