/**
 * The one endpoint of a rehearsal: everything that Terraform, the CLI and the programs ask of AWS comes here, is
 * noted, and goes on to moto or to a stand-in of ours; and what AWS does and moto doesn't is done on the way.
 */
import { ServiceError } from '../../standins/json.ts';
import { type Hooks, PASS, type ProxiedRequest, type RequestFate, startProxy } from '../../standins/proxy.ts';
import type { Standin } from '../../standins/standin.ts';
import { type ActionRecord, newActionRecord } from './action-record.ts';
import { type Asked, askedOf } from './asked.ts';
import { newBucketPolicies } from './bucket-policies.ts';
import { newBucketSettings } from './bucket-settings.ts';
import { type ConnectControl, newConnectControl } from './connect-control.ts';
import { answerQuotas } from './quotas.ts';
import {
  filledByEcs,
  type FunctionSettings,
  keptByIam,
  noteFunction,
  withFunctionSettings,
} from './read-back.ts';
import { newSubnets, type Subnets } from './subnets.ts';

/** Where our own stand-ins are: URLs, for now. They change with each deployment. */
export interface Behind {
  readonly connect: string;
  readonly kinesisVideo: string;
  readonly eventBridge: string;
  readonly lambda?: string;
  readonly stepFunctions?: string;
}

export interface Front extends Standin {
  readonly record: ActionRecord;
  readonly connect: ConnectControl;
  readonly subnets: Subnets;
  /** From now on. */
  put(behind: Behind): void;
}

/** What runs a call; the rest of Step Functions is moto's. */
const EXECUTIONS = ['StartExecution', 'DescribeExecution', 'StopExecution', 'ListExecutions'];
/** The stand-in of Kinesis Video Streams gives out data endpoints with these paths. */
const MEDIA_PATH = /^\/(GET_MEDIA|LIST_FRAGMENTS|GET_MEDIA_FOR_FRAGMENT_LIST)\//;

/** Listens on 127.0.0.1, on a port of its own. @param moto its URL */
export async function startFront(moto: string, instanceArn: string, behind: Behind): Promise<Front> {
  const record = newActionRecord();
  const connect = newConnectControl(instanceArn);
  const subnets = newSubnets();
  let standins = behind;
  const handle = requestHandler(moto, connect, subnets);
  const hooks: Hooks = {
    request: async (request) => {
      if (MEDIA_PATH.test(request.path)) return passTo(standins.kinesisVideo);
      const asked = askedOf(request);
      if (asked === undefined) return PASS;
      record.note(asked);
      const target = ownStandin(asked, standins);
      return target === undefined ? handle(asked, request) : passTo(target);
    },
  };
  const proxy = await startProxy(moto, hooks);
  return {
    url: proxy.url,
    close: () => proxy.close(),
    record,
    connect,
    subnets,
    put: (next) => {
      standins = next;
    },
  };
}

const passTo = (target: string): RequestFate => ({ kind: 'pass', target });

function ownStandin({ service, operation }: Asked, standins: Behind): string | undefined {
  switch (service) {
    case 'kinesisvideo':
      return operation === 'ListStreams' ? undefined : standins.kinesisVideo;
    case 'connect':
      return operation === 'DescribeContact' ? standins.connect : undefined;
    case 'lambda':
      return operation === 'Invoke' ? standins.lambda : undefined;
    case 'states':
      return EXECUTIONS.includes(operation) ? standins.stepFunctions : undefined;
    case 'events':
      return operation === 'PutEvents' ? standins.eventBridge : undefined;
    default:
      return undefined;
  }
}

type Handler = (asked: Asked, request: ProxiedRequest) => RequestFate | Promise<RequestFate>;

