/** What every MediaArchive must do: the adapter on the service's stand-in, and the twin in memory. */
import { afterEach, describe, expect, it } from 'vitest';
import type { ListedFragment, MediaArchive } from '../../../ports/media/media.ts';
import type { StoredFragment } from '../../../ports/media/memory-stream.ts';
import { collect } from '../../support/collect.ts';
import { call, join, tinyFragments } from '../../support/kinesis.ts';
import { contentOf, readBody } from '../../support/read-body.ts';

export interface ArchiveUnderTest {
  readonly archive: MediaArchive;
  readonly put: (fragment: StoredFragment) => void;
  readonly close: () => Promise<void>;
}

export type MakeArchive = (options: { retention: boolean }) => Promise<ArchiveUnderTest>;

const FRAGMENTS = call(5.5);

export function describeArchive(name: string, make: MakeArchive): void {
  describe(name, () => {
    let under: ArchiveUnderTest | undefined;
    afterEach(async () => {
      await under?.close();
      under = undefined;
    });

    async function given(fragments: readonly StoredFragment[], retention = true): Promise<MediaArchive> {
      under = await make({ retention });
      for (const fragment of fragments) under.put(fragment);
      return under.archive;
    }

    it('lists the fragments that start within a span, and when, both ends included', async () => {
      const fragments = tinyFragments(20);
      const archive = await given(fragments);
      const [from, to] = [fragments[5]?.serverTimestampMs ?? 0, fragments[11]?.serverTimestampMs ?? 0];
      expect(sorted(await archive.list(from, to))).toEqual(listed(fragments.slice(5, 12)));
      expect(sorted(await archive.list(from + 1, to - 1))).toEqual(listed(fragments.slice(6, 11)));
    });

    it('lists every fragment once where there are more than a page holds', async () => {
      const fragments = tinyFragments(2_345);
      const archive = await given(fragments);
      const all = await archive.list(0, Number.MAX_SAFE_INTEGER / 1000);
      expect(sorted(all)).toEqual(listed(fragments));
    });

    it('lists nothing where nothing starts', async () => {
      const archive = await given(FRAGMENTS);
      expect(await archive.list(0, (FRAGMENTS[0]?.serverTimestampMs ?? 0) - 1)).toEqual([]);
    });

    it('fetches fragments with the audio that live media had', async () => {
      const archive = await given(FRAGMENTS);
      const wanted = [FRAGMENTS[1], FRAGMENTS[3]].flatMap((fragment) => fragment ?? []);
      const body = join(await collect(await archive.fetch(wanted.map(({ number }) => number))));
      const { fragments, error } = readBody(body);
      expect(error).toBeUndefined();
      const live = wanted.flatMap(({ document }) => readBody(document).fragments);
      expect(fragments.map((fragment) => ({ ...contentOf(fragment), tags: undefined }))).toEqual(
        live.map((fragment) => ({ ...contentOf(fragment), tags: undefined, continuationToken: undefined })),
      );
      for (const [index, fragment] of fragments.entries()) {
        expect(fragment.serverTimestampMs).toBe(wanted[index]?.serverTimestampMs);
        expect(fragment.producerTimestampMs).toBe(wanted[index]?.producerTimestampMs);
        expect(fragment.tags.get('ContactId')).toBe(live[index]?.tags.get('ContactId'));
        expect(fragment.millisBehindNow).toBeUndefined();
      }
    });

    it('passes over fragments that are not there any more', async () => {
      const archive = await given(FRAGMENTS.slice(1));
      const gone = [FRAGMENTS[0]?.number ?? 0n, 5n, 2n ** 156n + 5n];
      const there = FRAGMENTS.slice(1, 4).map(({ number }) => number);
      const wanted = [gone[0], there[0], gone[1], there[1], there[2], gone[2]].flatMap(
        (number) => number ?? [],
      );
      const { fragments } = readBody(join(await collect(await archive.fetch(wanted))));
      expect(fragments.map(({ number }) => number)).toEqual(there);
    });

    it('says so where the stream keeps no archive', async () => {
      const archive = await given(FRAGMENTS, false);
      const message = expect.stringMatching(/archive|retention/) as string;
      const refusal = { name: 'MediaError', kind: 'noRetention', message };
      await expect(archive.list(0, Date.now())).rejects.toMatchObject(refusal);
    });

    it.each([0, 1_001])('refuses to fetch %i fragments', async (count) => {
      const archive = await given(FRAGMENTS);
      const numbers = Array.from({ length: count }, (_, index) => BigInt(index));
      const fetched = archive.fetch(numbers);
      await expect(fetched).rejects.toBeInstanceOf(RangeError);
      await expect(fetched).rejects.toThrow(/^1 to 1,?000 fragments/);
    });

    it('lists in no order, as the service does, so that nobody relies on one', async () => {
      const fragments = tinyFragments(20);
      const archive = await given(fragments);
      const all = await archive.list(0, Number.MAX_SAFE_INTEGER / 1000);
      expect(all).not.toEqual(listed(fragments));
      expect(all).not.toEqual(listed(fragments.toReversed()));
    });
  });
}

function sorted(fragments: readonly ListedFragment[]): ListedFragment[] {
  return [...fragments].sort((a, b) => (a.number < b.number ? -1 : 1));
}

function listed(fragments: readonly StoredFragment[]): ListedFragment[] {
  return fragments.map(({ number, serverTimestampMs }) => ({ number, serverTimestampMs }));
}
