// The files under src as syntax trees, for tests about how the source is made.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

export const ROOT = join(import.meta.dirname, '../..')

/** One thing that a file imports, in whatever form. */
export interface Import {
  readonly from: string
  /** Gone once types are. */
  readonly typeOnly: boolean
}

/** Paths of the files under src, relative to it, with slashes. */
export function sourceFiles(): string[] {
  return readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
    .sort()
}

export function readSource(path: string): string {
  return readFileSync(join(ROOT, 'src', path), 'utf8')
}

/** Every node of a file's tree. */
export function* nodesOf(path: string, text: string): Generator<ts.Node> {
  const stack: ts.Node[] = [ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)]
  for (let node = stack.pop(); node; node = stack.pop()) {
    yield node
    stack.push(...node.getChildren())
  }
}

/** import and export … from, import(…), import x = require(…), require(…) and import(…) types. */
export function importsOf(path: string, text: string): Import[] {
  return [...nodesOf(path, text)].flatMap((node) => {
    const found = importOf(node)
    return found ? [found] : []
  })
}

function importOf(node: ts.Node): Import | undefined {
  if (ts.isImportDeclaration(node)) {
    return literal(node.moduleSpecifier, isTypeOnly(node.importClause))
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
    return literal(node.moduleSpecifier, node.isTypeOnly)
  }
  if (ts.isExternalModuleReference(node)) return literal(node.expression, false)
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return literal(node.argument.literal, true)
  }
  if (ts.isCallExpression(node) && isImporting(node.expression)) {
    return literal(node.arguments[0], false)
  }
  return undefined
}

/** What is imported under a computed name cannot be told, and is told as such. */
function literal(node: ts.Node | undefined, typeOnly: boolean): Import {
  return { from: node && ts.isStringLiteralLike(node) ? node.text : '(computed)', typeOnly }
}

function isImporting(callee: ts.Expression): boolean {
  return (
    callee.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isIdentifier(callee) && callee.text === 'require')
  )
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const { name, namedBindings } = clause
  return (
    name === undefined &&
    namedBindings !== undefined &&
    ts.isNamedImports(namedBindings) &&
    namedBindings.elements.every((element) => element.isTypeOnly)
  )
}
