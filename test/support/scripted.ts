/** How tests run the recogniser whose words are known. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const PROGRAM = join(import.meta.dirname, 'scripted-recogniser.ts');

/** A shell's command. */
export function scriptedRecogniser(script: 'sample' | 'tones'): string {
  return [process.execPath, '--import', TSX, PROGRAM, script].map((part) => `'${part}'`).join(' ');
}
