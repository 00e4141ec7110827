/**
 * Walks through a Matroska stream element by element, while its bytes are coming. It never gives up: what can't be
 * read is passed over, and told. Only an element's header and the first bytes of its value are held, so that memory
 * doesn't grow with the stream.
 */
import { BadElement, type ElementHeader, readHeader, UNKNOWN_SIZE } from '../../matroska/bytes.ts';
import { ID, isGlobal, isTopLevel } from '../../matroska/elements.ts';
import { ANCHOR_BYTES, anchorAt, nextAnchor } from './anchors.ts';
import type { ElementEvent, ProblemEvent, ProblemKind, WalkEvent } from './events.ts';
import { type Foreign, inWords, type OpenMaster, pass, whyForeign } from './foreign.ts';
import type { ElementInfo, Schema } from './schema.ts';
import { bytesNeeded, valueOf } from './values.ts';

export class ElementWalker {
  readonly #schema: Schema;
  #pending: Uint8Array = new Uint8Array(0);
  /** Index into {@link #pending} of what comes next, and the offset in the stream of its index 0. */
  #at = 0;
  #base = 0;
  readonly #open: OpenMaster[] = [];
  /** Rest of a payload that nobody needs. */
  #skip = 0;
  #last: ElementEvent | undefined;
  #foreign: Foreign | undefined;
  readonly #header: ElementHeader = { id: 0, size: 0, payload: 0 };

  constructor(schema: Schema) {
    this.#schema = schema;
  }

  /** Bytes taken so far. */
  get offset(): number {
    return this.#base + this.#pending.length;
  }

  /** Takes the next bytes, in chunks of any size. */
  *push(chunk: Uint8Array): Generator<WalkEvent> {
    this.#append(chunk);
    for (;;) {
      if (this.#foreign) {
        const over = this.#passForeign(this.#foreign);
        if (over === undefined) return;
        yield over;
      }
      if (!this.#skipRest()) return;
      const events = this.#step();
      if (events === 'more') return;
      yield* events;
    }
  }

  /** The bytes are over: says what they end in the middle of. */
  *finish(): Generator<WalkEvent> {
    if (this.#foreign) {
      this.#advanceForeign(this.#foreign, this.#pending.length);
      yield this.#endForeign(this.#foreign);
    } else if (this.#skip > 0 && this.#last) {
      yield this.#cutAtEnd(this.#last, (this.#last.size ?? 0) - this.#skip);
    } else if (this.#left() > 0) {
      yield* this.#finishPending();
    } else {
      const unfinished = this.#open.findLast(({ end }) => end !== Infinity && end > this.offset);
      if (unfinished) {
        const missing = unfinished.end - this.offset;
        const what = `the bytes end, and ${unfinished.name} (at ${unfinished.offset}) promises ${missing} more`;
        yield this.#problem('cut', this.offset, what, missing);
      }
    }
    this.#open.length = 0;
    this.#at = this.#pending.length;
    this.#skip = 0;
  }

  #append(chunk: Uint8Array): void {
    const left = this.#pending.subarray(this.#at);
    this.#base += this.#at;
    this.#at = 0;
    this.#pending = left.length === 0 ? chunk : Buffer.concat([left, chunk]);
  }

