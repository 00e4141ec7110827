/** What becomes of a hole in the recording: what the archive has is kept, what it hasn't is declared. */
import { describe, expect, it } from 'vitest';
import { MemoryArchive } from '../../ports/archive/memory-archive.ts';
import { type MediaArchive, MediaError } from '../../ports/media/media.ts';
import { MemoryStream } from '../../ports/media/memory-stream.ts';
import type { Hole } from '../../reading/position.ts';
import type { Loss } from '../../recording/call-record.ts';
import { rangeFrom } from '../../recording/range.ts';
import { fillHole, type HoleInRecording } from '../../task/hole.ts';
import { RECORDING, START_FRAGMENT_NUMBER as START } from '../support/call.ts';
import { documentOf, T0, type TestDocument } from '../support/documents.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { RecordedTelemetry } from '../support/telemetry.ts';

const SECOND_MS = 1_000;

const number = (index: number) => START + BigInt(index);
const text = (index: number) => number(index).toString();

/** @param documents by their second; what isn't there was never in the stream */
function archiveOf(documents: Readonly<Record<number, TestDocument>>) {
  const stream = new MemoryStream({ clock: new ManualClock(T0 + 60 * SECOND_MS) });
  for (const index of Object.keys(documents)
    .map(Number)
    .sort((a, b) => a - b)) {
    const atMs = T0 + index * SECOND_MS;
    const document = documentOf({ number: number(index), clusterMs: atMs, ...documents[index] });
    stream.put({ number: number(index), serverTimestampMs: atMs, producerTimestampMs: atMs, document });
  }
  return { stream, archive: new MemoryArchive(stream) };
}

/** These seconds, each tagged as ours. */
function seconds(...indices: readonly number[]): Record<number, TestDocument> {
  return Object.fromEntries(indices.map((index) => [index, {}]));
}

/** Lists these, too, though none of them can be had. */
function forgetting(archive: MediaArchive, ...gone: readonly number[]): MediaArchive {
  const lost = new Set(gone.map(number));
  return {
    list: async (fromMs, toMs) => [
      ...(await archive.list(fromMs, toMs)),
      ...gone.map((index) => ({ number: number(index), serverTimestampMs: T0 + index * SECOND_MS })),
    ],
    fetch: (numbers) => {
      const had = numbers.filter((one) => !lost.has(one));
      return had.length === 0
        ? Promise.reject(new MediaError('positionUnknown', 'it is gone'))
        : archive.fetch(had);
    },
  };
}

/** Behind second 2 and before second 6, unless the hole is another one. @returns what was kept, too, by its second */
async function filled(
  archive: MediaArchive,
  options: { readonly hole?: Partial<Hole>; readonly neighbour?: HoleInRecording['neighbour'] } = {},
) {
  const telemetry = new RecordedTelemetry();
  const kept: number[] = [];
  const losses: readonly Loss[] = await fillHole(
    { archive, clock: new ManualClock(T0 + 60 * SECOND_MS), telemetry },
    {
      recording: RECORDING,
      range: rangeFrom(RECORDING),
      neighbour: options.neighbour ?? 'ours',
      hole: { after: number(2), before: number(6), fromMs: T0, ...options.hole },
    },
    (fragments) => {
      kept.push(...fragments.map((fragment) => Number(fragment.number - START)));
      return Promise.resolve();
    },
  );
  return { losses, kept, lines: telemetry.lines };
}

const AT_THE_START: Partial<Hole> = { after: START - 1n, before: number(4), fromMs: T0 - 10 * SECOND_MS };

