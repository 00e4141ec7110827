/** Where a deployment stands, and ARNs of what is there. */

export interface Place {
  readonly partition: string;
  readonly region: string;
  /** Known when it is deployed; a token until then. */
  readonly account: string;
}

export function partitionOf(region: string): string {
  if (region.startsWith('us-gov-')) return 'aws-us-gov';
  return region.startsWith('cn-') ? 'aws-cn' : 'aws';
}

/** Of a regional resource of this account. */
export function arnOf({ partition, region, account }: Place, service: string, resource: string): string {
  return `arn:${partition}:${service}:${region}:${account}:${resource}`;
}
