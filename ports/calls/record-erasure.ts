import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Recording } from '../../recording/identity.ts';
import { callKey } from './call-item.ts';
import type { FolderTable, Item } from '../table/folder-table.ts';

/** What an erasure does to the calls table. What isn't there (any more) is no error. */
export interface RecordErasure {
  eraseCall(recording: Recording): Promise<void>;
  /**
   * Notes in a record where the contact's next recording began, since that one's record is going: the nearest start that
   * was ever noted stands. Nothing is written where there is no such record.
   */
  noteNextStart(recording: Recording, nextStart: bigint): Promise<void>;
}

/** Digits are ordered as numbers by their count, and then as text. */
const NEARER =
  'attribute_not_exists(#next) OR size(#next) > :digits OR (size(#next) = :digits AND #next > :next)';

export class DynamoDbRecordErasure implements RecordErasure {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, callsTable: string) {
    this.#client = client;
    this.#table = callsTable;
  }

  async eraseCall(recording: Recording): Promise<void> {
    await this.#client.send(
      new DeleteItemCommand({ TableName: this.#table, Key: marshall(callKey(recording)) }),
    );
  }

  async noteNextStart(recording: Recording, nextStart: bigint): Promise<void> {
    const next = nextStart.toString();
    try {
      await this.#client.send(
        new UpdateItemCommand({
          TableName: this.#table,
          Key: marshall(callKey(recording)),
          UpdateExpression: 'SET #next = :next',
          ConditionExpression: `attribute_exists(#id) AND (${NEARER})`,
          ExpressionAttributeNames: { '#next': 'nextStartFragmentNumber', '#id': 'recordingId' },
          ExpressionAttributeValues: marshall({ ':next': next, ':digits': next.length }),
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }
}

/** The twin of {@link DynamoDbRecordErasure}, on a local run's table. */
export class FolderRecordErasure implements RecordErasure {
  readonly #calls: FolderTable;

  constructor(calls: FolderTable) {
    this.#calls = calls;
  }

  async eraseCall(recording: Recording): Promise<void> {
    await this.#calls.rewrite((items) => items.filter((item) => !isOf(item, recording)));
  }

  async noteNextStart(recording: Recording, nextStart: bigint): Promise<void> {
    await this.#calls.rewrite((items) =>
      items.map((item) => {
        const { nextStartFragmentNumber: noted } = item;
        const nearer = typeof noted === 'string' && BigInt(noted) <= nextStart;
        return nearer || !isOf(item, recording)
          ? item
          : { ...item, nextStartFragmentNumber: nextStart.toString() };
      }),
    );
  }
}

function isOf(item: Item, recording: Recording): boolean {
  const { contactId, startFragmentNumber } = callKey(recording);
  return item.contactId === contactId && item.startFragmentNumber === startFragmentNumber;
}
