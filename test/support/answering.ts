/** A service that answers as a test says, for what no stand-in would say; it ends with the test. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { endpointOf } from '../../local/standins/standin.ts';

export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** What isn't bytes or text is sent as JSON. */
  readonly body?: unknown;
  /** The connection breaks off after so many bytes of it. */
  readonly cutAt?: number;
}

export interface Answering {
  readonly url: string;
  readonly requests: readonly Asked[];
}

/** @param answer to the nth request, from 1 */
export async function answering(
  answer: (asked: Asked, request: number) => Answer | Promise<Answer>,
): Promise<Answering> {
  const requests: Asked[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const { method = '', url = '', headers } = request;
      const body = (await buffer(request)).toString();
      const asked = { method, url: new URL(url, 'http://asked'), headers, body };
      const {
        status = 200,
        headers: sent,
        body: said = '',
        cutAt,
      } = await answer(asked, requests.push(asked));
      const bytes = Buffer.isBuffer(said)
        ? said
        : Buffer.from(typeof said === 'string' ? said : JSON.stringify(said));
      response.writeHead(status, { 'content-length': bytes.length, ...sent });
      if (cutAt === undefined) response.end(bytes);
      else response.write(bytes.subarray(0, cutAt), () => response.destroy());
    })();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: endpointOf(server), requests };
}
