/**
 * S3, as far as the measured programs speak it, and as cheap as it can be: what is measured is the program, not the
 * store. Objects are kept in memory; parts of a multipart upload are counted and dropped, since they are never read.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { endpointOf, type Standin } from '../../local/standins/standin.ts';

export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
  /** When the answer was given, as `performance.now()` tells. */
  readonly storedAtMs: number;
}

export interface ObjectStore extends Standin {
  /** What can be read. */
  readonly objects: Map<string, Uint8Array>;
  /** Every object that was put, in order. */
  readonly puts: readonly StoredObject[];
  /** Bytes that were put or uploaded since the start. */
  readonly bytesIn: () => number;
}

export interface ObjectStoreOptions {
  /** Puts are counted, and dropped. */
  readonly drop?: boolean;
}

export async function startObjectStore(options: ObjectStoreOptions = {}): Promise<ObjectStore> {
  const store = new Store(options);
  const server = createServer((request, response) => {
    store.answer(request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: endpointOf(server),
    objects: store.objects,
    puts: store.puts,
    bytesIn: () => store.bytesIn,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const PAGE = 1_000;

class Store {
  readonly objects = new Map<string, Uint8Array>();
  readonly puts: StoredObject[] = [];
  bytesIn = 0;
  readonly #drop: boolean;
  readonly #checksums = new WeakMap<Uint8Array, string>();
  #uploads = 0;

  constructor({ drop = false }: ObjectStoreOptions) {
    this.#drop = drop;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://s3');
    const [, bucket = '', ...rest] = url.pathname.split('/').map(decodeURIComponent);
    const key = rest.join('/');
    if (request.method === 'GET') this.#get(url, bucket, key, request, response);
    else if (request.method === 'PUT') await this.#put(url, key, request, response);
    else if (request.method === 'POST') await this.#post(url, key, request, response);
    else response.writeHead(204).end();
  }

  #get(url: URL, bucket: string, key: string, { headers }: IncomingMessage, response: ServerResponse): void {
    if (key === '') {
      this.#list(url, bucket, response);
      return;
    }
    const bytes = this.objects.get(key);
    if (bytes === undefined) {
      response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
      return;
    }
    const asked = headers['x-amz-checksum-mode'] === 'ENABLED';
    response.writeHead(200, {
      'content-length': bytes.length,
      etag: '"0"',
      ...(asked && { 'x-amz-checksum-crc32': this.#crc32(bytes), 'x-amz-checksum-type': 'FULL_OBJECT' }),
    });
    response.end(bytes);
  }

  /** S3 has this checksum of every object that an SDK of today stores (S3 User Guide, “Checking object integrity”). */
  #crc32(bytes: Uint8Array): string {
    const known = this.#checksums.get(bytes);
    if (known !== undefined) return known;
    const number = Buffer.alloc(4);
    number.writeUInt32BE(crc32(bytes));
    const checksum = number.toString('base64');
    this.#checksums.set(bytes, checksum);
    return checksum;
  }

  #list(url: URL, bucket: string, response: ServerResponse): void {
    const prefix = url.searchParams.get('prefix') ?? '';
    const after = url.searchParams.get('continuation-token') ?? '';
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
    const page = keys.slice(0, PAGE);
    const more = keys.length > PAGE;
    const contents = page.map(
      (key) =>
        `<Contents><Key>${key}</Key><Size>${String(this.objects.get(key)?.length ?? 0)}</Size></Contents>`,
    );
    response.writeHead(200, { 'content-type': 'application/xml' });
    response.end(
      `<ListBucketResult><Name>${bucket}</Name><KeyCount>${String(page.length)}</KeyCount>` +
        `<IsTruncated>${String(more)}</IsTruncated>` +
        (more ? `<NextContinuationToken>${page.at(-1) ?? ''}</NextContinuationToken>` : '') +
        `${contents.join('')}</ListBucketResult>`,
    );
  }

  async #put(url: URL, key: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const keep = !this.#drop && !url.searchParams.has('partNumber');
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (keep) chunks.push(chunk);
    }
    this.bytesIn += bytes;
    if (keep) this.objects.set(key, Buffer.concat(chunks));
    response.writeHead(200, { etag: '"0"' }).end();
    if (!url.searchParams.has('partNumber')) this.puts.push({ key, bytes, storedAtMs: performance.now() });
  }

  async #post(url: URL, key: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    await buffer(request);
    const element = url.searchParams.has('uploads')
      ? 'InitiateMultipartUploadResult'
      : 'CompleteMultipartUploadResult';
    const uploadId = createHash('sha1')
      .update(String((this.#uploads += 1)))
      .digest('hex');
    response.writeHead(200, { 'content-type': 'application/xml' });
    response.end(
      `<${element}><Key>${key}</Key><UploadId>${uploadId}</UploadId><ETag>"0"</ETag></${element}>`,
    );
  }
}
