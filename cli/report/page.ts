/**
 * The report: one page about one call, with nothing to load. A pure function of what it is given. Whatever comes
 * from outside (a contact's attributes, say) is escaped, and a policy keeps any script but the page's own from running.
 */
import { createHash } from 'node:crypto';
import type { CallRecord, Gap } from '../../recording/call-record.ts';
import type { Transcript } from '../../recording/transcript/document.ts';
import { type TimeZone, UTC } from '../terminal/time-zone.ts';
import { gapTable, interruptionTable, lossTable, tapeTable } from './fact-tables.ts';
import { factSections } from './facts.ts';
import { Html, html } from './html.ts';
import type { Peaks } from './peaks.ts';
import { PLAYER_SCRIPT } from './player-script.ts';
import { STYLE } from './style.ts';
import type { TapeFacts } from './tape-facts.ts';
import { length, moment } from './times.ts';
import { AXIS, HEIGHT, type Marks, waveform } from './waveform.ts';
import { wordsSection } from './words.ts';

/** The place where the page finds the audio. */
export type PageAudio =
  | { readonly kind: 'embedded'; readonly wav: Uint8Array }
  /** The audio is a file beside the page. */
  | { readonly kind: 'file'; readonly name: string }
  | { readonly kind: 'link'; readonly url: string; readonly expiresAt: string };

export interface ReportContent {
  readonly record: CallRecord;
  /** All of them; the record may hold the first ones alone. */
  readonly gaps: readonly Gap[];
  /** Undefined where there is no audio. */
  readonly peaks?: Peaks;
  /** Undefined where the tape could not be read, or is not there any more. */
  readonly tape?: TapeFacts;
  readonly audio?: PageAudio;
  /** What was said; undefined where nothing was written down. */
  readonly words?: Transcript;
  /** The times on the page are this zone's, or UTC's. */
  readonly zone?: TimeZone;
}

/** The policy names their digests: not a space may be added. */
const STYLE_ELEMENT = new Html(`<style>${STYLE}</style>`);
const SCRIPT_ELEMENT = new Html(`<script>${PLAYER_SCRIPT}</script>`);

