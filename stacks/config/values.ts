/**
 * What settings are made of: schemas that take a text, check it and make the value of it. The messages inside them
 * complete "…, which is …".
 */
import * as v from 'valibot';

export interface About {
  readonly summary: string;
  readonly allowed: string;
  /** The default, as text like any other value. */
  readonly fallback: string;
}

export const KMS_KEY_ARN = /^arn:aws:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]{1,64}$/;
export const KMS_KEY = 'a key’s ARN (arn:aws:kms:…:key/…), or empty';
/** An image with its tag or digest. */
export const IMAGE = /^[a-z0-9][a-z0-9._:/-]*(:[A-Za-z0-9._-]{1,128}|@sha256:[0-9a-f]{64})$/;

export const matching = (pattern: RegExp) => v.pipe(v.string(), v.regex(pattern, 'malformed'));

export const emptyOr = (pattern: RegExp) =>
  v.pipe(
    v.string(),
    v.check((text) => text === '' || pattern.test(text), 'malformed'),
    v.transform((text) => (text === '' ? undefined : text)),
  );

export const oneOf = <const T extends readonly string[]>(options: T) =>
  v.pipe(v.string(), v.picklist(options, 'none of the choices'));

const flag = v.pipe(
  oneOf(['true', 'false']),
  v.transform((text) => text === 'true'),
);

const number = ({ min, max }: { min: number; max: number }, fraction = false) =>
  v.pipe(
    v.string(),
    v.regex(fraction ? /^\d+(\.\d+)?$/ : /^\d+$/, fraction ? 'not a number' : 'not a whole number'),
    v.transform(Number),
    v.minValue(min, 'too small'),
    v.maxValue(max, 'too large'),
  );

export const list = (item: RegExp) =>
  v.pipe(
    v.string(),
    v.transform((text) => text.split(',').map((part) => part.trim())),
    v.transform((parts) => parts.filter((part) => part !== '')),
    v.array(v.pipe(v.string(), v.regex(item, 'malformed'))),
  );

export const pairs = v.pipe(
  list(/^[\w .:/+@-]{1,128}=[\w .:/+=@-]{0,256}$/),
  v.check((items) => items.every((item) => !/^aws:/i.test(item)), 'using a tag that AWS keeps to itself'),
  v.transform((items) =>
    Object.fromEntries(
      items.map((item) => [item.slice(0, item.indexOf('=')), item.slice(item.indexOf('=') + 1)]),
    ),
  ),
);

const range = ({ min, max }: { min: number; max: number }) =>
  `a number from ${String(min)} to ${String(max)}`;

export const setting = <T>(
  summary: string,
  allowed: string,
  fallback: string,
  schema: v.GenericSchema<string, T>,
) => v.pipe(schema, v.metadata({ summary, allowed, fallback } satisfies About));

export const onOff = (summary: string, fallback: boolean) =>
  setting(summary, 'true or false', String(fallback), flag);

export const seconds = (
  summary: string,
  limit: { min: number; max: number; default: number },
  fraction = false,
) => setting(summary, range(limit), String(limit.default), number(limit, fraction));

export const whole = (summary: string, min: number, max: number, fallback: number) =>
  setting(summary, range({ min, max }), String(fallback), number({ min, max }));

/** A whole number. */
export const within = (summary: string, limit: { min: number; max: number; default: number }) =>
  setting(summary, range(limit), String(limit.default), number(limit));

/** A whole number, or nothing, where there is no default. */
export const emptyOrWithin = (summary: string, limit: { min: number; max: number }) =>
  setting(
    summary,
    `${range(limit)}, or empty`,
    '',
    v.union([
      v.pipe(
        v.literal(''),
        v.transform(() => undefined),
      ),
      number(limit),
    ]),
  );
