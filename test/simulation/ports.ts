/** A process's view of the services: the in-memory twins, behind the injector. */
import type { AssemblyPorts } from '../../functions/assemble/assembly-ports.ts';
import type { Calls } from '../../ports/calls/calls.ts';
import type { Checkpoints, Claim } from '../../ports/checkpoints/checkpoints.ts';
import type { Contacts } from '../../ports/contacts/contacts.ts';
import type { Events } from '../../ports/events/events.ts';
import { type Media, type MediaArchive, MediaError } from '../../ports/media/media.ts';
import type { PartedUpload, Recordings } from '../../ports/recordings/recordings.ts';
import type { Clock } from '../../ports/runtime/clock.ts';
import { silentTelemetry } from '../../ports/runtime/telemetry.ts';
import type { Segment, Tape } from '../../ports/tape/tape.ts';
import type { Recording } from '../../recording/identity.ts';
import type { RecorderPorts } from '../../task/recorder-ports.ts';
import type { SimulatedProcess } from './process.ts';
import type { Operation } from './scenario.ts';

/** What the services are, for all processes. */
export interface Services {
  readonly clock: Clock;
  readonly media: Media;
  readonly archive: MediaArchive;
  readonly tape: Tape;
  readonly checkpoints: Checkpoints;
  readonly calls: Calls;
  readonly contacts: Contacts;
  readonly recordings: Recordings;
  readonly events: Events;
}

export type AllPorts = RecorderPorts & AssemblyPorts;

/** Told of what takes effect, at that moment. */
export interface Observer {
  /** A checkpoint was written in this claim's name. */
  wrote(claim: Claim): void;
  /** Something is on a tape. */
  stored(segment: Segment, by: SimulatedProcess): void;
  /** A record was completed. */
  completed(recording: Recording, by: SimulatedProcess): void;
}

/** Every port call passes here. */
export interface PortCalls {
  call<T>(process: SimulatedProcess, operation: Operation, act: () => Promise<T>): Promise<T>;
}

export function portsOf(
  services: Services,
  injector: PortCalls,
  process: SimulatedProcess,
  observer: Observer,
): AllPorts {
  const through = <T>(operation: Operation, act: () => Promise<T>) => injector.call(process, operation, act);
  return {
    clock: clockOf(services.clock, process),
    telemetry: silentTelemetry,
    media: mediaOf(services, process, through),
    archive: archiveOf(services, process, through),
    tape: tapeOf(services, process, through, observer),
    checkpoints: checkpointsOf(services.checkpoints, process, through, observer),
    calls: callsOf(services.calls, through, (recording) => {
      observer.completed(recording, process);
    }),
    contacts: contactsOf(services.contacts, through),
    recordings: recordingsOf(services.recordings, through),
    events: {
      publish: (type, detail) => through('events.publish', () => services.events.publish(type, detail)),
    },
  };
}

type Through = <T>(operation: Operation, act: () => Promise<T>) => Promise<T>;

function clockOf(clock: Clock, process: SimulatedProcess): Clock {
  return {
    now: () => clock.now(),
    sleep: async (ms, signal) => {
      await clock.sleep(ms, signal);
      await process.hears();
    },
  };
}

function mediaOf(services: Services, process: SimulatedProcess, through: Through): Media {
  const { media } = services;
  return {
    open: async (start, signal) => {
      const connection = new AbortController();
      const close = () => {
        process.connections.removeEventListener('abort', close);
        connection.abort('closed');
      };
      signal.addEventListener('abort', close, { once: true });
      process.connections.addEventListener('abort', close, { once: true });
      const body = await through('media.open', () => media.open(start, connection.signal)).catch(
        (error: unknown) => {
          close();
          throw error;
        },
      );
      return bodyOf(body, 'media.read', services.clock, through, close);
    },
  };
}

function archiveOf(services: Services, process: SimulatedProcess, through: Through): MediaArchive {
  const { archive } = services;
  return {
    list: (fromMs, toMs) =>
      through('archive.list', () => {
        process.listedAtMs ??= services.clock.now();
        return archive.list(fromMs, toMs);
      }),
    fetch: async (numbers) => {
      const body = await through('archive.fetch', () => archive.fetch(numbers));
      return bodyOf(body, 'archive.read', services.clock, through, () => undefined);
    },
  };
}

/** The socket's time-out: a body that is silent for longer breaks off. */
const SILENT_BODY_MS = 30_000;

/** Chunk by chunk. After an error the connection is closed. */
function bodyOf(
  body: AsyncIterable<Uint8Array>,
  operation: Operation,
  clock: Clock,
  through: Through,
  close: () => void,
): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]: () => {
      const chunks = body[Symbol.asyncIterator]();
      return {
        next: async () => {
          try {
            return await through(operation, () => inTime(chunks.next(), clock));
          } catch (error) {
            close();
            throw error;
          }
        },
        return: async () => {
          close();
          return (await chunks.return?.()) ?? { done: true, value: undefined };
        },
      };
    },
  };
}

