/**
 * AbortController without the runtime's machinery of events, for a run's time: a run makes a hundred of them, and Node's
 * cost a tenth of it. Listeners are called at once and in order, as by Node's; each once for one abortion.
 */

type Listener = Parameters<AbortSignal['addEventListener']>[1];

class PlainAbortSignal implements AbortSignal {
  aborted = false;
  reason: unknown = undefined;
  onabort: AbortSignal['onabort'] = null;
  readonly #listeners = new Set<Listener>();

  /** A signal is aborted once, so that whoever wants to be told once, and who doesn't, are told alike. */
  addEventListener(_type: string, listener: Listener): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: string, listener: Listener): void {
    this.#listeners.delete(listener);
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }

  dispatchEvent(): boolean {
    throw new Error('nobody but its controller aborts a signal');
  }

  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    for (const listener of this.#listeners) {
      this.#listeners.delete(listener);
      if (typeof listener === 'function') listener(ABORTED);
      else listener.handleEvent(ABORTED);
    }
  }
}

const ABORTED = new Event('abort');

class PlainAbortController implements AbortController {
  readonly #signal = new PlainAbortSignal();

  get signal(): AbortSignal {
    return this.#signal;
  }

  abort(reason: unknown = 'aborted'): void {
    this.#signal.abort(reason);
  }
}

const NATIVE = globalThis.AbortController;
const NATIVE_ANY = AbortSignal.any.bind(AbortSignal);
let runs = 0;

/** A signal that is aborted with the first of these. */
function plainAny(signals: Iterable<AbortSignal>): AbortSignal {
  const controller = new PlainAbortController();
  for (const signal of signals) {
    const abort = () => {
      controller.abort(signal.reason);
    };
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  }
  return controller.signal;
}

/** Holds for as long as any run lasts. @returns what ends it for this one */
export function withPlainAbort(): () => void {
  runs += 1;
  globalThis.AbortController = PlainAbortController;
  AbortSignal.any = plainAny;
  return () => {
    runs -= 1;
    if (runs > 0) return;
    globalThis.AbortController = NATIVE;
    AbortSignal.any = NATIVE_ANY;
  };
}
