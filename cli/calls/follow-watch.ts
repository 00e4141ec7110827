/** What is known of a call while it is recorded: looked up again and again. */
import { type CallRecord, type Gap, isFinal } from '../../recording/call-record.ts';
import type { Checkpoint } from '../../recording/checkpoint.ts';
import type { Recording } from '../../recording/identity.ts';
import { inOrder, type TranscriptRow } from '../../recording/transcript/segment.ts';
import type { Access } from '../access/access.ts';
import { CliError, EXIT } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';
import { TapeFollower } from './tape-follower.ts';

/** What is known at one moment. */
export interface Moment {
  readonly call: CallRecord;
  readonly checkpoint: Checkpoint | undefined;
  readonly gaps: readonly Gap[];
  readonly skippedBytes: number;
  /** What has been written down; none where nobody asked. */
  readonly rows: readonly TranscriptRow[];
  /** How long ago what is on the tape was said; undefined before anything is. */
  readonly lagMs: number | undefined;
}

export class Watch {
  readonly #access: Access;
  readonly #io: Io;
  readonly #recording: Recording;
  #follower: TapeFollower | undefined;
  readonly #words: boolean;
  #segments = 0;
  #rowsFromId: string | undefined;
  #facts: Pick<Moment, 'gaps' | 'skippedBytes'> = { gaps: [], skippedBytes: 0 };

  constructor(access: Access, io: Io, recording: Recording, words: boolean) {
    this.#words = words;
    this.#access = access;
    this.#io = io;
    this.#recording = recording;
  }

  async look(): Promise<Moment> {
    const call = await this.#access.calls.get(this.#recording);
    if (call === undefined) throw new CliError(EXIT.notFound, 'the call’s record has been deleted');
    const checkpoint = await this.#access.checkpoints.read(call.recordingId);
    const { segments } = checkpoint?.counters ?? { segments: 0 };
    const upTo = checkpoint?.position?.lastFragmentNumber;
    if (upTo !== undefined && segments > this.#segments && !isFinal(call.status)) {
      this.#follower ??= new TapeFollower(
        this.#access.tapeOf(call),
        this.#recording,
        Date.parse(call.startedAt),
      );
      this.#facts = await this.#follower.poll(upTo);
      this.#segments = segments;
    }
    const saidAtMs = checkpoint?.position?.lastServerTimestamp;
    const lagMs = saidAtMs === undefined ? undefined : Math.max(0, this.#io.clock.now() - saidAtMs);
    const gaps = call.media && isFinal(call.status) ? call.media.gaps : this.#facts.gaps;
    const rows = this.#words ? await this.#rows(call) : [];
    return { call, checkpoint, ...this.#facts, gaps, lagMs, rows };
  }

  /** All of them when the call is finished. */
  async #rows({ recordingId, status }: CallRecord): Promise<TranscriptRow[]> {
    const { transcripts } = this.#access;
    const fromId = isFinal(status) ? undefined : this.#rowsFromId;
    const rows = inOrder(await transcripts.ofRecording(recordingId, fromId));
    const last = rows.at(-1);
    if (last) this.#rowsFromId = idBefore(last);
    return rows;
  }
}

/**
 * Rows are read again from so long before the last one that is known: what came late, or was held back, is written then. All of a long
 * call, every two seconds, would cost more than recording it.
 */
const ROWS_AGAIN_MS = 600_000;
const FRAME_DIGITS = 12;

/** The id of rows that begin so long before that one. */
function idBefore({ segmentId, startMs }: TranscriptRow): string {
  const frame = Number(segmentId.slice(0, FRAME_DIGITS));
  const from = startMs > ROWS_AGAIN_MS ? Math.floor(frame * (1 - ROWS_AGAIN_MS / startMs)) : 0;
  return String(from).padStart(FRAME_DIGITS, '0');
}
