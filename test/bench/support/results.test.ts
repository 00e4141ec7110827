import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { between, markdownTable, readResults } from '../../../bench/support/results.ts';

const MARKS = ['<!-- a -->', '<!-- b -->'] as const;

describe('between', () => {
  it('puts something else between the marks, and touches nothing beside them', () => {
    const once = between('x\n<!-- a -->old<!-- b -->\ny', MARKS, 'new');

    expect(once).toBe('x\n<!-- a -->\n\nnew\n\n<!-- b -->\ny');
    expect(between(once, MARKS, 'new')).toBe(once);
  });

  it('refuses a text without the marks', () => {
    expect(() => between('<!-- b --><!-- a -->', MARKS, 'new')).toThrow('no marks');
  });
});

describe('markdownTable', () => {
  it('fills up what a row lacks', () => {
    expect(markdownTable({ head: ['a', 'b'], rows: [['1']] })).toBe('| a | b |\n| --- | --- |\n| 1 |  |');
  });
});

describe('README.md', () => {
  it('says what the last count of requests said', () => {
    const squeezed = (text: string) => text.replaceAll(/[ -]+/g, '');
    const readme = squeezed(readFileSync(join(import.meta.dirname, '../../../README.md'), 'utf8'));
    const tables = readResults().sections.requests?.readme ?? [];

    expect(tables.length).toBeGreaterThan(0);
    for (const table of tables) expect(readme).toContain(squeezed(markdownTable(table)));
  });
});
