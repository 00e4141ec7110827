/** What a server knows callspool by: out of a secret, as it was when it was last read. */
import * as v from 'valibot';
import type { Secret } from '../../../../ports/secrets/secret.ts';

const LENGTH_MAX = 4_096;
/** What may stand in a header. */
const visible = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(LENGTH_MAX),
  v.regex(/^[\x21-\x7e]+( [\x21-\x7e]+)*$/),
);
const base64 = v.pipe(v.string(), v.maxLength(LENGTH_MAX), v.regex(/^[A-Za-z0-9+/]+={0,2}$/));

const credentials = v.pipe(
  v.object({
    /** AudioHook’s: named in every request. */
    apiKey: v.optional(visible),
    /** AudioHook’s: what requests are signed with, in base64. */
    clientSecret: v.optional(base64),
    /** Twilio’s: what requests are signed with. */
    authToken: v.optional(visible),
    /** Sent as it is, as the header Authorization. */
    authorization: v.optional(visible),
  }),
  v.check((given) => Object.keys(given).length > 0),
);
export type Credentials = Readonly<v.InferOutput<typeof credentials>>;

/** A secret that can’t be read, or isn’t one of ours. Its message holds nothing of it. */
export class SecretUnusable extends Error {
  override readonly name = 'SecretUnusable';
}

/** @throws SecretUnusable */
export function parseCredentials(text: string): Credentials {
  const { success, output } = v.safeParse(credentials, parsed(text));
  if (success) return output;
  throw new SecretUnusable(
    'the secret must be a JSON object with apiKey, clientSecret (in base64), authToken or authorization',
  );
}

/** @throws SecretUnusable */
export async function readCredentials(secret: Secret): Promise<Credentials> {
  let text: string;
  try {
    text = await secret.read();
  } catch (error) {
    throw new SecretUnusable(`the secret can’t be read: ${codeOf(error)}`, { cause: error });
  }
  return parseCredentials(text);
}

/** What AWS, or the operating system, calls it. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** Read when it is first needed, and then no more until the server refuses it. */
export class KeptCredentials {
  readonly #secret: Secret | undefined;
  #known: Credentials | undefined;

  /** @param secret undefined where the server asks for none */
  constructor(secret: Secret | undefined) {
    this.#secret = secret;
  }

  /** @throws SecretUnusable */
  async get(): Promise<Credentials> {
    if (this.#secret === undefined) return {};
    return (this.#known ??= await readCredentials(this.#secret));
  }

  /** Forgets the secret, since it may have been changed. */
  forget(): void {
    this.#known = undefined;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
