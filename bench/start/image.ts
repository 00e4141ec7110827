/** What of the image can be told without building it: Node itself, which is nearly all of its base, and our own layer. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import * as v from 'valibot';
import { ROOT } from '../support/program.ts';
import type { Table } from '../support/results.ts';
import { median } from '../support/statistics.ts';

const RUNS = 5;
const OWN = [
  'task/index.mjs',
  'task/THIRD-PARTY-NOTICES.txt',
  'live/index.mjs',
  'live/THIRD-PARTY-NOTICES.txt',
];

type Packer = (bytes: Uint8Array) => Uint8Array;
const packer = v.custom<Packer>((value) => typeof value === 'function');
/** Node has it since 22.15. */
const Zstd = v.object({ zstdCompressSync: packer, zstdDecompressSync: packer });

export async function imageTable(): Promise<Table> {
  const own = await Promise.all(OWN.map((file) => readFile(join(ROOT, 'dist', file))));
  return {
    head: ['in the image', 'size', 'gzip', 'zstd', 'to unpack: gzip, CPU s', 'to unpack: zstd, CPU s'],
    rows: [
      row(`Node.js itself (this machine’s, ${process.arch})`, await readFile(process.execPath)),
      row('the layer of the two bundles and their licences', Buffer.concat(own)),
    ],
  };
}

function row(name: string, bytes: Uint8Array): string[] {
  const megabytes = ({ length }: Uint8Array) => `${(length / 1e6).toFixed(1)} MB`;
  const gzipped = zlib.gzipSync(bytes);
  const zstd = v.safeParse(Zstd, { ...zlib });
  if (!zstd.success)
    return [name, megabytes(bytes), megabytes(gzipped), 'not measured', cpuOf(zlib.gunzipSync, gzipped), ''];
  const { zstdCompressSync, zstdDecompressSync } = zstd.output;
  const packed = zstdCompressSync(bytes);
  return [
    name,
    megabytes(bytes),
    megabytes(gzipped),
    megabytes(packed),
    cpuOf(zlib.gunzipSync, gzipped),
    cpuOf(zstdDecompressSync, packed),
  ];
}

function cpuOf(unpack: Packer, packed: Uint8Array): string {
  const seconds = Array.from({ length: RUNS }, () => {
    const before = process.cpuUsage();
    unpack(packed);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  });
  return median(seconds).toFixed(3);
}
