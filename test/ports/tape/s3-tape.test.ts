/** The tape's S3 adapter on answers of a test's own: what is asked, what is asked again, and what S3's words are taken for. */
import { describe, expect, it } from 'vitest';
import { TAPE_CLIENT } from '../../../ports/runtime/aws-client-config.ts';
import { S3Tape } from '../../../ports/tape/s3-tape.ts';
import { TapeObjectMissing } from '../../../ports/tape/tape.ts';
import { padFragmentNumber } from '../../../recording/fragment-number.ts';
import { tapePrefix } from '../../../recording/tape/keys.ts';
import { seal } from '../../../recording/tape/seal.ts';
import type { answering } from '../../support/answering.ts';
import { answeringS3, refusal, s3ClientOn, xml } from '../../support/answering-s3.ts';
import { RECORDING } from '../../support/call.ts';
import { collect } from '../../support/collect.ts';

const UUID = '11111111-2222-4333-8444-555555555555';
const KEY = 'tape/x.mkv';

/** @param waitsMs are noted, and over at once */
async function given(answer: Parameters<typeof answering>[0], waitsMs: number[] = []) {
  const { client, requests } = await answeringS3(answer, TAPE_CLIENT);
  const sleep = (ms: number) => {
    waitsMs.push(ms);
    return Promise.resolve();
  };
  const tape = new S3Tape(client, 'bucket', () => UUID, { now: () => 0, sleep });
  return { tape, requests };
}

const read = async (tape: S3Tape, key = KEY) => Buffer.concat(await tape.read(key)).toString();

