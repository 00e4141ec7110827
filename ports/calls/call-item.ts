/** The call record as an item of its table, checked on reading. What is written stands in call-attributes.ts. */
import * as v from 'valibot';
import {
  CALL_STATUSES,
  type CallRecord,
  END_REASONS,
  LIVE_CHOICES,
  type NewCall,
  TRACKS,
  VERIFICATION_METHODS,
} from '../../recording/call-record.ts';
import { compareFragmentNumbers, parseFragmentNumber } from '../../recording/fragment-number.ts';
import { isContactId, type Recording } from '../../recording/identity.ts';
import { RESUMPTIONS_KEPT } from '../../recording/resumptions.ts';
import { Count, FragmentDigits, LossItem } from '../checkpoints/checkpoint-item.ts';
import { parseItem } from '../table/item.ts';
import type { ContactCall } from './calls.ts';

const Text = v.string();
const Resource = v.object({ arn: v.exactOptional(Text), name: v.exactOptional(Text) });

const AudioItem = v.object({
  bucket: Text,
  key: Text,
  bytes: Count,
  sha256: Text,
  sampleRate: v.number(),
  channels: v.literal(2),
  frames: Count,
});

const FurtherFileItem = v.union([
  v.object({
    format: Text,
    key: Text,
    bytes: Count,
    headerBytes: Count,
    sha256: Text,
    dataSha256: Text,
  }),
  v.object({ format: Text, why: Text }),
]);

const TranscriptItem = v.union([
  v.object({
    key: Text,
    segments: Count,
    words: Count,
    untranscribed: Count,
    untranscribedMs: Count,
    sources: v.array(Text),
    frameShift: v.number(),
  }),
  v.object({ why: Text }),
]);

const MediaItem = v.object({
  originMs: v.exactOptional(v.number()),
  fragments: Count,
  gapCount: Count,
  gapMs: v.object({ AUDIO_FROM_CUSTOMER: v.number(), AUDIO_TO_CUSTOMER: v.number() }),
  gaps: v.array(v.object({ track: v.picklist(TRACKS), startMs: v.number(), lengthMs: v.number() })),
  reanchored: Count,
  lateBlocks: v.exactOptional(Count),
  strayBlocks: v.exactOptional(Count),
  aheadMs: v.exactOptional(v.object({ AUDIO_FROM_CUSTOMER: v.number(), AUDIO_TO_CUSTOMER: v.number() })),
  reopenings: Count,
  resumes: Count,
  maxBehindMs: v.number(),
});

const ResumptionItem = v.object({
  at: Text,
  by: v.picklist(['operator', 'schedule']),
  why: Text,
  gaveUp: v.exactOptional(v.literal(true)),
});

const VerificationItem = v.object({
  method: v.picklist(VERIFICATION_METHODS),
  at: Text,
  why: v.exactOptional(Text),
  fragmentsListed: v.exactOptional(Count),
  fragmentsMissing: v.exactOptional(Count),
  fragmentsTakenForNext: v.exactOptional(Count),
});

const KeptItem = v.object({ at: Text, why: Text });

