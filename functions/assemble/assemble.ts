/**
 * The final state of a recording: tape → WAV, and the record completed. Whatever happened before, running it again
 * gives the same bytes.
 */
import type { AssembleInput } from '../../contract/workflow.ts';
import { AssemblySuperseded, CallMissing } from '../../ports/calls/calls.ts';
import { readTape } from '../../ports/tape/read-tape.ts';
import type { FileFormat } from '../../recording/audio/format/format.ts';
import { type CallStatus, isFinal } from '../../recording/call-record.ts';
import { parseRecording, type Recording, recordingId } from '../../recording/identity.ts';
import { judge } from '../../recording/losses/judgement.ts';
import type { TapeObjectContent } from '../../recording/tape/merge.ts';
import type { TranscriptSource } from '../../recording/transcript/segment.ts';
import type { AssemblyPorts, AssemblyResult } from './assembly-ports.ts';
import { type AssemblyRun, assemblyRun, type BesideWav } from './assembly-run.ts';
import { completionOf } from './completion.ts';
import { deliver } from './deliver.ts';
import { endedCheckpoint } from './ended.ts';
import { leavingNoTrace } from './erased.ts';
import { finishFiles } from './finish.ts';
import { gather } from './gather.ts';
import { transcriptBeside } from './transcript.ts';

/**
 * @param formats beside the WAV
 * @param transcriptSource whose words a transcript has where several have written them down
 * @throws when it could not be done now; it may be tried again.
 */
export async function assembleRecording(
  ports: AssemblyPorts,
  input: AssembleInput,
  formats: readonly FileFormat[] = [],
  transcriptSource?: TranscriptSource,
): Promise<AssemblyResult> {
  const beside = { formats, transcriptSource };
  return leavingNoTrace(ports, input, (unlessErased) => assemble(unlessErased, input, beside));
}

async function assemble(
  ports: AssemblyPorts,
  input: AssembleInput,
  beside: BesideWav,
): Promise<AssemblyResult> {
  const recording = parseRecording(input.contactId, input.startFragmentNumber);
  const id = recordingId(recording);
  // Before it asks whose the recording is: after a resumption that one's assembly has begun later.
  const sinceMs = ports.clock.now();
  const checkpoint = await endedCheckpoint(ports, recording, input.executionArn);
  if (checkpoint.owner !== input.executionArn) {
    // Another execution has taken the recording over, and will assemble it.
    const call = await ports.calls.get(recording);
    return { recordingId: id, status: call?.status ?? 'RECORDING' };
  }
  try {
    const claim = await ports.calls.assembling(recording, input.executionArn, sinceMs, input);
    // Not before: what an earlier assembly has put on the tape must be seen by all that replace what it made of it.
    const tape = readTape(ports.tape, recording);
    const status = await run(assemblyRun(ports, input, claim, checkpoint, beside), tape);
    return { recordingId: id, status };
  } catch (error) {
    if (!(error instanceof AssemblySuperseded)) throw error;
    return { recordingId: id, status: await statusOfLater(ports, recording, input.executionArn, error) };
  }
}

/** @param tape the recording's, from its beginning */
async function run(assembly: AssemblyRun, tape: AsyncIterable<TapeObjectContent>): Promise<CallStatus> {
  const { clock } = assembly.ports;
  const { pass, evidence, own, facts, earlierFiles } = await gather(assembly, tape);
  const judgement = judge(evidence, clock.now());
  const recorded = await finishFiles(assembly, pass, judgement, earlierFiles);
  const completion = completionOf(assembly.checkpoint, evidence, judgement, recorded, clock.now());
  const transcript = await transcriptBeside(assembly, pass, judgement, own?.transcript);
  return deliver(assembly, own, { ...completion, ...(transcript && { transcript }) }, facts);
}

/**
 * What a later assembly has made of it, or another execution will. One of the same execution that is still under way
 * may have been given up by the workflow, and die: then the workflow is to try again, with one that begins last.
 */
async function statusOfLater(
  { calls }: AssemblyPorts,
  recording: Recording,
  executionArn: string,
  superseded: AssemblySuperseded,
): Promise<CallStatus> {
  const call = await calls.get(recording);
  if (call === undefined) throw new CallMissing(recordingId(recording));
  if (call.executionArn === executionArn && !isFinal(call.status)) throw superseded;
  return call.status;
}
