import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endpointOf } from '../../../local/standins/standin.ts';
import { FolderObjects } from '../../../ports/objects/folder-objects.ts';
import { S3Objects } from '../../../ports/objects/s3-objects.ts';
import { ObjectMissing, type StoredObjects } from '../../../ports/objects/stored-objects.ts';
import { OBJECT_CLIENT } from '../../../ports/runtime/aws-client-config.ts';
import { collect } from '../../support/collect.ts';
import { CREDENTIALS, REGION, type S3ForTest, s3ForTest } from '../../support/standins.ts';

let s3: S3ForTest;
let dir: string;
beforeAll(async () => {
  s3 = await s3ForTest();
});
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'callspool-objects-'));
});
afterEach(() => rm(dir, { recursive: true }));
afterAll(() => s3.close());

interface Store {
  readonly objects: StoredObjects;
  readonly put: (key: string, bytes: Uint8Array) => Promise<unknown>;
}

const ADAPTERS: readonly { name: string; make: () => Store }[] = [
  {
    name: 'S3Objects',
    make: () => ({
      objects: new S3Objects(s3.client, s3.bucket),
      put: (Key, Body) => s3.client.send(new PutObjectCommand({ Bucket: s3.bucket, Key, Body })),
    }),
  },
  {
    name: 'FolderObjects',
    make: () => ({
      objects: new FolderObjects(dir),
      put: async (key, bytes) => {
        await mkdir(dirname(join(dir, key)), { recursive: true });
        await writeFile(join(dir, key), bytes);
      },
    }),
  },
];

describe.each(ADAPTERS)('$name', ({ name, make }) => {
  const bytes = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, index) => index % 251));
  const key = `recordings/${name}/1.wav`;

  it('reads an object, whole or in part', async () => {
    const { objects, put } = make();
    await put(key, bytes);
    expect(Buffer.concat(await collect(objects.read(key))).equals(bytes)).toBe(true);
    const part = Buffer.concat(await collect(objects.read(key, { from: 1_000, to: 2_001 })));
    expect(part.equals(bytes.subarray(1_000, 2_001))).toBe(true);
    expect(await collect(objects.read(key, { from: 5, to: 5 }))).toEqual([]);
  });

  it('says so when there is none', async () => {
    await expect(collect(make().objects.read(`${name}/none`))).rejects.toThrow(ObjectMissing);
  });

  it('lists what begins alike, and nothing else; erases it, once or twice', async () => {
    const { objects, put } = make();
    for (const one of ['a/1.wav', 'a/1.json', 'a/10.wav', 'b/1.wav'])
      await put(`${name}/${one}`, Buffer.from('12345'));
    const versions = await collect(objects.versions(`${name}/a/1.`));
    expect(versions.map((version) => [version.key, version.bytes]).sort()).toEqual([
      [`${name}/a/1.json`, 5],
      [`${name}/a/1.wav`, 5],
    ]);

    await objects.erase(versions);
    await objects.erase(versions);

    const left = await collect(objects.versions(`${name}/`));
    expect(left.map((version) => version.key).sort()).toEqual([`${name}/a/10.wav`, `${name}/b/1.wav`]);
    expect(await collect(objects.versions(`${name}/none/`))).toEqual([]);
  });
});

it('leaves no empty folders behind', async () => {
  const objects = new FolderObjects(dir);
  await mkdir(join(dir, 'tape/call/1'), { recursive: true });
  await writeFile(join(dir, 'tape/call/1/a.mkv'), '');
  await objects.erase([{ key: 'tape/call/1/a.mkv', bytes: 0 }]);
  expect(await readdir(dir)).toEqual([]);
});

it('leads nowhere but into its folder', async () => {
  const objects = new FolderObjects(join(dir, 'inner'));
  await writeFile(join(dir, 'outside'), 'secret');
  await expect(collect(objects.read('../outside'))).rejects.toThrow("can't be a file's name");
  await expect(objects.erase([{ key: '../outside', bytes: 6 }])).rejects.toThrow("can't be a file's name");
  expect(await readdir(dir)).toEqual(['outside']);
});

