/** What was said, in the page: a line a segment, whose words the script makes places to go to. */
import type { Transcript } from '../../recording/transcript/document.ts';
import { shiftMsOf } from '../../recording/transcript/document.ts';
import { tokensOf } from '../../recording/transcript/masking/tokens.ts';
import {
  inOrder,
  isUntranscribed,
  type Segment,
  type TranscriptRow,
} from '../../recording/transcript/segment.ts';
import { SPEAKER_TITLES, whyNotText } from '../../recording/transcript/texts.ts';
import { count } from '../terminal/terminal.ts';
import { Html, html } from './html.ts';
import { place } from './times.ts';

/** A page with more would be slow: an hour has some 800. The rest is in the text beside the WAV. */
const LINES_MAX = 5_000;

export function wordsSection(transcript: Transcript | undefined): Html | undefined {
  if (transcript === undefined) return undefined;
  const rows = inOrder<TranscriptRow>([...transcript.segments, ...transcript.untranscribed]);
  const shown = rows.slice(0, LINES_MAX);
  const shiftMs = shiftMsOf(transcript);
  const left = rows.length - shown.length;
  return html`<section class="card wide words" aria-labelledby="words-title">
    <div class="words-head">
      <h2 id="words-title">What was said</h2>
      <span class="spring"></span>
      <label class="find" hidden>Find <input type="search" class="find-text" /></label>
      <button type="button" class="find-next" hidden>Next</button>
      <span class="find-count quiet" role="status"></span>
    </div>
    <p class="quiet">Written down by a program (${transcript.sources.join(', ')}): it may have misheard.</p>
    <ol class="lines" tabindex="-1">
      ${shown.map((row) => line(row, shiftMs))}
    </ol>
    ${left > 0 ? html`<p class="quiet">${count(left, 'more line')} in the text beside the WAV.</p>` : undefined}
  </section>`;
}

function line(row: TranscriptRow, shiftMs: number): Html {
  const at = Math.max(0, row.startMs + shiftMs);
  const side = row.channel.toLowerCase();
  const text = isUntranscribed(row)
    ? html`<span class="quiet"
        >not written down up to ${place(row.endMs + shiftMs)}: ${whyNotText(row.untranscribed)}</span
      >`
    : spoken(row, shiftMs);
  return html`<li class="line ${side}" data-from="${seconds(at)}" data-to="${seconds(row.endMs + shiftMs)}">
    <span class="at" data-at="${seconds(at)}">${place(at)}</span>
    <span class="who">${SPEAKER_TITLES[row.channel]}</span>
    <span class="said">${text}</span>
  </li>`;
}

/** The text as it is, with the words that have times in elements of their own. */
function spoken(segment: Segment, shiftMs: number): Html {
  if (segment.words.length === 0) return html`${segment.text}`;
  const tokens = tokensOf(segment);
  const pieces = segment.words.flatMap(({ startMs, endMs }, index) => {
    const token = tokens[index];
    if (!token) return [];
    const before = segment.text.slice(tokens[index - 1]?.to ?? 0, token.from);
    const at = seconds(Math.max(0, startMs + shiftMs));
    return [
      html`${before}`,
      html`<span class="word" data-at="${at}" data-to="${seconds(endMs + shiftMs)}">${token.text}</span>`,
    ];
  });
  return new Html(pieces.map(({ text }) => text).join(''));
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
