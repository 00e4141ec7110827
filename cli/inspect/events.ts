/** What {@link ElementWalker} finds, in the order of the bytes. */
import type { ElementType } from './schema.ts';

/** The payload of a SimpleBlock or Block (RFC 9559, section 10). */
export interface BlockValue {
  readonly trackNumber: number;
  /** Ticks of the TimestampScale, relative to the Cluster's. */
  readonly relativeTime: number;
  readonly flags: number;
  /** What follows the block's header. */
  readonly payloadBytes: number;
}

/** Bytes that mean nothing here. */
export interface BinaryValue {
  /** The first of them. */
  readonly hex: string;
  readonly bytes: number;
}

/** A date is an ISO 8601 text; a long text is cut. */
export type ElementValue = number | bigint | string | { block: BlockValue } | { binary: BinaryValue };

export interface ElementEvent {
  readonly kind: 'element';
  readonly id: number;
  /** `Unknown` where the schema has no such element. */
  readonly name: string;
  readonly type: ElementType;
  /** Open elements around it. */
  readonly depth: number;
  /** The place of its first byte. */
  readonly offset: number;
  readonly headerBytes: number;
  /** Payload bytes; undefined where the size is unknown. */
  readonly size: number | undefined;
  /** Absent for masters. */
  readonly value?: ElementValue;
}

/**
 * - `foreign`: bytes that are no Matroska, passed over until something that looks like it
 * - `misplaced`: an element where it can't stand
 * - `cut`: an element ends before it should, since a new document begins, or the bytes are over
 */
export type ProblemKind = 'foreign' | 'misplaced' | 'cut';

export interface ProblemEvent {
  readonly kind: 'problem';
  readonly problem: ProblemKind;
  readonly depth: number;
  readonly offset: number;
  /** Bytes concerned, where that can be told. */
  readonly bytes?: number;
  /** What is wrong, in words. */
  readonly what: string;
}

export type WalkEvent = ElementEvent | ProblemEvent;
