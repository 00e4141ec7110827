/** A folder for the PATH with the programs that push an image, which a laptop needn't have. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PROGRAMS = ['aws', 'docker'];

/** @param journal a file: what the programs were asked, a line each. */
export function writePrograms(dir: string, journal: string): void {
  mkdirSync(dir, { recursive: true });
  const script = join(import.meta.dirname, 'image-programs.ts');
  for (const program of PROGRAMS) {
    const words = [process.execPath, '--import', import.meta.resolve('tsx'), script, program];
    const line = words.map((word) => `'${word}'`).join(' ');
    writeFileSync(join(dir, program), `#!/bin/sh\nREHEARSAL_IMAGE_JOURNAL='${journal}' exec ${line} "$@"\n`, {
      mode: 0o755,
    });
  }
}
