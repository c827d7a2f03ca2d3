// WBXML for Exchange ActiveSync, usable alone: code pages, element tree, encoder, decoder.
export * from './code-pages/index.ts';
export { type DecodeOptions, decode } from './decode.ts';
export { type Content, Element } from './element.ts';
export { encode, encodeChunks } from './encode.ts';
export { defaultLimits, type Limits } from './limits.ts';
export { type CodePage, Tag } from './tag.ts';
export { findTag, tagsById } from './tag-lookup.ts';
export { type Fault, faults, WbxmlError } from './wbxml-error.ts';
