/** A WebSocket to a server that may do anything: what it sends is bounded, and so is what it is waited for. */
import { WebSocket } from 'ws';
import type { Clock } from '../../../../ports/runtime/clock.ts';
import { ServerBrokeOff, ServerRefused } from './session.ts';

/** Name look-up, TCP, TLS and HTTP. */
const HANDSHAKE_MS = 10_000;
/** Both dialects' servers send short messages (AudioHook's: 64 KiB at most); a longer one ends the connection. */
const MESSAGE_BYTES_MAX = 65_536;
/** So long a server has to answer a close. */
const CLOSE_MS = 2_000;
const NORMAL_CLOSURE = 1_000;
/** “Policy violation” (RFC 6455), “unauthorized” and “forbidden” (IANA’s registry), and what applications use for these. */
const REFUSING_CLOSES: ReadonlySet<number> = new Set([1_008, 3_000, 3_003, 4_401, 4_403]);
const REFUSING_STATUSES: ReadonlySet<number> = new Set([401, 403]);

export interface ConnectionHandlers {
  onText?: (text: string) => void;
  onBinary?: () => void;
  onPong?: (data: string) => void;
  /** Once, however the connection ends. */
  onEnd?: (error: Error) => void;
}

export class Connection {
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  readonly #waiting = new Set<(error: Error) => void>();
  #error: Error | undefined;
  handlers: ConnectionHandlers = {};

  private constructor(socket: WebSocket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    socket.once('close', (code) => {
      const error = brokeOff(code);
      this.#error = error;
      for (const reject of this.#waiting) reject(error);
      this.#waiting.clear();
      this.handlers.onEnd?.(error);
    });
    socket.on('message', (data, isBinary) => {
      if (isBinary) this.handlers.onBinary?.();
      else this.handlers.onText?.(textOf(data));
    });
    socket.on('pong', (data) => this.handlers.onPong?.(data.toString()));
    // Its close follows.
    socket.on('error', () => undefined);
  }

  /** @throws ServerRefused, ServerBrokeOff */
  static async open(
    url: string,
    headers: Readonly<Record<string, string>>,
    clock: Clock,
    signal: AbortSignal,
  ): Promise<Connection> {
    const socket = new WebSocket(url, {
      headers: { ...headers },
      maxPayload: MESSAGE_BYTES_MAX,
      perMessageDeflate: false,
      // Credentials are for this server alone.
      followRedirects: false,
    });
    const stop = () => {
      socket.terminate();
    };
    const connection = new Connection(socket, clock);
    const over = new AbortController();
    signal.addEventListener('abort', stop, { once: true });
    void clock.sleep(HANDSHAKE_MS, over.signal).then(() => {
      if (!over.signal.aborted) stop();
    });
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('open', resolve);
        socket.once('unexpected-response', (request, response) => {
          request.destroy();
          reject(answered(response.statusCode));
        });
        socket.once('error', () => {
          reject(new ServerBrokeOff('the server can’t be connected to'));
        });
        if (signal.aborted) stop();
      });
    } finally {
      over.abort();
      signal.removeEventListener('abort', stop);
    }
    return connection;
  }

  /** Resolves when the operating system has taken it: whoever waits for that keeps no more than that waiting. */
  async send(data: string | Uint8Array): Promise<void> {
    const waiting = this.#waiting;
    await new Promise<void>((resolve, reject) => {
      if (this.#error) {
        reject(this.#error);
        return;
      }
      waiting.add(reject);
      this.#socket.send(data, (error) => {
        if (!error) {
          waiting.delete(reject);
          resolve();
          // How it has broken off is known when it is closed: soon, or else as soon as that.
        } else
          void this.#clock.sleep(CLOSE_MS).then(() => {
            this.terminate();
          });
      });
    });
  }

  /** The server’s WebSocket answers it with the same data, once it has read all that was sent before. */
  ping(data: string): void {
    this.#socket.ping(data, undefined, () => undefined);
  }

  /**
   * Closes, and waits for the server to close as well: then it has read all.
   * @throws ServerBrokeOff, or ServerRefused, where it did not in time
   */
  async close(): Promise<void> {
    const waiting = new AbortController();
    const isTooLate = this.#clock.sleep(CLOSE_MS, waiting.signal).then(() => undefined);
    const hadClosed = this.#error !== undefined;
    const answer = hadClosed ? Promise.resolve(undefined) : closeOf(this.#socket);
    if (!hadClosed) this.#socket.close(NORMAL_CLOSURE);
    const code = await Promise.race([answer, isTooLate]);
    waiting.abort();
    this.terminate();
    // What `ws` reports where the other side just went.
    if (code === undefined || code === 1_006) throw this.#error ?? brokeOff(code);
  }

  terminate(): void {
    this.#socket.terminate();
  }
}

function closeOf(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => {
    socket.once('close', resolve);
  });
}

function brokeOff(code: number | undefined): Error {
  if (code !== undefined && REFUSING_CLOSES.has(code))
    return new ServerRefused(`the server closed the connection: ${code}`);
  return new ServerBrokeOff('the server broke off', code);
}

function answered(status: number | undefined): Error {
  if (status !== undefined && REFUSING_STATUSES.has(status))
    return new ServerRefused(`the server answered ${status}`);
  return new ServerBrokeOff('the server took no WebSocket', status);
}

function textOf(data: Buffer | ArrayBuffer | Buffer[]): string {
  if (Buffer.isBuffer(data)) return data.toString();
  return Array.isArray(data) ? Buffer.concat(data).toString() : Buffer.from(data).toString();
}
