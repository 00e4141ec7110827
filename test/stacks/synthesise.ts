/** Synthesises a deployment in this process, with small stand-ins for the bundles unless others are named. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { App } from 'cdktf';
import * as v from 'valibot';
import { ALL_FUNCTIONS, NOTICES_FILE } from '../../contract/names.ts';
import { readConfig } from '../../stacks/config/config.ts';
import { callspoolStack } from '../../stacks/stack.ts';

export const ROOT = resolve(import.meta.dirname, '..', '..');

export const INSTANCE_ARN =
  'arn:aws:connect:eu-west-2:123456789012:instance/12345678-90ab-cdef-1234-567890abcdef';

const BLOCK = v.record(v.string(), v.unknown());
const BLOCKS = v.record(v.string(), v.record(v.string(), BLOCK));
const STACK = v.object({
  terraform: BLOCK,
  provider: v.record(v.string(), v.array(BLOCK)),
  data: v.optional(BLOCKS, {}),
  resource: BLOCKS,
  output: v.optional(v.record(v.string(), BLOCK), {}),
});

export type Block = v.InferOutput<typeof BLOCK>;
export type Synthesised = v.InferOutput<typeof STACK> & {
  /** The stack's folder; removed by {@link Synthesised.dispose}. */
  readonly folder: string;
  readonly dispose: () => void;
};

/** Programs that do nothing, laid out as `npm run build` lays them out. */
export function placeholderBundles(folder: string): string {
  const files = ['task', 'live', ...ALL_FUNCTIONS.map((name) => `functions/${name}`)];
  for (const file of files) {
    const path = join(folder, file, 'index.mjs');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `export const handler = () => '${file}';\n`);
    writeFileSync(join(folder, file, NOTICES_FILE), 'nobody\n');
  }
  return folder;
}

export function synthesise(
  settings: Readonly<Record<string, unknown>> = {},
  options: { readonly bundles?: string } = {},
): Synthesised {
  const folder = mkdtempSync(join(tmpdir(), 'callspool-synth-'));
  const dispose = () => {
    rmSync(folder, { recursive: true, force: true });
  };
  const app = new App({ outdir: join(folder, 'out'), stackTraces: false });
  callspoolStack(app, readConfig({}, settings), {
    root: folder,
    bundles: options.bundles ?? placeholderBundles(join(folder, 'dist')),
    dockerfile: join(ROOT, 'task', 'Dockerfile'),
    pushScript: join(ROOT, 'stacks', 'compute', 'push-image.sh'),
    staging: join(folder, 'staging'),
  });
  app.synth();
  const stackFolder = join(folder, 'out', 'stacks', 'callspool');
  const json: unknown = JSON.parse(readFileSync(join(stackFolder, 'cdk.tf.json'), 'utf8'));
  return { ...v.parse(STACK, json), folder: stackFolder, dispose };
}

/** The one resource of a type, or the one with that id. */
export function resource(stack: Synthesised, type: string, id?: string): Block {
  const all = stack.resource[type] ?? {};
  const chosen = id ?? Object.keys(all)[0] ?? '';
  const found = all[chosen];
  if (found === undefined) throw new Error(`there is no ${type} ${chosen}`);
  return found;
}

export function resources(stack: Synthesised, type: string): Block[] {
  return Object.values(stack.resource[type] ?? {});
}
