/** What was measured: for programs in `results.json`, for people in `RESULTS.md`. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { type Extent, shortenedNote } from './options.ts';
import { ROOT } from './program.ts';

const Ratio = v.object({
  name: v.string(),
  value: v.number(),
  /** Which way is better. */
  better: v.picklist(['more', 'less']),
  /** The most or the least that it is to be. */
  target: v.exactOptional(v.number()),
  /** Measured again by `bench:check`. */
  guarded: v.exactOptional(v.boolean()),
});

const Table = v.object({
  head: v.array(v.string()),
  rows: v.array(v.array(v.string())),
});

const Section = v.object({
  title: v.string(),
  measuredAt: v.string(),
  /** Where; absent: where the rest was measured. */
  machine: v.exactOptional(v.string()),
  /** Load average of the last minute, before and after: other programs on the machine show there. */
  load: v.tuple([v.number(), v.number()]),
  ratios: v.array(Ratio),
  tables: v.array(Table),
  notes: v.array(v.string()),
  /** What the README says of it. */
  readme: v.exactOptional(v.array(Table)),
});

const Results = v.object({ machine: v.string(), sections: v.record(v.string(), Section) });

export type Ratio = v.InferOutput<typeof Ratio>;
export type Table = v.InferOutput<typeof Table>;
export type Section = v.InferOutput<typeof Section>;
export type Results = v.InferOutput<typeof Results>;
/** What a benchmark gives back. */
export type Measured = Pick<Section, 'title' | 'ratios' | 'tables' | 'notes' | 'readme'>;

const JSON_FILE = join(ROOT, 'bench/results.json');
const MARKDOWN_FILE = join(ROOT, 'bench/RESULTS.md');
const README_FILE = join(ROOT, 'README.md');

function machine(): string {
  const [cpu] = cpus();
  const memoryGb = Math.round(totalmem() / 2 ** 30);
  return `${String(cpus().length)} × ${cpu?.model.trim() ?? 'CPU'}, ${String(memoryGb)} GB, ${type()} ${release()}, Node.js ${process.version}`;
}

export function readResults(): Results {
  if (!existsSync(JSON_FILE)) return { machine: machine(), sections: {} };
  return v.parse(Results, JSON.parse(readFileSync(JSON_FILE, 'utf8')));
}

type Bench = () => Promise<Measured>;

/** Runs a benchmark, and puts what it measured in place of what stood there. */
export async function keep(name: string, bench: Bench, extent: Extent): Promise<void> {
  const section = await measure(bench, extent);
  // Read only now: another benchmark may have been kept meanwhile.
  const sections = { ...readResults().sections, [name]: section };
  writeFileSync(JSON_FILE, `${JSON.stringify({ machine: machine(), sections }, undefined, 2)}\n`);
  writeReport();
}

/** Runs a benchmark, and keeps nothing. */
export async function print(name: string, bench: Bench, extent: Extent): Promise<void> {
  console.log(render(name, await measure(bench, extent)));
}

async function measure(bench: Bench, extent: Extent): Promise<Section> {
  const [before = 0] = loadavg();
  const { notes, ...measured } = await bench();
  const [after = 0] = loadavg();
  const shortened = shortenedNote(extent);
  return {
    ...measured,
    notes: shortened === undefined ? notes : [...notes, shortened],
    measuredAt: new Date().toISOString().slice(0, 16).replace('T', ' '),
    machine: machine(),
    load: [before, after],
  };
}

const ORDER = [
  'decode',
  'task',
  'start',
  'freshness',
  'assembly',
  'profile',
  'formats',
  'requests',
  'billed',
  'many',
  'storm',
  'live',
  'words',
];

/** Renders RESULTS.md. */
function writeReport(): void {
  const { machine: where, sections } = readResults();
  const parts = ORDER.map((name) => {
    const section = sections[name];
    return section
      ? render(name, section, where)
      : `## ${name}\n\nNot measured: \`npm run bench -- ${name}\`.`;
  });
  writeFileSync(MARKDOWN_FILE, `${[HEAD(where), ...parts].join('\n\n')}\n`);
  const tables = sections.requests?.readme;
  if (tables) {
    const readme = readFileSync(README_FILE, 'utf8');
    writeFileSync(README_FILE, between(readme, README_MARKS, tables.map(markdownTable).join('\n\n')));
  }
  const prettier = join(ROOT, 'node_modules/prettier/bin/prettier.cjs');
  const files = [JSON_FILE, MARKDOWN_FILE, README_FILE];
  execFileSync(process.execPath, [prettier, '--write', ...files], { stdio: 'ignore' });
}

const README_MARKS = [
  '<!-- costs: written by npm run bench -- requests -->',
  '<!-- end of costs -->',
] as const;

/** The text with something else between its marks. @throws when the marks aren't there */
export function between(text: string, [begin, end]: readonly [string, string], content: string): string {
  const from = text.indexOf(begin);
  const to = text.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`there are no marks ${begin} and ${end}, in that order`);
  return `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`;
}

const HEAD = (where: string) => `# What was measured

Written by \`npm run bench\`; don’t edit. ${where}.

Every ratio is of two programs in one run on this machine, and the median of at least five runs unless it says
otherwise; CPU seconds are user and system time of the whole process. Times in themselves say little about another
machine. The stand-ins answer at once and from memory: network time, TLS and AWS’s own latency are not in any figure.
\`npm run bench:check\` measures the guarded ratios again and fails when one has become worse by more than a third.`;

function render(name: string, section: Section, where?: string): string {
  const { title, measuredAt, machine: at = where, load, ratios, tables, notes } = section;
  const loads = load.map((value) => value.toFixed(1)).join(' before, ');
  const elsewhere = at === where ? '' : ` On ${at ?? ''}.`;
  const parts = [
    `## ${title}`,
    `\`npm run bench -- ${name}\`, ${measuredAt} UTC; load average ${loads} after.${elsewhere}`,
  ];
  if (ratios.length > 0) parts.push(markdownTable(ratioTable(ratios)));
  parts.push(...tables.map(markdownTable));
  if (notes.length > 0) parts.push(notes.map((note) => `- ${note}`).join('\n'));
  return parts.join('\n\n');
}

function ratioTable(ratios: readonly Ratio[]): Table {
  return {
    head: ['', 'measured', 'to reach', '', 'guarded'],
    rows: ratios.map(({ name, value, better, target, guarded }) => {
      const met = target === undefined || (better === 'more' ? value >= target : value <= target);
      const goal = target === undefined ? '–' : `${better === 'more' ? '≥' : '≤'} ${String(target)}`;
      return [
        name,
        String(value),
        goal,
        target === undefined ? '' : met ? 'met' : '**not met**',
        guarded === true ? 'yes' : '',
      ];
    }),
  };
}

export function markdownTable({ head, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const full = (row: readonly string[]) => head.map((_, column) => row[column] ?? '');
  return [line(head), line(head.map(() => '---')), ...rows.map(full).map(line)].join('\n');
}
