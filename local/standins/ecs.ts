/**
 * Amazon ECS's stand-in, as far as `ecs:runTask.sync` goes: a task is a child process of this one, configured by
 * its environment alone. A task that is told to stop gets SIGTERM, and SIGKILL when it is still there after the
 * stop timeout.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import * as v from 'valibot';
import { checked, type Json } from './json.ts';
import type { Logs } from './logs.ts';
import { StatesError } from './states-error.ts';

export interface TaskDefinition {
  readonly arn: string;
  readonly containerName: string;
  /** The file that the image runs. */
  readonly program: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly stopTimeoutMs: number;
}

export interface Ecs {
  /** Resolves with the described task when it left with 0. @throws StatesError otherwise. */
  runTask(parameters: Json, signal: AbortSignal): Promise<Json>;
  /** Every task that was started, the oldest first. */
  readonly tasks: readonly Task[];
  /** Ends every task, and resolves when none is left. */
  close(): Promise<void>;
}

export interface Task {
  readonly pid: number;
  readonly running: () => boolean;
  /** How it left, once it has. */
  readonly exited: Promise<Exit>;
  /** `SIGSTOP`, `SIGCONT`: what the task survives. */
  send(signal: NodeJS.Signals): void;
  /** Resolves when the process is gone. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** ECS takes it for stopped, its host being out of reach, and the workflow hears so. The process lives on. */
  lose(): void;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
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

/**
 * The task's standard input is a pipe from this process, which the system closes however this process ends:
 * then the task ends, too. It would look for its services for hours otherwise.
 */
const LEASH = 'data:text/javascript,process.stdin.on("end",()=>process.exit(137)).resume().unref()';

export function newEcs(definition: TaskDefinition, logs: Logs): Ecs {
  const tasks: Task[] = [];
  let closed = false;

  const runTask = async (parameters: Json, signal: AbortSignal) => {
    const { Overrides, TaskDefinition } = checked(runTaskParameters, parameters);
    const overrides = Overrides.ContainerOverrides.find(({ Name }) => Name === definition.containerName);
    if (TaskDefinition !== definition.arn || overrides === undefined) {
      throw new StatesError('ECS.InvalidParameterException', 'no such task definition or container');
    }
    if (closed || signal.aborted) throw new StatesError('States.TaskFailed', 'stopped before it started');
    const environment = Object.fromEntries(overrides.Environment.map(({ Name, Value }) => [Name, Value]));
    const name = `task-${String(tasks.length + 1)}`;
    const child = start(definition, environment, logs.open(name));
    const lost = new AbortController();
    const task = taskOf(child, lost);
    tasks.push(task);
    const stop = () => void stopTask(task, definition.stopTimeoutMs);
    signal.addEventListener('abort', stop, { once: true });
    try {
      return described(definition, await Promise.race([task.exited, loss(lost.signal)]));
    } finally {
      signal.removeEventListener('abort', stop);
    }
  };

  return {
    runTask,
    tasks,
    close: async () => {
      closed = true;
      await Promise.all(tasks.map((task) => stopTask(task, definition.stopTimeoutMs)));
    },
  };
}

function start(
  definition: TaskDefinition,
  overrides: Readonly<Record<string, string>>,
  log: NodeJS.WritableStream,
): ChildProcess {
  const child = spawn(process.execPath, ['--import', LEASH, definition.program], {
    env: { ...definition.environment, ...overrides },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  return child;
}

function taskOf(child: ChildProcess, lost: AbortController): Task {
  const running = () => child.exitCode === null && child.signalCode === null && child.pid !== undefined;
  const exited = exit(child);
  // Whoever runs the task hears of it; others may not ask.
  exited.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    running,
    exited,
    send: (signal) => {
      child.kill(signal);
    },
    kill: async (signal) => {
      if (!running()) return;
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    },
    lose: () => {
      lost.abort();
    },
  };
}

async function stopTask(task: Task, timeoutMs: number): Promise<void> {
  const timer = setTimeout(() => void task.kill('SIGKILL'), timeoutMs);
  await task.kill('SIGTERM');
  clearTimeout(timer);
}

/** Resolves when the process is gone and everything that it wrote has been read. */
function exit(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code: number | null, signal: NodeJS.Signals | null) => {
      resolve({ code, signal });
    });
  });
}

async function loss(signal: AbortSignal): Promise<never> {
  await once(signal, 'abort');
  throw new StatesError(
    'States.TaskFailed',
    '{"StopCode":"TerminationNotice","StoppedReason":"Host terminated."}',
  );
}

/** DescribeTasks' answer, as Step Functions passes it on: the state's output, or the cause of its failure. */
function described(definition: TaskDefinition, { code, signal }: Exit): Json {
  const exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  const task = {
    TaskDefinitionArn: definition.arn,
    LastStatus: 'STOPPED',
    DesiredStatus: 'STOPPED',
    StopCode: 'EssentialContainerExited',
    StoppedReason: 'Essential container in task exited',
    Containers: [{ Name: definition.containerName, ExitCode: exitCode, LastStatus: 'STOPPED' }],
  };
  if (exitCode !== 0) throw new StatesError('States.TaskFailed', JSON.stringify(task));
  return task;
}
