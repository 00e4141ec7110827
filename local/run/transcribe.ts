/** Whom `--live transcribe` talks to: the stand-in of Transcribe, whose time goes as fast as the call comes. */
import { TRANSCRIBE_VARIABLES } from '../../contract/variables.ts';
import { recogniserCommand, whatIsMissing } from '../../live/sinks/recognise/own-program.ts';
import { systemClock } from '../../ports/runtime/clock.ts';
import { scaledClock } from '../../ports/runtime/scaled-clock.ts';
import { EnergyHearing } from '../standins/transcribe/hearing.ts';
import { programHearing } from '../standins/transcribe/program.ts';
import { scriptWords } from '../standins/transcribe/script.ts';
import type { TranscribeOptions } from '../standins/transcribe/server.ts';
import { type LocalCall, mediaMsUpToEach } from './call.ts';
import type { LiveSinks } from './live.ts';

export interface LocalTranscribe {
  /** Undefined: the caller's environment names another one on this machine. */
  readonly standin: TranscribeOptions | undefined;
  /** Of the sink. */
  readonly variables: Readonly<Record<string, string>>;
  /** For people: whose words are heard. */
  readonly words: string;
}

/** A call that comes at once is heard within some seconds: the recorder doesn't wait for its listeners for long. */
const UNPACED = { leastScale: 20, withinMs: 8_000 };
const SCALE_MAX = 1_000;
const LOOPBACK = /^http:\/\/(127\.0\.0\.1|localhost)(:\d+)?\/?$/;

/** @returns undefined where nobody asks for it */
export async function localTranscribe(
  { transcribe }: LiveSinks,
  call: LocalCall,
  pace: number | undefined,
  env: NodeJS.ProcessEnv,
): Promise<LocalTranscribe | undefined> {
  if (transcribe === undefined) return undefined;
  const elsewhere = env[TRANSCRIBE_VARIABLES.endpoint]?.trim() ?? '';
  if (LOOPBACK.test(elsewhere)) {
    const variables = variablesOf(Math.max(1, pace ?? 1), { [TRANSCRIBE_VARIABLES.endpoint]: elsewhere });
    return { standin: undefined, variables, words: `those of ${elsewhere}` };
  }
  const mediaMs = mediaMsUpToEach(call).at(-1) ?? 0;
  const scale = pace ?? Math.max(UNPACED.leastScale, mediaMs / UNPACED.withinMs);
  const within = Math.min(Math.max(1, scale), SCALE_MAX);
  const { hearing, words } = await hearingIn(env);
  return {
    standin: { hearing, clock: scaledClock(systemClock, within) },
    variables: variablesOf(within),
    words,
  };
}

function variablesOf(scale: number, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { ...more, [TRANSCRIBE_VARIABLES.scale]: String(scale) };
}

async function hearingIn(
  env: NodeJS.ProcessEnv,
): Promise<Pick<TranscribeOptions, 'hearing'> & { words: string }> {
  if ((await whatIsMissing(env)) === undefined) {
    const command = recogniserCommand(env);
    return {
      hearing: (sampleRate, tell) => programHearing(command, sampleRate, tell),
      words: 'those that a recogniser hears (recognisers/whisper)',
    };
  }
  const wordsOf = scriptWords();
  return {
    hearing: (sampleRate, tell) => new EnergyHearing(sampleRate, wordsOf, tell),
    words: 'those of the sample’s script, where it is loud: there is no recogniser (recognisers/whisper)',
  };
}
