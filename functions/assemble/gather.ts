/** All that an assembly goes by: the tape, who else has spoken on the stream, and what others say of the recording. */
import {
  askWitness,
  type CallTimes,
  isListed,
  lastNamed,
  listSettled,
  overAt,
} from '../../backfill/witness.ts';
import type { ContactCall } from '../../ports/calls/calls.ts';
import type { MediaArchive } from '../../ports/media/media.ts';
import { readTape } from '../../ports/tape/read-tape.ts';
import type { ContactFacts, Loss, StoredFile } from '../../recording/call-record.ts';
import type { Evidence } from '../../recording/losses/evidence.ts';
import { mayBeInPart } from '../../recording/losses/in-part.ts';
import { rangeAmong, type RecordingRange } from '../../recording/range.ts';
import type { TapeObjectContent } from '../../recording/tape/merge.ts';
import type { AssemblyRun } from './assembly-run.ts';
import { earlierAssembly } from './earlier-assembly.ts';
import { type Pass, passOver } from './pass.ts';

export interface Gathered {
  readonly pass: Pass;
  readonly evidence: Evidence;
  /** The record as it stands, once this assembly has claimed it. */
  readonly own: ContactCall | undefined;
  /** What Connect says of the contact, as far as it answers. */
  readonly facts: ContactFacts;
  /** The files of an earlier assembly that are still there. */
  readonly earlierFiles: readonly StoredFile[];
}

/**
 * Reads the tape, and once more where the stream's archive still had what it lacks.
 * @param tape the recording's, from its beginning
 */
export async function gather(run: AssemblyRun, tape: AsyncIterable<TapeObjectContent>): Promise<Gathered> {
  const { ports, input, recording, checkpoint } = run;
  const [calls, answer] = await Promise.all([
    ports.calls.ofContact(recording.contactId),
    ports.contacts.describe(recording.contactId),
  ]);
  const range = rangeAmong(calls, recording, input.streamArn);
  const own = calls.find((call) => BigInt(call.startFragmentNumber) === recording.startFragmentNumber);
  const facts = answer.known ? answer.facts : {};
  const disconnectedAt = own?.disconnectedAt ?? facts.disconnectedAt;

  const archive = listSettled(ports.archive, timesOf(run, disconnectedAt));
  const earlier = await earlierAssembly(ports.recordings, input, own);
  const suspects = earlier.evidence?.losses ?? [];
  const first = await passOver(run, tape, range, suspects);
  const witness = await witnessOf(run, first, suspects, range, archive, timesOf(run, disconnectedAt));
  let pass = first;
  if (witness.restored.size > 0) {
    await first.files.abort();
    pass = await passOver(run, readTape(ports.tape, recording), range, suspects);
  }
  const evidence: Evidence = {
    recording,
    range,
    checkpoint,
    merge: pass.merge,
    timeline: pass.timeline,
    witness,
    lastNamed: lastNamed(answer, range),
    listedToEnd: isListed(witness, range, overAt(range, calls, checkpoint.ended, disconnectedAt)),
    earlier: earlier.evidence,
    contact: own,
  };
  return { pass, evidence, own, facts, earlierFiles: earlier.files };
}

/** What is known by now of when the call began and ended. */
function timesOf(
  { ports, startedAt, checkpoint }: AssemblyRun,
  disconnectedAt: string | undefined,
): CallTimes {
  return {
    startedAtMs: startedAt.getTime(),
    disconnectedAtMs: disconnectedAt === undefined ? undefined : Date.parse(disconnectedAt),
    ended: checkpoint.ended,
    nowMs: ports.clock.now(),
  };
}

async function witnessOf(
  { ports, recording, checkpoint }: AssemblyRun,
  { merge, files }: Pass,
  suspects: readonly Loss[],
  range: RecordingRange,
  archive: MediaArchive,
  times: CallTimes,
) {
  const { tape, clock } = ports;
  try {
    return await askWitness({
      recording,
      range,
      archive,
      tape,
      clock,
      merge,
      mayBeInPart: mayBeInPart(merge, checkpoint, suspects),
      ...times,
    });
  } catch (error) {
    await files.abort();
    throw error;
  }
}
