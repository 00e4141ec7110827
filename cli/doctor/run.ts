/** Carries the checks out, and tells what they found. */
import { resolve6 } from 'node:dns/promises';
import type { Access } from '../access/access.ts';
import type { Deployment } from '../access/deployment.ts';
import { placeOf } from '../access/place.ts';
import { CliError, EXIT, type ExitCode } from '../terminal/exit.ts';
import { type Io, note, paintOf, print, printJson } from '../terminal/io.ts';
import * as access from './checks/access.ts';
import * as connect from './checks/connect.ts';
import { copies } from './checks/copies.ts';
import * as events from './checks/events.ts';
import { flows } from './checks/flows.ts';
import * as launch from './checks/launch.ts';
import { listeners } from './checks/listeners.ts';
import * as network from './checks/network.ts';
import * as programs from './checks/programs.ts';
import * as watch from './checks/watch.ts';
import { Clients } from './findings/clients.ts';
import { Deployed } from './findings/deployed.ts';
import type { CheckResult, Finding } from './findings/finding.ts';
import { unanswered } from './findings/refusal.ts';
import { findingLines } from './text.ts';

export interface DoctorOptions {
  readonly json: boolean;
  /** Calls as old as this are looked at. */
  readonly hours: number;
  readonly instanceArn?: string | undefined;
  /** The resolver of the machine that this runs on, unless one is given. */
  readonly resolve6?: network.Resolve6;
}

type Check = (deployed: Deployed) => Promise<readonly CheckResult[]>;

const MS_PER_HOUR = 3_600_000;

/** @throws CliError; what AWS answers to whoever has no credentials */
export async function examine(
  { queries }: Pick<Access, 'queries'>,
  deployment: Deployment,
  io: Io,
  { json, hours, instanceArn, resolve6: resolve = resolve6 }: DoctorOptions,
): Promise<ExitCode> {
  if (deployment.kind === 'local') {
    throw new CliError(
      EXIT.usage,
      'doctor looks at a deployment, not at a local run',
      'name it by --prefix or --region',
    );
  }
  const clients = new Clients(placeOf(deployment));
  const deployed = new Deployed(deployment.prefix, clients, deployment.stateMachineArn, instanceArn);
  const sinceMs = io.clock.now() - hours * MS_PER_HOUR;
  const checks: Readonly<Record<string, Check>> = {
    workflow: programs.workflow,
    functions: programs.functions,
    cluster: programs.cluster,
    tables: programs.tables([
      deployment.callsTable,
      deployment.checkpointsTable,
      deployment.transcriptsTable,
    ]),
    instance: connect.instance,
    'media streaming': connect.mediaStreaming,
    streams: connect.streams,
    'stream access': access.streamAccess,
    'stream keys': access.keyAccess,
    'function association': connect.association,
    'contact flows': flows,
    'contact events': connect.contactEvents,
    'event bus': events.eventBus,
    'resuming by itself': events.resuming,
    'free addresses': launch.addresses,
    'way out': network.wayOut(resolve),
    image: launch.image,
    listeners: listeners(resolve),
    'Fargate quota': launch.vCpus,
    'stream quota': launch.streamCount,
    'alarm subscriptions': watch.subscriptions,
    alarms: watch.alarms,
    'recent calls': watch.recentCalls(queries, sinceMs),
    copies: copies({ queries, sinceMs, nowMs: io.clock.now(), bucket: deployment.bucket }),
  };
  try {
    if (!json) note(io, `(deployment ${deployment.prefix}: ${Object.keys(checks).length} checks)`);
    const findings = await carryOut(checks, deployed);
    if (json) printJson(io, findings);
    else print(io, findingLines(findings, paintOf(io)).join('\n'));
    return findings.some(({ severity }) => severity === 'ERROR') ? EXIT.notComplete : EXIT.ok;
  } finally {
    clients.close();
  }
}

/** All at once: they ask different services. One that can't be carried out is a finding too. */
async function carryOut(checks: Readonly<Record<string, Check>>, deployed: Deployed): Promise<Finding[]> {
  const found = Object.entries(checks).map(async ([check, look]) => {
    const judgements = await look(deployed).catch((reason: unknown) => [unanswered(reason)]);
    return judgements.map((judgement): Finding => ({ check, ...judgement }));
  });
  return (await Promise.all(found)).flat();
}
