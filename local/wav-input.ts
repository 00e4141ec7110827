import * as v from 'valibot';
import wavefile from 'wavefile';

/** Audio as 16-bit samples, one array a channel, all of the same length. */
export interface WavAudio {
  readonly sampleRate: number;
  readonly channels: readonly Int16Array[];
}

/** When a file is no WAV that can be a call. `message` says why, and what to do. */
export class WavError extends Error {
  override readonly name = 'WavError';
}

const SAMPLE_RATE_LIMITS = { min: 1_000, max: 384_000 } as const;

/** What wavefile tells of a file, as far as it is of use here; its own types say "object". */
const Headers = v.object({
  container: v.string(),
  bitDepth: v.string(),
  fmt: v.object({ numChannels: v.number(), sampleRate: v.number() }),
  data: v.object({ samples: v.instance(Uint8Array) }),
});

/**
 * Reads a WAV (RIFF, RIFX, RF64) of one or two channels, in any encoding that `wavefile` knows; other depths than
 * 16 bit are converted, the rate is kept. A file that breaks off gives what is there.
 * @throws WavError
 */
export function readWav(bytes: Uint8Array): WavAudio {
  const wav = new wavefile.WaveFile();
  const { fmt } = attempt(() => {
    // A Buffer's slice is a view, so that the samples aren't copied.
    wav.fromBuffer(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    return v.parse(Headers, wav);
  });
  if (fmt.numChannels < 1 || fmt.numChannels > 2) {
    throw new WavError(
      `the WAV has ${fmt.numChannels} channels; give one (the customer), or two (left: customer, right: agent)`,
    );
  }
  if (fmt.sampleRate < SAMPLE_RATE_LIMITS.min || fmt.sampleRate > SAMPLE_RATE_LIMITS.max) {
    throw new WavError(`the WAV's sample rate, ${fmt.sampleRate} Hz, is out of range`);
  }
  const samples = attempt(() => littleEndian16Bit(wav));
  const frames = Math.floor(samples.length / 2 / fmt.numChannels);
  if (frames === 0) throw new WavError('the WAV holds no samples; give one that does');
  return { sampleRate: fmt.sampleRate, channels: deinterleave(samples, fmt.numChannels, frames) };
}

/** The file's samples, interleaved. The usual encoding is taken as it is: wavefile would need 16 bytes a sample. */
function littleEndian16Bit(wav: wavefile.WaveFile): Uint8Array {
  const { container, bitDepth, data } = v.parse(Headers, wav);
  if (bitDepth === '16' && container !== 'RIFX') return data.samples;
  wav.toBitDepth('16');
  if (container === 'RIFX') wav.toRIFF();
  return v.parse(Headers, wav).data.samples;
}

function deinterleave(samples: Uint8Array, channelCount: number, frames: number): Int16Array[] {
  const length = frames * channelCount;
  // An Int16Array must begin at an even byte.
  const aligned = samples.byteOffset % 2 === 0 ? samples : new Uint8Array(samples);
  const interleaved = new Int16Array(aligned.buffer, aligned.byteOffset, length);
  if (channelCount === 1) return [interleaved];
  const left = new Int16Array(frames);
  const right = new Int16Array(frames);
  for (let frame = 0; frame < frames; frame += 1) {
    left[frame] = interleaved[2 * frame] ?? 0;
    right[frame] = interleaved[2 * frame + 1] ?? 0;
  }
  return [left, right];
}

function attempt<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new WavError(`this is not a WAV that can be read: ${what}`, { cause: error });
  }
}
