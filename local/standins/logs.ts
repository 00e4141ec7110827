/** The programs' structured logs, a file each: `connect.jsonl`, `task-1.jsonl`, … */
import { createWriteStream, existsSync, mkdirSync, type WriteStream } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';

const LOG = /^(?:task-\d+|live|connect|contact-event|assemble)\.jsonl$/;

export interface Logs {
  readonly dir: string;
  /** Both a program's streams go there; it stays open until {@link close}. */
  open(name: string): WriteStream;
  /** Resolves once everything is on disk. */
  close(): Promise<void>;
}

/** Logs of an earlier run go; the folder is made when there is something to log. */
export async function openLogs(dir: string): Promise<Logs> {
  const earlier = existsSync(dir) ? (await readdir(dir)).filter((name) => LOG.test(name)) : [];
  await Promise.all(earlier.map((name) => rm(join(dir, name))));
  const streams = new Map<string, WriteStream>();
  return {
    dir,
    open: (name) => {
      mkdirSync(dir, { recursive: true });
      const stream = streams.get(name) ?? createWriteStream(join(dir, `${name}.jsonl`));
      stream.setMaxListeners(0);
      streams.set(name, stream);
      return stream;
    },
    close: async () => {
      for (const stream of streams.values()) stream.end();
      await Promise.allSettled([...streams.values()].map((stream) => finished(stream)));
    },
  };
}
