import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { skippedTests } from './test/support/skipped-tests.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', skippedTests(process.env.CI !== undefined)],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // By itself it would leave one core idle; much of the time goes by waiting.
    maxWorkers: Math.max(2, availableParallelism()),
    env: {
      // Node 20 works until the SDK says otherwise; it needn't say so in every test.
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
  },
});