const FACTS = {
  live: v.exactOptional(v.picklist(LIVE_CHOICES)),
  stopFragmentNumber: v.exactOptional(FragmentDigits),
  nextStartFragmentNumber: v.exactOptional(FragmentDigits),
  erasedBehind: v.exactOptional(Count),
  erasedBehindLive: v.exactOptional(Count),
  nextKnownFrom: v.exactOptional(Text),
  sharesStreamWith: v.exactOptional(Text),
  channel: v.exactOptional(Text),
  initiationMethod: v.exactOptional(Text),
  initialContactId: v.exactOptional(Text),
  previousContactId: v.exactOptional(Text),
  customerNumber: v.exactOptional(Text),
  systemNumber: v.exactOptional(Text),
  queue: v.exactOptional(Resource),
  attributes: v.exactOptional(v.record(Text, Text)),
  attributeCount: v.exactOptional(Count),
  connectedToAgentAt: v.exactOptional(Text),
  disconnectedAt: v.exactOptional(Text),
  agent: v.exactOptional(Resource),
  why: v.exactOptional(Text),
  endedAt: v.exactOptional(Text),
  endReason: v.exactOptional(v.picklist(END_REASONS)),
  durationMs: v.exactOptional(v.number()),
  attempts: v.exactOptional(Count),
  audio: v.exactOptional(AudioItem),
  files: v.exactOptional(v.array(FurtherFileItem)),
  transcript: v.exactOptional(TranscriptItem),
  media: v.exactOptional(MediaItem),
  losses: v.exactOptional(v.array(LossItem)),
  lossCount: v.exactOptional(Count),
  disproved: v.exactOptional(v.array(LossItem)),
  verification: v.exactOptional(VerificationItem),
  kept: v.exactOptional(KeptItem),
  error: v.exactOptional(Text),
  resumptions: v.exactOptional(v.pipe(v.array(ResumptionItem), v.maxLength(RESUMPTIONS_KEPT))),
  resumptionCount: v.exactOptional(Count),
};
const CallItem = v.object({
  contactId: Text,
  startFragmentNumber: FragmentDigits,
  recordingId: Text,
  status: v.picklist(CALL_STATUSES),
  executionArn: Text,
  streamArn: Text,
  startedAt: Text,
  day: Text,
  instanceArn: Text,
  ...FACTS,
});
/** What an item in which something is damaged must still have. */
const PartOfCallItem = v.object({
  contactId: v.exactOptional(Text),
  startFragmentNumber: v.exactOptional(FragmentDigits),
  recordingId: v.exactOptional(Text),
  status: v.exactOptional(v.picklist(CALL_STATUSES)),
  executionArn: v.exactOptional(Text),
  streamArn: v.exactOptional(Text),
  startedAt: v.exactOptional(Text),
  day: v.exactOptional(Text),
  instanceArn: v.exactOptional(Text),
  ...FACTS,
});
const CallKeyItem = v.object({ contactId: Text, startFragmentNumber: FragmentDigits });

export type CallKey = Pick<NewCall, 'contactId' | 'startFragmentNumber'>;

export function callKey({ contactId, startFragmentNumber }: Recording): CallKey {
  return { contactId, startFragmentNumber: startFragmentNumber.toString() };
}

/** The table's own order is that of the digits as text. */
function inOrderOfStart<Call extends Pick<NewCall, 'startFragmentNumber'>>(calls: readonly Call[]): Call[] {
  return [...calls].sort((a, b) =>
    compareFragmentNumbers(
      parseFragmentNumber(a.startFragmentNumber),
      parseFragmentNumber(b.startFragmentNumber),
    ),
  );
}

const Keys = v.object({
  contactId: v.pipe(Text, v.check(isContactId)),
  startFragmentNumber: FragmentDigits,
});

/** Names the item in an error, as far as its keys can be told. */
export function callItemName(item: unknown): string {
  const keys = v.safeParse(Keys, item);
  const name = 'an item of the calls table';
  if (!keys.success) return name;
  return `${name} (contact ${keys.output.contactId}, start fragment ${keys.output.startFragmentNumber})`;
}

/** @throws DamagedItem */
export function callOf(item: unknown): CallRecord {
  return parseItem(CallItem, () => callItemName(item), item);
}

/** What can be read of an item; one without a key, which no table holds, is none. */
export function contactCallsOf(items: readonly unknown[]): ContactCall[] {
  return inOrderOfStart(items.flatMap(contactCallOf));
}

function contactCallOf(item: unknown): ContactCall[] {
  const key = v.safeParse(CallKeyItem, item);
  return key.success ? [{ ...readablePart(item), ...key.output }] : [];
}

/** @throws DamagedItem where a part of it could not be read */
export function wholeCall(call: ContactCall): CallRecord {
  return callOf(call);
}

/** Reads what can be read of a record, or of the JSON beside a WAV: what is damaged, or of a newer version, is left out. */
export function readablePart(item: unknown): Partial<CallRecord> {
  const whole = v.safeParse(CallItem, item);
  if (whole.success) return whole.output;
  const damaged = new Set(whole.issues.map(({ path }) => path?.[0]?.key));
  const values = v.safeParse(v.record(Text, v.unknown()), item);
  const sound = Object.entries(values.output ?? {}).filter(([name]) => !damaged.has(name));
  const part = v.safeParse(PartOfCallItem, Object.fromEntries(sound));
  return part.success ? part.output : {};
}
