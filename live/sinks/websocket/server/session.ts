/** A dialect: what a WebSocket server is told of one call, over one connection. */
import type { LiveCall } from '../../audio-sink.ts';
import type { CallFacts } from './call-facts.ts';
import type { Credentials } from './credentials.ts';

/** Frames are the WAV's. */
export interface Session {
  /** All frames before it have reached the server, as far as its answers show. */
  readonly heard: number;
  /** The server would like to be connected to anew. */
  readonly wantsReconnect: boolean;
  /** Interleaved S16LE. Resolves when there is room for more. @throws when the server has broken off */
  audio(startFrame: number, stereo: Uint8Array): Promise<void>;
  /** What comes next, and is not given. */
  leaveOut(startFrame: number, frames: number): Promise<void>;
  /** Closes in good order, within a limit. @throws where the server may not have got it all */
  end(reason: SessionEnd): Promise<void>;
  /** At once; also after {@link end}. What waits is rejected. */
  close(): void;
}

/** `moved`: another session goes on with the call. */
export type SessionEnd = 'ended' | 'moved';

export interface SessionRequest {
  readonly url: string;
  readonly call: LiveCall;
  readonly facts: CallFacts;
  readonly credentials: Credentials;
}

export interface Dialect {
  readonly name: string;
  /** Hz. */
  readonly sampleRate: number;
  /** @throws ServerRefused, ServerBrokeOff; ListenerLeft where the server wants nothing */
  open(request: SessionRequest, signal: AbortSignal): Promise<Session>;
}

/** The server says that it doesn't know whoever connects, or doesn't let them in: the secret may have been changed. */
export class ServerRefused extends Error {
  override readonly name = 'ServerRefused';
}

/** The connection can't be made, or has broken off, or the server doesn't keep to the protocol. */
export class ServerBrokeOff extends Error {
  override readonly name = 'ServerBrokeOff';
  /** The HTTP status of an answer that is no WebSocket's, or the code of a WebSocket's close. */
  readonly code: number | undefined;

  constructor(message: string, code?: number) {
    super(message);
    this.code = code;
  }
}
