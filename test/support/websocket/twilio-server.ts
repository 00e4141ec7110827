/**
 * A server of Twilio's Media Streams, written from Twilio's documentation and from no client's code. It holds each stream to
 * it, writes down what it breaks, and keeps each track's audio by its timestamps.
 */
import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as v from 'valibot';
import { type WebSocket, WebSocketServer } from 'ws';
import { CallAudio } from './call-audio.ts';
import { Waiting } from './waiting.ts';

const FRAMES_PER_MS = 8;
const CHUNK_FRAMES = 160;
const sid = (kind: string) => v.pipe(v.string(), v.regex(new RegExp(`^${kind}[0-9a-f]{32}$`)));
const numeral = v.pipe(v.string(), v.regex(/^\d+$/), v.transform(Number));
/** The customer’s, and the agent’s. */
export const TRACKS = ['inbound', 'outbound'] as const;
const track = v.picklist(TRACKS);
export type ServedTrack = v.InferOutput<typeof track>;

const Message = v.variant('event', [
  v.strictObject({ event: v.literal('connected'), protocol: v.literal('Call'), version: v.literal('1.0.0') }),
  v.strictObject({
    event: v.literal('start'),
    sequenceNumber: numeral,
    streamSid: sid('MZ'),
    start: v.strictObject({
      streamSid: sid('MZ'),
      accountSid: sid('AC'),
      callSid: sid('CA'),
      tracks: v.strictTuple([v.literal('inbound'), v.literal('outbound')]),
      customParameters: v.record(v.string(), v.string()),
      mediaFormat: v.strictObject({
        encoding: v.literal('audio/x-mulaw'),
        sampleRate: v.literal(8_000),
        channels: v.literal(1),
      }),
    }),
  }),
  v.strictObject({
    event: v.literal('media'),
    sequenceNumber: numeral,
    streamSid: sid('MZ'),
    media: v.strictObject({
      track,
      chunk: numeral,
      timestamp: numeral,
      payload: v.pipe(
        v.string(),
        v.base64(),
        v.transform((text) => Buffer.from(text, 'base64')),
      ),
    }),
  }),
  v.strictObject({
    event: v.literal('stop'),
    sequenceNumber: numeral,
    streamSid: sid('MZ'),
    stop: v.strictObject({ accountSid: sid('AC'), callSid: sid('CA') }),
  }),
]);
type Message = v.InferOutput<typeof Message>;

export class ServedStream {
  readonly socket: WebSocket;
  start: Extract<Message, { event: 'start' }>['start'] | undefined;
  isConnected = false;
  isStopped = false;
  media = 0;
  closeCode: number | undefined;
  /** Where each track’s timestamps jump: ms. */
  readonly jumps: { readonly track: ServedTrack; readonly fromMs: number; readonly toMs: number }[] = [];
  readonly #server: TwilioServer;
  readonly #next = new Map<ServedTrack, number>();
  #sequenceNumber = 0;

  constructor(server: TwilioServer, socket: WebSocket) {
    this.#server = server;
    this.socket = socket;
  }

  text(text: string): void {
    const { success, output, issues } = v.safeParse(Message, JSON.parse(text));
    if (!success) this.#fault(`${issues[0].message}: ${text}`);
    else if (output.event === 'connected') this.#connect();
    else this.#take(output);
  }

