/** A program that is told on its standard input (messages.ts). What it prints goes where this program's errors go: standard output holds its log. */
import { type ChildProcess, spawn } from 'node:child_process';
import { ListenerLeft } from './audio-sink.ts';
import { type Reader, StreamSink } from './stream-sink.ts';

export interface ExecOptions {
  /** The descriptor that it prints to. Default: 2. */
  readonly output?: 1 | 2;
  /** A group of its own: what its shell has started goes with it, and a terminal's Ctrl-C doesn't reach it. */
  readonly ownGroup?: boolean;
  /** Told why it left, where that is no good end, and nobody wanted it to. */
  readonly onFailure?: (why: string) => void;
}

/** @param command a shell's, as it is typed */
export function openExec(command: string, options: ExecOptions = {}): StreamSink {
  const { output = 2, ownGroup = false, onFailure } = options;
  const child = spawn(command, { shell: true, stdio: ['pipe', output, 2], detached: ownGroup });
  const { stdin } = child;
  if (stdin === null) throw new Error('the program has no standard input');
  let ended = false;
  let closed = false;
  const done = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (code === 0 && ended) resolve();
      else if (code === 0) reject(new ListenerLeft('the program left by itself'));
      else {
        const why = `the program ended with ${code === null ? String(signal) : `exit code ${code}`}`;
        if (!closed) onFailure?.(why);
        reject(new Error(why));
      }
    });
  });
  // A program that leaves closes the pipe first; how it left is what counts.
  stdin.on('error', () => undefined);
  stdin.once('finish', () => {
    ended = true;
  });
  const reader: Reader = {
    stream: stdin,
    done,
    close: () => {
      closed = true;
      stdin.destroy();
      if (child.exitCode === null && child.signalCode === null) end(child, ownGroup);
    },
  };
  return new StreamSink(reader);
}

function end(child: ChildProcess, isGroup: boolean): void {
  if (!isGroup || child.pid === undefined) {
    child.kill();
    return;
  }
  try {
    process.kill(-child.pid, 'SIGTERM');
  } catch {
    // It has just gone.
  }
}
