/** What Connect would have said, had anybody asked. */
import type { Scenario } from './scenario.ts';
import type { TrueStream } from './stream.ts';

/**
 * Whoever asked until then heard that the contact goes on, and nothing kept anybody from asking. @param atMs epoch ms
 */
export function wasToldToGoOn({ call, faults }: Scenario, stream: TrueStream, atMs: number): boolean {
  const isAskable = faults.every((fault) =>
    fault.kind === 'outage'
      ? fault.service !== 'connect'
      : !('at' in fault) || fault.at.operation !== 'contacts.describe',
  );
  const { disconnectAfterMs, eventAfterMs = Infinity, describeAfterMs = Infinity } = call;
  const toldMs = stream.contactEndsMs + disconnectAfterMs + Math.min(eventAfterMs, describeAfterMs);
  return isAskable && atMs < toldMs;
}