  #connect(): void {
    if (this.isConnected) this.#fault('connected twice');
    this.isConnected = true;
  }

  #take(message: Exclude<Message, { event: 'connected' }>): void {
    if (!this.isConnected) this.#fault(`${message.event} before connected`);
    if (message.sequenceNumber !== this.#sequenceNumber + 1)
      this.#fault(`sequenceNumber ${message.sequenceNumber} after ${this.#sequenceNumber}`);
    this.#sequenceNumber = message.sequenceNumber;
    if ((message.event === 'start') !== (this.start === undefined))
      this.#fault(`${message.event}, not start`);
    if (this.isStopped) this.#fault(`${message.event} after stop`);
    if (message.event === 'start') this.start = message.start;
    if (message.streamSid !== this.start?.streamSid) this.#fault('another stream’s id');
    if (message.event === 'media') this.#hear(message.media);
    if (message.event === 'stop') this.isStopped = true;
  }

  #hear(media: Extract<Message, { event: 'media' }>['media']): void {
    this.media += 1;
    if (media.chunk !== this.media) this.#fault(`chunk ${media.chunk}, not ${this.media}`);
    const { payload } = media;
    if (payload.length === 0 || payload.length > CHUNK_FRAMES)
      this.#fault(`a message of ${payload.length} samples`);
    const from = this.#frameOf(media.track, media.timestamp);
    this.#server.heard(media.track).put(from, payload);
    this.#next.set(media.track, from + payload.length);
  }

  /** A timestamp is in whole ms: which frame it is follows from where the track had come to. */
  #frameOf(name: ServedTrack, timestampMs: number): number {
    const first = Number(this.start?.customParameters.startFrame ?? 0);
    const next = this.#next.get(name) ?? first;
    if (Math.floor(next / FRAMES_PER_MS) === timestampMs) return next;
    const fromMs = next / FRAMES_PER_MS;
    if (timestampMs < fromMs) this.#fault(`timestamp ${timestampMs} after ${fromMs}`);
    this.jumps.push({ track: name, fromMs, toMs: timestampMs });
    return timestampMs * FRAMES_PER_MS;
  }

  #fault(what: string): void {
    this.#server.faults.push(what);
  }
}

export interface TwilioBehaviour {
  /** Undefined: whoever connects is let in. */
  authToken?: () => string;
  onStream?: (stream: ServedStream, index: number) => void;
}

export class TwilioServer {
  readonly behaviour: TwilioBehaviour;
  readonly streams: ServedStream[] = [];
  readonly faults: string[] = [];
  requests = 0;
  readonly #waiting = new Waiting();
  readonly #http: Server;
  readonly #webSockets: WebSocketServer;
  readonly #heard = { inbound: new CallAudio(1, 0xff), outbound: new CallAudio(1, 0xff) };

  private constructor(http: Server, behaviour: TwilioBehaviour) {
    this.#http = http;
    this.behaviour = behaviour;
    this.#webSockets = new WebSocketServer({ noServer: true });
    http.on('upgrade', (request, socket, head) => {
      this.requests += 1;
      if (!this.#isKnown(request)) socket.end('HTTP/1.1 403 No\r\nConnection: close\r\n\r\n');
      else
        this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
          this.#serve(webSocket);
        });
      this.#waiting.happened();
    });
  }

  static async start(behaviour: TwilioBehaviour = {}): Promise<TwilioServer> {
    const http = createServer();
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    return new TwilioServer(http, behaviour);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#http.address() as AddressInfo).port}/media?x=1`;
  }

  heard(name: ServedTrack): CallAudio {
    return this.#heard[name];
  }

  until(isSo: (streams: readonly ServedStream[]) => boolean): Promise<void> {
    return this.#waiting.until(() => isSo(this.streams));
  }

  close(): void {
    for (const { socket } of this.streams) socket.terminate();
    this.#http.closeAllConnections();
    this.#http.close();
  }

  #isKnown({ headers }: IncomingMessage): boolean {
    const token = this.behaviour.authToken?.();
    if (token === undefined) return true;
    return headers['x-twilio-signature'] === createHmac('sha1', token).update(this.url).digest('base64');
  }

  #serve(socket: WebSocket): void {
    const stream = new ServedStream(this, socket);
    this.streams.push(stream);
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) this.faults.push('a binary message');
      else stream.text(data.toString());
      this.#waiting.happened();
    });
    socket.once('close', (code) => {
      stream.closeCode = code;
      this.#waiting.happened();
    });
    this.behaviour.onStream?.(stream, this.streams.length - 1);
    this.#waiting.happened();
  }
}
