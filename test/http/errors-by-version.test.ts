// What a wrong request is told: a Status from 14.0 on, an HTTP status up to 12.1 (MS-ASCMD section 2.2.2, Common Status Codes).
import assert from 'node:assert/strict';
import { type Command, CommandError } from '../../src/commands/command.ts';
import { decode, Element, encode, FolderHierarchy, Ping, Provision } from '../../wbxml/index.ts';
import {
  ask,
  basic,
  command,
  queryOf,
  startTestServer,
  type TestAnswer,
  type TestRequest,
  type TestServer,
} from './test-server.ts';

const document = new Element(Ping.Ping, [new Element(Ping.HeartbeatInterval, '60')]);
const withStatus = {
  statusDocument: (status: number) => new Element(Ping.Ping, [new Element(Ping.Status, String(status))]),
};
const inOldVersion = ['12.1'];
const inNewVersions = ['14.0', '14.1', '16.0', '16.1'];

const commands: Command[] = [
  command('Ping', withStatus),
  command('SendMail', {
    ...withStatus,
    bodies: (version) => (version < 14 ? ['mime'] : ['document']),
    execute: async ({ query }) => {
      throw new CommandError(Number(query.itemId), 'as asked');
    },
  }),
  command('Search', {
    ...withStatus,
    execute: async ({ query }) => {
      throw query.itemId === undefined
        ? new TypeError('a secret detail')
        : new CommandError(Number(query.itemId), 'as asked');
    },
  }),
  command('Find', { ...withStatus, since: 16.1 }),
  command('GetAttachment', { until: 12.1, bodies: () => ['empty'] }),
  command('Settings', {
    ...withStatus,
    execute: async () => ({ kind: 'document', root: new Element({ ...Ping.Ping }) }),
  }),
  command('ItemOperations', { execute: async () => ({ kind: 'http', status: 507 }) }),
  command('FolderSync', {
    execute: async () => ({
      kind: 'document',
      root: new Element(FolderHierarchy.FolderSync, [new Element(FolderHierarchy.Status, '1')]),
    }),
  }),
];

function statusOf(answer: TestAnswer): string | undefined {
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['content-type'], 'application/vnd.ms-sync.wbxml');
  const { content } = decode(answer.body);
  return Array.isArray(content) ? String(content[0]?.content) : undefined;
}

