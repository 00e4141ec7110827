/**
 * An AudioHook server (protocol version 2), written from the protocol's rules and from no client's code. It holds each
 * client to them, writes down what it breaks, and keeps the audio by its positions.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as v from 'valibot';
import { type WebSocket, WebSocketServer } from 'ws';
import { CallAudio } from './call-audio.ts';
import { signatureFault } from './signature.ts';
import { Waiting } from './waiting.ts';

const RATE = 8_000;
const UUID =
  /^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$|^0{8}(-0{4}){3}-0{12}$/i;
const MESSAGE_LENGTH_MAX = 65_535;

const uuid = v.pipe(v.string(), v.regex(UUID));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
/** In frames, which must come out whole. */
const duration = v.pipe(
  v.string(),
  v.regex(/^PT(\d*\.)?\d+S$/),
  v.transform((text) => Number(text.slice(2, -1)) * RATE),
  v.check((frames) => Math.abs(frames - Math.round(frames)) < 1e-6, 'no whole number of samples'),
  v.transform(Math.round),
);
const channels = v.pipe(v.array(v.picklist(['external', 'internal'])), v.minLength(1), v.maxLength(2));
const media = v.strictObject({
  type: v.literal('audio'),
  format: v.picklist(['PCMU', 'L16']),
  channels,
  rate: v.literal(RATE),
});
export type ServerMedia = v.InferOutput<typeof media>;

const none = v.strictObject({});
const leftOut = v.strictObject({ start: duration, discarded: duration });
const Message = v.intersect([
  v.object({ version: v.literal('2'), id: uuid, seq: count, serverseq: count, position: duration }),
  v.variant('type', [
    v.object({
      type: v.literal('open'),
      parameters: v.strictObject({
        organizationId: uuid,
        conversationId: uuid,
        participant: v.strictObject({ id: uuid, ani: v.string(), aniName: v.string(), dnis: v.string() }),
        media: v.pipe(v.array(media), v.minLength(1)),
        language: v.optional(v.string()),
        continuedSessions: v.optional(
          v.array(v.strictObject({ id: uuid, serverseq: count, clientseq: count })),
        ),
        customConfig: v.optional(v.record(v.string(), v.unknown())),
      }),
    }),
    v.object({ type: v.literal('ping'), parameters: v.strictObject({ rtt: v.optional(v.string()) }) }),
    v.object({ type: v.literal('discarded'), parameters: leftOut }),
    v.object({ type: v.literal('paused'), parameters: none }),
    v.object({ type: v.literal('resumed'), parameters: leftOut }),
    v.object({ type: v.literal('update'), parameters: v.strictObject({ language: v.string() }) }),
    v.object({
      type: v.literal('error'),
      parameters: v.object({
        code: v.picklist([400, 405, 408, 409, 413, 415, 429, 500, 503]),
        message: v.string(),
      }),
    }),
    v.object({
      type: v.literal('close'),
      parameters: v.strictObject({ reason: v.picklist(['end', 'error', 'disconnect', 'reconnect']) }),
    }),
  ]),
]);
type Message = v.InferOutput<typeof Message>;
type Opened = Extract<Message, { type: 'open' }>['parameters'];

export interface AudioHookBehaviour {
  /** By API key, in base64; undefined: whoever connects is let in. */
  secrets?: ReadonlyMap<string, string>;
  /** Of what is offered; by default the first. */
  choose?: (offered: readonly ServerMedia[]) => readonly ServerMedia[];
  /** More of what `opened` says. */
  opened?: Readonly<Record<string, unknown>>;
  /** Types that it doesn't answer. */
  silentTo?: ReadonlySet<Message['type']>;
  /** Called with each session when its `open` has come, before it is answered. @returns true where it isn't to be */
  onOpen?: (session: ServedSession, index: number) => boolean;
  /** Called with whatever has come, once it has been looked at: a message’s type, or `audio`. */
  onMessage?: (session: ServedSession, type: string) => void;
  /** Instead of a WebSocket it answers this status, where there is one. */
  status?: () => number | undefined;
}

const firstOf = (offered: readonly ServerMedia[]) => offered.slice(0, 1);

