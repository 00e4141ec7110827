import { describe, expect, it } from 'vitest';
import { tapeFactsOf } from '../../../cli/report/tape-facts.ts';
import type { StoredFragment } from '../../../ports/media/memory-stream.ts';
import type { TapeObjectContent } from '../../../recording/tape/merge.ts';
import { CONTACT_ID } from '../../support/call.ts';
import { call, documentsOf } from '../../support/kinesis.ts';

const FRAGMENTS = call(12);
const RECORDING = { contactId: CONTACT_ID, startFragmentNumber: FRAGMENTS[0]?.number ?? 0n };

function object(fragments: readonly StoredFragment[]): TapeObjectContent {
  const first = fragments[0]?.number ?? 0n;
  const last = fragments.at(-1)?.number ?? 0n;
  return { first, last, uuid: 'x', content: { pieces: [documentsOf(fragments)] } };
}

async function* each(objects: readonly TapeObjectContent[]) {
  for (const one of objects) yield await Promise.resolve(one);
}

const startOf = (index: number) =>
  (FRAGMENTS[index]?.producerTimestampMs ?? 0) - (FRAGMENTS[0]?.producerTimestampMs ?? 0);

describe('what the tape tells', () => {
  it('is where each object begins and ends', async () => {
    const { objects, interruptions } = await tapeFactsOf(
      each([object(FRAGMENTS.slice(0, 5)), object(FRAGMENTS.slice(5))]),
      RECORDING,
      [],
    );
    expect(objects).toMatchObject([
      {
        fragments: 5,
        bytes: documentsOf(FRAGMENTS.slice(0, 5)).length,
        startMs: 0,
        first: String(FRAGMENTS[0]?.number),
      },
      { fragments: FRAGMENTS.length - 5, startMs: startOf(5), endMs: 12_000 },
    ]);
    expect(objects[0]?.endMs).toBeCloseTo(startOf(5), 6);
    expect(interruptions).toEqual([]);
  });

  it.each([4, 5])(
    'is where reading went on after a crash: it is on the tape twice, from %i on',
    async (from) => {
      const { interruptions } = await tapeFactsOf(
        each([object(FRAGMENTS.slice(0, 6)), object(FRAGMENTS.slice(from))]),
        RECORDING,
        [],
      );
      expect(interruptions).toMatchObject([{ atMs: startOf(from) }]);
    },
  );

  it('or further behind live than before', async () => {
    const behind = call(12, { millisBehindNow: 7_300 });
    const { interruptions } = await tapeFactsOf(
      each([object(FRAGMENTS.slice(0, 6)), object(behind.slice(6, 9)), object(behind.slice(9))]),
      RECORDING,
      [],
    );
    expect(interruptions).toEqual([{ atMs: startOf(6), why: 'Reading went on here, 7.3 s behind live' }]);
  });

  it('is where lost fragments belong: between those beside them', async () => {
    const lost = FRAGMENTS.slice(3, 6);
    const { losses, objects } = await tapeFactsOf(
      each([
        object(FRAGMENTS.slice(0, 3)),
        {
          first: lost[0]?.number ?? 0n,
          last: lost.at(-1)?.number ?? 0n,
          uuid: 'y',
          content: { unreadable: 'gone' },
        },
        object(FRAGMENTS.slice(6)),
      ]),
      RECORDING,
      [
        {
          kind: 'TAPE_DAMAGED',
          why: 'gone',
          firstFragmentNumber: String(lost[0]?.number),
          lastFragmentNumber: String(lost.at(-1)?.number),
        },
        { kind: 'RECORDER_STOPPED', why: 'nobody knows where' },
      ],
    );
    expect(objects[1]).toMatchObject({ unreadable: 'gone', fragments: 0 });
    expect(losses[0]?.startMs).toBeCloseTo(startOf(3), 6);
    expect(losses[0]?.lengthMs).toBeCloseTo(startOf(6) - startOf(3), 6);
    expect(losses[1]).toEqual({ kind: 'RECORDER_STOPPED', why: 'nobody knows where' });
  });
});
