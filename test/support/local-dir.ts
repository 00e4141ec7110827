/** A local run's folder, as `npm run local` leaves it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LocalCall } from '../../local/run/call.ts';
import { FolderTape } from '../../ports/tape/folder-tape.ts';
import { checkpointItem, putOnTape, type RecordedCall } from './recorded-call.ts';

export const BUCKET_DIR = 'callspool-recordings';

export async function writeLocalDir(
  dir: string,
  recorded: readonly (readonly [LocalCall, RecordedCall])[],
): Promise<void> {
  await mkdir(join(dir, 'tables'), { recursive: true });
  const table = (name: string, items: readonly unknown[]) =>
    writeFile(join(dir, 'tables', `callspool-${name}.json`), JSON.stringify(items));
  await table(
    'calls',
    recorded.map(([, { record }]) => record),
  );
  await table(
    'checkpoints',
    recorded.map(([, { checkpoint }]) => checkpointItem(checkpoint)),
  );
  for (const [call, one] of recorded) {
    await putOnTape(new FolderTape(join(dir, 's3', BUCKET_DIR)), call, one);
    for (const [key, bytes] of one.objects) {
      const file = join(dir, 's3', BUCKET_DIR, key);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, bytes);
    }
    await writeFile(join(dir, `${call.contactId}.wav`), one.wav);
  }
}
