/** What stands between the programs and one service, and what goes wrong there for a while. */
import {
  type Hooks,
  PASS,
  type ProxiedRequest,
  type Proxy,
  type RequestFate,
} from '../../local/standins/proxy.ts';

export const SERVICES = ['s3', 'dynamoDb', 'kinesisVideo'] as const;
export type Service = (typeof SERVICES)[number];

export const TROUBLES = ['errors', 'throttles', 'hangs', 'late', 'deaf', 'away'] as const;
/**
 * - `errors`, `throttles`: what the service says of its own trouble, and of too many requests
 * - `hangs`: no answer, and nothing is done; whoever still waits when it is over is cut off
 * - `late`: no answer, but what was asked for is done when it is over, though the client may have given up
 * - `deaf`: what is asked for is done, and the connection cut before the client hears of it
 * - `away`: nobody listens there
 */
export type Trouble = (typeof TROUBLES)[number];

/** `before` the service sees the request, or `after` it has done what was asked, and before the client knows. */
export type Moment = 'before' | 'after';

/** The request waits until it resolves. */
export type Watcher = (operation: string, moment: Moment) => void | Promise<void>;

export class Gate {
  readonly #service: Service;
  #proxy: Proxy | undefined;
  #trouble: Trouble | undefined;
  #over: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
  /** The operation of every request that came, the first one first. */
  readonly requests: string[] = [];
  readonly #watchers = new Set<Watcher>();

  constructor(service: Service) {
    this.#service = service;
  }

  /** Hooks for the proxy that stands in front of the service. */
  get hooks(): Hooks {
    return { request: (request) => this.#request(request), answer: (request) => this.#answer(request) };
  }

  attach(proxy: Proxy | undefined): void {
    this.#proxy = proxy;
  }

  /** @returns what takes the watcher away again. */
  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** From now on, until {@link end}. */
  async begin(trouble: Trouble): Promise<void> {
    let resolve: () => void = () => undefined;
    const promise = new Promise<void>((settle) => (resolve = settle));
    this.#over = { promise, resolve };
    this.#trouble = trouble;
    if (trouble === 'away') await this.#proxy?.goAway();
  }

  async end(): Promise<void> {
    const trouble = this.#trouble;
    this.#trouble = undefined;
    this.#over?.resolve();
    if (trouble === 'away') await this.#proxy?.comeBack();
  }

  async #request(request: ProxiedRequest): Promise<RequestFate> {
    const operation = operationOf(request);
    this.requests.push(operation);
    for (const watcher of this.#watchers) await watcher(operation, 'before');
    switch (this.#trouble) {
      case 'errors':
        return ERRORS[this.#service];
      case 'throttles':
        return THROTTLES[this.#service];
      case 'hangs':
        await this.#over?.promise;
        return { kind: 'drop' };
      case 'late':
        await this.#over?.promise;
        return PASS;
      case 'deaf':
      case 'away':
      case undefined:
        return PASS;
    }
  }

  async #answer(request: ProxiedRequest): Promise<RequestFate> {
    for (const watcher of this.#watchers) await watcher(operationOf(request), 'after');
    return this.#trouble === 'deaf' ? { kind: 'drop' } : PASS;
  }
}

/** `UpdateItem`, `GetMedia`, `PUT`. */
function operationOf({ method, path, headers }: ProxiedRequest): string {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target.slice(target.indexOf('.') + 1);
  return /\/([A-Za-z]+)$/.exec(path)?.[1]?.replace(/^get/, 'Get') ?? method;
}

const amzJson = (statusCode: number, type: string): RequestFate => ({
  kind: 'answer',
  statusCode,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: 'not now' }),
});
const restJson = (statusCode: number, type: string): RequestFate => ({
  kind: 'answer',
  statusCode,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': type },
  body: JSON.stringify({ Message: 'not now' }),
});
const restXml = (statusCode: number, code: string): RequestFate => ({
  kind: 'answer',
  statusCode,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>not now</Message></Error>`,
});

const ERRORS: Readonly<Record<Service, RequestFate>> = {
  s3: restXml(500, 'InternalError'),
  dynamoDb: amzJson(500, 'InternalServerError'),
  kinesisVideo: restJson(500, 'InternalFailure'),
};
const THROTTLES: Readonly<Record<Service, RequestFate>> = {
  s3: restXml(503, 'SlowDown'),
  dynamoDb: amzJson(400, 'ProvisionedThroughputExceededException'),
  kinesisVideo: restJson(400, 'ClientLimitExceededException'),
};
