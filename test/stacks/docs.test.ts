import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { SETTING_NAMES, settingVariable } from '../../stacks/config/settings.ts';
import { settingsTable } from '../../stacks/config/settings-table.ts';
import { serviceStatements } from '../../stacks/data/key.ts';
import { ROOT } from './synthesise.ts';

const deploying = readFileSync(join(ROOT, 'docs', 'DEPLOYING.md'), 'utf8');

/** Without the spaces by which the formatter lines a table up. */
const cellsOf = (row: string) =>
  row
    .split('|')
    .map((cell) => cell.trim())
    .map((cell) => (/^-+$/.test(cell) ? '-' : cell))
    .join('|');

describe.each(['docs/DEPLOYING.md', 'README.md'])('%s', (path) => {
  it('has the table of all settings', () => {
    // Printed by: npx tsx stacks/config/settings-table.ts
    const rows = new Set(readFileSync(join(ROOT, path), 'utf8').split('\n').map(cellsOf));

    expect(
      settingsTable()
        .map(cellsOf)
        .filter((row) => !rows.has(row)),
    ).toEqual([]);
    expect(settingsTable()).toHaveLength(SETTING_NAMES.length + 2);
  });
});

describe('docs/DEPLOYING.md', () => {
  it('names no variable that there is none of', () => {
    const known = new Set<string>(SETTING_NAMES.map(settingVariable));
    const named = [...deploying.matchAll(/CALLSPOOL_[A-Z_]+/g)].map(([name]) => name);

    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  it('says what a key that is given must allow, as the made one does', () => {
    const [, text = ''] = /```json\n([\s\S]*?)```/.exec(deploying) ?? [];
    const printed = v.parse(v.pipe(v.string(), v.parseJson()), text);

    expect(printed).toEqual(serviceStatements({ region: 'REGION', account: 'ACCOUNT' }));
  });
});
