/**
 * The task of a call that somebody listens to: the recorder, the listener (the same image: nothing more is pulled), and
 * where the deployer names an image, a container of theirs, or a recogniser. The recorder waits for none of them, and none ends
 * the task. ECS restarts no container that ran for less than a minute: the listener's own parent does (live/parent.ts), and the
 * recogniser's image (recognisers/whisper).
 *
 * A task has one role: each of its containers can do what the recorder can. So where the deployer wants it (setting `liveApart`),
 * those that listen have a task and a role of their own, without a recorder and its feed.
 */
import { DEFAULT_METRICS_NAMESPACE } from '../../contract/metrics.ts';
import {
  CONSUMER_CONTAINER,
  LISTENER_CONTAINER,
  LIVE_SOCKETS,
  RECOGNISER_CONTAINER,
} from '../../contract/names.ts';
import { longestRunSeconds } from '../../contract/record-states.ts';
import { LIVE_VARIABLES } from '../../contract/variables.ts';
import type { Config } from '../config/config.ts';
import type { LiveSink } from '../config/live-settings.ts';
import type { Place } from '../config/place.ts';
import { endpointVariables } from '../config/reach.ts';
import { type ListenersShares, listeningSize, taskSize } from '../config/task-size.ts';
import type { Storage } from '../data/storage.ts';
import { needsCallFacts } from '../policies/live.ts';
import { givenImage, type Image } from './image.ts';
import { programEnvironment } from './program-environment.ts';
import type { Recorder } from './task.ts';
import { recogniserEnvironment, transcribeEnvironment, wordsVariables } from './words-containers.ts';

/** The listener's program in the image (task/Dockerfile). */
const LISTENER_COMMAND = ['/app/live/index.mjs'];
/** More than the listener needs to tell what it can't give any more (live/main.ts). */
const LISTENER_STOP_SECONDS = 90;
const CONSUMER_STOP_SECONDS = 30;
const VOLUME = 'run';

export interface LiveParts {
  readonly config: Config;
  readonly stored: Storage;
  /** The recorder's container, as it is where nobody listens. */
  readonly recorder: Recorder;
}

/** What the task definition has beside what it shares with that of the recorder alone; undefined where nobody listens beside one. */
export function liveContainers(parts: LiveParts) {
  const { liveSinks, liveApart } = parts.config;
  if (liveSinks.length === 0 || liveApart) return undefined;
  const size = sized(taskSize(parts.config));
  const { shares } = size;
  return taskOf(size, [recorderFeeding(parts.recorder, shares.recorder), ...listening(parts, shares)]);
}

/** The same of the task of those that listen by themselves; undefined where there are none. */
export function apartContainers(parts: LiveParts) {
  const { liveSinks, liveApart } = parts.config;
  if (liveSinks.length === 0 || !liveApart) return undefined;
  const size = sized(listeningSize(parts.config));
  return taskOf(size, listening(parts, size.shares));
}

function sized<T>(size: T | undefined): T {
  if (size === undefined) throw new Error('the settings have been checked without Fargate’s sizes');
  return size;
}

function taskOf(size: { readonly cpu: number; readonly memoryMib: number }, containers: readonly object[]) {
  return {
    cpu: String(size.cpu),
    memory: String(size.memoryMib),
    volume: [{ name: VOLUME }],
    containerDefinitions: JSON.stringify(containers),
  };
}

function listening(parts: LiveParts, shares: ListenersShares) {
  const { config } = parts;
  return [
    listener(parts, shares.listener),
    ...(config.liveImage === undefined
      ? []
      : [
          container(parts.recorder, {
            name: CONSUMER_CONTAINER,
            image: config.liveImage,
            memory: config.liveImageMemory,
            cpu: shares.own,
            variables: { [LIVE_VARIABLES.socket]: LIVE_SOCKETS.audio },
          }),
        ]),
    ...(config.recogniseImage === undefined
      ? []
      : [
          container(parts.recorder, {
            name: RECOGNISER_CONTAINER,
            image: config.recogniseImage,
            memory: config.recogniseMemory,
            cpu: shares.recogniser,
            variables: recogniserEnvironment(config),
          }),
        ]),
  ];
}

/** The deployer's own, to be pulled before any container starts. */
export function listenersImages({ liveSinks, liveImage, recogniseImage }: Config, place: Place): Image[] {
  if (liveSinks.length === 0) return [];
  return [liveImage ?? [], recogniseImage ?? []].flat().map((image) => givenImage(image, place));
}

