/** The containers of one Lambda function. */
import { randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import * as v from 'valibot';
import type { Json } from './json.ts';
import type { Logs } from './logs.ts';
import { StatesError } from './states-error.ts';

export interface FunctionDefinition {
  readonly name: string;
  readonly arn: string;
  /** The bundle; it exports `handler`. */
  readonly program: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

export interface FunctionPool {
  /** @throws StatesError named as Lambda names the error: by the error's own name, or why there was no answer. */
  invoke(event: Json): Promise<Json>;
  close(): Promise<void>;
}

const MEMORY_MB = 512;
const CONTAINER = new URL('./function-container.mjs', import.meta.url);

const answer = v.union([
  v.object({ payload: v.string() }),
  v.object({
    error: v.object({ errorType: v.string(), errorMessage: v.string(), trace: v.array(v.string()) }),
  }),
]);

/**
 * A container serves one invocation at a time and is used again afterwards, as Lambda does; one that crashed or
 * ran out of time is not.
 */
export function newPool(definition: FunctionDefinition, logs: Logs): FunctionPool {
  const containers = new Set<Worker>();
  const idle: Worker[] = [];
  const start = () => {
    const container = startContainer(definition, logs);
    containers.add(container);
    // One that leaves between two invocations is not asked again.
    container.once('exit', () => {
      containers.delete(container);
      if (idle.includes(container)) idle.splice(idle.indexOf(container), 1);
    });
    return container;
  };
  return {
    invoke: async (event) => {
      const container = idle.pop() ?? start();
      let reply: v.InferOutput<typeof answer>;
      try {
        reply = v.parse(answer, await ask(container, event, definition.timeoutMs));
      } catch (error) {
        await container.terminate();
        throw error;
      }
      idle.push(container);
      if ('payload' in reply) return JSON.parse(reply.payload) as Json;
      throw new StatesError(reply.error.errorType, JSON.stringify(reply.error));
    },
    close: async () => {
      await Promise.all([...containers].map((container) => container.terminate()));
    },
  };
}

function startContainer(definition: FunctionDefinition, logs: Logs): Worker {
  const container = new Worker(CONTAINER, {
    workerData: {
      program: pathToFileURL(definition.program).href,
      functionArn: definition.arn,
      memoryMb: MEMORY_MB,
    },
    env: { ...definition.environment },
    // This process's own loaders have no business in there.
    execArgv: [],
    stdout: true,
    stderr: true,
  });
  const log = logs.open(definition.name);
  container.stdout.pipe(log, { end: false });
  container.stderr.pipe(log, { end: false });
  // An error between two invocations ends the container; whoever asks hears of it by a listener of their own.
  container.on('error', () => undefined);
  return container;
}

/** Resolves with the container's reply. @throws StatesError when it crashes, leaves or takes too long. */
function ask(container: Worker, event: Json, timeoutMs: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const fail = (name: string, why: string) => {
      settle();
      reject(new StatesError(name, JSON.stringify({ errorType: name, errorMessage: why })));
    };
    const onMessage = (message: unknown) => {
      settle();
      resolve(message);
    };
    const onError = (error: unknown) => {
      fail('Runtime.ExitError', error instanceof Error ? (error.stack ?? error.message) : String(error));
    };
    const onExit = () => {
      fail('Runtime.ExitError', 'Runtime exited without providing a reason');
    };
    const timer = setTimeout(() => {
      fail('Sandbox.Timedout', `Task timed out after ${String(timeoutMs / 1000)} seconds`);
    }, timeoutMs);
    const settle = () => {
      clearTimeout(timer);
      container.off('message', onMessage).off('error', onError).off('exit', onExit);
    };
    container.once('message', onMessage).once('error', onError).once('exit', onExit);
    container.postMessage({
      requestId: randomUUID(),
      event: JSON.stringify(event),
      deadlineMs: Date.now() + timeoutMs,
    });
  });
}
