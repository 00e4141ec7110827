import { DeleteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { type Recording, recordingId } from '../recording/identity.ts';
import { callKey } from './call-item.ts';
import type { FolderTable } from './folder-table.ts';

/** Deletes what the tables hold of a recording. What isn't there (any more) is no error. */
export interface RecordErasure {
  eraseCheckpoint(recording: Recording): Promise<void>;
  eraseCall(recording: Recording): Promise<void>;
}

export class DynamoDbRecordErasure implements RecordErasure {
  readonly #client: DynamoDBClient;
  readonly #tables: { readonly calls: string; readonly checkpoints: string };

  constructor(client: DynamoDBClient, tables: { readonly calls: string; readonly checkpoints: string }) {
    this.#client = client;
    this.#tables = tables;
  }

  async eraseCheckpoint(recording: Recording): Promise<void> {
    await this.#delete(this.#tables.checkpoints, { recordingId: recordingId(recording) });
  }

  async eraseCall(recording: Recording): Promise<void> {
    await this.#delete(this.#tables.calls, callKey(recording));
  }

  async #delete(TableName: string, key: object): Promise<void> {
    await this.#client.send(new DeleteItemCommand({ TableName, Key: marshall(key) }));
  }
}

/** The twin of {@link DynamoDbRecordErasure}, on a local run's tables. */
export class FolderRecordErasure implements RecordErasure {
  readonly #calls: FolderTable;
  readonly #checkpoints: FolderTable;

  constructor(calls: FolderTable, checkpoints: FolderTable) {
    this.#calls = calls;
    this.#checkpoints = checkpoints;
  }

  async eraseCheckpoint(recording: Recording): Promise<void> {
    await this.#checkpoints.keep((item) => item.recordingId !== recordingId(recording));
  }

  async eraseCall(recording: Recording): Promise<void> {
    const { contactId, startFragmentNumber } = callKey(recording);
    await this.#calls.keep(
      (item) => item.contactId !== contactId || item.startFragmentNumber !== startFragmentNumber,
    );
  }
}
