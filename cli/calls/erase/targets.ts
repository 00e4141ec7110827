/** Finds which recordings are to be erased, and what of them is in the bucket. */
import * as v from 'valibot';
import type { OnDamaged } from '../../../ports/calls/call-queries.ts';
import type { ContactCall } from '../../../ports/calls/calls.ts';
import type { ObjectVersion, StoredObjects } from '../../../ports/objects/stored-objects.ts';
import { filesPrefix } from '../../../recording/audio/files/keys.ts';
import type { CallRecord } from '../../../recording/call-record.ts';
import { RecordingError } from '../../../recording/errors.ts';
import { parseRecording, type Recording, recordingId } from '../../../recording/identity.ts';
import { TAPE_PREFIX, tapePrefix } from '../../../recording/tape/keys.ts';
import { livePrefix } from '../../../recording/tape/live-keys.ts';
import type { Access } from '../../access/access.ts';
import { parseCallId } from '../../selection/identify.ts';
import { CliError, EXIT } from '../../terminal/exit.ts';

/** A record, as far as it can be read: what is damaged in it, or of a newer version, doesn't keep it from being erased. */
export type ErasedCall = ContactCall & Pick<CallRecord, 'startedAt' | 'streamArn'>;

export interface Target {
  readonly id: string;
  readonly recording: Recording;
  /** Undefined where there is none (any more), and the tape alone was found. */
  readonly call: ErasedCall | undefined;
  readonly objects: StoredObjects;
}

export interface Found {
  readonly targets: readonly Target[];
  /** What of those that were meant could not be taken, and why. */
  readonly notes: readonly string[];
}

export async function findTargets(
  access: Access,
  {
    ids = [],
    customer,
  }: { readonly ids?: readonly string[] | undefined; readonly customer?: string | undefined },
): Promise<Found> {
  if ((customer === undefined) === (ids.length === 0)) {
    throw new CliError(EXIT.usage, 'give calls, or --customer with the number of one caller');
  }
  const found = customer === undefined ? await named(access, ids) : await ofCustomer(access, customer);
  return { ...found, targets: [...new Map(found.targets.map((target) => [target.id, target])).values()] };
}

async function named(access: Access, ids: readonly string[]): Promise<Found> {
  const targets: Target[] = [];
  for (const id of ids.map(parseCallId)) {
    if (id.kind === 'contact') targets.push(...(await ofContact(access, id.contactId)));
    else targets.push(...(await one(access, id.recording)));
  }
  return { targets, notes: [] };
}

async function ofContact(access: Access, contactId: string): Promise<Target[]> {
  const calls = (await access.calls.ofContact(contactId)).map(erasable);
  const withRecord = calls.map((call) => targetOf(access, call));
  const objects = objectsFor(access, calls[0]);
  const known = new Set(withRecord.map(({ id }) => id));
  const others = objects === undefined ? [] : await withTapeAlone(objects, contactId);
  return [...withRecord, ...others.filter(({ id }) => !known.has(id))];
}

async function one(access: Access, recording: Recording): Promise<Target[]> {
  const call = await recordOf(access, recording);
  if (call !== undefined) return [targetOf(access, call)];
  const objects = objectsFor(access, undefined);
  if (objects === undefined) return [];
  const alone = await withTapeAlone(objects, recording.contactId);
  return alone.filter(({ id }) => id === recordingId(recording));
}

async function recordOf(access: Access, recording: Recording): Promise<ErasedCall | undefined> {
  const calls = await access.calls.ofContact(recording.contactId);
  const call = calls.find(
    ({ startFragmentNumber }) => BigInt(startFragmentNumber) === recording.startFragmentNumber,
  );
  return call && erasable(call);
}

/** @throws CliError where it doesn't tell what its files and its stream are found by */
function erasable(call: ContactCall): ErasedCall {
  const { startedAt, streamArn } = call;
  const isDated = startedAt !== undefined && !Number.isNaN(Date.parse(startedAt));
  if (isDated && streamArn !== undefined) return { ...call, startedAt, streamArn };
  throw new CliError(
    EXIT.failed,
    `the record of ${idOf(call)} has no ${isDated ? 'streamArn' : 'startedAt'} that can be read: its ${isDated ? 'stream isn’t' : 'files aren’t'} found without`,
    'mend that attribute in the calls table (the tape’s objects and the execution tell it), and erase it then',
  );
}

