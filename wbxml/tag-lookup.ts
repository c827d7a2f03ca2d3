// Finds tags by number and by name (MS-ASWBXML section 2.1.2.1, Code Pages).
import { codePages } from './code-pages/index.ts';
import type { Tag } from './tag.ts';

/** Every tag at index `tag.id` (`page * 64 + token`); undefined where no tag is assigned. */
export const tagsById: readonly (Tag | undefined)[] = (() => {
  const tags = new Array<Tag | undefined>(codePages.length * 64).fill(undefined);
  for (const page of codePages) for (const tag of Object.values(page.tags)) tags[tag.id] = tag;
  return tags;
})();

const tagsByName = new Map<string, Tag>();
for (const tag of tagsById) if (tag !== undefined) tagsByName.set(`${tag.page}:${tag.name}`, tag);

/** The tag of that name on code page `page` (0-25), or undefined when the page has none. */
export function findTag(page: number, name: string): Tag | undefined {
  return tagsByName.get(`${page}:${name}`);
}
