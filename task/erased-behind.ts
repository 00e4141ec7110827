/**
 * The contact's next recording may have been erased while a task held its first fragments in hand: one that was frozen,
 * and woke when the erasure had cut this tape long ago. So whoever leaves looks once more, behind its last write.
 */
import { cutTape } from '../ports/tape/cut-tape.ts';
import type { Recording } from '../recording/identity.ts';
import type { RecorderPorts } from './recorder-ports.ts';
import { persistently } from './sinks/persistently.ts';

/** Cuts the recording's tape where its record says that an erased one began. */
export async function removeErasedBehind(ports: RecorderPorts, recording: Recording): Promise<void> {
  const { calls, tape, telemetry } = ports;
  const known = await persistently('look for what has been erased', ports, () =>
    calls.ofContact(recording.contactId),
  );
  const own = known.find((call) => BigInt(call.startFragmentNumber) === recording.startFragmentNumber);
  if (own?.nextStartFragmentNumber === undefined) return;
  const from = BigInt(own.nextStartFragmentNumber);
  await persistently('remove what has been erased', ports, () =>
    cutTape(tape, recording, from, (key) => tape.remove(key)),
  );
  telemetry.info('the contact’s next recording has been erased; nothing of it is kept here');
}
