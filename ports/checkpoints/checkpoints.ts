import type { Checkpoint, Ended, Progress } from '../../recording/checkpoint.ts';

/** What a task holds once it has claimed a recording; every write is made in its name. */
export interface Claim {
  readonly recordingId: string;
  readonly owner: string;
  readonly attempt: number;
}

export type ClaimResult =
  | { readonly claimed: true; readonly claim: Claim; readonly checkpoint: Checkpoint }
  /** The recording belongs to another execution. */
  | { readonly claimed: false; readonly checkpoint: Checkpoint };

/**
 * The checkpoints table. Every write is conditional and idempotent, so that one whose outcome is unknown is
 * simply tried again; every read is strongly consistent.
 */
export interface Checkpoints {
  /** Claims the recording if `owner` is absent or is this execution: `attempt` + 1, and `owner` is this execution. */
  claim(recordingId: string, owner: string): Promise<ClaimResult>;
  /** Writes position, counters and losses if nobody has claimed since. @throws Superseded otherwise. */
  advance(claim: Claim, progress: Progress): Promise<void>;
  /** Writes position, counters, losses, and `ended` if nobody has claimed since. @throws Superseded otherwise. */
  end(claim: Claim, progress: Progress, ended: Ended): Promise<void>;
  read(recordingId: string): Promise<Checkpoint | undefined>;
  /**
   * The assembly calls it where no `ended` stands. If `owner` is absent or is this execution, and `ended` is absent:
   * `attempt` + 1, so that a task still alive is refused from then on, `owner` is this execution, and `ended`.
   * Otherwise nothing. @returns the checkpoint as it is then.
   */
  fence(recordingId: string, owner: string, ended: Ended): Promise<Checkpoint>;
  /**
   * The only way that the owner changes, for a resumption by hand: if `owner` is still `from`: it is `to`, `ended`
   * is `endedBefore`, until more is stored; `attempt` + 1. @returns whether the recording belongs to `to` now (also after an earlier call).
   */
  handOver(recordingId: string, from: string, to: string): Promise<boolean>;
  /**
   * A tombstone in place of whatever stands there, or of nothing: from then on every other write is refused, as one to
   * a recording that belongs to nobody. It goes by itself at `expiresAtMs` or some days later (DynamoDB's TTL).
   * @returns what stood there; undefined for nothing, or nothing that could be read
   */
  erase(recordingId: string, expiresAtMs: number): Promise<Checkpoint | undefined>;
}

/** When a recording that is to be written has been erased: nothing of it is written, and nothing begun anew. */
export class RecordingErased extends Error {
  override readonly name = 'RecordingErased';

  constructor(recordingId: string) {
    super(`recording ${recordingId} has been erased`);
  }
}

/** When a write is refused because another task has claimed the recording since, or the assembly has fenced it. */
export class Superseded extends Error {
  override readonly name = 'Superseded';
  /** The checkpoint that refused the write. */
  readonly checkpoint: Checkpoint;

  constructor(checkpoint: Checkpoint) {
    const { recordingId, attempt, erasedAt } = checkpoint;
    super(
      erasedAt === undefined
        ? `recording ${recordingId} has been claimed anew (attempt ${String(attempt)})`
        : `recording ${recordingId} has been erased`,
    );
    this.checkpoint = checkpoint;
  }
}
