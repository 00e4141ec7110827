/** `npm run rehearse`: the whole life of a deployment, played on this machine by the real tools. */
import { once, setMaxListeners } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listenForSignals } from '../run/interruption.ts';
import { INSTANCE_ARN } from '../standins/connect-events.ts';
import { type Played, playLocally } from './calls/play.ts';
import { startServices } from './calls/world.ts';
import { startFront } from './endpoint/front.ts';
import { type Arguments, parseArguments, UsageError } from './life/arguments.ts';
import { type Findings, newFindings } from './life/findings.ts';
import { howToLook } from './life/kept.ts';
import { life } from './life/life.ts';
import { baseSettings, type Rehearsal } from './life/rehearsal.ts';
import { askedForByDeployers, writeDown } from './life/write-down.ts';
import type { GivenSettings } from './stack/setting-changes.ts';
import { describeSwitches } from './stack/switches.ts';
import { Workspace } from './stack/workspace.ts';
import { findTools, type Missing, type Tools } from './tools/find.ts';
import { startMoto } from './tools/moto.ts';
import { prepareAccount, type Prepared } from './tools/prepare.ts';
import { ToolFailure } from './tools/process.ts';
import { writePrograms } from './tools/programs-folder.ts';
import { newSpent, type Spent } from './tools/spent.ts';

const EXIT = { good: 0, wrong: 1, usage: 2, missing: 3 } as const;
const ROOT = join(import.meta.dirname, '../..');

async function main(): Promise<number> {
  process.umask(0o077);
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  try {
    const args = await parseArguments(process.argv.slice(2));
    if (args === undefined) return EXIT.good;
    const found = await findTools(args.named, process.env.PATH ?? '');
    if ('missing' in found) return tellMissing(found.missing);
    return await rehearse(args, found.tools);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`callspool: ${error.message}`);
    return EXIT.usage;
  }
}

function tellMissing(missing: readonly Missing[]): number {
  for (const { tool, why, how } of missing) console.error(`callspool: ${tool} is missing: ${why}\n  ${how}`);
  return EXIT.missing;
}

async function rehearse(args: Arguments, tools: Tools): Promise<number> {
  const interruption = listenForSignals((name) => {
    console.error(`${name}: stopping; once more stops at once`);
  });
  setMaxListeners(0, interruption.signal);
  const dir = mkdtempSync(join(tmpdir(), 'callspool-rehearsal-'));
  const findings = newFindings((line) => {
    console.log(line);
  });
  const spent = newSpent();
  const closers: (() => Promise<unknown>)[] = [];
  let left = true;
  try {
    tellTools(args, tools, dir);
    const { rehearsal, prepared } = await setUp(args, tools, dir, {
      findings,
      spent,
      signal: interruption.signal,
      closers,
    });
    await play(args, tools, rehearsal, prepared);
    left = findings.failed();
  } catch (error) {
    if (interruption.exitCode() === undefined) tellFailure(findings, error);
  } finally {
    for (const close of closers.reverse()) await close().catch(() => undefined);
  }
  for (const line of [...findings.summary(), '', 'Where the time went:', ...spent.lines()]) console.log(line);
  if (left) console.log(`What was written is left in ${dir}`);
  else rmSync(dir, { recursive: true, force: true });
  return interruption.exitCode() ?? (findings.failed() ? EXIT.wrong : EXIT.good);
}

function tellTools(args: Arguments, tools: Tools, dir: string): void {
  const { terraform, cdktf, moto } = tools;
  console.log(`${terraform.path} ${terraform.version}, cdktf ${cdktf.version}, moto ${moto.version}; ${dir}`);
  const switches = { statePath: '', providerVersion: args.provider, runtime: args.runtime };
  for (const line of describeSwitches({ ...switches, s3ByPath: args.s3ByPath }))
    console.log(`  switch: ${line}`);
}

function tellFailure(findings: Findings, error: unknown): void {
  const known = error instanceof ToolFailure;
  findings.expect(
    false,
    known ? error.message : error instanceof Error ? String(error.stack) : String(error),
  );
}

interface Surroundings {
  readonly findings: Findings;
  readonly spent: Spent;
  readonly signal: AbortSignal;
  /** What is closed in the end, the latest first. */
  readonly closers: (() => Promise<unknown>)[];
}

async function setUp(
  args: Arguments,
  tools: Tools,
  dir: string,
  { findings, spent, signal, closers }: Surroundings,
): Promise<{ readonly rehearsal: Rehearsal; readonly prepared: Prepared }> {
  findings.begin('moto and the stand-ins');
  const moto = await startMoto(tools.moto.path, join(dir, 'moto.log'));
  closers.push(() => moto.close());
  const prepared = await prepareAccount(moto.url);
  const services = await startServices();
  closers.push(() => services.close());
  const front = await startFront(moto.url, INSTANCE_ARN, services.behind);
  closers.push(() => front.close());
  const programs = join(dir, 'bin');
  writePrograms(programs, join(dir, 'image.log'));
  const workspace = new Workspace({
    dir: join(dir, 'deployment'),
    checkout: ROOT,
    tools,
    endpoint: front.url,
    programs,
    switches: { providerVersion: args.provider, runtime: args.runtime, s3ByPath: args.s3ByPath },
    signal,
    log: join(dir, 'tools.log'),
    spent,
  });
  let played: Promise<Played> | undefined;
  const reference = () => (played ??= spent.on('the local run', () => playLocally(signal)));
  closers.push(() => played ?? Promise.resolve());
  const base = baseSettings(networkSettings(args.network, prepared));
  const parts = { findings, spent, moto, front, services, workspace, dir, reference, signal, base };
  return {
    rehearsal: { ...parts, checkout: ROOT, settings: args.settings, only: args.only },
    prepared,
  };
}

function networkSettings(network: Arguments['network'], { vpcId, subnetIds }: Prepared): GivenSettings {
  return network === 'existing' ? { network, vpcId, subnetIds: subnetIds.join(',') } : { network };
}

async function play(args: Arguments, tools: Tools, rehearsal: Rehearsal, prepared: Prepared): Promise<void> {
  const { network, keep, cdktn, named, upgradeFrom } = args;
  const seen = await life(rehearsal, { network, prepared, named, keep, cdktn, upgradeFrom });
  const actions = askedForByDeployers(rehearsal.front.record);
  rehearsal.findings.progress(`the deployer asked for ${actions.size} different actions`);
  if (args.keep) {
    for (const line of howToLook(rehearsal)) console.log(line);
    await once(rehearsal.signal, 'abort');
  } else if (args.write && !rehearsal.findings.failed()) {
    writeDown({ rehearsal, tools, network: args.network, seen });
  }
}

process.exit(await main());
