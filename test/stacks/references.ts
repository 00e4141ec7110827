/** References between the blocks of a synthesised stack. */
import { camelCase, isRecord, resourceTypes } from './provider-types.ts';
import type { Block, Synthesised } from './synthesise.ts';

/** `aws_x.y.z` or `data.aws_x.y.z`, inside `${…}`. */
const REFERENCE = /(?<![\w.])(data\.)?((?:aws|terraform)_[a-z0-9_]+)\.([A-Za-z0-9_-]+)(?:\.([a-z0-9_]+))?/g;
const EXPRESSION = /\$\{([^}]*)\}/g;

export interface Reference {
  readonly from: string;
  readonly data: boolean;
  readonly type: string;
  readonly id: string;
  readonly attribute: string | undefined;
}

const addressOf = ({ data, type, id }: Reference) => `${data ? 'data.' : ''}${type}.${id}`;

export function* blocksOf(stack: Synthesised): Generator<{ address: string; type: string; block: Block }> {
  for (const [data, all] of [
    ['', stack.resource],
    ['data.', stack.data],
  ] as const) {
    for (const [type, blocks] of Object.entries(all)) {
      for (const [id, block] of Object.entries(blocks)) {
        yield { address: `${data}${type}.${id}`, type: data === '' ? type : `data_${type}`, block };
      }
    }
  }
}

export function referencesOf(stack: Synthesised): Reference[] {
  const outputs = Object.entries(stack.output).map(([id, block]) => ({ address: `output.${id}`, block }));
  return [...blocksOf(stack), ...outputs].flatMap(({ address, block }) => [...referencesIn(block, address)]);
}

function* referencesIn(value: unknown, from: string, key = ''): Generator<Reference> {
  if (key === '//') return;
  if (typeof value === 'string') {
    const expressions =
      key === 'depends_on' ? [value] : [...value.matchAll(EXPRESSION)].map(([, inner = '']) => inner);
    for (const expression of expressions) {
      for (const [, data, type = '', id = '', attribute] of expression.matchAll(REFERENCE)) {
        yield { from, data: data !== undefined, type, id, attribute };
      }
    }
  } else if (Array.isArray(value)) {
    for (const item of value) yield* referencesIn(item, from, key);
  } else if (isRecord(value)) {
    for (const [inner, item] of Object.entries(value)) yield* referencesIn(item, from, inner);
  }
}

/** @returns one line a reference to nothing, or to an attribute that there is none of. */
export function dangling(stack: Synthesised): string[] {
  const addresses = new Set([...blocksOf(stack)].map(({ address }) => address));
  return referencesOf(stack).flatMap((reference) => {
    const { from, data, type, attribute } = reference;
    const address = addressOf(reference);
    if (!addresses.has(address)) return [`${from} refers to ${address}, which is not there`];
    if (attribute === undefined || type === 'terraform_data') return [];
    const { readable } = resourceTypes(data ? `data_${type}` : type);
    return readable.has(camelCase(attribute))
      ? []
      : [`${from} refers to ${address}.${attribute}: no such attribute`];
  });
}

/** @returns the addresses of a circle of references, if there is one; Terraform takes none. */
export function circle(stack: Synthesised): string[] | undefined {
  const edges = new Map<string, string[]>();
  for (const reference of referencesOf(stack)) {
    edges.set(reference.from, [...(edges.get(reference.from) ?? []), addressOf(reference)]);
  }
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (address: string): string[] | undefined => {
    if (path.includes(address)) return [...path.slice(path.indexOf(address)), address];
    if (done.has(address)) return undefined;
    path.push(address);
    for (const next of edges.get(address) ?? []) {
      const found = visit(next);
      if (found !== undefined) return found;
    }
    path.pop();
    done.add(address);
    return undefined;
  };
  for (const address of edges.keys()) {
    const found = visit(address);
    if (found !== undefined) return found;
  }
  return undefined;
}
