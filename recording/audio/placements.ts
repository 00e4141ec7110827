/** Lists where the blocks of one fragment belong. One list serves for many fragments: there are too many blocks for objects. */
import type { Block } from '../../matroska/fragment.ts';
import type { Channel } from './pcm.ts';

/** The samples of one block, or what is whole of them. */
export interface PlacedSamples {
  readonly block: Block;
  readonly channel: Channel;
  /** Frame of the WAV. */
  readonly start: number;
  /** Mono S16LE; not empty. */
  readonly samples: Uint8Array;
}

export class Placements {
  readonly #blocks: Block[] = [];
  readonly #channels: Channel[] = [];
  readonly #starts: number[] = [];
  readonly #samples: Uint8Array[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  clear(): void {
    this.#count = 0;
  }

  add(block: Block, channel: Channel, start: number, samples: Uint8Array): void {
    const at = this.#count++;
    this.#blocks[at] = block;
    this.#channels[at] = channel;
    this.#starts[at] = start;
    this.#samples[at] = samples;
  }

  channelAt(at: number): Channel {
    return this.#channels[at] ?? 0;
  }

  startAt(at: number): number {
    return this.#starts[at] ?? 0;
  }

  samplesAt(at: number): Uint8Array {
    return this.#samples[at] ?? NOTHING;
  }

  /** Copies them, for whoever keeps them for longer than until the next fragment. */
  list(): PlacedSamples[] {
    return this.#blocks.slice(0, this.#count).map((block, at) => ({
      block,
      channel: this.channelAt(at),
      start: this.startAt(at),
      samples: this.samplesAt(at),
    }));
  }
}

const NOTHING = new Uint8Array();
