/** The sample call, played through what is deployed, and held against what the local run makes of it. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import type { LocalCall } from '../../run/call.ts';
import { loadCall } from '../../run/input.ts';
import { runCall } from '../../run/run-call.ts';
import { startSystem, type System } from '../../system/system.ts';
import { objectBytes, sha256 } from './objects.ts';
import { assemblePieces } from './pieces.ts';
import { isWrittenDown } from './words.ts';

const SAMPLE = join(import.meta.dirname, '../../sample/call.wav');

export interface Played {
  readonly contactId: string;
  readonly status: string;
  /** The hash of all the WAV's bytes; undefined where there is no WAV. */
  readonly sha256: string | undefined;
  readonly bytes: number;
  readonly attempts: number;
  /** Whether whoever listened was given all that the recording holds; undefined where that wasn't asked. */
  readonly isHeard?: boolean;
  /** Whether all that was said was written down; undefined where that wasn't asked. */
  readonly isWritten?: boolean;
}

export interface PlayOptions {
  /** The first task is killed once so much audio is checkpointed. */
  readonly killAtMs?: number;
  /** Somebody listens, by pieces, and Transcribe writes down what is said. */
  readonly listenedTo?: boolean;
  readonly signal?: AbortSignal;
}

/** A call of a contact of its own, always with the same audio. */
export function newCall(contactId: string = randomUUID()): Promise<LocalCall> {
  return loadCall({ file: SAMPLE, contactId });
}

export async function play(system: System, options: PlayOptions = {}): Promise<Played> {
  const call = await newCall();
  const { record } = await runCall(freshTasks(system), call, options);
  const played = await playedOf(system, call, record);
  if (options.listenedTo !== true) return played;
  return {
    ...played,
    isHeard: await isHeard(system, call, record),
    isWritten: await isWrittenDown(system, record, SAMPLE),
  };
}

/** The record tells the hash of its samples. */
async function isHeard(system: System, call: LocalCall, record: unknown): Promise<boolean> {
  const { success, output } = v.safeParse(recorded, record);
  return success && output.audio?.sha256 === sha256(await assemblePieces(system, call));
}

/** The system as if no task had run yet: it is this call's first one that is killed. */
function freshTasks(system: System): System {
  const earlier = system.ecs.tasks.length;
  return {
    ...system,
    ecs: {
      ...system.ecs,
      get tasks() {
        return system.ecs.tasks.slice(earlier);
      },
    },
  };
}

/** What the whole system makes of the same audio on this machine, without Terraform and moto. */
export async function playLocally(signal: AbortSignal): Promise<Played> {
  const logsDir = await mkdtemp(join(tmpdir(), 'callspool-reference-'));
  const system = await startSystem({ logsDir });
  try {
    return await play(system, { signal });
  } finally {
    await system.close();
    await rm(logsDir, { recursive: true, force: true });
  }
}

const recorded = v.looseObject({
  status: v.string(),
  attempts: v.optional(v.number(), 0),
  audio: v.optional(v.looseObject({ bucket: v.string(), key: v.string(), sha256: v.string() })),
});

export async function playedOf(
  { s3 }: System,
  { contactId }: Pick<LocalCall, 'contactId'>,
  record: unknown,
): Promise<Played> {
  const { success, output } = v.safeParse(recorded, record);
  if (!success) return { contactId, status: 'no record', sha256: undefined, bytes: 0, attempts: 0 };
  const { status, attempts, audio } = output;
  if (audio === undefined) return { contactId, status, sha256: undefined, bytes: 0, attempts };
  const wav = await objectBytes(s3, audio.bucket, audio.key);
  return { contactId, status, attempts, sha256: sha256(wav), bytes: wav.length };
}
