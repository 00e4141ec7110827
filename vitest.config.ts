import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';
import { skippedTests } from './test/support/skipped-tests.ts';

/**
 * Rooms whose tests leave nothing behind them in their process: their files share one and its modules, since loading those
 * anew for each file takes longer than most of the tests.
 */
const TOGETHER = [
  'test/{backfill,bench,bundle,cli,contract,house,live,reading,recording,resuming,support,task}/**/*.test.ts',
  'test/local/{image,rehearsal,standins,system}/**/*.test.ts',
  'test/recognisers/!(two-hours).test.ts',
  // `clients` and `heap` put other modules in the place of some.
  'test/functions/**/!(clients).test.ts',
  'test/ports/**/!(heap).test.ts',
  // `memory` measures its process's.
  'test/matroska/**/!(memory).test.ts',
  // `calls` changes its process's environment.
  'test/stacks/**/!(calls).test.ts',
];

export default defineConfig({
  test: {
    reporters: ['default', skippedTests(process.env.CI !== undefined)],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // By itself it would leave one core idle; and much of the time goes by waiting.
    maxWorkers: availableParallelism() + 1,
    env: {
      // Node 20 works until the SDK says otherwise; it needn't say so in every test.
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'apart',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...TOGETHER],
        },
      },
      { extends: true, test: { name: 'together', include: TOGETHER, isolate: false } },
    ],
  },
});
