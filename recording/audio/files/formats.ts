/** The list of file formats: a recording's truth is a WAV; in the others it may stand beside that. */
import { FLAC } from '../format/flac/flac.ts';
import type { FileFormat } from '../format/format.ts';
import { WAV } from '../format/wav/wav.ts';

/** Formats that the assembly writes beside the WAV where a deployment asks for them, by the setting's name. */
export const FURTHER_FORMATS = { flac: FLAC } as const satisfies Readonly<Record<string, FileFormat>>;
export type FurtherFormatName = keyof typeof FURTHER_FORMATS;

const isFurther = (name: string): name is FurtherFormatName => name in FURTHER_FORMATS;
export const FURTHER_FORMAT_NAMES: readonly FurtherFormatName[] =
  Object.keys(FURTHER_FORMATS).filter(isFurther);

export const FILE_FORMATS: readonly FileFormat[] = [WAV, ...Object.values(FURTHER_FORMATS)];

/** The title that people see. @param name in a call record; one that isn't known any more is its own title */
export function titleOf(name: string): string {
  return FILE_FORMATS.find((format) => format.name === name)?.title ?? name;
}

/** The format that the end of a file's name tells; undefined where it tells none that we write. */
export function formatOfFile(file: string): FileFormat | undefined {
  const name = file.toLowerCase();
  return FILE_FORMATS.find(({ extension }) => name.endsWith(`.${extension}`));
}
