// `easel mail import` as a program: output, exit codes, interruption.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openStore } from '../../src/store/open-store.ts';

const program = fileURLToPath(new URL('../../src/cli/easel.ts', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function easel(args: readonly string[], interrupt = false): Promise<Ended> {
  const environment = Object.entries(process.env).filter(([name]) => !name.startsWith('EASEL_'));
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...args], {
    env: Object.fromEntries(environment),
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk;
    // The first line of progress: it is at work.
    if (interrupt) child.kill('SIGINT');
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
}

describe('easel mail import', function () {
  this.timeout(60_000);
  let directory: string;
  const at = (...names: string[]) => join(directory, ...names);

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'easel-cli-'));
    await mkdir(at('data'));
    const store = await openStore({ kind: 'sqlite', file: at('data', 'easel.db') });
    await store.directory.putDomain('example.test');
    await store.directory.putUser('ann', 'example.test', {});
    await store.close();
    await mkdir(at('mail', 'cur'), { recursive: true });
    await writeFile(at('mail', 'cur', '1700000000.a:2,S'), 'Subject: one\n\nBody\n');
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('imports, says what it did, and imports nothing twice', async () => {
    const first = await easel(['mail', 'import', 'ann@example.test', at('mail'), '--data', at('data')]);
    assert.deepEqual({ ...first, err: '' }, { code: 0, out: '1 message imported, 0 there already.\n', err: '' });
    const second = await easel(['mail', 'import', 'ann', at('mail'), '--data', at('data'), '--json']);
    assert.equal(second.code, 0);
    const { imported, present, user } = JSON.parse(second.out);
    assert.deepEqual({ imported, present, user }, { imported: 0, present: 1, user: 'ann@example.test' });
  });

  it('names what it could not read, with an exit code of its own', async () => {
    await writeFile(at('mail', 'cur', '1700000001.a:2,'), '');
    const { code, out } = await easel([
      'mail',
      'import',
      'ann',
      at('mail'),
      '--data',
      at('data'),
      '--folder',
      'Old/2023',
    ]);
    assert.equal(code, 3);
    assert.match(
      out,
      /^1 message imported, 0 there already\.\n1 message could not be read:\n {2}\S+1700000001\.a:2,: empty\n$/,
    );
  });

  it('says in one line who or what is missing', async () => {
    const nobody = await easel(['mail', 'import', 'nobody', at('mail'), '--data', at('data')]);
    assert.deepEqual([nobody.code, nobody.out], [1, '']);
    assert.match(nobody.err, /there is no user nobody[^\n]*\n$/);
    const nothing = await easel(['mail', 'import', 'ann', at('nowhere'), '--data', at('data')]);
    assert.deepEqual([nothing.code, nothing.out], [1, '']);
    assert.match(nothing.err, /nowhere: there is nothing\n$/);
  });

  it('stops at an interruption with what it has, and goes on when run again', async () => {
    const count = 40_000;
    const box = Array.from(
      { length: count },
      (_, number) => `From a@b Mon Jan  1 00:00:00 2024\nSubject: ${number}\n\nBody\n\n`,
    );
    await writeFile(at('box'), box.join(''));
    const args = ['mail', 'import', 'ann', at('box'), '--data', at('data'), '--json'];
    const first = await easel(args, true);
    const report = JSON.parse(first.out);
    assert.equal(first.code, report.complete ? 0 : 130);
    assert.ok(report.imported > 0);
    const second = JSON.parse((await easel(args)).out);
    assert.deepEqual(
      [second.imported + second.present, second.present, second.complete],
      [count, report.imported, true],
    );
  });
});
