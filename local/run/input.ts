/** FILE, as a call: a GetMedia dump or a WAV, told apart by what is in it. */
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { isContactId } from '../../recording/identity.ts';
import { DumpError, readDump } from '../standins/kinesis-video/dump.ts';
import { produceCall } from '../standins/kinesis-video/producer.ts';
import { callInDump, callOf, InputError, type LocalCall } from './call.ts';
import { readWav, type WavAudio, WavError } from './wav-input.ts';

export interface InputOptions {
  readonly file: string;
  /** The contact to record in a dump; what a WAV's contact is to be called. */
  readonly contactId?: string;
  /** Multiple of live; a WAV's clock is set so that no fragment is of the future when it comes. */
  readonly pace?: number;
}

const EBML = '1a45dfa3';
const WAV_CONTAINERS = ['RIFF', 'RIFX', 'RF64'];

/** @throws InputError */
export async function loadCall({ file, contactId, pace }: InputOptions): Promise<LocalCall> {
  if (contactId !== undefined && !isContactId(contactId)) {
    throw new InputError(
      '--contact must be 1 to 36 letters, digits and hyphens, as Amazon Connect’s ids are',
    );
  }
  try {
    const head = await firstBytes(file);
    if (head.length === 0) throw new InputError(`${file} is empty`);
    if (head.toString('hex') === EBML) {
      return callInDump(await readDump(createReadStream(file, { highWaterMark: CHUNK_BYTES })), contactId);
    }
    if (WAV_CONTAINERS.includes(head.toString('latin1'))) {
      return callOfWav(readWav(await readFile(file)), contactId ?? randomUUID(), pace);
    }
  } catch (error) {
    throw inputError(file, error);
  }
  throw new InputError(`${file} is neither a GetMedia dump (Matroska) nor a WAV`);
}

const CHUNK_BYTES = 1024 * 1024;

async function firstBytes(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Unpaced, it is a call that has just ended; paced, one that ends when its last fragment comes. */
function callOfWav({ channels, sampleRate }: WavAudio, contactId: string, pace = Infinity): LocalCall {
  const durationMs = ((channels[0]?.length ?? 0) * 1000) / sampleRate;
  const behindMs = Math.max(0, durationMs - durationMs / pace);
  const startedAtMs = Date.now() - Math.ceil(behindMs) - SERVER_LATENCY_MS;
  return callOf(contactId, [], produceCall({ channels, sampleRate, contactId, startedAtMs }), []);
}

/** The service stamps a fragment a little after it was spoken. */
const SERVER_LATENCY_MS = 1_000;

function inputError(file: string, error: unknown): unknown {
  if (error instanceof DumpError || error instanceof WavError)
    return new InputError(`${file}: ${error.message}`);
  if (!(error instanceof Error) || !('code' in error)) return error;
  const reasons: Record<string, string> = {
    ENOENT: 'there is no such file',
    EISDIR: 'that is a folder',
    EACCES: 'it may not be read',
  };
  const reason = reasons[String(error.code)];
  return reason === undefined ? error : new InputError(`${file} can't be read: ${reason}`);
}
