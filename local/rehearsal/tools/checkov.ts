/** checkov, which looks at a plan as a security reviewer's tool does, and what of its findings has a reason. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { run, ToolFailure } from './process.ts';

/** Each finding that isn't mended, with the reason for it. */
const PASSED_OVER_FILE = join(import.meta.dirname, '../../../stacks/passed-over.json');

const ENTRIES = v.array(
  v.strictObject({
    check: v.pipe(v.string(), v.regex(/^CKV2?_AWS_\d+$/)),
    /** Addresses; `*` stands for any text. */
    resources: v.pipe(v.array(v.string()), v.minLength(1)),
    reason: v.pipe(v.string(), v.minLength(40)),
  }),
);
export type PassedOver = v.InferOutput<typeof ENTRIES>[number];

export function readPassedOver(): PassedOver[] {
  return v.parse(ENTRIES, JSON.parse(readFileSync(PASSED_OVER_FILE, 'utf8')));
}

export function covers(pattern: string, address: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(address);
}

export interface Failed {
  readonly check: string;
  readonly resource: string;
  /** What should be so. */
  readonly name: string;
}

/** @returns findings that nobody has given a reason for, and reasons that are for nothing */
export function judge(
  failed: readonly Failed[],
  passedOver: readonly PassedOver[],
): { readonly unexplained: readonly Failed[]; readonly stale: readonly string[] } {
  const used = new Set<string>();
  const unexplained = failed.filter(({ check, resource }) => {
    const reasons = passedOver.flatMap((entry) =>
      entry.check === check ? entry.resources.filter((pattern) => covers(pattern, resource)) : [],
    );
    for (const pattern of reasons) used.add(`${check} ${pattern}`);
    return reasons.length === 0;
  });
  const all = passedOver.flatMap(({ check, resources }) => resources.map((pattern) => `${check} ${pattern}`));
  return { unexplained, stale: all.filter((one) => !used.has(one)) };
}

const REPORT = v.looseObject({
  summary: v.looseObject({ parsing_errors: v.literal(0), resource_count: v.pipe(v.number(), v.minValue(1)) }),
  results: v.looseObject({
    failed_checks: v.array(
      v.looseObject({ check_id: v.string(), resource: v.string(), check_name: v.string() }),
    ),
  }),
});

export interface Look {
  readonly checkov: string;
  /** Plans, as `terraform show -json` tells them: all at once, since it takes long to start. */
  readonly plans: readonly string[];
  /** A folder of its own. */
  readonly dir: string;
  readonly signal: AbortSignal;
}

/** Asks nobody: of checkov's own service, too, nothing is fetched. @throws ToolFailure */
export async function look({ checkov, plans, dir, signal }: Look): Promise<Failed[]> {
  const files = plans.map((plan, index) => {
    const file = join(dir, `plan-${index + 1}.json`);
    writeFileSync(file, plan);
    return file;
  });
  const { stdout, code, tail } = await run({
    command: checkov,
    args: [
      ...files.flatMap((file) => ['-f', file]),
      '--framework',
      'terraform_plan',
      '--quiet',
      '--compact',
      '-o',
      'json',
    ],
    cwd: dir,
    env: { PATH: process.env.PATH ?? '', HOME: dir, BC_SKIP_MAPPING: 'TRUE' },
    log: join(dir, 'checkov.log'),
    signal,
  });
  const report = v.safeParse(v.pipe(v.string(), v.parseJson(), REPORT), stdout);
  if (!report.success) throw new ToolFailure(`checkov ended with ${code}, without a report\n${tail}`);
  return report.output.results.failed_checks.map(({ check_id: check, resource, check_name: name }) => {
    return { check, resource, name };
  });
}
