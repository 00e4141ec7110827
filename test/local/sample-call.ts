/** The call that comes with the code, as the tests of a whole system record it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { System } from '../../local/system/system.ts';
import { keysBelow, objectAt } from '../support/stored-objects.ts';

export const SAMPLE = join(import.meta.dirname, '../../local/sample/call.wav');
export const PACE = 12;
const WAV_HEADER_BYTES = 44;

/** What it sounds like: interleaved S16LE. */
export async function sampleAudio(): Promise<Buffer> {
  return (await readFile(SAMPLE)).subarray(WAV_HEADER_BYTES);
}

/** The samples of the one WAV that the system has made. */
export async function recordedAudio(system: System): Promise<Buffer> {
  const wavKey = (await keysBelow(system, 'recordings/')).find((key) => key.endsWith('.wav')) ?? '';
  return Buffer.from((await objectAt(system, wavKey)).bytes).subarray(WAV_HEADER_BYTES);
}
