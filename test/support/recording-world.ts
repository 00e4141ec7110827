/** One recording's world in memory, on simulated time: a stream, the tables, the tape, and whoever calls. */
import type { AssembleInput } from '../../contract/workflow.ts';
import { assembleRecording } from '../../functions/assemble/assemble.ts';
import type { AssemblyPorts } from '../../functions/assemble/assembly-ports.ts';
import { type ArchivePlan, MemoryArchive } from '../../ports/archive/memory-archive.ts';
import { MemoryCalls } from '../../ports/calls/memory-calls.ts';
import { MemoryCheckpoints } from '../../ports/checkpoints/memory-checkpoints.ts';
import { MemoryContacts } from '../../ports/contacts/memory-contacts.ts';
import { MemoryEvents } from '../../ports/events/memory-events.ts';
import type { StartSelector } from '../../ports/media/media.ts';
import { MemoryMedia, type OpenPlan } from '../../ports/media/memory-media.ts';
import { MemoryStream, type MemoryStreamOptions } from '../../ports/media/memory-stream.ts';
import { MemoryRecordings } from '../../ports/recordings/memory-recordings.ts';
import { silentTelemetry } from '../../ports/runtime/telemetry.ts';
import { MemoryTape } from '../../ports/tape/memory-tape.ts';
import { recordKey, utcDay, wavKey } from '../../recording/audio/files/keys.ts';
import type { FileFormat } from '../../recording/audio/format/format.ts';
import type { NewCall } from '../../recording/call-record.ts';
import { type Recording, recordingId } from '../../recording/identity.ts';
import { type Outcome, record } from '../../task/record.ts';
import type { RecorderPorts, RecorderSettings } from '../../task/recorder-ports.ts';
import { EXECUTION_ARN, INSTANCE_ARN, RECORDING, STREAM_ARN } from './call.ts';
import { documentOf, ramp, T0, type TestDocument } from './documents.ts';
import { seeded } from './random.ts';
import { SimulatedClock } from './simulated-clock.ts';

/** A fragment holds this much of both directions. */
const FRAGMENT_MS = 1_000;
const SAMPLES = 8_000;
const FORTY_MINUTES_MS = 2_400_000;

export interface RecordingWorldOptions extends Omit<MemoryStreamOptions, 'clock'> {
  readonly recording?: Recording;
  readonly sessions?: (session: number, start: StartSelector) => OpenPlan;
  readonly archive?: ArchivePlan;
  readonly settings?: Partial<RecorderSettings>;
}

export class RecordingWorld {
  readonly recording: Recording;
  readonly clock = new SimulatedClock(T0, seeded(1));
  readonly stream: MemoryStream;
  readonly media: MemoryMedia;
  readonly archive: MemoryArchive;
  readonly tape = new MemoryTape();
  readonly checkpoints = new MemoryCheckpoints(this.clock);
  readonly calls = new MemoryCalls();
  readonly contacts = new MemoryContacts();
  readonly recordings = new MemoryRecordings();
  readonly events = new MemoryEvents();
  readonly settings: RecorderSettings;

  constructor({ recording = RECORDING, sessions, archive, settings, ...stream }: RecordingWorldOptions = {}) {
    this.recording = recording;
    this.stream = new MemoryStream({ ...stream, clock: this.clock });
    this.media = new MemoryMedia(this.stream, sessions);
    this.archive = new MemoryArchive(this.stream, archive);
    this.settings = {
      recording,
      streamArn: STREAM_ARN,
      startedAtMs: T0,
      executionArn: EXECUTION_ARN,
      segmentMs: 10_000,
      idleTimeoutMs: 600_000,
      longestCallMs: 3_600_000,
      graceMs: 5_000,
      ...settings,
    };
  }

  get ports(): RecorderPorts {
    const { media, archive, tape, checkpoints, calls, contacts, clock } = this;
    return { media, archive, tape, checkpoints, calls, contacts, clock, telemetry: silentTelemetry };
  }

  get checkpoint() {
    return this.checkpoints.read(recordingId(this.recording));
  }

  /** The nth fragment from the recording's start: a second of both directions that tells which second it is. */
  number(index: number): bigint {
    return this.recording.startFragmentNumber + BigInt(index) * 1_000n;
  }

  document(index: number, options: TestDocument = {}): Uint8Array {
    const atMs = T0 + index * FRAGMENT_MS;
    const blocks = ([0, 1] as const).map((channel) => ({
      channel,
      atMs,
      pcm: ramp(SAMPLES, index * SAMPLES + channel),
    }));
    return documentOf({
      number: this.number(index),
      blocks,
      contactId: this.recording.contactId,
      ...options,
    });
  }

