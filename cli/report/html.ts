/** HTML that can't be broken out of: whatever is put into a template is escaped, unless it is HTML itself. */

export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Html | string | number | undefined | readonly Part[];

/** Escapes text, for SVG and inside quoted attributes, too. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.map((string, index) => string + textOf(parts[index])).join(''));
}

function textOf(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(textOf).join('');
  return escape(String(part));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters, halves of characters, and what turns the direction of all that follows, aren't for a page. */
const UNWELCOME = /[\u202a-\u202e\u2066-\u2069]|\p{Cs}|(?![\n\t])\p{Cc}/gu;

function escape(text: string): string {
  return text.replace(UNWELCOME, '\ufffd').replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
