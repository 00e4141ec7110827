import { EventEmitter, once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import Fastify from 'fastify';
import { afterEach, expect, test } from 'vitest';
import { listen } from '../../../local/standins/aws-json.ts';
import { type Hooks, keepConnections, PASS, startProxy } from '../../../local/standins/proxy.ts';
import { endpointOf } from '../../../local/standins/standin.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(hooks: Hooks) {
  const app = Fastify({ forceCloseConnections: true });
  const seen: string[] = [];
  app.addContentTypeParser('*', { parseAs: 'string' }, (_, body, done) => {
    done(null, body);
  });
  app.post('/echo', (request, reply) => {
    seen.push(String(request.body));
    return reply
      .status(201)
      .header('x-from', 'service')
      .send(`heard ${String(request.body)}`);
  });
  const service = await listen(app);
  const proxy = await startProxy(service.url, hooks);
  closing.push(
    () => service.close(),
    () => proxy.close(),
  );
  const ask = (body: string, signal?: AbortSignal) =>
    fetch(`${proxy.url}/echo`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'x/y' },
      ...(signal && { signal }),
    });
  return { seen, ask, proxy };
}

test('without a verdict, request and answer go through as they are', async () => {
  const { ask, seen } = await start({});
  const response = await ask('hello');
  expect([response.status, response.headers.get('x-from'), await response.text()]).toEqual([
    201,
    'service',
    'heard hello',
  ]);
  expect(seen).toEqual(['hello']);
});

test('a request can be answered in the place of the service, which never hears of it', async () => {
  const { ask, seen } = await start({
    request: ({ body }) => ({
      kind: 'answer',
      statusCode: 503,
      headers: { 'x-by': 'proxy' },
      body: `no ${body.toString()}`,
    }),
  });
  const response = await ask('hello');
  expect([response.status, response.headers.get('x-by'), await response.text()]).toEqual([
    503,
    'proxy',
    'no hello',
  ]);
  expect(seen).toEqual([]);
});

test('an answer is held back until its hook has returned, though the service has done its work', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  let answered = false;
  const { ask, seen } = await start({
    answer: async (_, { statusCode }) => {
      expect(statusCode).toBe(201);
      await held;
      return { kind: 'pass' };
    },
  });
  const response = ask('hello').then((value) => {
    answered = true;
    return value;
  });
  await expect.poll(() => seen).toEqual(['hello']);
  expect(answered).toBe(false);
  release();
  expect(await (await response).text()).toBe('heard hello');
});

test('an answer can be lost: the service has done its work, and the client never learns it', async () => {
  const { ask, seen } = await start({ answer: () => ({ kind: 'drop' }) });
  await expect(ask('hello').then((response) => response.text())).rejects.toThrow();
  expect(seen).toEqual(['hello']);
});

test('an answer can be cut in the middle', async () => {
  const { ask } = await start({ answer: () => ({ kind: 'drop', afterBytes: 5 }) });
  const response = await ask('hello');
  const chunks: Buffer[] = [];
  await expect(
    (async () => {
      for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>)
        chunks.push(Buffer.from(chunk));
    })(),
  ).rejects.toThrow();
  expect(Buffer.concat(chunks).toString()).toBe('heard');
});

test('a request can be cut before the service hears of it', async () => {
  const { ask, seen } = await start({ request: () => ({ kind: 'drop' }) });
  await expect(ask('hello')).rejects.toThrow();
  expect(seen).toEqual([]);
});

test('a request can hang; closing the proxy ends it', async () => {
  let asked: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => (asked = resolve));
  const { ask } = await start({
    request: () => {
      asked();
      return { kind: 'hang' };
    },
  });
  const response = expect(ask('hello')).rejects.toThrow();
  await arrived;
  for (const close of closing.splice(0).reverse()) await close();
  await response;
});

test('it can go away, cutting off whoever waits, and come back where it was', async () => {
  const asked = new EventEmitter();
  const { ask, proxy } = await start({
    request: ({ body }) => {
      asked.emit(body.toString());
      return body.toString() === 'hang' ? { kind: 'hang' } : PASS;
    },
  });
  const hanging = expect(ask('hang')).rejects.toThrow(/fetch failed/);
  await once(asked, 'hang');
  await proxy.goAway();
  await hanging;
  await expect(ask('hello')).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  await proxy.comeBack();
  expect((await ask('hello')).status).toBe(201);
});

test('it goes away from those too that are connected and have asked nothing', async () => {
  const { proxy } = await start({});
  const idle = connect(Number(new URL(proxy.url).port), '127.0.0.1');
  await once(idle, 'connect');
  const cut = once(idle, 'close');
  await proxy.goAway();
  await cut;
});

test('it comes back though its port was taken for a moment', async () => {
  const { ask, proxy } = await start({});
  await proxy.goAway();
  const squatter = createServer().listen(Number(new URL(proxy.url).port), '127.0.0.1');
  await once(squatter, 'listening');
  const back = proxy.comeBack();
  await promisify(squatter.close.bind(squatter))();
  await back;
  expect((await ask('hello')).status).toBe(201);
});

test('an answer’s head is passed on before there is a body', async () => {
  const server = createServer((_, response) => {
    response.writeHead(200).flushHeaders();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await startProxy(endpointOf(server), {});
  closing.push(
    async () => {
      server.closeAllConnections();
      await promisify(server.close.bind(server))();
    },
    () => proxy.close(),
  );
  const response = await fetch(proxy.url);
  expect(response.status).toBe(200);
  await response.body?.cancel();
});

test('an answer that tells its length is passed on in one piece', async () => {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-length': '4' }).flushHeaders();
    passed.once('head', () => response.end('body'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const passed = new EventEmitter();
  const proxy = await startProxy(endpointOf(server), {
    answer: () => {
      // By then a head that is passed on by itself has been.
      setImmediate(() => setImmediate(() => passed.emit('head')));
      return PASS;
    },
  });
  closing.push(
    async () => {
      server.closeAllConnections();
      await promisify(server.close.bind(server))();
    },
    () => proxy.close(),
  );
  const client = connect(Number(new URL(proxy.url).port), '127.0.0.1');
  closing.push(() => Promise.resolve(void client.destroy()));
  client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');

  const [first] = (await once(client, 'data')) as [Buffer];

  expect(first.toString()).toMatch(/^HTTP\/1\.1 200 [^]*\r\n\r\nbody$/);
});

test('a connection that has asked nothing yet isn’t closed for that', async () => {
  const impatient = { connectionsCheckingInterval: 10, headersTimeout: 20, requestTimeout: 20 };
  const asked = async (change: (server: Server) => void) => {
    const server = createServer(impatient, (_, response) => response.end('heard'));
    change(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(promisify(server.close.bind(server)));
    const client = connect(Number(new URL(endpointOf(server)).port), '127.0.0.1');
    closing.push(() => Promise.resolve(void client.destroy()));
    await once(client, 'connect');
    return client;
  };
  const kept = await asked(keepConnections);
  const cut = await asked(() => undefined);

  await once(cut.resume(), 'close');
  kept.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  const [first] = (await once(kept, 'data')) as [Buffer];

  expect(first.toString()).toMatch(/^HTTP\/1\.1 200 /);
});
