/**
 * The environment variables that configure each program: their names and what they mean. The stack sets them, the
 * programs read them; this is the only place that spells them.
 */

import type { FurtherFormatName } from '../recording/audio/files/formats.ts';

/** How a program names itself in its metrics and logs. Powertools reads the service by itself. */
const MONITORING_VARIABLES = {
  metricsNamespace: 'CALLSPOOL_METRICS_NAMESPACE',
  /** The deployment's name prefix: the metrics' one dimension. */
  service: 'POWERTOOLS_SERVICE_NAME',
  logLevel: 'POWERTOOLS_LOG_LEVEL',
} as const;

/** Set for every task alike, in the task definition. */
export const TASK_VARIABLES = {
  bucket: 'CALLSPOOL_BUCKET',
  checkpointsTable: 'CALLSPOOL_CHECKPOINTS_TABLE',
  callsTable: 'CALLSPOOL_CALLS_TABLE',
  segmentSeconds: 'CALLSPOOL_SEGMENT_SECONDS',
  idleTimeoutSeconds: 'CALLSPOOL_IDLE_TIMEOUT_SECONDS',
  longestCallSeconds: 'CALLSPOOL_LONGEST_CALL_SECONDS',
  graceSeconds: 'CALLSPOOL_GRACE_SECONDS',
  /** The ARN of the function that asks Connect for it; unset: the task asks Connect itself. */
  asksConnect: 'CALLSPOOL_ASKS_CONNECT',
  ...MONITORING_VARIABLES,
} as const;

/** Set for one task, by the workflow's container overrides. */
export const RUN_VARIABLES = {
  contactId: 'CALLSPOOL_CONTACT_ID',
  startFragmentNumber: 'CALLSPOOL_START_FRAGMENT_NUMBER',
  streamArn: 'CALLSPOOL_STREAM_ARN',
  startedAt: 'CALLSPOOL_STARTED_AT',
  instanceArn: 'CALLSPOOL_INSTANCE_ARN',
  executionArn: 'CALLSPOOL_EXECUTION_ARN',
} as const;

/** The listener's variables, beside {@link RUN_VARIABLES}; the feed's is the task's as well. */
export const LIVE_VARIABLES = {
  bucket: TASK_VARIABLES.bucket,
  checkpointsTable: TASK_VARIABLES.checkpointsTable,
  /** A Unix socket; unset: the recorder feeds nobody, and whoever listens reads the tape alone. */
  feedSocket: 'CALLSPOOL_FEED_SOCKET',
  /** Names of sinks (live/settings.ts), separated by commas. */
  sinks: 'CALLSPOOL_LIVE_SINKS',
  windowMs: 'CALLSPOOL_LIVE_WINDOW_MS',
  pieceSeconds: 'CALLSPOOL_LIVE_PIECE_SECONDS',
  /** Where `socket` listens. */
  socket: 'CALLSPOOL_LIVE_SOCKET',
  /** What `exec` runs: a shell's command. */
  exec: 'CALLSPOOL_LIVE_EXEC',
  /** Where `websocket` connects to: `wss:`; `ws:` for this machine alone. */
  webSocketUrl: 'CALLSPOOL_LIVE_WEBSOCKET_URL',
  /** `audiohook` or `twilio`. */
  webSocketDialect: 'CALLSPOOL_LIVE_WEBSOCKET_DIALECT',
  /** A secret of Secrets Manager: the listener needs `secretsmanager:GetSecretValue` on it, and `kms:Decrypt` on its key. */
  webSocketSecretArn: 'CALLSPOOL_LIVE_WEBSOCKET_SECRET_ARN',
  /** The same without AWS: a file that holds it, or the secret itself. */
  webSocketSecretFile: 'CALLSPOOL_LIVE_WEBSOCKET_SECRET_FILE',
  webSocketSecret: 'CALLSPOOL_LIVE_WEBSOCKET_SECRET',
  /** `PCMU` or `L16`: what `audiohook` offers first. */
  webSocketFormat: 'CALLSPOOL_LIVE_WEBSOCKET_FORMAT',
  webSocketLanguage: 'CALLSPOOL_LIVE_WEBSOCKET_LANGUAGE',
  /** A UUID; unset: that of {@link RUN_VARIABLES}' Connect instance. */
  webSocketOrganization: 'CALLSPOOL_LIVE_WEBSOCKET_ORGANIZATION',
  /** What is older is left out; unset: everything is sent. */
  webSocketBehindSeconds: 'CALLSPOOL_LIVE_WEBSOCKET_BEHIND_SECONDS',
  /** What goes out beside the audio comes from there (`dynamodb:GetItem`); unset: nothing does. */
  callsTable: TASK_VARIABLES.callsTable,
  /** The deployment's own settings, which hold for what goes out, too: `true`, or nothing of the kind is sent. */
  keepPhoneNumbers: 'CALLSPOOL_KEEP_PHONE_NUMBERS',
  keepAttributes: 'CALLSPOOL_KEEP_ATTRIBUTES',
  /** Of `recognise`, and of a command that transcribes: what runs the recogniser, a shell's command. */
  recogniser: 'CALLSPOOL_RECOGNISER',
  /** Where `recognise` listens for a recogniser that runs by itself, in place of a command. */
  recogniseSocket: 'CALLSPOOL_RECOGNISE_SOCKET',
  /** A recogniser that says nothing for so long hangs. */
  recogniseHungSeconds: 'CALLSPOOL_RECOGNISE_HUNG_SECONDS',
  /** What would be heard so much later is left out; unset: all is heard, however late. */
  recogniseBehindSeconds: 'CALLSPOOL_RECOGNISE_BEHIND_SECONDS',
  /** A contact attribute that names the call's language, read from {@link LIVE_VARIABLES.callsTable}: the recogniser is told. */
  recogniseLanguageAttribute: 'CALLSPOOL_RECOGNISE_LANGUAGE_ATTRIBUTE',
  /** Languages that the attribute may name, such as `en`, separated by commas. */
  recogniseAttributeLanguages: 'CALLSPOOL_RECOGNISE_ATTRIBUTE_LANGUAGES',
  transcriptsTable: 'CALLSPOOL_TRANSCRIPTS_TABLE',
  /** How long what was said is kept, days; unset: for good. */
  transcriptDays: 'CALLSPOOL_TRANSCRIPT_DAYS',
  /** What is masked beside card numbers: patterns (recording/transcript/masking/patterns.ts), separated by semicolons. */
  mask: 'CALLSPOOL_MASK',
  /** `final` or `all` (what isn't final, too): what is told of to the bus (`events:PutEvents`); unset: nothing. */
  transcriptEvents: 'CALLSPOOL_TRANSCRIPT_EVENTS',
  eventBus: 'CALLSPOOL_EVENT_BUS',
  /** Of a listener in a task of its own, which nobody tells to leave: it leaves by itself, after so long at the latest. */
  longestSeconds: 'CALLSPOOL_LIVE_LONGEST_SECONDS',
  ...MONITORING_VARIABLES,
} as const;