export class ServedSession {
  readonly socket: WebSocket;
  readonly headers: IncomingMessage['headers'];
  readonly messages: Message[] = [];
  readonly discarded: { readonly start: number; readonly frames: number }[] = [];
  open: Opened | undefined;
  media: ServerMedia | undefined;
  /** Of what was sent and told: what a position must be. */
  counted = 0;
  /** Frames of audio that have come. */
  frames = 0;
  state: 'new' | 'open' | 'paused' | 'closing' | 'over' = 'new';
  closeCode: number | undefined;
  #seq = 0;
  #clientSeq = 0;
  #clientsServerSeq = 0;
  /** Pauses that it has asked for, and that haven’t been answered. */
  #pauses = 0;
  readonly #server: AudioHookServer;

  constructor(server: AudioHookServer, socket: WebSocket, { headers }: IncomingMessage) {
    this.#server = server;
    this.socket = socket;
    this.headers = headers;
  }

  /** Messages that it has sent. */
  get sent(): number {
    return this.#seq;
  }

  get reason(): string | undefined {
    return this.messages.flatMap((message) => (message.type === 'close' ? message.parameters.reason : []))[0];
  }

  send(type: string, parameters: Readonly<Record<string, unknown>> = {}): void {
    this.#seq += 1;
    const id = this.headers['audiohook-session-id'];
    const base = { version: '2', id, seq: this.#seq, clientseq: this.#clientSeq };
    if (type === 'pause') this.#pauses += 1;
    this.socket.send(JSON.stringify({ ...base, type, parameters }));
  }

  text(text: string): void {
    if (text.length > MESSAGE_LENGTH_MAX) this.#fault('a message is too long');
    const { success, output, issues } = v.safeParse(Message, JSON.parse(text));
    if (!success) {
      this.#fault(`${issues[0].message}: ${text}`);
      return;
    }
    this.messages.push(output);
    this.#count(output);
    this.#obey(output);
    if (output.position !== this.counted)
      this.#fault(`${output.type} tells position ${output.position}, not ${this.counted}`);
  }

  audio(bytes: Buffer): void {
    if (this.state !== 'open') this.#fault(`audio while ${this.state}`);
    const { format, channels: sides } = this.media ?? { format: 'PCMU', channels: [] };
    const bytesPerFrame = sides.length * (format === 'PCMU' ? 1 : 2);
    if (bytes.length === 0 || bytes.length % bytesPerFrame !== 0) this.#fault('audio with half a sample');
    this.#server.heard(bytesPerFrame, format).put(this.counted, bytes);
    this.counted += bytes.length / bytesPerFrame;
    this.frames += bytes.length / bytesPerFrame;
  }

  #count({ seq, serverseq, id }: Message): void {
    if (seq !== this.#clientSeq + 1) this.#fault(`seq ${seq} after ${this.#clientSeq}`);
    this.#clientSeq = seq;
    if (serverseq > this.#seq || serverseq < this.#clientsServerSeq) this.#fault(`serverseq ${serverseq}`);
    this.#clientsServerSeq = serverseq;
    if (id !== this.headers['audiohook-session-id']) this.#fault('another session’s id');
  }

  #obey(message: Message): void {
    if (this.state === 'new' && !['open', 'error', 'close'].includes(message.type))
      this.#fault(`${message.type} before the session is open`);
    if (this.state === 'closing' && message.type !== 'error') this.#fault(`${message.type} after close`);
    const isAnswered = this.#server.behaviour.silentTo?.has(message.type) !== true;
    switch (message.type) {
      case 'open':
        this.#begin(message.parameters, isAnswered);
        return;
      case 'ping':
        if (isAnswered) this.send('pong');
        return;
      case 'discarded':
        this.#leaveOut(message.parameters);
        return;
      case 'paused':
        if (this.#pauses === 0) this.#fault('paused by itself');
        this.#pauses -= 1;
        this.state = 'paused';
        return;
      case 'resumed':
        this.state = 'open';
        this.#leaveOut(message.parameters);
        return;
      case 'close':
        this.state = 'closing';
        if (isAnswered) this.send('closed');
        return;
      case 'update':
      case 'error':
    }
  }

  #begin(open: Opened, isAnswered: boolean): void {
    if (this.state !== 'new' || this.messages.length !== 1) this.#fault('opened twice, or late');
    if (open.organizationId !== this.headers['audiohook-organization-id'])
      this.#fault('another organization');
    this.open = open;
    if (this.#server.behaviour.onOpen?.(this, this.#server.sessions.indexOf(this)) === true) return;
    if (isAnswered) this.answerOpen();
  }

  answerOpen(): void {
    const { choose = firstOf, opened } = this.#server.behaviour;
    const chosen = choose(this.open?.media ?? []);
    this.media = chosen[0];
    this.state = 'open';
    if (opened?.startPaused === true) this.#pauses += 1;
    this.send('opened', { media: chosen, ...opened });
  }

  #leaveOut({ start, discarded }: { readonly start: number; readonly discarded: number }): void {
    if (start !== this.counted) this.#fault(`discarded from ${start}, not from ${this.counted}`);
    this.discarded.push({ start, frames: discarded });
    this.counted += discarded;
  }

  #fault(what: string): void {
    this.#server.faults.push(what);
  }
}

