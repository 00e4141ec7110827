import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ROOT } from './synthesise.ts';

const folder = mkdtempSync(join(tmpdir(), 'callspool-main-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs what `npm run synth` does after the build; no network, no Terraform, no cdktf CLI on the path. */
function synth(outdir: string, env: Record<string, string>) {
  return spawnSync(process.execPath, ['--import', 'tsx', 'stacks/main.ts'], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { PATH: '', HOME: folder, TMPDIR: folder, CDKTF_OUTDIR: outdir, ...env },
  });
}

describe('synthesis', () => {
  it('makes the stack offline, by itself', () => {
    const outdir = join(folder, 'out');
    const { status, stdout, stderr } = synth(outdir, {
      CALLSPOOL_PREFIX: 'sales',
      CALLSPOOL_SEGMENTS: '3',
      CDKTF_CONTEXT_JSON: '{"callspool":{"prefix":"other","region":"eu-west-1"},"cdktfRelativeModules":[]}',
    });

    expect(stderr).toBe('callspool: CALLSPOOL_SEGMENTS is set, but is no setting of the deployment\n');
    expect(stdout).toBe('');
    expect(status).toBe(0);
    const json = readFileSync(join(outdir, 'stacks', 'callspool', 'cdk.tf.json'), 'utf8');
    expect(json).toContain('"function_name": "sales-connect"');
    expect(json).toContain('"region": "eu-west-1"');
    expect(json).not.toContain(folder);
  });

  it('stops at wrong values with one line each, and makes nothing', () => {
    const outdir = join(folder, 'none');
    const { status, stderr } = synth(outdir, { CALLSPOOL_ZONES: '9', CALLSPOOL_SPOT: 'maybe' });

    expect(status).toBe(1);
    expect(stderr).toBe(
      'callspool: zones is "9" (CALLSPOOL_ZONES), which is too large: allowed is a number from 1 to 4\n' +
        'callspool: spot is "maybe" (CALLSPOOL_SPOT), which is none of the choices: allowed is true or false\n',
    );
    expect(existsSync(outdir)).toBe(false);
  });
});
