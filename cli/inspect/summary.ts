/** What a stream, a tape or a file of Matroska holds, gathered in memory that doesn't grow with it. */
import { ID } from '../../matroska/elements.ts';
import type { Wholeness } from '../../matroska/fragment.ts';
import {
  millisBehindNowOf,
  producerTimestampOf,
  serverTimestampOf,
  streamErrorOf,
} from '../../matroska/tags.ts';
import { contactIdOf } from '../../recording/ownership.ts';
import { ContactCollector, type ContactSummary } from './contact-facts.ts';
import { DocumentFacts } from './document.ts';
import type { ProblemEvent, WalkEvent } from './events.ts';

const SHOWN_MAX = 50;
const CONTACTS_MAX = 200;

/** An error that Kinesis Video Streams reports in the stream. */
export interface StreamErrorFacts {
  readonly id: number;
  readonly code: string;
  readonly fragmentNumber?: string;
  readonly offset: number;
}

export interface StreamSummary {
  readonly bytes: number;
  /** Files, or objects of a tape. */
  readonly parts: number;
  readonly fragments: number;
  readonly wholeness: Readonly<Record<Wholeness, number>>;
  /** Fragments numbered as one before them, or below it: copies, or a stream joined out of order. */
  readonly repeated: number;
  /** In order of appearance. */
  readonly contacts: readonly ContactSummary[];
  /** Fragments of contacts beyond the first 200. */
  readonly otherContactFragments: number;
  /** The producer's clock against the server's, in ms; above 0: the producer's is ahead. Absent without both. */
  readonly clockSkewMs?: { readonly min: number; readonly mean: number; readonly max: number };
  /** How far reading was behind the live edge at most. */
  readonly maxBehindMs?: number;
  readonly streamErrorCount: number;
  /** The first 50. */
  readonly streamErrors: readonly StreamErrorFacts[];
  readonly problemCount: number;
  /** The first 50. */
  readonly problems: readonly (Omit<ProblemEvent, 'kind' | 'depth'> & { readonly part: string })[];
}

export class Summary {
  readonly #wholeness: Record<Wholeness, number> = { tagged: 0, structural: 0, torn: 0 };
  readonly #contacts = new Map<string | undefined, ContactCollector>();
  readonly #streamErrors: StreamErrorFacts[] = [];
  readonly #problems: StreamSummary['problems'][number][] = [];
  #part = '';
  #parts = 0;
  #bytes = 0;
  #document: DocumentFacts | undefined;
  #fragments = 0;
  #repeated = 0;
  #otherContactFragments = 0;
  #streamErrorCount = 0;
  #problemCount = 0;
  #highest: bigint | undefined;
  #before: { readonly segmentUid: string | undefined; readonly contactId: string | undefined } | undefined;
  #maxBehindMs: number | undefined;
  readonly #skew = { count: 0, sum: 0, min: Infinity, max: -Infinity };

  /** Fragments that nothing more is to come of. */
  get wholeFragments(): number {
    return this.#fragments + (this.#document?.wholeness === 'tagged' ? 1 : 0);
  }

  /** Another file or object begins. */
  beginPart(name: string): void {
    this.endPart(0);
    this.#part = name;
    this.#parts += 1;
  }

  /** @param bytes of the part. */
  endPart(bytes: number): void {
    this.#endDocument();
    this.#bytes += bytes;
  }

  add(event: WalkEvent): void {
    if (event.kind === 'problem') {
      this.#addProblem(event);
      return;
    }
    if (event.id === ID.EBML) {
      this.#endDocument();
      this.#document = new DocumentFacts(event.offset);
    }
    // A stream whose beginning is cut off may have fragments without a header.
    this.#document ??= new DocumentFacts(event.offset);
    this.#document.add(event);
  }

  result(): StreamSummary {
    const { count, sum, min, max } = this.#skew;
    return {
      bytes: this.#bytes,
      parts: this.#parts,
      fragments: this.#fragments,
      wholeness: this.#wholeness,
      repeated: this.#repeated,
      contacts: [...this.#contacts.values()].map((contact) => contact.summary()),
      otherContactFragments: this.#otherContactFragments,
      ...(count > 0 && { clockSkewMs: { min, mean: Math.round(sum / count), max } }),
      ...(this.#maxBehindMs !== undefined && { maxBehindMs: this.#maxBehindMs }),
      streamErrorCount: this.#streamErrorCount,
      streamErrors: this.#streamErrors,
      problemCount: this.#problemCount,
      problems: this.#problems,
    };
  }

  #addProblem({ problem, offset, bytes, what }: ProblemEvent): void {
    this.#problemCount += 1;
    this.#document?.addProblem();
    if (this.#problems.length >= SHOWN_MAX) return;
    this.#problems.push({
      part: this.#part,
      problem,
      offset,
      ...(bytes !== undefined && { bytes }),
      what,
    });
  }

  #endDocument(): void {
    const document = this.#document;
    this.#document = undefined;
    if (!document?.isFragment) return;
    const { number, tags } = document;
    const error = streamErrorOf(tags);
    if (error) {
      this.#streamErrorCount += 1;
      if (this.#streamErrors.length < SHOWN_MAX) {
        const fragmentNumber = number?.toString();
        const { offset } = document;
        this.#streamErrors.push({
          ...error,
          ...(fragmentNumber !== undefined && { fragmentNumber }),
          offset,
        });
      }
      return;
    }
    this.#fragments += 1;
    this.#wholeness[document.wholeness] += 1;
    this.#measure(document);
    if (number !== undefined && this.#highest !== undefined && number <= this.#highest) {
      this.#repeated += 1;
      return;
    }
    this.#highest = number ?? this.#highest;
    this.#contactOf(document)?.add(document);
  }

  #measure({ tags }: DocumentFacts): void {
    const behindMs = millisBehindNowOf(tags);
    if (behindMs !== undefined) this.#maxBehindMs = Math.max(this.#maxBehindMs ?? 0, behindMs);
    const serverMs = serverTimestampOf(tags);
    const producerMs = producerTimestampOf(tags);
    if (serverMs === undefined || producerMs === undefined) return;
    const skewMs = producerMs - serverMs;
    this.#skew.count += 1;
    this.#skew.sum += skewMs;
    this.#skew.min = Math.min(this.#skew.min, skewMs);
    this.#skew.max = Math.max(this.#skew.max, skewMs);
  }

  /** Judges by the ContactId tag; without one, as the fragment before it if the SegmentUID is the same. */
  #contactOf(document: DocumentFacts): ContactCollector | undefined {
    const { segmentUid } = document;
    const sameSegment = segmentUid !== undefined && segmentUid === this.#before?.segmentUid;
    const contactId = contactIdOf(document) ?? (sameSegment ? this.#before?.contactId : undefined);
    this.#before = { segmentUid, contactId };
    const known = this.#contacts.get(contactId);
    if (known) return known;
    if (this.#contacts.size >= CONTACTS_MAX) {
      this.#otherContactFragments += 1;
      return undefined;
    }
    const contact = new ContactCollector(contactId);
    this.#contacts.set(contactId, contact);
    return contact;
  }
}
