/** Draws both sides over time, as one picture that needs no script: waveforms, gaps, losses, interruptions, tape objects. */
import { type Gap, type Loss, type Track, TRACKS } from '../../recording/call-record.ts';
import { count } from '../terminal/terminal.ts';
import { Html, html } from './html.ts';
import type { Lane, Peaks } from './peaks.ts';
import type { Interruption, TapeMark } from './tape-facts.ts';
import { length, place, ticks } from './times.ts';

export const SIDES: Readonly<Record<Track, string>> = {
  AUDIO_FROM_CUSTOMER: 'Customer',
  AUDIO_TO_CUSTOMER: 'Agent',
};

export interface Marks {
  readonly durationMs: number;
  readonly gaps: readonly Gap[];
  readonly losses: readonly Loss[];
  readonly interruptions: readonly Interruption[];
  readonly tape: readonly TapeMark[];
}

/** Heights and places, in px; widths are per cent. */
const FLAGS = 16;
const LANE = 92;
const LANE_GAP = 10;
const TAPE = 8;
export const AXIS = 22;
const LANES_TOP = FLAGS + 4;
const TAPE_TOP = LANES_TOP + 2 * LANE + LANE_GAP + 8;
export const HEIGHT = TAPE_TOP + TAPE + AXIS;

/** A page with more marks of a kind would be slow, and show no more. */
const MARKS_MAX = 1_000;
/** A short gap in a long call could not be seen with less. */
const WIDTH_MIN_PERCENT = 0.12;
/** A call that is quiet throughout still shows its shape. */
const GAIN_MAX = 6;
const FULL_SCALE = 128;

export function waveform(peaks: Peaks, marks: Marks): Html {
  const scale = scaleOf(peaks);
  return html`<svg
    class="wave"
    width="100%"
    height="${HEIGHT}"
    role="img"
    aria-labelledby="wave-title wave-text"
    xmlns="http://www.w3.org/2000/svg"
  >
    <title id="wave-title">Waveforms of both sides</title>
    <desc id="wave-text">${description(marks)}</desc>
    <defs>
      <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect class="hatch-ground" width="6" height="6" />
        <line class="hatch-line" x1="0" y1="0" x2="0" y2="6" />
      </pattern>
    </defs>
    ${ticks(marks.durationMs).map((ms, index) => tick(ms, marks.durationMs, index))}
    ${TRACKS.map((track, channel) => lane(track, channel, peaks, scale, marks))}
    ${marks.losses.slice(0, MARKS_MAX).map((loss) => lossMark(loss, marks.durationMs))}
    ${marks.interruptions.slice(0, MARKS_MAX).map((one) => interruptionMark(one, marks.durationMs))}
    ${tapeStrip(marks)}
  </svg>`;
}

function description({ durationMs, gaps, losses, interruptions }: Marks): string {
  const counts = [count(gaps.length, 'gap'), count(losses.length, 'loss', 'losses')];
  if (interruptions.length > 0) counts.push(count(interruptions.length, 'interruption'));
  return `${length(durationMs)} of audio; ${counts.join(', ')}. The tables below list them.`;
}

/** One scale serves both sides, so that loudness can be compared. */
function scaleOf({ lanes }: Peaks): number {
  let highest = 1;
  for (const { min, max } of lanes) {
    for (const value of max) highest = Math.max(highest, value);
    for (const value of min) highest = Math.max(highest, -value);
  }
  return Math.min(GAIN_MAX, FULL_SCALE / highest);
}

function lane(track: Track, channel: number, peaks: Peaks, scale: number, marks: Marks): Html {
  const top = LANES_TOP + channel * (LANE + LANE_GAP);
  const side = SIDES[track];
  const own = marks.gaps.filter((gap) => gap.track === track).slice(0, MARKS_MAX);
  const shape = peaks.lanes[channel];
  return html`<g class="lane ${side.toLowerCase()}">
    <rect class="ground" x="0" y="${top}" width="100%" height="${LANE}" rx="4" />
    ${own.map(({ startMs, lengthMs }) => {
      const at = span(startMs, lengthMs, marks.durationMs);
      const title = `${side}: no audio from ${place(startMs)} for ${length(lengthMs)}`;
      return html`<rect class="gap" ${at} y="${top}" height="${LANE}"><title>${title}</title></rect>`;
    })}
    ${shape && waveShape(shape, top, scale)}
    <text class="side" x="8" y="${top + 16}">${side}</text>
  </g>`;
}

