/** A role of one program: who may take it on, and the one policy that says all it may do. */
import { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy/index.js';
import type { Construct } from 'constructs';
import type { Place } from '../config/place.ts';
import { type Condition, policyDocument, type Statement } from './policies.ts';

export interface RoleOptions {
  readonly name: string;
  readonly service: 'lambda' | 'ecs-tasks' | 'states' | 's3' | 'vpc-flow-logs';
  readonly statements: readonly Statement[];
  /** ARN, `*` allowed, of what the service acts for; keeps other accounts from borrowing the role. */
  readonly actsFor?: string;
}

export interface Role {
  readonly arn: string;
  /** What must be there before a service that checks the role's rights takes it. */
  readonly granted: IamRolePolicy;
}

export function role(scope: Construct, id: string, place: Place, options: RoleOptions): Role {
  const made = new IamRole(scope, `${id}_role`, {
    name: options.name,
    assumeRolePolicy: policyDocument([trust(place, options)]),
  });
  const granted = new IamRolePolicy(scope, `${id}_policy`, {
    name: options.name,
    role: made.id,
    policy: policyDocument(options.statements),
  });
  return { arn: made.arn, granted };
}

function trust(place: Place, { service, actsFor }: RoleOptions) {
  const condition: Condition = {
    StringEquals: { 'aws:SourceAccount': place.account },
    ...(actsFor !== undefined && { ArnLike: { 'aws:SourceArn': actsFor } }),
  };
  return {
    Sid: 'Trust',
    Effect: 'Allow',
    Principal: { Service: `${service}.amazonaws.com` },
    Action: ['sts:AssumeRole'],
    // Lambda names no source when it takes a role on.
    ...(actsFor !== undefined && { Condition: condition }),
  };
}
