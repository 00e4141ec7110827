/** The contact flows: does one start recordings, and does it stream both directions before? */
import * as v from 'valibot';
import type { Deployed } from '../findings/deployed.ts';
import { type CheckResult, error, ok, unknown, warning } from '../findings/finding.ts';

/** Connect answers two questions a second. */
const LOOKED_AT_MAX = 60;

const Streaming = v.object({
  MediaStreamingState: v.literal('Enabled'),
  Participants: v.optional(v.array(v.object({ MediaDirections: v.optional(v.array(v.string()), []) })), []),
});
const Content = v.object({
  Actions: v.array(
    v.object({ Type: v.string(), Parameters: v.optional(v.record(v.string(), v.unknown()), {}) }),
  ),
});
type Action = v.InferOutput<typeof Content>['Actions'][number];

interface Flow {
  readonly name: string;
  /** The flow's own actions, and those of the modules that it runs. */
  readonly actions: readonly Action[];
}

export async function flows(deployed: Deployed): Promise<CheckResult[]> {
  const { arn } = await deployed.connectFunction();
  const { found, more } = await allFlows(deployed);
  const recording = found.filter(({ actions }) => actions.some((action) => invokes(action, arn)));
  if (recording.length === 0) {
    const looked = `none of ${found.length} contact flows and modules invokes the connect function`;
    const remedy =
      'put the module of the output flow_module_id at the beginning of your flow, and publish it';
    return [
      more
        ? unknown(`${looked}, and there are more`, remedy)
        : error(`${looked}: nothing is recorded`, remedy),
    ];
  }
  const amiss = recording.flatMap(({ name, actions }) => directionsAmiss(name, actions));
  if (amiss.length > 0) return amiss;
  return [ok(`${recording.map(({ name }) => `“${name}”`).join(', ')}: both directions are streamed`)];
}

function directionsAmiss(name: string, actions: readonly Action[]): CheckResult[] {
  const streaming = actions.flatMap(({ Type, Parameters }) => {
    const parsed = v.safeParse(Streaming, Parameters);
    return Type === 'UpdateContactMediaStreamingBehavior' && parsed.success ? [parsed.output] : [];
  });
  const directions = new Set(
    streaming.flatMap(({ Participants }) => Participants.flatMap(({ MediaDirections }) => MediaDirections)),
  );
  if (streaming.length === 0) {
    return [
      warning(
        `“${name}” invokes the function, and doesn’t start media streaming itself`,
        'put the block “Start media streaming” (both directions) before the function, unless a flow before it does so',
      ),
    ];
  }
  const missing = [
    ...(directions.has('From') ? [] : ['from the customer']),
    ...(directions.has('To') ? [] : ['to the customer']),
  ];
  if (missing.length === 0) return [];
  return [
    error(
      `“${name}” doesn’t stream audio ${missing.join(' and ')}: that side of its recordings is silent`,
      'choose both directions in its block “Start media streaming”, and publish it',
    ),
  ];
}

function invokes({ Type, Parameters }: Action, arn: string): boolean {
  if (Type !== 'InvokeLambdaFunction') return false;
  const named = Parameters.LambdaFunctionARN;
  // A version or an alias may follow.
  return typeof named === 'string' && (named === arn || named.startsWith(`${arn}:`));
}

/** Modules that no flow runs count as flows of their own: some may be run by flows of other kinds. */
async function allFlows(deployed: Deployed): Promise<{ found: Flow[]; more: boolean }> {
  const { id } = await deployed.instance();
  const { sdk, client } = await deployed.clients.connect();
  const modules = new Map<string, Flow>();
  const found: Flow[] = [];
  let looked = 0;
  const InstanceId = id;
  for await (const page of sdk.paginateListContactFlowModules({ client }, { InstanceId })) {
    for (const { Id, Name = '' } of page.ContactFlowModulesSummaryList ?? []) {
      if (Id === undefined || (looked += 1) > LOOKED_AT_MAX) continue;
      const command = new sdk.DescribeContactFlowModuleCommand({ InstanceId, ContactFlowModuleId: Id });
      const { ContactFlowModule } = await client.send(command);
      modules.set(Id, { name: Name, actions: actionsOf(ContactFlowModule?.Content) });
    }
  }
  const run = new Set<string>();
  for await (const page of sdk.paginateListContactFlows({ client }, { InstanceId })) {
    for (const { Id, Name = '', ContactFlowState } of page.ContactFlowSummaryList ?? []) {
      if (Id === undefined || ContactFlowState === 'ARCHIVED' || (looked += 1) > LOOKED_AT_MAX) continue;
      const command = new sdk.DescribeContactFlowCommand({ InstanceId, ContactFlowId: Id });
      const own = actionsOf((await client.send(command)).ContactFlow?.Content);
      const ofModules = own.flatMap(({ Type, Parameters }) => {
        // By its id, or by an ARN that ends with it.
        const named = Type === 'InvokeFlowModule' ? Parameters.FlowModuleId : undefined;
        const moduleId = typeof named === 'string' ? named.slice(named.lastIndexOf('/') + 1) : '';
        if (modules.has(moduleId)) run.add(moduleId);
        return modules.get(moduleId)?.actions ?? [];
      });
      found.push({ name: Name, actions: [...own, ...ofModules] });
    }
  }
  for (const [moduleId, one] of modules) if (!run.has(moduleId)) found.push(one);
  return { found, more: looked > LOOKED_AT_MAX };
}

/** What can't be read invokes nothing. */
function actionsOf(content: string | undefined): readonly Action[] {
  try {
    const parsed = v.safeParse(Content, JSON.parse(content ?? ''));
    return parsed.success ? parsed.output.Actions : [];
  } catch (reason) {
    if (reason instanceof SyntaxError) return [];
    throw reason;
  }
}
