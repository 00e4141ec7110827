/**
 * The files of one assembly: the WAV, and beside it the same samples in the formats that the deployment asks for.
 *
 * Which objects exist, and in which order: the WAV is replaced first, since it is the truth, then the others. A crash in
 * between leaves the new WAV beside a file of an earlier assembly, or none; the record still names what that assembly made,
 * and the next one makes both anew. What goes wrong with another format harms neither the WAV nor the status: its file
 * stays as it was, and the record says why.
 */
import { AssemblySuperseded } from '../../ports/calls/calls.ts';
import type { Recordings } from '../../ports/recordings/recordings.ts';
import type { Telemetry } from '../../ports/runtime/telemetry.ts';
import type { FileFormat } from '../../recording/audio/format/format.ts';
import { WAV } from '../../recording/audio/format/wav/wav.ts';
import type { FurtherFile } from '../../recording/call-record.ts';
import { FileUpload, type WrittenFile } from './file-upload.ts';
import type { Replace } from './replace.ts';

export interface FilesPorts {
  readonly recordings: Recordings;
  readonly telemetry: Telemetry;
}

export interface FilesOptions {
  /** Beside the WAV. */
  readonly formats: readonly FileFormat[];
  readonly keyOf: (format: FileFormat) => string;
  /** The audio that they hold; its rate is known once there are samples. */
  readonly audio: { readonly sampleRate: number };
}

export interface WrittenFiles {
  readonly wav: WrittenFile;
  readonly further: readonly FurtherFile[];
}

interface Further {
  readonly format: FileFormat;
  readonly key: string;
  readonly upload: FileUpload;
  /** Why it is given up. */
  why?: string;
}

export class RecordingFiles {
  readonly #telemetry: Telemetry;
  readonly #wav: FileUpload;
  readonly #further: readonly Further[];

  constructor({ recordings, telemetry }: FilesPorts, { formats, keyOf, audio }: FilesOptions) {
    this.#telemetry = telemetry;
    this.#wav = new FileUpload(recordings, keyOf(WAV), WAV, audio);
    this.#further = formats.map((format) => {
      const key = keyOf(format);
      return { format, key, upload: new FileUpload(recordings, key, format, audio) };
    });
  }

  /** Takes samples; they are copied. @throws where the WAV can't be stored. */
  async write(samples: Uint8Array): Promise<void> {
    await this.#wav.write(samples);
    await this.#eachFurther(({ upload }) => upload.write(samples));
  }

  /** No more samples come. */
  async end(frames: number): Promise<void> {
    await this.#wav.end(frames);
    await this.#eachFurther(({ upload }) => upload.end(frames));
  }

  /** After {@link end}. @throws when the WAV could not be stored, or not replaced; AssemblySuperseded */
  async finish(replace: Replace): Promise<WrittenFiles> {
    const wav = await this.#wav.finish(replace);
    const further: FurtherFile[] = [];
    await this.#eachFurther(async ({ format, key, upload }) => {
      const { sha256: dataSha256, ...sizes } = await upload.finish(replace);
      further.push({ format: format.name, key, ...sizes, sha256: wav.sha256, dataSha256 });
    });
    for (const { format, why } of this.#further)
      if (why !== undefined) further.push({ format: format.name, why });
    return { wav, further };
  }

  /** Leaves nothing behind, as far as that can be done. */
  async abort(): Promise<void> {
    await this.#wav.abort();
    for (const { upload } of this.#further) await upload.abort();
  }

  /** Does it with each further file that nothing has gone wrong with yet. */
  async #eachFurther(action: (further: Further) => Promise<void>): Promise<void> {
    for (const further of this.#further) {
      if (further.why !== undefined) continue;
      try {
        await action(further);
      } catch (error) {
        if (error instanceof AssemblySuperseded) throw error;
        await this.#giveUp(further, error);
      }
    }
  }

  async #giveUp(further: Further, error: unknown): Promise<void> {
    const reason = String(error);
    further.why = `it could not be written (${reason}); assemble the recording again to make it`;
    this.#telemetry.warn('The recording could not be written in a further format; its WAV is not concerned', {
      format: further.format.name,
      reason,
    });
    await further.upload.abort();
  }
}
