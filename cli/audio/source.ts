/** A call's audio, wherever it is: the finished recording, or what is on the tape of one that isn't (yet). */
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderObjects } from '../../ports/objects/folder-objects.ts';
import { readTape } from '../../ports/tape/read-tape.ts';
import { assembleAudio } from '../../recording/audio/assembly.ts';
import { BYTES_PER_FRAME } from '../../recording/audio/stereo-window.ts';
import { Timeline, type TimelineFacts } from '../../recording/audio/timeline.ts';
import { type CallRecord, isFinal } from '../../recording/call-record.ts';
import { parseRecordingId, type Recording } from '../../recording/identity.ts';
import { rangeAmong, type RecordingRange } from '../../recording/range.ts';
import { TapeMerge } from '../../recording/tape/merge.ts';
import type { Access } from '../access/access.ts';
import { PRIVATE_FILE } from '../files/whole-file.ts';

export interface AudioSource {
  readonly sampleRate: number;
  readonly frames: number;
  /** The hash of all samples, in hex; undefined where nobody has said what it must be. */
  readonly sha256?: string;
  /** Interleaved S16LE stereo, from one frame up to another; chunks may end anywhere. */
  read(fromFrame: number, toFrame: number): AsyncIterable<Uint8Array>;
  /** What it needed on this machine is deleted. */
  close(): Promise<void>;
}

/** The finished recording; undefined where the call has none, or is still under way. */
export function storedAudio(access: Access, call: CallRecord): AudioSource | undefined {
  const { audio } = call;
  if (audio === undefined || !isFinal(call.status)) return undefined;
  const { key, frames, sampleRate, sha256 } = audio;
  const headerBytes = audio.bytes - frames * BYTES_PER_FRAME;
  const objects = access.objectsOf(call);
  return {
    sampleRate,
    frames,
    sha256,
    read: (from, to) =>
      objects.read(key, {
        from: headerBytes + from * BYTES_PER_FRAME,
        to: headerBytes + to * BYTES_PER_FRAME,
      }),
    close: () => Promise.resolve(),
  };
}

export interface TapeAudio extends AudioSource {
  readonly facts: TimelineFacts;
}

/**
 * What is durable now, assembled here, in a temporary file: only at its end is the length known.
 * @throws what keeps the tape from being read
 */
export async function tapeAudio(access: Access, call: CallRecord): Promise<TapeAudio> {
  const recording = parseRecordingId(call.recordingId);
  const merge = new TapeMerge(recording, await recordingRangeOf(access, recording));
  const timeline = new Timeline();
  const dir = await mkdtemp(join(tmpdir(), 'callspool-'));
  const close = () => rm(dir, { recursive: true, force: true });
  try {
    const file = await open(join(dir, PCM), 'w', PRIVATE_FILE);
    try {
      const objects = readTape(access.tapeOf(call), recording);
      for await (const chunk of assembleAudio(objects, merge, timeline)) await file.writeFile(chunk);
    } finally {
      await file.close();
    }
  } catch (error) {
    await close();
    throw error;
  }
  const facts = timeline.facts();
  const { sampleRate, frames } = facts;
  const pcm = new FolderObjects(dir);
  return {
    sampleRate,
    frames,
    facts: { ...facts, losses: [...merge.losses(), ...facts.losses] },
    read: (from, to) => pcm.read(PCM, { from: from * BYTES_PER_FRAME, to: to * BYTES_PER_FRAME }),
    close,
  };
}

const PCM = 'call.pcm';

/** Tells which fragments are the recording's, by the contact's records. */
export async function recordingRangeOf(access: Access, recording: Recording): Promise<RecordingRange> {
  const calls = await access.calls.ofContact(recording.contactId);
  return rangeAmong(calls, recording);
}
