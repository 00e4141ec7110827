/** The decoders under measurement, each as it is meant to be used. Loaded one at a time: one replaces globals. */
import { once } from 'node:events';
import type { Transform } from 'node:stream';
import type { Tracks } from './tracks.ts';

export type Decode = (chunks: Iterable<Buffer>, tracks: Tracks) => Promise<void> | void;

/** Writes as a pipe would: it waits where the stream says so. */
async function pour(chunks: Iterable<Buffer>, into: Transform): Promise<void> {
  const ended = once(into, 'end');
  for (const chunk of chunks) if (!into.write(chunk)) await once(into, 'drain');
  into.end();
  await ended;
}

async function callspool(): Promise<Decode> {
  const { FragmentReader } = await import('../../matroska/reader.ts');
  return (chunks, tracks) => {
    const reader = new FragmentReader();
    for (const chunk of chunks) {
      reader.push(chunk);
      for (let fragment = reader.next(); fragment; fragment = reader.next()) {
        for (const { trackNumber, audio } of fragment.blocks) tracks.take(trackNumber, audio);
      }
    }
  };
}

/** What can't be beaten: every byte moved once. */
function copy(): Promise<Decode> {
  return Promise.resolve((chunks, tracks) => {
    for (const chunk of chunks) tracks.take(0, chunk);
  });
}

async function ebml(): Promise<Decode> {
  const { Decoder } = await import('ebml');
  return (chunks, tracks) => {
    const decoder = new Decoder();
    decoder.on('data', ([kind, tag]: [string, { name: string; track: number; payload: Buffer }]) => {
      if (kind === 'tag' && tag.name === 'SimpleBlock') tracks.take(tag.track, tag.payload);
    });
    return pour(chunks, decoder);
  };
}

async function ebmlStream(): Promise<Decode> {
  const { EbmlStreamDecoder, SimpleBlock } = await import('ebml-stream');
  return (chunks, tracks) => {
    const decoder = new EbmlStreamDecoder();
    decoder.on('data', (tag: unknown) => {
      if (tag instanceof SimpleBlock) tracks.take(tag.track, tag.payload);
    });
    return pour(chunks, decoder);
  };
}

/** It has no unknown sizes of its own making, and concatenates what is pending with every chunk. */
async function tsEbml(): Promise<Decode> {
  const { Decoder, tools } = await import('ts-ebml');
  return (chunks, tracks) => {
    const decoder = new Decoder();
    for (const chunk of chunks) {
      const own = new Uint8Array(chunk).buffer;
      for (const element of decoder.decode(own)) {
        if (element.name !== 'SimpleBlock' || element.type !== 'b') continue;
        const block = tools.ebmlBlock(element.data);
        for (const frame of block.frames) tracks.take(block.trackNumber, frame);
      }
    }
  };
}

export const DECODERS: Readonly<Record<string, () => Promise<Decode>>> = {
  callspool,
  copy,
  ebml,
  'ebml-stream': ebmlStream,
  'ts-ebml': tsEbml,
};
