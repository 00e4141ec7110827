/** AWS's own DynamoDB Local, from a folder of its jars: what dynalite and the in-memory twins say is held against it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const MAIN_CLASS = 'software.amazon.dynamodb.services.local.main.ServerRunner';
const START_MS_MAX = 60_000;
const POLL_MS = 100;

export interface DynamoDbLocal {
  readonly url: string;
  close(): Promise<void>;
}

/** @throws when there are no jars, no Java, or it doesn't come up: the message says which. */
export async function startDynamoDbLocal(jars: string): Promise<DynamoDbLocal> {
  const names = await readdir(jars).catch(() => []);
  if (!names.some((name) => name.startsWith('DynamoDBLocal-')))
    throw new Error(`there is no DynamoDB Local in ${jars}`);
  const port = await freePort();
  const java = spawn('java', argumentsFor(jars, port), { stdio: ['ignore', 'ignore', 'inherit'] });
  await once(java, 'spawn').catch((error: unknown) => {
    throw new Error('Java can’t be started; DynamoDB Local needs Java 17 or later', { cause: error });
  });
  const url = `http://127.0.0.1:${port}`;
  try {
    await untilAnswers(java, url);
  } catch (error) {
    await end(java);
    throw error;
  }
  return { url, close: () => end(java) };
}

function argumentsFor(jars: string, port: number): string[] {
  const options = ['-inMemory', '-sharedDb', '-disableTelemetry', '-port', String(port)];
  return [`-Djava.library.path=${jars}`, '-cp', join(jars, '*'), MAIN_CLASS, ...options];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

/** It tells nobody when it is ready. */
async function untilAnswers(java: ChildProcess, url: string): Promise<void> {
  const untilMs = Date.now() + START_MS_MAX;
  while (Date.now() < untilMs && java.exitCode === null) {
    const answers = await fetch(url).then(
      () => true,
      () => false,
    );
    if (answers) return;
    await sleep(POLL_MS);
  }
  throw new Error('DynamoDB Local doesn’t come up');
}

async function end(java: ChildProcess): Promise<void> {
  if (java.exitCode !== null || java.signalCode !== null) return;
  java.kill('SIGKILL');
  await once(java, 'exit');
}