/** What isn't a stand-in's: answered here, or by moto and mended, or by moto alone. */
function requestHandler(moto: string, connect: ConnectControl, subnets: Subnets): Handler {
  const policies = newBucketPolicies();
  const settings = newBucketSettings();
  const functions: FunctionSettings = new Map();
  const handlers: Readonly<Record<string, Handler>> = {
    connect: ({ operation, labels, query }, { body }) =>
      answered(() => connect.answer(operation, { labels, query, body: jsonOf(body) })),
    servicequotas: ({ operation }, { body }) => answered(() => answerQuotas(operation, jsonOf(body))),
    states: ({ operation }) =>
      operation === 'ListStateMachineVersions' ? answered(() => ({ stateMachineVersions: [] })) : PASS,
    s3: ({ operation, labels: { Bucket = '' } }, { body }) =>
      settings.answer(operation, Bucket, body.toString()) ??
      policies.answer(operation, Bucket, body.toString()) ??
      PASS,
    iam: ({ operation }, request) =>
      operation.startsWith('Create')
        ? throughMoto(moto, { ...request, body: Buffer.from(keptByIam(request.body.toString())) })
        : PASS,
    ec2: ({ operation }, request) => {
      if (operation === 'DeleteVpcEndpoints') return deleteEndpoints(moto, request);
      subnets.note(operation, new URLSearchParams(request.body.toString()));
      return /^(Create|Describe)Subnets?$/.test(operation) ? throughMoto(moto, request, subnets.mend) : PASS;
    },
    ecs: ({ operation }, request) =>
      /^(Register|Describe)TaskDefinition$/.test(operation)
        ? throughMoto(moto, request, inJson(filledByEcs))
        : PASS,
    lambda: ({ operation, labels: { FunctionName } }, request) => {
      if (!/^(Create|Get|Update)Function(Configuration|Code)?$/.test(operation)) return PASS;
      noteFunction(functions, jsonOf(request.body), FunctionName);
      return throughMoto(
        moto,
        request,
        inJson((answer) => withFunctionSettings(functions, answer)),
      );
    },
  };
  return (asked, request) => handlers[asked.service]?.(asked, request) ?? PASS;
}

function answered(answer: () => unknown): RequestFate {
  const headers = { 'content-type': 'application/json' };
  try {
    return { kind: 'answer', statusCode: 200, headers, body: JSON.stringify(answer()) };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const { code, message, statusCode } = error;
    return {
      kind: 'answer',
      statusCode,
      headers: { ...headers, 'x-amzn-errortype': code },
      body: JSON.stringify({ __type: code, message, Message: message }),
    };
  }
}

function jsonOf(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return {};
  }
}

/**
 * moto makes routes for a gateway endpoint when it is made, makes none when another route table is added later, and
 * then stumbles over those that it misses: so its route tables are taken from it first.
 */
async function deleteEndpoints(moto: string, request: ProxiedRequest): Promise<RequestFate> {
  const form = new URLSearchParams(request.body.toString());
  const ids = [...form].filter(([name]) => name.startsWith('VpcEndpointId.')).map(([, id]) => id);
  const ask = (fields: Readonly<Record<string, string>>) => {
    const asked = new URLSearchParams({ Version: form.get('Version') ?? '', ...fields });
    return throughMoto(moto, { ...request, body: Buffer.from(asked.toString()) });
  };
  for (const id of ids) {
    const described = await ask({ Action: 'DescribeVpcEndpoints', 'VpcEndpointId.1': id });
    const tables = described.kind === 'answer' ? (described.body.match(/\brtb-[0-9a-f]+/g) ?? []) : [];
    const removed = tables.map((table, index) => [`RemoveRouteTableId.${index + 1}`, table] as const);
    await ask({ Action: 'ModifyVpcEndpoint', VpcEndpointId: id, ...Object.fromEntries(removed) });
  }
  return throughMoto(moto, request);
}

/** These are of one connection, or no longer true of a body that has been changed. */
const NOT_PASSED_ON = ['connection', 'content-length', 'expect', 'host', 'keep-alive', 'transfer-encoding'];

function inJson(mend: (answer: unknown) => unknown): (text: string) => string {
  return (text) => JSON.stringify(mend(JSON.parse(text)));
}

/** @param mend what becomes of the answer's text, where it is one that says yes */
async function throughMoto(
  moto: string,
  { method, path, headers, body }: ProxiedRequest,
  mend?: (text: string) => string,
): Promise<RequestFate> {
  const passedOn = Object.entries(headers).filter(([name]) => !NOT_PASSED_ON.includes(name));
  const answer = await fetch(new URL(path, moto), {
    method,
    headers: passedOn.map(([name, value]): [string, string] => [name, String(value)]),
    ...(body.length > 0 && { body: new Uint8Array(body) }),
  });
  const text = await answer.text();
  const kept = [...answer.headers].filter(
    ([name]) => !NOT_PASSED_ON.includes(name) && name !== 'content-encoding',
  );
  return {
    kind: 'answer',
    statusCode: answer.status,
    headers: Object.fromEntries(kept),
    body: mend && answer.ok ? mend(text) : text,
  };
}
