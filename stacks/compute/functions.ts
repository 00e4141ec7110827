/** The functions. Each has its own role, its own log, and its own variables. */
import { DataAwsServicequotasServiceQuota } from '@cdktf/provider-aws/lib/data-aws-servicequotas-service-quota/index.js';
import { LambdaFunction } from '@cdktf/provider-aws/lib/lambda-function/index.js';
import { LambdaFunctionEventInvokeConfig } from '@cdktf/provider-aws/lib/lambda-function-event-invoke-config/index.js';
import { AssetType, conditional, Op, TerraformAsset, Token } from 'cdktf';
import type { Construct } from 'constructs';
import { DEFAULT_METRICS_NAMESPACE } from '../../contract/metrics.ts';
import type { FunctionName, Names } from '../../contract/names.ts';
import {
  ASKS_CONNECT_VARIABLES,
  ASSEMBLE_NODE_OPTIONS,
  ASSEMBLE_VARIABLES,
  CONNECT_VARIABLES,
  CONTACT_EVENT_VARIABLES,
  RESUME_VARIABLES,
  TRANSCRIPT_VARIABLES,
} from '../../contract/variables.ts';
import type { Config } from '../config/config.ts';
import { arnOf, type Place } from '../config/place.ts';
import type { Storage } from '../data/storage.ts';
import { writesDown } from '../policies/live.ts';
import {
  asksConnectPolicy,
  assemblePolicy,
  connectPolicy,
  contactEventPolicy,
  resumePolicy,
  type Statement,
  type Targets,
  writeLog,
  writeTraces,
} from '../policies/policies.ts';
import { role } from '../policies/role.ts';
import { functionZip, HANDLER } from './bundle.ts';
import { logGroup } from './logs.ts';
import { programEnvironment } from './program-environment.ts';

export interface FunctionOptions {
  readonly config: Config;
  readonly names: Names;
  readonly place: Place;
  readonly keyArn: string;
  readonly stored: Storage;
  readonly targets: Targets;
  /** The folder that `npm run build` makes. */
  readonly bundles: string;
  readonly staging: string;
  readonly reserved: Reservations;
}

const RUNTIME = 'nodejs24.x';

interface Shape {
  readonly memoryMib: number;
  readonly timeoutSeconds: number;
  readonly description: string;
}

const SHAPES: Record<FunctionName, Shape> = {
  // A caller waits for it: memory buys CPU, and with it a quick start. A flow waits 8 s at most.
  connect: { memoryMib: 512, timeoutSeconds: 8, description: 'Starts the recording of a call' },
  'contact-event': { memoryMib: 256, timeoutSeconds: 30, description: 'Notes what Connect says of a call' },
  // As long as Lambda allows: time grows with the call, memory doesn't.
  assemble: {
    memoryMib: 1024,
    timeoutSeconds: 900,
    description: 'Makes the recording of a call from its tape',
  },
  // A recorder waits for it as long as for Connect itself.
  'ask-connect': { memoryMib: 256, timeoutSeconds: 6, description: 'Asks Connect whether a call is over' },
  resume: { memoryMib: 256, timeoutSeconds: 300, description: 'Resumes what an outage has broken off' },
};

/** Events that can't be handled within six hours, twice tried again, become dead letters. */
const EVENT_AGE_SECONDS_MAX = 21_600;
const EVENT_RETRIES = 2;

/** Lambda refuses a reservation that would leave the account's other functions less than this. */
const UNRESERVED_MIN = 100;
const CONCURRENT_EXECUTIONS_QUOTA = 'L-B99A9384';
const NO_RESERVATION = -1;

/** What each function has reserved; undefined: nothing. */
export type Reservations = Readonly<Partial<Record<FunctionName, number>>>;

/**
 * Starts must not wait for what else the account does; contact events, which come for every call of the
 * instance, must not crowd others out. A new account has too little to reserve from: there nothing is reserved,
 * and the next deploy after its quota was raised makes up for it. What other functions have reserved no data source of the
 * provider tells: docs/DEPLOYING.md says what to do when Lambda refuses.
 */
export function reservations(scope: Construct, config: Config): Reservations {
  const wanted = { connect: config.connectConcurrency, 'contact-event': config.contactEventConcurrency };
  const total = wanted.connect + wanted['contact-event'];
  if (total === 0) return {};
  const quota = new DataAwsServicequotasServiceQuota(scope, 'concurrency_quota', {
    serviceCode: 'lambda',
    quotaCode: CONCURRENT_EXECUTIONS_QUOTA,
  });
  const enough = Op.gte(quota.value, UNRESERVED_MIN + total);
  return Object.fromEntries(
    Object.entries(wanted)
      .filter(([, executions]) => executions > 0)
      .map(([name, executions]) => [name, Token.asNumber(conditional(enough, executions, NO_RESERVATION))]),
  );
}

export function connectFunction(
  scope: Construct,
  options: FunctionOptions,
  stateMachineArn: string,
): LambdaFunction {
  const { config, stored } = options;
  const variables = programEnvironment(CONNECT_VARIABLES, {
    callsTable: stored.callsTable.name,
    checkpointsTable: stored.checkpointsTable.name,
    stateMachineArn,
    instanceArn: config.instance?.arn,
    keepPhoneNumbers: String(config.keepPhoneNumbers),
    keepAttributes: String(config.keepAttributes),
    ...liveChoice(config),
    ...monitoring(config),
  });
  return deploy(scope, 'connect', options, variables, connectPolicy(options.targets, stateMachineArn));
}

