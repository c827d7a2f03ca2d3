// The code pages against two independent sources: the rows of the specification and a table merged from other codecs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { codePages, findTag, tagsById } from '../../wbxml/index.ts';
import { isPresent, sharedWbxml, wbxmlRequirements } from './shared-vectors.ts';

/** Every `page:token:name` that the project has, in order. */
const ours = tagsById.flatMap((tag) => (tag === undefined ? [] : [`${tag.page}:${tag.token}:${tag.name}`])).sort();

describe('wbxml code pages', () => {
  it('has 26 pages, numbered by their index', () => {
    assert.deepEqual(
      codePages.map((page) => page.number),
      Array.from({ length: 26 }, (_, number) => number),
    );
  });

  it('finds each tag by page and name, and none by a name of Object.prototype', () => {
    for (const tag of tagsById) if (tag !== undefined) assert.equal(findTag(tag.page, tag.name), tag);
    assert.equal(findTag(0, 'constructor'), undefined);
    assert.equal(findTag(2, 'SyncKey'), undefined);
    assert.equal(findTag(26, 'Sync'), undefined);
  });

  if (isPresent(wbxmlRequirements, 'token rows of MS-ASWBXML')) {
    const rows = readFileSync(wbxmlRequirements, 'utf8').split('\n');

    it('has exactly the tokens of the specification (MS-ASWBXML section 2.1.2.1, Code Pages)', () => {
      const theirs = rows.flatMap((row) => {
        const [, section, , , , text] = row.split('\t');
        // Rows point to notes here and there, and R74 repeats the name of the row above it.
        const found =
          /\[Tag name\]\s*(\w+)(?: - see note \d[^[]*)?\s*\[Token\](?: Anniversary)?\s*0x([0-9A-Fa-f]{2})/.exec(
            text ?? '',
          );
        const page = /^2\.1\.2\.1\.(\d+)$/.exec(section ?? '');
        if (found === null || page === null) return [];
        return [`${Number(page[1]) - 1}:${Number.parseInt(found[2]!, 16)}:${found[1]}`];
      });
      assert.ok(theirs.length > 580, `read only ${theirs.length} rows`);
      assert.deepEqual(ours, [...new Set(theirs)].sort());
    });

    it('has the namespaces of the specification (MS-ASWBXML R10 to R3400)', () => {
      const theirs = rows.flatMap((row) => {
        const found = /\[Code page\]\s*(\d+)\s*\[that indicates\] \[XML namespace\]\s*(\w+)/.exec(row);
        return found === null ? [] : [[Number(found[1]), found[2]!.toLowerCase()]];
      });
      assert.deepEqual(
        theirs,
        codePages.map((page) => [page.number, page.namespace.toLowerCase()]),
      );
    });
  }

  if (isPresent(sharedWbxml, 'token table merged from other codecs')) {
    it('agrees with the merged table on tokens, namespaces and prefixes', () => {
      const { pages } = JSON.parse(readFileSync(new URL('codepages.json', sharedWbxml), 'utf8')) as {
        pages: { page: number; namespace: string; prefix: string; tags: Record<string, { tag: string }> }[];
      };
      const theirs = pages.flatMap((page) =>
        Object.entries(page.tags).map(([token, { tag }]) => `${page.page}:${Number(token)}:${tag}`),
      );
      assert.deepEqual(ours, theirs.sort());
      assert.deepEqual(
        codePages.map(({ number, namespace, prefix }) => [number, namespace, prefix]),
        pages.map(({ page, namespace, prefix }) => [page, namespace, prefix]),
      );
    });
  }
});
