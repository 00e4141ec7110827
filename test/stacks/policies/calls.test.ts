/**
 * Every request that the local run's programs make, and people's commands on what it leaves, put to the policies of
 * whoever makes it: allowed where it was asked, refused one name beside it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildUnlessStanding } from '../../../build.ts';
import { namesOf } from '../../../contract/names.ts';
import { LIVE_VARIABLES } from '../../../contract/variables.ts';
import { runCall } from '../../../local/run/run-call.ts';
import { INSTANCE_ARN } from '../../../local/standins/connect-events.ts';
import { REGION } from '../../../local/standins/environment.ts';
import type { ProxiedRequest } from '../../../local/standins/proxy.ts';
import { functionArn } from '../../../local/system/deployment.ts';
import { startSystem } from '../../../local/system/system.ts';
import { callspool, environmentOf } from '../../support/cli.ts';
import { noise, produced } from '../../support/local-run.ts';
import { resource, synthesise } from '../synthesise.ts';
import { beside, otherwise } from './beside.ts';
import { decide } from './decide.ts';
import { ACCOUNT, arnsOf, documentOf, type PolicyDocument, resolved } from './documents.ts';
import { type Deployed, type Wanted, wantedOf } from './requests.ts';

const stack = synthesise({
  region: REGION,
  instanceArn: INSTANCE_ARN,
  liveSinks: 'pieces,recognise',
  recogniseImage: 'example.org/recogniser:1',
  liveApart: true,
});
afterAll(stack.dispose);
const arns = arnsOf(stack);
const policyOf = (type: string, id: string) =>
  documentOf(resolved(String(resource(stack, type, id).policy), arns));
const PROGRAMS = ['task', 'listener', 'connect', 'contact-event', 'assemble', 'resume'];

/** Who is who, by the access key's id. */
const POLICIES: Readonly<Record<string, readonly PolicyDocument[]>> = {
  ...Object.fromEntries(PROGRAMS.map((name) => [name, [policyOf('aws_iam_role_policy', `${name}_policy`)]])),
  operator: [policyOf('aws_iam_policy', 'operator')],
  eraser: [policyOf('aws_iam_policy', 'operator'), policyOf('aws_iam_policy', 'eraser')],
};

const names = namesOf({ prefix: 'callspool', region: REGION });
const DEPLOYED: Deployed = {
  region: REGION,
  account: ACCOUNT,
  bucket: names.bucket(ACCOUNT),
  stateMachine: names.stateMachine,
  key: arns.get('aws_kms_key.data_key') ?? '',
};

/** A deployment's bucket that isn't watched and has no copies says so; here nobody is asked for either. */
const OFF = /[?&](logging|replication)\b/;

const wanted = new Map<string, Wanted>();

function note(request: ProxiedRequest): void {
  if (OFF.test(request.path)) return;
  for (const one of wantedOf(request, DEPLOYED)) wanted.set(JSON.stringify(one), one);
}

beforeAll(async () => {
  await buildUnlessStanding();
  const dir = await mkdtemp(join(tmpdir(), 'callspool-policies-'));
  const settings = { graceSeconds: 0.2, segmentSeconds: 1 };
  const formats = ['flac'] as const;
  const listening = { liveSinks: { [LIVE_VARIABLES.sinks]: 'pieces' }, listenersApart: true };
  const system = await startSystem({
    logsDir: dir,
    retryMs: 50,
    settings,
    formats,
    onRequest: note,
    ...listening,
  });
  try {
    const call = produced([noise(4_000, 1), noise(4_000, 2)]);
    await runCall(system, call, { killAtMs: 2_000 });
    await system.lambda.invoke(functionArn('resume'), {});
    const as = async (who: string, ...args: string[]) => {
      for (const [name, value] of Object.entries({ ...environmentOf(system), AWS_ACCESS_KEY_ID: who }))
        vi.stubEnv(name, value);
      return callspool(args, { env: process.env, cwd: dir });
    };
    const { contactId } = call;
    await as('operator', 'calls', 'list', '--from', '2026-03-14', '--to', '2026-03-15');
    await as('operator', 'calls', 'show', contactId);
    await as('operator', 'calls', 'fetch', contactId, '--out', join(dir, 'x.wav'));
    await as('operator', 'calls', 'audit', '--from', '2026-03-14', '--to', '2026-03-15');
    await as('operator', 'calls', 'resume', contactId, '--force', '--yes');
    await Promise.all(system.stepFunctions.executions().map(({ settled }) => settled));
    await as('eraser', 'calls', 'erase', contactId, '--yes', '--dry-run');
  } finally {
    await system.close();
    await rm(dir, { recursive: true });
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const by = (who: string) => [...wanted.values()].filter((one) => one.who === who);
const decided = async (who: string, one: Omit<Wanted, 'who'>) =>
  decide({ ...one, identity: POLICIES[who] ?? [] });
const said = ({ action, resource: on, context = {} }: Omit<Wanted, 'who'>) =>
  `${action} on ${on} ${JSON.stringify(context)}`;

describe.each(Object.keys(POLICIES))('what was asked by %s', (who) => {
  it('is allowed', async () => {
    const refused: string[] = [];
    for (const one of by(who)) {
      const { allowed, error } = await decided(who, one);
      if (!allowed) refused.push(`${said(one)} ${error ?? ''}`);
    }

    expect(by(who).length).toBeGreaterThan(1);
    expect(refused).toEqual([]);
  });

  it('is refused one name beside it', async () => {
    const allowed = new Set<string>();
    for (const one of by(who)) {
      for (const other of beside(one)) if ((await decided(who, other)).allowed) allowed.add(said(other));
    }

    expect([...allowed]).toEqual([]);
  });

  it('is refused under other conditions, where there are some', async () => {
    const allowed = new Set<string>();
    for (const one of by(who).filter(({ action }) => /^kms:|:UpdateItem$/.test(action))) {
      const narrowed = one.action.startsWith('kms:') || who === 'operator' || who === 'eraser';
      for (const context of narrowed ? otherwise(one.context ?? {}) : []) {
        const other = { ...one, context };
        if ((await decided(who, other)).allowed) allowed.add(said(other));
      }
    }

    expect([...allowed]).toEqual([]);
  });
});

it('nobody asks who isn’t known', () => {
  expect(new Set([...wanted.values()].map(({ who }) => who))).toEqual(new Set(Object.keys(POLICIES)));
});
