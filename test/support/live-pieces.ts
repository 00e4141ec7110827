/** Puts the pieces of a recording together, as whoever reads them from S3 does. */
import { readWav } from '../../local/run/wav-input.ts';
import type { MemoryLiveObjects } from '../../ports/live-objects/memory-live-objects.ts';
import type { Recording } from '../../recording/identity.ts';
import { livePrefix } from '../../recording/tape/live-keys.ts';
import { Heard } from './heard.ts';

export function assembledPieces({ objects }: Pick<MemoryLiveObjects, 'objects'>, recording: Recording) {
  const heard = new Heard();
  const prefix = livePrefix(recording);
  const gaps: string[] = [];
  let late = 0;
  const names = [...objects.keys()].map((key) => key.slice(prefix.length)).sort();
  const bytesOf = (name: string) => Buffer.from(objects.get(prefix + name)?.bytes ?? []);
  for (const name of names) {
    const [, frame] = /^(\d{12})\.wav$/.exec(name) ?? [];
    if (frame === undefined) continue;
    heard.audio(Number(frame), stereoOf(bytesOf(name)));
    gaps.push(objects.get(prefix + name)?.metadata?.gaps ?? '');
  }
  for (const name of names) {
    const [, frame, side] = /^(\d{12})-(customer|agent)-late\.wav$/.exec(name) ?? [];
    if (frame === undefined) continue;
    const [samples] = readWav(bytesOf(name)).channels;
    heard.replace(side === 'customer' ? 0 : 1, Number(frame), samples ?? new Int16Array());
    late += samples?.length ?? 0;
  }
  return { heard, late, gaps: gaps.join(' ') };
}

function stereoOf(wav: Buffer): Uint8Array {
  const [left, right] = readWav(wav).channels;
  const stereo = new Int16Array(2 * (left?.length ?? 0));
  for (let frame = 0; frame < stereo.length / 2; frame += 1) {
    stereo[2 * frame] = left?.[frame] ?? 0;
    stereo[2 * frame + 1] = right?.[frame] ?? 0;
  }
  return new Uint8Array(stereo.buffer);
}
