/** Where an assembly's result goes: into the JSON beside the WAV, the record, the event, the metrics and the log. */
import type { AssembleInput } from '../../contract/workflow.ts';
import type { ContactCall } from '../../ports/calls/calls.ts';
import { recordKey } from '../../recording/audio/files/keys.ts';
import type { CallRecord, CallStatus, Completion, ContactFacts } from '../../recording/call-record.ts';
import { parseRecording, recordingId } from '../../recording/identity.ts';
import { announce } from './announce.ts';
import type { AssemblyRun } from './assembly-run.ts';
import { beforeAssembly } from './earlier-assembly.ts';
import { measuredOf } from './measured.ts';

/**
 * The JSON first, so that it is there for whoever sees the record completed; then the record; then the event.
 * @param own the record as it stood
 * @param facts what Connect says of the contact
 */
export async function deliver(
  { ports, input, recording, startedAt, claim, replace }: AssemblyRun,
  own: ContactCall | undefined,
  completion: Completion,
  facts: ContactFacts,
): Promise<CallStatus> {
  const { calls, recordings, telemetry } = ports;
  const document = { ...facts, ...beforeAssembly(own), ...identityOf(input), ...completion };
  const json = Buffer.from(JSON.stringify(document, undefined, 2));
  const key = recordKey(recording, startedAt);
  await replace(key, (over) => recordings.put(key, json, 'application/json', over));
  const record = await calls.complete(claim, completion, facts);
  const announced = await announce(ports, 'Recording Completed', announcement(input, record, completion));
  telemetry.publish(measuredOf(record, completion, announced));
  telemetry.info('assembled', {
    status: record.status,
    why: completion.why,
    frames: completion.audio?.frames,
  });
  return record.status;
}

function identityOf(input: AssembleInput) {
  const { contactId, startFragmentNumber, streamArn, startedAt, instanceArn, executionArn } = input;
  return {
    contactId,
    startFragmentNumber,
    recordingId: recordingId(parseRecording(contactId, startFragmentNumber)),
    streamArn,
    startedAt,
    instanceArn,
    executionArn,
  };
}

/** The event has no phone numbers and attributes: whoever needs them reads the record. */
function announcement(input: AssembleInput, record: CallRecord, completion: Completion) {
  const { status, why, endedAt, endReason, durationMs, audio, files, transcript, losses } = completion;
  const { initialContactId, channel } = record;
  return {
    ...identityOf(input),
    initialContactId,
    channel,
    status,
    why,
    endedAt,
    endReason,
    durationMs,
    audio,
    files,
    transcript,
    lossCount: losses.length,
  };
}
