// Item properties as plain values, for replicas and comparisons (MS-ASCMD section 2.2.3.11, ApplicationData (Sync)).
import type { Element } from '../../wbxml/index.ts';
import { children } from './tree.ts';

/** Text, octets, the elements within, or a list of these where an element repeats. */
export type PropertyValue = string | Buffer | Properties | readonly PropertyValue[];

/** By namespace and name: `Email:Subject`, `AirSyncBase:Body`. An empty element is the empty string. */
export interface Properties {
  readonly [name: string]: PropertyValue;
}

function plainValue(element: Element): PropertyValue {
  if (Array.isArray(element.content)) return readProperties(element.content);
  // A copy: decoded octets are a view on the whole answer, which a replica would otherwise keep alive.
  return Buffer.isBuffer(element.content) ? Buffer.from(element.content) : (element.content ?? '');
}

/** Reads the children of ApplicationData or Properties. */
export function readProperties(elements: readonly Element[]): Properties {
  const properties: Record<string, PropertyValue> = {};
  for (const element of elements) {
    const name = `${element.tag.namespace}:${element.tag.name}`;
    const existing = properties[name];
    const value = plainValue(element);
    if (existing === undefined) properties[name] = value;
    else properties[name] = Array.isArray(existing) ? [...existing, value] : [existing, value];
  }
  return properties;
}

/** As {@link readProperties}, of an element that may be missing. */
export function propertiesOf(element: Element | undefined): Properties {
  return readProperties(children(element));
}

/** The value at `path`, steps separated by `/`, first of a list: `AirSyncBase:Body/AirSyncBase:Data`. */
export function property(properties: Properties, path: string): PropertyValue | undefined {
  let value: PropertyValue | undefined = properties;
  for (const step of path.split('/')) {
    if (Array.isArray(value)) value = value[0];
    if (value === undefined || typeof value === 'string' || Buffer.isBuffer(value) || Array.isArray(value)) {
      return undefined;
    }
    value = (value as Properties)[step];
  }
  return value;
}

/** As {@link property}, as text; undefined when it is not there or holds elements. */
export function textProperty(properties: Properties, path: string): string | undefined {
  const value = property(properties, path);
  return Buffer.isBuffer(value) ? value.toString('utf8') : typeof value === 'string' ? value : undefined;
}

/** Every value at `path`'s last step within the element before it, one or many. */
export function listProperty(properties: Properties, path: string): readonly PropertyValue[] {
  const value = property(properties, path);
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as PropertyValue];
}
