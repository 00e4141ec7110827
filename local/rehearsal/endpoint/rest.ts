/**
 * Which operation a REST request asks for: by the paths that the SDK's own clients carry, so that no table of ours
 * can differ from the services'.
 */
import * as v from 'valibot';

export interface RestOperation {
  readonly name: string;
  readonly method: string;
  readonly segments: readonly string[];
  /** What the query must hold; undefined: with any value. */
  readonly query: readonly (readonly [name: string, value: string | undefined])[];
  /** Whether the SDK says the operation's name in the query, too. */
  readonly saysName: boolean;
}

export interface Matched {
  readonly operation: string;
  /** What stands in the path's places, decoded: `InstanceId`, … */
  readonly labels: Readonly<Record<string, string>>;
}

/** What the SDK's schemas begin an operation with. */
const OPERATION = 9;
const schema = v.looseTuple([
  v.literal(OPERATION),
  v.string(),
  v.string(),
  v.looseObject({ http: v.looseTuple([v.string(), v.string()]) }),
]);

/** @param sdk a client's module, whole. */
export function operationsOf(sdk: Readonly<Record<string, unknown>>): RestOperation[] {
  return Object.values(sdk).flatMap((exported) => {
    const { success, output } = v.safeParse(schema, exported);
    if (!success) return [];
    const [, , name, { http }] = output;
    const [path = '', query = ''] = http[1].split('?');
    const saysName = query.includes('x-id=');
    return [{ name, method: http[0], segments: segmentsOf(path), query: requirementsOf(query), saysName }];
  });
}

/** `x-id` is of the SDKs for JavaScript and Go alone, and says nothing that the rest doesn't. */
function requirementsOf(query: string): [string, string | undefined][] {
  return query
    .split('&')
    .filter((part) => part !== '' && !part.startsWith('x-id='))
    .map((part) => {
      const [name = '', value] = part.split('=');
      return [name, value];
    });
}

/** @param path without the query. @returns undefined where no operation has such a path. */
export function matchRest(
  operations: readonly RestOperation[],
  method: string,
  path: string,
  query: URLSearchParams,
): Matched | undefined {
  const segments = segmentsOf(path);
  const named = query.get('x-id');
  const fitting = operations.flatMap((operation) => {
    if (operation.method !== method) return [];
    if (!operation.query.every(([name, value]) => has(query, name, value))) return [];
    const labels = labelsOf(operation.segments, segments);
    return labels === undefined ? [] : [{ operation, labels }];
  });
  const [best] = fitting.sort((a, b) => weight(b.operation, named) - weight(a.operation, named));
  return best && { operation: best.operation.name, labels: best.labels };
}

function has(query: URLSearchParams, name: string, value: string | undefined): boolean {
  return value === undefined ? query.has(name) : query.get(name) === value;
}

/** What asks for more is the likelier: a fixed word rather than a place for any, a name in the query rather than none. */
function weight({ name, query, saysName, segments }: RestOperation, named: string | null): number {
  const fixed = segments.filter((segment) => !segment.startsWith('{')).length;
  return (name === named ? 1000 : 0) + query.length * 10 + fixed + (saysName && name !== named ? -0.5 : 0);
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}

/** @returns undefined where the path isn't of that form. */
function labelsOf(
  template: readonly string[],
  segments: readonly string[],
): Record<string, string> | undefined {
  const labels: Record<string, string> = {};
  for (const [index, part] of template.entries()) {
    const [, label, greedy] = /^\{(\w+)(\+?)\}$/.exec(part) ?? [];
    const segment = segments[index];
    if (segment === undefined || (label === undefined && part !== segment)) return undefined;
    if (label === undefined) continue;
    labels[label] = decode(greedy === '+' ? segments.slice(index).join('/') : segment);
    if (greedy === '+') return labels;
  }
  return segments.length === template.length ? labels : undefined;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
