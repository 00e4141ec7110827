/** Settings of whoever listens while people talk that are fine by themselves, and wrong together. */
import { isIPv4 } from 'node:net';
import type { Config } from './config.ts';
import { LIVE_SETTINGS, type LiveSink } from './live-settings.ts';
import type { SettingName } from './settings.ts';
import { listeningSize, taskSize } from './task-size.ts';
import { WORDS_NAMES } from './words-contradictions.ts';

const LIVE_NAMES = Object.keys(LIVE_SETTINGS).filter(
  (name): name is keyof typeof LIVE_SETTINGS => name in LIVE_SETTINGS,
);
/** Settings that say something of one sink alone. */
const OF_SINK = {
  pieces: ['livePieceSeconds', 'livePieceEvents'],
  websocket: [
    'liveWebsocketUrl',
    'liveWebsocketDialect',
    'liveWebsocketFormat',
    'liveWebsocketLanguage',
    'liveWebsocketOrganization',
    'liveWebsocketBehindSeconds',
    'liveSecretArn',
    'liveSecretKeyArn',
  ],
  socket: ['liveImage', 'liveImageMemory', 'liveImageCpu'],
  recognise: [
    'recogniseImage',
    'recogniseModel',
    'recogniseLanguage',
    'recogniseLanguageAttribute',
    'recogniseAttributeLanguages',
    'recogniseMemory',
    'recogniseCpu',
    'recogniseBehindSeconds',
  ],
  transcribe: [
    'transcribeLanguage',
    'transcribeLanguageAttribute',
    'transcribeAttributeLanguages',
    'transcribeVocabulary',
    'transcribeVocabularyFilter',
    'transcribeVocabularyFilterMethod',
    'transcribePii',
    'transcribePiiEntities',
  ],
} as const satisfies Record<LiveSink, readonly SettingName[]>;
/** Twilio's dialect has one format, and no word for a language. */
const OF_AUDIOHOOK = ['liveWebsocketFormat', 'liveWebsocketLanguage'] as const;
/** What a sink is nothing without. */
const NEEDED = {
  websocket: 'liveWebsocketUrl',
  socket: 'liveImage',
  recognise: 'recogniseImage',
} as const;

/** Of the containers that are given calls: CPU and memory. */
const OF_SIZE = {
  socket: ['liveImageCpu', 'liveImageMemory'],
  recognise: ['recogniseCpu', 'recogniseMemory'],
} as const;

/** Until what has been stored is read, and given. */
const TAPE_MARGIN_SECONDS = 10;

type IsSet = (name: SettingName) => boolean;

/** @param isSet whether a setting was given at all */
export function ofLive(config: Config, isSet: IsSet): string[] {
  if (config.liveSinks.length === 0) return withoutSinks(isSet);
  return [
    ...ofSinks(config, isSet),
    ...ofDialect(config, isSet),
    ...ofReach(config),
    ...ofSecret(config),
    ...ofSize(config),
    ...ofApart(config),
  ];
}

function withoutSinks(isSet: IsSet): string[] {
  return [...LIVE_NAMES, ...WORDS_NAMES]
    .filter((name) => name !== 'liveSinks' && isSet(name))
    .map(
      (name) => `${name} is set, but liveSinks is empty: allowed is both, or none, since nobody is to listen`,
    );
}

function ofSinks(config: Config, isSet: IsSet): string[] {
  const lines: string[] = [];
  for (const sink of Object.keys(OF_SINK) as LiveSink[]) {
    if (config.liveSinks.includes(sink)) continue;
    for (const name of OF_SINK[sink].filter(isSet))
      lines.push(`${name} is set, but liveSinks doesn’t name ${sink}: allowed is both, or none`);
  }
  for (const sink of ['websocket', 'socket', 'recognise'] as const) {
    const needed = NEEDED[sink];
    if (config.liveSinks.includes(sink) && config[needed] === undefined)
      lines.push(`liveSinks names ${sink}, so that ${needed} must be set, too`);
  }
  return lines;
}

function ofDialect({ liveSinks, liveWebsocketDialect: dialect }: Config, isSet: IsSet): string[] {
  if (!liveSinks.includes('websocket') || dialect === 'audiohook') return [];
  return OF_AUDIOHOOK.filter(isSet).map(
    (name) =>
      `${name} is set, but liveWebsocketDialect is ${dialect}: allowed is ${name} with audiohook alone`,
  );
}

/** Whether a name has an IPv6 address is for `callspool doctor` to say. */
function ofReach({ network, liveWebsocketUrl: url }: Config): string[] {
  if (url === undefined || network !== 'ipv6' || !isIPv4(new URL(url).hostname)) return [];
  return [
    `network is ipv6, but liveWebsocketUrl is ${url}, which IPv4 alone reaches: allowed is a name that has an IPv6 address; or set network to nat, or to public`,
  ];
}

function ofSecret({ region, liveSecretArn, liveSecretKeyArn }: Config): string[] {
  const lines: string[] = [];
  if (liveSecretKeyArn !== undefined && liveSecretArn === undefined)
    lines.push('liveSecretKeyArn is set, but liveSecretArn is not: allowed is both, or none');
  for (const [name, arn] of Object.entries({ liveSecretArn, liveSecretKeyArn })) {
    const there = arn?.split(':')[3];
    if (there !== undefined && there !== region)
      lines.push(`${name} is in ${there}, but region is ${region}: both must be the same`);
  }
  return lines;
}

function ofSize(config: Config): string[] {
  const named = (['socket', 'recognise'] as const).filter((sink) => config.liveSinks.includes(sink));
  const wishes = named.flatMap((sink) => OF_SIZE[sink].map((name) => `${name} is ${String(config[name])}`));
  const cpus = named.map((sink) => OF_SIZE[sink][0]);
  const [size, beside] = config.liveApart
    ? [listeningSize(config), 'a listener']
    : [taskSize(config), 'the recorder and a listener'];
  return size === undefined
    ? [
        `${wishes.join(' and ')}, but Fargate has no task of that much memory with so little CPU, beside ${beside} of liveMemory: allowed is more of ${cpus.join(' or ')}, or less of the others`,
      ]
    : [];
}

/** What is heard from the tape comes a segment at a time, and is so old by then: longer than Transcribe is kept waiting amid a word. */
function ofApart(config: Config): string[] {
  const { liveApart, liveSinks, segmentSeconds } = config;
  if (!liveApart) return [];
  // A recorder waits twice as long for a segment to which little comes.
  const oldest = 2 * segmentSeconds + TAPE_MARGIN_SECONDS;
  const tooEarly = (['liveWebsocketBehindSeconds', 'recogniseBehindSeconds'] as const).flatMap((name) => {
    const seconds = config[name];
    return seconds === undefined || seconds >= oldest
      ? []
      : [
          `${name} is ${String(seconds)}, but with liveApart what is heard may be ${String(oldest)} s old by then (segmentSeconds is ${String(segmentSeconds)}): allowed is that or more, or none`,
        ];
  });
  return liveSinks.includes('transcribe')
    ? [
        ...tooEarly,
        'liveApart is true, but liveSinks names transcribe, which is sent what is said as it is said: allowed is liveApart=false, or other sinks',
      ]
    : tooEarly;
}
