/**
 * The page's script of what was said: click or press a word to hear it, find words, link to a moment; what is heard is marked, and kept in
 * sight. Runs inside the player's script, on what that has: `audio`, `to`, `figure`, `one`, `all`.
 */
export const WORDS_SCRIPT = `
  const lines = all('.line');
  const words = all('.word');
  if (lines.length > 0) {
    const wordAt = (word) => Number(word.dataset.at);
    const hear = (word) => { to(wordAt(word)); history.replaceState(null, '', '#t=' + word.dataset.at); };
    /* One stop for the keyboard a line: arrows go from word to word in it. */
    for (const line of lines) {
      for (const [index, word] of [...line.querySelectorAll('.word')].entries()) {
        word.tabIndex = index === 0 ? 0 : -1;
      }
    }
    const box = one('.lines');
    box.addEventListener('click', (event) => {
      const word = event.target.closest('.word');
      if (word && String(getSelection()) === '') hear(word);
    });
    box.addEventListener('keydown', (event) => {
      const word = event.target.closest('.word');
      if (!word || event.ctrlKey || event.metaKey || event.altKey) return;
      const at = words.indexOf(word);
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (event.key === 'Enter' || event.key === ' ') hear(word);
      else if (step && words[at + step]) { words[at + step].focus(); }
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    /* Who reads the page hears text; who goes through it by keys, what a key does. */
    box.addEventListener('focusin', (event) => { if (event.target.matches('.word')) event.target.setAttribute('role', 'button'); });
    box.addEventListener('focusout', (event) => { event.target.removeAttribute('role'); });
    let spoken = [];
    const mark = () => {
      const now = audio.currentTime;
      const is = (element, from, end) => from <= now && now < end;
      const current = words.filter((word) => is(word, wordAt(word), Number(word.dataset.to)));
      for (const word of spoken) if (!current.includes(word)) { word.classList.remove('now-said'); word.removeAttribute('aria-current'); }
      for (const word of current) { word.classList.add('now-said'); word.setAttribute('aria-current', 'true'); }
      spoken = current;
      for (const line of lines) line.classList.toggle('now-line', is(line, Number(line.dataset.from), Number(line.dataset.to)));
      const line = one('.now-line');
      if (line && !audio.paused && !box.contains(document.activeElement)) {
        const top = line.offsetTop - box.offsetTop;
        if (top < box.scrollTop || top + line.offsetHeight > box.scrollTop + box.clientHeight) box.scrollTop = top - box.clientHeight / 3;
      }
    };
    for (const event of ['timeupdate', 'seeked', 'play', 'pause']) audio.addEventListener(event, mark);

    const field = one('.find-text'), tally = one('.find-count'), next = one('.find-next');
    const plain = (text) => text.normalize('NFKC').toLowerCase().replace(/[^\\p{L}\\p{N} ]/gu, '').trim();
    let hits = [], hit = -1;
    const find = () => {
      const wanted = plain(field.value).split(/ +/).filter(Boolean);
      for (const word of words) word.classList.remove('found');
      hits = [];
      hit = -1;
      if (wanted.length > 0) for (const line of lines) {
        const own = [...line.querySelectorAll('.word')];
        for (const [index, word] of own.entries()) {
          const is = wanted.every((text, offset) => {
            const said = plain(own[index + offset]?.textContent ?? '');
            return offset === wanted.length - 1 ? said.startsWith(text) : said === text;
          });
          if (!is) continue;
          hits.push(word);
          for (const [offset] of wanted.entries()) own[index + offset].classList.add('found');
        }
      }
      tally.textContent = wanted.length === 0 ? '' : hits.length === 1 ? '1 place' : hits.length + ' places';
      if (hits.length > 0) hits[0].scrollIntoView({ block: 'nearest' });
    };
    const goNext = () => {
      if (hits.length === 0) return;
      hit = (hit + 1) % hits.length;
      tally.textContent = (hit + 1) + ' of ' + hits.length;
      hits[hit].scrollIntoView({ block: 'nearest' });
      hear(hits[hit]);
    };
    field.addEventListener('input', find);
    field.addEventListener('keydown', (event) => { if (event.key === 'Enter') { event.preventDefault(); goNext(); } });
    next.addEventListener('click', goNext);
    for (const element of [one('.find'), next]) element.removeAttribute('hidden');

    const toLinked = () => {
      const at = /^#t=([0-9]+(?:\\.[0-9]+)?)$/.exec(location.hash);
      if (!at) return;
      to(Number(at[1]));
      const line = lines.findLast((one) => Number(one.dataset.from) <= Number(at[1]) + 0.001);
      if (line) line.scrollIntoView({ block: 'nearest' });
    };
    addEventListener('hashchange', toLinked);
    if (audio.readyState >= 1) toLinked();
    else audio.addEventListener('loadedmetadata', toLinked, { once: true });
  }
`.trim();
