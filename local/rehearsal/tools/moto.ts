/** moto, in its server: started and waited for. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { stopChild, ToolFailure } from './process.ts';

export interface Moto {
  readonly url: string;
  close(): Promise<void>;
}

const START_MS_MAX = 60_000;
const POLL_MS = 100;

/** @param program `moto_server`. @param log a file */
export async function startMoto(program: string, log: string): Promise<Moto> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(program, ['-H', '127.0.0.1', '-p', String(port)], {
    env: {
      PATH: process.env.PATH ?? '',
      // What a user's own variables would change.
      AWS_ACCESS_KEY_ID: 'rehearsal',
      AWS_SECRET_ACCESS_KEY: 'rehearsal',
      AWS_DEFAULT_REGION: 'us-east-1',
      MOTO_ALLOW_NONEXISTENT_REGION: 'false',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out = createWriteStream(log, { flags: 'a' });
  child.stdout.pipe(out, { end: false });
  child.stderr.pipe(out, { end: false });
  const closed = once(child, 'close');
  const close = async () => {
    if (child.exitCode === null && child.signalCode === null) stopChild(child);
    await closed;
    out.end();
  };
  try {
    await untilReady(url, () => child.exitCode !== null, log);
  } catch (error) {
    await close();
    throw error;
  }
  return { url, close };
}

async function untilReady(url: string, ended: () => boolean, log: string): Promise<void> {
  for (const untilMs = Date.now() + START_MS_MAX; ;) {
    if (ended()) throw new ToolFailure(`moto ended as soon as it had started; see ${log}`);
    const ready = await fetch(`${url}/moto-api/`).catch(() => undefined);
    if (ready !== undefined) return;
    if (Date.now() > untilMs) throw new ToolFailure(`moto doesn't answer; see ${log}`);
    await sleep(POLL_MS);
  }
}

/** Lent by the system for a moment; moto can't be told to take any port and to say which. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}
