/**
 * The task, for a start-up snapshot: what it loads before its first request has run when the snapshot is made; it begins
 * when a process is started from that.
 */
import '../../ports/runtime/powertools-telemetry.ts';
import '../../task/feed/open-feed.ts';
import '../../task/ports.ts';
import '../../task/record.ts';
import '../../task/settings.ts';
import '../../task/watchdog.ts';
import { startupSnapshot } from 'node:v8';

startupSnapshot.setDeserializeMainFunction(() => {
  void import('../../task/main.ts');
});
