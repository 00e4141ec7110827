/** ARNs of Connect instances (Service Authorization Reference, “Resource types defined by Amazon Connect”). */

/** An instance, as its ARN names it. */
export interface Instance {
  readonly arn: string;
  readonly region: string;
  readonly account: string;
  readonly id: string;
}

const INSTANCE_ARN =
  /^arn:[a-z-]{1,32}:connect:([a-z0-9-]{1,32}):([0-9]{1,20}):instance\/([A-Za-z0-9-]{1,100})$/;
/** A queue, an agent or a contact lies below its instance. */
const BELOW_INSTANCE = /^([^/]{1,200}:instance\/[^/]{1,100})\//;

/** The instance that the text is the ARN of; undefined where it is none. */
export function instanceOf(arn: string): Instance | undefined {
  const [, region, account, id] = INSTANCE_ARN.exec(arn) ?? [];
  if (region === undefined || account === undefined || id === undefined) return undefined;
  return { arn, region, account, id };
}

export function isInstanceArn(text: string): boolean {
  return INSTANCE_ARN.test(text);
}

/** The instance's ARN in that of a resource below it; undefined where there is none. */
export function instanceArnIn(resourceArn: string): string | undefined {
  const [, instanceArn] = BELOW_INSTANCE.exec(resourceArn) ?? [];
  return instanceArn !== undefined && isInstanceArn(instanceArn) ? instanceArn : undefined;
}

const STREAM_ARN = /^arn:[^:]+:kinesisvideo:([a-z0-9-]+):[^:]*:stream\/([^/]+)/;

/** @returns undefined for what is no stream's ARN */
export function partsOfStreamArn(
  arn: string,
): { readonly region: string; readonly name: string } | undefined {
  const [, region, name] = STREAM_ARN.exec(arn) ?? [];
  return region === undefined || name === undefined ? undefined : { region, name };
}
