/** In which language our recogniser hears a call: what it is told of the call, before its own setting, before what it finds out. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { audioMessage, endMessage, startMessage } from '../../live/sinks/messages.ts';
import { isHeard, parseSaid, type SaidUtterance } from '../../recording/transcript/said.ts';
import { RECORDING } from '../support/call.ts';
import { isRecogniserThere, RATE, samplePcm, titled } from './support.ts';

const FOLDER = join(import.meta.dirname, '../../recognisers/whisper');
const OWN_PYTHON = join(FOLDER, '.venv/bin/python');
const PYTHON = existsSync(OWN_PYTHON) ? OWN_PYTHON : 'python3';
/** The agent’s first words. */
const SECONDS = 5;

/** No model of many languages comes as a package: in place of one, what says in which language it was asked to hear. */
const MULTILINGUAL = `
import sys
from types import SimpleNamespace

sys.path.insert(0, sys.argv[1])
del sys.argv[1:]
from callspool_whisper import words

class Model:
    supported_languages = list(words._LANGUAGES)
    # As in models that were there before Cantonese was.
    hf_tokenizer = SimpleNamespace(token_to_id=lambda token: None if token == "<|yue|>" else 1)

    def __init__(self, *_, **__):
        pass

    def transcribe(self, audio, language, **_):
        text = "asked for " + (language or "none")
        fine = dict(compression_ratio=1.0, avg_logprob=-0.1, no_speech_prob=0.0, seek=0, words=[])
        segment = SimpleNamespace(text=text, start=0.0, end=len(audio) / 16_000, **fine)
        return [segment], SimpleNamespace(language=language or "fr")

words.WhisperModel = Model
words.model_path = lambda name: name
from callspool_whisper.__main__ import main

sys.exit(main())
`;

interface Heard {
  readonly utterances: readonly SaidUtterance[];
  readonly errors: string;
}

/** @param told in the call’s first message. @param setting the recogniser’s own */
async function heardBy(args: readonly string[], told?: string, setting = ''): Promise<Heard> {
  const env = { ...process.env, CALLSPOOL_RECOGNISE_LANGUAGE: setting };
  const child = spawn(PYTHON, args, { env });
  const pcm = await samplePcm();
  child.stdin.write(
    startMessage({ recording: RECORDING, sampleRate: RATE, originMs: 0, startFrame: 0 }, told),
  );
  for (let second = 0; second < SECONDS; second += 1)
    child.stdin.write(audioMessage(second * RATE, pcm.subarray(second * RATE * 4, (second + 1) * RATE * 4)));
  child.stdin.end(endMessage('ended'));
  const [out, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number]>,
  ]);
  expect(code, errors).toBe(0);
  const utterances = out
    .trim()
    .split('\n')
    .flatMap((line) => {
      const said = parseSaid(line);
      if (said === undefined) throw new Error('a line is none that is known');
      return isHeard(said) ? [] : [said];
    });
  return { utterances, errors };
}

const spoken = ({ utterances }: Heard) => new Set(utterances.map(({ language }) => language));

const isOurs = isRecogniserThere && !process.env.CALLSPOOL_RECOGNISER;

describe.skipIf(!isOurs)(titled('the language of a call'), { timeout: 120_000 }, () => {
  const multilingual = (told?: string, setting?: string) =>
    heardBy(['-c', MULTILINGUAL, FOLDER], told, setting);

  test.each([
    ['de', undefined, 'de'],
    ['de', 'en', 'de'],
    ['de-AT', 'en', 'de'],
    ['DE', '', 'de'],
    [undefined, 'en', 'en'],
    [undefined, undefined, 'fr'],
  ])('told %s, and set to %s, it is %s', async (told, setting, language) => {
    const heard = await multilingual(told, setting);
    expect(spoken(heard)).toEqual(new Set([language]));
    expect(heard.errors).toBe('');
  });

  test.each([
    ['yue', "doesn't know yue"],
    ['my secret', "Whisper doesn't know it"],
    ['', "Whisper doesn't know it"],
  ])('that isn’t known (%j) is told in a line, and its own holds', async (told, why) => {
    const heard = await multilingual(told, 'en');
    expect(spoken(heard)).toEqual(new Set(['en']));
    expect(heard.errors).toMatch(
      new RegExp(`^callspool_whisper: the call's language isn't followed: .*${why}.*\n$`),
    );
    expect(heard.errors).not.toMatch(/secret|asked/);
  });

  test('is English to a model that knows no other, which says so, and nothing of what it hears', async () => {
    const before = await heardBy([FOLDER]);
    expect(before.errors).toBe('');
    expect(before.utterances.map((one) => one.text).join()).toMatch(/morning/);
    const british = await heardBy([FOLDER], 'en-GB');
    expect(british).toEqual(before);
    const german = await heardBy([FOLDER], 'de');
    expect(german.utterances).toEqual(before.utterances);
    expect(german.errors).toBe(
      "callspool_whisper: the call's language isn't followed: the model tiny.en doesn't know de; give a multilingual one, such as base\n",
    );
  });
});
