/**
 * Erases what is kept of calls, so that it stays erased: finds them, shows what goes, asks, and does it as
 * ../erase/erasure.ts tells.
 */
import type { ContactCall } from '../../../ports/calls/calls.ts';
import type { ObjectVersion } from '../../../ports/objects/stored-objects.ts';
import type { Access } from '../../access/access.ts';
import { confirm } from '../../terminal/confirm.ts';
import { CliError, EXIT, type ExitCode } from '../../terminal/exit.ts';
import { type Io, note, print } from '../../terminal/io.ts';
import { count, size, time } from '../../terminal/terminal.ts';
import { describeCopies, outOfReach, type Outside, outsideOf, refuseWhileCopied } from './copies.ts';
import { eraseRest, fenceAndErase, type Fenced } from './erasure.ts';
import { siblingsOf } from './siblings.ts';
import { streamsHoldUntilMs, tombstoneExpiresMs } from './streams.ts';
import { findTargets, idOf, type Target, versionsOf } from './targets.ts';

export interface EraseArguments {
  readonly ids?: readonly string[] | undefined;
  readonly customer?: string | undefined;
  readonly yes: boolean;
  readonly 'dry-run': boolean;
}

export async function eraseCalls(access: Access, io: Io, args: EraseArguments): Promise<ExitCode> {
  const { targets, notes } = await findTargets(access, args);
  for (const left of notes) note(io, left);
  if (args.customer !== undefined) note(io, NUMBERS);
  if (targets.length === 0) {
    note(io, `nothing is kept of that in ${access.where}`);
    return EXIT.ok;
  }
  await refuseUnderWay(access, targets);
  const outside = await outsideOf(access, targets);
  await refuseWhileCopied(access, targets, outside);
  for (const target of targets)
    print(
      io,
      [describe(target, await versionsOf(target)), ...(await describeCopies(target, outside))].join('\n'),
    );
  const holdUntilMs = await streamsHoldUntilMs(access, targets, io.clock.now());
  note(io, notReached(holdUntilMs, outside));
  if (args['dry-run']) return EXIT.ok;
  const question = `Type erase to erase ${count(targets.length, 'recording')} for good:`;
  if (!args.yes && !(await confirm(io, question, 'erase'))) {
    note(io, 'nothing was erased');
    return EXIT.ok;
  }
  // The question may have stood for long.
  await refuseUnderWay(access, targets);
  await refuseWhileCopied(access, targets, outside);
  return erase(access, io, { targets, outside }, tombstoneExpiresMs(holdUntilMs, io.clock.now()));
}

async function erase(
  access: Access,
  io: Io,
  { targets, outside }: { readonly targets: readonly Target[]; readonly outside: Outside },
  expiresAtMs: number,
): Promise<ExitCode> {
  const fenced: Fenced[] = [];
  for (const target of targets) {
    fenced.push(await fenceAndErase(access, target, targets, expiresAtMs, io.clock.now()));
  }
  const quietMs = Math.max(...fenced.map(({ quietFromMs }) => quietFromMs));
  if (!(await waitUntil(io, quietMs))) return EXIT.notComplete;
  const left: string[] = [];
  for (const one of fenced) {
    left.push(...(await eraseRest(access, one, outside)));
    note(io, `${one.target.id}: erased`);
  }
  for (const line of left) note(io, line);
  return left.length > 0 ? EXIT.notComplete : EXIT.ok;
}

/** @returns false when it was interrupted. */
async function waitUntil(io: Io, quietMs: number): Promise<boolean> {
  const waitMs = quietMs - io.clock.now();
  if (waitMs <= 0) return true;
  const at = `${time(new Date(quietMs).toISOString())} UTC`;
  note(
    io,
    `what there was is erased. What was stopped a short while ago may write until ${at}: waiting for that`,
  );
  await io.clock.sleep(waitMs, io.signal);
  if (!io.signal.aborted) return true;
  note(
    io,
    `interrupted: nothing can be added any more, but for what was on its way. Erase it again after ${at}`,
  );
  return false;
}

const NUMBERS =
  '  by number are found: calls whose record has it, as Connect gives it (with + and country code), and those of the ' +
  'contacts that such records name. Where it wasn’t kept (keepPhoneNumbers), was withheld, or the record had to be made ' +
  'without it (DynamoDB was out of reach when the call began), a caller is found by contact id alone';

function notReached(holdUntilMs: number | undefined, outside: Outside): string {
  const until =
    holdUntilMs === undefined
      ? 'until its retention ends'
      : `until ${time(new Date(holdUntilMs).toISOString())} UTC (its retention)`;
  const beyond = [
    `the video stream ${holdUntilMs === 0 ? 'for some minutes' : until}`,
    'the tables’ point-in-time backups',
    ...outOfReach(outside),
    'what has been exported, reported on or transcribed by other means',
  ];
  return `Beyond reach of this command: ${beyond.join(', ')}, and Amazon Connect’s own records.`;
}

/** A recording's execution must be over first: what a recorder reads meanwhile would be lost to a call that goes on. */
async function refuseUnderWay(access: Access, targets: readonly Target[]): Promise<void> {
  const calls = new Map<string, ContactCall | undefined>(targets.map(({ id, call }) => [id, call]));
  for (const target of targets)
    for (const sibling of await siblingsOf(access, target, targets)) calls.set(idOf(sibling), sibling);
  const underWay: string[] = [];
  for (const [id, call] of calls) if (await isUnderWay(access, id, call)) underWay.push(id);
  if (underWay.length === 0) return;
  const others = underWay.some((id) => !targets.some((target) => target.id === id));
  throw new CliError(
    EXIT.notComplete,
    `nothing was erased: ${underWay.join(', ')} is being recorded or assembled${others ? ' (of the same contact)' : ''}`,
    'wait for its end (callspool calls follow), or stop its execution, and erase it then',
  );
}

async function isUnderWay(access: Access, id: string, call: ContactCall | undefined): Promise<boolean> {
  const checkpoint = await access.checkpoints.read(id);
  const owners = new Set([checkpoint?.owner, call?.executionArn]);
  for (const owner of checkpoint?.erasedAt === undefined ? owners : [])
    if (owner !== undefined && (await access.states.stateOf(owner)) === 'running') return true;
  return false;
}

function describe({ id, call, objects }: Target, versions: readonly ObjectVersion[]): string {
  const bytes = versions.reduce((sum, version) => sum + version.bytes, 0);
  const keys = new Set(versions.map(({ key }) => key));
  const what = call === undefined ? 'no call record' : 'call record and checkpoint';
  return [
    call === undefined ? id : `${id}  ${time(call.startedAt)} UTC  ${call.status ?? 'its record is damaged'}`,
    `  ${what}; ${count(keys.size, 'object')} (${count(versions.length, 'version')}, ${size(bytes)}) in ${objects.name}`,
    ...[...keys].filter((key) => !key.startsWith('tape/')).map((key) => `    ${key}`),
  ].join('\n');
}
