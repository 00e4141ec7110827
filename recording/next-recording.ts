import type { NewCall } from './call-record.ts';
import { compareFragmentNumbers } from './fragment-number.ts';
import type { Recording } from './identity.ts';

/**
 * Where the contact's next recording begins: from there on fragments are that one's. Fragment numbers say nothing
 * across streams, so only recordings of the same stream count. Of one that has been erased the record of this one tells.
 *
 * @param calls every recording of the contact
 * @param streamArn the recording's own stream, where its record isn't among them
 */
export function nextStartAmong(
  calls: readonly (Pick<NewCall, 'startFragmentNumber'> &
    Partial<Pick<NewCall, 'streamArn' | 'nextStartFragmentNumber'>>)[],
  { startFragmentNumber }: Recording,
  streamArn?: string,
): bigint | undefined {
  const own = calls.find((call) => BigInt(call.startFragmentNumber) === startFragmentNumber);
  const stream = own?.streamArn ?? streamArn;
  const erased = own?.nextStartFragmentNumber;
  return calls
    .filter((call) => stream === undefined || call.streamArn === stream)
    .map((call) => BigInt(call.startFragmentNumber))
    .concat(erased === undefined ? [] : BigInt(erased))
    .filter((start) => start > startFragmentNumber)
    .sort(compareFragmentNumbers)[0];
}
