/** The tree, a line an element: its offset, its name by depth, and what it says. */
import { ID } from '../../matroska/elements.ts';
import { printable } from '../terminal/terminal.ts';
import type { BlockValue, ElementEvent, ElementValue, WalkEvent } from './events.ts';

const OFFSET_WIDTH = 10;
const TEXT_MAX = 160;
/** An epoch ms from 2001 on; smaller Timecodes count from a file's beginning. */
const EPOCH_MS_MIN = 1e12;
const EPOCH_MS_MAX = 8.64e15;

/** RFC 9559, section 10.2. */
const FLAGS: readonly (readonly [mask: number, name: string])[] = [
  [0x80, 'keyframe'],
  [0x08, 'invisible'],
  [0x06, 'laced'],
  [0x01, 'discardable'],
];

export function treeLine(event: WalkEvent): string {
  const place = `${event.offset.toString().padStart(OFFSET_WIDTH)}  ${'  '.repeat(event.depth)}`;
  return event.kind === 'problem'
    ? `${place}! ${printable(event.what)}`
    : `${place}${event.name}${detail(event)}`;
}

function detail({ id, name, type, size, value }: ElementEvent): string {
  const unnamed = name === 'Unknown' ? ` 0x${id.toString(16)}` : '';
  if (type === 'm') return `${unnamed}, ${size === undefined ? 'size unknown' : bytes(size)}`;
  if (value === undefined) return unnamed;
  return `${unnamed}: ${shown(value)}${note(id, value)}`;
}

function shown(value: ElementValue): string {
  if (typeof value === 'string') return JSON.stringify(printable(cut(value)));
  if (typeof value !== 'object') return value.toString();
  if ('block' in value) return block(value.block);
  const { hex, bytes: length } = value.binary;
  return `${hex}${hex.length < 2 * length ? '…' : ''} (${bytes(length)})`;
}

function block({ trackNumber, relativeTime, flags, payloadBytes }: BlockValue): string {
  const names = FLAGS.filter(([mask]) => (flags & mask) !== 0).map(([, name]) => name);
  const time = `${relativeTime < 0 ? '' : '+'}${relativeTime}`;
  return [`track ${trackNumber}`, time, bytes(payloadBytes), ...names].join(', ');
}

/** A Cluster's time is an epoch time in what Kinesis Video Streams delivers. */
function note(id: number, value: ElementValue): string {
  if (id !== ID.Timestamp || typeof value !== 'number') return '';
  return value >= EPOCH_MS_MIN && value <= EPOCH_MS_MAX ? ` (${new Date(value).toISOString()})` : '';
}

function cut(text: string): string {
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text;
}

export function bytes(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'byte' : 'bytes'}`;
}
