/** The stream of a scenario: Connect's fragments, byte by byte, and what is true of each. */
import { connectDocument, type Layout } from '../../local/standins/kinesis-video/connect-document.ts';
import { fragmentNumber } from '../../local/standins/kinesis-video/producer.ts';
import { TAG } from '../../matroska/tags.ts';
import { archivedDocument } from '../../ports/media/memory-documents.ts';
import type { StoredFragment } from '../../ports/media/memory-stream.ts';
import type { Recording } from '../../recording/identity.ts';
import { type Random, seeded } from '../support/random.ts';
import type { CallPlan, FragmentPlan, Part } from './scenario.ts';

/** When the start fragment begins, by the server's clock. */
export const START_MS = 1_700_000_000_000;

/** No stream forgets within five minutes, whatever its retention (Developer Guide, "Quotas"). */
export const KEPT_AT_LEAST_MS = 300_000;

export const CONTACTS: Readonly<Record<Part, string>> = {
  earlier: 'aaaaaaaa-0000-4000-8000-000000000001',
  ours: 'bbbbbbbb-0000-4000-8000-000000000002',
  next: 'bbbbbbbb-0000-4000-8000-000000000002',
  later: 'cccccccc-0000-4000-8000-000000000003',
  stray: 'dddddddd-0000-4000-8000-000000000004',
};
const INSTANCE_ID = '1f0a9a52-6b1e-4c5c-bf34-0d6a3c6f1d11';
const UID_BYTE: Readonly<Record<Part, number>> = { earlier: 1, ours: 2, next: 3, later: 4, stray: 5 };
const OTHER_UID_BYTE = 6;

/** How a fragment is spelt: by GetMedia, or by GetMediaForFragmentList. */
export const LIVE = 0;
const ARCHIVED = 1;
export const FORMS = [LIVE, ARCHIVED] as const;
export type Form = (typeof FORMS)[number];

export interface TrueBlock {
  readonly channel: 0 | 1;
  readonly timeMs: number;
  readonly pcm: Uint8Array;
  /** The block's end in the live document, or in the archived one. */
  readonly endsAt: (form: Form) => number;
}

export interface TrueFragment {
  readonly plan: FragmentPlan;
  readonly number: bigint;
  readonly serverMs: number;
  /** When it begins, by the producer's clock. */
  readonly clusterMs: number;
  /** From when on it can be read. */
  readonly availableAtMs: number;
  readonly blocks: readonly TrueBlock[];
  /** The document that GetMedia delivers, or GetMediaForFragmentList. */
  readonly document: (form: Form) => Uint8Array;
  /** The place of the {@link BEHIND_DIGITS} digits that tell how far the live document is behind; each session fills them in. */
  readonly behindAt: () => number | undefined;
}

export const BEHIND_DIGITS = 10;
const BEHIND_PLACE = 10 ** (BEHIND_DIGITS - 1);

/** It is not the Matroska that Connect writes, so that no tape can hold it. */
export function isBroken({ malformed, garbled }: FragmentPlan): boolean {
  return malformed || garbled === true;
}

export interface TrueStream {
  readonly fragments: readonly TrueFragment[];
  readonly stored: readonly StoredFragment[];
  /** Ours, and the contact's next one where there is one. */
  readonly recordings: readonly TrueRecording[];
  /** When the last fragment of our contact had been sent. */
  readonly contactEndsMs: number;
}

export interface TrueRecording {
  readonly part: 'ours' | 'next';
  readonly recording: Recording;
  readonly startMs: number;
  readonly fragments: readonly TrueFragment[];
}

export function makeStream(call: CallPlan): TrueStream {
  const starts = startTimes(call);
  const fragments: TrueFragment[] = [];
  let skewMs = call.clockSkewMs;
  for (const [index, plan] of call.fragments.entries()) {
    skewMs += plan.clockJumpMs;
    const serverMs = starts[index] ?? START_MS;
    const before = fragments.at(-1)?.availableAtMs ?? 0;
    const availableAtMs = Math.max(before, serverMs + plan.lengthMs + plan.latencyMs);
    fragments.push(makeFragment(call, plan, index, serverMs, serverMs + skewMs, availableAtMs));
  }
  const stored = fragments.map(({ number, serverMs, document }) => {
    return { number, serverTimestampMs: serverMs, producerTimestampMs: serverMs, document: document(LIVE) };
  });
  const ofContact = fragments.filter(({ plan }) => plan.part === 'ours' || plan.part === 'next');
  const ends = ofContact.map(({ serverMs, plan }) => serverMs + plan.lengthMs);
  return {
    fragments,
    stored,
    recordings: (['ours', 'next'] as const).flatMap((part) => recordingOf(part, fragments)),
    contactEndsMs: Math.max(START_MS, ...ends),
  };
}

/** The server's clock says {@link START_MS} when our first fragment begins. */
function startTimes({ fragments }: CallPlan): number[] {
  let atMs = 0;
  let startsMs: number | undefined;
  const times = fragments.map(({ part, pauseMs, lengthMs }) => {
    atMs += pauseMs;
    const startMs = atMs;
    if (part === 'ours') startsMs ??= startMs;
    atMs += lengthMs;
    return startMs;
  });
  return times.map((timeMs) => timeMs - (startsMs ?? 0) + START_MS);
}

