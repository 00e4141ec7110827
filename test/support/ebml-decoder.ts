/**
 * Decodes Matroska with the `ebml` package, as a program of its own, because loading it replaces the global `Map` and
 * `Array.from`. Bodies come on the standard input, each behind its length in 4 bytes; for each, one line of JSON goes
 * out: its documents ({@link DecodedDocument}).
 */
import { Decoder, type EbmlEvent, type EbmlTag } from 'ebml';

export interface DecodedDocument {
  readonly tags: [name: string, value: string][];
  /** Track, time in ns (decimal digits), audio in base64. */
  readonly blocks: [track: number, timeNs: string, audio: string][];
}

const DEFAULT_SCALE = 1_000_000n;

/**
 * It gives `end` events wrongly where sizes are unknown, so only beginnings and values are taken from it. (Nor is it
 * async iterable, though a stream.)
 */
async function decode(body: Buffer): Promise<DecodedDocument[]> {
  const documents: DecodedDocument[] = [];
  let scale = DEFAULT_SCALE;
  let clusterTime = 0n;
  let tagName = '';
  const decoder = new Decoder();
  decoder.on('data', ([kind, tag]: EbmlEvent) => {
    if (kind === 'start' && tag.name === 'EBML') {
      documents.push({ tags: [], blocks: [] });
      scale = DEFAULT_SCALE;
    }
    const document = documents.at(-1);
    if (kind !== 'tag' || !document) return;
    if (tag.name === 'TimecodeScale') scale = unsigned(tag);
    if (tag.name === 'Timecode') clusterTime = unsigned(tag);
    if (tag.name === 'TagName') tagName = String(tag.value);
    if (tag.name === 'TagString') document.tags.push([tagName, String(tag.value)]);
    if (tag.name === 'SimpleBlock' || tag.name === 'Block') {
      const timeNs = (clusterTime + BigInt(tag.value ?? 0)) * scale;
      document.blocks.push([tag.track, String(timeNs), tag.payload?.toString('base64') ?? '']);
    }
  });
  await new Promise((resolve) => {
    decoder.once('end', resolve);
    decoder.end(body);
  });
  return documents;
}

/** Integers above 6 bytes come as hex digits. */
function unsigned({ value }: EbmlTag): bigint {
  return typeof value === 'string' ? BigInt(`0x${value}`) : BigInt(value ?? 0);
}

let pending = Buffer.alloc(0);
for await (const chunk of process.stdin) {
  pending = Buffer.concat([pending, chunk as Buffer]);
  while (pending.length >= 4 && pending.length >= 4 + pending.readUInt32BE(0)) {
    const end = 4 + pending.readUInt32BE(0);
    const body = pending.subarray(4, end);
    pending = pending.subarray(end);
    process.stdout.write(`${line(await decode(body))}\n`);
  }
}

/** JSON leaves two separators of lines as they are, at which `node:readline` cuts, too. */
function line(value: unknown): string {
  return JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}
