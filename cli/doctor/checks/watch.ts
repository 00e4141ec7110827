/** Would anybody hear of a failure, and has there been one of late? */
import type { CallQueries, OnDamaged } from '../../../ports/calls/call-queries.ts';
import type { DamagedItem } from '../../../ports/table/item.ts';
import type { CallStatus } from '../../../recording/call-record.ts';
import { count, printable } from '../../terminal/terminal.ts';
import type { Deployed } from '../findings/deployed.ts';
import { type CheckResult, error, ok, warning } from '../findings/finding.ts';
import { isMissing } from '../findings/refusal.ts';

const PENDING = 'PendingConfirmation';
/** More calls of one kind are counted no further. */
const COUNTED_MAX = 1_000;
/** A caller who hangs up at once leaves an empty recording; several have a cause. */
const EMPTY_FEW = 3;

export async function subscriptions(deployed: Deployed): Promise<CheckResult[]> {
  const { arn } = await deployed.workflow();
  const [, partition, , region, account] = arn.split(':');
  const topicArn = ['arn', partition, 'sns', region, account, deployed.names.alarmTopic].join(':');
  const subscribe = `aws sns subscribe --topic-arn ${topicArn} --protocol email --notification-endpoint ADDRESS`;
  const { sdk, client } = await deployed.clients.sns();
  const all: string[] = [];
  try {
    for await (const page of sdk.paginateListSubscriptionsByTopic({ client }, { TopicArn: topicArn })) {
      for (const { SubscriptionArn = PENDING } of page.Subscriptions ?? []) all.push(SubscriptionArn);
    }
  } catch (reason) {
    if (isMissing(reason)) return [error(`there is no topic ${topicArn} for alarms`, 'deploy again')];
    throw reason;
  }
  const confirmed = all.filter((subscription) => subscription !== PENDING).length;
  if (all.length === 0)
    return [warning('nobody hears of alarms: their topic has no subscription', subscribe)];
  if (confirmed === 0) {
    return [
      warning(
        'nobody hears of alarms: no subscription is confirmed',
        'open the link that AWS has mailed; or subscribe anew: ' + subscribe,
      ),
    ];
  }
  const waiting = all.length - confirmed;
  if (waiting > 0)
    return [
      warning(
        `${count(waiting, 'subscription')} to alarms waits for confirmation`,
        'open the link that AWS has mailed',
      ),
    ];
  return [ok(`${count(confirmed, 'subscription')} to alarms`)];
}

export async function alarms(deployed: Deployed): Promise<CheckResult[]> {
  const { sdk, client } = await deployed.clients.cloudWatch();
  const prefix = deployed.names.alarm('');
  const found: CheckResult[] = [];
  let alarmCount = 0;
  for await (const { MetricAlarms = [] } of sdk.paginateDescribeAlarms(
    { client },
    { AlarmNamePrefix: prefix },
  )) {
    for (const { AlarmName = '', AlarmDescription = '', StateValue, ActionsEnabled } of MetricAlarms) {
      alarmCount += 1;
      const what = AlarmName.slice(prefix.length);
      if (StateValue === 'ALARM') {
        found.push(
          warning(
            `the alarm “${what}” is on: ${AlarmDescription}`,
            'docs/OPERATING.md says what to do on it',
          ),
        );
      }
      if (ActionsEnabled === false) {
        found.push(
          warning(
            `the alarm “${what}” tells nobody`,
            `aws cloudwatch enable-alarm-actions --alarm-names "${AlarmName}"`,
          ),
        );
      }
    }
  }
  if (alarmCount === 0) return [warning('there are no alarms', 'deploy again')];
  return found.length > 0 ? found : [ok(`none of ${alarmCount} alarms is on`)];
}

export function recentCalls(queries: CallQueries, sinceMs: number) {
  return async (): Promise<CheckResult[]> => {
    const from = new Date(sinceMs).toISOString();
    const damaged: string[] = [];
    const tell = ({ message }: DamagedItem) => {
      damaged.push(message);
    };
    const [failed, incomplete, empty] = await Promise.all([
      recent(queries, 'FAILED', from, tell),
      recent(queries, 'INCOMPLETE', from, tell),
      recent(queries, 'EMPTY', from, tell),
    ]);
    const found = [
      ...(failed.number > 0 ? [error(...told('failed', failed))] : []),
      ...(incomplete.number > 0 ? [warning(...told('incomplete', incomplete))] : []),
      ...(empty.number >= EMPTY_FEW ? [error(...told('empty', empty))] : []),
      ...(empty.number > 0 && empty.number < EMPTY_FEW ? [warning(...told('empty', empty))] : []),
      ...unreadable(damaged),
    ];
    return found.length > 0 ? found : [ok(`no call since ${from} failed, or is incomplete or empty`)];
  };
}

interface Recent {
  readonly number: number;
  readonly contactId: string;
  readonly why: string;
}

async function recent(
  queries: CallQueries,
  status: CallStatus,
  from: string,
  damaged: OnDamaged,
): Promise<Recent> {
  let number = 0;
  let latest = { contactId: '', why: '' };
  for await (const { contactId, why = '' } of queries.find({ by: 'status', status, from }, damaged)) {
    if (number === 0) latest = { contactId, why };
    number += 1;
    if (number >= COUNTED_MAX) break;
  }
  return { number, ...latest };
}

function unreadable([first, ...others]: readonly string[]): CheckResult[] {
  if (first === undefined) return [];
  const what = `${count(1 + others.length, 'call record')} can’t be read, say: ${printable(first)}`;
  return [
    warning(what, 'correct what it names in the calls table; the call itself is erased by calls erase'),
  ];
}

function told(kind: string, { number, contactId, why }: Recent): [what: string, remedy: string] {
  const least = number >= COUNTED_MAX ? 'at least ' : '';
  const what = `${least}${count(number, 'recording')} ${kind}; the latest: ${printable(why)}`;
  return [what, `callspool calls show ${contactId}; callspool calls list --status ${kind.toUpperCase()}`];
}
