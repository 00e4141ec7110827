/** Random values that a seed repeats, for tests that fast-check would be too slow or too clever for. */

export interface Random {
  /** From `min` to `max`, both possible. */
  integer(min: number, max: number): number;
  chance(probability: number): boolean;
  pick<T>(values: readonly [T, ...T[]]): T;
  bytes(length: number): Uint8Array;
}

/** The same seed (32 bits of it) gives the same values: an xorshift generator, scrambled by a multiplication. */
export function seeded(seed: number): Random {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (Math.imul(state, 0x2545f491) >>> 0) / 2 ** 32;
  };
  for (let index = 0; index < 8; index += 1) next();
  const integer = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  return {
    integer,
    chance: (probability) => next() < probability,
    pick: (values) => values[integer(0, values.length - 1)] ?? values[0],
    bytes: (length) => Uint8Array.from({ length }, () => integer(0, 255)),
  };
}
