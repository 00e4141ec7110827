/**
 * What the AWS provider takes, read from the type declarations that it publishes: each attribute of each
 * resource, whether it must be there, and what it holds. Synthesised JSON is held against it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from './synthesise.ts';

const PROVIDER = join(ROOT, 'node_modules/@cdktf/provider-aws/lib');

export type Shape =
  | { readonly kind: 'string' | 'number' | 'boolean' | 'any' }
  | { readonly kind: 'list' | 'map'; readonly of: Shape }
  | { readonly kind: 'block'; readonly name: string };

interface Attribute {
  readonly shape: Shape;
  readonly required: boolean;
}

/** A folder of the provider: its interfaces, and what can be read from the resource once it is there. */
export interface ResourceTypes {
  readonly interfaces: ReadonlyMap<string, ReadonlyMap<string, Attribute>>;
  /** The interface of the resource itself. */
  readonly config: string;
  readonly readable: ReadonlySet<string>;
}

/** Terraform's own, for every resource (TerraformMetaArguments); `//` is where cdktf puts its comments. */
const META_ARGUMENTS = new Set([
  '//',
  'depends_on',
  'count',
  'for_each',
  'lifecycle',
  'provider',
  'provisioner',
]);

const cache = new Map<string, ResourceTypes>();

/** @param type as Terraform spells it; data sources begin with `data_`. */
export function resourceTypes(type: string): ResourceTypes {
  const known = cache.get(type);
  if (known !== undefined) return known;
  const folder = type === 'provider' ? 'provider' : type.replace(/^aws_/, '').replaceAll('_', '-');
  const path = join(PROVIDER, folder, 'index.d.ts');
  if (!existsSync(path)) throw new Error(`the provider has no ${type}`);
  const types = parse(path);
  cache.set(type, types);
  return types;
}

function parse(path: string): ResourceTypes {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022, false);
  const interfaces = new Map<string, ReadonlyMap<string, Attribute>>();
  const readable = new Set<string>();
  let config = '';
  for (const statement of source.statements) {
    if (ts.isInterfaceDeclaration(statement)) {
      const isConfig = statement.heritageClauses?.some((clause) =>
        clause.getText(source).includes('MetaArguments'),
      );
      if (isConfig || statement.name.text === 'AwsProviderConfig') config = statement.name.text;
      interfaces.set(statement.name.text, attributesOf(statement, source));
    }
    if (ts.isClassDeclaration(statement) && isResource(statement, source)) {
      for (const member of statement.members) {
        if (ts.isGetAccessor(member)) readable.add(member.name.getText(source));
      }
    }
  }
  return { interfaces, config, readable };
}

function isResource(statement: ts.ClassDeclaration, source: ts.SourceFile): boolean {
  return (
    statement.heritageClauses?.some((clause) =>
      /TerraformResource|TerraformDataSource/.test(clause.getText(source)),
    ) ?? false
  );
}

function attributesOf(statement: ts.InterfaceDeclaration, source: ts.SourceFile) {
  const attributes = new Map<string, Attribute>();
  for (const member of statement.members) {
    if (!ts.isPropertySignature(member) || member.type === undefined) continue;
    attributes.set(member.name.getText(source), {
      shape: shapeOf(member.type, source),
      required: member.questionToken === undefined,
    });
  }
  return attributes;
}

function shapeOf(type: ts.TypeNode, source: ts.SourceFile): Shape {
  if (ts.isUnionTypeNode(type)) {
    const own = type.types.find((part) => !part.getText(source).endsWith('.IResolvable'));
    return own === undefined ? { kind: 'any' } : shapeOf(own, source);
  }
  if (ts.isArrayTypeNode(type)) return { kind: 'list', of: shapeOf(type.elementType, source) };
  if (ts.isParenthesizedTypeNode(type)) return shapeOf(type.type, source);
  if (ts.isTypeLiteralNode(type)) return { kind: 'map', of: mapValue(type, source) };
  const text = type.getText(source);
  if (text === 'string' || text === 'number' || text === 'boolean' || text === 'any') return { kind: text };
  return { kind: 'block', name: text };
}

function mapValue(type: ts.TypeLiteralNode, source: ts.SourceFile): Shape {
  const [member] = type.members;
  return member !== undefined && ts.isIndexSignatureDeclaration(member)
    ? shapeOf(member.type, source)
    : { kind: 'any' };
}

/** `cidr_ipv4` → `cidrIpv4`. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** @returns one line a fault: unknown, missing or mistyped attributes. */
export function faults(type: string, block: unknown): string[] {
  const types = resourceTypes(type);
  return blockFaults(types, types.config, block, type);
}

function blockFaults(types: ResourceTypes, name: string, block: unknown, at: string): string[] {
  const attributes = types.interfaces.get(name);
  if (attributes === undefined) return [`${at}: the provider has no ${name}`];
  if (!isRecord(block)) return [`${at} is no block`];
  const given = new Map(Object.entries(block).map(([key, value]) => [camelCase(key), value]));
  const lines: string[] = [];
  for (const [key, value] of Object.entries(block)) {
    if (META_ARGUMENTS.has(key)) continue;
    const attribute = attributes.get(camelCase(key));
    if (attribute === undefined) lines.push(`${at}.${key} is unknown`);
    else lines.push(...valueFaults(types, attribute.shape, value, `${at}.${key}`));
  }
  for (const [key, { required }] of attributes) {
    if (required && given.get(key) === undefined) lines.push(`${at}.${key} is missing`);
  }
  return lines;
}

/** The whole of a text is one expression: its type is known only to Terraform. */
const EXPRESSION = /^\$\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}$/;

function valueFaults(types: ResourceTypes, shape: Shape, value: unknown, at: string): string[] {
  if (typeof value === 'string' && EXPRESSION.test(value)) return [];
  switch (shape.kind) {
    case 'any':
      return [];
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === shape.kind
        ? []
        : [`${at} should be a ${shape.kind}, and is ${JSON.stringify(value)}`];
    case 'list':
      return Array.isArray(value)
        ? value.flatMap((item, index) => valueFaults(types, shape.of, item, `${at}[${String(index)}]`))
        : [`${at} should be a list`];
    case 'map':
      return isRecord(value)
        ? Object.entries(value).flatMap(([key, item]) => valueFaults(types, shape.of, item, `${at}.${key}`))
        : [`${at} should be a map`];
    case 'block':
      return blockFaults(types, shape.name, value, at);
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
