/** What the local system's programs and clients are configured with: stand-ins, and nothing of the user's own AWS. */
import { devNull } from 'node:os';

export const REGION = 'us-east-1';
export const ACCOUNT = '123456789012';
/** Looks like a key, opens nothing. */
const CREDENTIALS = { accessKeyId: 'AKIALOCALLOCALLOCAL1', secretAccessKey: 'local' };

/** The stand-ins' addresses, by what follows `AWS_ENDPOINT_URL_`. */
export type Endpoints = Readonly<Record<string, string>>;

/** A program's environment. It inherits nothing. */
export function programEnvironment(
  endpoints: Endpoints,
  variables: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
    // Of use to whoever runs this, not in the programs' structured logs.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    TZ: 'UTC',
    ...Object.fromEntries(Object.entries(endpoints).map(([name, url]) => [`AWS_ENDPOINT_URL_${name}`, url])),
    ...variables,
  };
}

/** Configures a client of this process; everything that the user's environment could change is said here. */
export function clientConfig(endpoint: string) {
  return {
    endpoint,
    region: REGION,
    credentials: CREDENTIALS,
    maxAttempts: 3,
    retryMode: 'standard',
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
  };
}
