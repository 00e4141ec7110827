/** Service Quotas: those that the stack and the doctor ask for, of an account that has asked for more. */
import * as v from 'valibot';
import { ACCOUNT, REGION } from '../../standins/environment.ts';
import { checked, type Json, ServiceError } from '../../standins/json.ts';

interface Quota {
  readonly service: string;
  readonly code: string;
  readonly name: string;
  readonly value: number;
}

/** Codes and names as Service Quotas lists them. */
const QUOTAS: readonly Quota[] = [
  { service: 'lambda', code: 'L-B99A9384', name: 'Concurrent executions', value: 1000 },
  { service: 'fargate', code: 'L-3032A538', name: 'Fargate On-Demand vCPU resource count', value: 1000 },
  { service: 'fargate', code: 'L-36FBB829', name: 'Fargate Spot vCPU resource count', value: 1000 },
];

const one = v.object({ ServiceCode: v.string(), QuotaCode: v.string() });
const all = v.object({ ServiceCode: v.string() });

/** @throws ServiceError */
export function answerQuotas(operation: string, body: unknown): Json {
  if (operation === 'ListServiceQuotas') {
    const { ServiceCode } = checked(all, body);
    return { Quotas: QUOTAS.filter(({ service }) => service === ServiceCode).map(described) };
  }
  if (!['GetServiceQuota', 'GetAWSDefaultServiceQuota'].includes(operation)) {
    throw new ServiceError('UnknownOperationException', `Service Quotas’ ${operation} is not stood in for`);
  }
  const { ServiceCode, QuotaCode } = checked(one, body);
  const quota = QUOTAS.find(({ service, code }) => service === ServiceCode && code === QuotaCode);
  if (!quota) throw new ServiceError('NoSuchResourceException', `no quota ${ServiceCode} ${QuotaCode}`);
  return { Quota: described(quota) };
}

function described({ service, code, name, value }: Quota): Json {
  return {
    ServiceCode: service,
    ServiceName: service,
    QuotaArn: `arn:aws:servicequotas:${REGION}:${ACCOUNT}:${service}/${code}`,
    QuotaCode: code,
    QuotaName: name,
    Value: value,
    Unit: 'None',
    Adjustable: true,
    GlobalQuota: false,
  };
}
