// Settings: which source wins, what is refused, and that docs/operations.md tells of all of them.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Config, ConfigError, type ConfigSources, loadConfig, settingDescriptions } from '../src/config.ts';
import { readProjectFile } from './project-files.ts';

describe('configuration', () => {
  let directory = '';
  const variables: string[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'easel-config-'));
  });
  afterEach(async () => {
    for (const name of variables.splice(0)) delete process.env[name];
    await rm(directory, { recursive: true, force: true });
  });

  function variable(name: string, value: string): void {
    variables.push(name);
    process.env[name] = value;
  }

  async function fromFile(yaml: string, sources: Partial<ConfigSources> = {}): Promise<Config> {
    const file = join(directory, 'settings.yaml');
    await writeFile(file, yaml);
    return loadConfig({ environment: false, file, ...sources });
  }

  async function faultOf(yaml: string): Promise<string> {
    const file = join(directory, 'settings.yaml');
    const error = await fromFile(yaml).then(
      () => assert.fail('it was taken'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof ConfigError);
    return error.message.replaceAll(file, 'FILE');
  }

  it('flags win over the environment, the environment over the file, the file over the defaults', async () => {
    const yaml = 'listen: {host: 192.0.2.1, port: 1}\nlog: {level: debug}\ndemo: false\n';
    variable('EASEL_LISTEN_PORT', '2');
    variable('EASEL_LOG_LEVEL', 'warn');
    const config = await fromFile(yaml, { environment: true, settings: { log: { level: 'error' } } });
    assert.deepEqual(config.listen, { host: '192.0.2.1', port: 2 });
    assert.equal(config.log.level, 'error');
    assert.equal(config.demo, false);
    assert.equal(config.limits.maximumHeartbeat, 3540);
  });

  it('a program that embeds the server is not changed by the environment', async () => {
    variable('EASEL_LISTEN_PORT', '2');
    assert.equal((await fromFile('')).listen.port, 8080);
  });

  it('reads easel.yaml of the data directory, which EASEL_DATA may name, unless another file is named', async () => {
    await writeFile(join(directory, 'easel.yaml'), 'listen: {port: 3}\n');
    variable('EASEL_DATA', directory);
    assert.equal((await loadConfig({ environment: true })).listen.port, 3);
    assert.equal((await loadConfig({ environment: true })).data, directory);
    assert.equal((await fromFile('listen: {port: 4}', { environment: true })).listen.port, 4);
    assert.equal((await loadConfig({ environment: true, withoutData: true })).listen.port, 8080);
  });

  it('takes paths in a file from where the file lies, all others from the working directory', async () => {
    const config = await fromFile('data: here\ntls: {certificate: c.pem, key: /etc/k.pem}\n');
    assert.equal(config.data, join(directory, 'here'));
    assert.deepEqual(config.tls, { certificate: join(directory, 'c.pem'), key: '/etc/k.pem' });
    assert.equal(
      (await loadConfig({ environment: false, withoutData: true, settings: { data: 'x' } })).data,
      resolve('x'),
    );
  });

  it('reads lists and switches from variables', async () => {
    variable('EASEL_TRUSTED_PROXIES', '10.0.0.0/8, ::1');
    variable('EASEL_POLICY_ALLOW_NON_PROVISIONABLE', 'false');
    const config = await fromFile('', { environment: true });
    assert.deepEqual(config.trustedProxies, ['10.0.0.0/8', '::1']);
    assert.equal(config.policy.allowNonProvisionable, false);
  });

  const faults: readonly [what: string, yaml: string, fault: string | RegExp][] = [
    ['an unknown key', 'colour: red', 'FILE: unknown key colour'],
    ['unknown keys, each on its line', 'listen: {prot: 1}\nx: 2', 'FILE: unknown key listen.prot\nFILE: unknown key x'],
    ['a port that is none', 'listen: {port: 70000}', /^FILE: listen\.port: /],
    ['text for a number', 'limits: {maximumDevices: many}', /^FILE: limits\.maximumDevices: /],
    ['an entry of a list', 'trustedProxies: [1]', /^FILE: trustedProxies\[0\]: /],
    [
      'a proxy that is no address',
      'trustedProxies: ["::1", proxy]',
      'FILE: trustedProxies[1]: must be an address or a subnet like 10.0.0.0/8',
    ],
    [
      'heartbeats the wrong way round',
      'limits: {minimumHeartbeat: 900, maximumHeartbeat: 60}',
      'FILE: limits.minimumHeartbeat: must not be greater than limits.maximumHeartbeat',
    ],
    ['a certificate without a key', 'tls: {certificate: c.pem}', /tls\.certificate and tls\.key belong together/],
    ['broken YAML', 'listen: [', /^FILE: /],
    ['something that is no mapping', 'hello', /^FILE: /],
  ];
  for (const [what, yaml, fault] of faults)
    it(`names ${what}`, async () => {
      const message = await faultOf(yaml);
      if (typeof fault === 'string') assert.equal(message, fault);
      else assert.match(message, fault);
    });

  const wrongVariables: readonly [name: string, value: string, fault: RegExp][] = [
    ['EASEL_COLOUR', 'red', /^environment: unknown variable EASEL_COLOUR$/],
    ['EASEL_LISTEN_PORT', 'http', /^environment: EASEL_LISTEN_PORT: /],
    ['EASEL_DEMO', 'maybe', /^environment: EASEL_DEMO: /],
  ];
  for (const [name, value, fault] of wrongVariables)
    it(`names the variable ${name}=${value}`, async () => {
      variable(name, value);
      await assert.rejects(loadConfig({ environment: true, withoutData: true }), (error) => {
        assert.ok(error instanceof ConfigError);
        assert.match(error.message, fault);
        return true;
      });
    });

  it('docs/operations.md lists every setting with its variable, default and meaning', () => {
    const page = readProjectFile('docs/operations.md');
    const rows = settingDescriptions.map(({ path, variable: name, fallback, meaning }) => {
      const value = Array.isArray(fallback) && fallback.length === 0 ? 'none' : (fallback ?? 'none');
      return `| \`${path}\` | \`${name}\` | ${value} | ${meaning} |`;
    });
    assert.deepEqual(
      rows.filter((row) => !page.includes(row)),
      [],
    );
  });
});
