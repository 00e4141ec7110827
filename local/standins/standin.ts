import type { Server } from 'node:http';

/** A service's stand-in on this machine. */
export interface Standin {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Ends every connection and frees the port. */
  close(): Promise<void>;
}

/** The URL of a server that listens on 127.0.0.1. */
export function endpointOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return `http://127.0.0.1:${String(address.port)}`;
}
