/**
 * Amazon ECS's stand-in, as far as `ecs:runTask.sync` and `ecs:runTask` go: a task is a child process of this one, configured by
 * its environment alone. A task that is told to stop gets SIGTERM, and SIGKILL when it is still there after the
 * stop timeout.
 */
import { once } from 'node:events';
import * as v from 'valibot';
import {
  type Container,
  type Exit,
  exitCodeOf,
  makeVolume,
  type Running,
  startContainer,
  stopContainer,
  type Volume,
} from './containers.ts';
import { checked, type Json } from './json.ts';
import type { Logs } from './logs.ts';
import { StatesError } from './states-error.ts';

/** The one essential container's, whose end is the task's. */
export interface TaskDefinition extends Container {
  readonly arn: string;
  /** Containers that aren't essential; their environment may name what the task's containers share. */
  readonly beside?: readonly Container[];
}

export interface Ecs {
  /** Resolves with the described task when it left with 0. @throws StatesError otherwise. */
  runTask(parameters: Json, signal: AbortSignal): Promise<Json>;
  /** Resolves when the task has begun, and leaves it to itself. */
  beginTask(parameters: Json, signal: AbortSignal): Promise<Json>;
  /** Every task that was started, the oldest first. */
  readonly tasks: readonly Task[];
  /** Ends every task, and resolves when none is left. */
  close(): Promise<void>;
}

/** The essential container, and what is beside it. */
export interface Task extends Running {
  /** By name. */
  readonly beside: Readonly<Record<string, Running>>;
  /** ECS takes it for stopped, its host being out of reach, and the workflow hears so. The process lives on. */
  lose(): void;
}

/** What the workflow gives; other fields say where the task is to run, which is here. */
const runTaskParameters = v.object({
  Cluster: v.string(),
  TaskDefinition: v.string(),
  CapacityProviderStrategy: v.array(v.object({ CapacityProvider: v.string() })),
  NetworkConfiguration: v.object({
    AwsvpcConfiguration: v.object({ AssignPublicIp: v.picklist(['ENABLED', 'DISABLED']) }),
  }),
  Overrides: v.object({
    ContainerOverrides: v.array(
      v.object({
        Name: v.string(),
        Environment: v.array(v.object({ Name: v.string(), Value: v.string() })),
      }),
    ),
  }),
});

/** @param definitions one, or several that the workflow chooses from */
export function newEcs(definitions: TaskDefinition | readonly TaskDefinition[], logs: Logs): Ecs {
  const known = [definitions].flat();
  const tasks: StandinTask[] = [];
  let closed = false;

  const begun = async (parameters: Json, signal: AbortSignal) => {
    const { Overrides, TaskDefinition: arn } = checked(runTaskParameters, parameters);
    const overrides = new Map(
      Overrides.ContainerOverrides.map(({ Name, Environment }) => [
        Name,
        Object.fromEntries(Environment.map((one) => [one.Name, one.Value])),
      ]),
    );
    const definition = known.find((one) => one.arn === arn);
    if (definition === undefined || !overrides.has(definition.containerName)) {
      throw new StatesError('ECS.InvalidParameterException', 'no such task definition or container');
    }
    const volume = definition.beside && (await makeVolume());
    if (closed || signal.aborted) {
      await volume?.remove();
      throw new StatesError('States.TaskFailed', 'stopped before it started');
    }
    const task = startTask(definition, overrides, `task-${String(tasks.length + 1)}`, logs, volume);
    tasks.push(task);
    return { definition, volume, task };
  };

  const ended = async ({ definition, volume, task }: Begun) => {
    try {
      const exit = await Promise.race([task.exited, loss(task.lost)]);
      return described(definition, exit, await task.stopBeside());
    } finally {
      await volume?.remove();
    }
  };

  const runTask = async (parameters: Json, signal: AbortSignal) => {
    const one = await begun(parameters, signal);
    const stop = () => void stopContainer(one.task, one.definition.stopTimeoutMs);
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await ended(one);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  };

  const beginTask = async (parameters: Json, signal: AbortSignal) => {
    const one = await begun(parameters, signal);
    // Nobody hears how it ends.
    ended(one).catch(() => undefined);
    return { Failures: [], Tasks: [{ TaskDefinitionArn: one.definition.arn, LastStatus: 'PROVISIONING' }] };
  };

  return {
    runTask,
    beginTask,
    tasks,
    close: async () => {
      closed = true;
      await Promise.all(tasks.map((task) => task.stop()));
    },
  };
}

interface Begun {
  readonly definition: TaskDefinition;
  readonly volume: Volume | undefined;
  readonly task: StandinTask;
}

interface StandinTask extends Task {
  readonly lost: AbortSignal;
  /** Tells the containers beside the essential one to leave, when that has left. @returns how each has. */
  stopBeside(): Promise<readonly (readonly [name: string, exit: Exit])[]>;
  stop(): Promise<void>;
}

function startTask(
  definition: TaskDefinition,
  overrides: ReadonlyMap<string, Readonly<Record<string, string>>>,
  name: string,
  logs: Logs,
  volume: Volume | undefined,
): StandinTask {
  const begin = (container: Container, log: string) =>
    startContainer(
      { ...container, environment: volume?.mounted(container.environment) ?? container.environment },
      overrides.get(container.containerName) ?? {},
      logs.open(log),
    );
  const main = begin(definition, name);
  const beside = (definition.beside ?? []).map((container) => ({
    container,
    run: begin(container, `${name}-${container.containerName}`),
  }));
  const lost = new AbortController();
  const stopBeside = () =>
    Promise.all(
      beside.map(async ({ container, run }) => {
        await stopContainer(run, container.stopTimeoutMs);
        return [container.containerName, await run.exited] as const;
      }),
    );
  return {
    ...main,
    beside: Object.fromEntries(beside.map(({ container, run }) => [container.containerName, run])),
    lost: lost.signal,
    lose: () => {
      lost.abort();
    },
    stopBeside,
    stop: async () => {
      await stopContainer(main, definition.stopTimeoutMs);
      await stopBeside();
    },
  };
}

async function loss(signal: AbortSignal): Promise<never> {
  await once(signal, 'abort');
  throw new StatesError(
    'States.TaskFailed',
    '{"StopCode":"TerminationNotice","StoppedReason":"Host terminated."}',
  );
}

/**
 * DescribeTasks' answer, as Step Functions passes it on: the state's output, or the cause of its failure. Any container's
 * code other than 0 is a failure of the task, also that of one that isn't essential.
 */
function described(
  definition: TaskDefinition,
  main: Exit,
  beside: readonly (readonly [name: string, exit: Exit])[],
): Json {
  const exits = [[definition.containerName, main] as const, ...beside];
  const containers = exits.map(([Name, exit]) => ({
    Name,
    ExitCode: exitCodeOf(exit),
    LastStatus: 'STOPPED',
  }));
  const task = {
    TaskDefinitionArn: definition.arn,
    LastStatus: 'STOPPED',
    DesiredStatus: 'STOPPED',
    StopCode: 'EssentialContainerExited',
    StoppedReason: 'Essential container in task exited',
    Containers: containers,
  };
  if (containers.some(({ ExitCode }) => ExitCode !== 0))
    throw new StatesError('States.TaskFailed', JSON.stringify(task));
  return task;
}
