/** Does the deployment mend by itself what breaks off, and is there a bus to announce recordings on? */
import { ASSEMBLE_VARIABLES } from '../../../contract/variables.ts';
import type { Deployed } from '../findings/deployed.ts';
import { type CheckResult, error, NotThere, ok, warning } from '../findings/finding.ts';
import { isMissing } from '../findings/refusal.ts';

export async function resuming({ names, clients }: Deployed): Promise<CheckResult[]> {
  const name = names.resumeRule;
  const { sdk, client } = await clients.eventBridge();
  try {
    const { State, ScheduleExpression = '' } = await client.send(new sdk.DescribeRuleCommand({ Name: name }));
    if (State === 'ENABLED')
      return [ok(`recordings that break off are resumed by themselves: ${ScheduleExpression}`)];
    return [
      warning(
        `the rule ${name} is disabled: what an outage breaks off waits for callspool calls resume`,
        `deploy with CALLSPOOL_RESUME_BY_ITSELF=true, or aws events enable-rule --name ${name}`,
      ),
    ];
  } catch (reason) {
    if (!isMissing(reason)) throw reason;
    return [
      warning(`there is no rule ${name}: what an outage breaks off waits for a person`, 'deploy again'),
    ];
  }
}

export async function eventBus(deployed: Deployed): Promise<CheckResult[]> {
  const name = await busName(deployed);
  const { sdk, client } = await deployed.clients.eventBridge();
  try {
    await client.send(new sdk.DescribeEventBusCommand({ Name: name }));
    return [ok(`finished recordings are announced on the event bus ${name}`)];
  } catch (reason) {
    if (!isMissing(reason)) throw reason;
    return [
      error(
        `there is no event bus ${name}: nobody hears of finished recordings`,
        `make it, or deploy with another CALLSPOOL_EVENT_BUS_NAME`,
      ),
    ];
  }
}

/** @throws NotThere */
async function busName({ names, clients }: Deployed): Promise<string> {
  const name = names.function('assemble');
  const { sdk, client } = await clients.lambda();
  try {
    const command = new sdk.GetFunctionConfigurationCommand({ FunctionName: name });
    const { Environment } = await client.send(command);
    const bus = Environment?.Variables?.[ASSEMBLE_VARIABLES.eventBus];
    if (bus !== undefined) return bus;
  } catch (reason) {
    if (!isMissing(reason)) throw reason;
  }
  throw new NotThere(`the function ${name} names no event bus`);
}
