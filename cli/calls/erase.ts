/**
 * Erases what is kept of calls: every version of the recording, its JSON and the tape, the checkpoint, and last the
 * call record. The record goes last so that an erasure that broke off can be done again, and finds all the rest.
 */
import { rm } from 'node:fs/promises';
import type { ObjectVersion, StoredObjects } from '../../ports/stored-objects.ts';
import type { CallRecord } from '../../recording/call-record.ts';
import { parseRecordingId } from '../../recording/identity.ts';
import { tapePrefix, wavKey } from '../../recording/keys.ts';
import type { Access } from '../access.ts';
import { confirm } from '../confirm.ts';
import { CliError, EXIT, type ExitCode } from '../exit.ts';
import { type Io, note, print } from '../io.ts';
import { count, size, time } from '../terminal.ts';
import { parseCallId } from './identify.ts';

export interface EraseArguments {
  readonly ids?: readonly string[] | undefined;
  readonly customer?: string | undefined;
  readonly yes: boolean;
  readonly 'dry-run': boolean;
}

/** What of one recording goes. */
interface Doomed {
  readonly call: CallRecord;
  readonly objects: StoredObjects;
  readonly versions: readonly ObjectVersion[];
}

export async function eraseCalls(access: Access, io: Io, args: EraseArguments): Promise<ExitCode> {
  const calls = await chosen(access, args);
  if (calls.length === 0) {
    note(io, `nothing is kept of that in ${access.where}`);
    if (args.customer !== undefined) note(io, NUMBERS);
    return EXIT.ok;
  }
  const underWay = await callsUnderWay(access, calls);
  if (underWay.length > 0) {
    throw new CliError(
      EXIT.notComplete,
      `nothing was erased: ${underWay.join(', ')} is being recorded or assembled`,
      'wait for its end (callspool calls follow), or stop its execution, and erase it then',
    );
  }
  const doomed: Doomed[] = [];
  for (const call of calls) doomed.push(await doom(access, call));
  for (const line of doomed.map(describe)) print(io, line);
  note(io, NOT_REACHED);
  if (args['dry-run']) return EXIT.ok;
  const question = `Type erase to erase ${count(doomed.length, 'recording')} for good:`;
  if (!args.yes && !(await confirm(io, question, 'erase'))) {
    note(io, 'nothing was erased');
    return EXIT.ok;
  }
  for (const one of doomed) {
    await erase(access, one);
    note(io, `${one.call.recordingId}: erased`);
  }
  return EXIT.ok;
}

const NUMBERS =
  '  numbers are looked for as Connect gives them, with + and country code; where they aren’t kept ' +
  '(keepPhoneNumbers), or were withheld, a caller is found by contact id alone';

const NOT_REACHED =
  'Beyond reach of this command: the video stream until its retention ends, the tables’ point-in-time backups, ' +
  'what has been exported or transcribed, and Amazon Connect’s own records.';

async function chosen(access: Access, { ids = [], customer }: EraseArguments): Promise<CallRecord[]> {
  if ((customer === undefined) === (ids.length === 0)) {
    throw new CliError(EXIT.usage, 'give calls, or --customer with the number of one caller');
  }
  const calls: CallRecord[] = [];
  for (const id of ids.map(parseCallId)) {
    if (id.kind === 'contact') calls.push(...(await access.calls.ofContact(id.contactId)));
    else calls.push(...[await access.calls.get(id.recording)].filter((call) => call !== undefined));
  }
  if (customer !== undefined) {
    for await (const { recordingId } of access.queries.find({ by: 'customer', customerNumber: customer })) {
      const call = await access.calls.get(parseRecordingId(recordingId));
      if (call !== undefined) calls.push(call);
    }
  }
  return [...new Map(calls.map((call) => [call.recordingId, call])).values()];
}

/** What is erased while it is being written would come back. */
async function callsUnderWay(access: Access, calls: readonly CallRecord[]): Promise<string[]> {
  const underWay: string[] = [];
  for (const { recordingId, executionArn } of calls) {
    const owner = (await access.checkpoints.read(recordingId))?.owner ?? executionArn;
    if ((await access.states.stateOf(owner)) === 'running') underWay.push(recordingId);
  }
  return underWay;
}

async function doom(access: Access, call: CallRecord): Promise<Doomed> {
  const recording = parseRecordingId(call.recordingId);
  const objects = access.objectsOf(call);
  const versions: ObjectVersion[] = [];
  // Whatever stands beside the WAV under its name goes too.
  const stem = wavKey(recording, new Date(call.startedAt)).replace(/wav$/, '');
  for (const prefix of [stem, tapePrefix(recording)]) {
    for await (const version of objects.versions(prefix)) versions.push(version);
  }
  return { call, objects, versions };
}

function describe({ call, objects, versions }: Doomed): string {
  const bytes = versions.reduce((sum, version) => sum + version.bytes, 0);
  const keys = new Set(versions.map(({ key }) => key));
  return [
    `${call.recordingId}  ${time(call.startedAt)} UTC  ${call.status}`,
    `  call record and checkpoint; ${count(keys.size, 'object')} (${count(versions.length, 'version')}, ${size(bytes)}) in ${objects.name}`,
    ...[...keys].filter((key) => !key.startsWith('tape/')).map((key) => `    ${key}`),
  ].join('\n');
}

async function erase(access: Access, { call, objects, versions }: Doomed): Promise<void> {
  const recording = parseRecordingId(call.recordingId);
  await objects.erase(versions);
  for (const file of await access.extraFilesOf(recording.contactId)) await rm(file, { force: true });
  await access.erasure.eraseCheckpoint(recording);
  await access.erasure.eraseCall(recording);
}
