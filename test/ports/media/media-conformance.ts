/** What every Media must do: the adapter on the service's stand-in, and the twin in memory. */
import { afterEach, describe, expect, it } from 'vitest';
import { FragmentReader } from '../../../matroska/reader.ts';
import { type Media, MediaError, type StartSelector } from '../../../ports/media/media.ts';
import type { SessionPlan } from '../../../ports/media/memory-session.ts';
import type { StoredFragment } from '../../../ports/media/memory-stream.ts';
import { collect } from '../../support/collect.ts';
import { call, difference, documentsOf, join } from '../../support/kinesis.ts';
import { readBody } from '../../support/read-body.ts';

export interface MediaUnderTest {
  readonly media: Media;
  readonly put: (fragment: StoredFragment) => void;
  /** Sessions that the other side holds open. */
  readonly openSessions: () => number;
  readonly close: () => Promise<void>;
}

export type MakeMedia = (plan: (session: number) => SessionPlan) => Promise<MediaUnderTest>;

const FRAGMENTS = call(5.5);
const NEVER = new AbortController().signal;
/** Ends a session once everything that is there was sent. */
const ALL_THERE: SessionPlan = { idleMs: 0 };

export function describeMedia(name: string, make: MakeMedia): void {
  describe(name, () => {
    let under: MediaUnderTest | undefined;
    afterEach(async () => {
      await under?.close();
      under = undefined;
    });

    async function given(fragments: readonly StoredFragment[], plan: SessionPlan = ALL_THERE) {
      under = await make(() => plan);
      for (const fragment of fragments) under.put(fragment);
      return under;
    }

    async function bodyFrom(start: StartSelector, fragments: readonly StoredFragment[] = FRAGMENTS) {
      const { media } = await given(fragments);
      return join(await collect(await media.open(start, NEVER)));
    }

    function fragment(index: number): StoredFragment {
      const found = FRAGMENTS[index];
      if (!found) throw new Error(`the call has no fragment ${String(index)}`);
      return found;
    }

    it('begins with the oldest fragment, and hands every document on verbatim', async () => {
      expect(difference(await bodyFrom({ kind: 'earliest' }), documentsOf(FRAGMENTS))).toBeUndefined();
    });

    it('begins with the fragment that came last', async () => {
      expect(difference(await bodyFrom({ kind: 'now' }), documentsOf(FRAGMENTS.slice(-1)))).toBeUndefined();
    });

    it('begins with the fragment after the one that is named', async () => {
      const body = await bodyFrom({ kind: 'afterFragment', number: fragment(1).number });
      expect(difference(body, documentsOf(FRAGMENTS.slice(2)))).toBeUndefined();
    });

    it('begins with the fragment after the one that carried the token', async () => {
      const [token] = readBody(fragment(2).document).fragments.map(
        ({ continuationToken }) => continuationToken,
      );
      if (token === undefined) throw new Error('the fragment carries no token');
      const body = await bodyFrom({ kind: 'continuationToken', token });
      expect(difference(body, documentsOf(FRAGMENTS.slice(3)))).toBeUndefined();
    });

    it.each([
      ['its first ms', 0],
      ['its middle', 500],
    ])('begins with the fragment that contains a time: %s', async (_, offsetMs) => {
      const atMs = fragment(2).serverTimestampMs + offsetMs;
      expect(
        difference(await bodyFrom({ kind: 'serverTimestamp', atMs }), documentsOf(FRAGMENTS.slice(2))),
      ).toBeUndefined();
    });

    it('begins with the first fragment where a time lies before it', async () => {
      const atMs = fragment(0).serverTimestampMs - 10_000;
      expect(
        difference(await bodyFrom({ kind: 'serverTimestamp', atMs }), documentsOf(FRAGMENTS)),
      ).toBeUndefined();
    });

    it('begins after a pause where no fragment contains the time', async () => {
      const later = call(3, { startedAtMs: fragment(4).serverTimestampMs + 3_600_000 });
      const atMs = (later[0]?.serverTimestampMs ?? 0) - 10_000;
      const body = await bodyFrom({ kind: 'serverTimestamp', atMs }, [...FRAGMENTS, ...later]);
      expect(difference(body, documentsOf(later))).toBeUndefined();
    });

    it('reports in the stream that it does not know a fragment, and ends', async () => {
      const body = await bodyFrom({ kind: 'afterFragment', number: fragment(0).number - 1n });
      const { fragments, error } = readBody(body);
      expect(error).toBeUndefined();
      expect(fragments.map((report) => report.error)).toEqual([{ id: 4000, code: 'FRAGMENT_NOT_FOUND' }]);
    });

    it('refuses a token that is none as an unknown position', async () => {
      const { media } = await given(FRAGMENTS);
      const opened = media.open({ kind: 'continuationToken', token: 'no token' }, NEVER);
      await expect(opened).rejects.toMatchObject({ name: 'MediaError', kind: 'positionUnknown' });
    });

    it('stays open, and brings fragments as they come', async () => {
      const { media, put } = await given(FRAGMENTS.slice(0, 1), {});
      const chunks = (await media.open({ kind: 'earliest' }, NEVER))[Symbol.asyncIterator]();
      const reader = new FragmentReader();
      for (const [index, { number }] of FRAGMENTS.entries()) {
        if (index > 0) put(fragment(index));
        let read = reader.next();
        while (!read) {
          const next = await chunks.next();
          if (next.done === true) throw new Error('the body is over');
          reader.push(next.value);
          read = reader.next();
        }
        expect(read.number).toBe(number);
      }
      await chunks.return?.();
    });

    it.each([1, 3])('ends after %i fragments where the session is cut there', async (afterFragments) => {
      const { media } = await given(FRAGMENTS, { afterFragments });
      const body = join(await collect(await media.open({ kind: 'earliest' }, NEVER)));
      expect(difference(body, documentsOf(FRAGMENTS.slice(0, afterFragments)))).toBeUndefined();
    });

    it.each([1, 34_000, 50_000])('ends after byte %i where the session is cut there', async (afterBytes) => {
      const { media } = await given(FRAGMENTS, { afterBytes });
      const body = join(await collect(await media.open({ kind: 'earliest' }, NEVER)));
      expect(difference(body, documentsOf(FRAGMENTS).subarray(0, afterBytes))).toBeUndefined();
    });

    it('throws a MediaError that is worth a retry where the connection breaks', async () => {
      const breakOff = new MediaError('unavailable', 'the connection broke');
      const { media } = await given(FRAGMENTS, { afterBytes: 40_000, breakOff });
      const received: Uint8Array[] = [];
      const reading = (async () => {
        for await (const chunk of await media.open({ kind: 'earliest' }, NEVER)) received.push(chunk);
      })();
      await expect(reading).rejects.toMatchObject({ name: 'MediaError', kind: 'unavailable' });
      const expected = documentsOf(FRAGMENTS).subarray(0, join(received).length);
      expect(difference(join(received), expected)).toBeUndefined();
    });

    it('hands a report of an error on, and ends', async () => {
      const report = { id: 4500, code: 'KMS_ACCESS_DENIED' };
      const { media } = await given(FRAGMENTS, { afterFragments: 2, breakOff: { report } });
      const body = join(await collect(await media.open({ kind: 'earliest' }, NEVER)));
      const { fragments } = readBody(body);
      expect(fragments.map(({ error }) => error)).toEqual([undefined, undefined, report]);
    });

    it('ends a silent body when the signal is aborted, and gives its session back', async () => {
      const { media, openSessions } = await given(FRAGMENTS, { afterFragments: 1, breakOff: 'stall' });
      const controller = new AbortController();
      const body = await media.open({ kind: 'earliest' }, controller.signal);
      const received: Uint8Array[] = [];
      for await (const chunk of tolerant(body)) {
        received.push(chunk);
        if (join(received).length < fragment(0).document.length) continue;
        expect(openSessions()).toBe(1);
        controller.abort();
      }
      expect(difference(join(received), fragment(0).document)).toBeUndefined();
      await expect.poll(openSessions).toBe(0);
    });

    it('gives its session back when whoever reads has had enough', async () => {
      const { media, openSessions } = await given(FRAGMENTS, {});
      for await (const chunk of await media.open({ kind: 'earliest' }, NEVER)) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      await expect.poll(openSessions).toBe(0);
    });

    it('goes on where a cut session ended, without a loss or a repetition', async () => {
      const { media } = await given(FRAGMENTS, { afterFragments: 2, idleMs: 0 });
      const first = join(await collect(await media.open({ kind: 'earliest' }, NEVER)));
      const last = readBody(first).fragments.at(-1)?.number;
      if (last === undefined) throw new Error('nothing came');
      const second = join(await collect(await media.open({ kind: 'afterFragment', number: last }, NEVER)));
      expect(difference(join([first, second]), documentsOf(FRAGMENTS.slice(0, 4)))).toBeUndefined();
    });
  });
}

/** The same chunks; an error ends it, since an abort may end a body either way. */
async function* tolerant(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    expect(error).toBeInstanceOf(MediaError);
  }
}
