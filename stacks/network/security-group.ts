/** Nothing comes in; out goes HTTPS alone. AWS's endpoints have no fixed addresses, hence anywhere. */
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group/index.js';
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule/index.js';
import type { Construct } from 'constructs';
import type { Names } from '../../contract/names.ts';

const HTTPS = 443;

/** @param by what leaves it at all. @returns the group's id */
export function tasksSecurityGroup(
  scope: Construct,
  names: Names,
  vpcId: string,
  by: { readonly ipv4: boolean; readonly ipv6: boolean },
): string {
  const group = new SecurityGroup(scope, 'tasks_security_group', {
    name: names.taskFamily,
    description: 'Recorders: nothing in, HTTPS out',
    vpcId,
    tags: { Name: names.taskFamily },
  });
  const https = {
    securityGroupId: group.id,
    description: 'AWS services',
    ipProtocol: 'tcp',
    fromPort: HTTPS,
    toPort: HTTPS,
  };
  if (by.ipv4) new VpcSecurityGroupEgressRule(scope, 'tasks_https', { ...https, cidrIpv4: '0.0.0.0/0' });
  if (by.ipv6) new VpcSecurityGroupEgressRule(scope, 'tasks_https_ipv6', { ...https, cidrIpv6: '::/0' });
  return group.id;
}
