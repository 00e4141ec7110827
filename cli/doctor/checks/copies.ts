/** Are recordings copied to the other bucket, where that is set up (the setting replicateTo)? As far as can be told. */
import type { ReplicationRule } from '@aws-sdk/client-s3';
import { namesOf } from '../../../contract/names.ts';
import type { CallQueries } from '../../../ports/calls/call-queries.ts';
import { RECORDINGS_PREFIX, wavKey } from '../../../recording/audio/files/keys.ts';
import { parseRecordingId } from '../../../recording/identity.ts';
import { count } from '../../terminal/terminal.ts';
import type { Deployed } from '../findings/deployed.ts';
import { type CheckResult, ok, warning } from '../findings/finding.ts';
import { isRefused, unanswered } from '../findings/refusal.ts';

/** The latest recordings tell how it goes now. */
const LOOKED_AT = 20;
/** S3 copies most within 15 minutes. */
const LATE_MS = 3_600_000;

export interface CopiesOptions {
  readonly queries: CallQueries;
  /** Recordings since then are looked at, epoch ms. */
  readonly sinceMs: number;
  readonly nowMs: number;
  /** Undefined: the deployment's own. */
  readonly bucket: string | undefined;
}

export function copies(options: CopiesOptions) {
  return async (deployed: Deployed): Promise<CheckResult[]> => {
    const bucket = options.bucket ?? (await bucketOf(deployed));
    const rules = await rulesOf(deployed, bucket);
    if (rules === undefined) return [ok('no copies of recordings are set up')];
    const rule = rules.find(({ Status, Filter }) => Status === 'Enabled' && covers(Filter?.Prefix));
    if (rule === undefined)
      return [warning('no rule that is on copies recordings', 'deploy again: the bucket’s rule was changed')];
    const destination = (rule.Destination?.Bucket ?? '').split(':').at(-1) ?? '';
    const found = [
      ...(await versioning(deployed, destination).catch((reason: unknown) => [unanswered(reason)])),
      ...(await recent(deployed, bucket, options).catch((reason: unknown) => [unanswered(reason)])),
    ];
    return found.length > 0 ? found : [ok(`recordings are copied to s3://${destination}`)];
  };
}

const covers = (prefix = '') => RECORDINGS_PREFIX.startsWith(prefix);

async function bucketOf(deployed: Deployed): Promise<string> {
  const [, , , region = '', account = ''] = (await deployed.workflow()).arn.split(':');
  return namesOf({ prefix: deployed.prefix, region }).bucket(account);
}

/** Undefined: there are none. A deployment that has copies lets its doctor ask, so that a refusal says the same. */
async function rulesOf(
  { clients }: Deployed,
  bucket: string,
): Promise<readonly ReplicationRule[] | undefined> {
  const { sdk, client } = await clients.s3();
  try {
    const command = new sdk.GetBucketReplicationCommand({ Bucket: bucket });
    return (await client.send(command)).ReplicationConfiguration?.Rules ?? [];
  } catch (reason) {
    if (reason instanceof Error && reason.name === 'ReplicationConfigurationNotFoundError') return undefined;
    if (isRefused(reason)) return undefined;
    throw reason;
  }
}

/** @returns what is amiss */
async function versioning({ clients }: Deployed, bucket: string): Promise<CheckResult[]> {
  const { sdk, client } = await clients.s3();
  const { Status } = await client.send(new sdk.GetBucketVersioningCommand({ Bucket: bucket }));
  if (Status === 'Enabled') return [];
  return [
    warning(
      `recordings are not copied: s3://${bucket} keeps no versions`,
      `aws s3api put-bucket-versioning --bucket ${bucket} --versioning-configuration Status=Enabled`,
    ),
  ];
}

/** @returns what of the latest recordings wasn't copied */
async function recent(deployed: Deployed, bucket: string, options: CopiesOptions): Promise<CheckResult[]> {
  const { sdk, client } = await deployed.clients.s3();
  const failed: string[] = [];
  const late: string[] = [];
  for (const { contactId, key } of await latest(options)) {
    try {
      const { ReplicationStatus, LastModified } = await client.send(
        new sdk.HeadObjectCommand({ Bucket: bucket, Key: key }),
      );
      if (ReplicationStatus === 'FAILED') failed.push(contactId);
      const waitedMs = options.nowMs - (LastModified?.getTime() ?? options.nowMs);
      if (ReplicationStatus === 'PENDING' && waitedMs > LATE_MS) late.push(contactId);
    } catch (reason) {
      // It was erased meanwhile, or has expired.
      if (!(reason instanceof Error && reason.name === 'NotFound')) throw reason;
    }
  }
  return [
    ...(failed.length === 0 ? [] : [warning(`${told(failed)} could not be copied`, RIGHTS)]),
    ...(late.length === 0 ? [] : [warning(`${told(late)} waits to be copied for more than an hour`, RIGHTS)]),
  ];
}

const RIGHTS =
  'the bucket and the key of the copies must let the role in (the stack’s output replication_role_arn), see docs/DEPLOYING.md; ' +
  'S3 Batch Replication copies what was left out';

const told = (contacts: readonly string[]) =>
  `${count(contacts.length, 'of the latest recordings', 'of the latest recordings')} (${contacts[0] ?? ''}${contacts.length > 1 ? ', …' : ''})`;

async function latest({ queries, sinceMs }: CopiesOptions) {
  const from = new Date(sinceMs).toISOString();
  const found: { readonly contactId: string; readonly key: string }[] = [];
  // A record that can't be read tells nothing; "recent calls" speaks of such.
  const passOver = () => undefined;
  for await (const call of queries.find({ by: 'status', status: 'COMPLETE', from }, passOver)) {
    const key = wavKey(parseRecordingId(call.recordingId), new Date(call.startedAt));
    found.push({ contactId: call.contactId, key });
    if (found.length >= LOOKED_AT) break;
  }
  return found;
}
