/**
 * DIR while the run goes on, so that `calls follow`, `calls show` and `calls fetch` work on a call that is being
 * recorded: the tape's objects and the tables, copied again and again, and `running.json` for as long as it lasts.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { markRunning, unmarkRunning } from '../../ports/objects/run-marker.ts';
import { executionName } from '../../recording/identity.ts';
import { TAPE_PREFIX } from '../../recording/tape/keys.ts';
import { dumpStores } from '../system/store.ts';
import type { System } from '../system/system.ts';
import type { LocalCall } from './call.ts';
import { prepareOutput } from './output.ts';

const INTERVAL_MS = 1_000;

/** Copies for as long as the work lasts. @throws what keeps DIR from being written to, or what the work throws */
export async function withLiveOutput<T>(
  dir: string,
  system: System,
  call: LocalCall,
  work: () => Promise<T>,
): Promise<T> {
  await prepareOutput(dir, system, call);
  await markRunning(dir, executionName(call));
  const stopping = new AbortController();
  const copying = copyUntil(stopping.signal, dir, system);
  try {
    return await work();
  } finally {
    stopping.abort();
    await copying;
    await unmarkRunning(dir);
  }
}

async function copyUntil(signal: AbortSignal, dir: string, system: System): Promise<void> {
  const stores = { dir, tables: Object.values(system.tables), buckets: [system.bucket] };
  try {
    for (;;) {
      await sleep(INTERVAL_MS, undefined, { signal });
      await dumpStores(system, { ...stores, onlyNewBelow: TAPE_PREFIX });
    }
  } catch {
    // It was stopped; or what went wrong will go wrong again at the end, and be told then.
  }
}
