/**
 * Writes a recording of unknown length to S3 in one pass, as a file of one format.
 *
 * Which objects exist: nothing until {@link FileUpload.finish} has resolved, then the whole file. Parts go up as they
 * fill, some at a time; the first is held back, since its header tells of all that follows. A file of one part is put at once.
 * A crash leaves an unfinished upload, which the bucket's lifecycle rule removes.
 */
import { createHash } from 'node:crypto';
import type { PartedUpload, Recordings } from '../../ports/recordings/recordings.ts';
import { handled } from '../../ports/runtime/handled.ts';
import type { Encoder, FileFormat } from '../../recording/audio/format/format.ts';
import { CHANNELS } from '../../recording/audio/stereo-window.ts';
import type { Replace } from './replace.ts';

/**
 * S3 takes 5 MiB and more of a part which is not the last, and 10,000 of them (S3 User Guide, "multipart upload limits"): 37 days.
 * A request is paid for, whatever it carries: so much that a WAV of five minutes goes up in one of them, in place of four.
 */
export const PART_BYTES = 10 * 1024 * 1024;
/** What the first part begins with: most short files need no more, and memory that is not asked for need not be cleared. */
const SHORT_BYTES = 64 * 1024;
/** Uploads side by side; with the part that is being filled and the first one they bound memory. */
const UPLOADS_MAX = 3;

export interface WrittenFile {
  /** Header included. */
  readonly bytes: number;
  readonly headerBytes: number;
  /** The hash of all that stands behind the header, in hex: in a WAV that is the samples. */
  readonly sha256: string;
}

export class FileUpload {
  readonly #recordings: Recordings;
  readonly #key: string;
  readonly #format: FileFormat;
  readonly #audio: { readonly sampleRate: number };
  #encoder: Encoder | undefined;
  readonly #hash = createHash('sha256');
  /** Bytes that are left free for the header in front of the data. */
  readonly #room: number;
  #first: Uint8Array;
  #upload: Promise<PartedUpload> | undefined;
  #part: Uint8Array;
  /** Parts that are stored: their memory is used again. */
  readonly #spare: Uint8Array[] = [];
  #filled = 0;
  /** The number of the part that is being filled, from 1 on. */
  #number = 1;
  #dataBytes = 0;
  #fileBytes = 0;
  #rest = Promise.resolve();
  readonly #running = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  /** @param audio looked at once there are samples: only they tell the rate */
  constructor(
    recordings: Recordings,
    key: string,
    format: FileFormat,
    audio: { readonly sampleRate: number },
  ) {
    this.#recordings = recordings;
    this.#key = key;
    this.#format = format;
    this.#audio = audio;
    this.#room = format.headerBytesMax;
    this.#first = new Uint8Array(this.#room + SHORT_BYTES);
    this.#part = this.#first.subarray(this.#room);
  }

  /** Takes samples; they are copied. Waits while too much is on its way. */
  async write(samples: Uint8Array): Promise<void> {
    for (const piece of this.#begunEncoder().encode(samples)) await this.#store(piece);
  }

  /** No more samples come: what is left of several parts goes up while the caller goes on. */
  async end(frames: number): Promise<void> {
    const encoder = this.#begunEncoder();
    for (const piece of encoder.finish()) await this.#store(piece);
    const header = encoder.header(frames);
    const begin = this.#room - header.length;
    this.#first.set(header, begin);
    this.#fileBytes = header.length + this.#dataBytes;
    if (this.#number > 1) this.#rest = handled(this.#sendRest(begin));
  }

  /** After {@link end}. @throws when any part could not be stored, or the file not replaced; then all is as it was. */
  async finish(replace: Replace): Promise<WrittenFile> {
    const bytes = this.#fileBytes;
    const { contentType } = this.#format;
    if (bytes === 0) throw new Error('a file is finished that has not come to its end');
    if (this.#number === 1) {
      const to = this.#room + this.#filled;
      const file = this.#first.subarray(to - bytes, to);
      await replace(this.#key, (over) => this.#recordings.put(this.#key, file, contentType, over));
    } else {
      // Before it is made sure that it may be replaced: little time must lie between that and the write.
      const upload = await this.#stored();
      await replace(this.#key, (over) => upload.complete(over));
      this.#upload = undefined;
    }
    return { bytes, headerBytes: bytes - this.#dataBytes, sha256: this.#hash.digest('hex') };
  }

  /** Leaves nothing behind, as far as that can be done; of a file that is finished there is nothing to leave. */
  async abort(): Promise<void> {
    await Promise.allSettled([this.#rest]);
    await Promise.allSettled(this.#running);
    const begun = this.#upload;
    this.#upload = undefined;
    await begun?.then((upload) => upload.abort()).catch(() => undefined);
  }

  #begunEncoder(): Encoder {
    const { sampleRate } = this.#audio;
    return (this.#encoder ??= this.#format.encoder({ sampleRate, channels: CHANNELS }));
  }

  async #store(piece: Uint8Array): Promise<void> {
    this.#hash.update(piece);
    this.#dataBytes += piece.length;
    for (let at = 0; at < piece.length;) {
      if (this.#filled === this.#part.length) this.#growFirst();
      const taken = piece.subarray(at, at + this.#part.length - this.#filled);
      this.#part.set(taken, this.#filled);
      this.#filled += taken.length;
      at += taken.length;
      if (this.#filled === PART_BYTES) await this.#closePart();
    }
  }

  /** Once, to a whole part. */
  #growFirst(): void {
    const first = new Uint8Array(this.#room + PART_BYTES);
    first.set(this.#first);
    this.#first = first;
    this.#part = first.subarray(this.#room);
  }

  async #closePart(): Promise<void> {
    const [number, part] = [this.#number, this.#part];
    this.#number += 1;
    this.#part = this.#spare.pop() ?? new Uint8Array(PART_BYTES);
    this.#filled = 0;
    if (number === 1) void this.#begun();
    else await this.#send(number, part);
  }

  #begun(): Promise<PartedUpload> {
    return (this.#upload ??= handled(this.#recordings.begin(this.#key, this.#format.contentType)));
  }

  async #sendRest(begin: number): Promise<void> {
    await this.#send(1, this.#first.subarray(begin));
    if (this.#filled > 0) await this.#send(this.#number, this.#part.subarray(0, this.#filled));
  }

  async #send(number: number, bytes: Uint8Array): Promise<void> {
    this.#throwIfFailed();
    const upload = await this.#begun();
    const sending = upload
      .part(number, bytes)
      .then(() => {
        if (bytes.length === PART_BYTES) this.#spare.push(bytes);
      })
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#running.delete(sending));
    this.#running.add(sending);
    while (this.#running.size >= UPLOADS_MAX) await Promise.race(this.#running);
  }

  /** The upload with all of its parts. */
  async #stored(): Promise<PartedUpload> {
    await this.#rest;
    await Promise.all(this.#running);
    this.#throwIfFailed();
    return this.#begun();
  }

  #throwIfFailed(): void {
    if (this.#failure) throw this.#failure.error;
  }
}
