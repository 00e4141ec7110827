import { type BlockSpan, cutBlocks, type FrameSpan, groupIntoFragments } from './blocks.ts';
import { connectDocument, DEFAULT_LAYOUT, type Layout } from './connect-document.ts';
import { seededRandom } from './random.ts';
import type { StoredFragment } from './stream.ts';

/** Audio of one channel that is not sent: there are no blocks for it. From the start of the call. */
export interface GapSpan {
  /** 0: customer, 1: agent. */
  readonly channel: number;
  readonly startMs: number;
  readonly lengthMs: number;
}

export interface CallOptions {
  /** One channel (the customer's), or two (the customer's, the agent's). */
  readonly channels: readonly Int16Array[];
  /** 1,000 Hz or more. */
  readonly sampleRate: number;
  readonly contactId: string;
  readonly instanceId?: string;
  /** When the first sample was spoken: epoch ms by the server's clock. */
  readonly startedAtMs: number;
  readonly layout?: Partial<Layout>;
  /** How far the producer's clock is ahead of the server's. */
  readonly clockSkewMs?: number;
  readonly gaps?: readonly GapSpan[];
  /** The agent's track has no blocks before. */
  readonly agentJoinsAtMs?: number;
  /** Some blocks are of odd size. */
  readonly oddBlocks?: boolean;
  /** The last fragment lacks its trailing tags. */
  readonly lastTagless?: boolean;
  /** The last fragment lacks its ContactId. */
  readonly lastContactless?: boolean;
  /** What the trailing tags say of the lag. */
  readonly millisBehindNow?: number;
  /** The first fragment's place in the stream's numbering; a later call's must be higher. Default: `startedAtMs`. */
  readonly firstSequence?: number;
  readonly seed?: number;
}

const INSTANCE_ID = '11111111-2222-4333-8444-555555555555';
/** How long after it was spoken the service stamps a fragment: between the two. */
const LATENCY_MS = [120, 220] as const;

/**
 * The fragments that Connect would write for a call. The blocks of a track, joined, are its samples without the
 * gaps, each once.
 * @throws RangeError when there are not one or two channels, or the sample rate is below 1,000 Hz.
 */
export function produceCall(options: CallOptions): StoredFragment[] {
  const { channels, sampleRate } = options;
  if (channels.length < 1 || channels.length > 2) throw new RangeError('a call has one channel or two');
  if (!(sampleRate >= 1000)) throw new RangeError('the sample rate must be 1,000 Hz or more');
  const random = seededRandom(options.seed ?? 1);
  const segmentUid = Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256));
  const odd = options.oddBlocks === true ? random : undefined;
  const blocks = channels.flatMap((samples, channel) =>
    cutBlocks(channel, samples.length, gapsOf(options, channel), odd),
  );
  const groups = groupIntoFragments(blocks, random);
  const layout = { ...DEFAULT_LAYOUT, ...options.layout };
  return groups.map((group, index) => {
    const isLast = index === groups.length - 1;
    return produceFragment(options, layout, { group, index, isLast, segmentUid, random });
  });
}

interface Placed {
  readonly group: readonly BlockSpan[];
  readonly index: number;
  readonly isLast: boolean;
  readonly segmentUid: Uint8Array;
  readonly random: () => number;
}

function produceFragment(options: CallOptions, layout: Layout, placed: Placed): StoredFragment {
  const { group, index, isLast, segmentUid, random } = placed;
  const producerStartMs = options.startedAtMs + (options.clockSkewMs ?? 0);
  const offsetMs = (frame: number) => Math.round((frame * 1000) / options.sampleRate);
  const firstMs = offsetMs(group[0]?.startFrame ?? 0);
  const latencyMs = LATENCY_MS[0] + Math.floor(random() * (LATENCY_MS[1] - LATENCY_MS[0]));
  const serverTimestampMs = options.startedAtMs + firstMs + latencyMs;
  const producerTimestampMs = producerStartMs + firstMs;
  const sequence = (options.firstSequence ?? options.startedAtMs) + index;
  const number = fragmentNumber(sequence, serverTimestampMs, random);
  const document = connectDocument(
    {
      segmentUid,
      channels: options.channels.length,
      contactId: isLast && options.lastContactless === true ? undefined : options.contactId,
      instanceId: options.instanceId ?? INSTANCE_ID,
      mimeType: `audio/L16;rate=${options.sampleRate.toString()};channels=1;`,
      number,
      serverTimestampMs,
      producerTimestampMs,
      blocks: group.map((block) => ({
        channel: block.channel,
        timeMs: producerStartMs + offsetMs(block.startFrame),
        pcm: pcmOf(options.channels[block.channel], block),
      })),
      millisBehindNow: isLast && options.lastTagless === true ? undefined : (options.millisBehindNow ?? 0),
    },
    layout,
  );
  return { number, serverTimestampMs, producerTimestampMs, document };
}

/** 47 digits, laid out as the numbers of real streams are: a sequence, the server's time, 28 random bits. */
export function fragmentNumber(sequence: number, serverTimestampMs: number, random: () => number): bigint {
  const noise = BigInt(Math.floor(random() * 2 ** 28));
  return (1n << 156n) + (BigInt(sequence) << 92n) + (BigInt(serverTimestampMs) << 28n) + noise;
}

function gapsOf(options: CallOptions, channel: number): FrameSpan[] {
  const { gaps = [], agentJoinsAtMs = 0, sampleRate } = options;
  const own = gaps.filter((gap) => gap.channel === channel);
  if (channel === 1 && agentJoinsAtMs > 0) own.push({ channel, startMs: 0, lengthMs: agentJoinsAtMs });
  const frame = (ms: number) => Math.round((ms * sampleRate) / 1000);
  return own.map(({ startMs, lengthMs }) => ({
    startFrame: frame(startMs),
    endFrame: frame(startMs + lengthMs),
  }));
}

/** Little-endian, which every machine that runs Node.js is. */
function pcmOf(samples: Int16Array | undefined, { startFrame, frames }: BlockSpan): Uint8Array {
  if (!samples) return new Uint8Array(0);
  return new Uint8Array(samples.buffer, samples.byteOffset + 2 * startFrame, 2 * frames);
}
