/** One execution of the workflow: the definition that is deployed, walked state by state in simulated time. */
import * as v from 'valibot';
import { STATES } from '../../contract/record-states.ts';
import { workflow } from '../../contract/workflow.ts';
import { WORKFLOW_RESOURCES } from '../../local/standins/workflow-resources.ts';
import type { Random } from '../support/random.ts';
import type { SimulatedClock } from '../support/simulated-clock.ts';
import { ItemWrite } from './condition.ts';

/** What the states' resources do. They throw what Step Functions would call an error. */
export interface Resources {
  runTask(): Promise<void>;
  /** @returns the status. */
  assemble(): Promise<string>;
  markFailed(update: ItemWrite): Promise<void>;
  /** The state has timed out: what it started is stopped. */
  stop(): void;
}

export interface ExecutionOptions {
  readonly clock: SimulatedClock;
  readonly random: Random;
  readonly resources: Resources;
  readonly spot: boolean;
  readonly longestCallMs: number;
  /** The on-demand state's; the definition's own when undefined. */
  readonly retriesMax: number | undefined;
  /** The same of the Assemble state. */
  readonly assemblyRetriesMax: number | undefined;
}

const Retrier = v.object({
  ErrorEquals: v.array(v.string()),
  IntervalSeconds: v.optional(v.number(), 1),
  MaxAttempts: v.optional(v.number(), 3),
  BackoffRate: v.optional(v.number(), 2),
  MaxDelaySeconds: v.optional(v.number(), Infinity),
  JitterStrategy: v.optional(v.picklist(['FULL', 'NONE']), 'NONE'),
});
const State = v.object({
  Type: v.picklist(['Task', 'Choice', 'Succeed', 'Fail']),
  Resource: v.optional(v.string()),
  Parameters: v.optional(v.unknown()),
  TimeoutSeconds: v.optional(v.number(), Infinity),
  Retry: v.optional(v.array(Retrier), []),
  Catch: v.optional(v.array(v.object({ ErrorEquals: v.array(v.string()), Next: v.string() })), []),
  Next: v.optional(v.string()),
  Default: v.optional(v.string()),
  Choices: v.optional(v.array(v.object({ StringEquals: v.string(), Next: v.string() })), []),
});
type State = v.InferOutput<typeof State>;
const Machine = v.object({ StartAt: v.string(), States: v.record(v.string(), State) });

const TIMED_OUT = 'States.Timeout';

/** @returns whether it succeeded. */
export async function execute(options: ExecutionOptions): Promise<boolean> {
  const machine = machineOf(options);
  let status = '';
  for (let name = machine.StartAt; ;) {
    const state = machine.States[name];
    if (!state) throw new Error(`the workflow has no state ${name}`);
    if (state.Type === 'Succeed' || state.Type === 'Fail') return state.Type === 'Succeed';
    if (state.Type === 'Choice') {
      const chosen = state.Choices.find(({ StringEquals }) => StringEquals === status)?.Next ?? state.Default;
      name = chosen ?? '';
      continue;
    }
    const retriesMax = retriesOf(options, name);
    const result = await runState(options, state, retriesMax);
    if ('next' in result) name = result.next;
    else {
      if (state.Resource?.includes('lambda') === true) status = result.output;
      name = state.Next ?? '';
    }
  }
}

function retriesOf({ retriesMax, assemblyRetriesMax }: ExecutionOptions, name: string): number | undefined {
  if (name === STATES.onDemand) return retriesMax;
  return name === STATES.assemble ? assemblyRetriesMax : undefined;
}

const machines = new Map<string, v.InferOutput<typeof Machine>>();

/** Read once for all executions that differ in nothing that it says. */
function machineOf({ spot, longestCallMs }: ExecutionOptions): v.InferOutput<typeof Machine> {
  const key = `${spot} ${longestCallMs}`;
  const known = machines.get(key);
  if (known) return known;
  const definition = workflow({ ...WORKFLOW_RESOURCES, spot, longestCallSeconds: longestCallMs / 1_000 });
  const machine = v.parse(Machine, definition);
  machines.set(key, machine);
  return machine;
}

/** With its retries; then where its Catch leads. */
async function runState(
  options: ExecutionOptions,
  state: State,
  retriesMax: number | undefined,
): Promise<{ output: string } | { next: string }> {
  const { clock, random } = options;
  const used = new Map<object, number>();
  for (;;) {
    try {
      return { output: await withTimeout(options, state) };
    } catch (error) {
      const name = error instanceof Error ? error.name : 'Error';
      const matches = ({ ErrorEquals }: { ErrorEquals: string[] }) =>
        ErrorEquals.includes(name) || ErrorEquals.includes('States.ALL');
      const retrier = state.Retry.find(matches);
      const tries = used.get(retrier ?? {}) ?? 0;
      if (retrier && tries < Math.min(retrier.MaxAttempts, retriesMax ?? Infinity)) {
        used.set(retrier, tries + 1);
        const { IntervalSeconds, BackoffRate, MaxDelaySeconds, JitterStrategy } = retrier;
        const delayMs = Math.min(MaxDelaySeconds, IntervalSeconds * BackoffRate ** tries) * 1_000;
        await clock.sleep(JitterStrategy === 'FULL' ? random.integer(0, delayMs) : delayMs);
        continue;
      }
      const next = state.Catch.find(matches)?.Next;
      if (next === undefined) throw error;
      return { next };
    }
  }
}

async function withTimeout({ clock, resources }: ExecutionOptions, state: State): Promise<string> {
  const done = new AbortController();
  const timeout = clock.sleep(Math.min(2 ** 31, state.TimeoutSeconds * 1_000), done.signal).then(() => {
    if (done.signal.aborted) return '';
    resources.stop();
    throw Object.assign(new Error('the state has timed out'), { name: TIMED_OUT });
  });
  try {
    return await Promise.race([perform(resources, state), timeout]);
  } finally {
    done.abort('done');
  }
}

async function perform(resources: Resources, { Resource = '', Parameters }: State): Promise<string> {
  if (Resource.includes('ecs:runTask')) await resources.runTask();
  else if (Resource.includes('lambda:invoke')) return resources.assemble();
  else if (Resource.includes('dynamodb:updateItem'))
    await resources.markFailed(v.parse(ItemWrite, Parameters));
  else throw new Error(`no such resource: ${Resource}`);
  return '';
}
