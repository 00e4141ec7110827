import js from '@eslint/js';
import { type Config, defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** The rooms, and what each may import of ours (docs/ARCHITECTURE.md). */
const ROOMS: Record<string, readonly string[]> = {
  matroska: [],
  recording: ['matroska'],
  contract: ['recording'],
  ports: ['recording', 'matroska', 'contract'],
  backfill: ['recording', 'matroska', 'contract', 'ports'],
  task: ['recording', 'matroska', 'contract', 'ports', 'backfill'],
  live: ['recording', 'matroska', 'contract', 'ports', 'backfill'],
  resuming: ['recording', 'matroska', 'contract', 'ports', 'backfill'],
  functions: ['recording', 'matroska', 'contract', 'ports', 'backfill', 'resuming'],
  stacks: ['recording', 'contract'],
  cli: ['recording', 'matroska', 'contract', 'ports', 'backfill', 'live', 'resuming'],
};
const ALL_ROOMS = [...Object.keys(ROOMS), 'local', 'test', 'bench'];

/** Only the adapters may know what time it is, wait, or throw dice. */
const NO_CLOCK = ['recording', 'matroska', 'contract'];

const walls = Object.entries(ROOMS).map(([room, allowed]): Config => ({
  files: [`${room}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: ALL_ROOMS.filter((other) => other !== room && !allowed.includes(other)).map((other) => ({
          regex: `^(\\.\\./)+${other}/`,
          message: `${room}/ may not import ${other}/ (docs/ARCHITECTURE.md)`,
        })),
      },
    ],
  },
}));

const pure = NO_CLOCK.map((room): Config => ({
  files: [`${room}/**/*.ts`],
  rules: {
    'no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'process', 'fetch'],
    'no-restricted-properties': [
      'error',
      { object: 'Date', property: 'now', message: 'the clock is a port' },
      { object: 'Math', property: 'random', message: 'randomness belongs to the adapters' },
    ],
  },
}));

export default defineConfig(
  globalIgnores(['dist', 'cdktf.out*', 'local-out', 'coverage', '.stryker-tmp']),
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  { languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } } },
  {
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      'no-console': 'error',
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
      'max-lines': ['error', { max: 350, skipBlankLines: true, skipComments: true }],
    },
  },
  { files: ['local/**', 'cli/**', 'bench/**', 'stacks/**', 'build.ts'], rules: { 'no-console': 'off' } },
  { files: ['test/**', 'bench/**'], rules: { 'max-lines-per-function': 'off', 'max-lines': 'off' } },
  { files: ['**/*.{js,mjs}'], extends: [tseslint.configs.disableTypeChecked] },
  ...walls,
  ...pure,
);
