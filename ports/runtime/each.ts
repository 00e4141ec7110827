/** Works on values some at a time, in any order of completion, and reads no further ahead than that. */
export async function eachOf<T>(
  values: AsyncIterable<T>,
  atATime: number,
  work: (value: T) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  for await (const value of values) {
    const one = work(value)
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => running.delete(one));
    running.add(one);
    while (running.size >= atATime) await Promise.race(running);
    if (failure) break;
  }
  await Promise.all(running);
  if (failure) throw failure.error;
}
