/** The figures of whole rooms: kept in a file beside this one, and shown in docs/RELIABILITY.md. */
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { type Counts, type Room, ROOMS, scoreOf } from './score.ts';

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

export async function writeFigures(room: Room, counts: Counts): Promise<void> {
  // It is written by this function alone.
  const store = JSON.parse(await readFile(STORE, 'utf8')) as Partial<Record<Room, Figures>>;
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const next = { ...store, [room]: { ...counts, commit, day: new Date().toISOString().slice(0, 10) } };
  await writeFile(STORE, `${JSON.stringify(next, undefined, 2)}\n`);
  const page = await readFile(PAGE, 'utf8');
  await writeFile(PAGE, withTable(page, tableOf(next)));
}

function tableOf(store: Partial<Record<Room, Figures>>): string {
  const rows = ROOMS.flatMap((room) => {
    const figures = store[room];
    if (!figures) return [];
    const { killed, timedOut, survived, uncovered, equivalent, commit, day } = figures;
    const found = `${scoreOf(figures).toFixed(1)} %`;
    const cells = [
      `\`${room}/\``,
      found,
      killed + timedOut,
      survived,
      uncovered,
      equivalent,
      `${commit}, ${day}`,
    ];
    return [`| ${cells.join(' | ')} |`];
  });
  return [
    '| room | found | killed | survived | no test comes there | change nothing | code |',
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
