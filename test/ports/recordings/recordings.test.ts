import { GetObjectCommand, NoSuchKey, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryRecordings } from '../../../ports/recordings/memory-recordings.ts';
import {
  ObjectReplaced,
  type PartedUpload,
  type Recordings,
  UploadGone,
} from '../../../ports/recordings/recordings.ts';
import { S3Recordings } from '../../../ports/recordings/s3-recordings.ts';
import { CREDENTIALS, REGION, type S3ForTest, s3ForTest } from '../../support/standins.ts';

const MIB = 1024 * 1024;
const WAV = 'audio/wav';

let s3: S3ForTest;
beforeAll(async () => {
  s3 = await s3ForTest();
});
afterAll(() => s3.close());

/** Each test has a key of its own, since the bucket is shared. */
let keys = 0;

const ADAPTERS = [
  {
    name: 'S3Recordings',
    make: () => ({
      recordings: new S3Recordings(s3.client, s3.bucket),
      read: async (key: string) => {
        try {
          const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: s3.bucket, Key: key }));
          return Body && Buffer.from(await Body.transformToByteArray());
        } catch (error) {
          if (error instanceof NoSuchKey) return undefined;
          throw error;
        }
      },
    }),
  },
  {
    name: 'MemoryRecordings',
    make: () => {
      const recordings = new MemoryRecordings();
      const read = (key: string) => {
        const bytes = recordings.get(key);
        return Promise.resolve(bytes && Buffer.from(bytes));
      };
      return { recordings, read };
    },
  },
];

const bytesOf = (text: string) => Buffer.from(text);

describe.each(ADAPTERS)('$name', ({ make }) => {
  function fresh() {
    const key = `recordings/${String((keys += 1))} ä.wav`;
    return { ...make(), key };
  }

  async function uploaded(recordings: Recordings, key: string, last: string): Promise<PartedUpload> {
    const upload = await recordings.begin(key, WAV);
    await Promise.all([upload.part(2, bytesOf(last)), upload.part(1, Buffer.alloc(5 * MIB))]);
    return upload;
  }

  it('reads a small object, and none that is larger than was asked for, or isn’t there', async () => {
    const { recordings, key } = fresh();
    expect(await recordings.read(key, 100)).toBeUndefined();
    await recordings.put(key, bytesOf('0123456789'), WAV, undefined);
    expect(Buffer.from((await recordings.read(key, 10)) ?? []).toString()).toBe('0123456789');
    expect(await recordings.read(key, 9)).toBeUndefined();
  });

  it('has nothing standing where nothing was put', async () => {
    const { recordings, key } = fresh();

    expect(await recordings.standing(key)).toBeUndefined();
  });

  it('puts an object where nothing stands, and in place of the one that was seen', async () => {
    const { recordings, read, key } = fresh();

    await recordings.put(key, bytesOf('first'), WAV, undefined);
    expect(await read(key)).toEqual(bytesOf('first'));
    const first = await recordings.standing(key);
    await recordings.put(key, bytesOf('second'), WAV, first);

    expect(await read(key)).toEqual(bytesOf('second'));
    expect(await recordings.standing(key)).not.toBe(first);
  });

  it('puts nothing over an object that was not seen', async () => {
    const { recordings, read, key } = fresh();
    await recordings.put(key, bytesOf('seen'), WAV, undefined);
    const seen = await recordings.standing(key);
    await recordings.put(key, bytesOf('not seen'), WAV, seen);

    await expect(recordings.put(key, bytesOf('late'), WAV, undefined)).rejects.toThrow(ObjectReplaced);
    await expect(recordings.put(key, bytesOf('late'), WAV, seen)).rejects.toThrow(ObjectReplaced);

    expect(await read(key)).toEqual(bytesOf('not seen'));
  });

  it('removes what has been erased, once or twice', async () => {
    const { recordings, read, key } = fresh();
    await recordings.put(key, bytesOf('first'), WAV, undefined);

    await recordings.remove(key);
    await recordings.remove(key);

    expect(await read(key)).toBeUndefined();
    expect(await recordings.standing(key)).toBeUndefined();
  });

  it('puts nothing in place of an object that is gone', async () => {
    const { recordings, read, key } = fresh();

    await expect(recordings.put(key, bytesOf('late'), WAV, '"gone"')).rejects.toThrow(ObjectReplaced);

    expect(await read(key)).toBeUndefined();
  });

  it('lets one of two put that saw the same', async () => {
    const { recordings, read, key } = fresh();
    const texts = ['one', 'the other'];

    const put = await Promise.allSettled(
      texts.map((text) => recordings.put(key, bytesOf(text), WAV, undefined)),
    );

    const done = put.findIndex(({ status }) => status === 'fulfilled');
    expect(put[1 - done]).toMatchObject({ status: 'rejected', reason: { name: 'ObjectReplaced' } });
    expect(await read(key)).toEqual(bytesOf(texts[done] ?? ''));
  });

  it('completes an upload in place of what was seen alone, and can be asked again', async () => {
    const { recordings, read, key } = fresh();
    const upload = await uploaded(recordings, key, 'uploaded');
    await recordings.put(key, bytesOf('in between'), WAV, undefined);

    await expect(upload.complete(undefined)).rejects.toThrow(ObjectReplaced);
    expect(await read(key)).toEqual(bytesOf('in between'));

    await upload.complete(await recordings.standing(key));
    expect((await read(key))?.subarray(5 * MIB)).toEqual(bytesOf('uploaded'));
  });

  it('leaves what stands there when an upload is aborted', async () => {
    const { recordings, read, key } = fresh();
    await recordings.put(key, bytesOf('standing'), WAV, undefined);
    const upload = await uploaded(recordings, key, 'dropped');

    await upload.abort();

    expect(await read(key)).toEqual(bytesOf('standing'));
  });
});

