/** Items of the tables: how they are checked on reading, and kept within what DynamoDB holds on writing. */
import * as v from 'valibot';

/** When an item isn't what this program writes. `message` names the item and the attributes, never their values. */
export class DamagedItem extends Error {
  override readonly name = 'DamagedItem';

  constructor(item: string, evidence: readonly string[]) {
    super(
      `${item} is damaged, or was not written by this program: ${evidence.join('; ')}. Correct or delete it`,
    );
  }
}

const EVIDENCE_MAX = 5;

/**
 * Attributes that the schema doesn't name are tolerated, and left out.
 * @param named tells what the item is, for the error: asked for only then. @throws DamagedItem
 */
export function parseItem<Schema extends v.GenericSchema>(
  schema: Schema,
  named: () => string,
  value: unknown,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  throw new DamagedItem(named(), evidenceOf(result.issues));
}

/** What was read, unless it is damaged. */
export function unlessDamaged<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof DamagedItem) return undefined;
    throw error;
  }
}

/** What is wrong with a value, by the path of what is; never the value itself, which may be anybody's number. */
export function evidenceOf(issues: readonly v.BaseIssue<unknown>[]): string[] {
  return issues.slice(0, EVIDENCE_MAX).map((issue) => {
    const attribute = v.getDotPath(issue) ?? 'the whole';
    if (issue.input === undefined) return `${attribute} is missing`;
    // Only these have a message of our own.
    const inWords = issue.type === 'check' || issue.type === 'regex';
    return `${attribute} should be ${inWords ? issue.message : (issue.expected ?? issue.type)}`;
  });
}

const ELLIPSIS = '…';

/** The text in at most so many bytes of UTF-8, cut at a character and marked with an ellipsis; always well formed. */
export function boundedText(text: string, bytesMax: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= bytesMax) return bytes.toString();
  let end = bytesMax - Buffer.byteLength(ELLIPSIS);
  // A byte 10xxxxxx goes on with the character before it.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end).toString() + ELLIPSIS;
}

/** Keeps as many values, from the first on, as take no more than so many bytes as JSON (an item takes a little less). */
export function boundedList<T>(values: readonly T[], bytesMax: number): T[] {
  const kept: T[] = [];
  let bytes = 0;
  for (const value of values) {
    bytes += Buffer.byteLength(JSON.stringify(value));
    if (bytes > bytesMax) break;
    kept.push(value);
  }
  return kept;
}
