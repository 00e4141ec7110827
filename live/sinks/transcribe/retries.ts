/** When a stream follows one that has broken off. The SDK tries once. */
import { SILENCE_CODE } from '../../../ports/transcribe/transcribe.ts';
import type { StreamEnd } from './stream.ts';

interface Lived {
  readonly lastedMs: number;
  readonly answers: number;
}

const WAIT_MS = { first: 500, most: 30_000 };
/** Another one has it; whichever is to have it shall have gone on by then. */
const CONFLICT_MS = 10_000;
/** One that has lasted so long, or has answered, was none that is refused. */
const STEADY_MS = 30_000;
/**
 * Nothing that comes again mends these, where a stream ends by them that was never steady; of one that was, the next is asked for with
 * the same settings, and fresh credentials.
 */
const FOR_GOOD: ReadonlySet<string> = new Set([
  'BadRequestException',
  'ValidationException',
  'AccessDeniedException',
  'UnrecognizedClientException',
  'InvalidSignatureException',
  'SubscriptionRequiredException',
  'OptInRequired',
]);
const SOON: ReadonlySet<string> = new Set(['dropped', 'hung', 'closed', SILENCE_CODE]);

export class Retries {
  readonly #random: () => number;
  #waitMs = WAIT_MS.first;
  #isRefused = false;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Whether the last stream was refused. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  /** @returns ms to wait; undefined where it is of no use */
  after(end: StreamEnd, { lastedMs, answers }: Lived): number | undefined {
    const wasSteady = answers > 0 || lastedMs >= STEADY_MS;
    this.#isRefused = !wasSteady && !SOON.has(end) && end !== 'over';
    if (wasSteady || end === 'over') this.#waitMs = WAIT_MS.first;
    if (end === 'over') return 0;
    if (FOR_GOOD.has(end) && !wasSteady) return undefined;
    const mostMs = end === 'ConflictException' ? Math.max(this.#waitMs, CONFLICT_MS) : this.#waitMs;
    this.#waitMs = Math.min(2 * this.#waitMs, WAIT_MS.most);
    return mostMs * (0.5 + this.#random() / 2);
  }
}
