/** Copies by S3's replication. */
import { GetBucketReplicationCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { isRefusal } from '../objects/refusal.ts';
import { S3Objects } from '../objects/s3-objects.ts';
import type { StoredObjects } from '../objects/stored-objects.ts';
import type { Copies, CopyState } from './copies.ts';

const STATES: Readonly<Record<string, CopyState>> = {
  COMPLETE: 'copied',
  COMPLETED: 'copied',
  PENDING: 'pending',
  FAILED: 'failed',
};

export class S3Copies implements Copies {
  readonly #client: S3Client;
  readonly #elsewhere: S3Client;
  readonly #bucket: string;

  /** @param elsewhere finds buckets of other regions, too */
  constructor(client: S3Client, elsewhere: S3Client, bucket: string) {
    this.#client = client;
    this.#elsewhere = elsewhere;
    this.#bucket = bucket;
  }

  async buckets(): Promise<readonly StoredObjects[] | undefined> {
    const names = await this.#names();
    return names && [...names].map((name) => new S3Objects(this.#elsewhere, name));
  }

  async stateOf(key: string): Promise<CopyState> {
    try {
      const command = new HeadObjectCommand({ Bucket: this.#bucket, Key: key });
      const { ReplicationStatus } = await this.#client.send(command);
      return STATES[ReplicationStatus ?? ''] ?? 'none';
    } catch (error) {
      if (error instanceof Error && error.name === 'NotFound') return 'none';
      throw error;
    }
  }

  async #names(): Promise<Set<string> | undefined> {
    try {
      const command = new GetBucketReplicationCommand({ Bucket: this.#bucket });
      const { ReplicationConfiguration } = await this.#client.send(command);
      const arns = ReplicationConfiguration?.Rules?.map(({ Destination }) => Destination?.Bucket ?? '') ?? [];
      return new Set(arns.map((arn) => arn.slice(arn.lastIndexOf(':') + 1)).filter((name) => name !== ''));
    } catch (error) {
      if (error instanceof Error && error.name === 'ReplicationConfigurationNotFoundError') return new Set();
      if (isRefusal(error)) return undefined;
      throw error;
    }
  }
}
