/** One assembly that has been let in: what it works on, with what, and in whose name. */
import type { AssembleInput } from '../../contract/workflow.ts';
import type { AssemblyClaim } from '../../ports/calls/calls.ts';
import type { FileFormat } from '../../recording/audio/format/format.ts';
import type { Recording } from '../../recording/identity.ts';
import type { TranscriptSource } from '../../recording/transcript/segment.ts';
import type { AssemblyPorts } from './assembly-ports.ts';
import type { EndedCheckpoint } from './ended.ts';
import { type Replace, replacing } from './replace.ts';

/** What is written beside the WAV. */
export interface BesideWav {
  readonly formats: readonly FileFormat[];
  /** Whose words a transcript has where several have written them down. */
  readonly transcriptSource: TranscriptSource | undefined;
}

export interface AssemblyRun extends BesideWav {
  readonly ports: AssemblyPorts;
  readonly input: AssembleInput;
  readonly recording: Recording;
  readonly startedAt: Date;
  readonly claim: AssemblyClaim;
  readonly checkpoint: EndedCheckpoint;
  readonly replace: Replace;
}

export function assemblyRun(
  ports: AssemblyPorts,
  input: AssembleInput,
  claim: AssemblyClaim,
  checkpoint: EndedCheckpoint,
  { formats, transcriptSource }: BesideWav,
): AssemblyRun {
  const { recording } = claim;
  const startedAt = new Date(input.startedAt);
  const replace = replacing(ports.recordings, ports.calls, claim);
  return { ports, input, recording, startedAt, claim, checkpoint, replace, formats, transcriptSource };
}
