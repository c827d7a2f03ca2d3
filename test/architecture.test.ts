// The house rules of docs/architecture.md: who may import whom, what files are called, how long they are, what they may not hold.
import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';
import { projectFiles, projectRoot, readProjectFile } from './project-files.ts';

/** What a part may import besides itself. A part that is not listed does not exist. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  wbxml: [],
  'src/protocol': ['wbxml'],
  'src/mime': [],
  'src/store': ['src/protocol', 'src/mime'],
  'src/content': ['wbxml', 'src/protocol', 'src/mime', 'src/store'],
  'src/directory': ['src/store'],
  'src/sync': ['wbxml', 'src/protocol', 'src/content', 'src/store'],
  'src/provisioning': ['wbxml', 'src/protocol', 'src/store'],
  'src/transport': ['src/protocol', 'src/content', 'src/mime', 'src/store'],
  'src/commands': [
    'wbxml',
    'src/protocol',
    'src/content',
    'src/directory',
    'src/mime',
    'src/provisioning',
    'src/store',
    'src/sync',
    'src/transport',
  ],
  'src/http': ['wbxml', 'src/protocol', 'src/commands', 'src/directory', 'src/store'],
  'src/organisation': ['src/directory', 'src/store', 'src/transport'],
  'src/demo': ['src/content', 'src/directory', 'src/mime', 'src/organisation', 'src/store', 'src/transport'],
  'src/client': ['wbxml'],
  'src/cli': [
    'wbxml',
    'src/config.ts',
    'src/directory',
    'src/main.ts',
    'src/organisation',
    'src/store',
    'src/transport',
  ],
  'src/logger.ts': [],
  'src/config.ts': ['src/organisation'],
  'src/main.ts': [
    'src/commands',
    'src/config.ts',
    'src/demo',
    'src/http',
    'src/logger.ts',
    'src/organisation',
    'src/provisioning',
    'src/store',
    'src/sync',
    'src/transport',
  ],
};

/** The parts that may use a package's code; types may be used anywhere. */
const packageUsers: Readonly<Record<string, readonly string[]>> = {
  '@koa/router': ['src/http'],
  '@node-rs/argon2': ['src/directory'],
  'better-sqlite3': ['src/store'],
  commander: ['src/cli'],
  'fast-xml-parser': ['wbxml'],
  'html-to-text': ['src/mime'],
  'iconv-lite': ['src/mime', 'src/demo'],
  koa: ['src/http'],
  libmime: ['src/mime'],
  nodemailer: ['src/transport', 'src/mime'],
  pino: ['src/logger.ts'],
  pkijs: [],
  'smtp-server': ['src/transport'],
  yaml: ['src/config.ts', 'src/organisation'],
  zod: ['src/config.ts', 'src/organisation', 'src/demo'],
};

/** What turns trees into octets and back: for the wire and the command line only. */
const codecNames = new Set(['decode', 'encode', 'encodeChunks']);
const codecUsers = ['wbxml', 'src/http', 'src/client', 'src/cli'];

const topLevel = new Set(['.ci', 'benchmarks', 'data', 'docs', 'src', 'test', 'wbxml']);
const maximumLines = 400;

interface Import {
  /** Package name, or the imported file's path from the project root. */
  readonly target: string;
  readonly isLocal: boolean;
  readonly isType: boolean;
  readonly names: readonly string[];
}

interface SourceFile {
  readonly path: string;
  readonly part: string;
  readonly text: string;
  readonly imports: readonly Import[];
  readonly hasAny: boolean;
}

function partOf(path: string): string {
  const [first, second] = path.split('/');
  return first === 'src' ? `src/${second}` : (first ?? '');
}

function importOf(path: string, specifier: string, isType: boolean, names: readonly string[]): Import {
  const isLocal = specifier.startsWith('.');
  const segments = specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1);
  return { target: isLocal ? normalize(join(dirname(path), specifier)) : segments.join('/'), isLocal, isType, names };
}

