/** How far what was given lies behind what is being said: the most of some seconds, one value a sink. */
import { LIVE_METRICS, type MetricName } from '../../contract/metrics.ts';
import type { Clock } from '../../ports/runtime/clock.ts';
import type { Telemetry } from '../../ports/runtime/telemetry.ts';
import type { LiveFormat } from './live-timeline.ts';

const TELL_EVERY_MS = 10_000;

export class Behind {
  readonly #clock: Clock;
  readonly #telemetry: Pick<Telemetry, 'publish'>;
  readonly #metric: MetricName;
  #mostMs = 0;
  #toldAtMs: number | undefined;

  constructor(
    clock: Clock,
    telemetry: Pick<Telemetry, 'publish'>,
    metric: MetricName = LIVE_METRICS.behindMs,
  ) {
    this.#metric = metric;
    this.#clock = clock;
    this.#telemetry = telemetry;
  }

  /** @param given all frames before it have been given. @param format undefined while nothing has */
  note(given: number, format: LiveFormat | undefined): void {
    if (format === undefined) return;
    const nowMs = this.#clock.now();
    const endMs = format.originMs + (given * 1_000) / format.sampleRate;
    this.#mostMs = Math.max(this.#mostMs, nowMs - endMs);
    this.#toldAtMs ??= nowMs;
    if (nowMs - this.#toldAtMs < TELL_EVERY_MS) return;
    this.#telemetry.publish([[this.#metric, Math.round(this.#mostMs)]]);
    this.#toldAtMs = nowMs;
    this.#mostMs = 0;
  }
}