/** By its keys, which no later write can change. */
export function idOf({ contactId, startFragmentNumber }: ContactCall): string {
  return recordingId(parseRecording(contactId, startFragmentNumber));
}

function targetOf(access: Access, call: ErasedCall): Target {
  const recording = parseRecording(call.contactId, call.startFragmentNumber);
  return { id: recordingId(recording), recording, call, objects: access.objectsOf(call) };
}

/** Undefined where neither a record nor an option tells the bucket. */
function objectsFor(access: Access, call: ErasedCall | undefined): StoredObjects | undefined {
  try {
    return access.objectsOf(call);
  } catch (error) {
    if (error instanceof CliError && call === undefined) return undefined;
    throw error;
  }
}

/** The contact's recordings by the keys of their tapes; records may be missing, the tape's keys name both. */
async function withTapeAlone(objects: StoredObjects, contactId: string): Promise<Target[]> {
  const found = new Map<string, Target>();
  for await (const { key } of objects.versions(`${TAPE_PREFIX}${contactId}/`)) {
    const recording = recordingAt(contactId, key);
    if (recording === undefined) continue;
    const id = recordingId(recording);
    found.set(id, { id, recording, call: undefined, objects });
  }
  return [...found.values()];
}

function recordingAt(contactId: string, key: string): Recording | undefined {
  try {
    return parseRecording(contactId, key.split('/')[2] ?? '');
  } catch (error) {
    if (error instanceof RecordingError) return undefined;
    throw error;
  }
}

/** A transferred caller has one contact after the other; more of them is no caller. */
const CONTACTS_MAX = 1_000;

/**
 * By the number, and by the contacts that those calls name: of a record that an assembly had to make the number isn't
 * known, and neither of one whose number wasn't kept.
 */
async function ofCustomer(access: Access, customer: string): Promise<Found> {
  const targets: Target[] = [];
  const notes: string[] = [];
  const contacts = new Set<string>();
  for (const recording of await recordingsOf(access, customer)) {
    const call = await recordOf(access, recording);
    if (call === undefined) continue;
    targets.push(targetOf(access, call));
    for (const contact of contactsOf(call)) contacts.add(contact);
  }
  // The set grows while it is gone through.
  for (const contact of contacts) {
    if (contacts.size > CONTACTS_MAX)
      throw new CliError(EXIT.failed, 'these calls name more contacts than one caller has');
    for (const target of await ofContact(access, contact)) {
      const number = target.call?.customerNumber;
      if (number !== undefined && number !== customer) {
        notes.push(
          `${target.id}: left alone; its contact is linked to this caller’s, but its number is another`,
        );
        continue;
      }
      targets.push(target);
      for (const linked of target.call ? contactsOf(target.call) : []) contacts.add(linked);
    }
  }
  return { targets, notes };
}

const Keys = v.object({ contactId: v.string(), startFragmentNumber: v.string() });

/** By their keys: what is damaged of a record beside them doesn't keep it from being found. */
async function recordingsOf(access: Access, customerNumber: string): Promise<Recording[]> {
  const found: v.InferOutput<typeof Keys>[] = [];
  const damaged: OnDamaged = (error, item) => {
    const { success, output } = v.safeParse(Keys, item);
    if (!success) throw error;
    found.push(output);
  };
  for await (const call of access.queries.find({ by: 'customer', customerNumber }, damaged)) found.push(call);
  return found.map(({ contactId, startFragmentNumber }) => parseRecording(contactId, startFragmentNumber));
}

function contactsOf({ contactId, initialContactId, previousContactId }: ErasedCall): string[] {
  return [contactId, initialContactId, previousContactId].filter((contact) => contact !== undefined);
}

/** All that is in the bucket of one recording: tape, files of every format, JSON, what listeners keep, and whatever else stands beside them by its name. */
export async function versionsOf({ recording, call, objects }: Target): Promise<ObjectVersion[]> {
  const files = call && filesPrefix(recording, new Date(call.startedAt));
  const versions: ObjectVersion[] = [];
  for (const prefix of [
    ...(files === undefined ? [] : [files]),
    tapePrefix(recording),
    livePrefix(recording),
  ]) {
    for await (const version of objects.versions(prefix)) versions.push(version);
  }
  return versions;
}
