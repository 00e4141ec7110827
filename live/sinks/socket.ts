/**
 * A Unix socket for a program of the user's own, such as one in another container of the task. Whoever connects is told
 * what the one before hasn't heard; until somebody connects, nothing is read and nothing is lost. What has been written
 * counts as heard, unless it says itself what it has heard: by lines of JSON, `{"heard": <frame>}`, the first of them
 * (`{"heard": 0}`) at once. Then all from that frame on is given again to whoever comes after it.
 */
import { lstat, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import * as v from 'valibot';
import type { Clock } from '../../ports/runtime/clock.ts';
import { RecordingError } from '../../recording/errors.ts';
import { linesOf } from './lines.ts';
import { type Reader, StreamSink } from './stream-sink.ts';

/** A longer line is passed over, and not held. */
const LINE_BYTES_MAX = 4_096;
/** Whoever is going to say what it has heard says so within this. */
const FIRST_LINE_MS = 250;
/** What a Unix socket's address has room for: unix(7), "Address format", and sys/un.h of macOS. */
const PATH_BYTES_MAX = process.platform === 'darwin' ? 103 : 107;
const heardLine = v.object({ heard: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) });

export class SocketListeners {
  readonly #server: Server;
  readonly #clock: Clock;
  readonly #waiting: Socket[] = [];
  #wake: () => void = () => undefined;

  private constructor(server: Server, clock: Clock) {
    this.#server = server;
    this.#clock = clock;
    server.on('connection', (socket) => {
      socket.on('error', () => undefined);
      this.#waiting.push(socket);
      this.#wake();
    });
  }

  /**
   * @param path of the socket; one that an earlier program has left behind is replaced
   * @throws RecordingError where something else is there, which stays, or nothing can listen there
   */
  static async listen(path: string, clock: Clock): Promise<SocketListeners> {
    // libuv before 1.48 (Node.js 20) listens at what is left of a path that it has cut.
    if (Buffer.byteLength(path) > PATH_BYTES_MAX) throw unusable(path, 'ENAMETOOLONG');
    await removeSocket(path);
    const server = createServer({ allowHalfOpen: true });
    const listeners = new SocketListeners(server, clock);
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        reject(unusable(path, error.code ?? error.name));
      });
      // Whoever can reach the folder may connect, as whatever user: a container of the deployer's own has one of its own.
      server.listen({ path, readableAll: true, writableAll: true }, resolve);
    });
    return listeners;
  }

  /** The next one that connects, or has connected meanwhile. @returns undefined when the signal came */
  async next(signal: AbortSignal): Promise<StreamSink | undefined> {
    const socket = await this.nextSocket(signal);
    return socket && new StreamSink(await readerOf(socket, this.#clock));
  }

  /** The same, as it is. */
  async nextSocket(signal: AbortSignal): Promise<Socket | undefined> {
    const woken = () => {
      this.#wake();
    };
    signal.addEventListener('abort', woken, { once: true });
    try {
      while (!signal.aborted) {
        const socket = this.#waiting.shift();
        if (socket?.destroyed === false) return socket;
        if (socket === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
      }
      return undefined;
    } finally {
      signal.removeEventListener('abort', woken);
    }
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#waiting.splice(0)) socket.destroy();
  }
}

/** What isn't a socket is somebody's file. */
async function removeSocket(path: string): Promise<void> {
  const there = await lstat(path).catch(() => undefined);
  if (there === undefined) return;
  if (!there.isSocket())
    throw new RecordingError(`${path} is there already, and is no socket: name a path where nothing is`);
  await rm(path, { force: true });
}

function unusable(path: string, reason: string): RecordingError {
  return new RecordingError(
    `nothing can listen at ${path} (${reason}): its folder must be there, and be writable, and the path be short (${String(PATH_BYTES_MAX)} bytes here)`,
  );
}

async function readerOf(socket: Socket, clock: Clock): Promise<Reader> {
  let heard: number | undefined;
  let said: () => void = () => undefined;
  void hear(socket, (frame) => {
    heard = Math.max(heard ?? 0, frame);
    said();
  });
  const done = new Promise<void>((resolve, reject) => {
    socket.once('close', () => {
      if (socket.writableFinished) resolve();
      else reject(new Error('whoever listened has gone'));
    });
  });
  // It may break off before anybody asks.
  done.catch(() => undefined);
  await new Promise<void>((resolve) => {
    said = resolve;
    void clock.sleep(FIRST_LINE_MS).then(resolve);
    socket.once('close', () => {
      resolve();
    });
  });
  return {
    stream: socket,
    done,
    get heard() {
      return heard;
    },
    close: () => {
      socket.destroy();
    },
  };
}

/** A line that isn't one of ours says nothing. Ends with the connection. */
async function hear(socket: Socket, onHeard: (frame: number) => void): Promise<void> {
  try {
    // Whoever says nothing more may go on listening.
    const bytes: AsyncIterable<Buffer> = socket.iterator({ destroyOnReturn: false });
    for await (const line of linesOf(bytes, LINE_BYTES_MAX)) {
      const { success, output } = v.safeParse(heardLine, parsed(line ?? ''));
      if (success) onHeard(output.heard);
    }
  } catch {
    // Broken off, of which whoever writes to it hears.
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
