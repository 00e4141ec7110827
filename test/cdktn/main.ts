/**
 * `npm run test:cdktn [-- DIR]`: leaves cdktf for its successor, cdktn, in a copy of this checkout, by the very commands
 * that docs/DEPLOYING.md names, and holds what both make of every deployment of the tests against each other. Then the
 * copy must type-check, and the stack's own tests must pass in it. It needs npm's registry. The copy is put into DIR,
 * and left there, where one is named: `npm run rehearse -- --cdktn DIR` then plans with it on cdktf's state.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import * as v from 'valibot';
import { differences, isExpected } from './compare.ts';
import { copyCheckout } from './copy.ts';
import { stepsIn } from './steps.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const deployments = v.record(v.string(), v.unknown());

const say = (line: string) => process.stdout.write(`${line}\n`);

/** Runs a command in the copy. @throws where it fails */
function run(copy: string, command: string, ...args: readonly string[]): void {
  say(`$ ${[command, ...args].join(' ').trim().replaceAll('\n', '\n  ')}`);
  const { status, error } = spawnSync(command, args, { cwd: copy, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`${command} failed: ${error?.message ?? String(status)}`);
}

/** What the copy's stack is now, by the name of the deployment. */
function synthesised(copy: string, name: string): Record<string, unknown> {
  const file = join(copy, `dist/${name}.json`);
  run(copy, process.execPath, '--import', 'tsx', 'test/cdktn/worker.ts', file);
  return v.parse(deployments, JSON.parse(readFileSync(file, 'utf8')));
}

/** @returns what nobody expects to differ */
function compare(before: Record<string, unknown>, after: Record<string, unknown>): string[] {
  const all = Object.keys({ ...before, ...after }).flatMap((name) =>
    differences(before[name], after[name]).map((difference) => ({ name, difference })),
  );
  const expected = new Set(all.flatMap(({ difference: d }) => (isExpected(d) ? [told(d)] : [])));
  say(`${String(Object.keys(after).length)} deployments differ, as expected, in`);
  for (const difference of expected) say(`  ${difference}`);
  return all.flatMap(({ name, difference }) =>
    isExpected(difference) ? [] : [`${name}: ${told(difference)}`],
  );
}

const told = ({ path, before, after }: { path: string; before: unknown; after: unknown }) =>
  `${path}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`;

function leave(copy: string): number {
  copyCheckout(ROOT, copy);
  run(copy, 'npm', 'ci', '--prefer-offline');
  const before = synthesised(copy, 'by-cdktf');
  const steps = stepsIn(readFileSync(join(ROOT, 'docs/DEPLOYING.md'), 'utf8'));
  run(copy, 'bash', '-euo', 'pipefail', '-c', steps);
  const unexpected = compare(before, synthesised(copy, 'by-cdktn'));
  for (const difference of unexpected) say(`✗ ${difference}`);
  run(copy, 'npx', 'tsc');
  // All but what is made without cdktf.
  run(copy, 'npx', 'vitest', 'run', 'test/stacks', '--exclude', 'test/stacks/compute/bundle.test.ts');
  return unexpected.length;
}

const [, , given] = process.argv;
const copy = given === undefined ? mkdtempSync(join(tmpdir(), 'callspool-cdktn-')) : resolve(given);
mkdirSync(copy, { recursive: true });
if (readdirSync(copy).length > 0) throw new Error(`${copy} isn’t empty`);
try {
  if (leave(copy) > 0) process.exitCode = 1;
} finally {
  if (given === undefined) rmSync(copy, { recursive: true, force: true });
  else say(`the copy is in ${copy}`);
}
