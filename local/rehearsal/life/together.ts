/**
 * Both at once. Where one fails, the other is waited for all the same, since it works on what would be taken away.
 * @throws what the first of them failed with
 */
export async function together<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([a, b]);
  return Promise.all([a, b]);
}
