/** A failing scenario → the shortest one that still fails in the same way. */
import type { Fault, FragmentPlan, Scenario } from './scenario.ts';

/** Runs that a search may take. */
const RUNS_MAX = 400;

/** @param fails whether the scenario still fails, in the same way */
export async function shrink(
  scenario: Scenario,
  fails: (candidate: Scenario) => Promise<boolean>,
): Promise<Scenario> {
  let best = scenario;
  let runs = 0;
  for (let isBetter = true; isBetter && runs < RUNS_MAX;) {
    isBetter = false;
    for (const candidate of candidates(best)) {
      if ((runs += 1) > RUNS_MAX) break;
      if (!(await fails(candidate))) continue;
      best = candidate;
      isBetter = true;
      break;
    }
  }
  return best;
}

/** Each simpler than the scenario in one way: the most telling first. */
function* candidates(scenario: Scenario): Generator<Scenario> {
  const { call, service, faults, listening } = scenario;
  if (listening) yield { ...scenario, listening: undefined };
  for (const index of faults.keys()) yield { ...scenario, faults: without(faults, index) };
  for (const part of ['earlier', 'stray', 'next', 'later'] as const) {
    const fragments = call.fragments.filter((fragment) => fragment.part !== part);
    if (fragments.length < call.fragments.length) yield { ...scenario, call: { ...call, fragments } };
  }
  for (const index of listening?.troubles.keys() ?? []) {
    const { troubles = [] } = listening ?? {};
    yield { ...scenario, listening: listening && { ...listening, troubles: without(troubles, index) } };
  }
  for (const plain of [
    { slowMs: 0 },
    { unsureFrames: 0 },
    { beginsMs: 0 },
    { windowMs: 500 },
    { waitingBytesMax: 1_048_576 },
  ])
    if (listening && differs(listening, plain)) yield { ...scenario, listening: { ...listening, ...plain } };
  const owned = call.fragments.filter(({ part }) => part === 'ours').length;
  for (const [index, { part }] of call.fragments.entries()) {
    if (part !== 'ours' || owned > 1)
      yield { ...scenario, call: { ...call, fragments: without(call.fragments, index) } };
  }
  for (const [index, fragment] of call.fragments.entries()) {
    for (const plain of plainer(fragment)) {
      yield { ...scenario, call: { ...call, fragments: call.fragments.with(index, plain) } };
    }
  }
  for (const plain of [
    { connectTags: 'around', knownSizes: false, firstTrack: 'customer' },
    { clockSkewMs: 0 },
    { startedAtMs: 0, executionAfterMs: 0 },
    { nextAfterMs: undefined },
    { channels: 1 },
    { disconnectAfterMs: 0, eventAfterMs: 0, describeAfterMs: 0 },
  ] as const) {
    if (differs(call, plain)) yield { ...scenario, call: withoutChannel({ ...call, ...plain }) };
  }
  for (const plain of [
    { chunkBytes: undefined },
    { sessionMs: 2_700_000 },
    { listingDelayMs: 0 },
    { launchMs: 300 },
    { archive: false },
    { resumeEveryMs: undefined },
  ]) {
    if (differs(service, plain)) yield { ...scenario, service: { ...service, ...plain } };
  }
  for (const [index, fault] of faults.entries()) {
    for (const milder of milderThan(fault)) yield { ...scenario, faults: faults.with(index, milder) };
  }
}

function* plainer(fragment: FragmentPlan): Generator<FragmentPlan> {
  for (const plain of [
    { pauseMs: 0 },
    { clockJumpMs: 0 },
    { contactTag: true },
    { trailingTags: true },
    { malformed: false },
    { garbled: false },
    { otherSegment: false },
    { hidden: false },
    { withheld: undefined },
    { cutWithinSamples: false },
    { latencyMs: 50 },
  ]) {
    if (differs(fragment, plain)) yield { ...fragment, ...plain };
  }
  if (fragment.blocks.length > 1) yield { ...fragment, blocks: fragment.blocks.slice(0, 1) };
}

function* milderThan(fault: Fault): Generator<Fault> {
  if ('at' in fault && fault.at.nth > 1) yield { ...fault, at: { ...fault.at, nth: fault.at.nth - 1 } };
  if (fault.kind === 'erase' && fault.breaksOffAfter !== undefined)
    yield { ...fault, breaksOffAfter: undefined };
  if (fault.kind === 'erase' && fault.of === 'contact') yield { ...fault, of: 'ours' };
  if ('ms' in fault && fault.ms > 1_000) yield { ...fault, ms: Math.round(fault.ms / 2) };
  if (fault.kind === 'session' && fault.nth > 1) yield { ...fault, nth: fault.nth - 1 };
}

function withoutChannel<C extends Scenario['call']>(call: C): C {
  if (call.channels === 2) return call;
  const fragments = call.fragments.map((fragment) => {
    return { ...fragment, blocks: fragment.blocks.filter(({ channel }) => channel === 0) };
  });
  return { ...call, fragments };
}

function without<T>(values: readonly T[], index: number): T[] {
  return values.filter((_, at) => at !== index);
}

function differs<T extends object>(value: T, changes: Partial<T>): boolean {
  return JSON.stringify({ ...value, ...changes }) !== JSON.stringify(value);
}
