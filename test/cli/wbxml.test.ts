// `easel wbxml decode|encode`, each run a process of its own: exit codes, standard streams, odd input.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = `
  import { Command } from 'commander';
  import { registerWbxml } from './src/cli/wbxml.ts';
  const program = new Command('easel');
  registerWbxml(program);
  await program.parseAsync();
`;
const root = fileURLToPath(new URL('../../', import.meta.url));

function easelWbxml(args: string[], input: Buffer | string = '') {
  const command = ['--import', 'tsx', '--input-type=module', '--eval', program, '--', 'wbxml', ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: root, input });
  return { status, stdout, stderr: stderr.toString() };
}

describe('easel wbxml', () => {
  const bytes = Buffer.from('03016a00454e0331000100114bc30200010101', 'hex');
  const folder = mkdtempSync(join(tmpdir(), 'easel-wbxml-'));
  after(() => rmSync(folder, { recursive: true }));

  it('decodes a file, and encodes standard input to the same bytes', () => {
    const file = join(folder, 'sync.wbxml');
    writeFileSync(file, bytes);
    const decoded = easelWbxml(['decode', file]);
    assert.equal(decoded.stderr, '');
    assert.match(decoded.stdout.toString(), /^ {2}<Status>1<\/Status>$/m);
    const encoded = easelWbxml(['encode', '-'], decoded.stdout);
    assert.equal(encoded.status, 0);
    assert.deepEqual(encoded.stdout, bytes);
  });

  const failures: [what: string, args: string[], input: Buffer | string, stderr: RegExp][] = [
    ['an empty document', ['decode', '-'], '', /^standard input: .*\(at byte 0\)\n$/],
    ['a cut document, with the offset', ['decode', '-'], bytes.subarray(0, 9), /\(at byte 9\)\n$/],
    [
      'an unknown token, with the offset',
      ['decode', '-'],
      Buffer.from('03016a00451101', 'hex'),
      /not assigned.*\(at byte 5\)\n$/,
    ],
    ['XML where WBXML is due', ['decode', '-'], '<Sync/>', /\(at byte 0\)\n$/],
    ['WBXML where XML is due', ['encode', '-'], bytes, /^standard input: .+\n$/],
    ['a tag that does not exist', ['encode', '-'], '<Nope xmlns="AirSync"/>', /^standard input: \/Nope: no such tag/],
    ['a file that does not exist', ['decode', join(folder, 'none')], '', /none: ENOENT/],
    ['a directory', ['encode', folder], '', /EISDIR/],
    ['no file name', ['decode'], '', /missing required argument 'file'/],
  ];
  for (const [what, args, input, message] of failures) {
    it(`refuses ${what} with exit code 1`, () => {
      const { status, stdout, stderr } = easelWbxml(args, input);
      assert.match(stderr, message);
      assert.equal(status, 1);
      assert.equal(stdout.length, 0);
    });
  }

  it('leaves out unknown elements when asked to', () => {
    const { status, stdout } = easelWbxml(['decode', '--skip-unknown', '-'], Buffer.from('03016a00451101', 'hex'));
    assert.equal(status, 0);
    assert.match(stdout.toString(), /<Sync xmlns="AirSync"\/>/);
  });
});
