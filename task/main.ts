/** The Fargate program: records one call, and leaves as `run.ts` says. */
import { systemClock } from '../ports/runtime/clock.ts';
import { keepHeapSmall } from '../ports/runtime/heap.ts';
import { powertoolsTelemetry } from '../ports/runtime/powertools-telemetry.ts';
import { openFeed } from './feed/open-feed.ts';
import { connectPorts } from './ports.ts';
import { run } from './run.ts';

keepHeapSmall();
void run({
  env: process.env,
  clock: systemClock,
  telemetryOf: (recording) => powertoolsTelemetry(process.env, recording),
  connectPorts,
  openFeed,
  onSignal: (name, hear) => process.once(name, hear),
  leave: (code) => process.exit(code),
}).then((code) => {
  // What may still be open (a body that was abandoned, a socket kept alive) is of no use to anyone.
  process.exit(code);
});
