/** Reads what `exec` and `socket` are told, by the protocol: a line of JSON, and frames behind it. */
import * as v from 'valibot';
import { Heard } from './heard.ts';

const Side = v.picklist(['CUSTOMER', 'AGENT']);
const Message = v.variant('kind', [
  v.object({
    kind: v.literal('start'),
    recordingId: v.string(),
    contactId: v.string(),
    startFragmentNumber: v.string(),
    sampleRate: v.number(),
    channels: v.array(Side),
    originMs: v.number(),
    startFrame: v.number(),
    language: v.optional(v.string()),
  }),
  v.object({ kind: v.literal('audio'), startFrame: v.number(), frames: v.number() }),
  v.object({ kind: v.literal('late'), channel: Side, startFrame: v.number(), frames: v.number() }),
  v.object({
    kind: v.literal('gap'),
    channel: Side,
    startFrame: v.number(),
    frames: v.number(),
    why: v.picklist(['LATE', 'SILENT', 'MOVED', 'END', 'DROPPED']),
  }),
  v.object({ kind: v.literal('end'), reason: v.string() }),
]);
type Message = v.InferOutput<typeof Message>;

interface Whole {
  readonly message: Message;
  /** S16LE of `audio` and `late`. */
  readonly audio: Buffer;
  /** What follows it. */
  readonly rest: Buffer;
}

/** @returns the first message of what has come so far; undefined where it isn't whole */
function firstOf(bytes: Buffer): Whole | undefined {
  const newline = bytes.indexOf(0x0a);
  if (newline < 0) return undefined;
  const message = v.parse(Message, JSON.parse(bytes.subarray(0, newline).toString()));
  const length =
    message.kind === 'audio' ? message.frames * 4 : message.kind === 'late' ? message.frames * 2 : 0;
  const end = newline + 1 + length;
  if (bytes.length < end) return undefined;
  return { message, audio: bytes.subarray(newline + 1, end), rest: bytes.subarray(end) };
}

/** What a program is told, message by message. */
export async function* messagesIn(stream: AsyncIterable<Buffer>): AsyncGenerator<Omit<Whole, 'rest'>> {
  let bytes: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    bytes = Buffer.concat([bytes, chunk]);
    for (let whole = firstOf(bytes); whole; whole = firstOf(bytes)) {
      bytes = whole.rest;
      yield whole;
    }
  }
}

export class MessageReader {
  readonly heard: Heard;
  start: Extract<Message, { kind: 'start' }> | undefined;
  end: Extract<Message, { kind: 'end' }> | undefined;
  #rest: Buffer = Buffer.alloc(0);

  constructor(heard = new Heard()) {
    this.heard = heard;
  }

  push(bytes: Uint8Array): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    while (this.#take());
  }

  #take(): boolean {
    const whole = firstOf(this.#rest);
    if (whole === undefined) return false;
    this.#give(whole.message, whole.audio);
    this.#rest = whole.rest;
    return true;
  }

  #give(message: Message, audio: Buffer): void {
    switch (message.kind) {
      case 'start':
        this.start = message;
        this.heard.goOnAt(message.startFrame);
        return;
      case 'audio':
        this.heard.audio(message.startFrame, audio);
        return;
      case 'late':
        this.heard.takeLate(channelOf(message.channel), message.startFrame, audio);
        return;
      case 'gap':
        this.heard.gap({ ...message, channel: channelOf(message.channel) }, message.why);
        return;
      case 'end':
        this.end = message;
    }
  }
}

function channelOf(side: v.InferOutput<typeof Side>): 0 | 1 {
  return side === 'CUSTOMER' ? 0 : 1;
}
