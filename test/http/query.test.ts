// Both forms of the query (MS-ASHTTP section 2.2.1.1.1.1, Base64 Encoded Query Value; 2.2.1.1.1.2, Plain Text Query Value).
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { commandCodes } from '../../src/http/command-codes.ts';
import { parseQuery, type RequestQuery } from '../../src/http/query.ts';

const none = { saveInSent: false, acceptMultiPart: false };

function query(text: string): RequestQuery {
  const parsed = parseQuery(text);
  assert.equal(parsed.kind, 'query', parsed.kind === 'malformed' ? `${parsed.reason}: ${text}` : '');
  return parsed as RequestQuery;
}

function base64(...octets: (number | string)[]): string {
  return Buffer.concat(
    octets.map((part) => (typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part, 'latin1'))),
  ).toString('base64');
}

/** Version 14.1, Sync, locale 0x0409, device `dev`, no key, type `SP`. */
const head = [141, 0, 9, 4, 3, 'dev', 0, 2, 'SP'] as const;

describe('http: plain queries', () => {
  it('take their parameters in any order, as iOS and Android send them (MS-ASHTTP R98)', () => {
    for (const text of [
      'User=ann&DeviceId=D1&DeviceType=iPad&Cmd=FolderSync',
      'Cmd=FolderSync&User=ann&DeviceId=D1&DeviceType=iPad',
      '&cmd=FolderSync&DEVICEID=D1&&devicetype=iPad&user=ann&',
    ]) {
      const { command, user, deviceId, deviceType, version, policyKey, parameters } = query(text);
      assert.deepEqual([command, user, deviceId, deviceType], ['FolderSync', 'ann', 'D1', 'iPad'], text);
      assert.deepEqual([version, policyKey, parameters], [undefined, undefined, none]);
    }
  });

  it('undo percent escapes', () => {
    const { user, parameters } = query('Cmd=GetAttachment&User=DOMAIN%5Cann&AttachmentName=5%3a2%3a0');
    assert.equal(user, 'DOMAIN\\ann');
    assert.equal(parameters.attachmentName, '5:2:0');
  });

  it('take the parameters of commands (MS-ASHTTP R115 to R121), and leave out what is not there', () => {
    const text = 'Cmd=SmartReply&CollectionId=5&ItemId=5%3A9&LongId=L&Occurrence=O&ParentId=P&SaveInSent=T';
    const expected = { collectionId: '5', itemId: '5:9', longId: 'L', occurrence: 'O', parentId: 'P' };
    assert.deepEqual(query(text).parameters, { ...expected, saveInSent: true, acceptMultiPart: false });
    assert.deepEqual(query('Cmd=SendMail&SaveInSent=F').parameters, none);
  });

  it('pass over parameters that nobody knows, and a user in an old charset', () => {
    assert.equal(query('Cmd=Sync&User=Andr%E9&X-Vendor=1').user, '');
  });

  for (const [what, text] of [
    ['no command', 'User=ann&DeviceId=D1&DeviceType=SP'],
    ['an empty command', 'Cmd=&User=ann'],
    ['nothing', ''],
    ['a parameter twice', 'Cmd=Sync&Cmd=SendMail'],
    ['bad escapes', 'Cmd=Sync&DeviceId=%zz'],
    ['bad UTF-8', 'Cmd=Sync&CollectionId=%ff%fe'],
  ] as const) {
    it(`are malformed with ${what}`, () => assert.equal(parseQuery(text).kind, 'malformed'));
  }
});

