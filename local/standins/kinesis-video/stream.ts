import { MemoryStream } from '../../../ports/media/memory-stream.ts';
import type { Clock } from '../../../ports/runtime/clock.ts';

export type { StoredFragment } from '../../../ports/media/memory-stream.ts';

export interface StreamOptions {
  readonly name: string;
  readonly arn: string;
  /** 0: there is no archive, and live media can be read for five minutes. */
  readonly retentionHours: number;
  readonly clock?: Clock;
  /** How long media of a stream without retention can be read (Developer Guide, "Quotas"). */
  readonly bufferMs?: number;
  /** How long after a fragment came ListFragments shows it. */
  readonly listingDelayMs?: number;
}

const BUFFER_MS = 5 * 60_000;
const MS_PER_HOUR = 3_600_000;

/** A video stream of the stand-in: what was put into it, for as long as it is kept. */
export class Stream extends MemoryStream {
  readonly name: string;
  readonly arn: string;
  readonly retentionHours: number;
  readonly createdAtMs: number;

  constructor(options: StreamOptions) {
    const { name, arn, retentionHours, bufferMs = BUFFER_MS, clock, listingDelayMs } = options;
    super({
      keepMs: retentionHours > 0 ? retentionHours * MS_PER_HOUR : bufferMs,
      ...(clock && { clock }),
      ...(listingDelayMs !== undefined && { listingDelayMs }),
    });
    this.name = name;
    this.arn = arn;
    this.retentionHours = retentionHours;
    this.createdAtMs = this.clock.now();
  }
}
