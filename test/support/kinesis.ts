/** Calls and streams, for tests of whatever reads them. */
import { type CallOptions, produceCall } from '../../local/standins/kinesis-video/producer.ts';
import type { StoredFragment } from '../../local/standins/kinesis-video/stream.ts';
import type { KinesisOptions } from '../../ports/media/kinesis-client.ts';
import { CONTACT_ID, STREAM_ARN } from './call.ts';
import { seeded } from './random.ts';
import { CREDENTIALS, REGION } from './standins.ts';

export const STARTED_AT_MS = Date.parse('2026-03-14T09:26:53.589Z');
export const STREAM_NAME = 'acme-connect-acme-contact-7d3';

/** Noise, so that no two blocks are alike. */
export function noise(frames: number, seed = 1): Int16Array {
  const random = seeded(seed);
  return Int16Array.from({ length: frames }, () => random.integer(-32_768, 32_767));
}

/** A call of two channels of noise. */
export function call(seconds: number, options: Partial<CallOptions> = {}): StoredFragment[] {
  const frames = Math.round(8000 * seconds);
  return produceCall({
    channels: [noise(frames, 1), noise(frames, 2)],
    sampleRate: 8000,
    contactId: CONTACT_ID,
    startedAtMs: STARTED_AT_MS,
    ...options,
  });
}

/** Fragments of a second each, with documents too small to be any: for what doesn't look into them. */
export function tinyFragments(count: number, atMs = STARTED_AT_MS): StoredFragment[] {
  return Array.from({ length: count }, (_, index) => ({
    number: 10n ** 46n + (BigInt(index) << 70n) + BigInt((index * 7919) % 1009),
    serverTimestampMs: atMs + index * 1000,
    producerTimestampMs: atMs + 500 + index * 1000,
    document: Uint8Array.of(index & 0xff),
  }));
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

export function documentsOf(fragments: readonly StoredFragment[]): Uint8Array {
  return join(fragments.map(({ document }) => document));
}

/** Says where two byte strings part, or undefined: `toEqual` takes seconds on bodies of this size. */
export function difference(actual: Uint8Array, expected: Uint8Array): string | undefined {
  if (Buffer.compare(actual, expected) === 0) return undefined;
  const at = actual.findIndex((byte, index) => byte !== expected[index]);
  return `${actual.length} bytes for ${expected.length}, first difference at ${at < 0 ? actual.length : at}`;
}

export function kinesisOptions(url: string, options: Partial<KinesisOptions> = {}): KinesisOptions {
  return {
    streamArn: STREAM_ARN,
    connectionTimeoutMs: 2_000,
    socketTimeoutMs: 5_000,
    client: { region: REGION, credentials: CREDENTIALS, endpoint: url },
    ...options,
  };
}
