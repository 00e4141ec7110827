/** A GetMedia session begins here (API reference: `StartSelector`). */
export type StartSelector =
  /** Begins with the fragment that contains this time by the server's clock (epoch ms). */
  | { readonly kind: 'serverTimestamp'; readonly atMs: number }
  /** Begins with the fragment *after* this one. */
  | { readonly kind: 'afterFragment'; readonly number: bigint }
  /** Begins with the fragment after the one that carried this token. */
  | { readonly kind: 'continuationToken'; readonly token: string }
  /** Begins with the oldest fragment that there is; the last resort, when a time is refused. */
  | { readonly kind: 'earliest' }
  /** Begins with the fragment that is coming now. Says nothing of what came before a session that broke off. */
  | { readonly kind: 'now' };

/**
 * A stream's live media. The body is a run of Matroska documents, one a fragment; it may end at any byte, at any
 * time (after about 45 minutes by itself), and its end means nothing.
 */
export interface Media {
  /**
   * A fresh session, at a fresh endpoint. Aborting the signal ends the body, cleanly or by an error.
   * @throws MediaError, here or while the body is read.
   */
  open(start: StartSelector, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
}

export interface ListedFragment {
  readonly number: bigint;
  /** When it began, epoch ms; undefined where the list doesn't say. */
  readonly serverTimestampMs: number | undefined;
}

/** A stream's archived media; there only while the stream's retention lasts. */
export interface MediaArchive {
  /** The fragments that start within the span (server's clock, epoch ms), in any order. @throws MediaError */
  list(fromMs: number, toMs: number): Promise<ListedFragment[]>;
  /**
   * A body of the fragments asked for that are still there. Where it ends proves nothing: it may be cut off.
   * @param numbers 1 to 1,000 of them
   * @throws MediaError, here or while the body is read
   */
  fetch(numbers: readonly bigint[]): Promise<AsyncIterable<Uint8Array>>;
}

/**
 * - `unavailable`: try again (throttled, connection limit, network, internal error)
 * - `positionUnknown`: the stream doesn't know the position that was asked for: begin elsewhere
 * - `noRetention`: the stream keeps no archive
 * - `noSuchStream`, `accessDenied`, `keyUnavailable`: no retry can mend it
 */
export type MediaErrorKind =
  'unavailable' | 'positionUnknown' | 'noRetention' | 'noSuchStream' | 'accessDenied' | 'keyUnavailable';

/** When a stream refuses a request, or breaks off. `message` says which service said what; the cause is kept. */
export class MediaError extends Error {
  override readonly name = 'MediaError';
  readonly kind: MediaErrorKind;

  constructor(kind: MediaErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
