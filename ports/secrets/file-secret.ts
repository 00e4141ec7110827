import { open } from 'node:fs/promises';
import type { Secret } from './secret.ts';

/** Secrets Manager's own limit. */
const BYTES_MAX = 65_536;

/** A file that holds the secret and nothing else: a mounted one, or one on a developer's machine. */
export class FileSecret implements Secret {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async read(): Promise<string> {
    const file = await open(this.#path);
    try {
      const bytes = Buffer.alloc(BYTES_MAX + 1);
      let length = 0;
      for (;;) {
        const { bytesRead } = await file.read(bytes, length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      if (length > BYTES_MAX) throw new Error(`the file with the secret is longer than ${BYTES_MAX} bytes`);
      return bytes.toString('utf8', 0, length).trim();
    } finally {
      await file.close();
    }
  }
}
