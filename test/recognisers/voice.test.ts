/**
 * Our recogniser on a person's voice at 8 kHz: prompts of Debian's `asterisk-core-sounds-en-wav` (Allison Smith, CC BY-SA 3.0),
 * whose texts come with them. `.ci/run` has them in recognisers/whisper/.voice.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readWav } from '../../local/run/wav-input.ts';
import { loudRuns } from '../../local/standins/transcribe/hearing.ts';
import { MASK } from '../../recording/transcript/masking/marks.ts';
import { type Segment, SPEAKERS } from '../../recording/transcript/segment.ts';
import { heard, isRecogniserThere, RATE, titled } from './support.ts';
import { wordErrorRate } from './word-errors.ts';

const VOICE = join(import.meta.dirname, '../../recognisers/whisper/.voice/usr/share');
const PROMPTS = [
  'demo-congrats',
  'tt-allbusy',
  'demo-abouttotry',
  'queue-periodic-announce',
  'demo-echotest',
  'demo-nogo',
  'tt-weasels',
  'demo-thanks',
] as const;
const isVoiceThere = existsSync(VOICE);
const what = isVoiceThere
  ? titled('the recogniser on a person’s voice')
  : 'the recogniser on a person’s voice (skipped: no recognisers/whisper/.voice; .ci/run fetches it)';
const PAUSE_SECONDS = 1.5;
/** Whoever speaks pauses for less. */
const BREATH_MS = 300;
const TOLERANCE_MS = 300;

interface Prompt {
  readonly channel: 0 | 1;
  readonly text: string;
  readonly startFrame: number;
  readonly samples: Int16Array;
}

/** They take turns. */
async function prompts(): Promise<Prompt[]> {
  const texts = gunzipSync(await readFile(join(VOICE, 'doc/asterisk-core-sounds-en/core-sounds-en.txt.gz')));
  let startFrame = RATE;
  const turns: Prompt[] = [];
  for (const [index, name] of PROMPTS.entries()) {
    const file = join(VOICE, 'asterisk/sounds/en_US_f_Allison', `${name}.wav`);
    const { channels, sampleRate } = readWav(await readFile(file));
    const text = new RegExp(`^${name}: (.*)$`, 'm').exec(texts.toString())?.[1] ?? '';
    expect([sampleRate, text]).toEqual([RATE, expect.stringMatching(/\w/)]);
    const samples = channels[0] ?? new Int16Array();
    turns.push({ channel: index % 2 === 0 ? 0 : 1, text, startFrame, samples });
    startFrame += samples.length + PAUSE_SECONDS * RATE;
  }
  return turns;
}

function stereoOf(turns: readonly Prompt[]): Uint8Array {
  const last = turns.at(-1);
  const frames = last ? last.startFrame + last.samples.length + 2 * RATE : 0;
  const view = new DataView(new ArrayBuffer(frames * 4));
  for (const { channel, startFrame, samples } of turns)
    for (const [index, sample] of samples.entries())
      view.setInt16((startFrame + index) * 4 + channel * 2, sample, true);
  return new Uint8Array(view.buffer);
}

/** Where somebody speaks, ms. */
function spokenIn({ samples, startFrame }: Prompt): { readonly from: number; readonly to: number }[] {
  const ms = (frame: number) => ((startFrame + frame) * 1000) / RATE;
  return loudRuns(samples, RATE, BREATH_MS).map(([from, to]) => ({ from: ms(from), to: ms(to) }));
}

describe.skipIf(!isRecogniserThere || !isVoiceThere)(what, { timeout: 300_000 }, () => {
  test('is right in nearly every word, and places each where it is said', async () => {
    const turns = await prompts();
    const segments = await heard(stereoOf(turns));
    const ofTurn = (turn: Prompt): Segment[] => {
      const [from, to] = [turn.startFrame, turn.startFrame + turn.samples.length].map(
        (at) => (at * 1000) / RATE,
      );
      return segments.filter(({ channel, startMs, endMs }) => {
        const middle = (startMs + endMs) / 2;
        return channel === SPEAKERS[turn.channel] && (from ?? 0) <= middle && middle <= (to ?? 0);
      });
    };
    // Nothing is said of the other side, or in a pause.
    expect(turns.flatMap(ofTurn)).toHaveLength(segments.length);
    const said = turns.map((turn) =>
      ofTurn(turn)
        .map(({ text }) => text)
        .join(' '),
    );
    const rate = wordErrorRate(said.join(' '), turns.map(({ text }) => text).join(' '));
    expect(rate, said.join('\n')).toBeLessThan(0.1);
    for (const turn of turns) {
      const spoken = spokenIn(turn);
      const words = ofTurn(turn).flatMap((segment) => segment.words);
      expect(Math.abs((words[0]?.startMs ?? 0) - (spoken[0]?.from ?? 0)), turn.text).toBeLessThan(
        TOLERANCE_MS,
      );
      expect(Math.abs((words.at(-1)?.endMs ?? 0) - (spoken.at(-1)?.to ?? 0)), turn.text).toBeLessThan(
        TOLERANCE_MS,
      );
      for (const { startMs, endMs, text } of words) {
        const middle = (startMs + endMs) / 2;
        const apart = spoken.map(({ from, to }) => Math.max(from - middle, middle - to, 0));
        expect(Math.min(...apart), `${text} at ${startMs} ms`).toBeLessThan(TOLERANCE_MS);
      }
    }
  });

  test('hears a digit that is said again and again, and masks a card number that is said in four groups', async () => {
    const soundOf = async (name: string) => {
      const file = join(VOICE, 'asterisk/sounds/en_US_f_Allison', `${name}.wav`);
      return readWav(await readFile(file)).channels[0] ?? new Int16Array();
    };
    const silence = (seconds: number) => new Int16Array(seconds * RATE);
    const parts: Int16Array[] = [silence(1)];
    for (const group of ['4012', '8888', '8888', '1881']) {
      for (const digit of group) parts.push(await soundOf(`digits/${digit}`), silence(0.05));
      // Each group is an utterance of its own.
      parts.push(silence(1.4));
    }
    parts.push(await soundOf('demo-thanks'), silence(1));
    const samples = parts.flatMap((part) => [...part]);
    const turn: Prompt = { channel: 0, text: '', startFrame: 0, samples: Int16Array.from(samples) };

    const said = (await heard(stereoOf([turn]))).map(({ text }) => text);
    expect(said.slice(0, 4)).toEqual(Array(4).fill(MASK));
    expect(said.slice(4).join(' ')).toMatch(/^Goodbye/);
  });
});
