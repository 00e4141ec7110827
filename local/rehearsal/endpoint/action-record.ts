/** Every action that was asked for, by whom. */
import type { Asked } from './asked.ts';
import { iamAction } from './iam-actions.ts';

export interface ActionRecord {
  note(asked: Asked): void;
  /** Sorted, each once. @param who an access key's id */
  readonly actionsOf: (who: string) => string[];
  readonly everybody: () => readonly string[];
}

export function newActionRecord(): ActionRecord {
  const actions = new Map<string, Set<string>>();
  return {
    note: (asked) => {
      const own = actions.get(asked.who) ?? new Set();
      actions.set(asked.who, own.add(iamAction(asked)));
    },
    actionsOf: (who) => [...(actions.get(who) ?? [])].sort(),
    everybody: () => [...actions.keys()].sort(),
  };
}
