/** A call that is in progress while something is deployed: it begins before, and ends after. */
import { runCall } from '../../run/run-call.ts';
import type { System } from '../../system/system.ts';
import { newCall, type Played, playedOf } from '../calls/play.ts';
import { type Rehearsal, startPrograms } from './rehearsal.ts';

/**
 * @param before the checkout whose programs are deployed when it begins
 * @param act deploys; it is called in the middle of the call
 */
export async function callAcross(
  rehearsal: Rehearsal,
  before: string,
  act: () => Promise<void>,
): Promise<Played> {
  const { checkout, services, signal } = rehearsal;
  const stream = services.newStream();
  const systems: System[] = [];
  const start = async (from: string): Promise<System> => {
    const system = await startPrograms({ ...rehearsal, checkout: from });
    systems.push(system);
    return { ...system, stream };
  };
  try {
    const interlude = async () => {
      await act();
      return start(checkout);
    };
    const call = await newCall();
    const system = await start(before);
    const { record } = await runCall(system, call, { interlude, signal });
    return await playedOf(system, call, record);
  } finally {
    for (const system of systems.reverse()) await system.close();
  }
}

/** Whether it is as if nothing had been deployed meanwhile. */
export async function isUnharmed({ reference }: Rehearsal, { status, sha256 }: Played): Promise<boolean> {
  return status === 'COMPLETE' && sha256 === (await reference()).sha256;
}
