/** S3 and DynamoDB without leaving the VPC: it costs nothing, and lets through what a task may do and no more. */
import type { RouteTable } from '@cdktf/provider-aws/lib/route-table/index.js';
import type { Vpc } from '@cdktf/provider-aws/lib/vpc/index.js';
import { VpcEndpoint } from '@cdktf/provider-aws/lib/vpc-endpoint/index.js';
import type { Construct } from 'constructs';
import type { Names } from '../../contract/names.ts';
import type { Place } from '../config/place.ts';
import { allow, policyDocument, type Statement } from '../policies/policies.ts';

export interface GatewayEndpoints {
  readonly names: Names;
  readonly place: Place;
  readonly vpc: Vpc;
  readonly routeTables: readonly RouteTable[];
  readonly taskStatements: readonly Statement[];
}

export function gatewayEndpoints(scope: Construct, options: GatewayEndpoints): void {
  const { names, place, vpc, routeTables, taskStatements } = options;
  for (const service of ['s3', 'dynamodb'] as const) {
    const statements = taskStatements.filter(({ Action }) =>
      Action.every((action) => action.startsWith(`${service}:`)),
    );
    if (service === 's3') statements.push(imageLayers(place));
    new VpcEndpoint(scope, `${service}_endpoint`, {
      vpcId: vpc.id,
      serviceName: `com.amazonaws.${place.region}.${service}`,
      vpcEndpointType: 'Gateway',
      routeTableIds: routeTables.map(({ id }) => id),
      // Who may is said by the roles; here it is said what.
      policy: policyDocument(statements.map((statement) => ({ ...statement, Principal: '*' }))),
      tags: { Name: `${names.network} ${service}` },
    });
  }
}

/** ECR keeps the layers of its images in a bucket of its own (ECR user guide, "interface VPC endpoints"). */
function imageLayers({ region }: Place): Statement {
  return allow('ImageLayers', ['s3:GetObject'], `arn:aws:s3:::prod-${region}-starport-layer-bucket/*`);
}
