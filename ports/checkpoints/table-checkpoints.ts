/**
 * The checkpoints on their table. Every write is one conditional change. The states of an item, in the order of
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
 * The item that refused a write tells a write of ours whose answer was lost from one that somebody else forestalled.
 */
import type { Checkpoint, Ended, Progress } from '../../recording/checkpoint.ts';
import type { Clock } from '../runtime/clock.ts';
import { absent, all, any, type Condition, equals } from '../table/condition.ts';
import { type Change, type Refused, standingItem, type Table } from '../table/table.ts';
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

/** No task ever claimed the recording, or it belongs to this execution. */
const unownedOrMine = (owner: string) => any(absent('owner'), equals('owner', owner));
/** This task is the last that claimed the recording; nor has anybody claimed it since its item was read. */
const claimedBy = ({ owner, attempt }: Pick<Claim, 'owner' | 'attempt'>) =>
  all(equals('owner', owner), equals('attempt', attempt));
const NOT_ENDED: Condition = absent('ended');

export class TableCheckpoints implements Checkpoints {
  readonly #table: Table;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #keepDays: number | undefined;

  /** @param keepDays how long after its last write an item expires. */
  constructor(table: Table, clock: Pick<Clock, 'now'>, keepDays?: number) {
    this.#table = table;
    this.#clock = clock;
    this.#keepDays = keepDays;
  }

  async claim(recordingId: string, owner: string): Promise<ClaimResult> {
    const claimed = await this.#change(recordingId, {
      name: 'claim',
      set: { owner },
      add: { attempt: 1 },
      when: unownedOrMine(owner),
    });
    if ('standing' in claimed)
      return { claimed: false, checkpoint: await this.#standing(recordingId, claimed) };
    const { checkpoint } = claimed;
    return { claimed: true, claim: { recordingId, owner, attempt: checkpoint.attempt }, checkpoint };
  }

  async advance(claim: Claim, progress: Progress): Promise<void> {
    const refused = await this.#store('advance', claim, progressAttributes(progress));
    if (refused) throw new Superseded(await this.#standing(claim.recordingId, refused));
  }

  async end(claim: Claim, progress: Progress, ended: Ended): Promise<void> {
    const attributes = { ...progressAttributes(progress), ended: endedAttribute(ended) };
    const refused = await this.#store('end', claim, attributes);
    if (!refused) return;
    const standing = await this.#standing(claim.recordingId, refused);
    const endedByMe =
      standing.ended !== undefined && standing.owner === claim.owner && standing.attempt === claim.attempt;
    if (!endedByMe) throw new Superseded(standing);
  }

  async read(recordingId: string): Promise<Checkpoint | undefined> {
    const item = await this.#table.get({ recordingId });
    return item && checkpointOf(item);
  }

  async fence(recordingId: string, owner: string, ended: Ended): Promise<Checkpoint> {
    const fenced = await this.#change(recordingId, {
      name: 'fence',
      set: { owner, ended: endedAttribute(ended), endedBefore: undefined },
      add: { attempt: 1 },
      when: all(unownedOrMine(owner), NOT_ENDED),
    });
    return 'standing' in fenced ? this.#standing(recordingId, fenced) : fenced.checkpoint;
  }

  async handOver(recordingId: string, from: string, to: string): Promise<boolean> {
    const seen = await this.read(recordingId);
    if (seen?.owner !== from) return seen?.owner === to;
    const endedBefore = seen.ended ?? seen.endedBefore;
    const handedOver = await this.#change(recordingId, {
      name: 'handOver',
      set: { owner: to, ended: undefined, endedBefore: endedBefore && endedAttribute(endedBefore) },
      add: { attempt: 1 },
      when: claimedBy({ owner: from, attempt: seen.attempt }),
    });
    if (!('standing' in handedOver)) return true;
    const standing = await standingItem(this.#table, { recordingId }, handedOver);
    return standing !== undefined && checkpointOf(standing).owner === to;
  }

  async erase(recordingId: string, expiresAtMs: number): Promise<Checkpoint | undefined> {
    const before = await this.#table.put(
      { recordingId },
      tombstone(recordingId, this.#clock.now(), expiresAtMs),
    );
    return before && erasedCheckpoint(before);
  }

  /** What only the holder of the claim may write, until the recording has ended. @returns what was refused, if it was. */
  async #store(name: string, claim: Claim, attributes: Change['set']): Promise<Refused | undefined> {
    const stored = await this.#change(claim.recordingId, {
      name,
      set: { ...attributes, endedBefore: undefined },
      when: all(claimedBy(claim), NOT_ENDED),
    });
    return 'standing' in stored ? stored : undefined;
  }

  /** @returns the checkpoint after the write. */
  async #change(recordingId: string, change: Change): Promise<{ readonly checkpoint: Checkpoint } | Refused> {
    const set = { ...change.set, ...lifetime(this.#clock.now(), this.#keepDays) };
    const changed = await this.#table.change({ recordingId }, { ...change, set });
    return changed.written === undefined ? changed : { checkpoint: checkpointOf(changed.written) };
  }

  /** The checkpoint that refused a write. */
  async #standing(recordingId: string, refused: Refused): Promise<Checkpoint> {
    const item = await standingItem(this.#table, { recordingId }, refused);
    if (item === undefined) throw checkpointDeleted(recordingId);
    return checkpointOf(item);
  }
}
