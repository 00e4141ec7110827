/** `npm run local`: one call, with the whole system on this machine. */
import { type Arguments, parseArguments } from './arguments.ts';
import { InputError } from './call.ts';
import { loadCall } from './input.ts';
import { listenForSignals } from './interruption.ts';
import { checkOutput, logsDir } from './output-folder.ts';

const EXIT = { complete: 0, broken: 1, usage: 2, otherStatus: 3 } as const;

async function main(): Promise<number> {
  // Audio, numbers and logs are their owner's alone to read, in whatever folder.
  process.umask(0o077);
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
    // Only now: what it takes is not worth loading for a mistyped option.
    const { record } = await import('./record.ts');
    const status = await record(args, call, interruption.signal);
    const interrupted = interruption.exitCode();
    if (interrupted !== undefined) return interrupted;
    if (status === undefined) return EXIT.broken;
    return status === 'COMPLETE' ? EXIT.complete : EXIT.otherStatus;
  } catch (error) {
    const interrupted = interruption.exitCode();
    if (interrupted !== undefined) return interrupted;
    if (error instanceof InputError) {
      // It may quote the file, which may be anybody's.
      const { printable } = await import('../../cli/terminal/terminal.ts');
      console.error(`callspool: ${printable(error.message)}`);
      return EXIT.usage;
    }
    console.error(error);
    if (args !== undefined) console.error(`logs, as far as there are any: ${logsDir(args.out)}`);
    return EXIT.broken;
  }
}

// Whoever read it has gone: `| head`.
process.stdout.on('error', () => process.exit(EXIT.broken));
process.exit(await main());
