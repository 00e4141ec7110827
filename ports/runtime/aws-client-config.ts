/**
 * How long the SDK's clients wait, and how often they try again. Region, credentials and endpoints come in the
 * SDK's standard way (`AWS_REGION`, `AWS_ENDPOINT_URL_<SERVICE>`).
 *
 * Nothing may hang: a connection, an answer and the silence inside an answer are each bounded. Everything that is
 * written through these clients is idempotent, so that a request whose outcome is unknown is tried again.
 */
export interface ClientConfig {
  readonly maxAttempts: number;
  readonly retryMode: 'standard';
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: true;
    /** `requestTimeout` doesn't see a body that stalls; this does. */
    readonly socketTimeout: number;
  };
}

function clientConfig(maxAttempts: number, connectMs: number, requestMs: number): ClientConfig {
  return {
    maxAttempts,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: connectMs,
      requestTimeout: requestMs,
      throwOnRequestTimeout: true,
      socketTimeout: requestMs,
    },
  };
}

/** DynamoDB, Step Functions and the like: small requests, quick answers. */
export const CONTROL_CLIENT: ClientConfig = clientConfig(6, 5_000, 5_000);

/** S3: up to 8 MiB a request. */
export const OBJECT_CLIENT: ClientConfig = clientConfig(6, 5_000, 30_000);

/** S3, for whoever reads a whole tape. */
export const TAPE_CLIENT = {
  ...OBJECT_CLIENT,
  /**
   * An object's own seal tells whether it is sound (`recording/tape/seal.ts`). The SDK would compare a CRC-32 as well, and fail
   * at the first object where it differs: then the sound ones would not be assembled either.
   */
  responseChecksumValidation: 'WHEN_REQUIRED',
  /**
   * Hundreds of objects, some at a time: the SDK's maintainers made this for them (aws-sdk-js-v3, issue 6423). The requests
   * of one kind share a context, in which all is the same for one bucket. The first of a kind is kept: a tape object, where
   * one is restored; the WAV's parts go by another client. 5 % of the assembly's time (`npm run bench -- assembly`).
   */
  cacheMiddleware: true,
} as const;

/** While a caller hears nothing: whoever waits ends it by a deadline of its own. */
export const PROMPT_CLIENT: ClientConfig = clientConfig(8, 500, 1_000);
