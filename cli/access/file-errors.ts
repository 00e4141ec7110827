/** What this machine's files refuse, in words that name the remedy. */
import type { Explanation } from './aws-errors.ts';

const REMEDIES: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  ENOENT: ['there is no such file or folder', 'make the folder first, or name another'],
  ENOTDIR: ['a part of the path is a file, not a folder', 'name another path'],
  EEXIST: ['there is a file of that name', 'name another folder'],
  EISDIR: ['that is a folder', 'name a file'],
  EACCES: ['it may not be read or written', 'choose another place, or ask for the right to it'],
  EPERM: ['it may not be read or written', 'choose another place, or ask for the right to it'],
  EROFS: ['nothing can be written there', 'choose another place'],
  ENOSPC: ['the disk is full', 'make room, and run it again; an export goes on where it stopped'],
  EDQUOT: ['your share of the disk is used up', 'make room, and run it again'],
  ENAMETOOLONG: ['the name is too long', 'choose a shorter one'],
};

/** @returns undefined for what isn't a file's error */
export function explainFile(error: unknown): Explanation | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined;
  const [what, hint] = REMEDIES[String(error.code)] ?? [];
  if (what === undefined || hint === undefined) return undefined;
  const path = 'path' in error ? `${String(error.path)}: ` : '';
  return { message: `${path.replace(/\.part: $/, ': ')}${what}`, hint };
}
