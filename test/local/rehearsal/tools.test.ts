import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseArguments, UsageError } from '../../../local/rehearsal/life/arguments.ts';
import { newFindings } from '../../../local/rehearsal/life/findings.ts';
import { settingChanges } from '../../../local/rehearsal/stack/setting-changes.ts';
import { findTools } from '../../../local/rehearsal/tools/find.ts';
import { mustRun, run, ToolFailure } from '../../../local/rehearsal/tools/process.ts';
import { INSTANCE_ARN } from '../../../local/standins/connect-events.ts';
import { readConfig } from '../../../stacks/config/config.ts';

const dir = mkdtempSync(join(tmpdir(), 'callspool-tools-'));
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

function program(name: string, script: string): string {
  const file = join(dir, name);
  writeFileSync(file, script);
  chmodSync(file, 0o755);
  return file;
}

const python = program('python', '#!/bin/sh\necho 5.2.1\n');

describe('the tools of a rehearsal', () => {
  const path = [dir, process.env.PATH ?? ''].join(':');

  it('are found on the PATH or where they are named, with their versions', async () => {
    program('tofu', '#!/bin/sh\necho OpenTofu v1.10.2\n');
    const terraform = program('terraform', '#!/bin/sh\necho Terraform v1.11.4\n');
    const cdktf = program('cdktf', '#!/bin/sh\necho 0.21.0\n');
    const moto = program('moto_server', `#!${python}\n`);

    expect(await findTools({}, path)).toEqual({
      tools: {
        terraform: { path: terraform, version: '1.11.4' },
        cdktf: { path: cdktf, version: '0.21.0' },
        moto: { path: moto, version: '5.2.1' },
      },
    });
    const named = await findTools({ terraform: join(dir, 'tofu') }, path);
    expect(named).toMatchObject({ tools: { terraform: { version: '1.10.2' } } });
  });

  it('are each named where they are missing or too old, with how to get them', async () => {
    const old = program('old-terraform', '#!/bin/sh\necho Terraform v1.9.8\n');
    const otherPython = program('other-python', '#!/bin/sh\necho 5.1.0\n');
    const moto = program('other-moto', `#!${otherPython}\n`);

    const found = await findTools({ terraform: old, moto, cdktf: join(dir, 'nothing') }, '');

    const missing = 'missing' in found ? found.missing : [];
    expect(missing.map(({ tool }) => tool)).toEqual(['terraform', 'cdktf', 'moto']);
    expect(missing[0]?.why).toContain('1.9.8');
    expect(missing[1]?.how).toContain('npm install --global cdktf-cli@0.21.0');
    expect(missing[2]?.why).toContain('5.1.0, and 5.2.1 is pinned');
    expect(missing[2]?.how).toContain("pip install 'moto[server]==5.2.1'");
  });

  it('are run, and their end is told when they fail', async () => {
    const failing = program('failing', '#!/bin/sh\necho on its way\necho why not >&2\nexit 3\n');
    const options = { command: failing, args: ['now'], cwd: dir, env: {}, log: join(dir, 'log') };

    expect(await run(options)).toMatchObject({ code: 3, stdout: 'on its way\n' });
    const failure = mustRun(options);
    await expect(failure).rejects.toThrow(ToolFailure);
    await expect(failure).rejects.toThrow('why not');
  });

  it('are stopped with the rehearsal', async () => {
    const waiting = program('waiting', '#!/bin/sh\necho begun\nexec sleep 60\n');
    const stop = new AbortController();
    const options = { command: waiting, args: [], cwd: dir, log: join(dir, 'log'), signal: stop.signal };
    const env = { PATH: process.env.PATH ?? '' };

    const onLine = () => {
      stop.abort(new Error('stopped'));
    };
    await expect(run({ ...options, env, onLine })).rejects.toThrow('stopped');
  });
});

describe('the command line of a rehearsal', () => {
  it('has its defaults', async () => {
    expect(await parseArguments([])).toMatchObject({ network: 'public', keep: false, settings: 'some' });
    expect(await parseArguments(['--cdktn', '/copy/../left'])).toMatchObject({ cdktn: '/left' });
    expect(await parseArguments(['--upgrade-from'])).toMatchObject({ upgradeFrom: 'f5e634c' });
    expect(await parseArguments(['--setting', 'flac', '--setting', 'spot'])).toMatchObject({
      only: ['flac', 'spot'],
    });
    expect(await parseArguments(['--upgrade-from', 'abc', '--all'])).toMatchObject({
      upgradeFrom: 'abc',
      settings: 'all',
    });
  });

  it.each([
    [['--network', 'none']],
    [['--provider', 'newest']],
    [['--runtime', 'python3.12']],
    [['--setting', 'colour']],
    [['extra']],
  ])('refuses %j', async (argv) => {
    await expect(parseArguments(argv)).rejects.toThrow(UsageError);
  });
});

describe('what a rehearsal found', () => {
  it('is told as it comes, and what is wrong once more at the end', () => {
    const lines: string[] = [];
    let nowMs = 0;
    const findings = newFindings(
      (line) => lines.push(line),
      () => nowMs,
    );
    findings.begin('deploy');
    nowMs = 61_000;
    findings.expect(true, 'deployed');
    findings.expect(false, 'the plan isn’t empty');

    expect(lines.map((line) => line.trim())).toEqual([
      '0 s  deploy',
      '61 s    ok   deployed',
      '61 s    FAIL the plan isn’t empty',
    ]);
    expect(findings.failed()).toBe(true);
    expect(findings.summary().join('\n')).toContain('1 of 2 in order, in 61 s\n  FAIL deploy: the plan');
  });
});

describe('the settings that a rehearsal changes', () => {
  const prepared = {
    keyArn: 'arn:aws:kms:us-east-1:123456789012:key/k',
    eventBus: 'rehearsal',
    vpcId: 'vpc-12345678',
    subnetIds: ['subnet-12345678'],
    replicaArn: 'arn:aws:s3:::copies',
  };
  const changed = Object.entries(settingChanges(prepared)).flatMap(([setting, change]) =>
    'to' in change ? [{ setting, to: change.to }] : [],
  );

  it.each(changed)('$setting is one that the stack takes, and no default', ({ setting, to }) => {
    const base = { instanceArn: INSTANCE_ARN, alarmEmail: 'a@example.org' };
    const before: unknown = Reflect.get(readConfig({}, base), setting);

    expect(Reflect.get(readConfig({}, { ...base, ...to }), setting)).not.toEqual(before);
  });
});
