/** What the own VPC's subnets are made with. */
import type { Vpc } from '@cdktf/provider-aws/lib/vpc/index.js';
import type { Construct } from 'constructs';
import type { Names } from '../../contract/names.ts';
import type { Config } from '../config/config.ts';

/** A zone, and which of the VPC's blocks is its own. */
export interface InZone {
  readonly index: number;
  readonly zone: string;
}

export interface Layout {
  readonly scope: Construct;
  readonly names: Names;
  readonly config: Config;
  readonly vpc: Vpc;
  readonly inZones: readonly InZone[];
}