/**
 * Of `transcribe`, beside the table's and the mask's of {@link LIVE_VARIABLES}. It needs `transcribe:StartStreamTranscription`
 * (which takes no resource but `*`), and `dynamodb:Query` and `dynamodb:UpdateItem` on the transcripts table.
 */
export const TRANSCRIBE_VARIABLES = {
  /** The language, such as `en-US`; several, separated by commas: the service finds out which of them is spoken. */
  languages: 'CALLSPOOL_TRANSCRIBE_LANGUAGE',
  /** A contact attribute that names the call's language, read from {@link LIVE_VARIABLES.callsTable} (`dynamodb:GetItem`). */
  attribute: 'CALLSPOOL_TRANSCRIBE_LANGUAGE_ATTRIBUTE',
  /** Languages that the attribute may name, separated by commas. */
  attributeLanguages: 'CALLSPOOL_TRANSCRIBE_ATTRIBUTE_LANGUAGES',
  /** Custom vocabularies, and vocabulary filters: `NAME`, or `en-US=NAME,de-DE=NAME` where there are several languages. */
  vocabularies: 'CALLSPOOL_TRANSCRIBE_VOCABULARY',
  filters: 'CALLSPOOL_TRANSCRIBE_VOCABULARY_FILTER',
  /** `mask`, `remove` or `tag`. */
  filterMethod: 'CALLSPOOL_TRANSCRIBE_VOCABULARY_FILTER_METHOD',
  /** `identify` or `redact`. */
  pii: 'CALLSPOOL_TRANSCRIBE_PII',
  /** Such as `NAME,SSN`; unset: all. */
  piiTypes: 'CALLSPOOL_TRANSCRIBE_PII_ENTITIES',
  /** So many times as fast as it is spoken everything goes: for a stand-in on this machine alone. */
  scale: 'CALLSPOOL_TRANSCRIBE_SCALE',
  /** Where Transcribe is: the SDK's own variable. */
  endpoint: 'AWS_ENDPOINT_URL_TRANSCRIBE_STREAMING',
} as const;

/** Of the recogniser that is a container of the task; ours reads them (recognisers/whisper), as others may. */
export const RECOGNISER_VARIABLES = {
  /** Where the listener is. */
  socket: LIVE_VARIABLES.socket,
  model: 'CALLSPOOL_RECOGNISE_MODEL',
  language: 'CALLSPOOL_RECOGNISE_LANGUAGE',
  /** Seconds of speech between words that aren't final; unset: none. */
  partialSeconds: 'CALLSPOOL_RECOGNISE_PARTIAL_SECONDS',
} as const;

