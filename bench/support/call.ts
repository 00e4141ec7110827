/** Calls to measure with, as long as one likes: Connect's layout, samples without a pattern, the same on every run. */
import { callOf, type LocalCall } from '../../local/run/call.ts';
import { produceCall } from '../../local/standins/kinesis-video/producer.ts';
import type { StoredFragment } from '../../local/standins/kinesis-video/stream.ts';

export const CONTACT_ID = '5b8d4f0a-31c7-4a3e-9a63-8f5c7d21e0ab';
const SAMPLE_RATE = 8_000;
const STARTED_AT_MS = Date.UTC(2026, 2, 14, 9, 26, 53, 589);
/** Produced at a time, so that the samples of a day needn't be in memory. */
const PIECE_SECONDS = 3_600;

/** Random numbers that are quick, and no more than that. */
function noise(length: number, seed: number): Int16Array {
  const samples = new Int16Array(length);
  let state = seed | 1;
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    samples[index] = state >> 16;
  }
  return samples;
}

export interface FragmentOptions {
  /** When the first sample was spoken, epoch ms. Default: a day long gone. */
  readonly startedAtMs?: number;
  readonly contactId?: string;
  /** Both sides’ samples. Default: without a pattern. */
  readonly channels?: readonly Int16Array[] | undefined;
  /** The first fragment's place in the stream's numbering. Default: `startedAtMs`. */
  readonly firstSequence?: number;
}

/** @param seconds a multiple of 0.064 ends with a whole block */
export function fragmentsOf(seconds: number, options: FragmentOptions = {}): StoredFragment[] {
  const { startedAtMs = STARTED_AT_MS, contactId = CONTACT_ID, firstSequence = startedAtMs } = options;
  const fragments: StoredFragment[] = [];
  for (let fromSeconds = 0; fromSeconds < seconds; fromSeconds += PIECE_SECONDS) {
    const length = Math.min(PIECE_SECONDS, seconds - fromSeconds) * SAMPLE_RATE;
    const piece = produceCall({
      channels: options.channels ?? [noise(length, fromSeconds + 1), noise(length, fromSeconds + 2)],
      sampleRate: SAMPLE_RATE,
      contactId,
      startedAtMs: startedAtMs + fromSeconds * 1000,
      firstSequence: firstSequence + fragments.length,
    });
    for (const fragment of piece) fragments.push(fragment);
  }
  return fragments;
}

export function callOfSeconds(seconds: number, options: FragmentOptions = {}): LocalCall {
  return callOf(options.contactId ?? CONTACT_ID, [], fragmentsOf(seconds, options), []);
}

export function bytesOf(fragments: readonly StoredFragment[]): number {
  return fragments.reduce((bytes, { document }) => bytes + document.length, 0);
}
