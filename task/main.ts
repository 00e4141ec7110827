/**
 * The Fargate program: records one call, and leaves.
 *
 * Exit codes: 0, nothing is left to do (`ended` is written, or the recording belongs to another execution); anything
 * else means "run me again": 1 a failure, 2 the environment is wrong, 3 superseded or hung, 143 SIGTERM.
 */
import { systemClock } from '../ports/runtime/clock.ts';
import { keepHeapSmall } from '../ports/runtime/heap.ts';
import { powertoolsTelemetry } from '../ports/runtime/powertools-telemetry.ts';
import type { Telemetry } from '../ports/runtime/telemetry.ts';
import { openFeed } from './feed/open-feed.ts';
import { connectPorts } from './ports.ts';
import { type Outcome, record } from './record.ts';
import { readSettings, type TaskSettings } from './settings.ts';
import { startWatchdog, watchedClock } from './watchdog.ts';

const EXIT = { ok: 0, failed: 1, misconfigured: 2, runAgain: 3, terminated: 143 } as const;

/** No wait of the recorder's own is longer than 30 s, and every request is bounded by its client. */
const HUNG_AFTER_MS = 180_000;
/** The stop timeout is 120 s; what isn't stored by then is read again by the successor. */
const STORE_AFTER_SIGTERM_MS = 60_000;

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
function onTermination(telemetry: Telemetry): AbortSignal {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals) => {
    telemetry.info('asked to stop: storing what has been read', { signal: name });
    setTimeout(() => process.exit(EXIT.terminated), STORE_AFTER_SIGTERM_MS).unref();
    controller.abort();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  return controller.signal;
}

async function main(): Promise<number> {
  let telemetry = powertoolsTelemetry(process.env);
  let settings: TaskSettings;
  try {
    settings = readSettings(process.env);
  } catch (error) {
    telemetry.error('the task is misconfigured', error);
    return EXIT.misconfigured;
  }
  telemetry = powertoolsTelemetry(process.env, settings.recording);
  const watchdog = startWatchdog(HUNG_AFTER_MS, () => {
    telemetry.error('nothing has moved for too long', new Error(`no progress for ${HUNG_AFTER_MS} ms`));
    process.exit(EXIT.runAgain);
  });
  try {
    const signal = onTermination(telemetry);
    const clock = watchedClock(systemClock, watchdog.alive);
    const feed = await openFeed(process.env, clock, telemetry);
    const ports = { ...connectPorts(settings, clock, telemetry), ...(feed && { feed }) };
    const outcome = await record(ports, settings, signal);
    telemetry.info('leaving', { outcome });
    if (outcome === 'ended') await feed?.done();
    return exitCodeOf(outcome);
  } catch (error) {
    telemetry.error('the recorder failed; a new task goes on from the checkpoint', error);
    return EXIT.failed;
  } finally {
    watchdog.stop();
  }
}

keepHeapSmall();
void main().then((code) => {
  // What may still be open (a body that was abandoned, a socket kept alive) is of no use to anyone.
  process.exit(code);
});