async function inTime<T>(answer: Promise<T>, clock: Clock): Promise<T> {
  const came = new AbortController();
  const silence = clock.sleep(SILENT_BODY_MS, came.signal).then(() => {
    throw new MediaError('unavailable', 'the body was silent for too long');
  });
  silence.catch(() => undefined);
  try {
    return await Promise.race([answer, silence]);
  } finally {
    came.abort('it came');
  }
}

function tapeOf(
  { tape, clock }: Services,
  process: SimulatedProcess,
  through: Through,
  observer: Observer,
): Tape {
  return {
    append: (recording, segment) =>
      through('tape.append', async () => {
        await tape.append(recording, segment);
        observer.stored(segment, process);
      }),
    list: (recording, from) => ({
      [Symbol.asyncIterator]: () => {
        process.tapeReadAtMs ??= clock.now();
        const objects = tape.list(recording, from)[Symbol.asyncIterator]();
        return { next: () => through('tape.list', () => objects.next()) };
      },
    }),
    read: (key) => through('tape.read', () => tape.read(key)),
    remove: (key) => tape.remove(key),
  };
}

function checkpointsOf(
  checkpoints: Checkpoints,
  process: SimulatedProcess,
  through: Through,
  observer: Observer,
): Checkpoints {
  const write = (operation: Operation, claim: Claim, act: () => Promise<void>) =>
    through(operation, async () => {
      await act();
      observer.wrote(claim);
    });
  return {
    claim: (id, owner) =>
      through('checkpoints.claim', async () => {
        const result = await checkpoints.claim(id, owner);
        if (result.claimed) process.attempt = result.claim.attempt;
        return result;
      }),
    advance: (claim, progress) =>
      write('checkpoints.advance', claim, () => checkpoints.advance(claim, progress)),
    end: (claim, progress, ended) =>
      write('checkpoints.end', claim, () => checkpoints.end(claim, progress, ended)),
    read: (id) => through('checkpoints.read', () => checkpoints.read(id)),
    fence: (id, owner, ended) => through('checkpoints.fence', () => checkpoints.fence(id, owner, ended)),
    handOver: (id, from, to) => checkpoints.handOver(id, from, to),
    erase: (id, expiresAtMs) => checkpoints.erase(id, expiresAtMs),
  };
}

function callsOf(calls: Calls, through: Through, completed: (recording: Recording) => void): Calls {
  return {
    create: (...args) => calls.create(...args),
    get: (recording) => through('calls.get', () => calls.get(recording)),
    ofContact: (contactId) => through('calls.ofContact', () => calls.ofContact(contactId)),
    startFailed: (...args) => calls.startFailed(...args),
    startAgain: (...args) => calls.startAgain(...args),
    streamingStopped: (recording, stop) => calls.streamingStopped(recording, stop),
    learn: (recording, facts, time) => calls.learn(recording, facts, time),
    assembling: (recording, arn, sinceMs, facts) =>
      through('calls.assembling', () => calls.assembling(recording, arn, sinceMs, facts)),
    confirm: (claim) => through('calls.confirm', () => calls.confirm(claim)),
    complete: (claim, completion, facts) =>
      through('calls.complete', async () => {
        const record = await calls.complete(claim, completion, facts);
        completed(claim.recording);
        return record;
      }),
  };
}

/** It never rejects. */
function contactsOf(contacts: Contacts, through: Through): Contacts {
  return {
    describe: (contactId) =>
      through('contacts.describe', () => contacts.describe(contactId)).catch((error: unknown) => {
        return { known: false, why: String(error) };
      }),
  };
}

function recordingsOf(recordings: Recordings, through: Through): Recordings {
  const parted = (upload: PartedUpload): PartedUpload => ({
    part: (number, bytes) => through('recordings.part', () => upload.part(number, bytes)),
    complete: (over) => through('recordings.complete', () => upload.complete(over)),
    abort: () => through('recordings.abort', () => upload.abort()),
  });
  return {
    bucket: recordings.bucket,
    remove: (key) => recordings.remove(key),
    standing: (key) => through('recordings.standing', () => recordings.standing(key)),
    read: (key, bytesMax) => through('recordings.standing', () => recordings.read(key, bytesMax)),
    put: (key, bytes, type, over) => through('recordings.put', () => recordings.put(key, bytes, type, over)),
    begin: async (key, type) => parted(await through('recordings.begin', () => recordings.begin(key, type))),
  };
}
