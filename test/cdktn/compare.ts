/** Two stacks in JSON, held against each other. */

export interface Difference {
  /** As a JSON pointer (RFC 6901). */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** What another generation of the tool writes otherwise, and what of it must stay as it is. */
const EXPECTED: Readonly<Record<string, (difference: Difference) => boolean>> = {
  // What made it.
  '/~1~1/metadata/version': ({ after }) => typeof after === 'string',
  '/terraform/required_providers/aws/version': ({ before, after }) => isNewer(after, before),
  // Terraform reads the one as the other.
  '/terraform/required_providers/aws/source': ({ before, after }) =>
    before === 'aws' && after === 'hashicorp/aws',
};

export const isExpected = (difference: Difference): boolean =>
  EXPECTED[difference.path]?.(difference) ?? false;

/** Each innermost value that isn't the same in both; `undefined` where there is none. */
export function differences(before: unknown, after: unknown, path = ''): Difference[] {
  if (Object.is(before, after)) return [];
  if (!isTree(before) || !isTree(after) || Array.isArray(before) !== Array.isArray(after))
    return [{ path, before, after }];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) =>
    differences(
      Reflect.get(before, key),
      Reflect.get(after, key),
      `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
    ),
  );
}

const isTree = (value: unknown): value is object => typeof value === 'object' && value !== null;

function isNewer(after: unknown, before: unknown): boolean {
  if (typeof after !== 'string' || typeof before !== 'string') return false;
  return after.localeCompare(before, 'en', { numeric: true }) > 0;
}
