/** Who has fetched a recording, or heard it while it was under way, by what S3 has written down. */
import type { LoggedRequest } from '../../../ports/access-logs/access-logs.ts';
import { wholeCall } from '../../../ports/calls/call-item.ts';
import type { CallRecord } from '../../../recording/call-record.ts';
import type { Access } from '../../access/access.ts';
import type { Deployment } from '../../access/deployment.ts';
import { type CallId, parseCallId } from '../../selection/identify.ts';
import { rangeOf } from '../../selection/range.ts';
import { CliError, EXIT, type ExitCode } from '../../terminal/exit.ts';
import { type Io, note, paintOf, print, printJson } from '../../terminal/io.ts';
import { count } from '../../terminal/terminal.ts';
import { type TimeZoneArguments, timeZoneOf } from '../../terminal/time-zone.ts';
import { heardTable } from './table.ts';

export interface HeardArguments extends TimeZoneArguments {
  readonly id: string;
  readonly since?: string | undefined;
  readonly all: boolean;
  readonly json: boolean;
}

/** More than that is no list that anybody reads. */
const REQUESTS_MAX = 100_000;

export async function heardCall(
  access: Access,
  io: Io,
  args: HeardArguments,
  deployment: Deployment,
): Promise<ExitCode> {
  if (deployment.kind === 'local') throw notHere();
  const id = parseCallId(args.id);
  const calls = await recordsOf(access, id);
  const logs = access.accessLogsOf(calls[0]);
  const place = await logs.place();
  if (place === undefined) throw noLogs();
  const sought = new Sought(id, args.all, deployment.prefix);
  await logs.read(fromMs(args, calls, io.clock.now()), (request) => {
    sought.take(request);
  });
  tell(access, io, args, sought);
  note(io, `(from ${place}. S3 delivers within some hours, and may lose one now and then; ${COPIES})`);
  return EXIT.ok;
}

const COPIES = 'what is fetched from a copy of the recordings is told by the copy’s own logs';

function notHere(): CliError {
  return new CliError(
    EXIT.notFound,
    'nobody writes down who reads the files of a local run',
    'a deployment’s access logs are those of S3; --prefix, --region or --profile name one',
  );
}

function noLogs(): CliError {
  return new CliError(
    EXIT.notFound,
    'nobody writes down who fetches recordings: the bucket keeps no access logs',
    'deploy with CALLSPOOL_ACCESS_LOGS=true: what is fetched from then on is written down',
  );
}

/** None where the call has been erased: the logs outlive it. */
async function recordsOf(access: Access, id: CallId): Promise<CallRecord[]> {
  if (id.kind === 'contact') return (await access.calls.ofContact(id.contactId)).map(wholeCall);
  const call = await access.calls.get(id.recording);
  return call === undefined ? [] : [call];
}

function fromMs({ since }: HeardArguments, calls: readonly CallRecord[], nowMs: number): number {
  const range = rangeOf({ since }, nowMs, undefined);
  if (range !== undefined) return Date.parse(range.from);
  const starts = calls.map(({ startedAt }) => Date.parse(startedAt));
  if (starts.length > 0) return Math.min(...starts);
  throw new CliError(
    EXIT.usage,
    'there is no record (any more) that tells when the call was',
    'give --since: 90d looks through the logs of the last 90 days',
  );
}

/** Reading what was said, by whatever way: by itself, or copied to another object. */
const READING = /\.GET\.OBJECT$|\.COPY\.(OBJECT|PART)_GET$|SELECT/;
/** Of the deployment's roles (contract/names.ts) those whose programs read audio: to assemble it, follow it, copy it. */
const OWN_ROLES = ['assemble', 'task', 'replication'];

/** What was sought, as it is found. */
class Sought {
  readonly found: LoggedRequest[] = [];
  /** Reads by the deployment's own programs. */
  own = 0;
  unreadable = 0;
  readonly #path: string;
  readonly #all: boolean;
  readonly #ownRole: RegExp;

  constructor(id: CallId, all: boolean, prefix: string) {
    this.#path =
      id.kind === 'contact'
        ? `/${id.contactId}/`
        : `/${id.recording.contactId}/${id.recording.startFragmentNumber}`;
    this.#all = all;
    const named = prefix.replace(/[^a-z0-9-]/gi, '\\$&');
    this.#ownRole = new RegExp(`:assumed-role/${named}-[a-z0-9-]+-(${OWN_ROLES.join('|')})/`);
  }

  /** @throws CliError when there are too many */
  take(request: LoggedRequest | undefined): void {
    if (request === undefined) {
      this.unreadable += 1;
      return;
    }
    if (!this.#isOfCall(request.key ?? '')) return;
    if (!this.#all && !READING.test(request.operation)) return;
    if (!this.#all && this.#ownRole.test(request.requester ?? '')) {
      this.own += 1;
      return;
    }
    if (this.found.length >= REQUESTS_MAX)
      throw new CliError(
        EXIT.failed,
        `more than ${REQUESTS_MAX} requests`,
        'a shorter --since finds fewer, and calls heard without --all only what was fetched',
      );
    this.found.push(request);
  }

  /** A number that another begins with is another recording's. */
  #isOfCall(key: string): boolean {
    const at = key.indexOf(this.#path);
    if (at < 0) return false;
    return this.#path.endsWith('/') || !/\d/.test(key.charAt(at + this.#path.length));
  }
}

function tell(access: Access, io: Io, args: HeardArguments, { found, own, unreadable }: Sought): void {
  found.sort((a, b) => (a.at < b.at ? -1 : 1));
  if (args.json) printJson(io, found);
  else if (found.length > 0) print(io, heardTable(found, timeZoneOf(args, io.env), paintOf(io)));
  if (found.length === 0)
    note(io, `nobody has fetched anything of ${args.id}, as far as is written down in ${access.where}`);
  if (own > 0)
    note(io, `left out: ${count(own, 'request')} of the deployment’s own programs (--all shows them)`);
  if (unreadable > 0) note(io, `${count(unreadable, 'line')} of the logs can’t be read`);
}
