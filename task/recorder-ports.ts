/** What recording one call takes: the world as ports, and what is known of the call beforehand. */
import type { Calls } from '../ports/calls/calls.ts';
import type { Checkpoints } from '../ports/checkpoints/checkpoints.ts';
import type { Contacts } from '../ports/contacts/contacts.ts';
import type { Media, MediaArchive } from '../ports/media/media.ts';
import type { Clock } from '../ports/runtime/clock.ts';
import type { Telemetry } from '../ports/runtime/telemetry.ts';
import type { Tape } from '../ports/tape/tape.ts';
import type { Recording } from '../recording/identity.ts';
import type { FeedSink } from './sinks/fragment-sink.ts';

export interface RecorderPorts {
  readonly media: Media;
  readonly archive: MediaArchive;
  readonly tape: Tape;
  readonly checkpoints: Checkpoints;
  readonly calls: Calls;
  readonly contacts: Contacts;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** What is handed on to those who listen while people talk. */
  readonly feed?: FeedSink;
}

export interface RecorderSettings {
  readonly recording: Recording;
  /** The stream that it is read from. */
  readonly streamArn: string;
  /** Connect's StartTimestamp, epoch ms. */
  readonly startedAtMs: number;
  readonly executionArn: string;
  readonly segmentMs: number;
  readonly idleTimeoutMs: number;
  readonly longestCallMs: number;
  readonly graceMs: number;
}
