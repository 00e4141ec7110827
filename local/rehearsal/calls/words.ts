/** What was written down of a call, beside its WAV, held against what is said in it. */
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { LIVE_VARIABLES, TRANSCRIBE_VARIABLES } from '../../../contract/variables.ts';
import { systemClock } from '../../../ports/runtime/clock.ts';
import { scaledClock } from '../../../ports/runtime/scaled-clock.ts';
import { parseTranscript } from '../../../recording/transcript/document.ts';
import { SPEAKERS } from '../../../recording/transcript/segment.ts';
import { EnergyHearing } from '../../standins/transcribe/hearing.ts';
import { scriptWords } from '../../standins/transcribe/script.ts';
import { startTranscribe, type TranscribeStandin } from '../../standins/transcribe/server.ts';
import type { System } from '../../system/system.ts';
import { objectBytes } from './objects.ts';

/** A call comes at once here: as fast as the recorder waits for its listeners. */
const SCALE = 20;
const RATE = 8_000;
const HEADER_BYTES = 44;

/** Amazon Transcribe's stand-in, which knows the sample call's words. */
export function startWords(): Promise<TranscribeStandin> {
  const wordsOf = scriptWords();
  return startTranscribe({
    hearing: (sampleRate, tell) => new EnergyHearing(sampleRate, wordsOf, tell),
    clock: scaledClock(systemClock, SCALE),
  });
}

/** What a listener is told beside what is deployed: where the stand-in is, and how fast its time goes. */
export function wordsEnvironment(
  { url }: TranscribeStandin,
  deployed: Readonly<Record<string, string>>,
): Record<string, string> {
  if (!(deployed[LIVE_VARIABLES.sinks] ?? '').split(',').includes('transcribe')) return {};
  return { [TRANSCRIBE_VARIABLES.endpoint]: url, [TRANSCRIBE_VARIABLES.scale]: String(SCALE) };
}

const noted = v.looseObject({
  transcript: v.looseObject({ key: v.string(), untranscribed: v.number() }),
});

/** Whether the transcript beside the WAV has each word that is said, of whoever says it, and no other. */
export async function isWrittenDown({ s3, bucket }: System, record: unknown, wav: string): Promise<boolean> {
  const { success, output } = v.safeParse(noted, record);
  if (!success || output.transcript.untranscribed > 0) return false;
  const bytes = await objectBytes(s3, bucket, output.transcript.key);
  return hasAllWords(Buffer.from(bytes).toString(), wav);
}

/** @param document a transcript's. @param wav the sample call, or what is to be heard as it is */
export async function hasAllWords(document: string, wav: string): Promise<boolean> {
  const transcript = parseTranscript(document);
  const written = transcript?.segments.flatMap(({ channel, text }) => wordsOf(channel, text)) ?? [];
  return JSON.stringify(written.sort()) === JSON.stringify((await wordsIn(wav)).sort());
}

async function wordsIn(wav: string): Promise<string[]> {
  const words: string[] = [];
  const hearing = new EnergyHearing(RATE, scriptWords(), ({ channel, isFinal, words: said }) => {
    if (isFinal) words.push(...said.flatMap(({ text }) => wordsOf(SPEAKERS[channel], text)));
  });
  hearing.give(readFileSync(wav).subarray(HEADER_BYTES));
  await hearing.end();
  return words;
}

const wordsOf = (who: string, text: string) => text.split(/\s+/).map((word) => `${who} ${word}`);
