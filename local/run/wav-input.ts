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
  fmt: v.object({
    audioFormat: v.number(),
    subformat: v.array(v.number()),
    numChannels: v.number(),
    sampleRate: v.number(),
    bitsPerSample: v.pipe(v.number(), v.minValue(1)),
  }),
  data: v.object({ samples: v.instance(Uint8Array) }),
});
type Headers = v.InferOutput<typeof Headers>;

const PCM = 1;
const EXTENSIBLE = 0xfffe;
/** PCM, float, A-law, µ-law. Of the compressed encodings that wavefile knows too, it gets lengths wrong. */
const AUDIO_FORMATS: readonly number[] = [PCM, 3, 6, 7];

/**
 * Reads a WAV of one or two channels: PCM of any depth, float, A-law or µ-law. The samples are converted to 16 bit
 * where they are not; the rate is kept. A file that breaks off gives what is there.
 * @throws WavError
 */
export function readWav(bytes: Uint8Array): WavAudio {
  const wav = new wavefile.WaveFile();
  const headers = attempt(() => {
    // A Buffer's slice is a view, so that the samples aren't copied.
    wav.fromBuffer(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    return v.parse(Headers, wav);
  });
  checkFormat(headers);
  const { numChannels, sampleRate, bitsPerSample } = headers.fmt;
  const frameBytes = numChannels * Math.ceil(bitsPerSample / 8);
  const frames = Math.floor(headers.data.samples.length / frameBytes);
  if (frames === 0) throw new WavError('the WAV holds no samples; give one that does');
  const samples = attempt(() => littleEndian16Bit(wav, headers));
  return { sampleRate, channels: deinterleave(samples, numChannels, frames) };
}

function checkFormat({ fmt }: Headers): void {
  const { audioFormat, subformat, numChannels, sampleRate } = fmt;
  const known = audioFormat === EXTENSIBLE ? subformat[0] === PCM : AUDIO_FORMATS.includes(audioFormat);
  if (!known) {
    throw new WavError(`the WAV's encoding (format ${audioFormat}) is not supported; give 16-bit PCM`);
  }
  if (numChannels < 1 || numChannels > 2) {
    throw new WavError(
      `the WAV has ${numChannels} channels; give one (the customer), or two (left: customer, right: agent)`,
    );
  }
  if (sampleRate < SAMPLE_RATE_LIMITS.min || sampleRate > SAMPLE_RATE_LIMITS.max) {
    throw new WavError(`the WAV's sample rate, ${sampleRate} Hz, is out of range`);
  }
}

/**
 * The file's samples, interleaved; wavefile may add some of its own at the end. The usual encoding is taken as it
 * is: wavefile would need 16 bytes a sample.
 */
function littleEndian16Bit(wav: wavefile.WaveFile, { container, bitDepth, data }: Headers): Uint8Array {
  if (bitDepth === '16' && container !== 'RIFX') return data.samples;
  // Of compressed samples toBitDepth would take the decoded values for 8-bit ones.
  if (bitDepth === '8a') wav.fromALaw();
  else if (bitDepth === '8m') wav.fromMuLaw();
  else wav.toBitDepth('16');
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
