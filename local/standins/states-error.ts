/** When a task state fails: `name` is what Retry and Catch compare, `message` the cause. */
export class StatesError extends Error {
  constructor(name: string, cause: string) {
    super(cause);
    this.name = name;
  }
}
