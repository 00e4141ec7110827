/** From nothing to a deployment that records: valid, deployed, at rest, calls recorded, looked at. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { sha256 } from '../calls/objects.ts';
import type { Played } from '../calls/play.ts';
import { countManaged, readState } from '../calls/state.ts';
import { DOCTOR, runCli } from './cli.ts';
import { deploy, expectReference, expectRest, playCalls, type Rehearsal, variablesOf } from './rehearsal.ts';

/** The sample call is longer. */
const KILL_AT_MS = 12_000;

export async function validate(rehearsal: Rehearsal): Promise<void> {
  const { findings, workspace, base } = rehearsal;
  findings.begin('validate');
  await workspace.synthesise(variablesOf(base));
  await workspace.init();
  await workspace.validate();
  findings.expect(true, 'terraform validate: valid');
}

export async function firstDeploy(rehearsal: Rehearsal): Promise<void> {
  const { findings, workspace } = rehearsal;
  findings.begin('deploy');
  await deploy(rehearsal);
  findings.progress(`${countManaged(readState(workspace.statePath))} resources in Terraform’s state`);
}

/** The stack as cdktn makes it, on the state that cdktf has left: there is nothing to do. */
export async function planBySuccessor(rehearsal: Rehearsal, checkout: string): Promise<void> {
  const { findings, workspace } = rehearsal;
  findings.progress('the plan by cdktn');
  workspace.switchTo(checkout);
  try {
    await expectRest(rehearsal);
  } finally {
    workspace.switchTo(rehearsal.checkout);
  }
}

export async function calls(rehearsal: Rehearsal): Promise<Played[]> {
  await expectReference(rehearsal);
  return playCalls(rehearsal, { 'a call': {}, 'a call whose task is killed': { killAtMs: KILL_AT_MS } });
}

const findingsOfDoctor = v.array(
  v.looseObject({ check: v.string(), severity: v.string(), what: v.string() }),
);

/** Names are looked up where this runs, if a name server answers there; and nobody has the rehearsed account's registry. */
const OF_NAMES = ' has no IPv6 address';

export async function doctor(rehearsal: Rehearsal): Promise<void> {
  const { findings } = rehearsal;
  findings.begin('callspool doctor');
  const { stdout } = await runCli(rehearsal, ['doctor', '--json'], DOCTOR);
  const found = v.parse(findingsOfDoctor, JSON.parse(stdout));
  const counts = new Map<string, number>();
  for (const { severity } of found) counts.set(severity, (counts.get(severity) ?? 0) + 1);
  const told = [...counts].map(([severity, count]) => `${count} ${severity}`).join(', ');
  const [names, errors] = divided(
    found.filter(({ severity }) => severity === 'ERROR'),
    ({ what }) => what.includes(OF_NAMES),
  );
  if (names.length > 0)
    findings.progress(`${names.length} names without an IPv6 address here, which says nothing of AWS`);
  const which = errors.map((error) => `${error.check}: ${JSON.stringify(error)}`);
  findings.expect(errors.length === 0, [told, ...which].join('; '));
}

function divided<T>(all: readonly T[], isFirst: (one: T) => boolean): [T[], T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}

/** What operators do first: list, show, fetch. */
export async function lookAtCalls(rehearsal: Rehearsal, played: readonly Played[]): Promise<void> {
  const { findings, dir } = rehearsal;
  findings.begin('callspool calls list, show and fetch');
  const { stdout: listed } = await runCli(rehearsal, ['calls', 'list', '--json']);
  for (const { contactId, sha256: expected } of played) {
    findings.expect(listed.includes(contactId), `calls list has ${contactId}`);
    const { stdout: shown } = await runCli(rehearsal, ['calls', 'show', contactId]);
    findings.expect(shown.includes('COMPLETE'), `calls show ${contactId}: COMPLETE`);
    const file = join(dir, `${contactId}.wav`);
    await runCli(rehearsal, ['calls', 'fetch', contactId, '-o', file]);
    findings.expect(sha256(readFileSync(file)) === expected, `calls fetch ${contactId}: the same bytes`);
  }
}
