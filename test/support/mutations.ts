/** Damages bytes, as networks, disks and attackers do. */
import { concat, type Element, layout, vint } from './matroska.ts';
import type { Random } from './random.ts';

export interface Specimen {
  readonly elements: readonly Element[];
  readonly bytes: Uint8Array;
}

type Mutation = (bytes: Uint8Array, random: Random, specimen: Specimen, other: Specimen) => Uint8Array;

/** Mostly once or twice, up to six times; the first one may know where the elements stood. */
export function mutate(specimen: Specimen, other: Specimen, random: Random): Uint8Array {
  let bytes = specimen.bytes;
  if (random.chance(0.6)) bytes = random.pick(STRUCTURAL)(bytes, random, specimen, other);
  const times = random.integer(bytes === specimen.bytes ? 1 : 0, random.pick([1, 1, 1, 2, 5]));
  for (let time = 0; time < times; time += 1) bytes = random.pick(BLIND)(bytes, random, specimen, other);
  return bytes;
}

const INTERESTING = [0x00, 0x01, 0x1f, 0x40, 0x7f, 0x80, 0xa3, 0xfe, 0xff] as const;
const ABSURD_SIZES = [
  0n,
  1n,
  126n,
  2n ** 16n,
  2n ** 26n,
  2n ** 32n,
  2n ** 53n,
  2n ** 56n - 2n,
  2n ** 56n - 1n,
] as const;

const BLIND: readonly [Mutation, ...Mutation[]] = [
  function flipBit(bytes, random) {
    return withByte(bytes, random, (byte) => byte ^ (1 << random.integer(0, 7)));
  },
  function setByte(bytes, random) {
    return withByte(bytes, random, () => random.pick(INTERESTING));
  },
  function remove(bytes, random) {
    const [from, to] = range(bytes, random);
    return concat(bytes.subarray(0, from), bytes.subarray(to));
  },
  function insert(bytes, random) {
    const at = random.integer(0, bytes.length);
    return concat(bytes.subarray(0, at), random.bytes(random.integer(1, 20)), bytes.subarray(at));
  },
  function repeat(bytes, random) {
    const [from, to] = range(bytes, random);
    return concat(bytes.subarray(0, to), bytes.subarray(from));
  },
  function truncate(bytes, random) {
    return bytes.subarray(0, random.integer(0, bytes.length));
  },
  function splice(bytes, random, _specimen, other) {
    const at = random.integer(0, bytes.length);
    return concat(bytes.subarray(0, at), other.bytes.subarray(random.integer(0, other.bytes.length)));
  },
];

const STRUCTURAL: readonly [Mutation, ...Mutation[]] = [
  /** The size says something else, in as many bytes. */
  function changeSize(bytes, random, { elements }) {
    const [first, ...rest] = layout(elements);
    if (!first) return bytes;
    const { sizeAt, payload, end } = random.pick([first, ...rest]);
    const width = payload - sizeAt;
    const near = BigInt(Math.max(0, end - payload + random.integer(-2, 2)));
    const size = random.chance(0.5) ? random.pick(ABSURD_SIZES) : near;
    const unknown = 2n ** BigInt(7 * width) - 1n;
    return replace(bytes, sizeAt, payload, vint(size > unknown ? unknown : size, width));
  },
  /** The size says something absurd, in 8 bytes. */
  function absurdSize(bytes, random, { elements }) {
    const [first, ...rest] = layout(elements);
    if (!first) return bytes;
    const { sizeAt, payload } = random.pick([first, ...rest]);
    return replace(bytes, sizeAt, payload, vint(random.pick(ABSURD_SIZES), 8));
  },
  /** An element stands where another stood. */
  function exchange(bytes, random, { elements }, other) {
    const [first, ...rest] = layout(elements);
    const [otherFirst, ...otherRest] = layout(other.elements);
    if (!first || !otherFirst) return bytes;
    const { start, end } = random.pick([first, ...rest]);
    const replacement = random.pick([otherFirst, ...otherRest]);
    return replace(bytes, start, end, other.bytes.subarray(replacement.start, replacement.end));
  },
  /** The body breaks off within an element, and another document begins. */
  function tear(bytes, random, { elements }, other) {
    const [first, ...rest] = layout(elements);
    if (!first) return bytes;
    const { start, payload, end } = random.pick([first, ...rest]);
    return concat(bytes.subarray(0, random.pick([start, payload, end])), other.bytes);
  },
];

function withByte(bytes: Uint8Array, random: Random, change: (byte: number) => number): Uint8Array {
  if (bytes.length === 0) return bytes;
  const at = random.integer(0, bytes.length - 1);
  return replace(bytes, at, at + 1, Uint8Array.of(change(bytes[at] ?? 0)));
}

function range(bytes: Uint8Array, random: Random): [from: number, to: number] {
  const from = random.integer(0, bytes.length);
  return [from, Math.min(bytes.length, from + random.integer(1, random.pick([1, 8, 200])))];
}

function replace(bytes: Uint8Array, from: number, to: number, by: Uint8Array): Uint8Array {
  return concat(bytes.subarray(0, from), by, bytes.subarray(to));
}