export function contactEventFunction(
  scope: Construct,
  options: FunctionOptions,
  deadLettersArn: string,
): LambdaFunction {
  const { config, stored, targets } = options;
  const { service, logLevel } = monitoring(config);
  const variables = programEnvironment(CONTACT_EVENT_VARIABLES, {
    callsTable: stored.callsTable.name,
    service,
    logLevel,
  });
  const statements = contactEventPolicy(targets, deadLettersArn);
  const deployed = deploy(scope, 'contact-event', options, variables, statements);
  new LambdaFunctionEventInvokeConfig(scope, 'contact-event_invocations', {
    functionName: deployed.functionName,
    maximumEventAgeInSeconds: EVENT_AGE_SECONDS_MAX,
    maximumRetryAttempts: EVENT_RETRIES,
    destinationConfig: { onFailure: { destination: deadLettersArn } },
  });
  return deployed;
}

export function assembleFunction(scope: Construct, options: FunctionOptions): LambdaFunction {
  const { config, stored, targets } = options;
  const variables = programEnvironment(ASSEMBLE_VARIABLES, {
    bucket: stored.bucket.bucket,
    checkpointsTable: stored.checkpointsTable.name,
    callsTable: stored.callsTable.name,
    eventBus: config.eventBusName,
    flac: String(config.flac),
    nodeOptions: ASSEMBLE_NODE_OPTIONS,
    ...monitoring(config),
  });
  const ofWords = transcriptEnvironment(config, stored);
  const statements = assemblePolicy(targets, writesDown(config));
  return deploy(scope, 'assemble', options, { ...variables, ...ofWords }, statements);
}

export function resumeFunction(
  scope: Construct,
  options: FunctionOptions,
  stateMachineArn: string,
): LambdaFunction {
  const { config, names, place, stored, targets } = options;
  const variables = programEnvironment(RESUME_VARIABLES, {
    bucket: stored.bucket.bucket,
    checkpointsTable: stored.checkpointsTable.name,
    callsTable: stored.callsTable.name,
    stateMachineArn,
    ...monitoring(config),
  });
  const executionsArn = arnOf(place, 'states', `execution:${names.stateMachine}:*`);
  const statements = resumePolicy(targets, stateMachineArn, executionsArn);
  return deploy(scope, 'resume', options, variables, statements);
}

/** Where what is said is written down: it stands beside the WAV, too. */
function transcriptEnvironment(config: Config, { transcriptsTable }: Storage): Record<string, string> {
  if (!writesDown(config)) return {};
  return programEnvironment(TRANSCRIPT_VARIABLES, {
    table: transcriptsTable.name,
    source: config.liveSinks.includes(config.transcriptSource) ? config.transcriptSource : undefined,
  });
}

/** Unset where nothing that listens is deployed. */
function liveChoice({ liveSinks, live, livePercent }: Config) {
  const isDeployed = liveSinks.length > 0;
  return {
    live: isDeployed ? live : undefined,
    livePercent: isDeployed ? String(livePercent) : undefined,
  };
}

/** For recorders that can't reach Connect. */
export function asksConnectFunction(scope: Construct, options: FunctionOptions): LambdaFunction {
  const { service, logLevel } = monitoring(options.config);
  const variables = programEnvironment(ASKS_CONNECT_VARIABLES, {
    instanceArn: options.config.instance?.arn,
    service,
    logLevel,
  });
  return deploy(scope, 'ask-connect', options, variables, asksConnectPolicy(options.targets));
}

function monitoring(config: Config) {
  return {
    metricsNamespace: DEFAULT_METRICS_NAMESPACE,
    service: config.prefix,
    logLevel: config.logLevel,
  };
}

function deploy(
  scope: Construct,
  name: FunctionName,
  options: FunctionOptions,
  variables: Record<string, string>,
  statements: readonly Statement[],
): LambdaFunction {
  const { config, names, place, keyArn } = options;
  const shape = SHAPES[name];
  const log = logGroup(scope, name, names.functionLog(name), config, keyArn);
  const ownRole = role(scope, name, place, {
    name: names.role(name),
    service: 'lambda',
    statements: [...statements, writeLog(log.arn), ...(config.tracing ? [writeTraces()] : [])],
  });
  const zip = functionZip(options.bundles, name, options.staging);
  const asset = new TerraformAsset(scope, `${name}_zip`, { path: zip.path, type: AssetType.FILE });
  const reserved = options.reserved[name];
  return new LambdaFunction(scope, name, {
    functionName: names.function(name),
    description: shape.description,
    role: ownRole.arn,
    runtime: RUNTIME,
    architectures: ['arm64'],
    handler: HANDLER,
    filename: asset.path,
    sourceCodeHash: zip.sha256,
    memorySize: shape.memoryMib,
    timeout: shape.timeoutSeconds,
    environment: { variables },
    loggingConfig: { logFormat: 'Text', logGroup: log.name },
    ...(config.tracing && { tracingConfig: { mode: 'Active' } }),
    ...(reserved !== undefined && { reservedConcurrentExecutions: reserved }),
    dependsOn: [ownRole.granted],
  });
}
