/** What a rehearsal saw the deployed programs, and people, ask for, put to the policies of whoever asked. */
import { afterAll, expect, it } from 'vitest';
import { readActions } from '../../../local/rehearsal/life/recorded.ts';
import { INSTANCE_ARN } from '../../../local/standins/connect-events.ts';
import { REGION } from '../../../local/standins/environment.ts';
import { synthesise } from '../synthesise.ts';
import { decide } from './decide.ts';
import { policiesOf } from './documents.ts';
import { examplesOf, granting } from './example.ts';

const SECRET = `arn:aws:secretsmanager:${REGION}:123456789012:secret:listens-AbCdEf`;
const heard = { region: REGION, instanceArn: INSTANCE_ARN, liveSinks: 'pieces,transcribe' };
/** Rehearsals were of networks with IPv4, and of one without. */
const stacks = [
  synthesise({ ...heard, transcriptEvents: 'final' }),
  synthesise({ ...heard, network: 'ipv6' }),
  // Whoever is told over the network is told who tells.
  synthesise({
    ...heard,
    liveSinks: 'websocket',
    liveWebsocketUrl: 'wss://listens.example.org/calls',
    liveSecretArn: SECRET,
  }),
  // A listener in a task of its own has a role of its own.
  synthesise({ ...heard, liveSinks: 'pieces', liveApart: true }),
];
afterAll(() => {
  for (const stack of stacks) stack.dispose();
});
const policies = stacks.flatMap((stack) => policiesOf(stack).filter(({ kind }) => kind === 'identity'));

/** A listener is of the task, and asks with its role; whoever asks the doctor has both policies (docs/OPERATING.md). */
const OF: Readonly<Record<string, readonly string[]>> = {
  task: ['aws_iam_role_policy.task_policy', 'aws_iam_role_policy.live_task_policy'],
  operator: ['aws_iam_policy.operator'],
  doctor: ['aws_iam_policy.doctor', 'aws_iam_policy.operator'],
};

/** A deployment without copies refuses it, which says just that (cli/doctor/checks/copies.ts). */
const REFUSED = ['doctor s3:GetReplicationConfiguration'];

async function isGranted(who: string, action: string): Promise<boolean> {
  const own = OF[who] ?? [`aws_iam_role_policy.${who}_policy`];
  for (const policy of policies.filter(({ address }) => own.includes(address))) {
    for (const statement of policy.document.Statement) {
      for (const resource of (statement.Resource ?? []).flatMap(examplesOf)) {
        const { allowed, ignored } = await decide(granting(policy, statement, action, resource));
        if (allowed && ignored.length === 0) return true;
      }
    }
  }
  return false;
}

it.each(Object.entries(readActions().others))('what %s asked for is granted', async (who, actions) => {
  const refused: string[] = [];
  for (const action of actions) if (!(await isGranted(who, action))) refused.push(`${who} ${action}`);

  expect(actions).not.toEqual([]);
  expect(refused.filter((one) => !REFUSED.includes(one))).toEqual([]);
});

it('what is refused on purpose was asked for', () => {
  const asked = Object.entries(readActions().others).flatMap(([who, actions]) =>
    actions.map((action) => `${who} ${action}`),
  );

  expect(REFUSED.filter((one) => !asked.includes(one))).toEqual([]);
});
