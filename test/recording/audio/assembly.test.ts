import { expect, it } from 'vitest';
import { documentOf } from '../../../matroska/fragment.ts';
import { assembleAudio } from '../../../recording/audio/assembly.ts';
import { Timeline } from '../../../recording/audio/timeline.ts';
import type { OwnFragment } from '../../../recording/ownership.ts';
import { rangeFrom } from '../../../recording/range.ts';
import { TapeMerge, type TapeObjectContent } from '../../../recording/tape/merge.ts';
import { RECORDING } from '../../support/call.ts';
import { fragmentsOf, plansOf, wholeCall } from './timed-calls.ts';

const CALL = 12;

function objectOf(fragments: readonly OwnFragment[]): TapeObjectContent {
  const [first, last] = [fragments[0]?.number, fragments.at(-1)?.number];
  if (first === undefined || last === undefined) throw new Error('an object holds fragments');
  const pieces = fragments.map(documentOf);
  return { first, last, uuid: 'a', content: { pieces } };
}

async function* each<T>(things: readonly T[]): AsyncGenerator<T> {
  for (const thing of things) yield await Promise.resolve(thing);
}

it('what the objects of a tape hold, of whatever task, is one audio', async () => {
  const fragments = fragmentsOf(plansOf(CALL));
  const objects = [fragments.slice(0, 5), fragments.slice(3, 9), fragments.slice(9)].map(objectOf);
  const merge = new TapeMerge(RECORDING, rangeFrom(RECORDING));
  const timeline = new Timeline();
  const chunks: Buffer[] = [];
  for await (const chunk of assembleAudio(each(objects), merge, timeline)) chunks.push(Buffer.from(chunk));

  expect(Buffer.concat(chunks).equals(wholeCall(CALL))).toBe(true);
  expect([merge.stored, timeline.facts().fragments]).toEqual([CALL, CALL]);
});
