/** A program that is told of a call, and answers: on its standard input and output, or on a socket. */
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';

export interface Talker {
  readonly told: Writable;
  readonly said: Readable;
  /** Resolves when it has left by itself, after all was read; rejects when it broke off. */
  readonly done: Promise<void>;
  close(): void;
}

/** @param command a shell's. What it prints elsewhere than on its standard output goes where this program's errors go */
export function startTalker(command: string): Talker {
  // A group of its own, so that what the shell has started goes with it.
  const child = spawn(command, { shell: true, stdio: ['pipe', 'pipe', 2], detached: true });
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('the recogniser can’t be talked to');
  let isOver = false;
  const done = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      isOver = true;
      if (code === 0) resolve();
      else
        reject(
          new Error(`the recogniser ended with ${code === null ? String(signal) : `exit code ${code}`}`),
        );
    });
  });
  done.catch(() => undefined);
  stdin.on('error', () => undefined);
  const end = () => {
    if (isOver || child.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has just gone.
    }
  };
  process.once('exit', end);
  done.finally(() => process.removeListener('exit', end)).catch(() => undefined);
  return { told: stdin, said: stdout, done, close: end };
}

export function socketTalker(socket: Socket): Talker {
  const done = new Promise<void>((resolve, reject) => {
    socket.once('close', () => {
      if (socket.writableFinished) resolve();
      else reject(new Error('the recogniser has gone'));
    });
  });
  done.catch(() => undefined);
  return {
    told: socket,
    said: socket,
    done,
    close: () => {
      socket.destroy();
    },
  };
}
