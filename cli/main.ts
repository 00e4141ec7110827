import { runCli } from './cli.ts';
import { processIo } from './terminal/io.ts';

const EXIT_INTERRUPTED = 130;
const STOP_MS_MAX = 2_000;

// What is written here is its owner's alone to read: recordings, records, reports, and what they are made of.
process.umask(0o077);
// The SDK would tell every operator with Node 20 what it will require one day.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
// Whoever reads our output may have seen enough (`| head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
const interruption = new AbortController();
process.once('SIGINT', () => {
  interruption.abort();
  // The second time at once; and the first time soon, whatever it is busy with.
  process.once('SIGINT', () => process.exit(EXIT_INTERRUPTED));
  setTimeout(() => process.exit(EXIT_INTERRUPTED), STOP_MS_MAX).unref();
});

const exitCode = await runCli(process.argv.slice(2), processIo(interruption.signal));
// Commands that print by themselves set the exit code by themselves.
if (interruption.signal.aborted) process.exitCode = EXIT_INTERRUPTED;
else if (exitCode !== 0) process.exitCode = exitCode;
