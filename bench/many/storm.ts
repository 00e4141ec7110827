/**
 * Many calls that begin within a minute, against the rates at which tasks can be launched: how late is the last recorder?
 * A simulation of one thing: each execution tries RunTask, and is refused, and tries again as the workflow itself says.
 */
import * as v from 'valibot';
import { seededRandom } from '../../local/standins/kinesis-video/random.ts';

/** What an account lets through, as docs/CAPACITY.md gives it. */
export interface LaunchQuotas {
  /** Of RunTask, and of Fargate's launches, Spot and On-Demand apart. */
  readonly perSecond: number;
  readonly burst: number;
}

export const LAUNCH_QUOTAS: LaunchQuotas = { perSecond: 20, burst: 100 };

export interface Storm {
  readonly calls: number;
  readonly withinMs: number;
  /** Spot has room for these; without any, each try on Spot fails. */
  readonly spotHasCapacity: boolean;
  readonly quotas: LaunchQuotas;
  readonly seed: number;
}

export interface Launch {
  /** From the start of the execution to RunTask's being let through. */
  readonly afterMs: number;
  readonly tries: number;
}

export interface StormResult {
  readonly launches: readonly Launch[];
  /** Executions whose last try failed. */
  readonly givenUp: number;
}

const Retrier = v.object({
  IntervalSeconds: v.number(),
  MaxAttempts: v.number(),
  BackoffRate: v.number(),
  MaxDelaySeconds: v.optional(v.number(), Infinity),
  JitterStrategy: v.optional(v.picklist(['FULL', 'NONE']), 'NONE'),
});
const RecordState = v.object({
  Parameters: v.object({
    CapacityProviderStrategy: v.tuple([
      v.object({ CapacityProvider: v.picklist(['FARGATE', 'FARGATE_SPOT']) }),
    ]),
  }),
  Retry: v.tuple([Retrier]),
  Catch: v.tuple([v.object({ Next: v.string() })]),
});
type RecordState = v.InferOutput<typeof RecordState>;
const Definition = v.object({ StartAt: v.string(), States: v.record(v.string(), v.unknown()) });

/** The states that run a task, in the order in which an execution comes to them. */
function recordStates(definition: unknown): RecordState[] {
  const { StartAt, States } = v.parse(Definition, definition);
  const states: RecordState[] = [];
  for (let name = StartAt; ;) {
    const { success, output } = v.safeParse(RecordState, States[name]);
    if (!success) return states;
    states.push(output);
    [{ Next: name }] = output.Catch;
  }
}

/** Lets through what it has a token for; a refusal costs none. */
class Bucket {
  readonly #quotas: LaunchQuotas;
  #tokens: number;
  #atMs = 0;

  constructor(quotas: LaunchQuotas) {
    this.#quotas = quotas;
    this.#tokens = quotas.burst;
  }

  has(nowMs: number): boolean {
    const { perSecond, burst } = this.#quotas;
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#atMs) * perSecond) / 1_000);
    this.#atMs = nowMs;
    return this.#tokens >= 1;
  }

  take(): void {
    this.#tokens -= 1;
  }
}

interface Waiting {
  readonly beganMs: number;
  readonly state: number;
  /** In this state, before this one. */
  readonly retries: number;
  readonly tries: number;
}

/** Finer than any wait that matters. */
const TICK_MS = 50;

/** @param definition of the workflow (contract/workflow.ts) */
export function simulateStorm(definition: unknown, storm: Storm): StormResult {
  const states = recordStates(definition);
  const random = seededRandom(storm.seed);
  const due = new Map<number, Waiting[]>();
  let waiting = 0;
  const wait = (atMs: number, one: Waiting) => {
    const tick = Math.ceil(atMs / TICK_MS);
    const others = due.get(tick);
    if (others) others.push(one);
    else due.set(tick, [one]);
    waiting += 1;
  };
  for (let call = 0; call < storm.calls; call += 1) {
    const beganMs = random() * storm.withinMs;
    wait(beganMs, { beganMs, state: 0, retries: 0, tries: 0 });
  }
  const isLaunched = launcher(storm);
  const launches: Launch[] = [];
  let givenUp = 0;
  for (let tick = 0; waiting > 0; tick += 1) {
    const nowMs = tick * TICK_MS;
    // Whoever fails on Spot for good tries On-Demand at once.
    for (const one of due.get(tick) ?? []) {
      waiting -= 1;
      const state = states[one.state];
      const tries = one.tries + 1;
      if (!state) givenUp += 1;
      else if (isLaunched(state, nowMs)) launches.push({ afterMs: nowMs - one.beganMs, tries });
      else {
        const delayMs = delayOf(state, one.retries, random);
        if (delayMs === undefined) wait(nowMs + TICK_MS, { ...one, state: one.state + 1, retries: 0, tries });
        else wait(nowMs + Math.max(TICK_MS, delayMs), { ...one, retries: one.retries + 1, tries });
      }
    }
    due.delete(tick);
  }
  return { launches, givenUp };
}

/** RunTask's own rate, and that of the capacity. */
function launcher({ quotas, spotHasCapacity }: Storm): (state: RecordState, nowMs: number) => boolean {
  const runTask = new Bucket(quotas);
  const launch = { FARGATE: new Bucket(quotas), FARGATE_SPOT: new Bucket(quotas) };
  return ({ Parameters }, nowMs) => {
    const [{ CapacityProvider }] = Parameters.CapacityProviderStrategy;
    const capacity = launch[CapacityProvider];
    if (!runTask.has(nowMs) || !capacity.has(nowMs)) return false;
    runTask.take();
    if (CapacityProvider === 'FARGATE_SPOT' && !spotHasCapacity) return false;
    capacity.take();
    return true;
  };
}

/** As Step Functions reckons it ("Retrying after an error"); undefined: no further try. */
function delayOf({ Retry: [retry] }: RecordState, retries: number, random: () => number): number | undefined {
  if (retries >= retry.MaxAttempts) return undefined;
  const seconds = Math.min(retry.MaxDelaySeconds, retry.IntervalSeconds * retry.BackoffRate ** retries);
  return seconds * 1_000 * (retry.JitterStrategy === 'FULL' ? random() : 1);
}
