/** The types of what others import: a declaration file for each file of one folder that its entries lead to. */
import { join, relative } from 'node:path';
import ts from 'typescript';

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts'],
  types: ['node'],
  module: ts.ModuleKind.Preserve,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  allowImportingTsExtensions: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  // `npm run check` is for that.
  noCheck: true,
  skipLibCheck: true,
  declaration: true,
  emitDeclarationOnly: true,
};

/** An import of ours, as it stands in a declaration. */
const OWN_IMPORT = /((?:from|import)\s*\(?')(\.[^']*)\.ts'/g;

/**
 * @param folder whose files may import each other's types, and packages’; nothing else of ours
 * @returns text by name, from the folder on
 * @throws Error where a type of another folder would have to go with it
 */
export function declarations(folder: string, entries: readonly string[]): Map<string, string> {
  const files = entries.map((entry) => join(folder, entry));
  const program = ts.createProgram(files, { ...OPTIONS, rootDir: join(folder, '..'), outDir: folder });
  const written = new Map<string, string>();
  program.emit(undefined, (path, text) => {
    const name = relative(join(folder, relative(join(folder, '..'), folder)), path);
    if (!name.startsWith('..')) written.set(name, text.replace(OWN_IMPORT, "$1$2.js'"));
  });
  return reached(written, entries);
}

/** The declarations that the entries lead to. */
function reached(written: ReadonlyMap<string, string>, entries: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (name: string) => {
    if (found.has(name)) return;
    const text = written.get(name);
    if (text === undefined)
      throw new Error(`the types of the library need ${name}, which isn’t in its folder`);
    found.set(name, text);
    for (const [, , imported = ''] of text.matchAll(/((?:from|import)\s*\(?')(\.[^']*)\.js'/g))
      visit(join(name, '..', `${imported}.d.ts`));
  };
  for (const entry of entries) visit(entry.replace(/\.ts$/, '.d.ts'));
  return found;
}
