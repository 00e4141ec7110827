/** Tells which tests were skipped, which otherwise nobody sees; in CI, where all that they need is installed, that is a failure. */
import type { Reporter, TestModule } from 'vitest/node';

/** @param isFailure whether a skipped test makes the run fail */
export function skippedTests(
  isFailure: boolean,
  say = (line: string) => process.stderr.write(line),
): Reporter {
  return {
    onTestRunEnd(modules: readonly TestModule[]) {
      const names = modules.flatMap(skippedIn);
      if (names.length === 0) return;
      say(`\nskipped:\n${names.map((name) => `  ${name}\n`).join('')}`);
      if (isFailure) process.exitCode = 1;
    },
  };
}

function skippedIn(module: TestModule): string[] {
  return [...module.children.allTests('skipped')].map(
    (test) => `${module.relativeModuleId} > ${test.fullName}`,
  );
}
