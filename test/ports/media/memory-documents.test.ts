/** The documents that the service makes up, read as a reader reads them. */
import { describe, expect, it } from 'vitest';
import { TAG } from '../../../matroska/tags.ts';
import { archivedDocument, errorDocument } from '../../../ports/media/memory-documents.ts';
import { documentOf, ramp, T0 } from '../../support/documents.ts';
import { call, difference } from '../../support/kinesis.ts';
import { ELEMENT, encode, leaf, master, tags, text, uint } from '../../support/matroska.ts';
import { readBody } from '../../support/read-body.ts';

const [FRAGMENT = { document: new Uint8Array() }] = call(1);

/** Of a document that is whole. */
function tagsOf(document: Uint8Array): ReadonlyMap<string, string> {
  const { fragments, error } = readBody(document);
  expect(error).toBeUndefined();
  expect(fragments).toHaveLength(1);
  return fragments[0]?.tags ?? new Map();
}

describe('an archived document', () => {
  it('has the times under their names there, and neither position nor lag', () => {
    const before = tagsOf(FRAGMENT.document);
    const after = tagsOf(archivedDocument(FRAGMENT.document));
    expect([TAG.continuationToken, TAG.millisBehindNow].filter((name) => before.has(name))).toHaveLength(2);
    const renamed = new Map<string, string>([
      [TAG.serverTimestamp, TAG.archivedServerTimestamp],
      [TAG.producerTimestamp, TAG.archivedProducerTimestamp],
    ]);
    const expected = [...before]
      .filter(([name]) => name !== TAG.continuationToken && name !== TAG.millisBehindNow)
      .map(([name, value]) => [renamed.get(name) ?? name, value]);
    expect([...after].sort()).toEqual(expected.sort());
  });

  it('says all the rest verbatim, up to its last byte', () => {
    const block = { channel: 0 as const, atMs: T0, pcm: ramp(800) };
    const live = documentOf({ blocks: [block], serverMs: undefined, untagged: true });
    expect(difference(archivedDocument(live), live)).toBeUndefined();
    expect(
      difference(archivedDocument(archivedDocument(FRAGMENT.document)), archivedDocument(FRAGMENT.document)),
    ).toBeUndefined();
  });

  it('keeps what stands behind elements of a known size', () => {
    const cluster = master(ELEMENT.Cluster, leaf(ELEMENT.Timestamp, uint(7)));
    const live = encode(master(ELEMENT.EBML, leaf(ELEMENT.DocType, text('matroska'))), {
      ...master(
        ELEMENT.Segment,
        cluster,
        tags([['ContactId', 'c']]),
        tags([[TAG.millisBehindNow, '0']]),
        cluster,
      ),
      unknownSize: true,
    });
    const { fragments } = readBody(archivedDocument(live));
    expect(fragments.map(({ tags: kept }) => [...kept])).toEqual([[['ContactId', 'c']]]);
    const cut = Buffer.from(live).indexOf(Buffer.from('1f43b675', 'hex'));
    const again = Buffer.from(archivedDocument(live)).indexOf(Buffer.from('1f43b675', 'hex'));
    expect(again).toBeGreaterThan(0);
    expect(archivedDocument(live).length).toBeLessThan(live.length);
    expect(Buffer.from(archivedDocument(live)).subarray(again, again + 10)).toEqual(
      Buffer.from(live).subarray(cut, cut + 10),
    );
  });

  it.each([5, 40, 200, 20_000])('keeps the bytes of what is torn behind byte %i', (at) => {
    const torn = FRAGMENT.document.subarray(0, at);
    const { fragments } = readBody(archivedDocument(torn));
    expect(fragments[0]?.blocks).toEqual(readBody(torn).fragments[0]?.blocks);
    expect(archivedDocument(torn).subarray(-5)).toEqual(torn.subarray(-5));
  });

  it('is of unknown length, whatever it was before, and has no place where there were but a lag and a position', () => {
    const segment = master(
      ELEMENT.Segment,
      tags([[TAG.fragmentNumber, '7']]),
      master(ELEMENT.Cluster, leaf(ELEMENT.Timestamp, uint(7))),
      tags([[TAG.continuationToken, '7']]),
    );
    const document = archivedDocument(
      encode(master(ELEMENT.EBML, leaf(ELEMENT.DocType, text('matroska'))), segment),
    );
    const { fragments, error } = readBody(document);
    expect(error).toBeUndefined();
    expect(fragments).toMatchObject([{ number: 7n, wholeness: 'structural' }]);
    expect(Buffer.from(document).toString('hex').split('1254c367')).toHaveLength(2);
  });

  it('keeps the bytes of tags that can’t be read, and of all behind them', () => {
    const cluster = master(ELEMENT.Cluster, leaf(ELEMENT.Timestamp, uint(7)));
    const lag = tags([[TAG.millisBehindNow, '0']]);
    // A Tag that is longer than what it stands in.
    const broken = leaf(ELEMENT.Tags, Buffer.from('73738f', 'hex'));
    const head = encode(master(ELEMENT.EBML), {
      ...master(ELEMENT.Segment, cluster),
      unknownSize: true,
      sizeWidth: 8,
    });
    const rest = encode(broken, lag);
    expect(
      difference(archivedDocument(Buffer.concat([head, rest])), Buffer.concat([head, rest])),
    ).toBeUndefined();
  });

  it('keeps the bytes of what is no Matroska', () => {
    const garbage = Buffer.from('no Matroska at all');
    expect(difference(archivedDocument(garbage), garbage)).toBeUndefined();
    expect(archivedDocument(new Uint8Array())).toHaveLength(0);
  });
});

it('a report of an error says which, and of which fragment, and nothing else', () => {
  const report = errorDocument({ id: 4500, code: 'KMS_KEY_ACCESS_DENIED' }, 77n);
  const { fragments, error } = readBody(report);
  expect(error).toBeUndefined();
  const docType = Buffer.from('matroska').toString('hex');
  expect(Buffer.from(report).toString('hex')).toMatch(new RegExp(`^1a45dfa3.{8}4282.{8}${docType}18538067`));
  expect(fragments).toMatchObject([
    {
      error: { id: 4500, code: 'KMS_KEY_ACCESS_DENIED' },
      number: 77n,
      blocks: [],
      tracks: [],
      serverTimestampMs: undefined,
      producerTimestampMs: undefined,
    },
  ]);
});
