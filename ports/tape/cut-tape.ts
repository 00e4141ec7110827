/** A tape that is cut where the contact's next recording began, since that one has been erased. */
import type { Recording } from '../../recording/identity.ts';
import { rangeUpTo } from '../../recording/range.ts';
import { TapeMerge } from '../../recording/tape/merge.ts';
import type { Tape, TapeObject } from './tape.ts';

type CutTape = Pick<Tape, 'append' | 'list' | 'read'>;

/**
 * Takes away what a tape holds from a number on. An object that begins before it is replaced by what it holds before: the
 * copy first, then the original, so that a crash between the two leaves both. May be done again.
 * @throws what keeps an object from being read: it can't be split then, and stays
 */
export async function cutTape(
  tape: CutTape,
  recording: Recording,
  from: bigint,
  remove: (key: string) => Promise<void>,
): Promise<void> {
  for (const object of await reachingTo(tape, recording, from)) {
    if (object.first < from) await keepBefore(tape, recording, object, from);
    await remove(object.key);
  }
}

/** The objects that hold fragments from that number on. */
export async function reachingTo(
  tape: Pick<Tape, 'list'>,
  recording: Recording,
  from: bigint,
): Promise<TapeObject[]> {
  const reaching: TapeObject[] = [];
  for await (const object of tape.list(recording)) if (object.last >= from) reaching.push(object);
  return reaching;
}

/** What can be read of an object before that number goes onto the tape once more. */
async function keepBefore(
  tape: CutTape,
  recording: Recording,
  object: TapeObject,
  from: bigint,
): Promise<void> {
  const merge = new TapeMerge(recording, rangeUpTo(recording, from));
  const { first, last, uuid } = object;
  const content = { pieces: await tape.read(object.key) };
  const kept = [...merge.add({ first, last, uuid, content }), ...merge.finish()];
  const [begin, end] = [kept[0], kept.at(-1)];
  if (begin === undefined || end === undefined) return;
  const bytes = Buffer.concat(kept.flatMap(({ pieces }) => pieces));
  await tape.append(recording, { first: begin.number, last: end.number, bytes });
}
