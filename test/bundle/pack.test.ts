import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LEAN } from '../../bundle/lean.ts';
import { pack } from '../../bundle/pack.ts';

const ROOT = join(import.meta.dirname, '../..');

describe('a packed program', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'callspool-pack-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('runs what is imported later when it is first needed, once, and shares what both parts use', async () => {
    const sources = {
      'shared.ts': "export let count = 0; export const more = () => { count += 1; }; console.log('shared');",
      'late.ts': "import { more } from './shared.ts'; console.log('late'); export const act = () => more();",
      'main.ts': `
        import { basename } from 'node:path';
        import { count } from './shared.ts';
        async function main() {
          console.log(basename('/a/main'), count);
          for (const time of [1, 2]) {
            const { act } = await import('./late.ts');
            act();
            console.log(time, count);
          }
        }
        void main();`,
    };
    for (const [name, text] of Object.entries(sources)) await writeFile(join(folder, name), text);
    const { text } = await pack('main.ts', {
      absWorkingDir: folder,
      bundle: true,
      format: 'esm',
      platform: 'node',
    });
    const program = join(folder, 'packed.mjs');
    await writeFile(program, text);
    const { stdout } = await promisify(execFile)(process.execPath, [program]);
    expect(stdout.trim().split('\n')).toEqual(['shared', 'main 0', 'late', '1 1', '2 2']);
  });

  it('leaves out the schemas of operations that nobody uses', async () => {
    const { text } = await pack('ports/contacts/connect-contacts.ts', {
      absWorkingDir: ROOT,
      bundle: true,
      format: 'esm',
      platform: 'node',
      mainFields: ['module', 'main'],
      plugins: LEAN,
    });
    expect(text).toContain('/contacts/{InstanceId}/{ContactId}');
    expect(text).not.toContain('/users/{InstanceId}/{UserId}/routing-profile');
  });
});
