/**
 * Calls for the timeline's tests: both tracks speak without a pause, in blocks of 64 ms and fragments of 16 of them, as
 * Connect cuts them, and every sample tells where it belongs. A test alters what it is about.
 */
import type { OwnFragment } from '../../../recording/ownership.ts';
import { type LaidOut, layOut } from '../../support/audio.ts';
import { START_FRAGMENT_NUMBER } from '../../support/call.ts';
import { fragmentOf, T0, type TestBlock, type TestDocument } from '../../support/documents.ts';

export const BLOCK_MS = 64;
export const BLOCKS = 16;
export const FRAGMENT_MS = BLOCK_MS * BLOCKS;
const SAMPLES_PER_MS = 8;

/** A fragment before it is written: what may be altered of it. */
export interface Plan {
  blocks: TestBlock[];
  clusterMs: number;
  serverMs: number | undefined;
  mimeType?: string;
}

/** Samples after which a track says the same again. */
const PERIOD = 32_000;
const PERIODS = 8;
/** Never 0, and unlike the other track's; several periods, so that a block lies in one piece. */
const SAID = ([0, 1] as const).map((channel) =>
  Int16Array.from({ length: PERIODS * PERIOD }, (_, sample) => {
    const value = 1 + ((sample * 7 + channel * 13) % PERIOD);
    return channel === 0 ? value : -value;
  }),
);

/** The samples of one track from a time on: half a minute at most. */
export function speech(channel: 0 | 1, fromMs: number, lengthMs: number): Uint8Array {
  const from = (fromMs * SAMPLES_PER_MS) % PERIOD;
  const samples = SAID[channel]?.slice(from, from + lengthMs * SAMPLES_PER_MS);
  if (samples?.length !== lengthMs * SAMPLES_PER_MS)
    throw new Error('so long, or so early, is no speech here');
  return new Uint8Array(samples.buffer);
}

/** A call of so many fragments. @param fromMs when the call is taken to have begun, from T0 */
export function plansOf(fragments: number): Plan[] {
  return Array.from({ length: fragments }, (_, index) => {
    const clusterMs = T0 + index * FRAGMENT_MS;
    const blocks = Array.from({ length: BLOCKS }, (_, at) => at * BLOCK_MS).flatMap((atMs) =>
      ([0, 1] as const).map((channel) => blockAt(channel, index * FRAGMENT_MS + atMs)),
    );
    return { blocks, clusterMs, serverMs: clusterMs + 150 };
  });
}

/** The block of a track that belongs at a time of the call. */
export function blockAt(channel: 0 | 1, callMs: number): TestBlock {
  return { channel, atMs: T0 + callMs, pcm: speech(channel, callMs, BLOCK_MS) };
}

export function fragmentsOf(plans: readonly Plan[]): OwnFragment[] {
  return plans.map(({ serverMs, ...plan }, index) => {
    const document: TestDocument = { number: START_FRAGMENT_NUMBER + BigInt(index), serverMs, ...plan };
    return fragmentOf(document);
  });
}

/** The same without documents, to write and to read which takes far longer than what a test of the timeline is about. */
export function asRead(plans: readonly Plan[]): OwnFragment[] {
  return plans.map(({ blocks, clusterMs, serverMs, mimeType }, index) => ({
    ...blankOf(mimeType),
    number: START_FRAGMENT_NUMBER + BigInt(index),
    clusterMs,
    serverTimestampMs: serverMs,
    blocks: blocks.map(({ channel, atMs, pcm }) => ({ trackNumber: channel + 1, timeMs: atMs, audio: pcm })),
  }));
}

const BLANKS = new Map<string | undefined, OwnFragment>();

/** What fragments of a call have in common. */
function blankOf(mimeType: string | undefined): OwnFragment {
  const blank = BLANKS.get(mimeType) ?? fragmentOf({ mimeType });
  BLANKS.set(mimeType, blank);
  return blank;
}

export function layOutPlans(plans: readonly Plan[]): LaidOut {
  return layOut(asRead(plans));
}

/** What all of the call's tracks are, if nothing is amiss. */
export function wholeCall(fragments: number): Buffer {
  return layOutPlans(plansOf(fragments)).audio;
}

/** The samples of a channel that are no silence, in order. */
export function received(audio: Buffer, channel: 0 | 1): Int16Array {
  const samples = new Int16Array(new Uint8Array(audio).buffer);
  return samples.filter((sample, at) => at % 2 === channel && sample !== 0);
}

/** Takes a track's blocks out of fragments `from` up to `to`, and puts them into fragment `to`, with their own times. */
export function stall(plans: Plan[], channel: 0 | 1, from: number, to: number): void {
  const late = plans.slice(from, to).flatMap((plan) => {
    const own = plan.blocks.filter((block) => block.channel === channel);
    plan.blocks = plan.blocks.filter((block) => block.channel !== channel);
    return own;
  });
  const into = plans[to];
  if (into !== undefined) into.blocks = [...late, ...into.blocks];
}

/** Alters one block. @param at its place among its track's in the fragment */
export function alter(
  plans: readonly Plan[],
  fragment: number,
  channel: 0 | 1,
  at: number,
  change: (block: TestBlock) => TestBlock,
): void {
  const plan = plans[fragment];
  if (plan === undefined) return;
  let seen = -1;
  plan.blocks = plan.blocks.map((block) => {
    if (block.channel !== channel) return block;
    seen += 1;
    return seen === at ? change(block) : block;
  });
}

export function shift(ms: number): (block: TestBlock) => TestBlock {
  return (block) => ({ ...block, atMs: block.atMs + ms });
}
