/** The bucket at its worst: bodies that break off, versions over many pages, uploads that nobody has completed. */
import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../../ports/objects/refusal.ts';
import { S3Objects } from '../../../ports/objects/s3-objects.ts';
import { OBJECT_CLIENT } from '../../../ports/runtime/aws-client-config.ts';
import type { Answer, answering, Asked } from '../../support/answering.ts';
import { answeringS3, refusal, xml } from '../../support/answering-s3.ts';
import { collect } from '../../support/collect.ts';

async function given(answer: Parameters<typeof answering>[0]) {
  const { client, requests } = await answeringS3(answer, OBJECT_CLIENT);
  return { objects: new S3Objects(client, 'bucket'), client, requests };
}

const read = async (objects: S3Objects, range?: { from: number; to: number }) =>
  Buffer.concat(await collect(objects.read('key', range))).toString();

describe('reading', () => {
  const WHOLE = '0123456789';

  /** That range of it. */
  function part({ headers: { range } }: Asked): Answer {
    const [, from = '0', to = ''] = /bytes=(\d+)-(\d*)/.exec(range ?? '') ?? [];
    const body = WHOLE.slice(Number(from), to === '' ? WHOLE.length : Number(to) + 1);
    return { status: range === undefined ? 200 : 206, headers: { etag: '"one"' }, body };
  }
  const conditions = (requests: readonly Asked[]) =>
    requests.map(({ headers }) => [headers.range, headers['if-match']]);

  it('goes on where a body broke off, and only in the same object', async () => {
    const { objects, requests } = await given((asked, request) => ({
      ...part(asked),
      ...(request < 3 && { cutAt: 3 }),
    }));
    expect(await read(objects)).toBe(WHOLE);
    expect(conditions(requests)).toEqual([
      [undefined, undefined],
      ['bytes=3-', '"one"'],
      ['bytes=6-', '"one"'],
    ]);
  });

  it('goes on within the range that is asked for', async () => {
    const { objects, requests } = await given((asked, request) => ({
      ...part(asked),
      ...(request < 2 && { cutAt: 2 }),
    }));
    expect(await read(objects, { from: 2, to: 8 })).toBe('234567');
    expect(conditions(requests)).toEqual([
      ['bytes=2-7', undefined],
      ['bytes=4-7', '"one"'],
    ]);
  });

  it.each([
    [0, 4, 'bytes=0-3'],
    [3, Infinity, 'bytes=3-'],
    [0, Infinity, undefined],
  ])('asks for no more than what is wanted: from %i to %i', async (from, to, range) => {
    const { objects, requests } = await given(part);
    expect(await read(objects, { from, to })).toBe(WHOLE.slice(from, to));
    expect(conditions(requests)).toEqual([[range, undefined]]);
  });

  it('asks for nothing where nothing is wanted', async () => {
    const { objects, requests } = await given(part);
    expect(await read(objects, { from: 4, to: 4 })).toBe('');
    expect(requests).toEqual([]);
  });

  it('gives up on a body that never comes, at the third', async () => {
    const { objects, requests } = await given((asked) => ({ ...part(asked), cutAt: 0 }));
    await expect(read(objects)).rejects.toThrow();
    expect(requests).toHaveLength(3);
  });

  it('gives up on one that came some of the way no later than at the second that brings nothing', async () => {
    const { objects, requests } = await given((asked, request) => ({
      ...part(asked),
      cutAt: request === 2 ? 1 : 0,
    }));
    await expect(read(objects)).rejects.toThrow();
    expect(requests).toHaveLength(4);
  });

  it('does not give up on one that breaks off at every byte', async () => {
    const { objects, requests } = await given((asked) => ({ ...part(asked), cutAt: 1 }));
    expect(await read(objects, { from: 0, to: 6 })).toBe('012345');
    expect(requests).toHaveLength(6);
  });

  it('passes on what S3 refuses', async () => {
    const { objects } = await given(() => refusal('AccessDenied', 403));
    await expect(read(objects)).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});

it('says so where an answer has no body', async () => {
  const { objects, client } = await given(() => ({}));
  client.middlewareStack.add(() => () => Promise.resolve({ output: { $metadata: {} }, response: {} }), {
    step: 'initialize',
  });
  await expect(read(objects)).rejects.toThrow('S3 answered without a body for key');
});

describe('putting', () => {
  it.each([
    ['kind=json', { 'x-amz-tagging': 'kind=json' }],
    [undefined, {}],
  ])('says what it is, how long, and how it is tagged: %s', async (tagging, headers) => {
    const { objects, requests } = await given(() => ({}));
    await objects.put('a b.json', Buffer.from('{}'), 'application/json', tagging);
    expect(requests).toMatchObject([
      {
        method: 'PUT',
        url: { pathname: '/bucket/a%20b.json' },
        headers: { 'content-type': 'application/json', 'content-length': '2', ...headers },
        body: '{}',
      },
    ]);
    expect('x-amz-tagging' in (requests[0]?.headers ?? {})).toBe(tagging !== undefined);
  });
});

/** @param pages of versions and of uploads, by the marker of their key; '' is the first */
function bucket(pages: {
  readonly versions?: Readonly<Record<string, string>>;
  readonly listed?: string;
  readonly uploads?: Readonly<Record<string, string>>;
}) {
  return ({ url: { searchParams } }: Asked): Answer => {
    const marker = searchParams.get('key-marker') ?? '';
    if (searchParams.has('versions'))
      return xml(`<ListVersionsResult>${pages.versions?.[marker] ?? ''}</ListVersionsResult>`);
    if (searchParams.has('uploads'))
      return xml(`<ListMultipartUploadsResult>${pages.uploads?.[marker] ?? ''}</ListMultipartUploadsResult>`);
    return xml(`<ListBucketResult>${pages.listed ?? ''}</ListBucketResult>`);
  };
}

describe('listing', () => {
  const version = (key: string, id: string, size = 3) =>
    `<Version><Key>${key}</Key><VersionId>${id}</VersionId><Size>${size}</Size></Version>`;
  const marker = (key: string, id: string) =>
    `<DeleteMarker><Key>${key}</Key><VersionId>${id}</VersionId></DeleteMarker>`;
  const upload = (key: string, id: string) => `<Upload><Key>${key}</Key><UploadId>${id}</UploadId></Upload>`;
  const listed = (key: string, size?: number) =>
    `<Contents><Key>${key}</Key>${size === undefined ? '' : `<Size>${size}</Size>`}</Contents>`;
  const truncated = (key: string, kind: 'VersionId' | 'UploadId', id: string) =>
    `<IsTruncated>true</IsTruncated><NextKeyMarker>${key}</NextKeyMarker><Next${kind}Marker>${id}</Next${kind}Marker>`;
  const asked = (requests: readonly Asked[]) =>
    requests.map(({ url }) => Object.fromEntries(url.searchParams));

  it('has every version over all pages, markers too', async () => {
    const { objects, requests } = await given(
      bucket({
        versions: {
          '': truncated('t/a', 'VersionId', 'v1') + version('t/a', 'v2') + version('t/a', 'v1', 4),
          't/a': marker('t/b', 'm1'),
        },
        listed: listed('t/a', 3),
      }),
    );
    expect(await collect(objects.versions('t/'))).toEqual([
      { key: 't/a', versionId: 'v2', bytes: 3 },
      { key: 't/a', versionId: 'v1', bytes: 4 },
      { key: 't/b', versionId: 'm1', bytes: 0 },
    ]);
    expect(asked(requests)).toMatchObject([
      { versions: '', prefix: 't/' },
      { versions: '', prefix: 't/', 'key-marker': 't/a', 'version-id-marker': 'v1' },
      { 'list-type': '2', prefix: 't/' },
      { uploads: '', prefix: 't/' },
    ]);
  });

  it('has what a store lists that knows no versions', async () => {
    const { objects } = await given(
      bucket({ listed: `<Contents><Size>1</Size></Contents>${listed('t/a', 3)}${listed('t/b')}` }),
    );
    expect(await collect(objects.versions('t/'))).toEqual([
      { key: 't/a', bytes: 3 },
      { key: 't/b', bytes: 0 },
    ]);
  });

  it('passes over what has no key, and takes no size for none', async () => {
    const { objects } = await given(
      bucket({
        versions: { '': '<Version><Size>1</Size></Version><Version><Key>t/a</Key></Version>' },
        uploads: { '': '<Upload><Key>t/b</Key></Upload><Upload><UploadId>u</UploadId></Upload>' },
      }),
    );
    expect(await collect(objects.versions('t/'))).toStrictEqual([{ key: 't/a', bytes: 0 }]);
  });

  it('has every upload over all pages that nobody has completed', async () => {
    const { objects, requests } = await given(
      bucket({
        uploads: { '': truncated('t/a', 'UploadId', 'u1') + upload('t/a', 'u1'), 't/a': upload('t/b', 'u2') },
      }),
    );
    expect(await collect(objects.versions('t/'))).toEqual([
      { key: 't/a', uploadId: 'u1', bytes: 0 },
      { key: 't/b', uploadId: 'u2', bytes: 0 },
    ]);
    expect(asked(requests).at(-1)).toMatchObject({
      uploads: '',
      prefix: 't/',
      'key-marker': 't/a',
      'upload-id-marker': 'u1',
    });
  });

  it.each(['<IsTruncated>true</IsTruncated>', '<NextKeyMarker>t/a</NextKeyMarker>'])(
    'ends where nothing says that there is more, and where: %s',
    async (says) => {
      const { objects, requests } = await given(bucket({ versions: { '': says }, uploads: { '': says } }));
      expect(await collect(objects.versions('t/'))).toEqual([]);
      expect(requests).toHaveLength(3);
    },
  );
});

describe('erasing', () => {
  const deleted = (errors = '') => xml(`<DeleteResult>${errors}</DeleteResult>`);
  const error = (key: string, code: string) =>
    `<Error><Key>${key}</Key><Code>${code}</Code><Message>no</Message></Error>`;

  it('names every version by its id, and where there is none the object, and wants no answer for each', async () => {
    const { objects, requests } = await given(() => deleted());
    await objects.erase([
      { key: 't/a', versionId: 'v1', bytes: 3 },
      { key: 't/b', bytes: 3 },
    ]);
    expect(requests).toHaveLength(1);
    expect(requests[0]?.body).toContain(
      '<Object><Key>t/a</Key><VersionId>v1</VersionId></Object><Object><Key>t/b</Key></Object><Quiet>true</Quiet>',
    );
  });

  it('has any number of versions, a thousand at a time', async () => {
    const { objects, requests } = await given(() => deleted());
    await objects.erase(
      Array.from({ length: 2_001 }, (_, index) => ({ key: `k${index}`, versionId: 'v', bytes: 1 })),
    );
    expect(requests.map(({ body }) => body.match(/<Key>/g)?.length)).toEqual([1_000, 1_000, 1]);
    const erased = requests.flatMap(({ body }) =>
      [...body.matchAll(/<Key>(k\d+)<\/Key>/g)].map(([, key]) => key),
    );
    expect(new Set(erased).size).toBe(2_001);
  });

  it('says how many could not be erased, and of one why', async () => {
    const { objects } = await given(() =>
      deleted(error('t/a', 'AccessDenied') + error('t/b', 'InternalError')),
    );
    const erasing = objects.erase([{ key: 't/a', versionId: 'v1', bytes: 3 }]);
    await expect(erasing).rejects.toThrow('2 objects could not be erased, t/a say (AccessDenied: no)');
  });

  it('says so also of an error that says nothing', async () => {
    const { objects } = await given(() => deleted('<Error></Error>'));
    const erasing = objects.erase([{ key: 't/a', versionId: 'v1', bytes: 3 }]);
    await expect(erasing).rejects.toThrow('1 objects could not be erased, one say (unknown: )');
  });

  it('abandons uploads before it erases any version, also one that is gone', async () => {
    const { objects, requests } = await given(({ method, url }) => {
      if (method !== 'DELETE') return deleted();
      const isGone = url.searchParams.get('uploadId') === 'gone';
      return isGone ? refusal('NoSuchUpload', 404) : { status: 204 };
    });
    await objects.erase([
      { key: 'a/1.wav', versionId: 'v1', bytes: 5 },
      { key: 'a/1.wav', uploadId: 'begun', bytes: 0 },
      { key: 'a/2.wav', uploadId: 'gone', bytes: 0 },
    ]);
    expect(
      requests.map(({ method, url }) => [method, url.pathname, url.searchParams.get('uploadId')]),
    ).toEqual([
      ['DELETE', '/bucket/a/1.wav', 'begun'],
      ['DELETE', '/bucket/a/2.wav', 'gone'],
      ['POST', '/bucket/', null],
    ]);
    // Its name without a version would be the object that stands there now.
    expect(requests.at(-1)?.body.match(/<Key>.*?<.Key>/g)).toEqual(['<Key>a/1.wav</Key>']);
  });

  it('asks for no deletion where there were but uploads', async () => {
    const { objects, requests } = await given(() => ({ status: 204 }));
    await objects.erase([{ key: 'a', uploadId: 'u', bytes: 0 }]);
    expect(requests).toHaveLength(1);
  });

  it('passes on what keeps an upload', async () => {
    const { objects, requests } = await given(() => refusal('AccessDenied', 403));
    const erasing = objects.erase([{ key: 'a', uploadId: 'u', bytes: 0 }]);
    await expect(erasing).rejects.toMatchObject({ name: 'AccessDenied' });
    expect(requests).toHaveLength(1);
  });
});

it.each([
  ['AccessDenied', true],
  ['AllAccessDisabled', true],
  ['AccountProblem', true],
  ['NoSuchKey', false],
])('a refusal is told by its name: %s', (name, isOne) => {
  expect(isRefusal(Object.assign(new Error('no'), { name }))).toBe(isOne);
  expect(isRefusal({ name })).toBe(false);
});