  /** Puts a fragment into the stream, to come when it ends. */
  say(index: number, options: TestDocument = {}): void {
    const serverTimestampMs = T0 + index * FRAGMENT_MS;
    this.stream.put(
      {
        number: options.number ?? this.number(index),
        serverTimestampMs,
        producerTimestampMs: serverTimestampMs,
        document: this.document(index, options),
      },
      Math.max(this.clock.now(), serverTimestampMs + FRAGMENT_MS),
    );
  }

  talk(from: number, to: number, options: TestDocument = {}): void {
    for (let index = from; index < to; index += 1) this.say(index, options);
  }

  get newCall(): NewCall {
    const startedAt = new Date(this.settings.startedAtMs);
    return {
      contactId: this.recording.contactId,
      startFragmentNumber: this.recording.startFragmentNumber.toString(),
      recordingId: recordingId(this.recording),
      status: 'RECORDING',
      executionArn: EXECUTION_ARN,
      streamArn: STREAM_ARN,
      instanceArn: INSTANCE_ARN,
      startedAt: startedAt.toISOString(),
      day: utcDay(startedAt),
    };
  }

  /** The caller hangs up at this second of the call, and a contact event says so. */
  async hangUpAt(second: number): Promise<void> {
    await this.calls.create(this.newCall);
    const at = new Date(T0 + second * 1_000).toISOString();
    void this.clock.sleep(T0 + second * 1_000 - this.clock.now()).then(async () => {
      await this.calls.learn(this.recording, { disconnectedAt: at }, at);
    });
  }

  /** Lets time pass until it is done. @throws when it isn't within simulated forty minutes, or rejects. */
  async finish<T>(work: Promise<T>, withinMs = FORTY_MINUTES_MS): Promise<T> {
    let over = false;
    const settled = work.finally(() => (over = true));
    settled.catch(() => undefined);
    const inTime = await this.clock.run(() => over, this.clock.now() + withinMs);
    if (!inTime) throw new Error(`not done after ${withinMs} ms of simulated time`);
    return settled;
  }

  record(
    options: { readonly signal?: AbortSignal; readonly settings?: Partial<RecorderSettings> } = {},
  ): Promise<Outcome> {
    const settings = { ...this.settings, ...options.settings };
    return this.finish(record(this.ports, settings, options.signal ?? new AbortController().signal));
  }

  get assembleInput(): AssembleInput {
    const {
      recordingId: id,
      contactId,
      startFragmentNumber,
      streamArn,
      startedAt,
      instanceArn,
    } = this.newCall;
    return {
      recordingId: id,
      contactId,
      startFragmentNumber,
      streamArn,
      startedAt,
      instanceArn,
      executionArn: EXECUTION_ARN,
    };
  }

  /** @param formats beside the WAV */
  async assemble(executionArn = EXECUTION_ARN, formats: readonly FileFormat[] = []) {
    const result = await this.finish(
      assembleRecording(this.assemblyPorts, { ...this.assembleInput, executionArn }, formats),
    );
    const call = await this.calls.get(this.recording);
    return { result, call, wav: this.wav, json: this.json };
  }

  get assemblyPorts(): AssemblyPorts {
    return { ...this.ports, recordings: this.recordings, events: this.events };
  }

  get wav(): Buffer | undefined {
    const bytes = this.recordings.get(wavKey(this.recording, new Date(T0)));
    return bytes && Buffer.from(bytes);
  }

  get json(): unknown {
    const bytes = this.recordings.get(recordKey(this.recording, new Date(T0)));
    const json: unknown = bytes && JSON.parse(Buffer.from(bytes).toString());
    return json;
  }
}

/** Interleaved samples of these seconds of {@link RecordingWorld.talk}. */
export function spoken(...indices: readonly number[]): Buffer {
  return Buffer.concat(
    indices.map((index) => {
      const [left, right] = ([0, 1] as const).map((channel) =>
        Buffer.from(ramp(SAMPLES, index * SAMPLES + channel)),
      );
      const frames = Buffer.alloc(SAMPLES * 4);
      for (let frame = 0; frame < SAMPLES; frame += 1) {
        left?.copy(frames, frame * 4, frame * 2, frame * 2 + 2);
        right?.copy(frames, frame * 4 + 2, frame * 2, frame * 2 + 2);
      }
      return frames;
    }),
  );
}

export function silence(seconds: number): Buffer {
  return Buffer.alloc(seconds * SAMPLES * 4);
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
