/**
 * One task, from its environment to its exit code.
 *
 * Exit codes: 0, nothing is left to do (`ended` is written, or the recording belongs to another execution); anything
 * else means "run me again": 1 a failure, 2 the environment is wrong, 3 superseded or hung, 143 SIGTERM.
 */
import type { Environment } from '../contract/environment.ts';
import type { Clock } from '../ports/runtime/clock.ts';
import type { Telemetry } from '../ports/runtime/telemetry.ts';
import type { Recording } from '../recording/identity.ts';
import { type Outcome, record } from './record.ts';
import type { RecorderPorts } from './recorder-ports.ts';
import { readSettings, type TaskSettings } from './settings.ts';
import type { FeedSink } from './sinks/fragment-sink.ts';
import { startWatchdog, watchedClock } from './watchdog.ts';

/** What a task has of the process that it runs in. */
export interface Surroundings {
  readonly env: Environment;
  readonly clock: Clock;
  /** @param recording its identity stands on each line; undefined while it isn't known */
  readonly telemetryOf: (recording?: Recording) => Telemetry;
  readonly connectPorts: (settings: TaskSettings, clock: Clock, telemetry: Telemetry) => RecorderPorts;
  /** @returns undefined where none is asked for, or it can't be opened */
  readonly openFeed: (env: Environment, clock: Clock, telemetry: Telemetry) => Promise<Feed | undefined>;
  /** Tells of a signal, once. */
  readonly onSignal: (name: StopSignal, hear: () => void) => void;
  /** Ends the process at once. */
  readonly leave: (exitCode: number) => void;
}

export interface Feed extends FeedSink {
  /** Resolves when those who listen need it no more. */
  done(): Promise<void>;
}

export type StopSignal = (typeof STOP_SIGNALS)[number];

const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

const EXIT = { ok: 0, failed: 1, misconfigured: 2, runAgain: 3, terminated: 143 } as const;

/** No wait of the recorder's own is longer than 30 s, and every request is bounded by its client. */
const HUNG_AFTER_MS = 180_000;
/** The stop timeout is 120 s; what isn't stored by then is read again by the successor. */
const STORE_AFTER_SIGTERM_MS = 60_000;

/** @returns the exit code. It never rejects. */
export async function run(surroundings: Surroundings): Promise<number> {
  const { env, telemetryOf, leave } = surroundings;
  let settings: TaskSettings;
  try {
    settings = readSettings(env);
  } catch (error) {
    telemetryOf().error('the task is misconfigured', error);
    return EXIT.misconfigured;
  }
  const telemetry = telemetryOf(settings.recording);
  const watchdog = startWatchdog(HUNG_AFTER_MS, () => {
    telemetry.error('nothing has moved for too long', new Error(`no progress for ${HUNG_AFTER_MS} ms`));
    leave(EXIT.runAgain);
  });
  try {
    return exitCodeOf(await recordWatched(surroundings, settings, telemetry, watchdog.alive));
  } catch (error) {
    telemetry.error('the recorder failed; a new task goes on from the checkpoint', error);
    return EXIT.failed;
  } finally {
    watchdog.stop();
  }
}

async function recordWatched(
  surroundings: Surroundings,
  settings: TaskSettings,
  telemetry: Telemetry,
  alive: () => void,
): Promise<Outcome> {
  const { env, connectPorts, openFeed } = surroundings;
  const signal = onTermination(surroundings, telemetry);
  const clock = watchedClock(surroundings.clock, alive);
  const feed = await openFeed(env, clock, telemetry);
  const ports = { ...connectPorts(settings, clock, telemetry), ...(feed && { feed }) };
  const outcome = await record(ports, settings, signal);
  telemetry.info('leaving', { outcome });
  if (outcome === 'ended') await feed?.done();
  return outcome;
}

function exitCodeOf(outcome: Outcome): number {
  switch (outcome) {
    case 'ended':
    case 'foreign':
      return EXIT.ok;
    case 'superseded':
      return EXIT.runAgain;
    case 'interrupted':
      return EXIT.terminated;
  }
}

/** Aborted by SIGTERM (Spot takes the task away, or somebody stops it); the process leaves in time, whatever hangs. */
function onTermination({ clock, onSignal, leave }: Surroundings, telemetry: Telemetry): AbortSignal {
  const controller = new AbortController();
  for (const name of STOP_SIGNALS)
    onSignal(name, () => {
      telemetry.info('asked to stop: storing what has been read', { signal: name });
      void clock.sleep(STORE_AFTER_SIGTERM_MS).then(() => {
        leave(EXIT.terminated);
      });
      controller.abort();
    });
  return controller.signal;
}
