/** Reads a tape object after object, with some on their way ahead, so that S3's latency doesn't add up. */
import type { Recording } from '../../recording/identity.ts';
import type { TapeObjectContent } from '../../recording/tape/merge.ts';
import { handled } from '../runtime/handled.ts';
import { type Tape, type TapeObject, TapeObjectUnreadable } from './tape.ts';

/** An object is 8 MiB at most, so these bound memory as well. */
const AHEAD_OBJECTS = 8;
const AHEAD_BYTES = 48 * 1024 * 1024;

/** A tape, or a part of one, as far as reading it goes. */
export type ReadableTape = Pick<Tape, 'list' | 'read'>;

/**
 * All objects, in order of `first`. One that no retry can read is handed over as such. The first ones are asked for at
 * once, so that they come while the caller does something else.
 * @throws what keeps the tape from being read now, such as S3 being out of reach.
 */
export function readTape(tape: ReadableTape, recording: Recording): AsyncGenerator<TapeObjectContent, void> {
  const objects = readObjects(tape, recording);
  const first = handled(objects.next());
  return (async function* () {
    try {
      const { done, value } = await first;
      if (done) return;
      yield value;
      yield* objects;
    } finally {
      await objects.return();
    }
  })();
}

async function* readObjects(
  tape: ReadableTape,
  recording: Recording,
): AsyncGenerator<TapeObjectContent, void> {
  const ahead: { readonly object: TapeObject; readonly content: Promise<TapeObjectContent> }[] = [];
  let aheadBytes = 0;
  async function* next(): AsyncGenerator<TapeObjectContent> {
    const head = ahead.shift();
    if (!head) return;
    aheadBytes -= head.object.bytes;
    yield await head.content;
  }
  for await (const object of tape.list(recording)) {
    while (ahead.length >= AHEAD_OBJECTS || (ahead.length > 0 && aheadBytes + object.bytes > AHEAD_BYTES))
      yield* next();
    ahead.push({ object, content: handled(readObject(tape, object)) });
    aheadBytes += object.bytes;
  }
  while (ahead.length > 0) yield* next();
}

async function readObject(tape: ReadableTape, object: TapeObject): Promise<TapeObjectContent> {
  const { first, last, uuid } = object;
  try {
    return { first, last, uuid, content: { pieces: await tape.read(object.key) } };
  } catch (error) {
    if (!(error instanceof TapeObjectUnreadable)) throw error;
    return { first, last, uuid, content: { unreadable: error.message, refused: error.refused } };
  }
}