function parse(path: string): SourceFile {
  const text = readProjectFile(path);
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023);
  const imports: Import[] = [];
  let hasAny = false;
  const visit = (node: ts.Node): void => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) hasAny = true;
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const clause = node.importClause;
      const bindings = clause?.namedBindings;
      const elements = bindings !== undefined && ts.isNamedImports(bindings) ? [...bindings.elements] : [];
      const values = elements.filter((element) => !element.isTypeOnly);
      const onlyTypes = elements.length > 0 && values.length === 0 && clause?.name === undefined;
      const isType = clause?.phaseModifier === ts.SyntaxKind.TypeKeyword || onlyTypes;
      const names = values.map((element) => (element.propertyName ?? element.name).text);
      imports.push(importOf(path, node.moduleSpecifier.text, isType, names));
    }
    if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined && ts.isStringLiteral(node.moduleSpecifier))
      imports.push(importOf(path, node.moduleSpecifier.text, node.isTypeOnly, []));
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      if (argument !== undefined && ts.isStringLiteral(argument))
        imports.push(importOf(path, argument.text, false, []));
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return { path, part: partOf(path), text, imports, hasAny };
}

const files = projectFiles();
const scripts = files.filter((path) => path.endsWith('.ts'));
const isProduct = (path: string) => path.startsWith('src/') || path.startsWith('wbxml/');
const none: readonly string[] = [];

