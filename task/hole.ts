/** Fragments that the live stream didn't deliver: fetched from the archive where it has them, declared where not. */
import { backfill, type BackfillRequest, type BackfillResult } from '../backfill/backfill.ts';
import type { MediaArchive } from '../ports/media/media.ts';
import type { Clock } from '../ports/runtime/clock.ts';
import type { Telemetry } from '../ports/runtime/telemetry.ts';
import type { Hole } from '../reading/position.ts';
import type { Loss } from '../recording/call-record.ts';
import type { Recording } from '../recording/identity.ts';
import type { RecordingRange } from '../recording/range.ts';

export interface HolePorts {
  readonly archive: MediaArchive;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** A hole, and what is known of the recording when it is met. */
export interface HoleInRecording {
  readonly recording: Recording;
  readonly range: RecordingRange;
  /** Whose the fragment before the hole was. */
  readonly neighbour: 'ours' | 'not known to be ours';
  readonly hole: Hole;
}

/**
 * @param keep takes what could be had
 * @returns what stays missing. @throws what `keep` does
 */
export async function fillHole(
  { archive, clock, telemetry }: HolePorts,
  { recording, range, neighbour, hole: { after, before, fromMs, malformed } }: HoleInRecording,
  keep: BackfillRequest['keep'],
): Promise<Loss[]> {
  const result = await backfill({
    recording,
    range,
    archive,
    keep,
    clock,
    fromMs,
    toMs: clock.now(),
    isMissing: (number) => number > after && number < before,
    isOurs: (number) => neighbour === 'ours' && number === after,
  });
  const restored = result.listed ? result.restored.length : 0;
  telemetry.warn('fragments are not to be had from the live stream', { restored, why: malformed });
  const startMissing = after < recording.startFragmentNumber;
  const first = startMissing ? recording.startFragmentNumber : after + 1n;
  const span = { firstFragmentNumber: first.toString(), lastFragmentNumber: (before - 1n).toString() };
  const gone = result.listed ? result.gone.length : 0;
  const stays = startMissing ? !has(result, recording.startFragmentNumber) : !reachesBackTo(result, after);
  if (malformed !== undefined) {
    // The list may lag behind: only what came instead of them shows that they are there.
    const isMended = restored > 0 && gone === 0 && !stays;
    return isMended ? [] : [{ kind: 'FRAGMENT_MALFORMED', why: malformed, ...span }];
  }
  if (stays)
    return [{ kind: startMissing ? 'START_MISSING' : 'POSITION_LOST', why: reason(result), ...span }];
  if (gone === 0) return [];
  return [{ kind: 'FRAGMENTS_MISSING', why: `${gone} fragments are gone from the stream`, ...span }];
}

function has(result: BackfillResult, number: bigint): boolean {
  return result.listed && result.restored.includes(number);
}

/** What retention has taken isn't listed either: the list speaks only of what follows something that it lists. */
function reachesBackTo(result: BackfillResult, after: bigint): boolean {
  return result.listed && result.fragments.some(({ number }) => number <= after);
}

function reason(result: BackfillResult): string {
  const gone = 'the stream had forgotten these fragments when they were to be read';
  const remedy = 'a longer retention on the media streams helps';
  return result.listed
    ? `${gone}; ${remedy}`
    : `${gone}, and its archive can’t be asked (${result.why}); ${remedy}`;
}