function recordingOf(part: 'ours' | 'next', fragments: readonly TrueFragment[]): TrueRecording[] {
  const own = fragments.filter(({ plan }) => plan.part === part);
  const first = own[0];
  if (!first) return [];
  const recording = { contactId: CONTACTS[part], startFragmentNumber: first.number };
  return [{ part, recording, startMs: first.serverMs, fragments: own }];
}

function makeFragment(
  call: CallPlan,
  plan: FragmentPlan,
  index: number,
  serverMs: number,
  producerMs: number,
  availableAtMs: number,
): TrueFragment {
  const random = seeded(plan.noise);
  const number = fragmentNumber(1_000 + index, serverMs, () => random.integer(0, 2 ** 28 - 1) / 2 ** 28);
  const wholeBlocks = plan.blocks.map(({ channel, atMs, frames }) => {
    return { channel, timeMs: producerMs + atMs, pcm: noise(frames, random) };
  });
  const blocks = plan.cutWithinSamples === true ? cutWithinSamples(wholeBlocks) : wholeBlocks;
  const whole = connectDocument(
    {
      segmentUid: new Uint8Array(16).fill(plan.otherSegment === true ? OTHER_UID_BYTE : UID_BYTE[plan.part]),
      channels: call.channels,
      contactId: plan.contactTag ? CONTACTS[plan.part] : undefined,
      instanceId: INSTANCE_ID,
      mimeType: plan.untyped === true ? '' : `audio/L16;rate=${call.sampleRate};channels=1;`,
      number,
      serverTimestampMs: serverMs,
      producerTimestampMs: producerMs,
      blocks,
      millisBehindNow: plan.trailingTags ? BEHIND_PLACE : undefined,
    },
    layoutOf(call),
  );
  const live = broken(plan, whole, blocks[0]?.pcm);
  const inArchive = once(() => archivedDocument(live));
  return {
    plan,
    number,
    serverMs,
    clusterMs: producerMs,
    availableAtMs,
    blocks: blocks.map((block) => {
      const ends = [once(() => endOf(live, block.pcm)), once(() => endOf(inArchive(), block.pcm))] as const;
      return { ...block, endsAt: (form) => ends[form]() };
    }),
    document: (form) => (form === LIVE ? live : inArchive()),
    behindAt: once(() => behindAt(live)),
  };
}

function behindAt(document: Uint8Array): number | undefined {
  const bytes = Buffer.from(document.buffer, document.byteOffset, document.length);
  const tagAt = bytes.lastIndexOf(TAG.millisBehindNow);
  const at = tagAt < 0 ? -1 : bytes.indexOf(BEHIND_PLACE.toString(), tagAt);
  return at < 0 ? undefined : at;
}

/** Made when it is wanted: of most fragments nobody asks for the archived form. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** Every block but a track's first begins with the last byte of the one before it. */
function cutWithinSamples<B extends { channel: 0 | 1; pcm: Uint8Array }>(blocks: readonly B[]): B[] {
  return blocks.map((block, index) => {
    const before = blocks.slice(0, index).findLast(({ channel }) => channel === block.channel);
    const isLast = !blocks.slice(index + 1).some(({ channel }) => channel === block.channel);
    const head = before ? before.pcm.subarray(-1) : new Uint8Array(0);
    const pcm = Buffer.concat([head, isLast ? block.pcm : block.pcm.subarray(0, -1)]);
    return { ...block, pcm: new Uint8Array(pcm) };
  });
}

/** Random samples, made quickly, since there are many. */
function noise(frames: number, random: Random): Uint8Array {
  let word = random.integer(1, 0x7fff_ffff);
  const samples = new Uint16Array(frames);
  for (let index = 0; index < frames; index += 1) {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    samples[index] = word;
  }
  return new Uint8Array(samples.buffer);
}

function layoutOf({ firstTrack, connectTags, knownSizes }: CallPlan): Layout {
  const bytes = knownSizes ? 4 : 8;
  const size = { known: knownSizes, bytes };
  return { firstTrack, connectTags, segmentSize: size, clusterSize: size, eventsTag: false };
}

/** Samples are random, so that they are found by themselves. */
function endOf(document: Uint8Array, pcm: Uint8Array): number {
  return Buffer.from(document.buffer, document.byteOffset, document.length).indexOf(pcm) + pcm.length;
}

function broken(
  { malformed, garbled }: FragmentPlan,
  whole: Uint8Array,
  pcm: Uint8Array | undefined,
): Uint8Array {
  if (garbled === true) return whole.map((byte) => byte ^ 0x5a);
  return malformed ? withBadBlock(whole, pcm) : whole;
}

/** The first block's element id is one that can't stand there: behind the head tags, so that its number is known. */
function withBadBlock(document: Uint8Array, pcm: Uint8Array | undefined): Uint8Array {
  const bytes = document.slice();
  const blockAt = pcm === undefined ? -1 : endOf(bytes, pcm) - pcm.length - BLOCK_HEAD_BYTES;
  if (bytes[blockAt] === SIMPLE_BLOCK) bytes[blockAt] = 0;
  return bytes;
}

const SIMPLE_BLOCK = 0xa3;
/** Id, a size of eight bytes, track number, time, flags. */
const BLOCK_HEAD_BYTES = 1 + 8 + 1 + 2 + 1;