export class AudioHookServer {
  readonly behaviour: AudioHookBehaviour;
  readonly sessions: ServedSession[] = [];
  readonly faults: string[] = [];
  /** Requests, also those that were refused. */
  requests = 0;
  readonly waiting = new Waiting();
  readonly #nonces = new Set<string>();
  readonly #http: Server;
  readonly #webSockets: WebSocketServer;
  #heard: CallAudio | undefined;

  private constructor(http: Server, behaviour: AudioHookBehaviour) {
    this.#http = http;
    this.behaviour = behaviour;
    this.#webSockets = new WebSocketServer({ noServer: true });
    http.on('upgrade', (request, socket, head) => {
      this.requests += 1;
      const status = behaviour.status?.() ?? (this.#refusal(request) === undefined ? undefined : 401);
      if (status !== undefined)
        socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      else
        this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
          this.#serve(webSocket, request);
        });
      this.waiting.happened();
    });
  }

  static async start(behaviour: AudioHookBehaviour = {}): Promise<AudioHookServer> {
    const http = createServer();
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    return new AudioHookServer(http, behaviour);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#http.address() as AddressInfo).port}/listen?tenant=a%20b`;
  }

  get bytes(): Buffer {
    return this.#heard?.bytes ?? Buffer.alloc(0);
  }

  get missing(): number {
    return this.#heard?.missing ?? 0;
  }

  heard(bytesPerFrame: number, format: string): CallAudio {
    return (this.#heard ??= new CallAudio(bytesPerFrame, format === 'PCMU' ? 0xff : 0));
  }

  /** Resolves as soon as it is so. */
  until(isSo: (sessions: readonly ServedSession[]) => boolean): Promise<void> {
    return this.waiting.until(() => isSo(this.sessions));
  }

  close(): void {
    for (const { socket } of this.sessions) socket.terminate();
    this.#http.closeAllConnections();
    this.#http.close();
  }

  #refusal(request: IncomingMessage): string | undefined {
    const { headers } = request;
    for (const name of ['organization', 'session', 'correlation']) {
      const id = headers[`audiohook-${name}-id`];
      if (typeof id !== 'string' || !UUID.test(id)) this.faults.push(`the ${name}’s id is no UUID`);
    }
    const { secrets } = this.behaviour;
    if (secrets === undefined) return undefined;
    const [, nonce = ''] = /;nonce="([^"]*)"/.exec(String(headers['signature-input'])) ?? [];
    if (this.#nonces.has(nonce)) this.faults.push('a nonce comes twice');
    this.#nonces.add(nonce);
    return signatureFault(request, secrets, Date.now());
  }

  #serve(socket: WebSocket, request: IncomingMessage): void {
    const { behaviour } = this;
    const session = new ServedSession(this, socket, request);
    this.sessions.push(session);
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) session.audio(data);
      else session.text(data.toString());
      behaviour.onMessage?.(session, isBinary ? 'audio' : (session.messages.at(-1)?.type ?? ''));
      this.waiting.happened();
    });
    socket.once('close', (code) => {
      session.state = 'over';
      session.closeCode = code;
      this.waiting.happened();
    });
    this.waiting.happened();
  }
}
