/** Runs calls through the local system, and reads what comes out. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callOf, type LocalCall } from '../../local/run/call.ts';
import { writeOutput } from '../../local/run/output.ts';
import { logsDir } from '../../local/run/output-folder.ts';
import { type CallResult, runCall, type RunOptions } from '../../local/run/run-call.ts';
import { readWav } from '../../local/run/wav-input.ts';
import { type CallOptions, produceCall } from '../../local/standins/kinesis-video/producer.ts';
import type { Item } from '../../local/system/store.ts';
import { startSystem, type System, type SystemOptions } from '../../local/system/system.ts';
import { CONTACT_ID } from './call.ts';
import { seeded } from './random.ts';

export const RATE = 8_000;
/** A day long gone: nothing may depend on when the test runs. */
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
  const contactId = options.contactId ?? CONTACT_ID;
  const startedAtMs = options.startedAtMs ?? STARTED_AT_MS;
  return callOf(
    contactId,
    [],
    produceCall({ ...options, channels, sampleRate: RATE, contactId, startedAtMs }),
    [],
  );
}

export interface Recorded extends CallResult {
  readonly record: Item;
  /** Customer, agent; undefined where no WAV was made. */
  readonly channels: readonly Int16Array[] | undefined;
  /** What each program has logged: `task-1`, `connect`, … */
  readonly logs: Readonly<Record<string, string>>;
  /** How often GetMedia was called. */
  readonly sessions: number;
}

/** Needs the programs to be built. */
export async function recordCall(
  call: LocalCall,
  options: Omit<SystemOptions, 'logsDir'> & RunOptions = {},
): Promise<Recorded> {
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
    const { wav } = await writeOutput(dir, system, call, result);
    const sessions = system.kinesisVideo.requests.getMedia;
    await system.close();
    return {
      ...result,
      record: result.record ?? {},
      channels: wav === undefined ? undefined : readWav(await readFile(wav)).channels,
      logs: await readLogs(logsDir(dir)),
      sessions,
    };
  } finally {
    await system?.close();
    await rm(dir, { recursive: true });
  }
}

async function readLogs(dir: string): Promise<Record<string, string>> {
  const read = (await readdir(dir)).map(async (name) => {
    return [name.replace(/\.jsonl$/, ''), await readFile(join(dir, name), 'utf8')] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

/** Says where two channels differ first, in words; undefined when they are the same. */
export function difference(
  actual: readonly Int16Array[] | undefined,
  expected: readonly Int16Array[],
): string | undefined {
  if (actual === undefined) return 'there is no WAV';
  for (const [channel, samples] of expected.entries()) {
    const other = actual[channel] ?? new Int16Array();
    if (other.length !== samples.length)
      return `channel ${channel} has ${other.length} samples, not ${samples.length}`;
    const at = samples.findIndex((sample, frame) => sample !== other[frame]);
    if (at >= 0) return `channel ${channel} differs from frame ${at} on`;
  }
  return undefined;
}
