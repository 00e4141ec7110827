/**
 * What each change of a call record sets, bounded, so that no write fails because an item has outgrown DynamoDB's 400 KB.
 * At most: attributes 64 KB, losses 128 KB, gaps some 50 KB, what a workflow says of a failed assembly 33 KB, the rest
 * 50 KB.
 */
import { createHash } from 'node:crypto';
import { utcDay } from '../../recording/audio/files/keys.ts';
import {
  type CallRecord,
  type Completion,
  type ContactFacts,
  isFinal,
  type Loss,
  LOSS_KINDS,
  type NewCall,
} from '../../recording/call-record.ts';
import { type Recording, recordingId } from '../../recording/identity.ts';
import { withLoss } from '../../recording/losses/merging.ts';
import { type Resumption, withResumption } from '../../recording/resumptions.ts';
import { boundedList, boundedText } from '../table/item.ts';
import type { AssemblyClaim, ExecutionFacts, Starter } from './calls.ts';

const ATTRIBUTES_BYTES_MAX = 64_000;
const LOSSES_BYTES_MAX = 128_000;
const LOSSES_MAX = 500;
/** The item holds so many, as documented: the rest stands in the JSON beside the WAV. */
const GAPS_MAX = 500;
const DISPROVED_MAX = 20;
/** The most that a text may have, and a key. */
const TEXT_BYTES_MAX = 1_024;
const WHY_BYTES_MAX = 2_048;
/** 20 of them take 10 KB. */
const RESUMPTION_BYTES_MAX = 400;
const STARTER_BYTES_MAX = 64;

/** The attributes of a new record. */
export function newCallAttributes(call: NewCall): Record<string, unknown> {
  const { attributes, ...facts } = call;
  return { ...boundedTexts(facts), ...(attributes !== undefined && attributesOf(attributes)) };
}

function attributesOf(attributes: Readonly<Record<string, string>>) {
  const all = Object.entries(attributes);
  const wellFormed = all.map(([name, value]): [string, string] => [
    boundedText(name, TEXT_BYTES_MAX),
    boundedText(value, ATTRIBUTES_BYTES_MAX),
  ]);
  const kept = boundedList(wellFormed, ATTRIBUTES_BYTES_MAX);
  return {
    attributes: Object.fromEntries(kept),
    attributeCount: kept.length < all.length ? all.length : undefined,
  };
}

/** What the assembly's beginning sets; why it had failed before doesn't hold any more (`error` is the workflow's). */
export function assemblingAttributes(executionArn: string, { assembly }: AssemblyClaim) {
  const cleared = { why: undefined, error: undefined, startFailed: undefined };
  return { status: 'ASSEMBLING', ...cleared, executionArn, assembly } as const;
}

/** What orders those who start an execution, as text. */
export function starterOf({ beganAtMs, id }: Starter): string {
  return `${new Date(beganAtMs).toISOString()} ${boundedText(id, STARTER_BYTES_MAX)}`;
}

/** What changes before a handover. */
export function resumingAttributes({ status }: CallRecord, executionArn: string, by: Starter) {
  return { start: starterOf(by), ...(!isFinal(status) && { executionArn }) };
}

/** What one more resumption changes. */
export function resumptionAttributes(seen: CallRecord, resumption: Resumption) {
  const why = boundedText(resumption.why, RESUMPTION_BYTES_MAX);
  return {
    resumptions: withResumption(seen.resumptions ?? [], { ...resumption, why }),
    resumptionCount: (seen.resumptionCount ?? 0) + 1,
  };
}

/** Names an assembly so that names sort by its beginning; two that begin at the same time are in the order of what `unique` gave them. */
export function assemblyClaim(recording: Recording, sinceMs: number, unique: string): AssemblyClaim {
  return { recording, assembly: `${new Date(sinceMs).toISOString()} ${unique}` };
}

