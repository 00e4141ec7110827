/** Decides which files the record names beside the WAV. */
import type { FurtherFile, StoredFile } from './call-record.ts';

export function isStored(file: FurtherFile): file is StoredFile {
  return 'key' in file;
}

/**
 * What was made now; where that failed, or wasn't asked for, what an earlier assembly made of the same samples. One of
 * other samples is disowned: whatever stands there isn't this recording as its WAV has it.
 * @param earlier those that still stand
 * @param sha256 of the WAV's samples
 */
export function filesBeside(
  made: readonly FurtherFile[],
  earlier: readonly StoredFile[],
  sha256: string,
): readonly FurtherFile[] {
  const ofSame = new Map(earlier.filter((file) => file.sha256 === sha256).map((file) => [file.format, file]));
  const files = made.map((file) => (isStored(file) ? file : (ofSame.get(file.format) ?? file)));
  const named = new Set(files.map(({ format }) => format));
  return [...files, ...[...ofSame.values()].filter(({ format }) => !named.has(format))];
}
