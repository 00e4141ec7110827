import { describe, expect, it } from 'vitest';
import { isNumbered } from '../../../matroska/fragment.ts';
import { FragmentReader } from '../../../matroska/reader.ts';
import { errorDocument } from '../../../ports/media/memory-documents.ts';
import type { StoredFragment } from '../../../ports/media/memory-stream.ts';
import { Timeline } from '../../../recording/audio/timeline.ts';
import { CONTACT_ID } from '../../support/call.ts';
import { call, documentsOf, STARTED_AT_MS } from '../../support/kinesis.ts';
import { concat } from '../../support/matroska.ts';
import { summarise } from './walk.ts';

const OTHER_CONTACT = '0e9d3c54-7a1b-4f52-8a51-3a6f2f1f7b10';

/** What the assembly would say of the gaps. */
function timelineOf(fragments: readonly StoredFragment[]) {
  const reader = new FragmentReader();
  const timeline = new Timeline();
  reader.push(documentsOf(fragments));
  for (
    let fragment = reader.next() ?? reader.finish();
    fragment;
    fragment = reader.next() ?? reader.finish()
  ) {
    if (isNumbered(fragment)) Array.from(timeline.add(fragment));
  }
  return timeline.facts();
}

describe('the summary of a stream', () => {
  it('tells the contact, both directions by name and number, the times and the skew of the clocks', () => {
    const fragments = call(5, { clockSkewMs: 970, layout: { firstTrack: 'agent' } });
    const summary = summarise(documentsOf(fragments));
    expect(summary).toMatchObject({
      bytes: documentsOf(fragments).length,
      parts: 1,
      fragments: fragments.length,
      wholeness: { tagged: fragments.length, structural: 0, torn: 0 },
      repeated: 0,
      maxBehindMs: 0,
      streamErrorCount: 0,
      problemCount: 0,
    });
    expect(summary.contacts).toMatchObject([
      {
        contactId: CONTACT_ID,
        fragments: fragments.length,
        firstFragmentNumber: fragments[0]?.number.toString(),
        lastFragmentNumber: fragments.at(-1)?.number.toString(),
        fromServerMs: fragments[0]?.serverTimestampMs,
        toServerMs: fragments.at(-1)?.serverTimestampMs,
        mimeType: 'audio/L16;rate=8000;channels=1;',
        missingDirections: [],
        clockJumps: 0,
      },
    ]);
    const directions = new Map(summary.contacts[0]?.directions.map((audio) => [audio.name, audio]));
    expect(directions.get('AUDIO_FROM_CUSTOMER')).toMatchObject({
      trackNumbers: [2],
      audioMs: 5000,
      bytes: 80_000,
    });
    expect(directions.get('AUDIO_TO_CUSTOMER')).toMatchObject({
      trackNumbers: [1],
      audioMs: 5000,
      gapCount: 0,
    });
    const skews = fragments.map((one) => one.producerTimestampMs - one.serverTimestampMs);
    expect(summary.clockSkewMs).toMatchObject({ min: Math.min(...skews), max: Math.max(...skews) });
  });

  it('finds the gaps that the assembly would', () => {
    const fragments = call(9, {
      gaps: [
        { channel: 0, startMs: 2_000, lengthMs: 1_000 },
        { channel: 1, startMs: 4_500, lengthMs: 250 },
      ],
      agentJoinsAtMs: 1_500,
      oddBlocks: true,
    });
    const expected = timelineOf(fragments);
    expect(expected.gaps.length).toBe(3);
    const directions = summarise(documentsOf(fragments)).contacts[0]?.directions ?? [];
    expect(directions.reduce((sum, { gapCount }) => sum + gapCount, 0)).toBe(expected.gaps.length);
    for (const { name, gapMs } of directions) {
      const expectedMs =
        name === 'AUDIO_FROM_CUSTOMER'
          ? expected.gapMs.AUDIO_FROM_CUSTOMER
          : expected.gapMs.AUDIO_TO_CUSTOMER;
      expect(Math.abs(gapMs - expectedMs)).toBeLessThanOrEqual(2);
    }
  });

  it('tells contacts apart, and takes an untagged last fragment for that of the contact before it', () => {
    const first = call(2, { lastContactless: true, seed: 3 });
    const second = call(2, { contactId: OTHER_CONTACT, startedAtMs: STARTED_AT_MS + 60_000, seed: 4 });
    const summary = summarise(documentsOf(first), documentsOf(second));
    expect(summary.contacts.map(({ contactId, fragments }) => [contactId, fragments])).toEqual([
      [CONTACT_ID, first.length],
      [OTHER_CONTACT, second.length],
    ]);
    expect(summary.parts).toBe(2);
  });

  it('tells what is not whole, what comes twice, what lacks a direction, and what the service reports', () => {
    const fragments = call(3, { lastTagless: true, channels: [new Int16Array(24_000)] });
    const document = fragments[0]?.document ?? new Uint8Array(0);
    const error = errorDocument({ id: 4500, code: 'KMS_KEY_ACCESS_DENIED' }, 77n);
    const summary = summarise(documentsOf(fragments), concat(document, error, document.subarray(0, 5_000)));
    expect(summary.wholeness).toEqual({ tagged: fragments.length, structural: 1, torn: 1 });
    expect(summary.repeated).toBe(2);
    expect(summarise(documentsOf(fragments), documentsOf(fragments.slice(-1))).repeated).toBe(1);
    expect(summary.fragments).toBe(fragments.length + 2);
    expect(summary.contacts[0]?.missingDirections).toEqual(['AUDIO_TO_CUSTOMER']);
    expect(summary.streamErrors).toEqual([
      { id: 4500, code: 'KMS_KEY_ACCESS_DENIED', fragmentNumber: '77', offset: document.length },
    ]);
    expect(summary.problems).toMatchObject([{ part: 'part 1', problem: 'cut' }]);
  });

  it('follows the server where the producer’s clock jumps, and says so', () => {
    const before = call(3, { seed: 5 });
    const after = call(3, { startedAtMs: STARTED_AT_MS + 3_072, clockSkewMs: 3_600_000, seed: 6 });
    const [contact] = summarise(documentsOf(before), documentsOf(after)).contacts;
    expect(contact?.clockJumps).toBe(1);
    for (const { gapMs } of contact?.directions ?? []) expect(gapMs).toBeLessThan(1_000);
  });
});
