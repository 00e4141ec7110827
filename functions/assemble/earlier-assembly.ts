/** What an earlier assembly left: the record, and where that says too little, the JSON beside the WAV. */
import type { AssembleInput } from '../../contract/workflow.ts';
import { readablePart } from '../../ports/calls/call-item.ts';
import type { ContactCall } from '../../ports/calls/calls.ts';
import type { Recordings } from '../../ports/recordings/recordings.ts';
import { recordKey, wavKey } from '../../recording/audio/files/keys.ts';
import type {
  CallRecord,
  Completion,
  FurtherFile,
  StoredFile,
  Truncation,
} from '../../recording/call-record.ts';
import { isStored } from '../../recording/further-files.ts';
import { executionName, parseRecording, type Recording } from '../../recording/identity.ts';
import { earlierOf } from '../../recording/losses/earlier.ts';
import type { Earlier } from '../../recording/losses/evidence.ts';

/** A gap takes some 100 bytes: a day of one every second. */
const JSON_BYTES_MAX = 16 * 1024 * 1024;

export interface EarlierAssembly {
  /** Undefined where none has come to its end. */
  readonly evidence: Earlier | undefined;
  /** The files that it put beside the WAV, as far as they are still there. */
  readonly files: readonly StoredFile[];
}

/** @param own the record as it stands, once this assembly has claimed it */
export async function earlierAssembly(
  recordings: Recordings,
  input: AssembleInput,
  own: ContactCall | undefined,
): Promise<EarlierAssembly> {
  const recording = parseRecording(input.contactId, input.startFragmentNumber);
  const startedAt = new Date(input.startedAt);
  const record = await fullRecord(recordings, input, recording, own);
  if (record?.verification === undefined) return { evidence: undefined, files: [] };
  const key = wavKey(recording, startedAt);
  const isThere = record.audio !== undefined && (await recordings.standing(key)) !== undefined;
  const files = await filesThere(recordings, record.files ?? []);
  return { evidence: earlierOf(record, isThere), files };
}

async function filesThere(recordings: Recordings, files: readonly FurtherFile[]): Promise<StoredFile[]> {
  const there: StoredFile[] = [];
  for (const file of files)
    if (isStored(file) && (await recordings.standing(file.key)) !== undefined) there.push(file);
  return there;
}

async function fullRecord(
  recordings: Recordings,
  { executionArn, startedAt }: AssembleInput,
  recording: Recording,
  own: ContactCall | undefined,
): Promise<Partial<CallRecord> | undefined> {
  const { verification, media, audio } = own ?? {};
  const isCut = media !== undefined && media.gapCount > media.gaps.length;
  // Only a resumption can meet a record that was lost and made anew.
  const isFirst = executionArn.endsWith(`:${executionName(recording)}`);
  if (verification === undefined ? isFirst : !isCut) return own;
  const beside = await besideWav(recordings, recordKey(recording, new Date(startedAt)));
  const isOfSame = verification === undefined || beside?.audio?.sha256 === audio?.sha256;
  return beside?.verification !== undefined && isOfSame ? beside : own;
}

async function besideWav(recordings: Recordings, key: string): Promise<Partial<CallRecord> | undefined> {
  const bytes = await recordings.read(key, JSON_BYTES_MAX);
  if (!bytes) return undefined;
  try {
    return readablePart(JSON.parse(Buffer.from(bytes).toString()));
  } catch {
    return undefined;
  }
}

const RESULT: readonly (keyof Completion | keyof Truncation)[] = [
  'status',
  'why',
  'endedAt',
  'endReason',
  'durationMs',
  'attempts',
  'audio',
  'files',
  'transcript',
  'media',
  'losses',
  'lossCount',
  'disproved',
  'verification',
  'kept',
];
const OF_RESULT: ReadonlySet<string> = new Set(RESULT);

/** Takes out what an assembly writes: nothing of an earlier result may be left where the new one says nothing. */
export function beforeAssembly(own: ContactCall | undefined): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(own ?? {}).filter(([name]) => !OF_RESULT.has(name)));
}
