/** The page about the call, as `callspool report` would write it. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { localAccess } from '../../cli/access/local-access.ts';
import { writeReport } from '../../cli/report/write-report.ts';
import type { LocalCall } from './call.ts';
import type { OutputFiles } from './output.ts';

/**
 * Writes `<contactId>.html` beside the WAV. @returns its path; undefined where there is no record
 * @throws what keeps the run's files from being read or written
 */
export async function writeRunReport(
  dir: string,
  call: LocalCall,
  { wav }: OutputFiles,
): Promise<string | undefined> {
  const file = join(dir, `${call.contactId}.html`);
  await rm(file, { force: true });
  const access = await localAccess(dir);
  try {
    const recorded = await access.calls.get(call);
    if (recorded === undefined) return undefined;
    await writeReport(access, recorded, { file, ...(wav !== undefined && { wavFile: wav }) });
    return file;
  } finally {
    access.close();
  }
}
