/**
 * Hands what is kept to whoever listens on a Unix socket, verbatim and at once: GetMedia bytes. Whoever connects gets
 * first what is not on the tape yet, then what comes. The recorder never waits for a listener: one that is too slow is
 * cut off, and comes again.
 */
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { byteLengthOf, type NumberedFragment } from '../../matroska/fragment.ts';
import type { Clock } from '../../ports/runtime/clock.ts';
import type { Telemetry } from '../../ports/runtime/telemetry.ts';
import type { FeedSink, KeptFragment } from '../sinks/fragment-sink.ts';

export interface FeedOptions {
  /** Where it listens; what an earlier program has left behind there is replaced. */
  readonly path: string;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, 'info' | 'warn'>;
  /** Default: {@link WAITING_BYTES_MAX}. */
  readonly waitingBytesMax?: number;
}

/** What may wait for one listener, beside what wasn't on the tape when it came. */
export const WAITING_BYTES_MAX = 1024 * 1024;
/** Listeners of one task. */
const LISTENERS_MAX = 16;
/** How long the task waits, the call being over, for listeners to say that they are done. */
export const DONE_MS = 20_000;

/** What the feed needs of a socket. */
export interface FeedConnection {
  readonly destroyed: boolean;
  /** Bytes that the other side has not taken yet. */
  readonly writableLength: number;
  write(bytes: Uint8Array): unknown;
  end(): unknown;
  destroy(): unknown;
  resume(): unknown;
  on(event: 'error' | 'drain', hear: () => void): unknown;
  once(event: 'end' | 'close', hear: () => void): unknown;
}

/** Where listeners come in: a server on a Unix socket, or what a test has in its place. */
export interface FeedDoor {
  readonly listening: boolean;
  on(event: 'connection', admit: (connection: FeedConnection) => void): unknown;
  on(event: 'error', hear: (error: Error) => void): unknown;
  close(): unknown;
}

interface Listener {
  readonly socket: FeedConnection;
  /** More than it may wait for it: what it was given at once when it came. */
  allowance: number;
}

export class FeedServer implements FeedSink {
  readonly #options: Omit<FeedOptions, 'path'>;
  readonly #server: FeedDoor;
  readonly #listeners = new Set<Listener>();
  /** Kept, and not on the tape yet, in order; the spool bounds it, which makes the reader wait. */
  readonly #untaped: NumberedFragment[] = [];

  constructor(server: FeedDoor, options: Omit<FeedOptions, 'path'>) {
    this.#server = server;
    this.#options = options;
    server.on('connection', (socket) => {
      this.#admit(socket);
    });
    server.on('error', ({ name }) => {
      // That it can't listen at all is told to whoever wanted it to.
      if (server.listening) options.telemetry.warn('a listener could not come in', { error: name });
    });
  }

  /** @throws when it can't listen there */
  static async listen(options: FeedOptions): Promise<FeedServer> {
    await rm(options.path, { force: true });
    const server = createServer({ allowHalfOpen: true });
    const feed = new FeedServer(server, options);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.path, resolve);
    });
    return feed;
  }

  take({ fragment, source }: KeptFragment): void {
    // What fills a hole is on the tape already.
    if (source === 'live') this.#untaped.push(fragment);
    for (const listener of this.#listeners) this.#send(listener, fragment);
  }

  onTape(last: bigint): void {
    const first = this.#untaped.findIndex(({ number }) => number > last);
    this.#untaped.splice(0, first < 0 ? this.#untaped.length : first);
  }

  end(): void {
    this.#server.close();
    for (const { socket } of this.#listeners) socket.end();
  }

  /** After {@link end}. Resolves when every listener has left, or after 20 s; then they are cut off. */
  async done(): Promise<void> {
    const { clock } = this.#options;
    const enough = new AbortController();
    const timeUp = clock.sleep(DONE_MS, enough.signal);
    const left = [...this.#listeners].map(({ socket }) => closed(socket));
    await Promise.race([Promise.all(left), timeUp]);
    enough.abort();
    for (const { socket } of this.#listeners) socket.destroy();
  }

  #admit(socket: FeedConnection): void {
    socket.on('error', () => undefined);
    if (!this.#server.listening || this.#listeners.size >= LISTENERS_MAX) {
      socket.destroy();
      return;
    }
    const listener: Listener = { socket, allowance: 0 };
    this.#listeners.add(listener);
    socket.resume();
    socket.once('end', () => {
      socket.destroy();
    });
    socket.once('close', () => {
      this.#listeners.delete(listener);
    });
    listener.allowance = this.#untaped.reduce((sum, fragment) => sum + byteLengthOf(fragment), 0);
    for (const fragment of this.#untaped) this.#send(listener, fragment);
    socket.on('drain', () => {
      listener.allowance = 0;
    });
  }

  #send(listener: Listener, { pieces }: NumberedFragment): void {
    const { socket } = listener;
    if (socket.destroyed) return;
    // What waits already counts, and not how large this one is.
    const { waitingBytesMax = WAITING_BYTES_MAX } = this.#options;
    if (socket.writableLength <= waitingBytesMax + listener.allowance) {
      for (const piece of pieces) socket.write(piece);
      return;
    }
    this.#options.telemetry.info('a listener is too slow for the feed; it may come again');
    socket.destroy();
  }
}

function closed(socket: FeedConnection): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => {
      resolve();
    });
  });
}
