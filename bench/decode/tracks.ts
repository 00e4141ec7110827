/** A decoder puts each track's samples here: a buffer a track, of fixed size, as a consumer would reuse it. */
import type { Hash } from 'node:crypto';

const BUFFER_BYTES = 1024 * 1024;
/** Connect's track numbers are 1 and 2; 0 is for what has no track. */
const TRACKS = 3;

class Track {
  readonly buffer = new Uint8Array(BUFFER_BYTES);
  at = 0;
  bytes = 0;
}

export class Tracks {
  /** No Map: one of the decoders replaces the global. */
  readonly #tracks = [new Track(), new Track(), new Track()] as const;
  readonly #hashes: Hash[] = [];

  constructor(newHash?: () => Hash) {
    if (newHash) for (let track = 0; track < TRACKS; track += 1) this.#hashes.push(newHash());
  }

  take(trackNumber: number, pcm: Uint8Array): void {
    const track = this.#tracks[trackNumber];
    if (track === undefined) throw new Error(`a block of track ${String(trackNumber)}`);
    if (track.at + pcm.length > BUFFER_BYTES) this.#flush(trackNumber, track);
    track.buffer.set(pcm, track.at);
    track.at += pcm.length;
    track.bytes += pcm.length;
  }

  get bytes(): number {
    return this.#tracks.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  digests(): string[] {
    this.#tracks.forEach((track, number) => {
      this.#flush(number, track);
    });
    return this.#hashes.map((hash) => hash.digest('hex'));
  }

  #flush(number: number, track: Track): void {
    this.#hashes[number]?.update(track.buffer.subarray(0, track.at));
    track.at = 0;
  }
}
