/**
 * Contact flows, in the Amazon Connect Flow language (Amazon Connect API reference): what starts and stops the
 * recording. Built here, so that flow and module do the very same.
 */

/** What the connect function answers when the call is being recorded. */
const RECORDING_ANSWERS = ['STARTED', 'ALREADY_STARTED'] as const;
/** What may be otherwise a moment later: asked once more. */
const TRY_AGAIN_ANSWERS = ['NO_MEDIA_STREAM', 'START_FAILED'] as const;

/** A contact attribute that says how it went; a flow that runs the module can branch on it. */
const STATUS_ATTRIBUTE = 'callspool';
export const RECORDED = 'RECORDED';
export const NOT_RECORDED = 'NOT_RECORDED';

/** A flow waits for a function at most that long. */
const FUNCTION_SECONDS_MAX = '8';

export interface Action {
  readonly Identifier: string;
  readonly Type: string;
  readonly Parameters: Readonly<Record<string, unknown>>;
  readonly Transitions: {
    readonly NextAction?: string;
    readonly Errors?: readonly { readonly ErrorType: string; readonly NextAction: string }[];
    readonly Conditions?: readonly {
      readonly NextAction: string;
      readonly Condition: { readonly Operator: 'Equals'; readonly Operands: readonly string[] };
    }[];
  };
}

export interface Flow {
  readonly Version: '2019-10-30';
  readonly StartAction: string;
  readonly Metadata: Readonly<Record<string, unknown>>;
  readonly Actions: readonly Action[];
}

/** Every action here that can fail goes on with the call: it is better unrecorded than lost. */
function action(
  Identifier: string,
  Type: string,
  Parameters: Readonly<Record<string, unknown>>,
  next: string,
  onError: Readonly<Record<string, string>> = { NoMatchingError: next },
): Action {
  return {
    Identifier,
    Type,
    Parameters,
    Transitions: {
      NextAction: next,
      Errors: Object.entries(onError).map(([ErrorType, NextAction]) => ({ ErrorType, NextAction })),
      Conditions: [],
    },
  };
}

function terminal(Identifier: string, Type: string): Action {
  return { Identifier, Type, Parameters: {}, Transitions: {} };
}

function flow(Actions: readonly Action[]): Flow {
  const [first] = Actions;
  if (first === undefined) throw new Error('a flow has at least one action');
  return { Version: '2019-10-30', StartAction: first.Identifier, Metadata: {}, Actions };
}

/** Streams both ways: what the customer says, and what the customer hears. */
function mediaStreaming(
  Identifier: string,
  state: 'Enabled' | 'Disabled',
  next: string,
  onError = next,
): Action {
  return action(
    Identifier,
    'UpdateContactMediaStreamingBehavior',
    {
      MediaStreamingState: state,
      MediaStreamType: 'Audio',
      Participants: [{ ParticipantType: 'Customer', MediaDirections: ['From', 'To'] }],
    },
    next,
    { NoMatchingError: onError },
  );
}

function invoke(Identifier: string, functionArn: string, next: string, onError: string): Action {
  return action(
    Identifier,
    'InvokeLambdaFunction',
    {
      LambdaFunctionARN: functionArn,
      InvocationTimeLimitSeconds: FUNCTION_SECONDS_MAX,
      InvocationType: 'SYNCHRONOUS',
      ResponseValidation: { ResponseType: 'STRING_MAP' },
    },
    next,
    { NoMatchingError: onError },
  );
}

function branch(Identifier: string, branches: Readonly<Record<string, string>>, otherwise: string): Action {
  return {
    Identifier,
    Type: 'Compare',
    Parameters: { ComparisonValue: '$.External.status' },
    Transitions: {
      NextAction: otherwise,
      Errors: [{ ErrorType: 'NoMatchingCondition', NextAction: otherwise }],
      Conditions: Object.entries(branches).map(([answer, NextAction]) => ({
        NextAction,
        Condition: { Operator: 'Equals', Operands: [answer] },
      })),
    },
  };
}

const toEach = (answers: readonly string[], next: string) =>
  Object.fromEntries(answers.map((answer) => [answer, next]));

function note(Identifier: string, value: string, next: string): Action {
  return action(
    Identifier,
    'UpdateContactAttributes',
    { Attributes: { [STATUS_ATTRIBUTE]: value }, TargetContact: 'Current' },
    next,
  );
}

/** Streaming on → function → its answer → once more where that may help → the call goes on. */
function startRecording(functionArn: string, recorded: string, notRecorded: string): Action[] {
  return [
    mediaStreaming('Start media streaming', 'Enabled', 'Start recording', 'Note not recorded'),
    invoke('Start recording', functionArn, 'Is it recorded?', 'Start recording again'),
    branch(
      'Is it recorded?',
      {
        ...toEach(RECORDING_ANSWERS, 'Note recorded'),
        ...toEach(TRY_AGAIN_ANSWERS, 'Start recording again'),
      },
      'Note not recorded',
    ),
    invoke('Start recording again', functionArn, 'Is it recorded now?', 'Note not recorded'),
    branch('Is it recorded now?', toEach(RECORDING_ANSWERS, 'Note recorded'), 'Note not recorded'),
    note('Note recorded', RECORDED, recorded),
    note('Note not recorded', NOT_RECORDED, notRecorded),
  ];
}

export interface RecordingFlowOptions {
  readonly functionArn: string;
  readonly queueArn: string;
  /** The ARN of {@link stopFlow}, which runs when the agent has left. */
  readonly stopFlowArn: string;
  /** What callers hear once the recording runs; empty: nothing. */
  readonly announcement: string;
}

/** A whole call: records, transfers to a queue, and stops streaming when it is over. */
export function recordingFlow(options: RecordingFlowOptions): Flow {
  const { announcement, functionArn, queueArn, stopFlowArn } = options;
  const goOn = 'Choose the queue';
  const hangUp = 'Stop media streaming';
  return flow([
    action(
      'Log the flow',
      'UpdateFlowLoggingBehavior',
      { FlowLoggingBehavior: 'Enabled' },
      'Stop streaming at the end',
      {},
    ),
    action(
      'Stop streaming at the end',
      'UpdateContactEventHooks',
      { EventHooks: { CustomerRemaining: stopFlowArn } },
      'Start media streaming',
    ),
    ...startRecording(functionArn, announcement === '' ? goOn : 'Announce', goOn),
    ...(announcement === '' ? [] : [action('Announce', 'MessageParticipant', { Text: announcement }, goOn)]),
    action(goOn, 'UpdateContactTargetQueue', { QueueId: queueArn }, 'Transfer to the queue', {
      NoMatchingError: hangUp,
    }),
    action('Transfer to the queue', 'TransferContactToQueue', {}, hangUp, {
      QueueAtCapacity: hangUp,
      NoMatchingError: hangUp,
    }),
    ...stop(),
  ]);
}

/** Runs when the agent has left and the customer is still there. */
export function stopFlow(): Flow {
  return flow(stop());
}

function stop(): Action[] {
  return [
    mediaStreaming('Stop media streaming', 'Disabled', 'Hang up'),
    terminal('Hang up', 'DisconnectParticipant'),
  ];
}

/** A module for flows that are there already: it is put where the recording should begin. */
export function recordingModule(functionArn: string): Flow {
  return flow([
    ...startRecording(functionArn, 'Return', 'Return'),
    terminal('Return', 'EndFlowModuleExecution'),
  ]);
}
