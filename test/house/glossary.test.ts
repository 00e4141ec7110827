import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CALL_STATUSES, END_REASONS, LOSS_KINDS } from '../../recording/call-record.ts';
import { ROOT, sources } from './sources.ts';

const textOf = (path: string) => readFileSync(join(ROOT, path), 'utf8');

const IN_BACKTICKS = /`([^`\n]+)`/g;
const WORD = /\w{2,}/g;

/** Every word in backticks, but for paths, which `references.test.ts` holds. */
function codeWordsIn(markdown: string): string[] {
  const quoted = [...markdown.matchAll(IN_BACKTICKS)].map(([, text = '']) => text);
  return [...new Set(quoted.filter((text) => !text.includes('/')).flatMap((text) => text.match(WORD) ?? []))];
}

/** The words of the code itself, without its comments. */
function wordsOfTheCode(): ReadonlySet<string> {
  const code = sources('.ts', '.mjs')
    .filter(({ path }) => !path.startsWith('test/house/'))
    .map(({ text }) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, ''));
  return new Set(code.flatMap((text) => text.match(WORD) ?? []));
}

test('the code has every code word of the glossary', () => {
  const known = wordsOfTheCode();
  const words = codeWordsIn(textOf('docs/GLOSSARY.md'));

  expect(words.length).toBeGreaterThan(0);
  expect(words.filter((word) => !known.has(word))).toEqual([]);
  expect(codeWordsIn('a `NoSuchWord` there').filter((word) => !known.has(word))).toEqual(['NoSuchWord']);
});

test('statuses, ends and kinds of loss are explained', () => {
  const explained = new Set(codeWordsIn(textOf('docs/GLOSSARY.md') + textOf('docs/OPERATING.md')));

  expect([...CALL_STATUSES, ...END_REASONS, ...LOSS_KINDS].filter((word) => !explained.has(word))).toEqual(
    [],
  );
});

test('the glossary explains no word twice', () => {
  const rows = [...textOf('docs/GLOSSARY.md').matchAll(/^\| ([^|]+?) +\|/gm)].map(([, word = '']) => word);
  const words = rows
    .filter((word) => !/^-+$|^(word|status|kind)$/.test(word))
    .flatMap((row) => row.split(', '));

  expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([]);
});
