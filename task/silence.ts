/** For how long a stream has had nothing new, as far as somebody listened. */

/** A wait that takes so many times as long as it should shows that the process was halted. */
const HALTED_TICKS = 3;
/** Sessions that end by themselves, so many in a row and each with nothing new, are as good as a silent one. */
const EMPTY_SESSIONS = 3;

/** All times are epoch ms. No time counts in which nothing could have come, or in which nobody looked. */
export class Silence {
  #sinceMs: number | undefined;
  /** When it was looked last whether something has come. */
  #untilMs = 0;
  /** Sessions in a row that ended by themselves and brought nothing. */
  #emptySessions = 0;

  /** In ms; 0 when that isn't known. */
  get lengthMs(): number {
    return this.#sinceMs === undefined ? 0 : this.#untilMs - this.#sinceMs;
  }

  /** So many sessions in a row were empty that one that isn't open tells as much as one that is. */
  get spansSessions(): boolean {
    return this.#emptySessions >= EMPTY_SESSIONS;
  }

  opened(nowMs: number): void {
    if (!this.spansSessions) this.#sinceMs = undefined;
    this.#sinceMs ??= nowMs;
    this.#untilMs = nowMs;
  }

  /** It was waited for something, from `beganMs` until now, for a tick at most. */
  listened(beganMs: number, nowMs: number, tickMs: number): void {
    this.#untilMs = nowMs;
    // The process itself slept: what came meanwhile hasn't been read.
    if (nowMs - beganMs > HALTED_TICKS * tickMs) this.#sinceMs = nowMs;
  }

  /** Something came. */
  broken(nowMs: number): void {
    this.#sinceMs = nowMs;
    this.#emptySessions = 0;
  }

  /** A session ended by itself. */
  ended(): void {
    this.#emptySessions += 1;
  }

  /** Nothing could have come. */
  interrupted(): void {
    this.#sinceMs = undefined;
  }

  /** Other sessions begin now: the empty ones so far say nothing of them. */
  restarted(): void {
    this.#emptySessions = 0;
  }
}