describe('MemoryRecordings', () => {
  const WHOLE = Buffer.alloc(5 * MIB);

  it('keeps its own copies, and gives such', async () => {
    const recordings = new MemoryRecordings();
    const [small, part] = [bytesOf('put'), bytesOf('part')];
    await recordings.put('b', small, WAV, undefined);
    const upload = await recordings.begin('a');
    await upload.part(1, part);
    small.fill(0);
    part.fill(0);
    await upload.complete(undefined);
    recordings.get('b')?.fill(0);
    expect(recordings.keys.map((key) => Buffer.from(recordings.get(key) ?? []).toString())).toEqual([
      'part',
      'put',
    ]);
    expect(recordings.keys).toEqual(['a', 'b']);
    recordings.tamper('a');
    expect(recordings.keys).toEqual(['b']);
  });

  it('tells how an object is tagged, as long as it is', async () => {
    const recordings = new MemoryRecordings();
    await recordings.put('a', bytesOf('1'), WAV, undefined, 'kind=wav');
    expect([...recordings.tagging]).toEqual([['a', 'kind=wav']]);
    await recordings.put('a', bytesOf('2'), WAV, await recordings.standing('a'));
    expect([...recordings.tagging]).toEqual([]);
  });

  it('counts the uploads that nobody has ended', async () => {
    const recordings = new MemoryRecordings();
    const uploads = await Promise.all(['a', 'b', 'c'].map((key) => recordings.begin(key)));
    expect(recordings.openUploads).toBe(3);
    await uploads[0]?.part(1, bytesOf('x'));
    await uploads[0]?.complete(undefined);
    await uploads[1]?.abort();
    expect(recordings.openUploads).toBe(1);
  });

  it.each([
    ['none', [], false],
    ['a small one alone', [bytesOf('x')], true],
    ['a small one at the end', [WHOLE, WHOLE, bytesOf('x')], true],
    ['a small one before the last', [WHOLE, bytesOf('x'), bytesOf('x')], false],
    ['one that lacks a byte before the last', [WHOLE.subarray(1), bytesOf('x')], false],
  ])('takes parts as S3 does: %s', async (_, parts, isTaken) => {
    const upload = await new MemoryRecordings().begin('a');
    for (const [index, part] of parts.entries()) await upload.part(index + 1, part);
    const completed = upload.complete(undefined);
    if (isTaken) await completed;
    else await expect(completed).rejects.toThrow('EntityTooSmall');
  });
});

describe('S3Recordings', () => {
  it('takes a refusal to look for nothing there: S3 says so without the right to list', async () => {
    const recordings = new S3Recordings(answering(403), 'bucket');

    expect(await recordings.standing('key')).toBeUndefined();
  });

  it('does not take a failure for nothing there', async () => {
    const recordings = new S3Recordings(answering(500), 'bucket');

    await expect(recordings.standing('key')).rejects.toThrow();
  });

  it.each([
    [409, 'ConditionalRequestConflict', ObjectReplaced],
    [403, 'AccessDenied', Error],
  ])('tells a write at the same time from a refusal: %d %s', async (status, code, kind) => {
    const recordings = new S3Recordings(answering(status, code), 'bucket');

    const error: unknown = await recordings
      .put('key', bytesOf('x'), WAV, undefined)
      .catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(kind);
    expect(error instanceof ObjectReplaced).toBe(kind === ObjectReplaced);
  });

  it.each([
    [409, 'ConditionalRequestConflict', UploadGone, 1],
    [412, 'PreconditionFailed', ObjectReplaced, 1],
    [500, 'InternalError', S3ServiceException, 3],
  ])('completes nothing that is gone: %d %s', async (status, code, kind, times) => {
    const asked: string[] = [];
    const client = answering(status, code, (command) => {
      asked.push(command);
      return command === 'CreateMultipartUploadCommand' ? { UploadId: 'u' } : undefined;
    });
    const upload = await new S3Recordings(client, 'bucket').begin('key', WAV);

    await expect(upload.complete(undefined)).rejects.toThrow(kind);

    expect(asked.filter((command) => command === 'CompleteMultipartUploadCommand')).toHaveLength(times);
  });
});

/** A client to which S3 answers with that error. @param answer to a command, where it is another */
function answering(
  httpStatusCode: number,
  name = 'Unknown',
  answer: (command: string) => object | undefined = () => undefined,
): S3Client {
  const client = new S3Client({ region: REGION, credentials: CREDENTIALS });
  client.middlewareStack.add(
    (_next, { commandName = '' }) =>
      () => {
        const output = answer(commandName);
        if (output) return Promise.resolve({ output: { $metadata: {}, ...output }, response: {} });
        const error = { name, message: name, $fault: 'client', $metadata: { httpStatusCode } } as const;
        return Promise.reject(new S3ServiceException(error));
      },
    { step: 'initialize' },
  );
  return client;
}
