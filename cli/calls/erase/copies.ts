/**
 * Copies of recordings that S3 has made in other buckets (the setting replicateTo). S3 never copies that a version was
 * erased, so that they have to be erased where they are, with the rights that whoever erases has there.
 */
import { isRefusal } from '../../../ports/objects/refusal.ts';
import type { ObjectVersion, StoredObjects } from '../../../ports/objects/stored-objects.ts';
import { filesPrefix } from '../../../recording/audio/files/keys.ts';
import type { Access } from '../../access/access.ts';
import { CliError, EXIT } from '../../terminal/exit.ts';
import { count, size } from '../../terminal/terminal.ts';
import type { ErasedCall, Target } from './targets.ts';

/** What is outside the bucket, as far as whoever erases is told. */
export interface Outside {
  /** Undefined: not told. */
  readonly copies: readonly StoredObjects[] | undefined;
  /** `s3://…`; `none`; undefined: not told. */
  readonly accessLogs: string | undefined;
}

const NONE = 'none';

/** All that is erased at once is in one bucket. What has no record has no recording that could be found anywhere. */
export async function outsideOf(access: Access, targets: readonly Target[]): Promise<Outside> {
  const call = targets.find((target) => target.call !== undefined)?.call;
  if (call === undefined) return { copies: [], accessLogs: NONE };
  return {
    copies: await access.copiesOf(call).buckets(),
    accessLogs: await logsOf(access, call),
  };
}

async function logsOf(access: Access, call: ErasedCall): Promise<string | undefined> {
  try {
    return (await access.accessLogsOf(call).place()) ?? NONE;
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

/** What `calls erase` doesn't reach of it, in words that go on a list. */
export function outOfReach({ copies, accessLogs }: Outside): string[] {
  const untold = [
    ...(copies === undefined ? ['copies in other buckets'] : []),
    ...(accessLogs === undefined ? ['access logs'] : []),
  ];
  return [
    ...(accessLogs === undefined || accessLogs === NONE
      ? []
      : [
          `the access logs in ${accessLogs} (until they expire, they tell who fetched which contact’s recording)`,
        ]),
    ...(untold.length === 0 ? [] : [`${untold.join(' and ')}, if there are any (you may not ask)`]),
  ];
}

/** What S3 is still copying would be there after all when the command has gone. */
export async function refuseWhileCopied(
  access: Access,
  targets: readonly Target[],
  { copies }: Outside,
): Promise<void> {
  if (copies === undefined || copies.length === 0) return;
  const pending: string[] = [];
  for (const target of targets) {
    const keys = new Set<string>();
    for await (const { key, uploadId } of ofRecording(target, target.objects))
      if (uploadId === undefined) keys.add(key);
    for (const key of keys)
      if ((await access.copiesOf(target.call).stateOf(key)) === 'pending') pending.push(key);
  }
  if (pending.length === 0) return;
  throw new CliError(
    EXIT.notComplete,
    `nothing was erased: S3 is still copying ${pending.join(', ')}`,
    'most is copied within 15 minutes: erase it again then',
  );
}

export async function describeCopies(target: Target, { copies = [] }: Outside): Promise<string[]> {
  const lines: string[] = [];
  for (const copy of copies) {
    try {
      const versions = await all(ofRecording(target, copy));
      const bytes = versions.reduce((sum, version) => sum + version.bytes, 0);
      lines.push(`  copies: ${count(versions.length, 'version')} (${size(bytes)}) in ${copy.name}`);
    } catch (error) {
      lines.push(`  copies: in ${copy.name}, which can’t be looked at: ${reasonOf(error)}`);
    }
  }
  return lines;
}

/** @returns what could not be erased, and why, a line each */
export async function eraseCopies(target: Target, { copies = [] }: Outside): Promise<string[]> {
  const left: string[] = [];
  for (const copy of copies) {
    try {
      await copy.erase(await all(ofRecording(target, copy)));
    } catch (error) {
      const what = `${copy.name}/${prefixOf(target) ?? ''}*`;
      left.push(`${target.id}: not erased, and still there: the copies ${what}: ${reasonOf(error)}`);
    }
  }
  return left;
}

function prefixOf({ recording, call }: Target): string | undefined {
  return call && filesPrefix(recording, new Date(call.startedAt));
}

async function* ofRecording(target: Target, objects: StoredObjects): AsyncGenerator<ObjectVersion> {
  const prefix = prefixOf(target);
  if (prefix !== undefined) yield* objects.versions(prefix);
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const value of values) found.push(value);
  return found;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return isRefusal(error) ? `you may not (${error.message})` : `${error.name}: ${error.message}`;
}
