/** DIR, before anything is written to it. */
import { constants, existsSync } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { InputError } from './call.ts';

export function logsDir(dir: string): string {
  return join(dir, 'logs');
}

/** Makes nothing yet. @throws InputError when DIR can't be a folder that is written to. */
export async function checkOutput(dir: string): Promise<void> {
  let existing = resolve(dir);
  while (!existsSync(existing)) existing = dirname(existing);
  if (!(await stat(existing)).isDirectory())
    throw new InputError(`--out ${dir}: ${existing} is not a folder`);
  await access(existing, constants.W_OK | constants.X_OK).catch(() => {
    throw new InputError(`--out ${dir}: ${existing} may not be written to`);
  });
}
