/** Why AWS didn't answer, where the check can go on without. */
import { type CheckResult, NotThere, unknown } from './finding.ts';

const REFUSED = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AuthorizationError',
  'AuthorizationErrorException',
  'NotAuthorizedException',
  'UnauthorizedOperation',
]);

/** Without credentials or a region nothing at all can be looked at. */
const HOPELESS = new Set([
  'CredentialsProviderError',
  'TokenProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);

/** @throws the error itself where it concerns everything */
export function unanswered(reason: unknown): CheckResult {
  if (!(reason instanceof Error)) return unknown(`could not be looked at: ${String(reason)}`);
  if (HOPELESS.has(reason.name) || /region is missing/i.test(reason.message)) throw reason;
  if (reason instanceof NotThere) return unknown(`could not be looked at: ${reason.message}`);
  if (REFUSED.has(reason.name)) {
    return unknown(
      `you may not look: ${reason.message}`,
      'attach the deployment’s doctor policy (the stack’s output doctor_policy_arn) to whoever you are',
    );
  }
  return unknown(`could not be looked at: ${reason.name}: ${reason.message}`);
}

/** Tells whether the service says that whoever asks may not. */
export function isRefused(reason: unknown): boolean {
  return reason instanceof Error && REFUSED.has(reason.name);
}

/** Tells whether the service says that there is no such thing. */
export function isMissing(reason: unknown): reason is Error {
  return reason instanceof Error && /NotFound|DoesNotExist|NoSuch/.test(reason.name);
}
