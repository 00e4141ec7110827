/** What is listed ahead, and what is asked for when its turn comes. */
import { describe, expect, it } from 'vitest';
import { listAhead } from '../../../ports/archive/list-ahead.ts';
import { type ListedFragment, type MediaArchive, MediaError } from '../../../ports/media/media.ts';

class Archive implements MediaArchive {
  readonly asked: [number, number][] = [];
  readonly fragments: ListedFragment[] = [];
  refusal: MediaError | undefined;

  begin(...timestamps: number[]): this {
    for (const ms of timestamps) this.fragments.push({ number: BigInt(ms), serverTimestampMs: ms });
    return this;
  }

  list(fromMs: number, toMs: number): Promise<ListedFragment[]> {
    this.asked.push([fromMs, toMs]);
    if (this.refusal) return Promise.reject(this.refusal);
    const isIn = ({ serverTimestampMs = 0 }: ListedFragment) =>
      serverTimestampMs >= fromMs && serverTimestampMs <= toMs;
    return Promise.resolve(this.fragments.filter(isIn));
  }

  fetch(): Promise<AsyncIterable<Uint8Array>> {
    return Promise.reject(new MediaError('accessDenied', 'no'));
  }
}

const AHEAD = { fromMs: 100, toMs: 200 };

async function listed(archive: MediaArchive, fromMs: number, toMs: number): Promise<number[]> {
  return (await archive.list(fromMs, toMs)).map(({ number }) => Number(number)).sort((a, b) => a - b);
}

describe('an archive that is listed ahead', () => {
  it('is asked at once, and later only for the rest', async () => {
    const archive = new Archive().begin(99, 100, 150, 200, 201, 300, 301);
    const ahead = listAhead(archive, AHEAD);
    expect(archive.asked).toEqual([[100, 200]]);
    archive.begin(250);
    expect(await listed(ahead, 100, 300)).toEqual([100, 150, 200, 201, 250, 300]);
    expect(archive.asked).toEqual([
      [100, 200],
      [200, 300],
    ]);
  });

  it('is asked for nothing more where that was all', async () => {
    const archive = new Archive().begin(150, 200);
    expect(await listed(listAhead(archive, AHEAD), 100, 200)).toEqual([150, 200]);
    expect(archive.asked).toEqual([[100, 200]]);
  });

  it.each([
    ['begins elsewhere', 101, 300, [150, 201]],
    ['is over before', 100, 199, [100, 150]],
  ])('is asked itself for a span that %s', async (_, fromMs, toMs, expected) => {
    const archive = new Archive().begin(100, 150, 201);
    expect(await listed(listAhead(archive, AHEAD), fromMs, toMs)).toEqual(expected);
    expect(archive.asked.at(-1)).toEqual([fromMs, toMs]);
  });

  it('is asked for all of it again when it refused', async () => {
    const archive = new Archive().begin(150, 250);
    archive.refusal = new MediaError('unavailable', 'not now');
    const ahead = listAhead(archive, AHEAD);
    archive.refusal = undefined;
    expect(await listed(ahead, 100, 300)).toEqual([150, 250]);
    expect(archive.asked.at(-1)).toEqual([100, 300]);
  });

  it('says itself what it refuses', async () => {
    const archive = new Archive();
    archive.refusal = new MediaError('noRetention', 'no archive');
    const ahead = listAhead(archive, AHEAD);
    await expect(ahead.list(100, 300)).rejects.toBe(archive.refusal);
    await expect(ahead.fetch([1n])).rejects.toMatchObject({ kind: 'accessDenied' });
  });

  it('is asked for all of it where it listed nothing: that may be no answer to what follows', async () => {
    const archive = new Archive();
    const ahead = listAhead(archive, AHEAD);
    archive.begin(150, 250);
    expect(await listed(ahead, 100, 300)).toEqual([150, 250]);
    expect(archive.asked).toEqual([
      [100, 200],
      [100, 300],
    ]);
  });
});
