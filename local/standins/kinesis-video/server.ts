/**
 * Kinesis Video Streams' stand-in: control plane, live media and archived media at one URL, in REST-JSON as the
 * SDK's clients speak it. A data endpoint has a path of its own, where only the operation it was asked for answers.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { session, type SessionPlan } from '../../../ports/media/memory-session.ts';
import { endpointOf, type Standin } from '../standin.ts';
import { archivedMedia, listFragments } from './archive.ts';
import { KinesisVideoError, type KinesisVideoErrorName } from './errors.ts';
import { ConnectionLimit, RateLimit } from './limits.ts';
import * as requests from './requests.ts';
import { API_NAMES, type Operation, OPERATIONS, parseRequest } from './requests.ts';
import { describeStream, startOf } from './shapes.ts';
import type { Stream } from './stream.ts';

/** A request, for whoever decides what goes wrong with it. */
export interface Call {
  readonly operation: Operation;
  /** The nth of this operation, from 1. */
  readonly count: number;
  readonly streamName: string;
}

/** What goes wrong with a request: it is refused, or (GetMedia) its session goes by this plan. */
export type Fault =
  | { readonly refuse: KinesisVideoErrorName; readonly message?: string }
  | ({ readonly refuse?: never } & SessionPlan);

export interface KinesisVideoOptions {
  readonly streams: readonly Stream[];
  /** A GetMedia session ends by itself after so long. Default: 45 minutes. */
  readonly sessionMs?: number;
  /** A GetMedia session ends when nothing came for so long. Default: 30 s. */
  readonly idleMs?: number;
  /** A GetMedia session ends, cleanly, after so many fragments. */
  readonly cutEveryFragments?: number;
  /** A GetMedia session ends after so many bytes, in the middle of a fragment too; more than the largest fragment. */
  readonly cutAtBytes?: number;
  /** Calls a second, per stream and operation. Default: 5. */
  readonly callsPerSecond?: number;
  /** GetMedia sessions of a stream at the same time. Default: 3. */
  readonly connections?: number;
  readonly faults?: (call: Call) => Fault | undefined;
}

export interface KinesisVideoStandin extends Standin {
  /** How often each operation was called. */
  readonly requests: Readonly<Record<Operation, number>>;
  /** GetMedia sessions that are open now. */
  readonly openSessions: number;
}

const CALLS_PER_SECOND = 5;
/** An account's, for the operations of the control plane that aren't counted per stream. */
const ACCOUNT_CALLS_PER_SECOND = 50;
const CONNECTIONS = 3;
const ERROR_NAMESPACE = 'https://kinesisvideo.amazonaws.com/doc/2017-09-30/';

/** Listens on 127.0.0.1, on a port of its own. Set `AWS_ENDPOINT_URL_KINESIS_VIDEO` to `url`. */
export async function startKinesisVideo(options: KinesisVideoOptions): Promise<KinesisVideoStandin> {
  const app = fastify({ forceCloseConnections: true, bodyLimit: 1024 * 1024 });
  const service = new Service(options);
  answerErrors(app);
  for (const operation of OPERATIONS) {
    app.post(`/${operation}`, (request, reply) => service.answer(operation, request, reply));
  }
  for (const [apiName, allowed] of Object.entries(API_NAMES)) {
    for (const operation of OPERATIONS) {
      app.post(`/${apiName}/${operation}`, (request, reply) => {
        if (operation === allowed) return service.answer(operation, request, reply);
        throw new KinesisVideoError('InvalidEndpointException', `this is an endpoint for ${apiName}`);
      });
    }
  }
  await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    url: endpointOf(app.server),
    requests: service.requests,
    get openSessions() {
      return service.openSessions;
    },
    close: async () => {
      service.stop();
      await app.close();
    },
  };
}

class Service {
  readonly requests: Record<Operation, number> = {
    describeStream: 0,
    getDataEndpoint: 0,
    getMedia: 0,
    listFragments: 0,
    getMediaForFragmentList: 0,
  };
  readonly #options: KinesisVideoOptions;
  readonly #rates: RateLimit;
  readonly #accountRates: RateLimit;
  readonly #connections: ConnectionLimit;
  readonly #stopped = new AbortController();

