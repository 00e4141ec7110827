import { defineConfig } from 'vitest/config';

/** The tests of one room alone: what they don't see is what is to be known. */
const room = process.env.CALLSPOOL_MUTATED_ROOM ?? '';

export default defineConfig({
  test: {
    include: [`test/${room}/**/*.test.ts`],
    // These look at the code in processes of their own, where a change isn't made.
    exclude: ['test/matroska/{fuzz,ebml,memory}.test.ts'],
    testTimeout: 60_000,
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  },
});
