import type { StreamError } from '../../matroska/fragment.ts';
import { errorDocument, FRAGMENT_NOT_FOUND, GET_MEDIA_NOT_FOUND } from './memory-documents.ts';
import type { Cursor, MemoryStream, Start, StoredFragment } from './memory-stream.ts';

/** How one GetMedia session goes. Without a word it goes on until the service's own limits. */
export interface SessionPlan {
  /** The service ends every session after so long (about 45 minutes). */
  readonly sessionMs?: number;
  /** The service ends a session when no media came for so long. */
  readonly idleMs?: number;
  /** The session breaks off after so many fragments. */
  readonly afterFragments?: number;
  /** The session breaks off after so many bytes, in the middle of a fragment too. */
  readonly afterBytes?: number;
  /** How it breaks off: a clean end (default), silence, an error, or a report in the stream and then a clean end. */
  readonly breakOff?: 'end' | 'stall' | Error | { readonly report: StreamError };
  /** What is sent in place of a fragment's document. */
  readonly alter?: (fragment: StoredFragment) => Uint8Array;
}

const SESSION_MS = 45 * 60_000;
const IDLE_MS = 30_000;

/** The body of a GetMedia session, a document a chunk. Ends when the signal is aborted. */
export async function* session(
  stream: MemoryStream,
  start: Start,
  plan: SessionPlan,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const cursor = stream.seek(start);
  if (!cursor) {
    yield errorDocument({ id: GET_MEDIA_NOT_FOUND, code: FRAGMENT_NOT_FOUND }, namedBy(start));
    return;
  }
  const fragmentsMax = plan.afterFragments ?? Infinity;
  const bytesMax = plan.afterBytes ?? Infinity;
  let fragments = 0;
  let bytes = 0;
  let number = namedBy(start);
  for await (const fragment of media(stream, cursor, plan, signal, fragmentsMax, bytesMax)) {
    const document = plan.alter?.(fragment) ?? fragment.document;
    const sent = document.subarray(0, bytesMax - bytes);
    if (sent.length > 0) yield sent;
    fragments += 1;
    bytes += sent.length;
    number = fragment.number;
    if (fragments >= fragmentsMax || bytes >= bytesMax) break;
  }
  if (fragments >= fragmentsMax || bytes >= bytesMax)
    yield* breakOff(plan.breakOff ?? 'end', number, stream, signal);
}

/** Fragments as they come, until one of the service's own limits. */
async function* media(
  stream: MemoryStream,
  cursor: Cursor,
  plan: SessionPlan,
  signal: AbortSignal,
  fragmentsMax: number,
  bytesMax: number,
): AsyncGenerator<StoredFragment, void, undefined> {
  if (fragmentsMax <= 0 || bytesMax <= 0) return;
  const endMs = stream.clock.now() + (plan.sessionMs ?? SESSION_MS);
  const idleMs = plan.idleMs ?? IDLE_MS;
  let lastMs = stream.clock.now();
  for (;;) {
    const nowMs = stream.clock.now();
    if (signal.aborted || nowMs >= endMs) return;
    const fragment = cursor.take();
    if (fragment) {
      yield fragment;
      lastMs = stream.clock.now();
    } else if (nowMs >= lastMs + idleMs) return;
    else await stream.wait(Math.min(cursor.nextAtMs, endMs, lastMs + idleMs), signal);
  }
}

async function* breakOff(
  how: NonNullable<SessionPlan['breakOff']>,
  number: bigint,
  stream: MemoryStream,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (how instanceof Error) throw how;
  if (how === 'stall') while (!signal.aborted) await stream.wait(Infinity, signal);
  else if (how !== 'end') yield errorDocument(how.report, number);
}

function namedBy(start: Start): bigint {
  if (start.kind === 'afterFragment') return start.number;
  if (start.kind === 'continuationToken' && /^[0-9]+$/.test(start.token)) return BigInt(start.token);
  return 0n;
}