/** What a record must have, where there is none. */
export function executionAttributes(recording: Recording, facts: ExecutionFacts): Record<string, unknown> {
  const { streamArn, startedAt, instanceArn } = facts;
  const day = utcDay(new Date(startedAt));
  return boundedTexts({ recordingId: recordingId(recording), streamArn, startedAt, day, instanceArn });
}

/** The attributes of a result; those that the result doesn't have are undefined, so that none is left of an earlier one. */
export function completionAttributes(completion: Completion): Record<string, unknown> {
  const { files, media, losses, disproved = [], kept, verification } = completion;
  const held = boundedLosses(losses, LOSSES_MAX, LOSSES_BYTES_MAX);
  return {
    audio: undefined,
    transcript: undefined,
    ...completion,
    files: files?.map((file) =>
      'why' in file ? { ...file, why: boundedText(file.why, WHY_BYTES_MAX) } : file,
    ),
    why: boundedWhy(completion.why),
    media: { ...media, gaps: media.gaps.slice(0, GAPS_MAX) },
    losses: held,
    lossCount: held.length < losses.length ? losses.length : undefined,
    // One that isn't here is noted again: that errs to the safe side.
    disproved: disproved.length === 0 ? undefined : boundedTextsOf(disproved).slice(0, DISPROVED_MAX),
    kept: kept && { ...kept, why: boundedWhy(kept.why) },
    verification: { ...verification, why: boundedWhy(verification.why) },
  };
}

function boundedTextsOf(losses: readonly Loss[], bytesMax = WHY_BYTES_MAX): readonly Loss[] {
  return losses.map((loss) => ({ ...loss, why: boundedText(loss.why, bytesMax) }));
}

/** None is dropped, since the next assembly begins with what this one found: what doesn't fit is merged. */
function boundedLosses(losses: readonly Loss[], most: number, bytesMax: number): readonly Loss[] {
  const bounded = boundedTextsOf(losses);
  const held =
    bounded.length <= most
      ? bounded
      : bounded.reduce<readonly Loss[]>((all, loss) => withLoss(all, loss, most), []);
  const bytes = held.reduce((sum, loss) => sum + Buffer.byteLength(JSON.stringify(loss)), 0);
  const fewer = Math.min(held.length - 1, Math.floor((held.length * bytesMax) / bytes));
  return bytes <= bytesMax || fewer <= LOSS_KINDS.length ? held : boundedLosses(losses, fewer, bytesMax);
}

export function boundedWhy(why: string | undefined): string | undefined {
  return why === undefined ? undefined : boundedText(why, WHY_BYTES_MAX);
}

export function contactAttributes(facts: ContactFacts): Record<string, unknown> {
  return boundedTexts(facts);
}

/** One fact of a contact event. */
export interface News {
  /** The fact, and beside it what orders it among those that other events tell. */
  readonly attributes: Record<string, unknown>;
  readonly asOfName: string;
  readonly asOf: string;
}

/** What an event tells, fact by fact. */
export function newsOf(facts: ContactFacts, eventTime: string): News[] {
  return Object.entries(contactAttributes(facts)).map(([fact, value]) => {
    const asOfName = `${fact}AsOf`;
    const asOf = orderIn(eventTime, value);
    return { attributes: { [fact]: value, [asOfName]: asOf }, asOfName, asOf };
  });
}

/**
 * Orders what events tell of one fact: by the events' time. EventBridge's has whole seconds, so two events may
 * have the same; then by the fact itself, so that the outcome doesn't depend on which of them came first.
 */
function orderIn(eventTime: string, fact: unknown): string {
  return `${eventTime} ${createHash('sha256').update(JSON.stringify(fact)).digest('hex').slice(0, 16)}`;
}

/** Texts, and the texts in maps of texts, within bounds; an empty one is no value, and a key may not be empty. */
function boundedTexts(values: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]: [string, unknown]) => {
      if (value === undefined || value === '') return [];
      if (typeof value === 'string') return [[name, boundedText(value, TEXT_BYTES_MAX)]];
      return [[name, typeof value === 'object' && value !== null ? boundedTexts(value) : value]];
    }),
  );
}
