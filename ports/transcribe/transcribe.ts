/** Amazon Transcribe streaming: audio of two channels in, results out. */
import type { Channel } from '../../recording/audio/pcm.ts';

export interface TranscribeRequest {
  readonly sampleRate: number;
  /** A UUID. Where another stream has it, that one ends. */
  readonly sessionId: string;
  /** One; or several, of which the service finds out which is spoken. */
  readonly languages: readonly string[];
  readonly vocabularies: readonly string[];
  readonly filters: readonly string[];
  readonly filterMethod: 'mask' | 'remove' | 'tag' | undefined;
  readonly pii: 'identify' | 'redact' | undefined;
  /** Empty: all. */
  readonly piiTypes: readonly string[];
}

/** Seconds count from the stream's first sample. */
export interface TranscribeItem {
  readonly text: string;
  readonly isPunctuation: boolean;
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly confidence?: number | undefined;
}

/** What is personal, where that is asked for. */
export interface TranscribeEntity {
  /** Such as `NAME`. */
  readonly type: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
}

export interface TranscribeResult {
  /** The same again and again while it is partial, and once more when it isn't. */
  readonly id: string;
  readonly isPartial: boolean;
  readonly channel: Channel;
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly text: string;
  readonly items: readonly TranscribeItem[];
  readonly entities: readonly TranscribeEntity[];
  readonly language: string | undefined;
}

export interface TranscribeStream {
  /** Epoch ms at which the credentials expire that the stream was begun with: it reads them once. */
  readonly expiresAtMs: number | undefined;
  /** Ends without an error both when the input has ended and when the connection has dropped. @throws TranscribeFailure */
  readonly results: AsyncIterable<readonly TranscribeResult[]>;
}

export interface Transcribe {
  /**
   * @param audio interleaved S16LE, in chunks of 50 to 200 ms; it may go on being read, for a while, when all is over
   * @throws TranscribeFailure where there are no credentials
   */
  open(
    request: TranscribeRequest,
    audio: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<TranscribeStream>;
}

/** A stream ended since nothing came for 15 s: the service's own code is that of a wrong setting. */
export const SILENCE_CODE = 'NoNewAudio';

/** The service's own word for what is wrong, or the connection's. */
export class TranscribeFailure extends Error {
  override readonly name = 'TranscribeFailure';
  readonly code: string;

  constructor(code: string, options?: ErrorOptions) {
    super(`Transcribe: ${code}`, options);
    this.code = code;
  }
}
