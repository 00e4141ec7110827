/** What keeps a stream from being read, where no retry mends it; everything else is tried again. */

/**
 * - `noSuchStream`: there is none of that name in that region and account
 * - `accessDenied`: the right to read it is missing (`kinesisvideo:GetDataEndpoint`, `kinesisvideo:GetMedia`)
 * - `keyUnavailable`: the stream's KMS key may not be used, or is disabled
 * - `noCredentials`: there are no usable AWS credentials
 * - `badRequest`: the service says that the request is wrong
 * - `notPcm`: the stream's audio is not 16-bit PCM of one or two channels
 */
export type StreamErrorKind =
  'noSuchStream' | 'accessDenied' | 'keyUnavailable' | 'noCredentials' | 'badRequest' | 'notPcm';

export class StreamError extends Error {
  override readonly name = 'StreamError';
  readonly kind: StreamErrorKind;

  constructor(kind: StreamErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
