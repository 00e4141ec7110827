/** What was measured: for programs in `results.json`, for people in `RESULTS.md`. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
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
  /** Load average of the last minute, before and after: other programs on the machine show there. */
  load: v.tuple([v.number(), v.number()]),
  ratios: v.array(Ratio),
  tables: v.array(Table),
  notes: v.array(v.string()),
});

const Results = v.object({ machine: v.string(), sections: v.record(v.string(), Section) });

export type Ratio = v.InferOutput<typeof Ratio>;
export type Table = v.InferOutput<typeof Table>;
export type Section = v.InferOutput<typeof Section>;
export type Results = v.InferOutput<typeof Results>;
/** What a benchmark gives back. */
export type Measured = Pick<Section, 'title' | 'ratios' | 'tables' | 'notes'>;

const JSON_FILE = join(ROOT, 'bench/results.json');
const MARKDOWN_FILE = join(ROOT, 'bench/RESULTS.md');

export function machine(): string {
  const [cpu] = cpus();
  const memoryGb = Math.round(totalmem() / 2 ** 30);
  return `${String(cpus().length)} × ${cpu?.model.trim() ?? 'CPU'}, ${String(memoryGb)} GB, ${type()} ${release()}, Node.js ${process.version}`;
}

export function readResults(): Results {
  if (!existsSync(JSON_FILE)) return { machine: machine(), sections: {} };
  return v.parse(Results, JSON.parse(readFileSync(JSON_FILE, 'utf8')));
}

/** Runs a benchmark, and puts what it measured in place of what stood there. */
export async function keep(name: string, bench: () => Promise<Measured>): Promise<void> {
  const [before = 0] = loadavg();
  const measured = await bench();
  const [after = 0] = loadavg();
  // Read only now: another benchmark may have been kept meanwhile.
  const results = readResults();
  const section: Section = {
    ...measured,
    measuredAt: new Date().toISOString().slice(0, 16).replace('T', ' '),
    load: [before, after],
  };
  const sections = { ...results.sections, [name]: section };
  writeFileSync(JSON_FILE, `${JSON.stringify({ machine: machine(), sections }, undefined, 2)}\n`);
  writeReport();
}

/** What is said of what has not been measured. */
const MISSING: Readonly<Record<string, string>> = {
  many: 'Many at once\n\nNot measured. The model of 10 to 10,000 calls against AWS’s limits is docs/CAPACITY.md.',
};

/** Renders RESULTS.md. */
export function writeReport(): void {
  const { machine: where, sections } = readResults();
  const order = ['decode', 'task', 'start', 'freshness', 'assembly', 'requests', 'many'];
  const parts = order.flatMap((name) => {
    const section = sections[name];
    return [section ? render(name, section) : `## ${MISSING[name] ?? `${name}\n\nNot measured.`}`];
  });
  writeFileSync(MARKDOWN_FILE, `${[HEAD(where), ...parts].join('\n\n')}\n`);
  execFileSync(
    process.execPath,
    [join(ROOT, 'node_modules/prettier/bin/prettier.cjs'), '--write', JSON_FILE, MARKDOWN_FILE],
    {
      stdio: 'ignore',
    },
  );
}

const HEAD = (where: string) => `# What was measured

Written by \`npm run bench\`; don’t edit. ${where}.

Every ratio is of two programs in one run on this machine, and the median of at least five runs unless it says
otherwise; CPU seconds are user and system time of the whole process. Times in themselves say little about another
machine. The stand-ins answer at once and from memory: network time, TLS and AWS’s own latency are not in any figure.
\`npm run bench:check\` measures the guarded ratios again and fails when one has become worse by more than a third.`;

function render(name: string, { title, measuredAt, load, ratios, tables, notes }: Section): string {
  const loads = load.map((value) => value.toFixed(1)).join(' before, ');
  const parts = [
    `## ${title}`,
    `\`npm run bench -- ${name}\`, ${measuredAt} UTC; load average ${loads} after.`,
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
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