export const CONNECT_VARIABLES = {
  callsTable: 'CALLSPOOL_CALLS_TABLE',
  /** The table that says that a recording has been erased; unset: nobody looks. */
  checkpointsTable: 'CALLSPOOL_CHECKPOINTS_TABLE',
  stateMachineArn: 'CALLSPOOL_STATE_MACHINE_ARN',
  /** The one instance that may start recordings; unset: any. */
  instanceArn: 'CALLSPOOL_INSTANCE_ARN',
  keepPhoneNumbers: LIVE_VARIABLES.keepPhoneNumbers,
  keepAttributes: LIVE_VARIABLES.keepAttributes,
  /** `on` or `off`: of calls whose flow doesn't say; unset: nothing that listens is deployed. */
  live: 'CALLSPOOL_LIVE',
  livePercent: 'CALLSPOOL_LIVE_PERCENT',
  ...MONITORING_VARIABLES,
} as const;

export const CONTACT_EVENT_VARIABLES = {
  callsTable: 'CALLSPOOL_CALLS_TABLE',
  service: MONITORING_VARIABLES.service,
  logLevel: MONITORING_VARIABLES.logLevel,
} as const;

export const ASKS_CONNECT_VARIABLES = {
  /** The one instance whose contacts are asked for; unset: any. */
  instanceArn: CONNECT_VARIABLES.instanceArn,
  service: MONITORING_VARIABLES.service,
  logLevel: MONITORING_VARIABLES.logLevel,
} as const;

/** These say whether the assembly writes a further file format beside the WAV, by the format's name: `true` or `false`. */
const FORMAT_VARIABLES = {
  flac: 'CALLSPOOL_FLAC',
} as const satisfies Readonly<Record<FurtherFormatName, string>>;

export const ASSEMBLE_VARIABLES = {
  bucket: 'CALLSPOOL_BUCKET',
  checkpointsTable: 'CALLSPOOL_CHECKPOINTS_TABLE',
  callsTable: 'CALLSPOOL_CALLS_TABLE',
  eventBus: LIVE_VARIABLES.eventBus,
  ...FORMAT_VARIABLES,
  /** Node.js reads it by itself. */
  nodeOptions: 'NODE_OPTIONS',
  ...MONITORING_VARIABLES,
} as const;

/** Of the assembly, where what is said is written down. */
export const TRANSCRIPT_VARIABLES = {
  /** Unset: nothing of it is written beside the WAV. */
  table: LIVE_VARIABLES.transcriptsTable,
  /** Whose words are preferred: `recognise` or `transcribe`. */
  source: 'CALLSPOOL_TRANSCRIPT_SOURCE',
} as const;

export const RESUME_VARIABLES = {
  bucket: 'CALLSPOOL_BUCKET',
  checkpointsTable: 'CALLSPOOL_CHECKPOINTS_TABLE',
  callsTable: 'CALLSPOOL_CALLS_TABLE',
  stateMachineArn: 'CALLSPOOL_STATE_MACHINE_ARN',
  ...MONITORING_VARIABLES,
} as const;

/**
 * MiB of a half of the assembly's young generation: at the 1 MiB that it begins with, much of what waits for S3 counts as old before
 * it goes, which took up to a tenth of its time; with more, as Lambda's runtime sets it by the function's memory unless
 * this does, it took a fifth more memory (`npm run bench -- assembly`); on Node 24, 1, 2 and 4 MiB take the same, 8 and 16 more. The runtime then sets no limit of the old generation
 * either; V8's own is several times what an assembly of any length needs.
 */
export const ASSEMBLE_NODE_OPTIONS = '--max-semi-space-size=4';

/** What leads the operators' command to a deployment, or to a local run's folder. */
export const COMMAND_VARIABLES = {
  region: 'CALLSPOOL_REGION',
  prefix: 'CALLSPOOL_PREFIX',
  instanceArn: 'CALLSPOOL_INSTANCE_ARN',
  callsTable: 'CALLSPOOL_CALLS_TABLE',
  checkpointsTable: 'CALLSPOOL_CHECKPOINTS_TABLE',
  transcriptsTable: LIVE_VARIABLES.transcriptsTable,
  bucket: 'CALLSPOOL_BUCKET',
  stateMachineArn: 'CALLSPOOL_STATE_MACHINE_ARN',
  local: 'CALLSPOOL_LOCAL',
  /** The zone in which people read and give times. */
  timeZone: 'CALLSPOOL_TIME_ZONE',
  /** Anything: unexpected errors show where they come from. */
  debug: 'CALLSPOOL_DEBUG',
} as const;
