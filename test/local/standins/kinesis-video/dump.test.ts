import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DumpError, type DumpFragment, readDump } from '../../../../local/standins/kinesis-video/dump.ts';
import type { StoredFragment } from '../../../../local/standins/kinesis-video/stream.ts';
import { archivedDocument, errorDocument } from '../../../../ports/media/memory-documents.ts';
import { CONTACT_ID } from '../../../support/call.ts';
import { call, difference, documentsOf, join, STARTED_AT_MS } from '../../../support/kinesis.ts';

const OTHER_CONTACT = '0d9f3b52-7c1e-4f6a-8b2d-5e4c3a291807';
const FRAGMENTS = call(4.5);
const LATER = call(2.5, { startedAtMs: STARTED_AT_MS + 60_000, contactId: OTHER_CONTACT, seed: 2 });

function expectSame(read: readonly DumpFragment[], stored: readonly StoredFragment[]): void {
  expect(read.map(({ number }) => number)).toEqual(stored.map(({ number }) => number));
  for (const [index, fragment] of read.entries()) {
    const source = stored[index];
    expect(fragment.serverTimestampMs).toBe(source?.serverTimestampMs);
    expect(fragment.producerTimestampMs).toBe(source?.producerTimestampMs);
    expect(difference(fragment.document, source?.document ?? new Uint8Array(0))).toBeUndefined();
  }
}

function errorOf(dump: Uint8Array): Promise<unknown> {
  return readDump([dump]).catch((error: unknown) => error);
}

describe('readDump', () => {
  it('gives the fragments that were put in, verbatim, and whose they are', async () => {
    const read = await readDump([documentsOf(FRAGMENTS), documentsOf(LATER)]);
    expectSame(read, [...FRAGMENTS, ...LATER]);
    expect(read.map(({ contactId }) => contactId)).toEqual([
      ...FRAGMENTS.map(() => CONTACT_ID),
      ...LATER.map(() => OTHER_CONTACT),
    ]);
  });

  it('does so however the bytes are chunked, and wherever the last fragment is torn', async () => {
    const dump = documentsOf(FRAGMENTS);
    const lastAt = dump.length - (FRAGMENTS.at(-1)?.document.length ?? 0);
    // Far enough for the last fragment's number to be there.
    const numbered = lastAt + 966;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: numbered, max: dump.length }),
        fc.integer({ min: 1, max: 100_000 }),
        async (end, chunkBytes) => {
          const chunks: Uint8Array[] = [];
          for (let at = 0; at < end; at += chunkBytes) {
            chunks.push(dump.subarray(at, Math.min(at + chunkBytes, end)));
          }
          const torn = { ...(FRAGMENTS.at(-1) ?? unreachable()), document: dump.subarray(lastAt, end) };
          expectSame(await readDump(chunks), [...FRAGMENTS.slice(0, -1), torn]);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('leaves out a last fragment that is torn before it has a number', async () => {
    const dump = documentsOf(FRAGMENTS);
    const lastAt = dump.length - (FRAGMENTS.at(-1)?.document.length ?? 0);
    expectSame(await readDump([dump.subarray(0, lastAt + 100)]), FRAGMENTS.slice(0, -1));
  });

  it('takes a tagless last fragment as it is, and its contact from the fragment before it', async () => {
    const tagless = call(4.5, { lastTagless: true, lastContactless: true });
    const read = await readDump([documentsOf(tagless)]);
    expectSame(read, tagless);
    expect(read.at(-1)?.contactId).toBe(CONTACT_ID);
  });

  it('does not take a contact from another Segment', async () => {
    const contactless = call(1, { startedAtMs: STARTED_AT_MS + 60_000, lastContactless: true, seed: 2 });
    const read = await readDump([documentsOf([...FRAGMENTS, ...contactless])]);
    expect(read.at(-1)?.contactId).toBeUndefined();
  });

  it('leaves reports of errors out', async () => {
    const report = errorDocument({ id: 4000, code: 'FRAGMENT_NOT_FOUND' }, 7n);
    const dump = join([report, documentsOf(FRAGMENTS.slice(0, 2)), report, documentsOf(FRAGMENTS.slice(2))]);
    expectSame(await readDump([dump]), FRAGMENTS);
  });

  it('puts fragments in order, each once, and of two copies takes the whole one', async () => {
    const tagless = call(4.5, { lastTagless: true });
    const joined = [...FRAGMENTS.slice(2), ...FRAGMENTS.slice(0, 3)];
    expectSame(await readDump([documentsOf(joined)]), FRAGMENTS);
    expectSame(await readDump([documentsOf([...tagless, ...FRAGMENTS.slice(-1)])]), FRAGMENTS);
    expectSame(await readDump([documentsOf([...FRAGMENTS, ...tagless.slice(-1)])]), FRAGMENTS);
  });

  it('reads archived media too', async () => {
    const archived = FRAGMENTS.map((fragment) => ({
      ...fragment,
      document: archivedDocument(fragment.document),
    }));
    expectSame(await readDump([documentsOf(archived)]), archived);
  });

  it.each([
    ['an empty file', new Uint8Array(0), /the file is empty/, 0],
    ['a page of text', Buffer.from('<html>Not found</html>'), /not a whole GetMedia body/, 0],
    [
      'reports alone',
      errorDocument({ id: 4000, code: 'FRAGMENT_NOT_FOUND' }, 7n),
      /no fragment in/,
      errorDocument({ id: 4000, code: 'FRAGMENT_NOT_FOUND' }, 7n).length,
    ],
    [
      'bytes that stand between fragments',
      join([documentsOf(FRAGMENTS.slice(0, 1)), new Uint8Array(10), documentsOf(FRAGMENTS.slice(1))]),
      /not a whole GetMedia body/,
      FRAGMENTS[0]?.document.length ?? -1,
    ],
    [
      'a fragment without a number',
      join([documentsOf(FRAGMENTS.slice(0, 1)), withoutNumber(FRAGMENTS[1] ?? unreachable())]),
      /no AWS_KINESISVIDEO_FRAGMENT_NUMBER/,
      FRAGMENTS[0]?.document.length ?? -1,
    ],
  ])('says what is wrong with %s, where, and what to do', async (_, dump, message, offset) => {
    const error = await errorOf(dump);
    expect(error).toBeInstanceOf(DumpError);
    expect(error).toMatchObject({ offset, message: expect.stringMatching(message) as string });
    expect(error).toMatchObject({ message: expect.stringMatching(/Give the body of GetMedia/) as string });
  });

  it('hands on the error of a file that can’t be read', async () => {
    const failure = new Error('EIO');
    const failing = (function* () {
      yield documentsOf(FRAGMENTS);
      throw failure;
    })();
    await expect(readDump(failing)).rejects.toBe(failure);
  });
});

/** The same document, its number's tag under another name. */
function withoutNumber({ document }: StoredFragment): Uint8Array {
  const copy = Buffer.from(document);
  copy.write('X', copy.indexOf('AWS_KINESISVIDEO_FRAGMENT_NUMBER'));
  return copy;
}

function unreachable(): never {
  throw new Error('there is no such fragment');
}
