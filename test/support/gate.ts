/** What waits for the test to go on. */
export interface Gate {
  readonly passed: Promise<void>;
  open(): void;
}

export function gate(): Gate {
  const opened = new AbortController();
  const passed = new Promise<void>((resolve) => {
    opened.signal.addEventListener('abort', () => {
      resolve();
    });
  });
  return {
    passed,
    open: () => {
      opened.abort();
    },
  };
}
