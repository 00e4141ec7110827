/**
 * What every resource is called. A name begins with the deployment's prefix; names that an account shares
 * across regions (roles, policies, dashboards, buckets) hold the region too, so that one prefix may be deployed
 * to several regions. With the longest prefix and region every name is within AWS's limit (test/stacks/names).
 */
import { CALLS_TABLE, CHECKPOINTS_TABLE, TRANSCRIPTS_TABLE } from './tables.ts';

/** A deployment: its name prefix and its region. */
export interface DeploymentName {
  readonly prefix: string;
  readonly region: string;
}

/** The functions that every deployment has. */
export const FUNCTIONS = ['connect', 'contact-event', 'assemble', 'resume'] as const;
/** Asks Connect for recorders that can't reach it: deployed where their network is such a one. */
export const ASKS_CONNECT = 'ask-connect';
export const ALL_FUNCTIONS = [...FUNCTIONS, ASKS_CONNECT] as const;
export type FunctionName = (typeof ALL_FUNCTIONS)[number];

/** What stands beside each bundle and goes where it goes: the licences of what is in it. */
export const NOTICES_FILE = 'THIRD-PARTY-NOTICES.txt';
/** What stands beside each bundle and stays: what it is made of, in CycloneDX. */
export const SBOM_FILE = 'sbom.cdx.json';

/** The container in the task definition; the workflow's overrides are for the one of this name. */
export const CONTAINER = 'recorder';

/** Beside it where somebody listens: the listener, and a container of the deployer's own. */
export const LISTENER_CONTAINER = 'listener';
export const CONSUMER_CONTAINER = 'consumer';
/** Where what is said is written down by a recogniser of one's own: it. */
export const RECOGNISER_CONTAINER = 'recogniser';

/** A volume of the task that its containers share; the image makes it the recorder's own (task/Dockerfile). */
const LIVE_FOLDER = '/run/callspool';
export const LIVE_SOCKETS = {
  folder: LIVE_FOLDER,
  feed: `${LIVE_FOLDER}/feed.sock`,
  audio: `${LIVE_FOLDER}/audio.sock`,
  /** Of the recogniser's own, beside whatever `socket` gives to. */
  words: `${LIVE_FOLDER}/words.sock`,
} as const;

export type DeployedNames = ReturnType<typeof namesIn>;
export type Names = ReturnType<typeof namesOf>;

/** All names of a deployment. */
export function namesOf({ prefix, region }: DeploymentName) {
  const everywhere = `${prefix}-${region}`;
  return {
    ...namesIn(prefix),
    /** Buckets share one name space with the whole world: hence the account. */
    bucket: (account: string) => `${prefix}-${account}-${region}`,
    /** Access logs; with the longest prefix and region there is room for three more characters. */
    accessLogsBucket: (account: string) => `${prefix}-${account}-${region}-al`,
    role: (of: FunctionName | 'task' | 'listener' | 'execution' | 'workflow' | 'replication' | 'flow-logs') =>
      `${everywhere}-${of}`,
    peoplePolicy: (of: 'operator' | 'doctor' | 'eraser' | 'auditor' | 'transcriber') => `${everywhere}-${of}`,
    dashboard: everywhere,
  };
}

/** Names that a region has for itself. */
export function namesIn(prefix: string) {
  return {
    checkpointsTable: `${prefix}-${CHECKPOINTS_TABLE.suffix}`,
    callsTable: `${prefix}-${CALLS_TABLE.suffix}`,
    transcriptsTable: `${prefix}-${TRANSCRIPTS_TABLE.suffix}`,
    keyAlias: `alias/${prefix}`,
    function: (name: FunctionName) => `${prefix}-${name}`,
    functionLog: (name: FunctionName) => `/aws/lambda/${prefix}-${name}`,
    stateMachine: prefix,
    /** Log groups of this prefix share one resource policy, which otherwise grows past its limit. */
    workflowLog: `/aws/vendedlogs/states/${prefix}`,
    cluster: prefix,
    taskFamily: `${prefix}-task`,
    liveTaskFamily: `${prefix}-live-task`,
    /** Of those that listen, where they have a task of their own. */
    listenTaskFamily: `${prefix}-listen-task`,
    taskLog: `/aws/ecs/${prefix}-task`,
    flowLog: `/aws/vpc/${prefix}-flow`,
    repository: `${prefix}/task`,
    contactEventRule: `${prefix}-contact-event`,
    resumeRule: `${prefix}-resume`,
    deadLetters: `${prefix}-dead-letters`,
    alarmTopic: `${prefix}-alarms`,
    alarm: (what: string) => `${prefix} ${what}`,
    contactFlow: `${prefix} record a call`,
    stopFlow: `${prefix} stop recording`,
    flowModule: `${prefix} start recording`,
    network: prefix,
  };
}
