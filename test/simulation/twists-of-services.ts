/** What single canaries need to be met often: what any seed may have, at once. */
import { listeningPlan } from './generate-listening.ts';
import type { Fault, SessionFault } from './scenario.ts';
import { ours, type Twist, withFaults, withNext, withOurs } from './twist-tools.ts';

/** Somebody listens; of half of them the contact streams again, which the recorder learns of when it has read some. */
export const heard: Twist = (scenario, random) => {
  const isTwofold = random.chance(0.5);
  const twofold = isTwofold ? withNext(scenario, random, 4) : scenario;
  const nextAfterMs = isTwofold && twofold !== scenario ? random.integer(2_000, 3_500) : undefined;
  const told = { ...twofold, call: { ...twofold.call, ...(nextAfterMs !== undefined && { nextAfterMs }) } };
  return { ...told, listening: listeningPlan(random, told) };
};

/**
 * Sessions break off amid fragments, again and again, and the last of ours has no trailing tags. One of them comes to a
 * clean end there: two that do so at the same place can't be told from a fragment that is over.
 */
export const torn: Twist = (scenario, random) => {
  const count = random.integer(3, 6);
  const clean = random.integer(0, count - 1);
  const cuts = Array.from({ length: count }, (_, index): Fault => {
    const by = index === clean ? 'end' : 'error';
    const fault: SessionFault = { how: 'cut', afterBytes: random.integer(500, 9_000), by };
    return { kind: 'session', nth: index + 1, fault };
  });
  const last = ours(scenario.call).length - 1;
  const call = withOurs(scenario.call, (fragment, index) =>
    index === last ? { ...fragment, trailingTags: false } : fragment,
  );
  return withFaults({ ...scenario, call }, ...cuts);
};

/** Only the first of ours names its contact, and whoever records it dies amid it. */
export const untagged: Twist = (scenario, random) => {
  const call = withOurs(scenario.call, (fragment, index) =>
    index === 0 ? { ...fragment, contactTag: true, malformed: false } : { ...fragment, contactTag: false },
  );
  const short = { ...scenario, call, settings: { ...scenario.settings, segmentMs: 1_000 } };
  const at = { operation: 'checkpoints.advance', nth: random.integer(1, 4) } as const;
  return withFaults(short, { kind: 'kill', at, when: random.pick(['effect', 'after']) });
};

/** An assembly, or a request of one, that comes to life again when another has gone on. */
export const late: Twist = (scenario, random) => {
  const operation = random.pick(['calls.assembling', 'calls.complete', 'recordings.put'] as const);
  const at = { operation, nth: random.integer(1, 2) };
  const ms = random.pick([10_000, 60_000]);
  const sleeps: Fault = { kind: 'freeze', at, when: 'before', ms, orphan: true };
  return withFaults(scenario, random.chance(0.5) ? { kind: 'fail', at, when: 'late' } : sleeps);
};

/** No event comes, and Connect doesn't answer when it is asked. */
export const untold: Twist = (scenario, random) => {
  const fails = Array.from({ length: random.integer(1, 3) }, (_, index): Fault => {
    return { kind: 'fail', at: { operation: 'contacts.describe', nth: index + 1 }, when: 'before' };
  });
  return withFaults({ ...scenario, call: { ...scenario.call, eventAfterMs: undefined } }, ...fails);
};
