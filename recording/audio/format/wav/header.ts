/** A WAV's header. Canonical, of 44 bytes; RF64 (EBU Tech 3306), of 80, where RIFF's 32 bits end. Samples are S16LE. */
import { BYTES_PER_SAMPLE } from '../../pcm.ts';
import { CHANNELS } from '../../stereo-window.ts';

const UINT32_MAX = 0xffff_ffff;
const FMT_PCM = 1;
const RIFF_HEADER_BYTES = 44;
const RF64_HEADER_BYTES = 80;
/** No header that {@link wavHeader} makes is longer. */
export const WAV_HEADER_BYTES_MAX = RF64_HEADER_BYTES;
const DS64_BYTES = 28;

/** @param frames in the data chunk. @returns the bytes that go before them. */
export function wavHeader(sampleRate: number, frames: number, channels: 1 | 2 = CHANNELS): Uint8Array {
  const dataBytes = frames * channels * BYTES_PER_SAMPLE;
  return dataBytes + RIFF_HEADER_BYTES - 8 <= UINT32_MAX
    ? riffHeader(sampleRate, channels, dataBytes)
    : rf64Header(sampleRate, channels, dataBytes, frames);
}

function riffHeader(sampleRate: number, channels: number, dataBytes: number): Uint8Array {
  const out = new HeaderWriter(RIFF_HEADER_BYTES);
  out
    .fourCc('RIFF')
    .uint32(dataBytes + RIFF_HEADER_BYTES - 8)
    .fourCc('WAVE');
  writeFmt(out, sampleRate, channels).fourCc('data').uint32(dataBytes);
  return out.bytes;
}

function rf64Header(sampleRate: number, channels: number, dataBytes: number, frames: number): Uint8Array {
  const out = new HeaderWriter(RF64_HEADER_BYTES);
  out.fourCc('RF64').uint32(UINT32_MAX).fourCc('WAVE');
  out.fourCc('ds64').uint32(DS64_BYTES);
  out
    .uint64(dataBytes + RF64_HEADER_BYTES - 8)
    .uint64(dataBytes)
    .uint64(frames)
    .uint32(0);
  writeFmt(out, sampleRate, channels).fourCc('data').uint32(UINT32_MAX);
  return out.bytes;
}

function writeFmt(out: HeaderWriter, sampleRate: number, channels: number): HeaderWriter {
  const frameBytes = channels * BYTES_PER_SAMPLE;
  out.fourCc('fmt ').uint32(16).uint16(FMT_PCM).uint16(channels);
  out.uint32(sampleRate).uint32(sampleRate * frameBytes);
  return out.uint16(frameBytes).uint16(BYTES_PER_SAMPLE * 8);
}

/** Little-endian, as all of RIFF. */
class HeaderWriter {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.#view = new DataView(this.bytes.buffer);
  }

  fourCc(text: string): this {
    for (const letter of text) this.#view.setUint8(this.#at++, letter.charCodeAt(0));
    return this;
  }

  uint16(value: number): this {
    this.#view.setUint16(this.#at, value, true);
    this.#at += 2;
    return this;
  }

  uint32(value: number): this {
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
    return this;
  }

  uint64(value: number): this {
    this.#view.setBigUint64(this.#at, BigInt(value), true);
    this.#at += 8;
    return this;
  }
}
