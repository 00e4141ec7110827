/**
 * Which SDK commands a program can send, and by which adapter: followed through its sources from the entry point,
 * call by call, with the compiler's own knowledge of what each name means. A method counts when something that
 * counts calls it, itself or by the port that its class implements.
 *
 * What stands on the port of a table is the adapter of what the table sends for it, and for nobody else.
 */
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from '../synthesise.ts';

export interface Sent {
  /** `GetItem` for GetItemCommand and for paginators alike. */
  readonly command: string;
  /** The class of ports/ in whose methods it is sent. */
  readonly adapter: string;
}

/** @param entries paths in the checkout. @returns what each program sends, in their order. */
export function sentCommands(entries: readonly string[]): Sent[][] {
  const program = ts.createProgram({
    rootNames: entries.map((entry) => join(ROOT, entry)),
    options: {
      module: ts.ModuleKind.Preserve,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      target: ts.ScriptTarget.ES2023,
      allowImportingTsExtensions: true,
      noEmit: true,
      strict: true,
      skipLibCheck: true,
      types: ['node'],
    },
  });
  const checker = program.getTypeChecker();
  return entries.map((entry) => {
    const source = program.getSourceFile(join(ROOT, entry));
    if (source === undefined) throw new Error(`there is no ${entry}`);
    return new Walk(checker).from(source);
  });
}

const SDK = '/node_modules/@aws-sdk/client-';
const COMMAND = /^(\w+)Command$/;
const PAGINATOR = /^paginate(\w+)$/;

class Walk {
  readonly #checker: ts.TypeChecker;
  readonly #seen = new Set<string>();
  readonly #ids = new Map<ts.Node, number>();
  readonly #sent = new Map<string, Sent>();
  readonly #classes = new Set<ts.ClassLikeDeclaration>();
  /** Members of classes that are made, by the declaration in the interface of what they implement. */
  readonly #implementing = new Map<ts.Declaration, ts.ClassElement[]>();
  /** Members of ports that are called, by the declaration in the interface; and by which adapters, where it is a table's. */
  readonly #calledMembers = new Map<ts.Declaration, Set<string>>();
  /** Functions of objects that stand for a port, by the declaration in the interface. */
  readonly #functions = new Map<ts.ObjectLiteralElementLike, readonly ts.Declaration[]>();

  constructor(checker: ts.TypeChecker) {
    this.#checker = checker;
  }

  from(source: ts.SourceFile): Sent[] {
    this.#visit(source, '');
    return [...this.#sent.values()].toSorted((a, b) =>
      `${a.adapter} ${a.command}`.localeCompare(`${b.adapter} ${b.command}`),
    );
  }

