import js from '@eslint/js';
import { type Config, defineConfig, globalIgnores } from 'eslint/config';
import importSort from 'eslint-plugin-simple-import-sort';
import tseslint from 'typescript-eslint';

const BELOW_PROGRAMS = ['recording', 'matroska', 'contract', 'ports', 'backfill'];

/** The rooms, and what each may import of ours (docs/ARCHITECTURE.md). */
const ROOMS: Record<string, readonly string[]> = {
  matroska: [],
  recording: ['matroska'],
  contract: ['recording'],
  ports: ['recording', 'matroska', 'contract'],
  backfill: ['recording', 'matroska', 'contract', 'ports'],
  reading: BELOW_PROGRAMS,
  task: [...BELOW_PROGRAMS, 'reading'],
  live: [...BELOW_PROGRAMS, 'reading'],
  library: [...BELOW_PROGRAMS, 'reading', 'live'],
  resuming: BELOW_PROGRAMS,
  functions: [...BELOW_PROGRAMS, 'resuming'],
  stacks: ['recording', 'contract'],
  cli: [...BELOW_PROGRAMS, 'reading', 'live', 'library', 'resuming'],
  bundle: [],
  local: [...BELOW_PROGRAMS, 'reading', 'live', 'resuming', 'task', 'functions', 'stacks', 'cli', 'bundle'],
};
const ALL_ROOMS = [...Object.keys(ROOMS), 'test', 'bench'];

function wall(room: string, files: string, forbidden: readonly string[]): Config {
  return {
    files: [files],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: forbidden.map((other) => ({
            regex: `^(\\./|(\\.\\./)+)${other}/`,
            message: `${room} may not import ${other}/ (docs/ARCHITECTURE.md)`,
          })),
        },
      ],
    },
  };
}

const walls = [
  ...Object.entries(ROOMS).map(([room, allowed]) =>
    wall(
      `${room}/`,
      `${room}/**/*.ts`,
      ALL_ROOMS.filter((other) => other !== room && !allowed.includes(other)),
    ),
  ),
  wall('bench/', 'bench/**/*.ts', ['test']),
  // The tests' reporter is the one thing that a file at the root takes from a test's folder.
  wall(
    'a file at the root',
    '*.ts',
    ALL_ROOMS.filter((room) => !['bundle', 'contract', 'test'].includes(room)),
  ),
];

/** Only adapters may know what time it is, wait, or throw dice: a run is replayed from its seed. */
const NO_CLOCK = [
  'error',
  { object: 'Date', property: 'now', message: 'the clock is a port' },
  { object: 'Math', property: 'random', message: 'randomness belongs to the adapters' },
] as const;
/** They wait, measure time, or reach out. */
const OF_THE_RUNTIME = ['setTimeout', 'setInterval', 'setImmediate', 'fetch', 'performance'];
const PURE = ['recording', 'matroska', 'contract'];
const REPLAYED = ['backfill', 'reading', 'task', 'live', 'resuming', 'functions'];
/** What the process itself is told by, and the watchdog, which is there for the case that nothing else runs. */
const PROCESSES = ['task/main.ts', 'task/watchdog.ts', 'live/main.ts'];

const clocks: Config[] = [
  {
    files: PURE.map((room) => `${room}/**/*.ts`),
    rules: {
      'no-restricted-globals': ['error', ...OF_THE_RUNTIME, 'process'],
      'no-restricted-properties': [...NO_CLOCK],
    },
  },
  {
    files: REPLAYED.map((room) => `${room}/**/*.ts`),
    ignores: PROCESSES,
    rules: {
      'no-restricted-globals': ['error', ...OF_THE_RUNTIME],
      'no-restricted-properties': [...NO_CLOCK],
    },
  },
];

/** What decides how a stream is read on: values in, values out. Only its driver does anything. */
const step: Config = {
  files: ['reading/**/*.ts'],
  ignores: ['reading/driver.ts', 'reading/media-body.ts'],
  rules: {
    'no-restricted-globals': ['error', ...OF_THE_RUNTIME, 'process', 'Promise', 'AbortController'],
    'no-restricted-syntax': [
      'error',
      { selector: ':function[async=true]', message: 'a step waits for nothing' },
      { selector: 'AwaitExpression', message: 'a step waits for nothing' },
    ],
    '@typescript-eslint/no-restricted-imports': [
      'error',
      { patterns: [{ regex: '/ports/', allowTypeImports: true, message: 'a step uses no port' }] },
    ],
  },
};

export default defineConfig(
  globalIgnores(['dist', 'cdktf.out*', 'local-out', 'coverage', '.stryker-tmp']),
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  { languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } } },
  {
    plugins: { 'import-order': importSort },
    rules: {
      // Node's, then others', then ours, the farther first; each by its name.
      'import-order/imports': ['error', { groups: [['^\\u0000', '^node:', '^@?\\w', '^\\.']] }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      'no-console': 'error',
      // Taking a property out of an object is what a rest is for.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
    },
  },
  { files: ['local/**', 'cli/**', 'bench/**', 'stacks/**', 'build.ts'], rules: { 'no-console': 'off' } },
  { files: ['test/**', 'bench/**'], rules: { 'max-lines-per-function': 'off', 'max-lines': 'off' } },
  { files: ['**/*.{js,mjs}'], extends: [tseslint.configs.disableTypeChecked] },
  ...walls,
  ...clocks,
  step,
);
