/** The page's look: light and dark by the reader's setting, and on paper. No fonts or pictures from anywhere. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --ink: #1b2129; --quiet: #5a6572; --line: #dde2e8; --ground: #f1f4f7;
  --customer: #1f5fae; --agent: #0f766e; --loss: #c0262d; --loss-ground: #c0262d33; --gap: #aab4c0;
  --pause: #7c4dcc; --tape: #8a97a6; --tape-odd: #bcc6d1; --accent: #1f5fae; --focus: #1f5fae;
  --good: #17693c; --good-ground: #e2f4e9; --warn: #875400; --warn-ground: #fdf0d5; --bad: #a51d24; --bad-ground: #fce4e4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12161b; --card: #1a2027; --ink: #e6eaef; --quiet: #9aa6b3; --line: #2d3640; --ground: #141a20;
    --customer: #6ea8f2; --agent: #4cc0b2; --loss: #ff7a7f; --loss-ground: #ff7a7f33; --gap: #53606e;
    --pause: #b99bf5; --tape: #6d7a89; --tape-odd: #424e5b; --accent: #6ea8f2; --focus: #9cc5ff;
    --good: #84dba8; --good-ground: #173325; --warn: #f4c76b; --warn-ground: #392c12; --bad: #ff9a9e; --bad-ground: #401d20;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main, header, footer { max-width: 1180px; margin: 0 auto; padding: 0 20px; }
header { padding-top: 28px; }
h1 { font-size: 24px; line-height: 1.25; margin: 0 0 2px; font-weight: 650; letter-spacing: -0.01em; }
h2 { font-size: 14px; font-weight: 650; margin: 0 0 10px; }
p { margin: 0 0 10px; }
code { font: 12.5px/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.quiet { color: var(--quiet); font-size: 13.5px; }
.head { display: flex; gap: 12px 20px; align-items: flex-start; justify-content: space-between; flex-wrap: wrap; }
.badge { display: inline-block; padding: 3px 11px; border-radius: 999px; font-size: 13px; font-weight: 650; letter-spacing: 0.02em; background: var(--ground); color: var(--quiet); }
.COMPLETE .badge, .badge.COMPLETE { background: var(--good-ground); color: var(--good); }
.badge.INCOMPLETE { background: var(--warn-ground); color: var(--warn); }
.badge.FAILED { background: var(--bad-ground); color: var(--bad); }
.notice { margin: 14px 0 0; padding: 11px 14px; border-radius: 8px; background: var(--warn-ground); color: var(--warn); overflow-wrap: anywhere; }
.notice::first-letter { text-transform: uppercase; }
.notice.FAILED { background: var(--bad-ground); color: var(--bad); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px 18px; min-width: 0; }
.player { margin: 18px 0; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 330px), 1fr)); gap: 16px; margin: 16px 0; align-items: start; }
.wide, details.card { margin: 16px 0; }
.figure { position: relative; margin: 0; }
.wave { display: block; overflow: visible; }
.wave text { fill: var(--quiet); font-size: 11.5px; font-variant-numeric: tabular-nums; }
.wave .side { font-size: 12px; font-weight: 650; paint-order: stroke; stroke: var(--ground); stroke-width: 4px; stroke-linejoin: round; }
.ground { fill: var(--ground); }
.customer .shape { fill: var(--customer); stroke: var(--customer); }
.agent .shape { fill: var(--agent); stroke: var(--agent); }
.wave .customer .side { fill: var(--customer); } .wave .agent .side { fill: var(--agent); }
.shape { stroke-width: 1px; stroke-linejoin: round; }
.muted .shape { opacity: 0.28; }
.gap { fill: url(#hatch); }
.hatch-ground { fill: var(--ground); } .hatch-line { stroke: var(--gap); stroke-width: 2.2; }
.tick line { stroke: var(--line); }
.loss rect { fill: var(--loss-ground); } .loss path { fill: var(--loss); }
.interruption line { stroke: var(--pause); stroke-width: 1.5; stroke-dasharray: 4 3; } .interruption circle { fill: var(--pause); }
.tape .even { fill: var(--tape); } .tape .odd { fill: var(--tape-odd); }
.cursor { position: absolute; inset: 0; pointer-events: none; } .cursor svg { overflow: visible; }
.cursor line { stroke: var(--ink); stroke-width: 1.5; } .cursor path { fill: var(--ink); }
.seek { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: pointer; }
.figure:has(.seek:focus-visible) { outline: 2px solid var(--focus); outline-offset: 4px; border-radius: 4px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 8px 0 0; padding: 0; list-style: none; font-size: 13px; color: var(--quiet); }
.legend li { display: flex; align-items: center; gap: 6px; }
.legend svg { flex: none; }
.toolbar { display: flex; flex-wrap: wrap; align-items: center; gap: 10px; margin: 0 0 12px; }
button, select, .file { font: inherit; font-size: 14px; color: var(--ink); background: var(--card); border: 1px solid var(--line); border-radius: 7px; padding: 6px 13px; min-height: 36px; cursor: pointer; }
button:hover:not(:disabled), select:hover { border-color: var(--quiet); }
button:disabled { opacity: 0.55; cursor: not-allowed; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
.play { background: var(--accent); border-color: var(--accent); color: var(--card); font-weight: 650; min-width: 92px; }
.side-button::before { content: ""; display: inline-block; width: 9px; height: 9px; border-radius: 50%; margin-right: 8px; background: currentColor; }
.side-button.customer { color: var(--customer); } .side-button.agent { color: var(--agent); }
.side-button[aria-pressed="false"] { color: var(--quiet); text-decoration: line-through; } .side-button[aria-pressed="false"]::before { background: none; border: 1.5px solid currentColor; }
.time { font-variant-numeric: tabular-nums; min-width: 118px; }
.spring { flex: 1; }
audio { width: 100%; margin: 0 0 12px; }
.at button { padding: 0; min-height: 0; border: 0; background: none; color: var(--accent); text-decoration: underline; text-underline-offset: 2px; font-variant-numeric: tabular-nums; }
dl { margin: 0; display: grid; gap: 7px; }
dl > div { display: grid; grid-template-columns: minmax(98px, 30%) 1fr; gap: 12px; }
dt { color: var(--quiet); } dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: left; color: var(--quiet); font-weight: 550; font-size: 13px; }
th, td { padding: 5px 14px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tbody tr:last-child td { border-bottom: 0; }
td { font-variant-numeric: tabular-nums; } td:nth-child(-n+3) { white-space: nowrap; } td:nth-child(4) { min-width: 230px; }
summary { cursor: pointer; } summary h2 { display: inline; }
details > :not(summary) { margin-top: 10px; }
kbd { font: 12px ui-monospace, Menlo, Consolas, monospace; border: 1px solid var(--line); border-bottom-width: 2px; border-radius: 4px; padding: 0 5px; background: var(--ground); }
.keys { display: flex; flex-wrap: wrap; gap: 5px 18px; font-size: 13px; color: var(--quiet); margin: 0; padding: 0; list-style: none; }
.words-head { display: flex; flex-wrap: wrap; gap: 8px 10px; align-items: center; margin-bottom: 8px; } .words-head h2 { margin: 0; }
.find-text { font: inherit; font-size: 14px; color: var(--ink); background: var(--card); border: 1px solid var(--line); border-radius: 7px; padding: 6px 10px; min-height: 36px; }
.find-count { min-width: 70px; }
.lines { list-style: none; margin: 0; padding: 0; max-height: 420px; overflow-y: auto; position: relative; }
.line { display: grid; grid-template-columns: 64px 84px 1fr; gap: 10px; padding: 4px 6px; border-radius: 6px; overflow-wrap: anywhere; }
.line .who { font-weight: 650; font-size: 13.5px; } .line.customer .who { color: var(--customer); } .line.agent .who { color: var(--agent); }
.now-line { background: var(--ground); }
.word { cursor: pointer; border-radius: 3px; } .word:focus-visible { outline-offset: 0; } .word:hover { text-decoration: underline; text-underline-offset: 2px; }
.word.found { background: var(--warn-ground); color: var(--warn); } .word.now-said { background: var(--accent); color: var(--card); }
footer { padding-top: 6px; padding-bottom: 32px; }
@media (max-width: 640px) {
  body { font-size: 15px; } header { padding-top: 18px; } main, header, footer { padding-left: 12px; padding-right: 12px; }
  .line { grid-template-columns: 56px 1fr; } .line .said { grid-column: 1 / -1; }
  .card { padding: 13px 13px; } h1 { font-size: 20px; } .minor text { display: none; } dl > div { grid-template-columns: 1fr; gap: 0; } .keys-box { display: none; }
  td:nth-child(n) { white-space: normal; min-width: 0; } th, td { padding-right: 10px; }
}
@media print {
  :root { color-scheme: light; --page: #fff; --card: #fff; --ink: #000; --quiet: #444; --line: #bbb; --ground: #f3f3f3; --customer: #1f5fae; --agent: #0f766e; --loss: #c0262d; --loss-ground: #c0262d33; --gap: #999; --pause: #7c4dcc; --tape: #777; --tape-odd: #bbb; --accent: #000; --good: #17693c; --good-ground: #e2f4e9; --warn: #875400; --warn-ground: #fdf0d5; --bad: #a51d24; --bad-ground: #fce4e4; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { font-size: 10.5pt; } main, header, footer { max-width: none; padding: 0; }
  .card { break-inside: avoid; border-radius: 0; padding: 10px 12px; } .wide { break-inside: auto; } tr { break-inside: avoid; }
  .toolbar, audio, .audio-error, .cursor, .seek, .keys-box, .files, .at button { display: none !important; } .at[data-text]::before { content: attr(data-text); }
  .lines { max-height: none; overflow: visible; } .find, .find-next, .find-count { display: none !important; } .line { break-inside: avoid; }
  .cards { grid-template-columns: 1fr 1fr; gap: 10px; } details.card { display: none; }
}
`.trim();
