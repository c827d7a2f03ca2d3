// The settings of a server: defaults < YAML file < environment (EASEL_…) < flags. Unknown keys are errors that name the key.
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { issueLines } from './organisation/issue-lines.ts';

const port = z.int().min(0).max(65535);
const seconds = z.int().min(1).max(86_400);
/** A file or directory; relative to the place where it is written down (the YAML file, else the working directory). */
const path = z.string().min(1).meta({ path: true });
/** At most 1 GiB. */
const octets = z.int().min(1024).max(1_073_741_824);

function isSubnet(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

const listener = (fallbackPort: number, what: string) =>
  z
    .strictObject({
      enabled: z.boolean().default(true).describe(`Whether the ${what} listener runs`),
      host: z.string().min(1).default('127.0.0.1').describe(`Address that the ${what} listener binds`),
      port: port.default(fallbackPort).describe(`Port of the ${what} listener; 0 takes a free one`),
    })
    .prefault({});

const schema = z.strictObject({
  data: path.default('data').describe('Directory of the database and of keys'),
  hostname: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('Name of this server in mail (EHLO, Received, bounces); else that of the machine'),
  demo: z.boolean().default(true).describe('Whether an empty data directory gets the demo organisation'),
  listen: z
    .strictObject({
      host: z
        .string()
        .min(1)
        .default('0.0.0.0')
        .describe('Address that HTTP binds; 0.0.0.0 is every network of the machine'),
      port: port.default(8080).describe('Port of HTTP or HTTPS; 0 takes a free one'),
    })
    .prefault({}),
  tls: z
    .strictObject({
      certificate: path
        .optional()
        .describe('PEM file of the certificate and its chain; with `tls.key`, HTTPS instead of HTTP'),
      key: path.optional().describe('PEM file of the private key'),
    })
    .prefault({}),
  trustedProxies: z
    .array(z.string().refine(isSubnet, 'must be an address or a subnet like 10.0.0.0/8'))
    .max(100)
    .default([])
    .describe('Addresses or networks (CIDR) of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed'),
  lmtp: listener(2424, 'LMTP'),
  smtp: listener(2525, 'SMTP'),
  relay: z
    .strictObject({
      host: z
        .string()
        .min(1)
        .optional()
        .describe('Mail server that takes mail for outside recipients; none: they get a bounce'),
      port: port.min(1).default(25).describe('Its port'),
      security: z
        .enum(['opportunistic', 'starttls', 'tls'])
        .default('starttls')
        .describe(
          '`starttls` demands STARTTLS, `tls` is TLS from the first octet, `opportunistic` takes STARTTLS if offered',
        ),
      user: z.string().min(1).optional().describe('Login at the relay'),
      password: z.string().min(1).optional().describe('Password at the relay'),
      authorities: path
        .optional()
        .describe('PEM file of authorities to trust for its certificate besides the known ones'),
      verifyCertificate: z
        .boolean()
        .default(true)
        .describe('false takes any certificate; for a relay on the same machine only'),
    })
    .prefault({}),
  limits: z
    .strictObject({
      minimumHeartbeat: seconds.default(60).describe('Shortest heartbeat of Ping and Sync, seconds'),
      maximumHeartbeat: seconds.default(3540).describe('Longest heartbeat of Ping and Sync, seconds'),
      maximumPingFolders: z.int().min(1).max(10_000).default(200).describe('Folders that one Ping may watch'),
      maximumSyncCollections: z.int().min(1).max(10_000).default(512).describe('Collections that one Sync may hold'),
      maximumMessageSize: octets
        .default(31_457_280)
        .describe('Largest message that is taken from devices, LMTP and SMTP, octets'),
      maximumRequestSize: octets.default(47_185_920).describe('Largest HTTP request body, octets'),
      maximumResponseSize: octets
        .default(4_194_304)
        .describe('Size at which a Sync answer ends and the rest waits for the next, octets'),
      maximumDevices: z.int().min(1).max(10_000).default(100).describe('Devices a user may have'),
      maximumRecipients: z.int().min(1).max(100_000).default(1000).describe('Recipients of one message'),
    })
    .refine((limits) => limits.minimumHeartbeat <= limits.maximumHeartbeat, {
      path: ['minimumHeartbeat'],
      message: 'must not be greater than limits.maximumHeartbeat',
    })
    .prefault({}),
  policy: z
    .strictObject({
      allowNonProvisionable: z.boolean().default(true).describe('Whether devices that never provision may work'),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z
        .enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'])
        .default('info')
        .describe('The least important entries that are written'),
    })
    .prefault({}),
});

/** Settings, complete. Paths are absolute. */
export type Config = z.output<typeof schema>;
/** Settings as they are written down; whatever is absent keeps its default. */
export type Settings = z.input<typeof schema>;

/** The database of a data directory. */
export function databaseFile(config: Config): string {
  return join(config.data, 'easel.db');
}

/** Settings that cannot be used. The message is one line for each fault, made to be shown as it is. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** One setting: its place in the file, its variable, default and meaning. */
export interface SettingDescription {
  /** For example `listen.port`. */
  readonly path: string;
  /** For example `EASEL_LISTEN_PORT`. */
  readonly variable: string;
  readonly fallback: unknown;
  readonly meaning: string;
}

interface Leaf extends SettingDescription {
  readonly isPath: boolean;
  readonly type: z.ZodType;
}

function unwrap(type: z.ZodType): { inner: z.ZodType; fallback: unknown } {
  let inner = type;
  let fallback: unknown;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodOptional || inner instanceof z.ZodPrefault) {
    if (inner instanceof z.ZodDefault) fallback = inner.def.defaultValue;
    inner = inner.unwrap() as z.ZodType;
  }
  return { inner, fallback };
}

