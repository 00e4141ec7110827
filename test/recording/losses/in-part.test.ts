import { describe, expect, it } from 'vitest';
import type { Loss } from '../../../recording/call-record.ts';
import { mayBeInPart } from '../../../recording/losses/in-part.ts';
import { range } from '../../support/recording-world.ts';
import { evidenceOf, from, loss, number, type Row } from './evidence.ts';

describe('a fragment without trailing tags', () => {
  const CUT = loss('FRAGMENT_CUT', 9);
  const STOPPED: Loss = { kind: 'RECORDER_STOPPED', why: 'so' };

  /** Of those on the tape, 4 and 9 have none. */
  it.each<[string, Partial<Row>, readonly Loss[], readonly number[]]>([
    ['but for the last one, where the recorder saw the end', {}, [], [4]],
    ['where nobody saw the end', { ended: 'IDLE' }, [], [4, 9]],
    ['where the recorder had come to another one', { position: 8 }, [], [4, 9]],
    ['where nothing was stored by anybody', { isUnread: true }, [], [4, 9]],
    ['where the recorder declared it, among others', { noted: [CUT, STOPPED] }, [], [4, 9]],
    ['where an earlier assembly did', {}, [loss('FRAGMENT_CUT', 4), CUT], [4, 9]],
    ['but not where another one was declared', { noted: [loss('FRAGMENT_CUT', 8)] }, [STOPPED], [4]],
    ['nor where all behind it was', { noted: [from('POSITION_LOST', 10)] }, [], [4]],
    ['where all from it on was', { noted: [from('POSITION_LOST', 9)] }, [], [4, 9]],
  ])('may be on the tape in part only, %s', (_, row, earlierLosses, expected) => {
    const { merge, checkpoint } = evidenceOf({ what: '', expected: [], untagged: [4, 9], ...row });
    const isInPart = mayBeInPart(merge, checkpoint, earlierLosses);
    expect(range(0, 10).filter((index) => isInPart(number(index)))).toEqual(expected);
  });
});
