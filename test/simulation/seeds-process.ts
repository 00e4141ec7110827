/** Seeds in a process of their own, which runs them faster than the loader of whoever asks for them. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { bundled } from './bundled.ts';
import { Answer, type Share } from './share.ts';

/** No stacks, which nobody reads, and no helpers of the garbage collection: every core has seeds of its own to run. */
const NODE_OPTIONS = ['--stack-trace-limit=0', '--single-threaded'];

export class SeedsProcess {
  readonly #child: ChildProcess;

  /** @param path the worker's, bundled */
  constructor(path: string) {
    this.#child = fork(path, { execArgv: NODE_OPTIONS });
  }

  /** One share at a time. @throws when the process dies instead, which is a failure, too. */
  run(share: Share): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const died = (code: number | null) => {
        const seeds = `seeds ${share.from} to ${share.from + share.count - 1}`;
        reject(new Error(`a process died (exit code ${String(code)}) with ${seeds}`));
      };
      this.#child.once('exit', died);
      this.#child.once('message', (message) => {
        this.#child.off('exit', died);
        resolve(v.parse(Answer, message));
      });
      this.#child.send(share);
    });
  }

  end(): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}

/** Gives work the bundled worker's path, for as long as it takes. */
export async function withWorker<T>(work: (path: string) => Promise<T>): Promise<T> {
  const worker = await bundled(fileURLToPath(new URL('./seeds-worker.ts', import.meta.url)));
  try {
    return await work(worker.path);
  } finally {
    await worker.remove();
  }
}

/** Runs seeds, and explains each that fails. */
export function failuresOf(from: number, count: number): Promise<readonly string[]> {
  return withWorker(async (path) => {
    const process = new SeedsProcess(path);
    try {
      return (await process.run({ from, count })).failures;
    } finally {
      process.end();
    }
  });
}