/** One outline: the highest samples from left to right, then the lowest back again. */
function waveShape({ min, max }: Lane, top: number, scale: number): Html {
  const y = (value: number) => Math.round(-value * scale);
  const points: string[] = [];
  for (const [x, value] of max.entries()) points.push(`${x} ${y(value)}`);
  for (let x = min.length - 1; x >= 0; x -= 1) points.push(`${x} ${y(min[x] ?? 0)}`);
  const viewBox = `0 ${-FULL_SCALE} ${Math.max(1, max.length - 1)} ${2 * FULL_SCALE}`;
  return html`<svg
    x="0"
    y="${top}"
    width="100%"
    height="${LANE}"
    viewBox="${viewBox}"
    preserveAspectRatio="none"
  >
    <path class="shape" vector-effect="non-scaling-stroke" d="M${points.join('L')}Z" />
  </svg>`;
}

function lossMark(loss: Loss, durationMs: number): Html | undefined {
  if (loss.startMs === undefined) return undefined;
  const at = span(loss.startMs, loss.lengthMs ?? 0, durationMs);
  const height = 2 * LANE + LANE_GAP;
  const title = `Lost at ${place(loss.startMs)}${loss.lengthMs ? `, ${length(loss.lengthMs)}` : ''}: ${loss.why}`;
  return html`<g class="loss">
    <title>${title}</title>
    <rect ${at} y="${LANES_TOP}" height="${height}" />
    <svg x="${percent(loss.startMs, durationMs)}" y="2" overflow="visible">
      <path d="M-5 0H5L0 ${FLAGS - 2}Z" />
    </svg>
  </g>`;
}

function interruptionMark({ atMs, why }: Interruption, durationMs: number): Html {
  const x = percent(atMs, durationMs);
  return html`<g class="interruption">
    <title>${place(atMs)}: ${why}</title>
    <line x1="${x}" x2="${x}" y1="${FLAGS}" y2="${TAPE_TOP + TAPE}" />
    <svg x="${x}" y="2" overflow="visible"><circle cx="0" cy="${FLAGS / 2 - 1}" r="5" /></svg>
  </g>`;
}

/** Tape objects side by side, in two shades. */
function tapeStrip({ tape, durationMs }: Marks): Html {
  const shown = tape.slice(0, MARKS_MAX).flatMap(({ startMs, endMs, fragments }, index) => {
    if (startMs === undefined || endMs === undefined) return [];
    const title = `Tape object ${index + 1}: ${place(startMs)} to ${place(endMs)}, ${count(fragments, 'fragment')}`;
    return [
      html`<rect
        class="${index % 2 === 0 ? 'even' : 'odd'}"
        ${span(startMs, endMs - startMs, durationMs)}
        y="${TAPE_TOP}"
        height="${TAPE}"
        ><title>${title}</title></rect
      >`,
    ];
  });
  return html`<g class="tape">${shown}</g>`;
}

function tick(ms: number, durationMs: number, index: number): Html {
  const x = percent(ms, durationMs);
  const anchor = index === 0 ? 'start' : 'middle';
  return html`<g class="tick${index % 2 === 1 ? ' minor' : ''}">
    <line x1="${x}" x2="${x}" y1="${LANES_TOP}" y2="${TAPE_TOP + TAPE}" />
    <text x="${x}" y="${HEIGHT - 5}" text-anchor="${anchor}">${place(ms).replace(/\.0$/, '')}</text>
  </g>`;
}

function span(startMs: number, lengthMs: number, durationMs: number): Html {
  const from = Math.min(Math.max(0, startMs), durationMs);
  const width = Math.min(lengthMs, durationMs - from) / durationMs;
  const percentage = Math.max(WIDTH_MIN_PERCENT, 100 * width).toFixed(3);
  return html`x="${percent(from, durationMs)}" width="${percentage}%"`;
}

function percent(ms: number, durationMs: number): string {
  return `${((100 * Math.min(Math.max(0, ms), durationMs)) / durationMs).toFixed(3)}%`;
}
