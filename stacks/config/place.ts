/** The account and region of a deployment, and ARNs of what is there. */

export interface Place {
  readonly region: string;
  /** Known when it is deployed; a token until then. */
  readonly account: string;
}

/** The ARN of a regional resource of this account. */
export function arnOf({ region, account }: Place, service: string, resource: string): string {
  return `arn:aws:${service}:${region}:${account}:${resource}`;
}
