/** Requests as rows. */
import type { LoggedRequest } from '../../../ports/access-logs/access-logs.ts';
import { type Paint, printable, size, table } from '../../terminal/terminal.ts';
import type { TimeZone } from '../../terminal/time-zone.ts';

export function heardTable(requests: readonly LoggedRequest[], zone: TimeZone, paint: Paint): string {
  const head = [`WHEN (${zone.name})`, 'WHO', 'DID', 'WHAT', 'FROM', 'BYTES', 'STATUS'];
  const rows = requests.map((request) =>
    [
      zone.time(request.at),
      whoOf(request),
      request.operation,
      whatOf(request.key ?? ''),
      request.from ?? '',
      size(request.bytes),
      statusOf(request),
    ].map(printable),
  );
  return table(head, rows, paint, [head.indexOf('BYTES')]);
}

/** `user/alice`, `role/alice@example.org` (a role and its session), or as S3 has it. */
function whoOf({ requester }: LoggedRequest): string {
  if (requester === undefined) return 'nobody known (not signed)';
  const [, who] = /^arn:[^:]*:(?:iam|sts)::\d*:(?:assumed-role\/)?(.+)$/.exec(requester) ?? [];
  return who ?? requester;
}

/** Folder and file, without what all keys of a call share: `recordings/…/47.wav` has 47 digits more. */
function whatOf(key: string): string {
  const [folder = '', ...rest] = key.split('/');
  const file = rest.at(-1) ?? '';
  const [, extension] = /^\d{20,}\.(.+)$/.exec(file) ?? [];
  return extension ?? `${folder}/…/${file.slice(0, SHOWN)}`;
}

/** The names of tape objects are long, and all alike. */
const SHOWN = 16;

function statusOf({ status, error }: LoggedRequest): string {
  const parts = [status === undefined ? '' : String(status), error ?? ''].filter((part) => part !== '');
  return parts.join(' ');
}
