/** What is sent to S3 for a recording, and what its answers are taken for. */
import { describe, expect, it } from 'vitest';
import { ObjectReplaced, UploadGone } from '../../../ports/recordings/recordings.ts';
import { S3Recordings } from '../../../ports/recordings/s3-recordings.ts';
import type { answering } from '../../support/answering.ts';
import { answeringS3, refusal, xml } from '../../support/answering-s3.ts';

const WAV = 'audio/wav';
const KEY = 'recordings/1.wav';

async function given(answer: Parameters<typeof answering>[0]) {
  // So that what is to be checked is what is asked for, not what the SDK checks by itself.
  const { client, requests } = await answeringS3(answer, {
    maxAttempts: 1,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
  return { recordings: new S3Recordings(client, 'bucket'), client, requests };
}

const begun = xml('<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>');
const completed = xml('<CompleteMultipartUploadResult></CompleteMultipartUploadResult>');

describe('an object at once', () => {
  it.each([
    [undefined, undefined, { 'if-none-match': '*' }],
    ['"seen"', 'kind=wav', { 'if-match': '"seen"', 'x-amz-tagging': 'kind=wav' }],
  ])('is put in place of %s, tagged %s', async (over, tagging, headers) => {
    const { recordings, requests } = await given(() => ({}));
    await recordings.put(KEY, Buffer.from('abc'), WAV, over, tagging);
    expect(requests).toMatchObject([
      {
        method: 'PUT',
        url: { pathname: `/bucket/${KEY}` },
        headers: { ...headers, 'content-type': WAV },
        body: 'abc',
      },
    ]);
    const conditions = ['if-match', 'if-none-match', 'x-amz-tagging'].filter(
      (name) => name in (requests[0]?.headers ?? {}),
    );
    expect(conditions.sort()).toEqual(Object.keys(headers).sort());
  });

  it('that another has replaced is told by its key, and by what S3 said', async () => {
    const { recordings } = await given(() => refusal('PreconditionFailed', 412));
    const put = recordings.put(KEY, Buffer.from('x'), WAV, undefined);
    await expect(put).rejects.toThrow(ObjectReplaced);
    await expect(put).rejects.toMatchObject({
      name: 'ObjectReplaced',
      message: expect.stringContaining(KEY) as string,
      cause: { name: 'PreconditionFailed' },
    });
  });

  it.each([403, 404])('is none where S3 says %i of it', async (status) => {
    const { recordings } = await given(() => refusal('Unknown', status));
    expect(await recordings.read(KEY, 100)).toBeUndefined();
  });

  it('is not taken for none where S3 fails', async () => {
    const { recordings } = await given(() => refusal('InternalError', 500));
    await expect(recordings.read(KEY, 100)).rejects.toMatchObject({ name: 'InternalError' });
  });

  it('is not taken for none where an answer has no body', async () => {
    const { recordings, client } = await given(() => ({}));
    client.middlewareStack.add(() => () => Promise.resolve({ output: { $metadata: {} }, response: {} }), {
      step: 'initialize',
    });
    await expect(recordings.read(KEY, 100)).rejects.toThrow(`S3 answered without a body for ${KEY}`);
  });
});

describe('an object in parts', () => {
  it('is one upload, whose parts are checked, and in their order', async () => {
    const { recordings, requests } = await given(({ url: { searchParams }, method }) => {
      if (method === 'PUT')
        return {
          headers: { etag: `"${searchParams.get('partNumber') ?? ''}"`, 'x-amz-checksum-crc32': 'AAAAAA==' },
        };
      return searchParams.has('uploads') ? begun : completed;
    });
    const upload = await recordings.begin(KEY, WAV);
    await upload.part(2, Buffer.from('two'));
    await upload.part(1, Buffer.from('one'));
    await upload.complete('"seen"');
    const [create, two, one, complete] = requests;
    expect(create).toMatchObject({
      method: 'POST',
      headers: { 'content-type': WAV, 'x-amz-checksum-algorithm': 'CRC32' },
    });
    for (const part of [two, one])
      expect(part).toMatchObject({
        headers: { 'content-length': '3', 'x-amz-checksum-crc32': expect.any(String) as string },
      });
    expect(complete).toMatchObject({ method: 'POST', headers: { 'if-match': '"seen"' } });
    expect(complete?.body.match(/<Part[ />]/g)).toHaveLength(2);
    expect([...(complete?.body ?? '').matchAll(/<Part>(.*?)<.Part>/g)].map(([, part]) => part)).toEqual(
      [1, 2].map(
        (number) =>
          `<ETag>&quot;${number}&quot;</ETag><ChecksumCRC32>AAAAAA==</ChecksumCRC32><PartNumber>${number}</PartNumber>`,
      ),
    );
  });

  it('is not begun where S3 gives the upload no id', async () => {
    const { recordings } = await given(() => ({}));
    await expect(recordings.begin(KEY, WAV)).rejects.toThrow(`S3 began an upload of ${KEY} without an id`);
  });

  it('is abandoned by the upload’s id', async () => {
    const { recordings, requests } = await given(({ method }) =>
      method === 'POST' ? begun : { status: 204 },
    );
    await (await recordings.begin(KEY, WAV)).abort();
    const { method, url } = requests.at(-1) ?? {};
    expect([method, url?.pathname, url?.searchParams.get('uploadId')]).toEqual([
      'DELETE',
      `/bucket/${KEY}`,
      'u',
    ]);
  });

  it.each([
    [409, 'ConditionalRequestConflict', UploadGone, 'UploadGone'],
    [412, 'PreconditionFailed', ObjectReplaced, 'ObjectReplaced'],
    [404, 'NoSuchKey', ObjectReplaced, 'ObjectReplaced'],
  ])('that can’t be completed says which one, and what S3 said: %i %s', async (status, code, kind, name) => {
    const { recordings } = await given(({ url: { searchParams } }) =>
      searchParams.has('uploads') ? begun : refusal(code, status),
    );
    const completed = (await recordings.begin(KEY, WAV)).complete(undefined);
    await expect(completed).rejects.toThrow(kind);
    await expect(completed).rejects.toMatchObject({
      name,
      message: expect.stringContaining(KEY) as string,
      cause: { name: code },
    });
  });
});
