/** One run: the system, the call, the files. */
import { join } from 'node:path';
import { stop } from 'esbuild';
import { buildUnlessStanding } from '../../build.ts';
import { harmless } from '../../cli/terminal/terminal.ts';
import { STATES } from '../../contract/record-states.ts';
import type { ExecutionEvent } from '../standins/execution.ts';
import { startSystem, type System, type SystemOptions } from '../system/system.ts';
import type { Arguments } from './arguments.ts';
import { InputError, type LocalCall } from './call.ts';
import {
  checkSinks,
  feedFor,
  LIVE_LOG,
  type LocalListener,
  startListener,
  transcriptSource,
} from './live.ts';
import { withLiveOutput } from './live-output.ts';
import { type OutputFiles, writeOutput } from './output.ts';
import { logsDir } from './output-folder.ts';
import { newProgressDisplay, type ProgressState } from './progress.ts';
import { type CallResult, runCall, type RunProgress } from './run-call.ts';
import { summary } from './summary.ts';
import { localTranscribe } from './transcribe.ts';

const RETRY_MS = 200;
/** How long a task may take to store what it has, when the run is interrupted. */
const STOP_TIMEOUT_MS = 3_000;
/** Whoever listens has heard all at once, as a rule. */
const TELL_AFTER_MS = 2_000;
const GRACE_SECONDS = { live: 10, least: 0.5 };

/** Tasks must not outlive this process, whichever way it ends. */
function endTasksOnExit(system: System): void {
  process.on('exit', () => {
    for (const task of system.ecs.tasks) if (task.running()) process.kill(task.pid, 'SIGKILL');
  });
}

/**
 * Prints how far it is, and then what came of it.
 * @returns the call record's status, or undefined when there is no record. @throws InputError
 */
export async function record(
  args: Arguments,
  call: LocalCall,
  signal: AbortSignal,
): Promise<string | undefined> {
  const progress = followProgress();
  const { pace, segmentSeconds, killAtSeconds, formats, live, network } = args;
  await checkSinks(live, call);
  const feed = await feedFor(live);
  const transcribe = await localTranscribe(live, call, pace, process.env);
  if (transcribe) console.log(`Transcribe’s words: ${transcribe.words}`);
  const built = build();
  const system = await startStandins({
    logsDir: logsDir(args.out),
    settings: {
      segmentSeconds,
      // What is late in a live call comes so much sooner here.
      graceSeconds: Math.max(GRACE_SECONDS.least, GRACE_SECONDS.live / Math.max(1, pace ?? Infinity)),
    },
    formats,
    asksByFunction: network === 'ipv6',
    ...(feed && { feedSocket: feed.socket }),
    ...(transcribe?.standin && { transcribe: transcribe.standin }),
    transcriptSource: transcriptSource(process.env),
    retryMs: RETRY_MS,
    stopTimeoutMs: STOP_TIMEOUT_MS,
    onExecutionEvent: progress.onExecutionEvent,
  });
  endTasksOnExit(system);
  let result: CallResult;
  try {
    await built;
    const options = {
      ...(pace !== undefined && { pace }),
      ...(killAtSeconds !== undefined && { killAtMs: killAtSeconds * 1000 }),
      signal,
      onProgress: progress.onProgress,
    };
    const listener = feed && startListener(system, call, live, feed.socket, transcribe?.variables);
    result = await withLiveOutput(args.out, system, call, () => runCall(system, call, options));
    progress.stop();
    if (listener) await waitFor(listener, args.out);
    const files = await writeOutput(args.out, system, call, result);
    const report = await reportOn(args.out, call, files);
    const shown = { ...files, ...(report !== undefined && { report }) };
    // The file that was recorded has a say in it, and may be anybody's.
    console.log(harmless(summary(result, shown, killAtSeconds), false));
  } finally {
    progress.stop();
    await system.close();
    await feed?.remove();
  }
  const status = result.record?.status;
  return typeof status === 'string' ? status : undefined;
}

/** The recording is what counts: what whoever listens wasn't given is told of, and no more. */
async function waitFor(listener: LocalListener, dir: string): Promise<void> {
  const telling = setTimeout(() => {
    console.log('the call is over; whoever listens is waited for');
  }, TELL_AFTER_MS);
  const exitCode = await listener.done();
  clearTimeout(telling);
  if (exitCode === 0) return;
  const log = join(logsDir(dir), `${LIVE_LOG}.jsonl`);
  console.error(`callspool: whoever listens was not given all of it; why: ${log}`);
}

/** The recording is what counts: a page that can't be made is told of, and no more. */
async function reportOn(dir: string, call: LocalCall, files: OutputFiles): Promise<string | undefined> {
  try {
    const { writeRunReport } = await import('./report.ts');
    return await writeRunReport(dir, call, files);
  } catch (error) {
    console.error('callspool: the page about the call can’t be written:', error);
    return undefined;
  }
}

/** Builds the programs, so that it is always the code in the tree that runs. */
function build(): Promise<void> {
  const built = buildUnlessStanding().then(stop);
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

function followProgress(): Progress {
  const display = newProgressDisplay(process.stdout);
  let phase: ProgressState['phase'] = 'starting';
  let retries = 0;
  return {
    onProgress: (progress) => {
      display.show({ ...progress, phase, retries });
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
