/**
 * The figures of rooms, or of folders of rooms that were not yet gone through, or of what stands in a folder itself
 * (`recording/*.ts`): kept in a file beside this one, and shown in docs/RELIABILITY.md.
 */
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { type Counts, ROOMS, scoreOf } from './score.ts';

const STORE = 'test/mutation/figures.json';
const PAGE = 'docs/RELIABILITY.md';
const BEGIN = '<!-- mutation: written by npm run mutate -->';
const END = '<!-- end of mutation -->';

/** Figures tell of which code they are, and when: rooms are measured one by one. */
interface Figures extends Counts {
  readonly commit: string;
  /** UTC date. */
  readonly day: string;
}

/** By folder, or by what stands in one itself. */
type Store = Readonly<Record<string, Figures>>;

/**
 * The commit that is checked out; what isn't committed of these files, or of their tests, is told by a star.
 * @param files a folder, a file, or a pattern
 */
export function commitOf(files: string): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();
  const isChanged = git('status', '--porcelain', '--', `:(glob)${files}`, `:(glob)test/${files}`) !== '';
  return git('rev-parse', '--short', 'HEAD') + (isChanged ? '*' : '');
}

/** @param name a room, whose parts' figures it replaces, a folder in one, or what stands in a folder itself */
export async function writeFigures(name: string, counts: Counts, commit: string): Promise<void> {
  // It is written by this function alone.
  const store = JSON.parse(await readFile(STORE, 'utf8')) as Store;
  const others = Object.entries(store).filter(([other]) => !other.startsWith(`${name}/`));
  const next = {
    ...Object.fromEntries(others),
    [name]: { ...counts, commit, day: new Date().toISOString().slice(0, 10) },
  };
  await writeFile(STORE, `${JSON.stringify(next, undefined, 2)}\n`);
  const page = await readFile(PAGE, 'utf8');
  await writeFile(PAGE, withTable(page, tableOf(next)));
}

function tableOf(store: Store): string {
  const roomAt = (name: string) => ROOMS.findIndex((room) => `${name}/`.startsWith(`${room}/`));
  const inOrder = Object.entries(store).sort(([a], [b]) => roomAt(a) - roomAt(b) || (a < b ? -1 : 1));
  const rows = inOrder.map(([name, figures]) => {
    const { killed, timedOut, survived, uncovered, equivalent, commit, day } = figures;
    const found = `${scoreOf(figures).toFixed(1)} %`;
    const cells = [
      `\`${name.endsWith('.ts') ? name : `${name}/`}\``,
      found,
      killed + timedOut,
      survived,
      uncovered,
      equivalent,
      `${commit}, ${day}`,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| code | found | killed | survived | no test comes there | change nothing | as of |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/** @throws when the page has no place for it */
function withTable(page: string, table: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`${PAGE} has lost the place for the figures of mutations`);
  return `${page.slice(0, begin)}${BEGIN}\n\n${table}\n\n${page.slice(end)}`;
}
