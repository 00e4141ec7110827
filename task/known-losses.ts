/** What the recorder itself knows to be lost, in the words of the record. Pure. */
import type { Loss } from '../recording/call-record.ts';
import type { Recording } from '../recording/identity.ts';
import type { LeftOut } from '../recording/ownership.ts';

const LONGER_RETENTION = 'a longer retention on the media streams helps';

/** @param number undefined where it could not be read. @param after it lies behind this fragment, then */
export function malformedLoss(why: string, number: bigint | undefined, after: bigint | undefined): Loss {
  const first = number ?? (after === undefined ? undefined : after + 1n);
  return {
    kind: 'FRAGMENT_MALFORMED',
    why,
    ...(first !== undefined && { firstFragmentNumber: first.toString() }),
    ...(number !== undefined && { lastFragmentNumber: number.toString() }),
  };
}

export function leftOutLoss({ first, last }: LeftOut): Loss {
  return {
    kind: 'FRAGMENTS_MISSING',
    why: 'fragments without a ContactId were not kept, and what came later shows that they were the recording’s',
    firstFragmentNumber: first.toString(),
    lastFragmentNumber: last.toString(),
  };
}

export function cutLoss(number: bigint): Loss {
  return {
    kind: 'FRAGMENT_CUT',
    why: 'the fragment broke off and could not be read again; its complete blocks are kept',
    firstFragmentNumber: number.toString(),
    lastFragmentNumber: number.toString(),
  };
}

/**
 * Nothing came, and the stream may have forgotten what was there: whether there was more isn't known.
 * @param last the last fragment that was handed over
 */
export function positionLoss(last: bigint | undefined, { startFragmentNumber }: Recording): Loss {
  if (last === undefined)
    return {
      kind: 'START_MISSING',
      why: `reading began so long after the call’s start that the stream had forgotten whatever it held; ${LONGER_RETENTION}`,
      firstFragmentNumber: startFragmentNumber.toString(),
    };
  return {
    kind: 'POSITION_LOST',
    why: `the stream had forgotten where to go on, and maybe fragments that followed; ${LONGER_RETENTION}`,
    firstFragmentNumber: (last + 1n).toString(),
  };
}