export function renderReport(content: ReportContent): string {
  const { record, gaps, tape, zone = UTC } = content;
  const losses = tape?.losses ?? record.losses ?? [];
  const { text } = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policyOf(content.audio)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <meta name="robots" content="noindex" />
        <title>Call of ${moment(record.startedAt, zone)}: ${record.status}</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        ${head(record, zone)}
        <main>
          ${player(content)} ${wordsSection(content.words)} ${lossTable(losses, record.lossCount)}
          ${factSections(record, tape, zone)} ${interruptionTable(tape?.interruptions ?? [])}
          ${gapTable(gaps, Math.max(gaps.length, record.media?.gapCount ?? 0))}
          ${tapeTable(tape?.objects ?? [])}
        </main>
        <footer><p class="quiet">Made by callspool from the call’s record, its WAV and its tape.</p></footer>
        ${SCRIPT_ELEMENT}
      </body>
    </html>`;
  return `${text}\n`;
}

/** Nothing is loaded but the audio; nothing runs but the page's own script. */
function policyOf(audio: PageAudio | undefined): string {
  return [
    "default-src 'none'",
    `script-src '${digestOf(PLAYER_SCRIPT)}'`,
    `style-src '${digestOf(STYLE)}'`,
    `media-src blob: ${mediaSource(audio)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function mediaSource(audio: PageAudio | undefined): string {
  if (audio?.kind === 'link') return new URL(audio.url).origin;
  return audio?.kind === 'file' ? "'self' file:" : 'data:';
}

function digestOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function head(record: CallRecord, zone: TimeZone): Html {
  const { status, startedAt, customerNumber, queue, durationMs, why, contactId } = record;
  const who = [customerNumber, queue?.name, durationMs === undefined ? undefined : length(durationMs)];
  return html`<header>
    <div class="head">
      <div>
        <h1>Call of ${moment(startedAt, zone)}</h1>
        <p class="quiet">
          ${who.filter((part) => part !== undefined).join(' · ')}${who.some(Boolean) ? ' · ' : ''}<code
            >${contactId}</code
          >
        </p>
      </div>
      <span class="badge ${status}">${status}</span>
    </div>
    ${why === undefined ? undefined : html`<p class="notice ${status}" role="note">${why}</p>`}
  </header>`;
}

function player({ record, gaps, peaks, tape, audio, zone = UTC }: ReportContent): Html {
  if (!peaks || peaks.frames === 0) {
    return html`<section class="card player">
      <p class="quiet">There is no audio of this call${record.status === 'RECORDING' ? ' yet' : ''}.</p>
    </section>`;
  }
  const durationMs = (peaks.frames * 1000) / peaks.sampleRate;
  const marks: Marks = {
    durationMs,
    gaps,
    losses: tape?.losses ?? record.losses ?? [],
    interruptions: tape?.interruptions ?? [],
    tape: tape?.objects ?? [],
  };
  const seconds = (durationMs / 1000).toFixed(3);
  return html`<section class="card player" aria-label="Player">
    ${audio && controls(audio, zone)}
    <figure class="figure" data-duration="${seconds}">
      ${waveform(peaks, marks)}
      <div class="cursor" hidden>
        <svg width="100%" height="100%" aria-hidden="true">
          <svg class="now" x="0" overflow="visible">
            <line x1="0" x2="0" y1="16" y2="${HEIGHT - AXIS}" />
            <path d="M-5 10H5L0 18Z" />
          </svg>
        </svg>
      </div>
      <input
        class="seek"
        type="range"
        min="0"
        max="${seconds}"
        step="any"
        value="0"
        aria-label="Place in the call"
        hidden
      />
    </figure>
    ${legend(marks)} ${audio && keys()}
  </section>`;
}

function controls(audio: PageAudio, zone: TimeZone): Html {
  return html`<audio controls preload="metadata" src="${sourceOf(audio)}"></audio>
    <div class="toolbar" hidden>
      <button type="button" class="play">Play</button>
      <span class="time"></span>
      <button type="button" class="side-button customer" data-side="customer" aria-pressed="true">
        Customer
      </button>
      <button type="button" class="side-button agent" data-side="agent" aria-pressed="true">Agent</button>
      <span class="spring"></span>
      <label
        >Speed
        <select class="rate">
          <option value="0.75">0.75×</option>
          <option value="1" selected>1×</option>
          <option value="1.25">1.25×</option>
          <option value="1.5">1.5×</option>
          <option value="2">2×</option>
        </select></label
      >
    </div>
    <p class="audio-error notice FAILED" role="alert" hidden></p>
    ${audio.kind === 'embedded' ? undefined : fileNote(audio, zone)}`;
}

function fileNote(audio: Exclude<PageAudio, { kind: 'embedded' }>, zone: TimeZone): Html {
  const where =
    audio.kind === 'file'
      ? html`The audio is the file <code>${audio.name}</code> beside this page.`
      : html`The audio is behind a link that is valid until ${moment(audio.expiresAt, zone)}.`;
  return html`<p class="quiet">${where}</p>
    <p class="quiet files" hidden>
      <label
        >To hear one side alone, open the WAV from your disk: <input type="file" accept=".wav,audio/wav"
      /></label>
    </p>`;
}

function sourceOf(audio: PageAudio): string {
  switch (audio.kind) {
    case 'embedded':
      return `data:audio/wav;base64,${Buffer.from(audio.wav).toString('base64')}`;
    case 'file':
      return encodeURIComponent(audio.name);
    case 'link':
      return audio.url;
  }
}

function legend({ gaps, losses, interruptions, tape }: Marks): Html {
  const sample = (mark: Html, text: string) =>
    html`<li><svg width="18" height="12" aria-hidden="true">${mark}</svg>${text}</li>`;
  return html`<ul class="legend">
    ${gaps.length > 0 ? sample(html`<rect class="gap" width="18" height="12" />`, 'no audio came (silence)') : undefined}
    ${
      losses.length > 0
        ? sample(html`<g class="loss"><rect width="18" height="12" /><path d="M4 1H14L9 9Z" /></g>`, 'lost')
        : undefined
    }
    ${
      interruptions.length > 0
        ? sample(
            html`<g class="interruption"><circle cx="9" cy="6" r="5" /></g>`,
            'reading interrupted, and gone on with',
          )
        : undefined
    }
    ${
      tape.length > 0
        ? sample(
            html`<g class="tape"
              ><rect class="even" y="3" width="9" height="7" /><rect
                class="odd"
                x="9"
                y="3"
                width="9"
                height="7"
            /></g>`,
            'tape objects',
          )
        : undefined
    }
  </ul>`;
}

function keys(): Html {
  const key = (name: string, what: string) => html`<li><kbd>${name}</kbd> ${what}</li>`;
  return html`<details class="keys-box" hidden>
    <summary class="quiet">Keys</summary>
    <ul class="keys">
      ${key('Space', 'play, pause')} ${key('← →', '5 s')} ${key('Shift ← →', '1 s')}
      ${key('Home End', 'start, end')} ${key('1', 'customer on, off')} ${key('2', 'agent on, off')}
      ${key('N', 'next gap, loss or interruption')} ${key('P', 'the one before')}
    </ul>
  </details>`;
}
