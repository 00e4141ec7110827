/** Archived media: ListFragments and GetMediaForFragmentList. */
import * as v from 'valibot';
import { listedWithin } from '../../../ports/archive/memory-archive.ts';
import {
  ARCHIVE_NOT_FOUND,
  archivedDocument,
  errorDocument,
  FRAGMENT_NOT_FOUND,
} from '../../../ports/media/memory-documents.ts';
import { KinesisVideoError } from './errors.ts';
import type { ListFragments } from './requests.ts';
import type { StoredFragment, Stream } from './stream.ts';

/** Says where a listing goes on. */
const Token = v.object({
  by: v.picklist(['server', 'producer']),
  fromMs: v.number(),
  toMs: v.number(),
  after: v.pipe(v.string(), v.regex(/^[0-9]+$/)),
});
type Token = v.InferOutput<typeof Token>;

/** A page of fragments, in no order at all. @throws KinesisVideoError InvalidArgumentException without retention */
export function listFragments(stream: Stream, request: ListFragments): Record<string, unknown> {
  const position = request.NextToken === undefined ? positionOf(request) : parseToken(request.NextToken);
  if (stream.retentionHours === 0) {
    throw new KinesisVideoError(
      'InvalidArgumentException',
      `End timestamp ${position.toMs} is outside of the stream retention period.`,
    );
  }
  const listed = listedWithin(stream, position.by, position.fromMs, position.toMs);
  const from = position.after === undefined ? 0 : indexAfter(listed, position.after);
  const page = listed.slice(from, from + request.MaxResults);
  const last = page.at(-1);
  const more = last !== undefined && from + page.length < listed.length;
  return {
    Fragments: page.map(describeFragment),
    ...(more && { NextToken: writeToken({ ...position, after: last.number.toString() }) }),
  };
}

/** The fragments that are there, each as it is archived; the body ends with a report of the first that is not. */
export async function* archivedMedia(
  stream: Stream,
  numbers: readonly bigint[],
): AsyncGenerator<Uint8Array, void, undefined> {
  const held = new Map(stream.fragments.map((fragment) => [fragment.number, fragment]));
  for (const number of numbers) {
    await Promise.resolve();
    const fragment = stream.retentionHours > 0 ? held.get(number) : undefined;
    if (!fragment) {
      yield errorDocument({ id: ARCHIVE_NOT_FOUND, code: FRAGMENT_NOT_FOUND }, number);
      return;
    }
    yield archivedDocument(fragment.document);
  }
}

function indexAfter(listed: readonly StoredFragment[], number: bigint): number {
  const index = listed.findIndex((fragment) => fragment.number === number);
  if (index >= 0) return index + 1;
  throw new KinesisVideoError('InvalidArgumentException', 'NextToken has expired');
}

interface Position {
  readonly by: 'server' | 'producer';
  readonly fromMs: number;
  readonly toMs: number;
  readonly after?: bigint;
}

function positionOf({ FragmentSelector: selector }: ListFragments): Position {
  if (!selector) return { by: 'server', fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
  return {
    by: selector.FragmentSelectorType === 'SERVER_TIMESTAMP' ? 'server' : 'producer',
    fromMs: toMs(selector.TimestampRange.StartTimestamp),
    toMs: toMs(selector.TimestampRange.EndTimestamp),
  };
}

/** Epoch seconds to ms; a float's last digit must not move a bound. */
function toMs(seconds: number): number {
  return Math.round(seconds * 1000);
}

function writeToken(token: Token): string {
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function parseToken(text: string): Position {
  try {
    const token = v.parse(Token, JSON.parse(Buffer.from(text, 'base64url').toString()));
    return { ...token, after: BigInt(token.after) };
  } catch {
    throw new KinesisVideoError('InvalidArgumentException', 'NextToken is none that this service gave');
  }
}

function describeFragment(fragment: StoredFragment): Record<string, unknown> {
  return {
    FragmentNumber: fragment.number.toString(),
    FragmentSizeInBytes: fragment.document.length,
    ProducerTimestamp: fragment.producerTimestampMs / 1000,
    ServerTimestamp: fragment.serverTimestampMs / 1000,
  };
}
