// WBXML for Exchange ActiveSync, usable alone: code pages, element tree, encoder, decoder.
export * from './code-pages/index.ts';
export { type Content, Element } from './element.ts';
export { type CodePage, Tag } from './tag.ts';