describe('S3 at its worst', () => {
  let server: Server;
  let client: S3Client;
  let requests: {
    method: string;
    url: string;
    range: string | undefined;
    ifMatch: string | undefined;
    body: string;
  }[];
  let answer: (url: URL) => {
    status?: number;
    headers?: Record<string, string>;
    body: string | Buffer;
    cutAt?: number;
  };

  beforeEach(async () => {
    requests = [];
    server = createServer((request, response) => {
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const { method = '', url = '', headers } = request;
        const body = Buffer.concat(chunks).toString();
        requests.push({ method, url, range: headers.range, ifMatch: headers['if-match'], body });
        const { status = 200, headers: sent = {}, body: answered, cutAt } = answer(new URL(url, 'http://s3'));
        response.writeHead(status, { 'content-length': Buffer.byteLength(answered), ...sent });
        if (cutAt === undefined) response.end(answered);
        else response.write(answered.slice(0, cutAt), () => response.destroy());
      })();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    client = new S3Client({
      ...OBJECT_CLIENT,
      endpoint: endpointOf(server),
      region: REGION,
      credentials: CREDENTIALS,
      forcePathStyle: true,
    });
  });
  afterEach(async () => {
    client.destroy();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  it('goes on where a body broke off, and only in the same object', async () => {
    const whole = Buffer.from('0123456789');
    answer = () => {
      const [from = 0, to = 9] =
        /bytes=(\d+)-(\d*)/
          .exec(requests.at(-1)?.range ?? '')
          ?.slice(1)
          .map(Number) ?? [];
      const body = whole.subarray(from, to === 0 ? 10 : to + 1);
      return { status: 206, headers: { etag: '"one"' }, body, ...(requests.length < 3 && { cutAt: 3 }) };
    };
    const read = Buffer.concat(await collect(new S3Objects(client, 'bucket').read('key')));
    expect(read.toString()).toBe('0123456789');
    expect(requests.map(({ range, ifMatch }) => [range, ifMatch])).toEqual([
      [undefined, undefined],
      ['bytes=3-', '"one"'],
      ['bytes=6-', '"one"'],
    ]);
  });

  it('gives up on a body that never comes', async () => {
    answer = () => ({ body: '0123456789', cutAt: 0 });
    await expect(collect(new S3Objects(client, 'bucket').read('key'))).rejects.toThrow();
    expect(requests.length).toBeLessThanOrEqual(3);
  });

  const version = (kind: 'Version' | 'DeleteMarker', key: string, id: string, size = 3) =>
    `<${kind}><Key>${key}</Key><VersionId>${id}</VersionId><IsLatest>true</IsLatest>${kind === 'Version' ? `<Size>${size}</Size>` : ''}</${kind}>`;

  it('finds and erases every version over all pages, markers too', async () => {
    answer = (url) => {
      const xml = { headers: { 'content-type': 'application/xml' } };
      if (url.searchParams.has('delete')) return { ...xml, body: '<DeleteResult></DeleteResult>' };
      if (!url.searchParams.has('versions'))
        return {
          ...xml,
          body: '<ListBucketResult><Contents><Key>tape/a</Key><Size>3</Size></Contents></ListBucketResult>',
        };
      const second = url.searchParams.get('key-marker') === 'tape/a';
      const page = second
        ? version('DeleteMarker', 'tape/b', 'm1')
        : `<IsTruncated>true</IsTruncated><NextKeyMarker>tape/a</NextKeyMarker><NextVersionIdMarker>v1</NextVersionIdMarker>${version('Version', 'tape/a', 'v2')}${version('Version', 'tape/a', 'v1', 4)}`;
      return { ...xml, body: `<ListVersionsResult>${page}</ListVersionsResult>` };
    };
    const objects = new S3Objects(client, 'bucket');
    const versions = await collect(objects.versions('tape/'));
    expect(versions).toEqual([
      { key: 'tape/a', versionId: 'v2', bytes: 3 },
      { key: 'tape/a', versionId: 'v1', bytes: 4 },
      { key: 'tape/b', versionId: 'm1', bytes: 0 },
    ]);

    await objects.erase(versions);
    const sent = requests.at(-1)?.body ?? '';
    for (const id of ['v2', 'v1', 'm1']) expect(sent).toContain(`<VersionId>${id}</VersionId>`);
  });

  it('says so when an object could not be erased', async () => {
    answer = () => ({
      headers: { 'content-type': 'application/xml' },
      body: '<DeleteResult><Error><Key>tape/a</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>',
    });
    const erasing = new S3Objects(client, 'bucket').erase([{ key: 'tape/a', versionId: 'v1', bytes: 3 }]);
    await expect(erasing).rejects.toThrow('tape/a');
  });

  it('erases any number of versions, a thousand at a time', async () => {
    answer = () => ({
      headers: { 'content-type': 'application/xml' },
      body: '<DeleteResult></DeleteResult>',
    });
    const versions = Array.from({ length: 2_001 }, (_, index) => ({
      key: `k${index}`,
      versionId: 'v',
      bytes: 1,
    }));
    await new S3Objects(client, 'bucket').erase(versions);
    expect(requests.map(({ body }) => body.match(/<Key>/g)?.length)).toEqual([1_000, 1_000, 1]);
    const erased = requests.flatMap(({ body }) =>
      [...body.matchAll(/<Key>(k\d+)<\/Key>/g)].map(([, key]) => key),
    );
    expect(new Set(erased).size).toBe(2_001);
  });
});

describe('S3Objects, with uploads that nobody has completed', () => {
  it('lists them, and abandons them before it erases any version', async () => {
    const requests: string[] = [];
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? '', 'http://s3');
      const what = ['uploads', 'versions', 'delete', 'list-type'].find((name) => url.searchParams.has(name));
      const upload = url.searchParams.get('uploadId');
      requests.push(`${request.method ?? ''} ${url.pathname} ${upload ?? what ?? ''}`);
      request.resume();
      response.setHeader('content-type', 'application/xml');
      if (request.method === 'DELETE') {
        response.statusCode = upload === 'gone' ? 404 : 204;
        response.end(upload === 'gone' ? '<Error><Code>NoSuchUpload</Code></Error>' : undefined);
      } else response.end(ANSWERS[what ?? ''] ?? '<x/>');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = new S3Client({
      ...OBJECT_CLIENT,
      region: REGION,
      credentials: CREDENTIALS,
      endpoint: endpointOf(server),
      forcePathStyle: true,
    });
    try {
      const objects = new S3Objects(client, 'bucket');
      const versions = await collect(objects.versions('a/'));
      expect(versions).toEqual([
        { key: 'a/1.wav', versionId: 'v1', bytes: 5 },
        { key: 'a/1.wav', uploadId: 'begun', bytes: 0 },
        { key: 'a/2.wav', uploadId: 'gone', bytes: 0 },
      ]);
      requests.length = 0;

      await objects.erase(versions);

      expect(requests).toEqual([
        'DELETE /bucket/a/1.wav begun',
        'DELETE /bucket/a/2.wav gone',
        'POST /bucket/ delete',
      ]);
    } finally {
      client.destroy();
      server.close();
    }
  });

  const ANSWERS: Readonly<Record<string, string>> = {
    versions:
      '<ListVersionsResult><Version><Key>a/1.wav</Key><VersionId>v1</VersionId><Size>5</Size></Version></ListVersionsResult>',
    uploads:
      '<ListMultipartUploadsResult><Upload><Key>a/1.wav</Key><UploadId>begun</UploadId></Upload>' +
      '<Upload><Key>a/2.wav</Key><UploadId>gone</UploadId></Upload></ListMultipartUploadsResult>',
  };
});
