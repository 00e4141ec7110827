/** A plan of Terraform's, as `terraform show -json` tells it, and what it would do. */
import * as v from 'valibot';

export type Kind = 'added' | 'changed' | 'replaced' | 'destroyed';

export interface Change {
  readonly address: string;
  readonly type: string;
  readonly kind: Kind;
  /** Attributes that differ, at the top; empty for what is added or destroyed. */
  readonly attributes: readonly string[];
}

const record = v.record(v.string(), v.unknown());
const plan = v.looseObject({
  resource_changes: v.optional(
    v.array(
      v.looseObject({
        address: v.string(),
        mode: v.string(),
        type: v.string(),
        change: v.looseObject({
          actions: v.array(v.string()),
          before: v.nullish(record),
          after: v.nullish(record),
          after_unknown: v.optional(v.unknown()),
        }),
      }),
    ),
    [],
  ),
});

/** What is read anew, or stays as it is, is no change. */
export function changesIn(json: unknown): Change[] {
  return v.parse(plan, json).resource_changes.flatMap(({ address, mode, type, change }) => {
    const kind = mode === 'managed' ? kindOf(change.actions) : undefined;
    if (kind === undefined) return [];
    return [{ address, type, kind, attributes: differing(change) }];
  });
}

function kindOf(actions: readonly string[]): Kind | undefined {
  if (actions.includes('create') && actions.includes('delete')) return 'replaced';
  if (actions.includes('create')) return 'added';
  if (actions.includes('delete')) return 'destroyed';
  return actions.includes('update') ? 'changed' : undefined;
}

function differing({
  before,
  after,
  after_unknown: unknown,
}: {
  readonly before?: Record<string, unknown> | null | undefined;
  readonly after?: Record<string, unknown> | null | undefined;
  readonly after_unknown?: unknown;
}): string[] {
  if (!before || !after) return [];
  const unknowns = v.safeParse(record, unknown);
  const isUnknown = (name: string) => unknowns.success && unknowns.output[name] === true;
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => !isUnknown(name) && JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .sort();
}

/** What is kept: none of it may ever be replaced, or go with something else. */
const DATA = [/^aws_s3_bucket\./, /^aws_dynamodb_table\./, /^aws_kms_key\./];

export function lostData(changes: readonly Change[]): Change[] {
  return changes.filter(
    ({ address, kind }) =>
      (kind === 'replaced' || kind === 'destroyed') && DATA.some((pattern) => pattern.test(address)),
  );
}

/** `2 added, 1 changed`, or `no changes` */
export function counted(changes: readonly Change[]): string {
  const kinds: readonly Kind[] = ['added', 'changed', 'replaced', 'destroyed'];
  const parts = kinds.flatMap((kind) => {
    const { length } = changes.filter((change) => change.kind === kind);
    return length === 0 ? [] : [`${length} ${kind}`];
  });
  return parts.length === 0 ? 'no changes' : parts.join(', ');
}
