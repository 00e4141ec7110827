/**
 * A forwarding HTTP proxy in front of a stand-in: it shows each request and answer to hooks, which may pass them
 * on, answer in the service's place, let the client wait for ever, or cut the connection.
 */
import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { endpointOf, type Standin } from './standin.ts';

export interface ProxiedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface ProxiedAnswer {
  readonly statusCode: number;
  readonly headers: IncomingHttpHeaders;
}

/** What becomes of a request, or of its answer. */
export type RequestFate =
  /** On to the service; a request may go to another one instead. */
  | { readonly kind: 'pass'; readonly target?: string }
  /** The client gets this in place of what the service says. */
  | {
      readonly kind: 'answer';
      readonly statusCode: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: string;
    }
  /** The client waits, until it or the proxy gives up. */
  | { readonly kind: 'hang' }
  /** The connection is cut; of an answer, after so many bytes of its body. */
  | { readonly kind: 'drop'; readonly afterBytes?: number };

export const PASS: RequestFate = { kind: 'pass' };

export interface Hooks {
  /** Is asked before the request is passed on. */
  request?(request: ProxiedRequest): RequestFate | Promise<RequestFate>;
  /** Is asked after the service has answered (so that what it was asked to do is done), before the client hears of it. */
  answer?(request: ProxiedRequest, answer: ProxiedAnswer): RequestFate | Promise<RequestFate>;
}

export interface Proxy extends Standin {
  /** Nobody listens there any more, and whoever is connected is cut off. */
  goAway(): Promise<void>;
  /** Listens again, where it did. */
  comeBack(): Promise<void>;
}

const REQUEST_BYTES_MAX = 64 * 1024 * 1024;
const KEEP_ALIVE_MS = 600_000;
const COME_BACK_MS_MAX = 10_000;
const PORT_POLL_MS = 50;

/** Listens on 127.0.0.1, on a port of its own; it forwards to `target`. */
export async function startProxy(target: string, hooks: Hooks): Promise<Proxy> {
  const server = createServer((incoming, outgoing) => {
    handle(target, hooks, incoming, outgoing).catch(() => outgoing.destroy());
  });
  keepConnections(server);
  // Those too that have connected and asked nothing yet, which the server itself doesn't count.
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    if (!server.listening) socket.destroy();
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = endpointOf(server);
  const goAway = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const comeBack = () => listenAgain(server, Number(new URL(url).port));
  return { url, goAway, comeBack, close: goAway };
}

/**
 * A client that asks just when its idle connection is closed is cut off, and may not try again. Node.js counts a connection
 * that hasn't asked anything yet among those whose headers are late, and closes it after a minute; Go's HTTP client opens
 * such ones for later.
 */
export function keepConnections(server: Server): void {
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.headersTimeout = 0;
  server.requestTimeout = 0;
}

/** Meanwhile the system may have lent the port to somebody's connection, for a moment. */
async function listenAgain(server: Server, port: number): Promise<void> {
  for (const untilMs = Date.now() + COME_BACK_MS_MAX; ;) {
    const listening = once(server, 'listening');
    server.listen(port, '127.0.0.1');
    try {
      await listening;
      return;
    } catch (error) {
      if (!isInUse(error) || Date.now() > untilMs) throw error;
      await sleep(PORT_POLL_MS);
    }
  }
}

function isInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

async function handle(
  target: string,
  hooks: Hooks,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const asked: ProxiedRequest = {
    method: incoming.method ?? 'GET',
    path: incoming.url ?? '/',
    headers: incoming.headers,
    body: await bodyOf(incoming),
  };
  const before = (await hooks.request?.(asked)) ?? PASS;
  if (before.kind !== 'pass') {
    carryOut(before, outgoing);
    return;
  }
  const answer = await forward(before.target ?? target, asked, outgoing);
  const { statusCode = 502, headers } = answer;
  const after = (await hooks.answer?.(asked, { statusCode, headers })) ?? PASS;
  if (after.kind !== 'pass' && after.kind !== 'drop') {
    answer.destroy();
    carryOut(after, outgoing);
    return;
  }
  outgoing.writeHead(statusCode, headers);
  // Of media, whose length nobody knows and which may be long in coming, the client is to know that they will come. What has
  // a length goes out in one piece, so that no client has the head alone.
  if (headers['content-length'] === undefined) outgoing.flushHeaders();
  if (after.kind === 'pass') await pipeline(answer, outgoing);
  else await passOnThenCut(answer, outgoing, after.afterBytes ?? 0);
}

/** Answers in the service's place. */
function carryOut(verdict: RequestFate, outgoing: ServerResponse): void {
  if (verdict.kind === 'drop') outgoing.destroy();
  if (verdict.kind === 'answer') outgoing.writeHead(verdict.statusCode, verdict.headers).end(verdict.body);
}

/** These are between two neighbours alone. */
const HOP_BY_HOP = ['connection', 'expect', 'keep-alive', 'transfer-encoding'];

/** The client's headers go on as they are: they are signed. A client that goes away takes the request with it. */
async function forward(
  target: string,
  asked: ProxiedRequest,
  outgoing: ServerResponse,
): Promise<IncomingMessage> {
  const { hostname, port } = new URL(target);
  const upstream = request({
    hostname,
    port,
    method: asked.method,
    path: asked.path,
    headers: {
      ...Object.fromEntries(Object.entries(asked.headers).filter(([name]) => !HOP_BY_HOP.includes(name))),
      'content-length': asked.body.length,
    },
    agent: false,
  });
  outgoing.once('close', () => upstream.destroy());
  upstream.end(asked.body);
  const [answer] = (await once(upstream, 'response')) as [IncomingMessage];
  for (const name of ['connection', 'keep-alive']) Reflect.deleteProperty(answer.headers, name);
  return answer;
}

async function passOnThenCut(
  answer: AsyncIterable<Buffer>,
  outgoing: ServerResponse,
  bytesMax: number,
): Promise<void> {
  let left = bytesMax;
  for await (const chunk of answer) {
    const part = chunk.subarray(0, left);
    left -= part.length;
    // Only once it has left this process: cutting the connection discards what is still waiting.
    await new Promise((resolve) => outgoing.write(part, resolve));
    if (left === 0) break;
  }
  outgoing.destroy();
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > REQUEST_BYTES_MAX) throw new Error(`a request of more than ${REQUEST_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
