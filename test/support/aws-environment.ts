/** The environment of a program that talks to stand-ins: no configuration of this machine's, and no AWS. */
import { vi } from 'vitest';

/** Until `vi.unstubAllEnvs`. @param endpoints by what follows `AWS_ENDPOINT_URL_` */
export function stubAwsEnvironment(endpoints: Readonly<Record<string, string>>): void {
  const environment = {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  for (const [service, url] of Object.entries(endpoints)) vi.stubEnv(`AWS_ENDPOINT_URL_${service}`, url);
}
