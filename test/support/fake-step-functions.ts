/** Step Functions' StartExecution and nothing more, for tests: idempotent by name, and failing on demand. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import * as v from 'valibot';
import { endpointOf } from '../../local/standins/standin.ts';

const Request = v.object({ stateMachineArn: v.string(), name: v.string(), input: v.string() });
export type StartRequest = v.InferOutput<typeof Request>;

interface Execution extends StartRequest {
  over: boolean;
}

/** An error's name and HTTP status, or no answer at all. */
export type Trouble = { readonly error: string; readonly status: number } | 'silence';

export class FakeStepFunctions {
  readonly executions = new Map<string, Execution>();
  /** Every request, those refused too. */
  readonly requests: StartRequest[] = [];
  /** What the next requests meet, one each; the last one stays when `forever`. */
  troubles: Trouble[] = [];
  forever = false;
  readonly #server = createServer((request, response) => {
    void this.#answer(request, response);
  });

  async start(): Promise<void> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
  }

  /** As if nothing had been asked of it, and nothing were to go wrong. */
  forget(): void {
    this.executions.clear();
    this.requests.length = 0;
    this.troubles = [];
    this.forever = false;
  }

  get url(): string {
    return endpointOf(this.#server);
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = v.parse(Request, await json(message));
    this.requests.push(request);
    const trouble = this.forever ? this.troubles[0] : this.troubles.shift();
    if (trouble === 'silence') return;
    if (trouble !== undefined) {
      send(response, trouble.status, { __type: trouble.error, message: 'as the test wants it' });
      return;
    }
    const standing = this.executions.get(request.name);
    if (standing !== undefined && (standing.over || standing.input !== request.input)) {
      send(response, 400, { __type: 'ExecutionAlreadyExists', message: 'there is one' });
      return;
    }
    if (standing === undefined) this.executions.set(request.name, { ...request, over: false });
    const prefix = request.stateMachineArn.replace(':stateMachine:', ':execution:');
    send(response, 200, { executionArn: `${prefix}:${request.name}`, startDate: 1_773_480_000 });
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.0' });
  response.end(JSON.stringify(body));
}
