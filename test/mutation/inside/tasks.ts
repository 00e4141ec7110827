/** Vitest's trees of suites and tests, as Stryker sees them. */
import { relative } from 'node:path';
import type { RunnerTask, RunnerTestCase, RunnerTestSuite } from 'vitest';
import type { TestId, TestOutcome } from '../messages.ts';

export function idOf(test: RunnerTestCase): TestId {
  return `${relative('.', test.file.filepath)}#${nameOf(test)}`;
}

/** The others are skipped, and so are the hooks of suites in which nothing is left. */
export function keepOnly(suite: RunnerTestSuite, wanted: ReadonlySet<TestId>): void {
  for (const task of suite.tasks) {
    if (task.type === 'suite') keepOnly(task, wanted);
    else if (!wanted.has(idOf(task))) task.mode = 'skip';
  }
  if (suite.tasks.every(({ mode }) => mode === 'skip')) suite.mode = 'skip';
}

/** What has run, each test once. A test whose suite could not begin has failed. */
export function outcomesOf(suite: RunnerTestSuite, above?: string): TestOutcome[] {
  const failed = above ?? failureOf(suite);
  return suite.tasks.flatMap((task) => {
    if (task.type === 'suite') return outcomesOf(task, failed);
    const failure = failureOf(task) ?? failed;
    if (failure === undefined && task.result?.state !== 'pass') return [];
    return [
      {
        id: idOf(task),
        name: nameOf(task),
        file: relative('.', task.file.filepath),
        ms: task.result?.duration ?? 0,
        ...(task.location ? { place: task.location } : {}),
        ...(failure === undefined ? {} : { failure }),
      },
    ];
  });
}

/** Of the suite's or the test's own doing. */
export function failureOf({ result }: RunnerTask): string | undefined {
  if (result?.state !== 'fail' || !result.errors) return undefined;
  return result.errors[0]?.message ?? 'it failed, and didn’t say why';
}

/** Which tests of which file are asked for. */
export function byFile(tests: readonly TestId[]): Map<string, Set<TestId>> {
  const files = new Map<string, Set<TestId>>();
  for (const id of tests) {
    const file = id.slice(0, id.indexOf('#'));
    files.set(file, (files.get(file) ?? new Set()).add(id));
  }
  return files;
}

function nameOf({ name, suite }: RunnerTestCase): string {
  const names = [name];
  for (let above = suite; above; above = above.suite) names.unshift(above.name);
  return names.join(' ');
}
