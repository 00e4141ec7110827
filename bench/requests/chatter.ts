/**
 * A recogniser that understands nothing: of what it is given it says as many utterances a minute, of as many words, as its two arguments
 * say, by one side and the other in turn. What rows cost goes by how many there are, and how long; not by what they say.
 */
import * as v from 'valibot';

const Message = v.variant('kind', [
  v.object({ kind: v.literal('start'), sampleRate: v.number(), startFrame: v.number() }),
  v.object({ kind: v.literal('audio'), startFrame: v.number(), frames: v.number() }),
  v.object({ kind: v.literal('late'), frames: v.number() }),
  v.object({ kind: v.literal('gap') }),
  v.object({ kind: v.literal('end') }),
]);
type Message = v.InferOutput<typeof Message>;

const WIDTHS = { audio: 4, late: 2 } as const;
const CHANNELS = ['CUSTOMER', 'AGENT'] as const;
/** Five letters, as English words have on average. */
const WORD = 'words';
const CONFIDENCE = 0.987;

const [perMinute = NaN, wordsEach = NaN] = process.argv.slice(2).map(Number);
let sampleRate = 0;
let said = 0;
let late = 0;

const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

/** All that is to be said up to a frame. */
function sayUpTo(frame: number): void {
  const step = Math.round((60 * sampleRate) / perMinute);
  for (; (said + 1) * step <= frame; said += 1) {
    const word = Math.floor(step / wordsEach);
    const words = Array.from({ length: wordsEach }, (_, index) => {
      const startFrame = said * step + index * word;
      return { text: WORD, startFrame, endFrame: startFrame + word, confidence: CONFIDENCE };
    });
    const [channel] = said % 2 === 0 ? CHANNELS : CHANNELS.slice(1);
    const text = words.map((one) => one.text).join(' ');
    const span = { startFrame: said * step, endFrame: said * step + wordsEach * word };
    say({ channel, ...span, text, words, language: 'en', model: 'tiny.en' });
  }
  say({ heard: frame, late });
}

function take(message: Message): void {
  if (message.kind === 'start') ({ sampleRate } = message);
  if (message.kind === 'audio') sayUpTo(message.startFrame + message.frames);
  if (message.kind === 'late') late += 1;
}

say({ heard: 0 });
let bytes: Buffer = Buffer.alloc(0);
for await (const chunk of process.stdin) {
  bytes = Buffer.concat([bytes, chunk as Buffer]);
  for (;;) {
    const newline = bytes.indexOf(0x0a);
    if (newline < 0) break;
    const message = v.parse(Message, JSON.parse(bytes.subarray(0, newline).toString()));
    const length = 'frames' in message ? message.frames * WIDTHS[message.kind] : 0;
    if (bytes.length < newline + 1 + length) break;
    bytes = bytes.subarray(newline + 1 + length);
    take(message);
  }
}
