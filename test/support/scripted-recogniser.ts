/**
 * A recogniser whose words are known, as a program: `node --import tsx test/support/scripted-recogniser.ts sample` says the
 * sample call's script where it is loud, `tones` what tones say (local/standins/transcribe/tones.ts).
 */
import { once } from 'node:events';
import { EnergyHearing, type HeardUtterance } from '../../local/standins/transcribe/hearing.ts';
import { scriptWords } from '../../local/standins/transcribe/script.ts';
import { tonesIn } from '../../local/standins/transcribe/tones.ts';
import { SPEAKERS } from '../../recording/transcript/segment.ts';
import { messagesIn } from './live-messages.ts';

const RATE = 8_000;
const BYTES_PER_FRAME = 4;

/** What is to be said; frames are the WAV's. */
class Saying {
  readonly lines: object[] = [];
  readonly #hearing: EnergyHearing;
  readonly #open = new Map<string, number>();
  #first = 0;
  #language = 'en';
  #given = 0;

  constructor(script: string | undefined) {
    const wordsOf = script === 'tones' ? (samples: Int16Array) => tonesIn(samples, RATE) : scriptWords();
    this.#hearing = new EnergyHearing(RATE, wordsOf, (utterance) => {
      this.#take(utterance);
    });
  }

  /** @param language that it is told the call is in */
  start(frame: number, language?: string): void {
    this.#first = frame;
    this.#language = language ?? this.#language;
  }

  give(stereo: Buffer): void {
    this.#given += stereo.length / BYTES_PER_FRAME;
    this.#hearing.give(stereo);
    // Of what somebody has just begun to say nothing is told yet.
    const heard = Math.min(...this.#open.values(), Math.max(0, this.#given - RATE));
    this.lines.push({ heard: heard + this.#first });
  }

  async end(): Promise<void> {
    await this.#hearing.end();
    this.lines.push({ heard: this.#given + this.#first });
  }

  #take({ id, channel, startFrame, endFrame, words, isFinal }: HeardUtterance): void {
    if (!isFinal) {
      this.#open.set(id, startFrame);
      return;
    }
    this.#open.delete(id);
    const placed = <T extends { readonly startFrame: number; readonly endFrame: number }>(one: T) => ({
      ...one,
      startFrame: one.startFrame + this.#first,
      endFrame: one.endFrame + this.#first,
    });
    const text = words.map((word) => word.text).join(' ');
    const span = placed({ startFrame, endFrame });
    this.lines.push({
      channel: SPEAKERS[channel],
      ...span,
      text,
      words: words.map(placed),
      model: 'script',
      language: this.#language,
    });
  }
}

const saying = new Saying(process.argv[2]);
process.stdout.write('{"heard":0}\n');
for await (const { message, audio } of messagesIn(process.stdin)) {
  if (message.kind === 'start') saying.start(message.startFrame, message.language);
  if (message.kind === 'audio') saying.give(audio);
  if (message.kind === 'end' && message.reason !== 'stopped') await saying.end();
  const text = saying.lines.splice(0).map((line) => `${JSON.stringify(line)}\n`);
  if (!process.stdout.write(text.join(''))) await once(process.stdout, 'drain');
}
