/** What AWS refuses, in words that name the remedy. */
import type { AwsDeployment } from './deployment.ts';

export interface Explanation {
  readonly message: string;
  readonly hint: string;
}

const NO_CREDENTIALS = new Set(['CredentialsProviderError', 'TokenProviderError']);
const BAD_CREDENTIALS = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);
const REFUSED = new Set(['AccessDenied', 'AccessDeniedException', 'NotAuthorizedException', 'Forbidden']);
const UNREACHABLE = new Set([
  'ENOTFOUND',
  'ECONNREFUSED',
  'ETIMEDOUT',
  'ECONNRESET',
  'TimeoutError',
  'EAI_AGAIN',
]);
const LOG_IN = 'log in (aws sso login, or set AWS_PROFILE), or name a profile with --profile';

/**
 * @param deployment undefined where AWS was asked beside a local run
 * @returns undefined for what isn't AWS's refusal
 */
export function explain(error: unknown, deployment: AwsDeployment | undefined): Explanation | undefined {
  if (!(error instanceof Error)) return undefined;
  const { name, message } = error;
  const code = 'code' in error ? String(error.code) : '';
  const region = deployment?.region ?? 'the profile’s region';
  if (NO_CREDENTIALS.has(name))
    return { message: `there are no usable AWS credentials: ${message}`, hint: LOG_IN };
  if (BAD_CREDENTIALS.has(name))
    return { message: `AWS doesn’t accept the credentials: ${message}`, hint: LOG_IN };
  if (/region is missing/i.test(message)) {
    return {
      message: 'no AWS region is set',
      hint: 'give --region, or set AWS_REGION (the stack’s output region; us-east-1 unless it was deployed elsewhere)',
    };
  }
  if (name === 'ResourceNotFoundException' && deployment !== undefined) {
    return {
      message: `there is no table ${deployment.callsTable} or ${deployment.checkpointsTable} in ${region}`,
      hint: 'is it another region (--region), another deployment (--prefix) or another account (--profile)?',
    };
  }
  if (name === 'NoSuchBucket' || name === 'PermanentRedirect') {
    return {
      message: `the bucket is not in ${region}: ${message}`,
      hint: 'give --bucket (the stack’s output bucket), or another --region or --profile',
    };
  }
  if (REFUSED.has(name)) {
    return {
      message: `AWS refuses: ${message}`,
      hint:
        'attach the deployment’s operator policy (the stack’s output operator_policy_arn) to whoever you are; ' +
        'doctor needs doctor_policy_arn as well, calls erase eraser_policy_arn, calls transcribe transcriber_policy_arn',
    };
  }
  if (UNREACHABLE.has(code) || UNREACHABLE.has(name)) {
    return {
      message: `AWS can’t be reached: ${message}`,
      hint: `is ${region} right, and is this machine online?`,
    };
  }
  return undefined;
}