  constructor(options: KinesisVideoOptions) {
    const now = () => Date.now();
    this.#options = options;
    this.#rates = new RateLimit(options.callsPerSecond ?? CALLS_PER_SECOND, now);
    this.#accountRates = new RateLimit(ACCOUNT_CALLS_PER_SECOND, now);
    this.#connections = new ConnectionLimit(options.connections ?? CONNECTIONS);
  }

  get openSessions(): number {
    return this.#connections.open;
  }

  /** Ends every session. */
  stop(): void {
    this.#stopped.abort();
  }

  async answer(operation: Operation, { body, host }: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    this.requests[operation] += 1;
    const stream = this.#find(parseRequest(requests.StreamReference, body));
    const fault = this.#options.faults?.({
      operation,
      count: this.requests[operation],
      streamName: stream.name,
    });
    if (fault?.refuse) throw new KinesisVideoError(fault.refuse, fault.message ?? 'refused by the stand-in');
    const rates = operation === 'describeStream' ? this.#accountRates : this.#rates;
    rates.take(`${operation} of ${stream.name}`);
    switch (operation) {
      case 'describeStream':
        return { StreamInfo: describeStream(stream) };
      case 'getDataEndpoint':
        // Where the client has found the stand-in: that may be a proxy in front of it.
        return { DataEndpoint: `http://${host}/${parseRequest(requests.GetDataEndpoint, body).APIName}` };
      case 'listFragments':
        return listFragments(stream, parseRequest(requests.ListFragments, body));
      case 'getMediaForFragmentList': {
        const { Fragments } = parseRequest(requests.GetMediaForFragmentList, body);
        return this.#stream(reply, () => archivedMedia(stream, Fragments.map(BigInt)));
      }
      case 'getMedia': {
        const { StartSelector } = parseRequest(requests.GetMedia, body);
        const plan = { ...this.#plan(), ...fault };
        const start = startOf(StartSelector);
        return this.#connected(stream, reply, (signal) => session(stream, start, plan, signal));
      }
    }
  }

  #plan(): SessionPlan {
    const { sessionMs, idleMs, cutEveryFragments, cutAtBytes } = this.#options;
    return {
      ...(sessionMs !== undefined && { sessionMs }),
      ...(idleMs !== undefined && { idleMs }),
      ...(cutEveryFragments !== undefined && { afterFragments: cutEveryFragments }),
      ...(cutAtBytes !== undefined && { afterBytes: cutAtBytes }),
    };
  }

  #find({ StreamARN, StreamName }: requests.StreamReference): Stream {
    if (StreamARN === undefined && StreamName === undefined) {
      throw new KinesisVideoError('InvalidArgumentException', 'Either StreamARN or StreamName must be given');
    }
    const found = this.#options.streams.find(
      ({ arn, name }) =>
        (StreamARN === undefined || arn === StreamARN) && (StreamName === undefined || name === StreamName),
    );
    if (found) return found;
    throw new KinesisVideoError(
      'ResourceNotFoundException',
      'The requested stream is not found or not active.',
    );
  }

  async #connected(
    stream: Stream,
    reply: FastifyReply,
    open: (signal: AbortSignal) => AsyncIterable<Uint8Array>,
  ): Promise<void> {
    const release = this.#connections.take(stream.name);
    try {
      await this.#stream(reply, open);
    } finally {
      release();
    }
  }

  /** Answers with a body that stays open while media flows. Its headers go out before the first byte is there. */
  async #stream(
    reply: FastifyReply,
    open: (signal: AbortSignal) => AsyncIterable<Uint8Array>,
  ): Promise<void> {
    reply.hijack();
    const gone = new AbortController();
    reply.raw.once('close', () => {
      gone.abort();
    });
    reply.raw.writeHead(200, { 'content-type': 'video/webm' });
    reply.raw.flushHeaders();
    const signal = AbortSignal.any([gone.signal, this.#stopped.signal]);
    try {
      await pipeline(Readable.from(open(signal)), reply.raw);
    } catch {
      // The client went away, or the plan breaks the connection off: nobody is left to tell.
      reply.raw.destroy();
    }
  }
}

function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error, _request, reply) => {
    const known =
      error instanceof KinesisVideoError
        ? error
        : new KinesisVideoError('InternalFailure', error instanceof Error ? error.message : 'unknown');
    return reply
      .code(known.statusCode)
      .header('x-amzn-errortype', `${known.name}:${ERROR_NAMESPACE}`)
      .send({ Message: known.message });
  });
}
