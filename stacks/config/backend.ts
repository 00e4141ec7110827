/** Terraform keeps its state in a file in the checkout, or in a bucket. A deployment has one state. */
import { isAbsolute, join, relative, resolve } from 'node:path';
import { type App, LocalBackend, S3Backend, type TerraformStack } from 'cdktf';
import type { Config } from './config.ts';

/** The first that locks an S3 state by a file in the bucket. */
const TERRAFORM = '>= 1.10';

export function stateBackend(stack: TerraformStack, app: App, config: Config, root: string): void {
  const deployment = `${config.prefix}-${config.region}`;
  stack.addOverride('terraform.required_version', TERRAFORM);
  if (config.stateBucket === undefined) {
    const outdir = isAbsolute(app.outdir) ? app.outdir : resolve(app.outdir);
    const runsIn = join(outdir, 'stacks', stack.node.id);
    // Relative to where Terraform runs, so that the same checkout gives the same JSON wherever it lies.
    new LocalBackend(stack, { path: join(relative(runsIn, root), `terraform.${deployment}.tfstate`) });
    return;
  }
  new S3Backend(stack, {
    bucket: config.stateBucket,
    key: `callspool/${deployment}.tfstate`,
    region: config.stateRegion ?? config.region,
    encrypt: true,
  });
  // cdktf 0.21 doesn't know it yet.
  stack.addOverride('terraform.backend.s3.use_lockfile', true);
}