const mount = (readOnly: boolean) => ({
  containerPath: LIVE_SOCKETS.folder,
  readOnly,
  sourceVolume: VOLUME,
});

function recorderFeeding(recorder: Recorder, cpu: number) {
  const environment = [
    ...recorder.environment,
    { name: LIVE_VARIABLES.feedSocket, value: LIVE_SOCKETS.feed },
  ];
  return { ...recorder, cpu, mountPoints: [mount(false)], environment };
}

function listener({ config, stored, recorder }: LiveParts, cpu: number) {
  const variables = {
    ...listenerEnvironment(config, stored),
    ...transcribeEnvironment(config),
    ...endpointVariables(config),
  };
  const environment = Object.entries(variables);
  return {
    ...recorder,
    name: LISTENER_CONTAINER,
    command: LISTENER_COMMAND,
    // In a task of its own it takes the others with it when it leaves.
    essential: config.liveApart,
    cpu,
    memory: config.liveMemory,
    mountPoints: [mount(false)],
    stopTimeout: LISTENER_STOP_SECONDS,
    environment: environment.map(([name, value]) => ({ name, value })),
    logConfiguration: logAs(recorder, LISTENER_CONTAINER),
  };
}

function listenerEnvironment(config: Config, stored: Storage): Record<string, string> {
  const { liveSinks } = config;
  const of = (sink: LiveSink, value: string) => (liveSinks.includes(sink) ? value : undefined);
  return programEnvironment(LIVE_VARIABLES, {
    bucket: stored.bucket.bucket,
    checkpointsTable: stored.checkpointsTable.name,
    feedSocket: config.liveApart ? undefined : LIVE_SOCKETS.feed,
    longestSeconds: config.liveApart ? String(longestRunSeconds(config)) : undefined,
    sinks: liveSinks.join(','),
    windowMs: String(config.liveWindowMs),
    pieceSeconds: of('pieces', String(config.livePieceSeconds)),
    socket: of('socket', LIVE_SOCKETS.audio),
    // The listener's own container holds Node alone.
    exec: undefined,
    ...wordsVariables(config, stored),
    ...webSocketVariables(config),
    callsTable: needsCallFacts(config) ? stored.callsTable.name : undefined,
    metricsNamespace: DEFAULT_METRICS_NAMESPACE,
    service: config.prefix,
    logLevel: config.logLevel,
  });
}

/** A secret is named, never held. */
function webSocketVariables(config: Config) {
  const isDeployed = config.liveSinks.includes('websocket');
  const isAudioHook = config.liveWebsocketDialect === 'audiohook';
  const of = (value: string | undefined) => (isDeployed ? value : undefined);
  return {
    webSocketUrl: of(config.liveWebsocketUrl),
    webSocketDialect: of(config.liveWebsocketDialect),
    webSocketSecretArn: of(config.liveSecretArn),
    webSocketSecretFile: undefined,
    webSocketSecret: undefined,
    webSocketFormat: of(isAudioHook ? config.liveWebsocketFormat : undefined),
    webSocketLanguage: of(config.liveWebsocketLanguage),
    webSocketOrganization: of(config.liveWebsocketOrganization),
    webSocketBehindSeconds: of(config.liveWebsocketBehindSeconds?.toString()),
    keepPhoneNumbers: of(String(config.keepPhoneNumbers)),
    keepAttributes: of(String(config.keepAttributes)),
  };
}

interface Given {
  readonly name: string;
  readonly image: string;
  readonly memory: number;
  readonly cpu: number;
  readonly variables: Readonly<Record<string, string>>;
}

/** Runs as its image says, without capabilities; it may connect to the sockets, and not replace them. */
function container(recorder: Recorder, { variables, ...own }: Given) {
  const { user, ...common } = recorder;
  return {
    ...common,
    ...own,
    essential: false,
    readonlyRootFilesystem: false,
    // Whoever mounts the volume first makes it what its image says.
    dependsOn: [{ condition: 'START', containerName: LISTENER_CONTAINER }],
    mountPoints: [mount(true)],
    stopTimeout: CONSUMER_STOP_SECONDS,
    environment: Object.entries(variables).map(([name, value]) => ({ name, value })),
    logConfiguration: logAs(recorder, own.name),
  };
}

function logAs({ logConfiguration }: Recorder, prefix: string) {
  return {
    ...logConfiguration,
    options: { ...logConfiguration.options, 'awslogs-stream-prefix': prefix },
  };
}
