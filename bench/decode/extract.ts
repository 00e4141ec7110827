/**
 * What `ffmpeg -f matroska -i FILE -map 0:0 -c copy -f s16le OUT1 -map 0:1 -c copy -f s16le OUT2` does, as a whole
 * program: extract.mjs FILE OUT1 OUT2 reads a GetMedia body from disk, and writes the samples of tracks 1 and 2.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { FragmentReader } from '../../matroska/reader.ts';

const CHUNK_BYTES = 64 * 1024;
const BUFFER_BYTES = 256 * 1024;

class Output {
  readonly #descriptor: number;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #filled = 0;

  constructor(file: string) {
    this.#descriptor = openSync(file, 'w');
  }

  write(pcm: Uint8Array): void {
    if (this.#filled + pcm.length > BUFFER_BYTES) this.flush();
    this.#buffer.set(pcm, this.#filled);
    this.#filled += pcm.length;
  }

  flush(): void {
    for (let at = 0; at < this.#filled;)
      at += writeSync(this.#descriptor, this.#buffer, at, this.#filled - at);
    this.#filled = 0;
  }
}

const [file = '', ...outputs] = process.argv.slice(2);
const tracks = outputs.map((output) => new Output(output));
const reader = new FragmentReader();
const input = openSync(file, 'r');
for (;;) {
  // The reader keeps what it is given.
  const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  const bytes = readSync(input, chunk);
  if (bytes === 0) break;
  reader.push(chunk.subarray(0, bytes));
  for (let fragment = reader.next(); fragment; fragment = reader.next()) {
    for (const { trackNumber, audio } of fragment.blocks) tracks[trackNumber - 1]?.write(audio);
  }
}
for (const track of tracks) track.flush();
closeSync(input);