describe('a hole amid the recording', () => {
  const SPAN = { firstFragmentNumber: text(3), lastFragmentNumber: text(5) };

  it('is filled with all that lies in it, and nothing else', async () => {
    const { archive } = archiveOf(seconds(0, 1, 2, 3, 4, 5, 6, 7));
    const { losses, kept, lines } = await filled(archive);
    expect(kept).toEqual([3, 4, 5]);
    expect(losses).toEqual([]);
    expect(lines).toMatchObject([
      {
        level: 'warn',
        message: 'fragments are not to be had from the live stream',
        fields: { restored: 3 },
      },
    ]);
  });

  it('was none where the archive shows that nothing lies in it', async () => {
    const { archive } = archiveOf(seconds(1, 2, 6));
    expect(await filled(archive)).toMatchObject({ losses: [], kept: [] });
  });

  it('takes an untagged fragment for ours behind one that is', async () => {
    const { archive } = archiveOf({ ...seconds(1, 2), 3: { contactId: '' }, 6: {} });
    expect((await filled(archive)).kept).toEqual([3]);
    expect((await filled(archive, { neighbour: 'not known to be ours' })).kept).toEqual([]);
  });

  it('takes no untagged one for ours where the one before it isn’t in the list', async () => {
    const { archive } = archiveOf({ ...seconds(1), 3: { contactId: '' }, 6: {} });
    expect((await filled(archive)).kept).toEqual([]);
  });

  it('declares how many are gone from the stream', async () => {
    const { archive } = archiveOf(seconds(1, 2, 4, 6));
    expect(await filled(forgetting(archive, 3, 5))).toMatchObject({
      losses: [{ kind: 'FRAGMENTS_MISSING', why: '2 fragments are gone from the stream', ...SPAN }],
      kept: [4],
    });
  });

  it('keeps what is left, and declares the rest, where the stream has forgotten what it goes on from', async () => {
    const { archive } = archiveOf(seconds(4, 5, 6));
    const { losses, kept } = await filled(archive);
    expect(kept).toEqual([4, 5]);
    expect(losses).toMatchObject([{ kind: 'POSITION_LOST', ...SPAN }]);
    expect(losses[0]?.why).toContain('the stream had forgotten these fragments');
    expect(losses[0]?.why).toContain('a longer retention');
    expect(losses[0]?.why).not.toContain('can’t be asked');
  });

  it('is declared with the reason where the archive can’t be asked', async () => {
    const archive = new MemoryArchive(new MemoryStream(), { retention: false });
    const { losses, lines } = await filled(archive);
    expect(losses).toMatchObject([{ kind: 'POSITION_LOST', ...SPAN }]);
    expect(losses[0]?.why).toContain('its archive can’t be asked (the stream keeps no archive)');
    expect(losses[0]?.why).toContain('a longer retention');
    expect(lines).toMatchObject([{ fields: { restored: 0 } }]);
  });

  it('begins behind the recording’s first fragment where that is the last one read', async () => {
    const { archive } = archiveOf(seconds(4, 5, 6));
    const { losses } = await filled(archive, { hole: { after: START } });
    expect(losses).toMatchObject([{ kind: 'POSITION_LOST', firstFragmentNumber: text(1) }]);
  });
});

describe('a hole in which fragments were malformed', () => {
  const malformed = { malformed: 'malformed Matroska' };
  const DECLARED = [
    {
      kind: 'FRAGMENT_MALFORMED',
      why: 'malformed Matroska',
      firstFragmentNumber: text(3),
      lastFragmentNumber: text(5),
    },
  ];

  it('is mended where the archive has sound ones in their place', async () => {
    const { archive } = archiveOf(seconds(2, 3, 6));
    const { losses, kept, lines } = await filled(archive, { hole: malformed });
    expect([losses, kept]).toEqual([[], [3]]);
    expect(lines).toMatchObject([{ fields: { restored: 1, why: 'malformed Matroska' } }]);
  });

  it.each<[string, MediaArchive]>([
    ['nothing came in their place: the list may lag behind', archiveOf(seconds(2, 6)).archive],
    ['some of it is gone', forgetting(archiveOf(seconds(2, 3, 6)).archive, 4)],
    ['the list doesn’t reach back to it', archiveOf(seconds(3, 6)).archive],
    [
      'the archive can’t be asked',
      new MemoryArchive(new MemoryStream(), { refuse: () => new MediaError('accessDenied', 'no') }),
    ],
  ])('is declared where %s', async (_, archive) => {
    expect((await filled(archive, { hole: malformed })).losses).toEqual(DECLARED);
  });
});

describe('a hole at the recording’s start', () => {
  const SPAN = { firstFragmentNumber: text(0), lastFragmentNumber: text(3) };

  it('is filled where the archive has the first fragment, whatever lies before it', async () => {
    const { archive } = archiveOf(seconds(0, 1, 2, 3, 4));
    expect(await filled(archive, { hole: AT_THE_START })).toMatchObject({ losses: [], kept: [0, 1, 2, 3] });
  });

  it('declares what is gone behind the first fragment', async () => {
    const { archive } = archiveOf(seconds(0, 1, 3, 4));
    const { losses } = await filled(forgetting(archive, 2), { hole: AT_THE_START });
    expect(losses).toEqual([
      { kind: 'FRAGMENTS_MISSING', why: '1 fragments are gone from the stream', ...SPAN },
    ]);
  });

  it.each<[string, Record<number, TestDocument>]>([
    ['it has only later ones', seconds(2, 3, 4)],
    ['it goes back to the call before, too', { [-2]: { contactId: 'before' }, ...seconds(2, 3, 4) }],
  ])('misses the start where %s', async (_, documents) => {
    const { losses, kept } = await filled(archiveOf(documents).archive, { hole: AT_THE_START });
    expect(kept).toEqual([2, 3]);
    expect(losses).toMatchObject([{ kind: 'START_MISSING', ...SPAN }]);
    expect(losses[0]?.why).toContain('the stream had forgotten these fragments');
  });
});
