import { defineConfig } from 'vitest/config';

/** The tests of one room alone: what they don't see is what is to be known. */
const room = process.env.CALLSPOOL_MUTATED_ROOM ?? '';

/** What Stryker puts into each file counts what the tests pass, for ever; once that is known it only takes time. */
const COUNT = 'function cover() {';

export default defineConfig({
  plugins: [
    {
      name: 'count-once',
      enforce: 'pre',
      transform: (code) =>
        code.includes(COUNT) ? code.replace(COUNT, `${COUNT} if (ns.hasCounted) return;`) : undefined,
    },
  ],
  test: {
    include: [`test/${room}/**/*.test.ts`, 'test/mutation/inside/start.ts'],
    // These look at the code in processes of their own, where a change isn't made.
    exclude: ['test/matroska/{fuzz,ebml,memory}.test.ts'],
    runner: 'test/mutation/inside/room-runner.ts',
    // One thread has the room's code, and keeps it.
    pool: 'threads',
    isolate: false,
    // By which Stryker tells which tests have changed since.
    includeTaskLocation: true,
    maxWorkers: 1,
    setupFiles: ['test/mutation/inside/setup.ts'],
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', PROPERTY_RUNS_MAX: '8' },
  },
});
