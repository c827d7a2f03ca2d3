// Validates answers against the response schemas that lie beside the project (shared/spec/xsd), with xmllint.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codePages, type Element } from '../wbxml/index.ts';

const schemas = new URL('../../shared/spec/xsd/', import.meta.url);

/** Why nothing can be validated; undefined when it can. Found out once, and said. */
const hindrance = ((): string | undefined => {
  if (!existsSync(schemas)) return 'the response schemas (../shared/spec/xsd) are not there';
  if (spawnSync('xmllint', ['--version']).error !== undefined) return 'xmllint (libxml2-utils) is not installed';
  return undefined;
})();
if (hindrance !== undefined) console.warn(`      left out, validation of answers against their schemas: ${hindrance}`);

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** An opaque value stands as base64, which is how the schemas have it. */
function xmlOf({ tag, content }: Element): string {
  const name = `p${tag.page}:${tag.name}`;
  if (content === undefined) return `<${name}/>`;
  if (Array.isArray(content)) return `<${name}>${content.map(xmlOf).join('')}</${name}>`;
  return `<${name}>${Buffer.isBuffer(content) ? content.toString('base64') : escaped(content)}</${name}>`;
}

function documentXml(root: Element): string {
  const namespaces = codePages.map(({ number, namespace }) => `xmlns:p${number}="${namespace}"`).join(' ');
  return xmlOf(root).replace(/^<([^\s/>]+)/, `<$1 ${namespaces}`);
}

const filesAtOnce = 500;

/** Answers that were found valid, so that the same one is not looked at again. */
const valid = new Set<string>();

/** Fails when an answer is not one that the schema of its command allows. Does nothing where schemas or xmllint are missing. */
export function assertValidResponse(command: string, root: Element): void {
  if (hindrance !== undefined) return;
  const xml = documentXml(root);
  if (valid.has(xml)) return;
  const schema = fileURLToPath(new URL(`${command}Response.xsd`, schemas));
  const run = spawnSync('xmllint', ['--huge', '--noout', '--schema', schema, '-'], { input: xml, encoding: 'utf8' });
  assert.equal(run.status, 0, `${command} answer is not as its schema has it:\n${run.stderr}\n${xml.slice(0, 4000)}`);
  valid.add(xml);
}

/** As {@link assertValidResponse} for many answers of one command, so that xmllint starts once for hundreds of them. */
export function assertValidResponses(command: string, roots: readonly Element[]): void {
  if (hindrance !== undefined) return;
  const documents = [...new Set(roots.map(documentXml))].filter((xml) => !valid.has(xml));
  if (documents.length === 0) return;
  const directory = mkdtempSync(join(tmpdir(), 'easel-xsd-'));
  try {
    const schema = fileURLToPath(new URL(`${command}Response.xsd`, schemas));
    for (let start = 0; start < documents.length; start += filesAtOnce) {
      const batch = documents.slice(start, start + filesAtOnce);
      const files = batch.map((xml, index) => {
        const file = join(directory, `${start + index}.xml`);
        writeFileSync(file, xml);
        return file;
      });
      const run = spawnSync('xmllint', ['--huge', '--noout', '--schema', schema, ...files], { encoding: 'utf8' });
      const faults = run.stderr
        .split('\n')
        .filter((line) => line.startsWith(directory) && !line.endsWith(' validates'));
      const faulty = batch.find((_, index) => faults.some((line) => line.startsWith(`${files[index]}:`)));
      assert.equal(run.status, 0, `${command}: ${faults.slice(0, 20).join('\n')}\n${faulty?.slice(0, 4000)}`);
      for (const xml of batch) valid.add(xml);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
