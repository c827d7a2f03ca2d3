// The parts of untyped libraries that mime/ uses.

declare module 'libmime/lib/charset.js' {
  const charset: { decode(octets: Buffer, charset: string): string | Buffer };
  export default charset;
}

declare module 'libmime/lib/mimetypes.js' {
  const mimetypes: { readonly list: Readonly<Record<string, string | readonly string[]>> };
  export default mimetypes;
}

declare module 'html-to-text' {
  export interface BlockTextBuilder {
    addInline(text: string): void;
  }
  export type Walk = (nodes: unknown, builder: BlockTextBuilder) => void;
  export type Formatter = (element: { readonly children: unknown }, walk: Walk, builder: BlockTextBuilder) => void;
  export interface Selector {
    readonly selector: string;
    readonly format?: string;
    readonly options?: Readonly<Record<string, unknown>>;
  }
  export interface Options {
    readonly wordwrap?: number | false;
    readonly limits?: { readonly maxDepth?: number; readonly ellipsis?: string };
    readonly formatters?: Readonly<Record<string, Formatter>>;
    readonly selectors?: readonly Selector[];
  }
  export function compile(options: Options): (html: string) => string;
}
