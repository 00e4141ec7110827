declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface DynaliteOptions {
    /** Folder of a LevelDB; without it everything is kept in memory. */
    readonly path?: string;
    readonly createTableMs?: number;
    readonly deleteTableMs?: number;
    readonly updateTableMs?: number;
  }

  export default function dynalite(options?: DynaliteOptions): Server;
}

/** In place of the package's own types, which name a namespace that does not exist. */
declare module 'fauxqs' {
  import type { FastifyInstance } from 'fastify';

  export function buildApp(options?: { readonly logger?: boolean }): FastifyInstance;
}