  #left(): number {
    return this.#pending.length - this.#at;
  }

  #here(): number {
    return this.#base + this.#at;
  }

  /** @returns false when more bytes are needed. */
  #skipRest(): boolean {
    const step = Math.min(this.#skip, this.#left());
    this.#at += step;
    this.#skip -= step;
    return this.#skip === 0;
  }

  #step(): WalkEvent[] | 'more' {
    this.#closeEnded();
    const header = this.#header;
    try {
      if (!readHeader(this.#pending, this.#at, this.#pending.length, header)) return 'more';
    } catch (error) {
      if (error instanceof BadElement) return this.#beginForeign(error.message);
      throw error;
    }
    const info = this.#schema.get(header.id);
    const events: WalkEvent[] = [];
    if (info && header.id === ID.EBML) events.push(...this.#leaveAll());
    else if (info && !isGlobal(header.id)) this.#closeUnknownSized(info.level);
    const { payload, size } = header;
    const bytes = this.#pending.subarray(this.#at, payload);
    const why = whyForeign(info, header, this.#open, bytes, this.#base + payload + size);
    if (why !== undefined) return [...events, ...this.#beginForeign(why)];
    const taken = this.#take(info, header);
    // An EBML header has no value to wait for, so nothing is told twice.
    return taken === 'more' ? taken : [...events, ...taken];
  }

  #take(info: ElementInfo | undefined, header: ElementHeader): WalkEvent[] | 'more' {
    const { id, size, payload } = header;
    const type = info?.type ?? 'b';
    const needed = type === 'm' ? 0 : bytesNeeded(type, size);
    if (this.#pending.length - payload < needed) return 'more';
    const events: WalkEvent[] = this.#misplaced(id, info);
    const event = this.#element(info, header, needed);
    events.push(event);
    this.#at = payload + needed;
    if (info?.type === 'm') this.#enter(info, event);
    else this.#skip = size - needed;
    return events;
  }

  #element(info: ElementInfo | undefined, header: ElementHeader, needed: number): ElementEvent {
    const { id, size, payload } = header;
    const type = info?.type ?? 'b';
    const bytes = this.#pending.subarray(payload, payload + needed);
    const event: ElementEvent = {
      kind: 'element',
      id,
      name: info?.name ?? 'Unknown',
      type,
      depth: this.#open.length,
      offset: this.#here(),
      headerBytes: payload - this.#at,
      size: size === UNKNOWN_SIZE ? undefined : size,
      ...(type !== 'm' && { value: valueOf(id, type, bytes, size) }),
    };
    this.#last = event;
    return event;
  }

  #enter(info: ElementInfo, { offset, headerBytes, size }: ElementEvent): void {
    const end = size === undefined ? Infinity : offset + headerBytes + size;
    this.#open.push({ name: info.name, level: info.level, offset, end });
  }

  /** The end of a master is the end of all that is open in it. */
  #closeEnded(): void {
    const ended = this.#open.findIndex(({ end }) => end <= this.#here());
    if (ended >= 0) this.#open.length = ended;
  }

  /** An element of unknown size ends with the first that can't be in it (RFC 8794, section 6.2). */
  #closeUnknownSized(level: number): void {
    for (let top = this.#open.at(-1); top?.end === Infinity && level <= top.level; top = this.#open.at(-1)) {
      this.#open.pop();
    }
  }

  /** A new document begins. */
  #leaveAll(): WalkEvent[] {
    const unfinished = this.#open.findLast(({ end }) => end !== Infinity);
    const events = unfinished
      ? [
          this.#problem(
            'cut',
            this.#here(),
            `a new document begins, and ${unfinished.name} (at ${unfinished.offset}) promises ${unfinished.end - this.#here()} bytes more`,
          ),
        ]
      : [];
    this.#open.length = 0;
    return events;
  }

  #misplaced(id: number, info: ElementInfo | undefined): WalkEvent[] {
    const depth = this.#open.length;
    if (!info || info.level < 0) return [];
    // Some elements nest in themselves, and stand deeper than the schema says.
    const isMisplaced = info.level > depth || (info.level < depth && (info.level === 0 || isTopLevel(id)));
    if (!isMisplaced) return [];
    const where = this.#open.at(-1)?.name ?? 'no other element';
    return [this.#problem('misplaced', this.#here(), `${info.name} stands in ${where}, where it can’t`)];
  }

  #beginForeign(why: string): WalkEvent[] {
    const known = this.#open.findLast(({ end }) => end !== Infinity);
    this.#foreign = { offset: this.#here(), why, preview: [], bytes: 0, end: known?.end ?? Infinity };
    // What begins here was refused: look for the next from the byte after it.
    this.#advanceForeign(this.#foreign, this.#at + 1);
    return [];
  }

  /** @returns the problem, once the bytes look like Matroska again; undefined when more bytes are needed. */
  #passForeign(foreign: Foreign): ProblemEvent | undefined {
    const found = nextAnchor(this.#pending, this.#at);
    const last = found ?? Math.max(this.#at, this.#pending.length - (ANCHOR_BYTES - 1));
    const to = Math.min(last, foreign.end - this.#base);
    this.#advanceForeign(foreign, to);
    if (to === found || this.#here() >= foreign.end) return this.#endForeign(foreign);
    return undefined;
  }

  #advanceForeign(foreign: Foreign, to: number): void {
    pass(foreign, this.#pending.subarray(this.#at, to));
    this.#at = to;
  }

  #endForeign(foreign: Foreign): ProblemEvent {
    this.#foreign = undefined;
    const problem = this.#problem('foreign', foreign.offset, inWords(foreign), foreign.bytes);
    const anchor = anchorAt(this.#pending, this.#at);
    const level = anchor === undefined ? undefined : this.#schema.get(anchor)?.level;
    if (level !== undefined) this.#open.length = Math.min(this.#open.length, level);
    return problem;
  }

  /** The bytes end within a header, or before all of a value that was waited for. */
  *#finishPending(): Generator<WalkEvent> {
    const header = this.#header;
    if (!readHeader(this.#pending, this.#at, this.#pending.length, header)) {
      yield this.#problem(
        'cut',
        this.#here(),
        `the bytes end within an element’s header${this.#within()}`,
        this.#left(),
      );
      return;
    }
    const there = this.#pending.length - header.payload;
    const event = this.#element(this.#schema.get(header.id), header, there);
    yield event;
    yield this.#cutAtEnd(event, there);
  }

  #cutAtEnd({ name, offset, size = 0 }: ElementEvent, there: number): ProblemEvent {
    const what = `the bytes end within ${name}${this.#within()}: ${there} of its ${size} bytes are there`;
    return this.#problem('cut', offset, what, size - there);
  }

  #within(): string {
    const path = this.#open.map(({ name }) => name);
    return path.length === 0 ? '' : `, in ${path.join(' › ')}`;
  }

  #problem(problem: ProblemKind, offset: number, what: string, bytes?: number): ProblemEvent {
    const depth = this.#open.length;
    return { kind: 'problem', problem, depth, offset, ...(bytes !== undefined && { bytes }), what };
  }
}
