/** What the commands work on: a deployment's tables, bucket and executions, or the files of a local run. */
import type { RecordErasure } from '../ports/record-erasure.ts';
import type { StoredObjects } from '../ports/stored-objects.ts';
import type { CallRecord } from '../recording/call-record.ts';
import type { ResumeAccess } from '../resuming/access.ts';
import type { Deployment } from './deployment.ts';

/** What leads to a call's bucket. */
export type BucketHints = Pick<CallRecord, 'executionArn' | 'audio'>;

export interface Access extends ResumeAccess {
  /** For people: what is looked at. */
  readonly where: string;
  /** For people who look in vain: where else it may be. */
  readonly whereElse: string;
  readonly erasure: RecordErasure;
  /** @param call undefined where there is no record: then the bucket must have been named. */
  objectsOf(call: BucketHints | undefined): StoredObjects;
  /** Files beside tables and bucket that a local run has written of a contact; none on AWS. */
  extraFilesOf(contactId: string): Promise<readonly string[]>;
  close(): void;
}

/** Loads what it needs and nothing else, so that `--help` is quick. @throws CliError */
export async function openAccess(deployment: Deployment): Promise<Access> {
  if (deployment.kind === 'local') {
    const { localAccess } = await import('./local-access.ts');
    return localAccess(deployment.dir);
  }
  const { awsAccess } = await import('./aws-access.ts');
  return awsAccess(deployment);
}
