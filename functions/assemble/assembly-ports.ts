/** What an assembly needs of the world, and what it says when it is done. */
import type { Calls } from '../../ports/calls/calls.ts';
import type { Checkpoints } from '../../ports/checkpoints/checkpoints.ts';
import type { Contacts } from '../../ports/contacts/contacts.ts';
import type { Events } from '../../ports/events/events.ts';
import type { MediaArchive } from '../../ports/media/media.ts';
import type { Recordings } from '../../ports/recordings/recordings.ts';
import type { Clock } from '../../ports/runtime/clock.ts';
import type { Telemetry } from '../../ports/runtime/telemetry.ts';
import type { Tape } from '../../ports/tape/tape.ts';
import type { Transcripts } from '../../ports/transcripts/transcripts.ts';
import type { CallStatus } from '../../recording/call-record.ts';

export interface AssemblyPorts {
  readonly tape: Tape;
  readonly recordings: Recordings;
  readonly checkpoints: Checkpoints;
  readonly calls: Calls;
  /** The archive of the recording's own stream. */
  readonly archive: MediaArchive;
  readonly contacts: Contacts;
  readonly events: Events;
  /** What is said while people talk; undefined where nobody writes it down. */
  readonly transcripts?: Transcripts;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

export interface AssemblyResult {
  readonly recordingId: string;
  readonly status: CallStatus;
}
