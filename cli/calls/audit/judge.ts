/** Judges a finished recording anew: what assembling it again would say, and whether that is worth doing. */
import { type DryAssembly, dryAssembly } from '../../../backfill/dry-assembly.ts';
import type { CallRecord } from '../../../recording/call-record.ts';
import { parseRecordingId } from '../../../recording/identity.ts';
import type { Access } from '../../access/access.ts';
import type { Io } from '../../terminal/io.ts';

export type Finding =
  /** The same audio, and nothing else to be said of it. */
  | { readonly kind: 'same' }
  /** Nothing of it is on the tape any more, so that nothing can be said. */
  | { readonly kind: 'noTape' }
  /** The tape holds less than the WAV was made of: that one is the best that there will be. */
  | { readonly kind: 'expired'; readonly why: string }
  | {
      readonly kind: 'otherwise';
      /** Another WAV would come out. */
      readonly audio: AudioChange | undefined;
      /** Another status, or the same for another reason. */
      readonly status: StatusChange | undefined;
    };

export interface AudioChange {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface StatusChange {
  readonly to: string;
  readonly why: string;
}

export async function judgeCall(access: Access, io: Io, call: CallRecord): Promise<Finding> {
  const recording = parseRecordingId(call.recordingId);
  const [calls, checkpoint] = await Promise.all([
    access.calls.ofContact(recording.contactId),
    access.checkpoints.read(call.recordingId),
  ]);
  const tape = access.tapeOf(call);
  const archive = access.archiveOf(call);
  const dry = await dryAssembly({ call, calls, checkpoint, tape, archive, clock: io.clock });
  return findingOf(call, dry);
}

function findingOf(call: CallRecord, dry: DryAssembly): Finding {
  const { judgement, hasTape } = dry;
  if (!hasTape && call.audio !== undefined) return { kind: 'noTape' };
  if (judgement.standing) return { kind: 'expired', why: judgement.keptWhy };
  const audio = audioChange(call, dry);
  const { status, why = '' } = judgement.verdict;
  const change = status === call.status ? undefined : { to: status, why };
  if (audio === undefined && change === undefined) return { kind: 'same' };
  return { kind: 'otherwise', audio, status: change };
}

function audioChange({ audio, durationMs = 0 }: CallRecord, dry: DryAssembly): AudioChange | undefined {
  if (dry.frames === 0 && audio === undefined) return undefined;
  const isSame = audio?.sha256 === dry.sha256 && audio.frames === dry.frames;
  if (isSame && audio.sampleRate === dry.sampleRate) return undefined;
  return { fromMs: durationMs, toMs: Math.round((dry.frames * 1_000) / dry.sampleRate) };
}
