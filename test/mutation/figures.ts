/** The figures of rooms, or of folders of rooms that were not yet gone through: kept in a file beside this one, and shown in docs/RELIABILITY.md. */
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

/** By folder. */
type Store = Readonly<Record<string, Figures>>;

/** The commit that is checked out; what isn't committed of this folder, or of its tests, is told by a star. */
export function commitOf(folder: string): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();
  const isChanged = git('status', '--porcelain', '--', folder, `test/${folder}`) !== '';
  return git('rev-parse', '--short', 'HEAD') + (isChanged ? '*' : '');
}

/** @param folder a room, whose folders' figures it replaces, or a folder in one */
export async function writeFigures(folder: string, counts: Counts, commit: string): Promise<void> {
  // It is written by this function alone.
  const store = JSON.parse(await readFile(STORE, 'utf8')) as Store;
  const others = Object.entries(store).filter(([other]) => !other.startsWith(`${folder}/`));
  const next = {
    ...Object.fromEntries(others),
    [folder]: { ...counts, commit, day: new Date().toISOString().slice(0, 10) },
  };
  await writeFile(STORE, `${JSON.stringify(next, undefined, 2)}\n`);
  const page = await readFile(PAGE, 'utf8');
  await writeFile(PAGE, withTable(page, tableOf(next)));
}

function tableOf(store: Store): string {
  const roomAt = (folder: string) => ROOMS.findIndex((room) => `${folder}/`.startsWith(`${room}/`));
  const inOrder = Object.entries(store).sort(([a], [b]) => roomAt(a) - roomAt(b) || (a < b ? -1 : 1));
  const rows = inOrder.map(([folder, figures]) => {
    const { killed, timedOut, survived, uncovered, equivalent, commit, day } = figures;
    const found = `${scoreOf(figures).toFixed(1)} %`;
    const cells = [
      `\`${folder}/\``,
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
    '| folder | found | killed | survived | no test comes there | change nothing | code |',
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
