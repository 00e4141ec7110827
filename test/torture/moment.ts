/** When harm is done: at some time, or exactly at a request, before it takes effect or before its answer is heard. */
import { type Moment, type Service, SERVICES } from './gate.ts';
import type { Rig } from './rig.ts';

const START_MS = 800;
/** About as many as there are of a short call. */
const REQUESTS_MAX: Readonly<Record<Service, number>> = { s3: 4, dynamoDb: 8, kinesisVideo: 5 };

/** Does it once, at a random moment from now on; not at all when the workflow is over before. */
export async function atRandomMoment(rig: Rig, what: string, act: () => void | Promise<void>): Promise<void> {
  if (rig.random.chance(0.5)) await atSomeTime(rig, what, act);
  else await atSomeRequest(rig, what, act);
}

async function atSomeTime(rig: Rig, what: string, act: () => void | Promise<void>): Promise<void> {
  const { call, pace } = rig.trial;
  const spokenMs = (call.own.at(-1)?.serverTimestampMs ?? 0) - call.startedAtMs;
  const afterMs = rig.random.integer(0, Math.round(spokenMs / pace) + START_MS);
  await rig.wait(afterMs);
  rig.note(`${what}, after ${afterMs} ms`);
  await act();
}

async function atSomeRequest(rig: Rig, what: string, act: () => void | Promise<void>): Promise<void> {
  const service = rig.random.pick(SERVICES);
  const moment = rig.random.pick<Moment>(['before', 'after']);
  await atRequest(rig, { service, moment, nth: rig.random.integer(1, REQUESTS_MAX[service]) }, what, act);
}

export interface RequestMoment {
  readonly service: Service;
  readonly moment: Moment;
  /** From 1, of those from now on; with `operation`, of those alone. */
  readonly nth: number;
  readonly operation?: string;
}

/** Does it while that request, or its answer, waits. */
export async function atRequest(
  { gates, note, over }: Rig,
  { service, moment, nth, operation }: RequestMoment,
  what: string,
  act: () => void | Promise<void>,
): Promise<void> {
  let seen = 0;
  let stopWatching: () => void = () => undefined;
  const done = new Promise<void>((resolve, reject) => {
    stopWatching = gates[service].watch(async (asked, when) => {
      if (when !== moment || (operation !== undefined && asked !== operation)) return;
      seen += 1;
      if (seen !== nth) return;
      note(`${what}, ${moment} request ${nth} to ${service}: ${asked}`);
      try {
        await act();
        resolve();
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
  });
  await Promise.race([done, over]);
  stopWatching();
}
