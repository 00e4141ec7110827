/** Event-stream frames, as Amazon Transcribe streaming and the SDK write them, by the SDK’s own codec. */
import { EventStreamCodec } from '@smithy/core/event-streams';

const CODEC = new EventStreamCodec(
  (bytes) => (typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString()),
  (text) => Buffer.from(text),
);
/** Four bytes that tell a frame's length, and as many behind it. */
const PRELUDE_BYTES = 8;
/** A second of stereo at 48 kHz, and what is around it. */
const FRAME_BYTES_MAX = 256 * 1024;

class BadFrame extends Error {
  override readonly name = 'BadFrame';
}

/** What a client sends: audio, or that nothing follows. */
export type ClientFrame = { readonly audio: Uint8Array } | 'end';

/** Puts frames together out of what comes. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** @returns the frames that are whole now. @throws BadFrame */
  push(bytes: Uint8Array): ClientFrame[] {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const frames: ClientFrame[] = [];
    while (this.#rest.length >= PRELUDE_BYTES) {
      const length = this.#rest.readUInt32BE(0);
      if (length > FRAME_BYTES_MAX) throw new BadFrame('a frame is too long');
      if (this.#rest.length < length) break;
      frames.push(clientFrame(this.#rest.subarray(0, length)));
      this.#rest = this.#rest.subarray(length);
    }
    return frames;
  }
}

/** Two frames, one in the other; the outer one holds the signature, which is not looked at. */
function clientFrame(bytes: Uint8Array): ClientFrame {
  const outer = decoded(bytes);
  if (outer.body.length === 0) return 'end';
  const { headers, body } = decoded(outer.body);
  if (headers[':event-type']?.value !== 'AudioEvent') throw new BadFrame('an event is none of audio');
  return { audio: body };
}

function decoded(bytes: Uint8Array) {
  try {
    return CODEC.decode(bytes);
  } catch (error) {
    throw new BadFrame('a frame can’t be read', { cause: error });
  }
}

export function eventFrame(type: string, body: unknown): Uint8Array {
  return frame({ ':event-type': type, ':message-type': 'event' }, body);
}

export function exceptionFrame(type: string, message: string): Uint8Array {
  return frame({ ':exception-type': type, ':message-type': 'exception' }, { Message: message });
}

function frame(headers: Readonly<Record<string, string>>, body: unknown): Uint8Array {
  const all = { ...headers, ':content-type': 'application/json' };
  return CODEC.encode({
    headers: Object.fromEntries(
      Object.entries(all).map(([name, value]) => [name, { type: 'string' as const, value }]),
    ),
    body: Buffer.from(JSON.stringify(body)),
  });
}
