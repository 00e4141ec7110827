import { WORDS_SCRIPT } from './words-script.ts';

/**
 * The page's own script: the player that follows the waveform. The page is complete without it; all that it needs
 * stands in the page. Either side is muted by Web Audio, which gives silence for audio of another origin (a linked
 * file, where the page itself is one): then the sides can't be muted until the reader has opened the file.
 */
export const PLAYER_SCRIPT = `
(() => {
  'use strict';
  const one = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const audio = one('audio');
  if (!audio) return;
  const figure = one('.figure');
  const seek = one('.seek');
  const play = one('.play');
  const time = one('.time');
  const sides = all('.side-button');
  const duration = Number(figure.dataset.duration);
  const STEP = 5, SMALL_STEP = 1;
  let graph;
  let frame = 0;

  const clock = (seconds) => {
    const whole = Math.floor(seconds), two = (n) => String(n).padStart(2, '0');
    const hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60;
    return hours > 0 ? hours + ':' + two(minutes) + ':' + two(whole % 60) : minutes + ':' + two(whole % 60);
  };

  const show = () => {
    const now = Math.min(audio.currentTime, duration);
    const x = (100 * now / duration) + '%';
    one('.now').setAttribute('x', x);
    time.textContent = clock(now) + ' / ' + clock(duration);
    seek.value = String(now);
    seek.setAttribute('aria-valuetext', clock(now) + ' of ' + clock(duration));
  };
  const follow = () => { show(); frame = audio.paused ? 0 : requestAnimationFrame(follow); };
  const to = (seconds) => { audio.currentTime = Math.min(Math.max(0, seconds), duration); show(); };

  const isOwn = () => {
    const url = new URL(audio.currentSrc || audio.src, location.href);
    return url.protocol === 'data:' || url.protocol === 'blob:' || (location.protocol.startsWith('http') && url.origin === location.origin);
  };
  const offerSides = () => {
    const own = isOwn();
    for (const button of sides) {
      button.disabled = !own;
      button.title = own ? '' : 'Open the WAV from your disk to hear one side alone';
    }
    const files = one('.files');
    if (files) files.hidden = own;
  };

  const connect = () => {
    const context = new AudioContext();
    const source = context.createMediaElementSource(audio);
    const splitter = context.createChannelSplitter(2);
    const merger = context.createChannelMerger(2);
    source.connect(splitter);
    const gains = [0, 1].map((from) => [0, 1].map((onto) => {
      const gain = context.createGain();
      splitter.connect(gain, from);
      gain.connect(merger, 0, onto);
      return gain;
    }));
    merger.connect(context.destination);
    return { context, gains };
  };
  /* A side that is heard alone is heard in both ears. */
  const balance = () => {
    const heard = sides.map((button) => button.getAttribute('aria-pressed') === 'true');
    for (const [channel, isHeard] of heard.entries()) {
      const side = sides[channel].dataset.side;
      one('.lane.' + side).classList.toggle('muted', !isHeard);
      sides[channel].setAttribute('aria-label', side + (isHeard ? ': heard' : ': muted'));
    }
    if (!graph && heard.every(Boolean)) return;
    graph ??= connect();
    graph.context.resume();
    for (const from of [0, 1]) for (const onto of [0, 1]) {
      graph.gains[from][onto].gain.value = !heard[from] ? 0 : from === onto || !heard[1 - from] ? 1 : 0;
    }
  };
  const toggleSide = (channel) => {
    const button = sides[channel];
    if (button.disabled) return;
    button.setAttribute('aria-pressed', String(button.getAttribute('aria-pressed') !== 'true'));
    balance();
  };

  const failed = (message) => { const place = one('.audio-error'); place.textContent = message; place.hidden = message === ''; };
  const togglePlay = () => {
    if (!audio.paused) { audio.pause(); return; }
    if (graph) graph.context.resume();
    audio.play().catch((error) => { if (error.name !== 'AbortError') failed('The audio can’t be played: ' + error.message); });
  };

  play.addEventListener('click', togglePlay);
  for (const [channel, button] of sides.entries()) button.addEventListener('click', () => toggleSide(channel));
  one('.rate').addEventListener('change', (event) => { audio.playbackRate = Number(event.target.value); });
  seek.addEventListener('input', () => to(Number(seek.value)));
  audio.addEventListener('play', () => { play.textContent = 'Pause'; failed(''); if (!frame) follow(); });
  audio.addEventListener('pause', () => { play.textContent = 'Play'; });
  audio.addEventListener('error', () => failed('The audio can’t be loaded. Is the WAV beside this page, or has the link expired?'));
  for (const event of ['timeupdate', 'seeked', 'loadedmetadata']) audio.addEventListener(event, show);

  const picker = one('.files input');
  if (picker) picker.addEventListener('change', () => {
    if (!picker.files[0]) return;
    const at = audio.currentTime;
    audio.src = URL.createObjectURL(picker.files[0]);
    audio.addEventListener('loadedmetadata', () => { to(at); offerSides(); }, { once: true });
    failed('');
  });

  for (const place of all('.at')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = place.textContent;
    button.title = 'Go there';
    button.addEventListener('click', () => { to(Number(place.dataset.at)); figure.scrollIntoView({ block: 'nearest' }); });
    place.dataset.text = place.textContent;
    place.replaceChildren(button);
  }

  const marked = all('.at').filter((place) => !place.closest('.tape-objects, .words'));
  const marks = [...new Set(marked.map((place) => Number(place.dataset.at)))].sort((a, b) => a - b);
  const keys = {
    ' ': togglePlay, k: togglePlay,
    ArrowLeft: (event) => to(audio.currentTime - (event.shiftKey ? SMALL_STEP : STEP)),
    ArrowRight: (event) => to(audio.currentTime + (event.shiftKey ? SMALL_STEP : STEP)),
    Home: () => to(0), End: () => to(duration),
    1: () => toggleSide(0), 2: () => toggleSide(1),
    n: () => { const next = marks.find((at) => at > audio.currentTime + 0.05); if (next !== undefined) to(next); },
    p: () => { const last = marks.findLast((at) => at < audio.currentTime - 0.05); if (last !== undefined) to(last); },
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target;
    const types = target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && target !== seek);
    const presses = target instanceof HTMLButtonElement || target.closest?.('summary, audio');
    const action = keys[event.key];
    if (!action || types || (presses && event.key === ' ')) return;
    event.preventDefault();
    action(event);
  });

  addEventListener('beforeprint', () => { for (const details of all('details')) details.open = true; });

  ${WORDS_SCRIPT}

  audio.hidden = true;
  for (const element of [one('.toolbar'), one('.keys-box'), one('.cursor'), seek]) element.removeAttribute('hidden');
  offerSides();
  balance();
  show();
})();
`.trim();