function leavesOf(object: z.ZodType, prefix: readonly string[]): Leaf[] {
  const leaves: Leaf[] = [];
  for (const [name, member] of Object.entries((object as z.ZodObject).shape)) {
    const type = member as z.ZodType;
    const { inner, fallback } = unwrap(type);
    const names = [...prefix, name];
    if (inner instanceof z.ZodObject) leaves.push(...leavesOf(inner, names));
    else
      leaves.push({
        path: names.join('.'),
        variable: `EASEL_${names.map((part) => part.replace(/[A-Z]/g, '_$&').toUpperCase()).join('_')}`,
        fallback,
        meaning: type.description ?? '',
        isPath: inner.meta()?.['path'] === true,
        type: inner,
      });
  }
  return leaves;
}

const leaves = leavesOf(schema, []);

/** Every setting, in the order of the documentation. */
export const settingDescriptions: readonly SettingDescription[] = leaves;

type Tree = { [name: string]: unknown };

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function put(tree: Tree, leafPath: string, value: unknown): void {
  const names = leafPath.split('.');
  const last = names.pop()!;
  let place = tree;
  for (const name of names) {
    const next = place[name];
    const below = isTree(next) ? next : {};
    place[name] = below;
    place = below;
  }
  place[last] = value;
}

function get(tree: Tree, leafPath: string): unknown {
  return leafPath.split('.').reduce<unknown>((place, name) => (isTree(place) ? place[name] : undefined), tree);
}

/** Lays `upper` over `lower`; `undefined` in upper covers nothing. */
function overlay(lower: Tree, upper: Tree): Tree {
  const result = { ...lower };
  for (const [name, value] of Object.entries(upper)) {
    const below = result[name];
    if (value !== undefined) result[name] = isTree(value) && isTree(below) ? overlay(below, value) : value;
  }
  return result;
}

/** Makes the paths of a source absolute. */
function anchor(tree: Tree, directory: string): Tree {
  const result = structuredClone(tree);
  for (const leaf of leaves) {
    const value = get(result, leaf.path);
    if (leaf.isPath && typeof value === 'string') put(result, leaf.path, resolve(directory, value));
  }
  return result;
}

function fromVariables(variables: NodeJS.ProcessEnv): Tree {
  const tree: Tree = {};
  for (const [name, text] of Object.entries(variables)) {
    if (!name.startsWith('EASEL_') || name === 'EASEL_CONFIG' || text === undefined || text === '') continue;
    const leaf = leaves.find((candidate) => candidate.variable === name);
    if (leaf === undefined) throw new ConfigError(`environment: unknown variable ${name}`);
    let value: unknown = text;
    if (leaf.type instanceof z.ZodArray) value = text.split(',').map((entry) => entry.trim());
    else if (leaf.type instanceof z.ZodBoolean) value = text === 'true' ? true : text === 'false' ? false : text;
    else if (leaf.type instanceof z.ZodNumber && /^-?[0-9]+$/.test(text)) value = Number(text);
    const checked = leaf.type.safeParse(value);
    if (!checked.success)
      throw new ConfigError(`environment: ${name}: ${checked.error.issues[0]?.message ?? 'invalid'}`);
    put(tree, leaf.path, value);
  }
  return tree;
}

async function fromFile(file: string, mayBeMissing: boolean): Promise<Tree> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (mayBeMissing && (code === 'ENOENT' || code === 'ENOTDIR')) return {};
    throw new ConfigError(`${file}: cannot be read (${code})`);
  }
  let value: unknown;
  try {
    value = parse(text) ?? {};
  } catch (error) {
    if (error instanceof YAMLParseError) throw new ConfigError(`${file}: ${error.message.split('\n')[0]}`);
    throw error;
  }
  const checked = schema.safeParse(value);
  if (!checked.success) throw new ConfigError(issueLines(checked.error, file).join('\n'));
  return anchor(value as Tree, dirname(resolve(file)));
}

export interface ConfigSources {
  /** Flags and what a program gives; strongest. */
  readonly settings?: Settings;
  /** The YAML file; EASEL_CONFIG, else easel.yaml of the data directory when absent. */
  readonly file?: string | undefined;
  /** True when there is no data directory whose easel.yaml could count. */
  readonly withoutData?: boolean;
  /** Whether the environment is read (the command line does, a program that embeds the server does not). */
  readonly environment: boolean;
}

/** Reads all sources. Throws {@link ConfigError}. */
export async function loadConfig(sources: ConfigSources): Promise<Config> {
  const directory = process.cwd();
  const given = schema.safeParse(sources.settings ?? {});
  if (!given.success) throw new ConfigError(issueLines(given.error, 'settings').join('\n'));
  const variables = sources.environment ? process.env : {};
  const above = overlay(
    anchor(fromVariables(variables), directory),
    anchor((sources.settings ?? {}) as Tree, directory),
  );
  const named = sources.file ?? (variables['EASEL_CONFIG'] || undefined);
  const data = resolve(directory, String(above['data'] ?? 'data'));
  const own = resolve(data, 'easel.yaml');
  const below = named === undefined && sources.withoutData ? {} : await fromFile(named ?? own, named === undefined);
  if (named === undefined && below['data'] !== undefined && below['data'] !== data)
    throw new ConfigError(`${own}: data: cannot name another directory than its own`);
  const checked = schema.safeParse(overlay(below, above));
  if (!checked.success) throw new ConfigError(issueLines(checked.error, 'settings').join('\n'));
  const config = { ...checked.data, data: resolve(directory, checked.data.data) };
  if ((config.tls.certificate === undefined) !== (config.tls.key === undefined))
    throw new ConfigError('settings: tls.certificate and tls.key belong together: one of them is missing');
  return config;
}
