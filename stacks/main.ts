/** Entry point of `cdktf` and of `npm run synth`: settings in, `cdktf.out/stacks/callspool/cdk.tf.json` out. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { App } from 'cdktf';
import * as v from 'valibot';
import { ConfigError, readConfig } from './config/config.ts';
import { strangers } from './config/strangers.ts';
import { callspoolStack } from './stack.ts';

const root = resolve(import.meta.dirname, '..');

const CONTEXT = v.object({ callspool: v.optional(v.unknown(), {}) });

/** Reads the context that the cdktf CLI hands on; without the CLI, cdktf.json itself. */
function readContext(): unknown {
  const handedOn = process.env.CDKTF_CONTEXT_JSON;
  const text = handedOn ?? readFileSync(join(root, 'cdktf.json'), 'utf8');
  const json: unknown = JSON.parse(text);
  const context =
    handedOn === undefined ? v.parse(v.object({ context: v.optional(v.unknown(), {}) }), json).context : json;
  return v.parse(CONTEXT, context).callspool;
}

function synthesise(staging: string): void {
  const config = readConfig(process.env, readContext());
  for (const name of strangers(process.env)) {
    console.error(`callspool: ${name} is set, but is no setting of the deployment`);
  }
  const app = new App({ stackTraces: false });
  callspoolStack(app, config, {
    root,
    bundles: join(root, 'dist'),
    dockerfile: join(root, 'task', 'Dockerfile'),
    pushScript: join(import.meta.dirname, 'compute/push-image.sh'),
    staging,
  });
  app.synth();
}

const staging = mkdtempSync(join(tmpdir(), 'callspool-'));
try {
  synthesise(staging);
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  for (const problem of error.problems) console.error(`callspool: ${problem}`);
  process.exitCode = 1;
} finally {
  rmSync(staging, { recursive: true, force: true });
}
