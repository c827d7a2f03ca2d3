// How large a document may be. Each limit is answered by its own fault of WbxmlError.

export interface Limits {
  /** Levels of nesting, the root being level 1. Exceeded: `depth-limit`. */
  readonly maxDepth: number;
  /** Elements in the document. Exceeded: `element-limit`. */
  readonly maxElements: number;
  /** Bytes of the document; at most 256 MiB, beyond which a text no longer fits a string. Exceeded: `size-limit`. */
  readonly maxBytes: number;
}

/**
 * The deepest document of the protocol has about 12 levels, a Sync of 512 full calendar items about 50,000 elements,
 * and a message of 25 MB is 34 MB when its parts are base64.
 */
export const defaultLimits: Limits = { maxDepth: 100, maxElements: 500_000, maxBytes: 64 * 1024 * 1024 };
