/**
 * Every order of port calls of a case, and every trouble at each in turn of the latest and the earliest choice. A run is repeated from its beginning up to
 * the first choice that is another; from there on it goes until it is over, or comes to a state that was met before.
 */
import { withPlainAbort } from '../support/plain-abort.ts';
import { type Case, streamOf } from './cases.ts';
import { type Bug, type Choice, Run } from './run.ts';

export interface Found {
  readonly wrong: string;
  /** How it comes to that, in words. */
  readonly steps: readonly string[];
}

export interface Result {
  readonly states: number;
  readonly transitions: number;
  readonly runs: number;
  /** The longest. */
  readonly depth: number;
  /** What was left: 0 when all was gone through. */
  readonly left: number;
  readonly found: Found | undefined;
}

export interface Bounds {
  readonly untilMs: number;
  readonly depthMax: number;
  readonly statesMax: number;
}

export async function search(one: Case, bounds: Bounds, bug?: Bug): Promise<Result> {
  const undo = withPlainAbort();
  try {
    return await new Search(one, bounds, bug).run();
  } finally {
    undo();
  }
}

class Search {
  readonly #case: Case;
  readonly #stream;
  readonly #bounds: Bounds;
  readonly #bug: Bug | undefined;
  readonly #met = new Set<string>();
  readonly #open: (readonly Choice[])[] = [[]];
  #transitions = 0;
  #runs = 0;
  #depth = 0;
  #cut = 0;

  constructor(one: Case, bounds: Bounds, bug: Bug | undefined) {
    this.#case = one;
    this.#stream = streamOf(one);
    this.#bounds = bounds;
    this.#bug = bug;
  }

  async run(): Promise<Result> {
    let found: Found | undefined;
    while (!found && Date.now() < this.#bounds.untilMs && this.#met.size < this.#bounds.statesMax) {
      // The latest and the earliest choices in turn: where time runs out, both have been tried.
      const prefix = this.#runs % 2 === 0 ? this.#open.pop() : this.#open.shift();
      if (!prefix) break;
      found = await this.#follow(prefix);
      if (this.#runs % 256 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    return {
      states: this.#met.size,
      transitions: this.#transitions,
      runs: this.#runs,
      depth: this.#depth,
      left: this.#open.length + this.#cut,
      found,
    };
  }

  async #follow(prefix: readonly Choice[]): Promise<Found | undefined> {
    this.#runs += 1;
    const run = new Run(this.#case, this.#stream, this.#bug);
    await run.begin();
    for (const choice of prefix) await run.take(choice);
    if (prefix.length > 0) this.#transitions += 1;
    const path = [...prefix];
    while (run.wrong === undefined) {
      this.#depth = Math.max(this.#depth, path.length);
      const state = run.state();
      if (this.#met.has(state)) return undefined;
      this.#met.add(state);
      const [first, ...others] = run.choices();
      if (!first) {
        run.checkEnd();
        break;
      }
      if (path.length >= this.#bounds.depthMax) {
        this.#cut += 1;
        return undefined;
      }
      for (const other of others) this.#open.push([...path, other]);
      path.push(first);
      await run.take(first);
      this.#transitions += 1;
    }
    return run.wrong === undefined ? undefined : { wrong: run.wrong, steps: run.steps };
  }
}
