/** A file that is there is somebody's: it is replaced only where that was asked for. */
import { stat } from 'node:fs/promises';
import { CliError, EXIT } from '../terminal/exit.ts';

/**
 * Devices and pipes are none: they are written to as they are.
 * @throws CliError where there is a file of that name
 */
export async function refuseToReplace(file: string): Promise<void> {
  const isThere = await stat(file).then(
    (stats) => stats.isFile(),
    () => false,
  );
  if (isThere) {
    throw new CliError(
      EXIT.usage,
      `${file} is there already`,
      'give --force to replace it, or another --out',
    );
  }
}
