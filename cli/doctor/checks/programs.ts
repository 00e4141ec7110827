/** The workflow, the functions, the cluster and the tables: are they there, and do they run? */
import { type FunctionName, FUNCTIONS } from '../../../contract/names.ts';
import type { Deployed } from '../findings/deployed.ts';
import { type CheckResult, error, NotThere, ok, warning } from '../findings/finding.ts';
import { isMissing, unanswered } from '../findings/refusal.ts';
import { asksByFunction } from './network.ts';

/** A call that it can't be invoked for isn't recorded. */
const STARTS_RECORDINGS: FunctionName = 'connect';

const DEPLOY = 'deploy again (docs/DEPLOYING.md); or is it another --prefix, --region or --profile?';

export async function workflow(deployed: Deployed): Promise<CheckResult[]> {
  try {
    const { arn, status } = await deployed.workflow();
    if (status !== 'ACTIVE') return [error(`the state machine is ${status}`, DEPLOY)];
    return [ok(`state machine ${arn.slice(arn.lastIndexOf(':') + 1)} is active`)];
  } catch (reason) {
    if (reason instanceof NotThere || isMissing(reason)) return [error(reason.message, DEPLOY)];
    throw reason;
  }
}

export async function functions(deployed: Deployed): Promise<CheckResult[]> {
  const names: readonly FunctionName[] = [...FUNCTIONS, ...(await asksByFunction(deployed).catch(() => []))];
  const judged = await Promise.all(names.map((name) => oneFunction(deployed, name).catch(unanswered)));
  const amiss = judged.filter(({ severity }) => severity !== 'OK');
  return amiss.length > 0 ? amiss : [ok(`${names.join(', ')} can be invoked`)];
}

async function oneFunction({ clients, names }: Deployed, which: FunctionName): Promise<CheckResult> {
  const name = names.function(which);
  const { sdk, client } = await clients.lambda();
  try {
    const { Configuration, Concurrency } = await client.send(
      new sdk.GetFunctionCommand({ FunctionName: name }),
    );
    if (Concurrency?.ReservedConcurrentExecutions === 0) {
      return error(
        `the function ${name} is throttled: its reserved concurrency is 0`,
        `aws lambda delete-function-concurrency --function-name ${name}`,
      );
    }
    const { State = 'Active', StateReason = '', LastUpdateStatus } = Configuration ?? {};
    if (State === 'Failed' || LastUpdateStatus === 'Failed') {
      return error(
        `the function ${name} can’t be invoked: ${StateReason || 'its last update failed'}`,
        DEPLOY,
      );
    }
    if (which === STARTS_RECORDINGS && Concurrency?.ReservedConcurrentExecutions === undefined) {
      return warning(
        `nothing is reserved for the function ${name}: whatever else the account runs may keep calls from being recorded`,
        'unless that is meant (connectConcurrency), ask for a higher quota of Lambda’s concurrent executions, and deploy again',
      );
    }
    return ok(name);
  } catch (reason) {
    if (isMissing(reason)) return error(`there is no function ${name}`, DEPLOY);
    throw reason;
  }
}

export async function cluster(deployed: Deployed): Promise<CheckResult[]> {
  const { clusterArn } = await deployed.workflow();
  const { sdk, client } = await deployed.clients.ecs();
  const command = new sdk.DescribeClustersCommand({ clusters: [clusterArn] });
  const [found] = (await client.send(command)).clusters ?? [];
  if (found?.status !== 'ACTIVE') return [error(`the cluster ${clusterArn} is not there`, DEPLOY)];
  const task = await deployed.task();
  if (task.status !== 'ACTIVE') return [error(`the task definition ${task.arn} is ${task.status}`, DEPLOY)];
  return [ok(`cluster and task definition are active; ${found.runningTasksCount ?? 0} recorders run now`)];
}

export function tables(names: readonly string[]) {
  return async ({ clients }: Deployed): Promise<CheckResult[]> => {
    const { sdk, client } = await clients.dynamoDb();
    const judged = names.map(async (name): Promise<CheckResult> => {
      try {
        const { Table } = await client.send(new sdk.DescribeTableCommand({ TableName: name }));
        const status = Table?.TableStatus ?? 'unknown';
        const works = status === 'ACTIVE' || status === 'UPDATING';
        return works ? ok(`${name} is active`) : error(`the table ${name} is ${status}`, DEPLOY);
      } catch (reason) {
        return isMissing(reason) ? error(`there is no table ${name}`, DEPLOY) : unanswered(reason);
      }
    });
    return Promise.all(judged);
  };
}
