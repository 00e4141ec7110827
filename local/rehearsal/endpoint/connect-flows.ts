/** Connect's flows and modules: made, described, changed, deleted. A flow that names what isn't there is refused. */
import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { checked, type Json, ServiceError } from '../../standins/json.ts';
import type { ConnectOperation, ConnectRequest } from './connect-control.ts';

export interface Flows {
  readonly operations: Readonly<Record<string, ConnectOperation>>;
  readonly names: () => string[];
}

interface Flow {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly description: string;
  readonly content: string;
  readonly type: string;
}

type Kind = 'ContactFlow' | 'ContactFlowModule';

const created = v.object({
  Name: v.string(),
  Type: v.optional(v.string(), 'MODULE'),
  Description: v.optional(v.string(), ''),
  Content: v.string(),
  Tags: v.optional(v.record(v.string(), v.string()), {}),
});
const content = v.object({ Content: v.string() });
const metadata = v.object({ Name: v.optional(v.string()), Description: v.optional(v.string()) });

const FUNCTION_ARN = /arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+/g;

/**
 * @param functions that the instance knows
 * @param tags of everything, by ARN
 */
export function newFlows(
  instanceArn: string,
  functions: ReadonlySet<string>,
  tags: Map<string, Record<string, string>>,
): Flows {
  const kinds = (['ContactFlow', 'ContactFlowModule'] as const).map((kind) => {
    return oneKind(kind, instanceArn, functions, tags);
  });
  return {
    operations: Object.fromEntries(kinds.flatMap(({ operations }) => Object.entries(operations))),
    names: () => kinds.flatMap(({ names }) => names()),
  };
}

function oneKind(
  kind: Kind,
  instanceArn: string,
  functions: ReadonlySet<string>,
  tags: Map<string, Record<string, string>>,
) {
  const standing = new Map<string, Flow>();
  const folder = kind === 'ContactFlow' ? 'contact-flow' : 'flow-module';
  const find = ({ labels }: ConnectRequest) => {
    const flow = standing.get(labels[`${kind}Id`] ?? '');
    if (flow) return flow;
    throw new ServiceError('ResourceNotFoundException', `no such ${kind}`, 404);
  };
  const operations: Record<string, ConnectOperation> = {
    [`Create${kind}`]: ({ body }) => {
      const given = checked(created, body);
      if ([...standing.values()].some(({ name }) => name === given.Name)) {
        throw new ServiceError('DuplicateResourceException', `${given.Name} is there already`, 409);
      }
      mayNameFunctions(given.Content, functions);
      const id = randomUUID();
      const arn = `${instanceArn}/${folder}/${id}`;
      const { Name: name, Type: type, Description: description } = given;
      standing.set(id, { id, arn, name, type, description, content: given.Content });
      tags.set(arn, given.Tags);
      return kind === 'ContactFlow' ? { ContactFlowId: id, ContactFlowArn: arn } : { Id: id, Arn: arn };
    },
    [`Describe${kind}`]: (request) => ({ [kind]: described(find(request), tags) }),
    [`Update${kind}Content`]: (request) => {
      const { Content } = checked(content, request.body);
      mayNameFunctions(Content, functions);
      const flow = find(request);
      standing.set(flow.id, { ...flow, content: Content });
      return {};
    },
    [`Update${kind}Metadata`]: rename,
    [`Update${kind}Name`]: rename,
    [`Delete${kind}`]: (request) => {
      standing.delete(find(request).id);
      return {};
    },
    [`List${kind}s`]: () => summaries(kind, [...standing.values()]),
  };
  function rename(request: ConnectRequest): Json {
    const flow = find(request);
    const { Name = flow.name, Description = flow.description } = checked(metadata, request.body);
    standing.set(flow.id, { ...flow, name: Name, description: Description });
    return {};
  }
  return { operations, names: () => [...standing.values()].map(({ name }) => `${folder} ${name}`) };
}

/** Refuses as Connect does: a function has to be associated with the instance first. */
function mayNameFunctions(text: string, functions: ReadonlySet<string>): void {
  const stranger = (text.match(FUNCTION_ARN) ?? []).find((arn) => !functions.has(arn));
  if (stranger === undefined) return;
  throw new ServiceError('InvalidContactFlowException', `the instance doesn't know ${stranger}`);
}

function described(flow: Flow, tags: ReadonlyMap<string, Record<string, string>>): Json {
  return {
    Arn: flow.arn,
    Id: flow.id,
    Name: flow.name,
    Type: flow.type,
    State: 'ACTIVE',
    Status: 'PUBLISHED',
    Description: flow.description,
    Content: flow.content,
    Tags: tags.get(flow.arn) ?? {},
  };
}

function summaries(kind: Kind, flows: readonly Flow[]): Json {
  if (kind === 'ContactFlow') {
    return {
      ContactFlowSummaryList: flows.map(({ id, arn, name, type }) => {
        const state = { ContactFlowType: type, ContactFlowState: 'ACTIVE', ContactFlowStatus: 'PUBLISHED' };
        return { Id: id, Arn: arn, Name: name, ...state };
      }),
    };
  }
  return {
    ContactFlowModulesSummaryList: flows.map(({ id, arn, name }) => {
      return { Id: id, Arn: arn, Name: name, State: 'ACTIVE' };
    }),
  };
}
