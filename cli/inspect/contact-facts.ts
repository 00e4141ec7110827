/** What a stream holds of one contact. */
import { ClockAnchor, FRAGMENTS_AHEAD, WAVERING_MS } from '../../recording/audio/clock-anchor.ts';
import { Lookahead } from '../../recording/audio/lookahead.ts';
import { channelsOf, DEFAULT_SAMPLE_RATE, pcmFormatOf } from '../../recording/audio/pcm.ts';
import { TRACKS } from '../../recording/call-record.ts';
import { AudioFacts, type AudioSummary } from './audio-facts.ts';
import type { DocumentFacts, SeenBlock } from './document.ts';

const DIRECTIONS_MAX = 16;
/** So many blocks are held until some more documents have come: only then is it known whether a clock has jumped for good. */
const BLOCKS_HELD_MAX = 50_000;

export interface ContactSummary {
  /** Absent for fragments that say of no contact. */
  readonly contactId?: string;
  readonly fragments: number;
  readonly firstFragmentNumber?: string;
  readonly lastFragmentNumber?: string;
  /** Epoch ms by the server's clock: of the first and of the last fragment. */
  readonly fromServerMs?: number;
  readonly toServerMs?: number;
  /** The type that Connect says it is. */
  readonly mimeType?: string;
  readonly directions: readonly AudioSummary[];
  /** Which of Connect's two directions have no audio. */
  readonly missingDirections: readonly string[];
  /** How many times the producer's clock jumped. */
  readonly clockJumps: number;
}

export class ContactCollector {
  readonly contactId: string | undefined;
  readonly #directions = new Map<string, AudioFacts>();
  readonly #clock = new ClockAnchor();
  readonly #ahead = new Lookahead<DocumentFacts>(
    FRAGMENTS_AHEAD,
    BLOCKS_HELD_MAX,
    ({ blocks }) => blocks.length,
  );
  #fragments = 0;
  #first: bigint | undefined;
  #last: bigint | undefined;
  #fromServerMs: number | undefined;
  #toServerMs: number | undefined;
  #mimeType: string | undefined;
  #originMs: number | undefined;

  constructor(contactId: string | undefined) {
    this.contactId = contactId;
  }

  /** Takes a fragment, numbered above the one before. */
  add(document: DocumentFacts): void {
    const { number, tags, serverTimestampMs: serverMs } = document;
    this.#fragments += 1;
    this.#first ??= number;
    this.#last = number ?? this.#last;
    this.#fromServerMs ??= serverMs;
    this.#toServerMs = serverMs ?? this.#toServerMs;
    this.#mimeType ??= tags.get('MimeType');
    if (document.blocks.length > 0) this.#ahead.push(document);
    for (let next = this.#ahead.next(); next; next = this.#ahead.next()) this.#addAudio(next);
  }

  /** Nothing more comes. */
  summary(): ContactSummary {
    for (let next = this.#ahead.rest(); next; next = this.#ahead.rest()) this.#addAudio(next);
    const present = new Set(this.#directions.keys());
    const isCall = TRACKS.some((track) => present.has(track));
    return {
      ...defined('contactId', this.contactId),
      fragments: this.#fragments,
      ...defined('firstFragmentNumber', this.#first?.toString()),
      ...defined('lastFragmentNumber', this.#last?.toString()),
      ...defined('fromServerMs', this.#fromServerMs),
      ...defined('toServerMs', this.#toServerMs),
      ...defined('mimeType', this.#mimeType),
      directions: [...this.#directions.values()].map((audio) => audio.summary()),
      missingDirections: isCall ? TRACKS.filter((track) => !present.has(track)) : [],
      clockJumps: this.#clock.reanchored,
    };
  }

  #addAudio(document: DocumentFacts): void {
    const blocks = [...document.blocks].sort((a, b) => a.timeMs - b.timeMs);
    const [first] = blocks;
    if (!first) return;
    const format = pcmFormatOf(document);
    const rate = format === undefined ? DEFAULT_SAMPLE_RATE : 'sampleRate' in format ? format.sampleRate : 0;
    const channels = channelsOf(document);
    const endMs = blocks.at(-1)?.timeMs ?? first.timeMs;
    const { clusterMs = first.timeMs, serverTimestampMs } = document;
    const stamps = { clusterMs, serverTimestampMs };
    const offsetMs = this.#clock.offsetFor(stamps, this.#ahead.held, endMs, (offset) =>
      this.#goesOnAt(blocks, channels, offset),
    );
    this.#originMs ??= first.timeMs + offsetMs;
    for (const block of blocks) {
      const channel = isAudio(document, block) ? channels.get(block.trackNumber) : undefined;
      const sampleRate = channel === undefined || rate === 0 ? undefined : rate;
      const audio = this.#direction(document, block, channel);
      audio?.add(block.trackNumber, block.timeMs + offsetMs, block.bytes, sampleRate);
    }
  }

  /** When one of the directions begins that goes on where it had come to. */
  #goesOnAt(
    blocks: readonly SeenBlock[],
    channels: ReadonlyMap<number, 0 | 1>,
    offsetMs: number,
  ): number | undefined {
    return blocks.find(({ trackNumber, timeMs }, index) => {
      if (blocks.findIndex((block) => block.trackNumber === trackNumber) !== index) return false;
      const channel = channels.get(trackNumber);
      const audio = this.#directions.get(channel === undefined ? `track ${trackNumber}` : TRACKS[channel]);
      return audio !== undefined && Math.abs(timeMs + offsetMs - audio.endMs) <= WAVERING_MS;
    })?.timeMs;
  }

  #direction({ tracks }: DocumentFacts, { trackNumber }: SeenBlock, channel: 0 | 1 | undefined) {
    const entry = tracks.find((track) => track.trackNumber === trackNumber);
    const name = channel === undefined ? entry?.name : TRACKS[channel];
    const key = name ?? `track ${trackNumber}`;
    const known = this.#directions.get(key);
    if (known || this.#directions.size >= DIRECTIONS_MAX) return known;
    const audio = new AudioFacts(
      { ...defined('name', name), ...defined('codecId', entry?.codecId) },
      this.#originMs ?? 0,
    );
    this.#directions.set(key, audio);
    return audio;
  }
}

/** A producer of another kind may have a single track without a name, too. */
function isAudio({ tracks }: DocumentFacts, { trackNumber }: SeenBlock): boolean {
  return tracks.find((track) => track.trackNumber === trackNumber)?.codecId?.startsWith('V_') !== true;
}

function defined<Key extends string, Value>(key: Key, value: Value | undefined) {
  return (value === undefined ? {} : { [key]: value }) as Partial<Record<Key, Value>>;
}
