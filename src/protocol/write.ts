// Writes a typed value as an element tree, in the order of its schema and without what the protocol version lacks.
import { Element } from '../../wbxml/index.ts';
import { inVersion } from './read.ts';
import type { DocumentSchema, Field, Fields, Infer, Sequence, Struct, Type } from './schema.ts';
import type { ProtocolVersion } from './version.ts';

type NamedField = readonly [name: string, field: Field];
const ofVersion = new WeakMap<Fields, Map<ProtocolVersion, readonly NamedField[]>>();

/** The fields that a version has, in order; worked out once. */
function fieldsIn(fields: Fields, version: ProtocolVersion): readonly NamedField[] {
  let versions = ofVersion.get(fields);
  if (versions === undefined) {
    versions = new Map();
    ofVersion.set(fields, versions);
  }
  let list = versions.get(version);
  if (list === undefined) {
    list = Object.entries(fields).filter(([, field]) => inVersion(field, version));
    versions.set(version, list);
  }
  return list;
}

function contentOf(type: Type, value: unknown, version: ProtocolVersion): Element['content'] {
  if (type.kind === 'leaf') return type.write(value);
  if (type.kind === 'element') return (value as Element).content;
  return type.kind === 'struct'
    ? writeFields(type, value as Infer<Struct>, version)
    : writeSequence(type, value as Infer<Sequence>, version);
}

/** The child elements of a struct's value. */
export function writeFields<F extends Fields>(
  type: Struct<F>,
  value: Infer<Struct<F>>,
  version: ProtocolVersion,
): Element[] {
  const elements: Element[] = [];
  for (const [name, field] of fieldsIn(type.fields, version)) {
    const member = (value as Record<string, unknown>)[name];
    if (member === undefined) {
      if (field.cardinality === 'one') throw new TypeError(`no value for ${field.tag.name}`);
    } else if (field.cardinality === 'many') {
      for (const each of member as readonly unknown[]) {
        elements.push(new Element(field.tag, contentOf(field.type, each, version)));
      }
    } else {
      elements.push(new Element(field.tag, contentOf(field.type, member, version)));
    }
  }
  return elements;
}

function writeSequence(type: Sequence, value: Infer<Sequence>, version: ProtocolVersion): Element[] {
  return value.map(({ kind, value: member }) => {
    const field = type.variants[kind];
    if (field === undefined) throw new TypeError(`no variant ${kind}`);
    return new Element(field.tag, contentOf(field.type, member, version));
  });
}

/** Writes a whole document. */
export function writeDocument<T extends Type>(
  schema: DocumentSchema<T>,
  value: Infer<T>,
  version: ProtocolVersion,
): Element {
  return new Element(schema.tag, contentOf(schema.type, value, version));
}
