/** The recorder's feed on a Unix socket. */
import { connect, type Socket } from 'node:net';
import type { Feed } from './feed.ts';

export class FeedSocket implements Feed {
  readonly #path: string;
  #socket: Socket | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async join(signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | undefined> {
    this.leave();
    if (signal.aborted) return undefined;
    // Its end is kept open when the recorder's is not any more: by closing it one says that one has done with it.
    const socket = connect({ path: this.#path, allowHalfOpen: true });
    const isConnected = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => {
        resolve(true);
      });
      socket.once('error', () => {
        resolve(false);
      });
    });
    socket.on('error', () => undefined);
    if (!isConnected) return undefined;
    this.#socket = socket;
    return bytesOf(socket, signal);
  }

  leave(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }
}

async function* bytesOf(socket: Socket, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const stop = () => {
    socket.destroy();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted) return;
    const chunks: AsyncIterable<Buffer> = socket.iterator({ destroyOnReturn: false });
    for await (const chunk of chunks) yield chunk;
  } catch {
    // Broken off: whoever follows joins again.
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
