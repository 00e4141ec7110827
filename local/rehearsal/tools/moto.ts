/** moto, in its server: started, waited for, and asked what it holds. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { stopChild, ToolFailure } from './process.ts';

export interface Moto {
  readonly url: string;
  /** Everything that it holds: `service model id`, sorted. */
  holdings(): Promise<string[]>;
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
  return { url, holdings: () => holdings(url), close };
}

async function untilReady(url: string, ended: () => boolean, log: string): Promise<void> {
  for (const untilMs = Date.now() + START_MS_MAX; ;) {
    if (ended()) throw new ToolFailure(`moto ended as soon as it had started; see ${log}`);
    const ready = await fetch(`${url}/moto-api/data.json`).catch(() => undefined);
    if (ready?.ok === true) return;
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

const data = v.record(v.string(), v.record(v.string(), v.array(v.record(v.string(), v.unknown()))));
/** What names a thing, of what moto tells of it. */
const NAMES = ['arn', 'name', 'id', 'key_id', 'function_name', 'url'];

async function holdings(url: string): Promise<string[]> {
  const answer = v.parse(data, await (await fetch(`${url}/moto-api/data.json`)).json());
  return Object.entries(answer)
    .flatMap(([service, models]) =>
      Object.entries(models).flatMap(([model, items]) =>
        items.map((item) => `${service} ${model} ${nameOf(item)}`),
      ),
    )
    .sort();
}

function nameOf(item: Readonly<Record<string, unknown>>): string {
  const found = NAMES.map((name) => item[name]).find((value) => typeof value === 'string' && value !== '');
  return typeof found === 'string' ? found : JSON.stringify(item).slice(0, 200);
}
