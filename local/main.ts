/** `npm run local`: one call, with the whole system on this machine. */
import { stop } from 'esbuild';
import { buildAll } from '../build.ts';
import { STATES } from '../recording/workflow.ts';
import { type Arguments, parseArguments } from './arguments.ts';
import { InputError, type LocalCall } from './call.ts';
import type { ExecutionEvent } from './execution.ts';
import { loadCall } from './input.ts';
import { type Interruption, listenForSignals } from './interruption.ts';
import { checkOutput, logsDir, writeOutput } from './output.ts';
import { newProgressDisplay, type ProgressState } from './progress.ts';
import { type CallResult, runCall, type RunProgress } from './run-call.ts';
import { summary } from './summary.ts';
import { startSystem, type System, type SystemOptions } from './system.ts';

const EXIT = { complete: 0, broken: 1, usage: 2, otherStatus: 3 } as const;
const RETRY_MS = 200;
/** How long a task may take to store what it has, when the run is interrupted. */
const STOP_TIMEOUT_MS = 3_000;
const GRACE_SECONDS = { live: 10, least: 0.5 };

/** Tasks must not outlive this process, whichever way it ends. */
function endTasksOnExit(system: System): void {
  process.on('exit', () => {
    for (const task of system.ecs.tasks) if (task.running()) process.kill(task.pid, 'SIGKILL');
  });
}

async function record(args: Arguments, call: LocalCall, interruption: Interruption): Promise<number> {
  const progress = followProgress(call);
  const { pace, segmentSeconds, killAtSeconds } = args;
  const built = build();
  const system = await startStandins({
    logsDir: logsDir(args.out),
    settings: {
      ...(segmentSeconds !== undefined && { segmentSeconds }),
      // What is late in a live call comes so much sooner here.
      graceSeconds: Math.max(GRACE_SECONDS.least, GRACE_SECONDS.live / Math.max(1, pace ?? Infinity)),
    },
    retryMs: RETRY_MS,
    stopTimeoutMs: STOP_TIMEOUT_MS,
    onExecutionEvent: progress.onExecutionEvent,
  });
  endTasksOnExit(system);
  let result: CallResult;
  try {
    await built;
    result = await runCall(system, call, {
      ...(pace !== undefined && { pace }),
      ...(killAtSeconds !== undefined && { killAtMs: killAtSeconds * 1000 }),
      signal: interruption.signal,
      onProgress: progress.onProgress,
    });
    progress.stop();
    const files = await writeOutput(args.out, system, call, result);
    console.log(summary(result, files, killAtSeconds));
  } finally {
    progress.stop();
    await system.close();
  }
  if (result.record === undefined) return EXIT.broken;
  return result.record.status === 'COMPLETE' ? EXIT.complete : EXIT.otherStatus;
}

/** So that it is always the code in the tree that runs. */
function build(): Promise<void> {
  const built = buildAll().then(stop);
  // It is awaited only once the stand-ins are there, if they ever are.
  built.catch(() => undefined);
  return built;
}

/** @throws InputError where the machine refuses a port or the like. */
async function startStandins(options: SystemOptions): Promise<System> {
  try {
    return await startSystem(options);
  } catch (error) {
    if (!(error instanceof Error) || !('syscall' in error)) throw error;
    throw new InputError(`the stand-ins can't be started: ${error.message}`);
  }
}

interface Progress {
  readonly onProgress: (progress: RunProgress) => void;
  readonly onExecutionEvent: (event: ExecutionEvent) => void;
  readonly stop: () => void;
}

function followProgress({ own }: LocalCall): Progress {
  const display = newProgressDisplay(process.stdout);
  const totalMs = (own.at(-1)?.producerTimestampMs ?? 0) - (own[0]?.producerTimestampMs ?? 0);
  let phase: ProgressState['phase'] = 'starting';
  let retries = 0;
  return {
    onProgress: (progress) => {
      display.show({ ...progress, phase, retries, totalMs });
    },
    onExecutionEvent: ({ type, state }) => {
      if (type === 'StateRetried') retries++;
      if (type === 'StateEntered') phase = state === STATES.assemble ? 'assembling' : 'recording';
    },
    stop: () => {
      display.stop();
    },
  };
}

async function main(): Promise<number> {
  // The SDK would tell every newcomer with Node 20 what it will require one day.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const interruption = listenForSignals((name) => {
    console.error(`${name}: stopping; once more stops at once`);
  });
  let args: Arguments | undefined;
  try {
    args = await parseArguments(process.argv.slice(2));
    if (args === undefined) return EXIT.complete;
    const call = await loadCall({
      file: args.media,
      ...(args.contact !== undefined && { contactId: args.contact }),
      ...(args.pace !== undefined && { pace: args.pace }),
    });
    await checkOutput(args.out);
    console.log(`contact ${call.contactId}, start fragment ${call.startFragmentNumber.toString()}`);
    return await record(args, call, interruption);
  } catch (error) {
    const interrupted = interruption.exitCode();
    if (interrupted !== undefined) return interrupted;
    if (error instanceof InputError) {
      console.error(`callspool: ${error.message}`);
      return EXIT.usage;
    }
    console.error(error);
    if (args !== undefined) console.error(`logs, as far as there are any: ${logsDir(args.out)}`);
    return EXIT.broken;
  }
}

process.exit(await main());
