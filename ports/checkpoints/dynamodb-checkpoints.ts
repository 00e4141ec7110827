/**
 * The checkpoints in DynamoDB. Every write is one conditional UpdateItem. The states of an item, in the order of
 * its life, and the writes that each of them lets pass:
 *
 * - NONE: no item.
 *   `claim` → CLAIMED, `fence` → ENDED
 * - CLAIMED: `owner`, and `attempt` n.
 *   The owner's `claim` → CLAIMED n + 1. Attempt n's own `advance`, and `end` → ENDED. The owner's `fence` → ENDED
 *   n + 1, so that a task still alive is refused from then on
 * - ENDED: `ended` as well.
 *   The owner's `claim` → ENDED n + 1: the task finds `ended` and leaves. A `handOver` by the owner → CLAIMED n + 1
 *   by another execution
 * - ERASED: `erasedAt`, and an owner that nobody is. `erase` leads here from everywhere, here too, and replaces the whole
 *   item. Nothing but the table's time to live leads back to NONE
 *
 * A condition refuses without saying why, so the item is read then (strongly consistent): that tells a write of
 * ours whose answer was lost from one that somebody else forestalled.
 */
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Checkpoint, Ended, Progress } from '../../recording/checkpoint.ts';
import {
  checkpointDeleted,
  checkpointOf,
  endedAttribute,
  erasedCheckpoint,
  lifetime,
  progressAttributes,
  tombstone,
} from './checkpoint-item.ts';
import { type Checkpoints, type Claim, type ClaimResult, Superseded } from './checkpoints.ts';
import type { Clock } from '../runtime/clock.ts';
import { type ItemUpdate, updateItem } from '../table/item-update.ts';

/** No task ever claimed the recording, or it belongs to this execution. */
const UNOWNED_OR_MINE = '(attribute_not_exists(#owner) OR #owner = :owner)';
/** This task is the last that claimed the recording. */
const CLAIMED_BY_ME = '#owner = :owner AND #attempt = :attempt';
/** Nobody has ended it. */
const NOT_ENDED = 'attribute_not_exists(#ended)';
/** It belongs to the execution that hands it over, and nobody has claimed it since it was read. */
const STILL_AS_SEEN = '#owner = :from AND #attempt = :seen';

export class DynamoDbCheckpoints implements Checkpoints {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #clock: Clock;
  readonly #keepDays: number | undefined;

  /** @param keepDays how long after its last write an item expires. */
  constructor(client: DynamoDBClient, table: string, clock: Clock, keepDays?: number) {
    this.#client = client;
    this.#table = table;
    this.#clock = clock;
    this.#keepDays = keepDays;
  }

  async claim(recordingId: string, owner: string): Promise<ClaimResult> {
    const checkpoint = await this.#update(recordingId, {
      set: { owner },
      add: { attempt: 1 },
      condition: UNOWNED_OR_MINE,
    });
    return checkpoint === undefined
      ? { claimed: false, checkpoint: await this.#standing(recordingId) }
      : { claimed: true, claim: { recordingId, owner, attempt: checkpoint.attempt }, checkpoint };
  }

  async advance(claim: Claim, progress: Progress): Promise<void> {
    const attributes = { ...progressAttributes(progress), endedBefore: undefined };
    const written = await this.#updateAsHolder(claim, attributes);
    if (written === undefined) throw new Superseded(await this.#standing(claim.recordingId));
  }

  async end(claim: Claim, progress: Progress, ended: Ended): Promise<void> {
    const attributes = {
      ...progressAttributes(progress),
      ended: endedAttribute(ended),
      endedBefore: undefined,
    };
    const written = await this.#updateAsHolder(claim, attributes);
    if (written !== undefined) return;
    const standing = await this.#standing(claim.recordingId);
    const endedByMe =
      standing.ended !== undefined && standing.owner === claim.owner && standing.attempt === claim.attempt;
    if (!endedByMe) throw new Superseded(standing);
  }

  async read(recordingId: string): Promise<Checkpoint | undefined> {
    const { Item } = await this.#client.send(
      new GetItemCommand({ TableName: this.#table, Key: marshall({ recordingId }), ConsistentRead: true }),
    );
    return Item === undefined ? undefined : checkpointOf(unmarshall(Item));
  }

  async fence(recordingId: string, owner: string, ended: Ended): Promise<Checkpoint> {
    const fenced = await this.#update(recordingId, {
      set: { owner, ended: endedAttribute(ended), endedBefore: undefined },
      add: { attempt: 1 },
      condition: `${UNOWNED_OR_MINE} AND ${NOT_ENDED}`,
    });
    return fenced ?? this.#standing(recordingId);
  }

  async handOver(recordingId: string, from: string, to: string): Promise<boolean> {
    const standing = await this.read(recordingId);
    if (standing?.owner !== from) return standing?.owner === to;
    const endedBefore = standing.ended ?? standing.endedBefore;
    const handedOver = await this.#update(recordingId, {
      set: { owner: to, ended: undefined, endedBefore: endedBefore && endedAttribute(endedBefore) },
      add: { attempt: 1 },
      condition: STILL_AS_SEEN,
      values: { from, seen: standing.attempt },
    });
    return handedOver !== undefined || (await this.read(recordingId))?.owner === to;
  }

  async erase(recordingId: string, expiresAtMs: number): Promise<Checkpoint | undefined> {
    const { Attributes } = await this.#client.send(
      new PutItemCommand({
        TableName: this.#table,
        Item: marshall(tombstone(recordingId, this.#clock.now(), expiresAtMs)),
        ReturnValues: 'ALL_OLD',
      }),
    );
    return Attributes && erasedCheckpoint(unmarshall(Attributes));
  }

  #updateAsHolder({ recordingId, owner, attempt }: Claim, set: ItemUpdate['set']) {
    return this.#update(recordingId, {
      set,
      condition: `${CLAIMED_BY_ME} AND ${NOT_ENDED}`,
      values: { owner, attempt },
    });
  }

  /** @returns the checkpoint after the write; undefined when it was refused. */
  async #update(recordingId: string, update: Omit<ItemUpdate, 'key'>): Promise<Checkpoint | undefined> {
    const item = await updateItem(this.#client, this.#table, {
      ...update,
      key: { recordingId },
      set: { ...update.set, ...lifetime(this.#clock.now(), this.#keepDays) },
    });
    return item === undefined ? undefined : checkpointOf(item);
  }

  /** The checkpoint that refused a write. */
  async #standing(recordingId: string): Promise<Checkpoint> {
    const checkpoint = await this.read(recordingId);
    if (checkpoint === undefined) throw checkpointDeleted(recordingId);
    return checkpoint;
  }
}
