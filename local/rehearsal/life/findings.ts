/** What a rehearsal found, told as it comes and again at the end. */
export interface Finding {
  readonly step: string;
  readonly ok: boolean;
  readonly what: string;
}

export interface Findings {
  readonly all: readonly Finding[];
  /** A step begins. */
  begin(step: string): void;
  /** Within the step: how far it is, for whoever watches. */
  progress(what: string): void;
  /** Something that had to be so. @returns `ok` */
  expect(ok: boolean, what: string): boolean;
  /** At the end. @returns lines */
  summary(): string[];
  readonly failed: () => boolean;
}

/** @param print takes a line. @param now epoch ms */
export function newFindings(print: (line: string) => void, now: () => number = Date.now): Findings {
  const all: Finding[] = [];
  const beganMs = now();
  let step = '';
  const clock = () => `${String(Math.round((now() - beganMs) / 1000)).padStart(4)} s`;
  return {
    all,
    begin: (name) => {
      step = name;
      print(`${clock()}  ${name}`);
    },
    progress: (what) => {
      print(`${clock()}    … ${what}`);
    },
    expect: (ok, what) => {
      all.push({ step, ok, what });
      print(`${clock()}    ${ok ? 'ok  ' : 'FAIL'} ${what}`);
      return ok;
    },
    summary: () => summaryOf(all, clock()),
    failed: () => all.some(({ ok }) => !ok),
  };
}

function summaryOf(all: readonly Finding[], took: string): string[] {
  const wrong = all.filter(({ ok }) => !ok);
  const inOrder = `${all.length - wrong.length} of ${all.length} in order, in ${took.trim()}`;
  return ['', `What it found: ${inOrder}`, ...wrong.map(({ step, what }) => `  FAIL ${step}: ${what}`)];
}