  #once(node: ts.Node, adapter: string): boolean {
    const id = this.#ids.get(node) ?? this.#ids.size;
    this.#ids.set(node, id);
    const key = `${String(id)} ${adapter}`;
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    return true;
  }

  #visit(node: ts.Node, adapter: string): void {
    if (!this.#once(node, adapter)) return;
    const walk = (child: ts.Node): void => {
      if (ts.isTypeNode(child) || ts.isInterfaceDeclaration(child) || ts.isImportDeclaration(child)) return;
      // Methods count when they are called.
      if (ts.isClassLike(child) || this.#isOfPort(child)) return;
      if (ts.isIdentifier(child) || ts.isPrivateIdentifier(child)) this.#name(child, adapter);
      ts.forEachChild(child, walk);
    };
    ts.forEachChild(node, walk);
    if (ts.isIdentifier(node)) this.#name(node, adapter);
  }

  #name(name: ts.Identifier | ts.PrivateIdentifier, adapter: string): void {
    for (const declaration of this.#declarations(name)) {
      const file = declaration.getSourceFile().fileName;
      if (file.includes(SDK)) this.#note(name.text, adapter);
      else if (!file.includes('/node_modules/')) this.#declaration(declaration, adapter);
    }
  }

  #declarations(name: ts.Identifier | ts.PrivateIdentifier): readonly ts.Declaration[] {
    const shorthand = ts.isShorthandPropertyAssignment(name.parent)
      ? this.#checker.getShorthandAssignmentValueSymbol(name.parent)
      : undefined;
    const symbol = shorthand ?? this.#checker.getSymbolAtLocation(name);
    if (symbol === undefined) return [];
    const actual = symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol;
    return actual.declarations ?? [];
  }

  #note(name: string, adapter: string): void {
    const command = COMMAND.exec(name)?.[1] ?? PAGINATOR.exec(name)?.[1];
    if (command !== undefined) this.#sent.set(`${adapter} ${command}`, { command, adapter });
  }

  #declaration(declaration: ts.Declaration, adapter: string): void {
    if (ts.isBindingElement(declaration)) {
      for (const bound of this.#bound(declaration)) this.#declaration(bound, adapter);
    } else if (ts.isClassLike(declaration)) this.#instantiated(declaration);
    else if (ts.isFunctionDeclaration(declaration)) this.#visit(declaration, adapter);
    else if (ts.isVariableDeclaration(declaration) || ts.isPropertyAssignment(declaration)) {
      if (declaration.initializer) this.#visit(declaration.initializer, adapter);
    } else if (ts.isClassElement(declaration)) this.#member(declaration, adapter);
    else if (ts.isMethodSignature(declaration) || ts.isPropertySignature(declaration)) {
      const callers = this.#calledMembers.get(declaration) ?? new Set();
      if (callers.has(adapter)) return;
      this.#calledMembers.set(declaration, callers.add(adapter));
      for (const member of this.#implementing.get(declaration) ?? []) this.#member(member, adapter);
      for (const [known, signatures] of this.#functions) {
        if (signatures.includes(declaration)) this.#visit(known, '');
      }
    }
  }

  /** Whether it is a function of an object literal that stands for a port: then it counts when it is called. */
  #isOfPort(node: ts.Node): boolean {
    const { parent } = node;
    if (!ts.isObjectLiteralExpression(parent)) return false;
    const isFunction =
      ts.isMethodDeclaration(node) || (ts.isPropertyAssignment(node) && ts.isFunctionLike(node.initializer));
    if (!isFunction) return false;
    const signatures =
      this.#checker.getContextualType(parent)?.getProperty(node.name.getText())?.declarations ?? [];
    if (!signatures.some((signature) => isInPorts(signature))) return false;
    this.#functions.set(node, signatures);
    if (signatures.some((signature) => this.#calledMembers.has(signature))) this.#visit(node, '');
    return true;
  }

  /** What `const { name } = …` takes out, of a module that is loaded when it is needed above all. */
  #bound(element: ts.BindingElement): readonly ts.Declaration[] {
    const name = element.propertyName ?? element.name;
    if (!ts.isIdentifier(name)) return [];
    const property = this.#checker.getTypeAtLocation(element.parent).getProperty(name.text);
    if (property === undefined) return [];
    const actual =
      property.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(property) : property;
    return (actual.declarations ?? []).filter((declaration) => declaration !== element);
  }

  #instantiated(declaration: ts.ClassLikeDeclaration): void {
    if (this.#classes.has(declaration)) return;
    this.#classes.add(declaration);
    for (const member of declaration.members) {
      if (ts.isConstructorDeclaration(member) || ts.isPropertyDeclaration(member)) this.#member(member, '');
    }
    this.#implementations(declaration);
  }

  /** @param caller the adapter for which it is called */
  #member(member: ts.ClassElement, caller: string): void {
    const { parent } = member;
    if (!ts.isClassLike(parent)) return;
    const own = isInPorts(member) ? (parent.name?.text ?? '') : '';
    this.#visit(member, this.#portsOf(parent).some(isTable) ? caller : own);
  }

  /** Methods by which a class does what a port's caller asked for. */
  #implementations(declaration: ts.ClassLikeDeclaration): void {
    const ports = this.#portsOf(declaration);
    for (const member of declaration.members) {
      const name = member.name?.getText() ?? '';
      const signatures = ports.flatMap((port) => port.getProperty(name)?.declarations ?? []);
      for (const signature of signatures) {
        this.#implementing.set(signature, [...(this.#implementing.get(signature) ?? []), member]);
        for (const caller of this.#calledMembers.get(signature) ?? []) this.#member(member, caller);
      }
    }
  }

  #portsOf(declaration: ts.ClassLikeDeclaration): ts.Type[] {
    return (declaration.heritageClauses ?? [])
      .filter(({ token }) => token === ts.SyntaxKind.ImplementsKeyword)
      .flatMap(({ types }) => types.map((type) => this.#checker.getTypeFromTypeNode(type)));
  }
}

/** The port on which other adapters stand. */
function isTable(port: ts.Type): boolean {
  return port.symbol.name === 'Table' && (port.symbol.declarations ?? []).every(isInPorts);
}

function isInPorts(node: ts.Node): boolean {
  return node.getSourceFile().fileName.startsWith(join(ROOT, 'ports'));
}
