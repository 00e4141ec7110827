#!/usr/bin/env node
// What `npx callspool` runs: it is always there, built or not, so that npm can link to it.
import { existsSync } from 'node:fs';
import { URL } from 'node:url';

const bundle = new URL('../dist/cli/index.mjs', import.meta.url);
if (existsSync(bundle)) {
  await import(bundle.href);
} else {
  // `npm run build` makes it start in half the time.
  const { register } = await import('tsx/esm/api');
  register();
  await import('./main.ts');
}