describe('http: errors by version', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ commands });
  });
  after(() => server.stop());

  /** The same request at every version: an HTTP status at 12.1, a Status at the others. */
  const tellsByVersion = async (request: TestRequest, http: number, status: number) => {
    for (const version of inOldVersion) {
      const answer = await ask(server.port, { ...request, version });
      assert.equal(answer.status, http, version);
      assert.match(String(answer.headers['content-type']), /^text\/html/);
    }
    for (const version of inNewVersions) {
      assert.equal(statusOf(await ask(server.port, { ...request, version })), String(status), version);
    }
  };

  describe('of the request line', () => {
    const ping = queryOf('Ping');
    it('say 400 for a malformed query (MS-ASHTTP R188)', async () => {
      for (const query of [
        undefined,
        '',
        'DeviceId=D1&DeviceType=P',
        'AAAA',
        'Cmd=Ping&Cmd=Ping',
        'Cmd=Ping&ItemId=%zz',
      ]) {
        assert.equal((await ask(server.port, query === undefined ? {} : { query })).status, 400, query);
      }
    });

    it('say 501 for a command that does not exist or that nobody offers (MS-ASCMD R7558, MS-ASHTTP R443)', async () => {
      for (const name of ['Teleport', 'GetHierarchy', 'ResolveRecipients', 'OPTIONS', 'toString']) {
        for (const version of ['12.1', '16.1']) {
          assert.equal((await ask(server.port, { query: queryOf(name), version })).status, 501, name);
        }
      }
    });

    it('find a command whatever the case of its name', async () => {
      assert.equal((await ask(server.port, { query: queryOf('foldersync'), body: document })).status, 200);
    });

    it('say 400 for a version that is missing or not offered, and 505 for 1.0 (MS-ASCMD R7559, R7560)', async () => {
      assert.equal((await ask(server.port, { query: ping, version: undefined })).status, 400);
      for (const [version, status] of [
        ['2.5', 400],
        ['12.0', 400],
        ['16.2', 400],
        ['14', 400],
        ['nonsense', 400],
        ['1.0', 505],
      ] as const) {
        assert.equal((await ask(server.port, { query: ping, version, body: document })).status, status, version);
      }
    });

    it('take a version in blanks', async () => {
      assert.equal((await ask(server.port, { query: ping, version: ' 14.1 ', body: document })).status, 200);
    });

    it('say VersionNotSupported for a command that the version lacks (MS-ASCMD R4897)', async () => {
      const find = { query: queryOf('Find'), body: document };
      assert.equal((await ask(server.port, { ...find, version: '12.1' })).status, 400);
      for (const version of ['14.0', '14.1', '16.0'])
        assert.equal(statusOf(await ask(server.port, { ...find, version })), '138');
      assert.equal((await ask(server.port, { ...find, version: '16.1' })).body.length, 0);
      assert.equal((await ask(server.port, { query: queryOf('GetAttachment'), version: '12.1' })).status, 200);
      assert.equal((await ask(server.port, { query: queryOf('GetAttachment'), version: '14.0' })).status, 400);
    });

    for (const [what, deviceId] of [
      ['missing', ''],
      ['has a comma (MS-ASHTTP R102)', 'a,b'],
      ['has special characters', 'a%2fb'],
      ['is too long', 'x'.repeat(65)],
    ] as const) {
      it(`say DeviceIdMissingOrInvalid when it ${what} (MS-ASCMD R4828)`, () =>
        tellsByVersion({ query: `Cmd=Ping&User=ann&DeviceId=${deviceId}&DeviceType=P`, body: document }, 400, 108));
    }

    for (const deviceType of ['', 'x'.repeat(65), 'a%00b']) {
      it(`say DeviceTypeMissingOrInvalid for '${deviceType.slice(0, 8)}' (MS-ASCMD R4830)`, () =>
        tellsByVersion({ query: `Cmd=Ping&User=ann&DeviceId=D1&DeviceType=${deviceType}`, body: document }, 400, 109));
    }

    it('say UserDisabledForSync where ActiveSync is disabled (MS-ASCMD R4869, R7555)', () =>
      tellsByVersion({ query: ping, body: document, authorization: basic('bob') }, 403, 126));
  });

  describe('of the method', () => {
    it('say 405 for one that exists and 501 for one that nobody recognises (MS-ASHTTP R187, R465)', async () => {
      for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE']) {
        const answer = await ask(server.port, { method, query: queryOf('Ping') });
        assert.equal(answer.status, 405, method);
        assert.equal(answer.headers.allow, 'OPTIONS,POST');
      }
      for (const method of ['PROPFIND', 'LOCK', 'TRACE']) {
        assert.equal((await ask(server.port, { method, query: queryOf('Ping') })).status, 501, method);
      }
    });
  });

  describe('of the body', () => {
    const query = queryOf('Ping');
    it('say InvalidContent for another type (MS-ASCMD R4811, R7545)', async () => {
      for (const type of [
        'text/plain',
        'application/octet-stream',
        'message/rfc822',
        'application/vnd.ms-sync.multipart',
      ]) {
        await tellsByVersion({ query, body: encode(document), headers: { 'Content-Type': type } }, 400, 101);
      }
    });

    it('say InvalidContent for a body without a type (MS-ASHTTP R143)', () =>
      tellsByVersion({ query, body: encode(document), headers: { 'Content-Type': [] } }, 400, 101));

    it('say InvalidContent for a WBXML body of SendMail at 12.1, and for a message after it (MS-ASCMD R4813)', async () => {
      const sendMail = queryOf('SendMail', '&ItemId=120');
      assert.equal((await ask(server.port, { query: sendMail, body: document, version: '12.1' })).status, 400);
      const mime = { body: 'Subject: x\r\n\r\n', headers: { 'Content-Type': 'message/rfc822' } };
      assert.equal((await ask(server.port, { query: sendMail, ...mime, version: '12.1' })).status, 500);
      assert.equal(statusOf(await ask(server.port, { query: sendMail, ...mime, version: '14.0' })), '101');
    });

    it('say InvalidContent for no body where there must be one (MS-ASCMD R4812)', async () => {
      assert.equal(statusOf(await ask(server.port, { query: queryOf('SendMail', '&ItemId=120') })), '101');
    });

    it('take no body, whatever its type, where there may be none', async () => {
      for (const type of ['application/vnd.ms-sync.wbxml', 'text/plain']) {
        const answer = await ask(server.port, { query, headers: { 'Content-Type': type, 'Content-Length': 0 } });
        assert.equal(answer.status, 200, type);
      }
    });

    it('take both names of the type, with parameters and in any case (MS-ASHTTP R143, R438)', async () => {
      for (const type of [
        'application/vnd.ms-sync.wbxml',
        'Application/Vnd.MS-Sync.WBXML; charset=utf-8',
        'application/vnd.ms-sync',
      ]) {
        const answer = await ask(server.port, { query, body: document, headers: { 'Content-Type': type } });
        assert.equal(answer.status, 200, type);
      }
    });

    for (const [what, body] of [
      ['text', Buffer.from('<?xml version="1.0"?><Ping/>')],
      ['a document cut off', encode(document).subarray(0, -2)],
      ['octets after the document', Buffer.concat([encode(document), Buffer.from([1])])],
      ['an unknown code page', Buffer.from('03016a0000ff05', 'hex')],
      ['a header alone', Buffer.from('03016a00', 'hex')],
    ] as const) {
      it(`say InvalidWBXML for ${what} (MS-ASCMD R4815)`, () => tellsByVersion({ query, body }, 400, 102));
    }

    it('say InvalidWBXML for a document that is nested too deeply or has too many elements', async () => {
      const strict = await startTestServer({ commands, limits: { documentDepth: 20, documentElements: 100 } });
      const deep = Buffer.concat([Buffer.from('03016a00000d', 'hex'), Buffer.alloc(50, 0x49), Buffer.alloc(50, 1)]);
      const many = Buffer.concat([Buffer.from('03016a00000d49', 'hex'), Buffer.alloc(200, 0x0a), Buffer.from([1, 1])]);
      for (const body of [deep, many]) assert.equal(statusOf(await ask(strict.port, { query, body })), '102');
      await strict.stop();
    });
  });

  describe('of commands', () => {
    const failing = (status: number, name = 'Search') => ({
      query: queryOf(name, `&ItemId=${status}`),
      body: document,
    });

    it('say their Status, or the HTTP status that stands for it (MS-ASCMD R7461, R7462)', async () => {
      for (const [status, http] of [
        [103, 400],
        [106, 400],
        [110, 500],
        [111, 503],
        [112, 403],
        [113, 507],
        [125, 403],
        [132, 403],
        [141, 449],
        [142, 449],
        [144, 449],
      ] as const) {
        await tellsByVersion(failing(status), http, status);
      }
    });

    it('say their own Status at every version', async () => {
      for (const version of [...inOldVersion, ...inNewVersions]) {
        assert.equal(statusOf(await ask(server.port, { ...failing(5), version })), '5');
      }
    });

    it('say 500 for a wrong identifier in SendMail at 12.1 (MS-ASCMD R7549)', async () => {
      const mime = { body: 'Subject: x\r\n\r\n', headers: { 'Content-Type': 'message/rfc822' }, version: '12.1' };
      assert.equal((await ask(server.port, { ...failing(106, 'SendMail'), ...mime })).status, 500);
    });

    it('say no Status that the version does not know yet', async () => {
      for (const [status, since, http] of [
        [165, 14.1, 400],
        [178, 16, 400],
      ] as const) {
        for (const version of ['14.0', '14.1', '16.0', '16.1']) {
          const answer = await ask(server.port, { ...failing(status), version });
          if (Number(version) < since) assert.equal(answer.status, http, `${status} at ${version}`);
          else assert.equal(statusOf(answer), String(status));
        }
      }
    });

    it('tell a fault of ours as ServerError, keep its details to themselves and log them (MS-ASCMD R4832, R7550)', async () => {
      await tellsByVersion({ query: queryOf('Search'), body: document }, 500, 110);
      const answer = await ask(server.port, { query: queryOf('Search'), body: document, version: '12.1' });
      assert.doesNotMatch(answer.body.toString(), /secret/);
      const line = server.log.findLast(({ msg }) => msg === 'a command failed');
      assert.match(JSON.stringify(line), /a secret detail/);
      assert.equal(line?.['requestId'], answer.headers['request-id']);
    });

    it('tell an answer that cannot be encoded as ServerError', () =>
      tellsByVersion({ query: queryOf('Settings'), body: document }, 500, 110));

    it('may be HTTP statuses by themselves (MS-ASHTTP R192)', async () => {
      const answer = await ask(server.port, { query: queryOf('ItemOperations'), body: document });
      assert.equal(answer.status, 507);
      assert.match(answer.body.toString(), /507 Insufficient Storage/);
    });

    it("carry Exchange's reason phrase with 449", async () => {
      const answer = await ask(server.port, { ...failing(142), version: '12.1' });
      assert.equal(answer.status, 449);
      assert.equal(answer.reason, 'Retry after sending a PROVISION command');
    });

    it('say when to come back with 503 (MS-ASHTTP R288)', async () => {
      const answer = await ask(server.port, { ...failing(111), version: '12.1' });
      assert.equal(answer.status, 503);
      assert.equal(answer.headers['retry-after'], '30');
    });
  });

  describe('of provisioning', () => {
    const asked: (number | undefined)[] = [];
    let required: number | undefined;
    let gated: TestServer;
    before(async () => {
      gated = await startTestServer({
        commands: [...commands, command('Provision', { beforeProvisioning: true })],
        options: {
          requiredProvisioning: ({ policyKey }) => {
            asked.push(policyKey);
            return required;
          },
        },
      });
    });
    after(() => gated.stop());

    it('stand before the command and its body, as 449 up to 12.1 (MS-ASCMD R7564, R7565, R7566)', async () => {
      for (required of [140, 141, 142, 143, 144]) {
        const request = { query: queryOf('Ping'), body: document, headers: { 'X-MS-PolicyKey': '5' } };
        assert.equal((await ask(gated.port, { ...request, version: '12.1' })).status, 449);
        assert.equal(statusOf(await ask(gated.port, { ...request, version: '14.1' })), String(required));
      }
    });

    it('say 403 for a wipe of a device that has no key, up to 12.1 (MS-ASCMD R7561)', async () => {
      required = 140;
      assert.equal((await ask(gated.port, { query: queryOf('Search'), body: document, version: '12.1' })).status, 403);
    });

    it('do not stand before Provision', async () => {
      required = 142;
      assert.equal(
        (await ask(gated.port, { query: queryOf('Provision'), body: new Element(Provision.Provision) })).status,
        200,
      );
    });

    it('see the key of the header or of the query, and of the device for a Ping without one', async () => {
      required = undefined;
      asked.length = 0;
      const device = await gated.store.devices.findOrCreate(
        gated.user.id,
        { deviceId: 'Device1', deviceType: 'Phone', userAgent: '' },
        10,
      );
      assert.ok(device);
      await gated.store.devices.update(device.id, { policyKey: 77 });
      const withKey = Buffer.from('8d120904 03616263 04 4e61bc00 02 5350'.replaceAll(' ', ''), 'hex').toString(
        'base64',
      );
      await ask(gated.port, { query: withKey, version: undefined, body: document });
      for (const key of ['123', '4294967295', '4294967296', '-1', 'x', '']) {
        await ask(gated.port, {
          query: queryOf('Search', '&ItemId=1'),
          body: document,
          headers: { 'X-MS-PolicyKey': key },
        });
      }
      await ask(gated.port, { query: queryOf('Search', '&ItemId=1'), body: document });
      await ask(gated.port, { query: queryOf('Ping'), body: document });
      const none = undefined;
      assert.deepEqual(asked, [0xbc614e, 123, 4294967295, none, none, none, none, none, 77]);
    });
  });
});