describe('S3Tape', () => {
  it('stores segments as Matroska', async () => {
    const { tape, requests } = await given(() => ({}));
    const bytes = Buffer.from('abc');
    await tape.append(RECORDING, { first: 1n, last: 2n, bytes });
    const name = `${padFragmentNumber(1n)}-${padFragmentNumber(2n)}-${seal(UUID, bytes)}.mkv`;
    expect(requests).toMatchObject([
      {
        method: 'PUT',
        url: { pathname: `/bucket/${tapePrefix(RECORDING)}${name}` },
        headers: { 'content-type': 'video/x-matroska', 'content-length': '3' },
        body: 'abc',
      },
    ]);
  });

  it('passes over what a listing names no key of, and takes no size for none', async () => {
    const key = `${tapePrefix(RECORDING)}${padFragmentNumber(3n)}-${padFragmentNumber(4n)}-${UUID}.mkv`;
    const listing = `<Contents><Size>5</Size></Contents><Contents><Key>${key}</Key></Contents>`;
    const { tape } = await given(() => xml(`<ListBucketResult>${listing}</ListBucketResult>`));
    expect(await collect(tape.list(RECORDING))).toEqual([{ first: 3n, last: 4n, uuid: UUID, key, bytes: 0 }]);
  });

  it('reads again when a body breaks off', async () => {
    const { tape, requests } = await given((_, request) => ({
      body: 'abcd',
      ...(request < 3 && { cutAt: 2 }),
    }));
    expect(await read(tape)).toBe('abcd');
    expect(requests).toHaveLength(3);
  });

  it('gives up a body that breaks off for the third time', async () => {
    const { tape, requests } = await given(() => ({ body: 'abcd', cutAt: 2 }));
    await expect(read(tape)).rejects.toThrow();
    expect(requests).toHaveLength(3);
  });

  it('keeps requests apart that run side by side, also those that are tried again', async () => {
    const asked = new Map<string, number>();
    const { tape } = await given(({ url }) => {
      const key = url.pathname.split('/').at(-1) ?? '';
      asked.set(key, (asked.get(key) ?? 0) + 1);
      if (Number(key) % 5 === 1) return refusal('NoSuchKey', 404);
      return Number(key) % 5 === 2 && asked.get(key) === 1 ? { status: 500 } : { body: `bytes of ${key}` };
    });
    const keys = Array.from({ length: 25 }, (_, number) => `tape/${String(number)}`);

    const came = await Promise.allSettled(keys.map((key) => read(tape, key)));

    expect(came).toEqual(
      keys.map((key, number) =>
        number % 5 === 1
          ? { status: 'rejected', reason: new TapeObjectMissing(key) }
          : { status: 'fulfilled', value: `bytes of ${String(number)}` },
      ),
    );
    expect(keys.map((_, number) => asked.get(String(number)))).toEqual(
      keys.map((_, number) => (number % 5 === 2 ? 2 : 1)),
    );
  });

  it('leaves it to the seal whether an object is sound', async () => {
    const headers = { 'x-amz-checksum-crc32': 'AAAAAA==', 'x-amz-checksum-type': 'FULL_OBJECT' };
    const { tape } = await given(() => ({ headers, body: 'abcd' }));
    expect(await read(tape)).toBe('abcd');
  });

  it.each([
    ['AccessDenied', 403, 'TapeObjectUnreadable'],
    ['InvalidObjectState', 403, 'TapeObjectUnreadable'],
    ['KMS.DisabledException', 400, 'TapeObjectUnreadable'],
    ['KMS.InvalidStateException', 400, 'TapeObjectUnreadable'],
    ['KMS.NotFoundException', 400, 'TapeObjectUnreadable'],
    ['ExpiredToken', 400, 'ExpiredToken'],
    ['NoSuchBucket', 404, 'NoSuchBucket'],
  ])(
    'tells an object that is refused from a caller that is, and tries neither again: %s',
    async (code, status, name) => {
      const { tape, requests } = await given(() => refusal(code, status));
      await expect(read(tape)).rejects.toMatchObject({ name });
      expect(requests).toHaveLength(1);
    },
  );

  it.each([
    ['AccessDenied', true],
    ['KMS.DisabledException', true],
    ['InvalidObjectState', false],
  ])('tells whether it is the caller or the object, which one, and why: %s', async (code, refused) => {
    const { tape } = await given(() => refusal(code, 403));
    await expect(read(tape)).rejects.toMatchObject({
      refused,
      key: KEY,
      message: `the tape object ${KEY} can’t be read: ${code}`,
      cause: { name: code },
    });
  });

  it('says of an object that is missing so, and of what it was told', async () => {
    const { tape } = await given(() => refusal('NoSuchKey', 404));
    await expect(read(tape)).rejects.toMatchObject({
      name: 'TapeObjectMissing',
      refused: false,
      key: KEY,
      message: `the tape object ${KEY} can’t be read: it is not there any more`,
      cause: { name: 'NoSuchKey' },
    });
  });

  it.each(['KMS.ThrottlingException', 'KMS.DependencyTimeoutException', 'KMS.KMSInternalException'])(
    'tries again what passes, waiting longer each time: %s',
    async (code) => {
      const waitsMs: number[] = [];
      const { tape } = await given(
        (_, request) => (request === 5 ? { body: 'abcd' } : refusal(code, 400)),
        waitsMs,
      );
      expect(await read(tape)).toBe('abcd');
      expect(waitsMs).toEqual([250, 500, 1_000, 2_000]);
    },
  );

  it('gives up what doesn’t pass in five tries: the assembly fails, and the workflow tries it again', async () => {
    const { tape, requests } = await given(() => refusal('KMS.ThrottlingException', 400));
    await expect(read(tape)).rejects.toMatchObject({ name: 'KMS.ThrottlingException' });
    expect(requests).toHaveLength(5);
  });

  it('does not take a network that is away for a refusal', async () => {
    const tape = new S3Tape(s3ClientOn('http://127.0.0.1:1', TAPE_CLIENT), 'bucket');
    await expect(read(tape)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it.each([
    ['no body', () => Promise.resolve({ $metadata: {} }), `S3 answered without a body for ${KEY}`],
    [
      'an error that isn’t S3’s',
      () => Promise.reject(Object.assign(new Error('by a proxy'), { name: 'AccessDenied' })),
      /^by a proxy$/,
    ],
  ])('passes on %s as it is', async (_, answer, message) => {
    const client = s3ClientOn('http://127.0.0.1:1', TAPE_CLIENT);
    client.middlewareStack.add(() => async () => ({ output: await answer(), response: {} }), {
      step: 'initialize',
    });
    await expect(read(new S3Tape(client, 'bucket'))).rejects.toThrow(message);
  });

  it('passes on what S3 refuses to store', async () => {
    const { tape } = await given(() => refusal('NoSuchBucket', 404));
    const stored = tape.append(RECORDING, { first: 1n, last: 1n, bytes: Uint8Array.of(1) });
    await expect(stored).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });
});
