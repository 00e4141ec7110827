/** Whoever waits until something is so, asked again whenever something has happened. */
export class Waiting {
  #waiters: (() => void)[] = [];

  happened(): void {
    for (const waiter of [...this.#waiters]) waiter();
  }

  until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const waiter = () => {
        if (!isSo()) return;
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        resolve();
      };
      this.#waiters.push(waiter);
      waiter();
    });
  }
}
