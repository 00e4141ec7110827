/** The feed's socket in simulated time: what a Unix socket does, as far as the feed and its listeners see it. */
import { EventEmitter } from 'node:events';
import type { FeedConnection, FeedDoor } from '../../task/feed/feed-server.ts';

/** What is on its way, and where it breaks off, as the recorder sees it. */
class Connection extends EventEmitter implements FeedConnection {
  readonly #queue: Uint8Array[] = [];
  #state: 'open' | 'ending' | 'gone' = 'open';
  #wake: () => void = () => undefined;
  /** What it was given when it came. */
  #atOnce = 0;

  /** What waits, beyond what it was given when it came. */
  get waitingBytes(): number {
    return this.#state === 'open' ? this.writableLength - this.#atOnce : 0;
  }

  admitted(): void {
    this.#atOnce = this.writableLength;
  }

  get destroyed(): boolean {
    return this.#state === 'gone';
  }

  get writableLength(): number {
    return this.#queue.reduce((sum, { length }) => sum + length, 0);
  }

  resume(): void {
    // Whatever a listener might say is passed over.
  }

  write(bytes: Uint8Array): void {
    if (this.#state !== 'open') return;
    this.#queue.push(bytes);
    this.#wake();
  }

  end(): void {
    if (this.#state === 'open') this.#state = 'ending';
    this.#wake();
  }

  /** What had not been taken yet is lost, from the middle of a piece on. */
  destroy(): void {
    if (this.#state === 'gone') return;
    this.#state = 'gone';
    const [first] = this.#queue.splice(0);
    if (first && first.length > 1) this.#queue.push(first.subarray(0, first.length >> 1));
    this.#wake();
    this.emit('close');
  }

  /** The listener closes its side. */
  leave(): void {
    this.emit('end');
    this.destroy();
  }

  async *bytes(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const next = this.#queue.shift();
      if (next) {
        yield next;
        if (this.#queue.length > 0) continue;
        this.#atOnce = 0;
        this.emit('drain');
      } else if (this.#state !== 'open') return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

export class MemoryDoor extends EventEmitter implements FeedDoor {
  listening = true;
  readonly #connections = new Set<Connection>();

  close(): void {
    this.listening = false;
  }

  /** The most that waits for one listener. */
  get waitingBytes(): number {
    return Math.max(0, ...[...this.#connections].map(({ waitingBytes }) => waitingBytes));
  }

  connect(): Connection {
    const connection = new Connection();
    this.#connections.add(connection);
    this.emit('connection', connection);
    connection.admitted();
    return connection;
  }

  /** The recorder is gone. */
  break(): void {
    this.close();
    for (const connection of this.#connections) connection.destroy();
  }
}

export type { Connection };
