/** The checkpoints in memory: the twin of {@link DynamoDbCheckpoints} for tests and simulations. */
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
import { defined } from '../table/item-update.ts';

/** One write that took effect. */
export interface CheckpointWrite {
  readonly operation: 'claim' | 'advance' | 'end' | 'fence' | 'handOver' | 'erase';
  readonly before: Checkpoint | undefined;
  readonly after: Checkpoint;
}

export interface MemoryCheckpointsOptions {
  readonly keepDays?: number;
  /** Told of each write at the moment that it takes effect. */
  readonly onWrite?: (write: CheckpointWrite) => void;
}

export class MemoryCheckpoints implements Checkpoints {
  readonly #items = new Map<string, Readonly<Record<string, unknown>>>();
  readonly #history: CheckpointWrite[] = [];
  readonly #clock: Pick<Clock, 'now'>;
  readonly #keepDays: number | undefined;
  readonly #onWrite: (write: CheckpointWrite) => void;

  constructor(clock: Pick<Clock, 'now'>, options: MemoryCheckpointsOptions = {}) {
    this.#clock = clock;
    this.#keepDays = options.keepDays;
    this.#onWrite = options.onWrite ?? (() => undefined);
  }

  /** Every write that took effect, in order. */
  get history(): readonly CheckpointWrite[] {
    return this.#history;
  }

  async claim(recordingId: string, owner: string): Promise<ClaimResult> {
    const standing = this.#get(recordingId);
    if (standing !== undefined && !unownedOrMine(standing, owner)) {
      return Promise.resolve({ claimed: false, checkpoint: standing });
    }
    const attempt = (standing?.attempt ?? 0) + 1;
    const checkpoint = this.#write('claim', recordingId, { owner, attempt });
    return Promise.resolve({ claimed: true, claim: { recordingId, owner, attempt }, checkpoint });
  }

  async advance(claim: Claim, progress: Progress): Promise<void> {
    const standing = this.#standing(claim.recordingId);
    if (!claimedByMe(standing, claim) || standing.ended !== undefined) throw new Superseded(standing);
    const attributes = { ...progressAttributes(progress), endedBefore: undefined };
    this.#write('advance', claim.recordingId, attributes);
    return Promise.resolve();
  }

  async end(claim: Claim, progress: Progress, ended: Ended): Promise<void> {
    const standing = this.#standing(claim.recordingId);
    if (!claimedByMe(standing, claim)) throw new Superseded(standing);
    if (standing.ended === undefined) {
      const attributes = {
        ...progressAttributes(progress),
        ended: endedAttribute(ended),
        endedBefore: undefined,
      };
      this.#write('end', claim.recordingId, attributes);
    }
    return Promise.resolve();
  }

  async read(recordingId: string): Promise<Checkpoint | undefined> {
    return Promise.resolve(this.#get(recordingId));
  }

  async fence(recordingId: string, owner: string, ended: Ended): Promise<Checkpoint> {
    const standing = this.#get(recordingId);
    if (standing !== undefined && (!unownedOrMine(standing, owner) || standing.ended !== undefined)) {
      return Promise.resolve(standing);
    }
    const attempt = (standing?.attempt ?? 0) + 1;
    const attributes = { owner, attempt, ended: endedAttribute(ended), endedBefore: undefined };
    return Promise.resolve(this.#write('fence', recordingId, attributes));
  }

  async handOver(recordingId: string, from: string, to: string): Promise<boolean> {
    const standing = this.#get(recordingId);
    if (standing?.owner !== from) return Promise.resolve(standing?.owner === to);
    this.#write('handOver', recordingId, {
      owner: to,
      attempt: standing.attempt + 1,
      ended: undefined,
      endedBefore: standing.ended ?? standing.endedBefore,
    });
    return Promise.resolve(true);
  }

  async erase(recordingId: string, expiresAtMs: number): Promise<Checkpoint | undefined> {
    const standing = this.#items.get(recordingId);
    const before = standing && erasedCheckpoint(standing);
    const item = tombstone(recordingId, this.#clock.now(), expiresAtMs);
    this.#items.set(recordingId, item);
    this.#note({ operation: 'erase', before, after: checkpointOf(item) });
    return Promise.resolve(before);
  }

  /** The item as DynamoDB would hold it, for tests of what isn't in the port. */
  item(recordingId: string): Readonly<Record<string, unknown>> | undefined {
    return this.#items.get(recordingId);
  }

  /** What only a stranger would do: sets an item, or removes it (`undefined`), whatever any condition says. */
  tamper(recordingId: string, item: Readonly<Record<string, unknown>> | undefined): void {
    if (item === undefined) this.#items.delete(recordingId);
    else this.#items.set(recordingId, item);
  }

  #get(recordingId: string): Checkpoint | undefined {
    const item = this.#items.get(recordingId);
    return item === undefined ? undefined : checkpointOf(item);
  }

  #standing(recordingId: string): Checkpoint {
    const standing = this.#get(recordingId);
    if (standing === undefined) throw checkpointDeleted(recordingId);
    return standing;
  }

  #write(
    operation: CheckpointWrite['operation'],
    recordingId: string,
    attributes: Readonly<Record<string, unknown>>,
  ): Checkpoint {
    const before = this.#get(recordingId);
    const stamps = lifetime(this.#clock.now(), this.#keepDays);
    const item = defined({ ...this.#items.get(recordingId), ...attributes, recordingId, ...stamps });
    this.#items.set(recordingId, structuredClone(item));
    const after = checkpointOf(item);
    this.#note({ operation, before, after });
    return after;
  }

  #note(write: CheckpointWrite): void {
    this.#history.push(write);
    this.#onWrite(write);
  }
}

function unownedOrMine(checkpoint: Checkpoint, owner: string): boolean {
  return checkpoint.owner === undefined || checkpoint.owner === owner;
}

function claimedByMe(checkpoint: Checkpoint, claim: Claim): boolean {
  return checkpoint.owner === claim.owner && checkpoint.attempt === claim.attempt;
}