describe('http: base64 queries', () => {
  it("read the specification's example as equal to its plain form (MS-ASHTTP R16)", () => {
    const { command, version, deviceId, deviceType, policyKey } = query('jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25l');
    assert.deepEqual(
      [command, version, deviceId, deviceType, policyKey],
      ['Sync', '14.0', 'v140Device', 'SmartPhone', undefined],
    );
  });

  it("read Windows Phone 8's, whose device identifier is a GUID and whose key is there", () => {
    const { command, version, deviceId, deviceType, policyKey } = query('jAkMBBCkufmbxGcztuQus5kI+d1IBG1/bn0DV1A4');
    assert.deepEqual(
      [command, version, deviceId, deviceType, policyKey],
      ['FolderSync', '14.0', 'A4B9F99BC46733B6E42EB39908F9DD48', 'WP8', 0x7d6e7f6d],
    );
  });

  it('read every command code (MS-ASHTTP R58 to R78)', () => {
    const codes: Record<number, string> = {
      0: 'Sync',
      1: 'SendMail',
      2: 'SmartForward',
      3: 'SmartReply',
      4: 'GetAttachment',
      9: 'FolderSync',
      10: 'FolderCreate',
      11: 'FolderDelete',
      12: 'FolderUpdate',
      13: 'MoveItems',
      14: 'GetItemEstimate',
      15: 'MeetingResponse',
      16: 'Search',
      17: 'Settings',
      18: 'Ping',
      19: 'ItemOperations',
      20: 'Provision',
      21: 'ResolveRecipients',
      22: 'ValidateCert',
      23: 'Find',
    };
    for (const [code, name] of Object.entries(codes)) {
      assert.equal(query(base64(141, Number(code), 9, 4, 1, 'd', 0, 0)).command, name);
    }
    assert.equal(commandCodes.length, 24);
    assert.equal(query(base64(141, 99, 9, 4, 1, 'd', 0, 0)).command, 'code 99');
  });

  it('read every version', () => {
    for (const [octet, version] of [
      [121, '12.1'],
      [140, '14.0'],
      [141, '14.1'],
      [160, '16.0'],
      [161, '16.1'],
      [25, '2.5'],
    ] as const) {
      assert.equal(query(base64(octet, 0, 9, 4, 1, 'd', 0, 0)).version, version);
    }
  });

  it('read every parameter by its tag (MS-ASHTTP R81 to R86)', () => {
    const tags = [0, 'a', 1, 'c', 3, 'i', 4, 'l', 5, 'p', 6, 'o', 8, 'u'].map((part) =>
      typeof part === 'number' ? part : `\x01${part}`,
    );
    const { parameters, user } = query(base64(...head, ...tags));
    assert.deepEqual(parameters, {
      attachmentName: 'a',
      collectionId: 'c',
      itemId: 'i',
      longId: 'l',
      parentId: 'p',
      occurrence: 'o',
      ...none,
    });
    assert.equal(user, 'u');
  });

  it('read the bits of Options (MS-ASHTTP R92, R94)', () => {
    for (const [octet, saveInSent, acceptMultiPart] of [
      [0, false, false],
      [1, true, false],
      [2, false, true],
      [3, true, true],
    ] as const) {
      const { parameters } = query(base64(...head, 7, 1, octet));
      assert.deepEqual(parameters, { saveInSent, acceptMultiPart });
    }
  });

  it('may have their signs escaped, and be of the URL-safe kind', () => {
    const text = 'jAkMBBCkufmbxGcztuQus5kI+d1IBG1/bn0DV1A4';
    const plain = query(text);
    assert.deepEqual(query(encodeURIComponent(text)), plain);
    assert.deepEqual(query(text.replaceAll('+', '-').replaceAll('/', '_')), plain);
    assert.equal(query(encodeURIComponent(base64(141, 0, 9, 4, 2, 'ab', 0, 0))).deviceId, 'ab');
  });

  it('give an empty device identifier where its length is 0 (MS-ASHTTP R32)', () => {
    assert.equal(query(base64(141, 0, 9, 4, 0, 0, 2, 'SP')).deviceId, '');
  });

  for (const [what, text] of [
    ['nothing but a version', base64(141)],
    ['a device identifier cut off', base64(141, 0, 9, 4, 16, 'abc')],
    ['no policy key length', base64(141, 0, 9, 4, 1, 'd')],
    ['a policy key of 3 octets (MS-ASHTTP R38)', base64(141, 0, 9, 4, 1, 'd', 3, 'abc', 0)],
    ['a device type cut off', base64(141, 0, 9, 4, 1, 'd', 0, 9, 'SP')],
    ['a parameter without length', base64(...head, 1)],
    ['a parameter cut off', base64(...head, 1, 5, 'ab')],
    ['an unknown parameter', base64(...head, 9, 1, 'x')],
    ['a parameter twice', base64(...head, 1, 1, 'x', 1, 1, 'y')],
  ] as const) {
    it(`are malformed with ${what}`, () => assert.equal(parseQuery(text).kind, 'malformed'));
  }

  it('never throw, whatever they hold', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (octets) => {
        parseQuery(Buffer.from(octets).toString('base64'));
        parseQuery(Buffer.from(octets).toString('latin1'));
      }),
    );
  });

  it('of captured traffic are all read', function () {
    const folder = fileURLToPath(new URL('../../../shared/fixtures', import.meta.url));
    if (!existsSync(folder)) {
      console.log('    left out: captured queries, because ../shared/fixtures is not there');
      this.skip();
    }
    let count = 0;
    for (const capture of readdirSync(folder, { withFileTypes: true })) {
      if (!capture.isDirectory()) continue;
      for (const file of readdirSync(`${folder}/${capture.name}`)) {
        const match = /^\d+-(?:b64\.)?(\w+)\.req\.txt$/.exec(file);
        const first = readFileSync(`${folder}/${capture.name}/${file}`, 'latin1').split('\n')[0] ?? '';
        const text = /^POST [^?]*\?(\S+) HTTP/.exec(first)?.[1];
        if (match === null || text === undefined) continue;
        const parsed = query(text);
        assert.equal(parsed.command, match[1], `${capture.name}/${file}`);
        assert.match(parsed.deviceId, /^[A-Za-z0-9]+$/);
        count++;
      }
    }
    assert.ok(count > 50, `${count} queries`);
  });
});
