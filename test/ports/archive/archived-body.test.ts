import { describe, expect, it } from 'vitest';
import { archivedBody } from '../../../ports/archive/archived-body.ts';
import { archivedDocument, errorDocument } from '../../../ports/media/memory-documents.ts';
import { collect } from '../../support/collect.ts';
import { call, join } from '../../support/kinesis.ts';
import { readBody } from '../../support/read-body.ts';

const FRAGMENTS = call(3.5).map(({ number, document }) => ({ number, document: archivedDocument(document) }));
const NUMBERS = FRAGMENTS.map(({ number }) => number);

async function* chunks(...bytes: readonly Uint8Array[]) {
  for (const chunk of bytes) {
    await Promise.resolve();
    yield chunk;
  }
}

function documents(numbers: readonly bigint[]): Uint8Array[] {
  return FRAGMENTS.filter(({ number }) => numbers.includes(number)).map(({ document }) => document);
}

describe('archivedBody', () => {
  it('asks for the rest behind the report of a fragment that is gone', async () => {
    const asked: (readonly bigint[])[] = [];
    const [first = 0n, second = 0n, ...rest] = NUMBERS;
    const body = archivedBody(NUMBERS, (numbers) => {
      asked.push(numbers);
      const report = errorDocument({ id: 3000, code: 'NOT_FOUND' }, second);
      return Promise.resolve(
        asked.length === 1 ? chunks(...documents([first]), report) : chunks(...documents(numbers)),
      );
    });
    expect(readBody(join(await collect(body))).fragments.map(({ number }) => number)).toEqual([
      first,
      ...rest,
    ]);
    expect(asked).toEqual([NUMBERS, rest]);
  });

  it('asks again for what a body ends with behind a report, since behind another body it would look whole', async () => {
    const asked: (readonly bigint[])[] = [];
    const [first = 0n, second = 0n, third = 0n, fourth = 0n] = NUMBERS;
    const body = archivedBody([first, second, third, fourth], (numbers) => {
      asked.push(numbers);
      const report = errorDocument({ id: 3000, code: 'NOT_FOUND' }, first);
      return Promise.resolve(
        asked.length === 1
          ? chunks(report, ...documents([second, third, fourth]))
          : chunks(...documents(numbers)),
      );
    });
    expect(readBody(join(await collect(body))).fragments.map(({ number }) => number)).toEqual([
      second,
      third,
      fourth,
    ]);
    expect(asked).toEqual([[first, second, third, fourth], [fourth]]);
  });

  it.each([
    [3002, 'unavailable'],
    [5000, 'unavailable'],
    [4503, 'unavailable'],
    [4500, 'accessDenied'],
    [4501, 'keyUnavailable'],
  ])('hands on what is reported: %i is %s', async (id, kind) => {
    const report = errorDocument({ id, code: 'REPORTED' }, NUMBERS[1] ?? 0n);
    const body = archivedBody(NUMBERS, () =>
      Promise.resolve(chunks(...documents(NUMBERS.slice(0, 1)), report)),
    );
    const message = expect.stringContaining(`reported ${id} REPORTED`) as string;
    await expect(collect(body)).rejects.toMatchObject({ name: 'MediaError', kind, message });
  });

  it('does not hand on a fragment that breaks off, cut back so that it looks whole', async () => {
    const [first, second] = FRAGMENTS;
    if (!first || !second) throw new Error('there are fragments');
    const cut = second.document.subarray(0, second.document.length - 10);
    const came: Uint8Array[] = [];
    const read = async () => {
      for await (const chunk of archivedBody(NUMBERS, () => Promise.resolve(chunks(first.document, cut))))
        came.push(chunk);
    };
    await expect(read()).rejects.toMatchObject({
      name: 'MediaError',
      kind: 'unavailable',
      message: expect.stringContaining('in the middle of a fragment') as string,
    });
    expect(readBody(join(came)).fragments.map(({ number }) => number)).toEqual([first.number]);
  });
});
