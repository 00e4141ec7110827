/** Runs calls through the local system, and reads what comes out. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callOf, type LocalCall } from '../../local/call.ts';
import { type CallOptions, produceCall } from '../../local/kinesis-video/producer.ts';
import { logsDir, writeOutput } from '../../local/output.ts';
import { type CallResult, runCall, type RunOptions } from '../../local/run-call.ts';
import type { Item } from '../../local/store.ts';
import { startSystem, type System, type SystemOptions } from '../../local/system.ts';
import { readWav } from '../../local/wav-input.ts';
import { CONTACT_ID } from './call.ts';
import { seeded } from './random.ts';

export const RATE = 8_000;
/** An hour of a day long gone: nothing may depend on the time of the test. */
export const STARTED_AT_MS = Date.UTC(2026, 2, 14, 9, 26, 53, 589);

/** Samples none of which is zero, so that silence shows. */
export function noise(milliseconds: number, seed: number): Int16Array {
  const random = seeded(seed);
  return Int16Array.from({ length: (milliseconds * RATE) / 1000 }, () => random.integer(1, 32_767));
}

/** @returns a copy that is silent from `fromMs` to `toMs`. */
export function silenced(samples: Int16Array, fromMs: number, toMs: number): Int16Array {
  return samples.slice().fill(0, (fromMs * RATE) / 1000, (toMs * RATE) / 1000);
}

export function produced(channels: readonly Int16Array[], options: Partial<CallOptions> = {}): LocalCall {
  const fragments = produceCall({
    channels,
    sampleRate: RATE,
    contactId: CONTACT_ID,
    startedAtMs: STARTED_AT_MS,
    ...options,
  });
  return callOf(options.contactId ?? CONTACT_ID, [], fragments, []);
}

export type RecordingOptions = Omit<SystemOptions, 'logsDir'> & RunOptions;

export interface Recorded extends CallResult {
  readonly record: Item;
  /** Customer, agent; undefined where no WAV was made. */
  readonly channels: readonly Int16Array[] | undefined;
  readonly wav: Buffer | undefined;
  /** Each task's and function's log. */
  readonly logs: Readonly<Record<string, string>>;
  readonly sessions: number;
  readonly segments: number;
}

/** Needs the programs to be built. */
export async function recordCall(call: LocalCall, options: RecordingOptions = {}): Promise<Recorded> {
  const dir = await mkdtemp(join(tmpdir(), 'callspool-run-'));
  let system: System | undefined;
  try {
    system = await startSystem({
      retryMs: 50,
      ...options,
      logsDir: logsDir(dir),
      settings: { graceSeconds: 0.2, segmentSeconds: 2, ...options.settings },
    });
    const result = await runCall(system, call, options);
    const files = await writeOutput(dir, system, call, result);
    const wav = files.wav === undefined ? undefined : await readFile(files.wav);
    return {
      ...result,
      record: result.record ?? {},
      wav,
      channels: wav && readWav(wav).channels,
    };
  } finally {
    await system?.close();
    await rm(dir, { recursive: true });
  }
}
