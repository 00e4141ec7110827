/**
 * Amazon Transcribe streaming's stand-in: StartStreamTranscription of two channels, over HTTP/2 in plain text. It says
 * nothing before somebody speaks, ends a stream to which nothing comes, one that lasts too long, and one whose SessionId
 * another one takes; and refuses those that are too many. Signatures are not looked at. All of it is the same again by the
 * same seed, but for when what comes.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  constants,
  createServer,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { type Clock, systemClock } from '../../../ports/runtime/clock.ts';
import { ServiceError } from '../json.ts';
import { seededRandom } from '../kinesis-video/random.ts';
import type { Standin } from '../standin.ts';
import { exceptionFrame, FrameReader } from './frames.ts';
import type { Hearing, Tell } from './hearing.ts';
import { answeredHeaders, type StreamSettings, streamSettings } from './request.ts';
import { Session } from './session.ts';

/** What becomes of a stream, beside what the service does by itself. */
export type StreamFate =
  /** Refused before it begins. */
  | { readonly kind: 'refuse'; readonly code: string; readonly statusCode: number }
  /** The stream is reset, or the whole connection cut, once so much audio has come: the client hears of no error. */
  | { readonly kind: 'reset' | 'cut'; readonly afterMs: number }
  /** An exception amid the stream. */
  | { readonly kind: 'fail'; readonly code: string; readonly afterMs: number }
  /** The request is taken, and never answered. */
  | { readonly kind: 'mute' };

export interface TranscribeOptions {
  readonly hearing: (sampleRate: number, tell: Tell) => Hearing;
  readonly clock?: Clock;
  readonly seed?: number;
  /** The quota of streams at a time. */
  readonly streamsMax?: number;
  readonly longestMs?: number;
  readonly silenceMs?: number;
  readonly lagMs?: { readonly least: number; readonly most: number };
  /** @param number of the stream, from 1 */
  readonly fate?: (number: number, settings: StreamSettings) => StreamFate | undefined;
}

/** What came of a stream. */
export interface StreamLog {
  readonly settings: StreamSettings;
  readonly beganMs: number;
  /** When a chunk came, by the stand-in's clock, and how many frames it held. */
  readonly chunks: { readonly atMs: number; readonly frames: number }[];
  /** `open`; `done`; `gone`: the client left, or was cut off; or an exception's name. */
  ended: string;
}

export interface TranscribeStandin extends Standin {
  /** The streams that were taken, and those that were refused, in order. */
  readonly streams: readonly StreamLog[];
}

const PATH = '/stream-transcription';
const STREAMS_MAX = 25;
const LONGEST_MS = 4 * 3_600_000;
const SILENCE_MS = 15_000;
const LAG_MS = { least: 270, most: 1_000 };
const BYTES_PER_FRAME = 4;

/** Listens on 127.0.0.1, on a port of its own. Set `AWS_ENDPOINT_URL_TRANSCRIBE_STREAMING` to `url`. */
export async function startTranscribe(options: TranscribeOptions): Promise<TranscribeStandin> {
  const service = new Service(options);
  const server = createServer();
  const connections = new Set<Http2Session>();
  server.on('session', (connection) => {
    connections.add(connection);
    connection.on('error', () => undefined);
    connection.once('close', () => connections.delete(connection));
  });
  const used = new WeakSet<Http2Session>();
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    const { session } = stream;
    // One stream a connection.
    if (session === undefined || used.has(session)) {
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
      return;
    }
    used.add(session);
    service.serve(stream, headers);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return {
    url: `http://127.0.0.1:${String(address.port)}`,
    streams: service.logs,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      service.close();
      for (const connection of connections) connection.destroy();
      await closed;
    },
  };
}

interface Open {
  readonly session: Session;
  readonly log: StreamLog;
}

class Service {
  readonly logs: StreamLog[] = [];
  readonly #options: TranscribeOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  /** By SessionId. */
  readonly #open = new Map<string, Open>();

  constructor(options: TranscribeOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = seededRandom(options.seed ?? 1);
  }

  serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    try {
      if (headers[':method'] !== 'POST' || headers[':path'] !== PATH)
        throw new ServiceError('UnknownOperationException', 'only StartStreamTranscription is there', 404);
      this.#begin(stream, headers, streamSettings(headers));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      stream.respond({
        ':status': error.statusCode,
        'content-type': 'application/json',
        'x-amzn-requestid': randomUUID(),
        'x-amzn-errortype': error.code,
      });
      stream.end(JSON.stringify({ Message: error.message }));
    }
  }

  close(): void {
    for (const { session } of this.#open.values()) session.close();
  }

  #begin(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, settings: StreamSettings): void {
    const log: StreamLog = { settings, beganMs: this.#clock.now(), chunks: [], ended: 'open' };
    this.logs.push(log);
    const fate = this.#options.fate?.(this.logs.length, settings);
    const sessionId = settings.sessionId ?? randomUUID();
    this.#admit(log, fate, sessionId);
    stream.respond({
      ':status': 200,
      'content-type': 'application/vnd.amazon.eventstream',
      'x-amzn-request-id': randomUUID(),
      ...answeredHeaders(headers, sessionId),
    });
    const session = this.#session(stream, log, fate, sessionId);
    const open = { session, log };
    this.#open.set(sessionId, open);
    stream.once('close', () => {
      session.close();
      if (log.ended === 'open') log.ended = 'gone';
      if (this.#open.get(sessionId) === open) this.#open.delete(sessionId);
    });
    this.#read(stream, open, fate);
  }

  /** @throws ServiceError */
  #admit(log: StreamLog, fate: StreamFate | undefined, sessionId: string): void {
    const refuse = (code: string, message: string, statusCode: number) => {
      log.ended = code;
      throw new ServiceError(code, message, statusCode);
    };
    if (fate?.kind === 'refuse') refuse(fate.code, 'refused, as it was asked for', fate.statusCode);
    const older = this.#open.get(sessionId);
    older?.session.fail('ConflictException', 'A new stream was started with the same session ID.');
    this.#open.delete(sessionId);
    if (this.#open.size >= (this.#options.streamsMax ?? STREAMS_MAX))
      refuse('LimitExceededException', 'Too many concurrent streams.', 429);
  }

  #session(
    stream: ServerHttp2Stream,
    log: StreamLog,
    fate: StreamFate | undefined,
    sessionId: string,
  ): Session {
    const { hearing, lagMs = LAG_MS, silenceMs = SILENCE_MS, longestMs = LONGEST_MS } = this.#options;
    return new Session({
      settings: log.settings,
      clock: this.#clock,
      random: this.#random,
      hearing,
      lagMs,
      silenceMs,
      longestMs,
      isMute: fate?.kind === 'mute',
      write: (frame) => stream.write(frame),
      over: (error) => {
        log.ended = error?.code ?? 'done';
        if (this.#open.get(sessionId)?.log === log) this.#open.delete(sessionId);
        if (error) stream.write(exceptionFrame(error.code, error.message));
        stream.end();
      },
    });
  }

  #read(stream: ServerHttp2Stream, { session, log }: Open, fate: StreamFate | undefined): void {
    const frames = new FrameReader();
    let heard = 0;
    stream.on('data', (bytes: Buffer) => {
      try {
        for (const frame of frames.push(bytes)) {
          if (frame !== 'end') {
            const count = frame.audio.length / BYTES_PER_FRAME;
            log.chunks.push({ atMs: this.#clock.now(), frames: count });
            heard += count;
          }
          session.take(frame);
        }
      } catch {
        session.fail('BadRequestException', 'The stream can’t be read.');
      }
      if (fate && 'afterMs' in fate && heard * 1000 >= fate.afterMs * log.settings.sampleRate)
        carryOut(fate, stream, session);
    });
    stream.on('end', () => {
      session.take('end');
    });
  }
}

function carryOut(fate: StreamFate, stream: ServerHttp2Stream, session: Session): void {
  if (fate.kind === 'fail') session.fail(fate.code, 'as it was asked for');
  if (fate.kind === 'reset') stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  if (fate.kind === 'cut') stream.session?.destroy();
}
