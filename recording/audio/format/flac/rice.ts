/**
 * Rice codes: a residual's low bits as they are, the rest in unary; in each partition of a block as many low bits as suit
 * its residuals (RFC 9639, 9.2.7).
 */
import type { BitWriter } from './bits.ts';

const PARTITION_ORDER_MAX = 6;
const PARTITIONS_MAX = 1 << PARTITION_ORDER_MAX;
/** 15 would say that the residuals stand there uncoded. */
const LOW_BITS_MAX = 14;
const LOW_BITS_BITS = 4;
/** Coding method and partition order. */
const HEADER_BITS = 6;

export interface Partitioning {
  /** Two to the power of it is the number of partitions. */
  readonly order: number;
  /** No coding of it takes more: each residual's unary part is counted with its share of the remainders. */
  readonly bitsMax: number;
}

/** The best way to cut a block's residuals up. Its tables are used again: one plan is valid until the next is made. */
export class RicePlan {
  /** Sums of residuals by partition, as {@link unsigned}: all orders behind each other, the finest first. */
  readonly #sums = new Float64Array(2 * PARTITIONS_MAX);

  /**
   * @param residuals of which those before `from` are none: they stand there as they are
   * @param size of the block
   */
  plan(residuals: Int32Array, from: number, size: number): Partitioning {
    let order = orderMax(size, from);
    this.#sumFinest(residuals, from, size, order);
    let best = this.#costOf(size, from, order, 0);
    for (let at = 0; order > 0; order -= 1) {
      const count = 1 << order;
      this.#addUp(at, count);
      at += count;
      const costs = this.#costOf(size, from, order - 1, at);
      if (costs.bitsMax < best.bitsMax) best = costs;
    }
    return best;
  }

  #sumFinest(residuals: Int32Array, from: number, size: number, order: number): void {
    const length = size >>> order;
    for (let partition = 0, begin = from; partition < 1 << order; partition += 1) {
      const end = (partition + 1) * length;
      let sum = 0;
      for (let at = begin; at < end; at += 1) sum += unsigned(residuals[at] ?? 0);
      this.#sums[partition] = sum;
      begin = end;
    }
  }

  /** Two partitions each make one of the next order. */
  #addUp(at: number, count: number): void {
    const sums = this.#sums;
    for (let pair = 0; 2 * pair < count; pair += 1)
      sums[at + count + pair] = (sums[at + 2 * pair] ?? 0) + (sums[at + 2 * pair + 1] ?? 0);
  }

  #costOf(size: number, from: number, order: number, at: number): Partitioning {
    let bitsMax = HEADER_BITS;
    for (let partition = 0; partition < 1 << order; partition += 1) {
      const sum = this.#sums[at + partition] ?? 0;
      const count = (size >>> order) - (partition === 0 ? from : 0);
      const lowBits = lowBitsFor(sum, count);
      bitsMax += LOW_BITS_BITS + count * (1 + lowBits) + Math.floor(sum / 2 ** lowBits);
    }
    return { order, bitsMax };
  }
}

/** Writes residuals as they were planned. */
export function writeResiduals(
  out: BitWriter,
  residuals: Int32Array,
  from: number,
  size: number,
  { order }: Partitioning,
): void {
  out.write(0, 2);
  out.write(order, 4);
  const length = size >>> order;
  for (let end = length, begin = from; end <= size; end += length) {
    let sum = 0;
    for (let at = begin; at < end; at += 1) sum += unsigned(residuals[at] ?? 0);
    const lowBits = lowBitsFor(sum, end - begin);
    out.write(lowBits, LOW_BITS_BITS);
    for (let at = begin; at < end; at += 1) writeOne(out, unsigned(residuals[at] ?? 0), lowBits);
    begin = end;
  }
}

function writeOne(out: BitWriter, value: number, lowBits: number): void {
  const noughts = value >>> lowBits;
  if (noughts + 1 + lowBits <= 24) {
    out.write((1 << lowBits) | (value & ((1 << lowBits) - 1)), noughts + 1 + lowBits);
  } else {
    out.writeUnary(noughts);
    out.write(value, lowBits);
  }
}

/** 0, -1, 1, -2, 2 … → 0, 1, 2, 3, 4 … */
function unsigned(residual: number): number {
  return (residual << 1) ^ (residual >> 31);
}

/** How many low bits suit `count` residuals, one at least, of that sum; the unary parts then have about one bit each. */
function lowBitsFor(sum: number, count: number): number {
  let lowBits = 0;
  for (let mean = sum / count; mean > 2 && lowBits < LOW_BITS_MAX; mean /= 2) lowBits += 1;
  return lowBits;
}

/** All partitions are of one length, and the first has room for the samples that are no residuals. */
function orderMax(size: number, from: number): number {
  let order = 0;
  while (order < PARTITION_ORDER_MAX && size % (2 << order) === 0 && size >>> (order + 1) > from) order += 1;
  return order;
}
