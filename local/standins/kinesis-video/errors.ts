/** The errors of the service, by name: HTTP status codes as the API reference gives them. */
const STATUS = {
  ResourceNotFoundException: 404,
  NotAuthorizedException: 401,
  AccessDeniedException: 403,
  InvalidArgumentException: 400,
  InvalidEndpointException: 400,
  ClientLimitExceededException: 400,
  ConnectionLimitExceededException: 400,
  InternalFailure: 500,
  ServiceUnavailable: 503,
} as const;

export type KinesisVideoErrorName = keyof typeof STATUS;

/** When a request is refused; it is answered in REST-JSON form. */
export class KinesisVideoError extends Error {
  override readonly name: KinesisVideoErrorName;

  constructor(name: KinesisVideoErrorName, message: string) {
    super(message);
    this.name = name;
  }

  get statusCode(): number {
    return STATUS[this.name];
  }
}
