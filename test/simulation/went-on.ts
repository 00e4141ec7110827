/** What Connect would have said, had anybody asked; and GetMedia, whoever listened. */
import type { Scenario } from './scenario.ts';
import type { TrueRecording, TrueStream } from './stream.ts';

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

/** GetMedia had brought nothing of the recording for as long as the idle time-out, when it was ended. */
export function wasSilentForLong(
  { idleTimeoutMs }: Scenario['settings'],
  { fragments }: TrueRecording,
  endedAtMs: number,
): boolean {
  return fragments.every(
    ({ plan, availableAtMs }) =>
      plan.hidden === true || availableAtMs > endedAtMs || availableAtMs + idleTimeoutMs <= endedAtMs,
  );
}