describe('architecture', () => {
  let sources: readonly SourceFile[] = [];
  let product: readonly SourceFile[] = [];
  before(() => {
    sources = scripts.filter((path) => !path.endsWith('.d.ts')).map(parse);
    product = sources.filter(({ path }) => isProduct(path));
  });

  it('has only the parts that docs/architecture.md names', () => {
    const parts = [...new Set(product.map(({ part }) => part))].filter((part) => mayImport[part] === undefined);
    assert.deepEqual(parts, none);
    const page = readProjectFile('docs/architecture.md');
    assert.deepEqual(
      Object.keys(mayImport).filter((part) => !page.includes(`\`${part.replace('src/', '')}`)),
      none,
    );
    const folders = files.filter((path) => path.includes('/')).map((path) => path.slice(0, path.indexOf('/')));
    assert.deepEqual(
      folders.filter((folder) => !topLevel.has(folder)),
      none,
    );
  });

  it('imports go one way', () => {
    const wrong = product.flatMap(({ path, part, imports }) =>
      imports
        .filter(({ isLocal, target }) => isLocal && partOf(target) !== part)
        .filter(({ target }) => !mayImport[part]?.includes(partOf(target)))
        .map(({ target }) => `${path} -> ${target}`),
    );
    assert.deepEqual(wrong, none);
  });

  it('the store sees ids and plain data only', () => {
    const wrong = product
      .filter(({ part }) => part === 'src/store')
      .flatMap(({ path, imports }) =>
        imports
          .filter(({ isLocal, target }) => isLocal && partOf(target) !== 'src/store')
          .filter(
            ({ target, isType }) => target !== 'src/protocol/ids.ts' && !(isType && partOf(target) === 'src/mime'),
          )
          .map(({ target }) => `${path} -> ${target}`),
      );
    assert.deepEqual(wrong, none);
  });

  it('only the store knows its engines', () => {
    const wrong = product
      .filter(({ part }) => part !== 'src/store')
      .flatMap(({ path, imports }) =>
        imports.filter(({ target }) => /^src\/store\/[^/]+\//.test(target)).map(({ target }) => `${path} -> ${target}`),
      );
    assert.deepEqual(wrong, none);
  });

  it('only the wire and the command line see WBXML octets', () => {
    const wrong = product
      .filter(({ part }) => !codecUsers.includes(part))
      .flatMap(({ path, imports }) =>
        imports
          .filter(({ target }) => partOf(target) === 'wbxml')
          .flatMap(({ names }) => names.filter((name) => codecNames.has(name)).map((name) => `${path}: ${name}`)),
      );
    assert.deepEqual(wrong, none);
  });

  it('each package is used where it belongs', () => {
    const wrong = product.flatMap(({ path, part, imports }) =>
      imports
        .filter(({ isLocal, isType, target }) => !isLocal && !isType && !target.startsWith('node:'))
        .filter(({ target }) => !packageUsers[target]?.includes(part))
        .map(({ target }) => `${path} -> ${target}`),
    );
    assert.deepEqual(wrong, none);
    const manifest = JSON.parse(readProjectFile('package.json')) as { dependencies: Record<string, string> };
    assert.deepEqual(Object.keys(packageUsers).sort(), Object.keys(manifest.dependencies).sort());
  });

  it('no files import each other in a circle', () => {
    const edges = new Map(
      product.map(({ path, imports }) => [
        path,
        imports.filter(({ isLocal, isType }) => isLocal && !isType).map(({ target }) => target),
      ]),
    );
    const done = new Set<string>();
    const walk = (path: string, trail: readonly string[]): readonly string[] | undefined => {
      if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
      if (done.has(path)) return undefined;
      for (const target of edges.get(path) ?? []) {
        const circle = walk(target, [...trail, path]);
        if (circle !== undefined) return circle;
      }
      done.add(path);
      return undefined;
    };
    assert.deepEqual(
      [...edges.keys()].map((path) => walk(path, [])).find((circle) => circle !== undefined),
      undefined,
    );
  });

  it('only the configuration reads the environment', () => {
    const wrong = product.filter(({ path, text }) => path !== 'src/config.ts' && /process\s*\.\s*env\b/.test(text));
    assert.deepEqual(
      wrong.map(({ path }) => path),
      none,
    );
  });

  it('files are called in kebab-case by what they are', () => {
    const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|contract|d))?\.ts$/;
    const vague = /(^|-)(utils?|helpers?|managers?|misc|stuff)(-|\.)/;
    const wrong = scripts.filter((path) => {
      const name = path.slice(path.lastIndexOf('/') + 1);
      return !kebab.test(name) || vague.test(name) || /[A-Z_]/.test(dirname(path));
    });
    assert.deepEqual(wrong, none);
  });

  it(`files have at most ${maximumLines} lines and say in the first what they are`, () => {
    const long = sources.filter(({ text }) => text.split('\n').length - 1 > maximumLines);
    assert.deepEqual(
      long.map(({ path }) => path),
      none,
    );
    const silent = sources.filter(({ text }) => !/^(#!.*\n)?\/\/ \S/.test(text));
    assert.deepEqual(
      silent.map(({ path }) => path),
      none,
    );
  });

  it('no check is switched off and nothing is left for later', () => {
    const signs = /@ts-(ignore|nocheck|expect-error)|biome-igno[r]e|eslint-disabl[e]|\b(TOD[O]|FIXM[E])\b/;
    const wrong = sources.filter(({ text, hasAny }) => hasAny || signs.test(text)).map(({ path }) => path);
    assert.deepEqual(wrong, none);
    const only = sources.filter(
      ({ path, text }) => path.startsWith('test/') && /\b(describe|it|context)\.onl[y]\(/.test(text),
    );
    assert.deepEqual(
      only.map(({ path }) => path),
      none,
    );
  });

  it('the lock file says nothing of where packages came from', () => {
    assert.doesNotMatch(readProjectFile('package-lock.json'), /"resolved"/);
  });

  it('nothing tells of the machine it was written on', () => {
    const machine = [`${projectRoot}/`, `${homedir()}/`];
    const signs = /\bregistry\.[a-z0-9.-]+\.[a-z]{2,}|(^|[\s"'(=])\/(home|Users)\/[a-z]/m;
    const isText = /\.(ts|json|md|yaml|yml|sh|txt|html|tsv|rc)$|(^|\/)(\.[a-z]+|run|[A-Z]+)$/;
    const wrong = files
      .filter((path) => isText.test(path))
      .filter((path) => {
        const text = readProjectFile(path);
        return machine.some((place) => text.includes(place)) || signs.test(text);
      });
    assert.deepEqual(wrong, none);
  });

  it('the index of decisions is complete', () => {
    const index = readProjectFile('docs/decisions/README.md');
    const decisions = files.filter((path) => /^docs\/decisions\/\d{4}-.*\.md$/.test(path));
    const names = decisions.map((path) => path.slice('docs/decisions/'.length));
    assert.deepEqual(
      names.filter((name) => !index.includes(`](${name})`)),
      none,
    );
    const linked = [...index.matchAll(/\]\((\d{4}-[^)]+)\)/g)].map((match) => match[1] ?? '');
    assert.deepEqual(
      linked.filter((name) => !names.includes(name)),
      none,
    );
    const numbers = names.map((name) => name.slice(0, 4));
    assert.equal(new Set(numbers).size, numbers.length, `a number is used twice: ${numbers.join(' ')}`);
  });

  it('links between documents lead somewhere', () => {
    const wrong = files
      .filter((path) => path.endsWith('.md'))
      .flatMap((path) =>
        [...readProjectFile(path).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)]
          .map((match) => normalize(join(dirname(path), match[1] ?? '')))
          .filter(
            (target) => !files.some((file) => file === target || file.startsWith(`${target.replace(/\/$/, '')}/`)),
          )
          .map((target) => `${path} -> ${target}`),
      );
    assert.deepEqual(wrong, none);
  });
});
