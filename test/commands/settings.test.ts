// Settings: device information, user information, and the parts that are refused.
import assert from 'node:assert/strict';
import { type Element, RightsManagement, Settings as S } from '../../wbxml/index.ts';
import { allVersions, at, Bench, childrenOf, el, textAt } from './bench.ts';

const getUser = el(S.UserInformation, el(S.Get));
const setModel = el(S.DeviceInformation, el(S.Set, el(S.Model, 'Phone')));

describe('Settings', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await Bench.open();
  });
  afterEach(() => bench.store.close());

  const setInformation = (...fields: Element[]) => el(S.Settings, el(S.DeviceInformation, el(S.Set, ...fields)));

  for (const version of allVersions) {
    it(`keeps what the device tells of itself at ${version} (MS-ASCMD R4387, R4392, R485, R486)`, async () => {
      const device = bench.device(version);
      const fields = [
        el(S.Model, 'M'),
        el(S.IMEI, '123'),
        el(S.FriendlyName, 'F'),
        el(S.OS, 'O'),
        el(S.OSLanguage, 'de'),
      ];
      const later = version < 14 ? [] : [el(S.EnableOutboundSMS, 0), el(S.MobileOperator, 'Op')];
      const sent = setInformation(...fields, el(S.PhoneNumber, '+49'), el(S.UserAgent, 'A'), ...later);
      const answer = await device.ask('Settings', sent);
      assert.deepEqual(answer, el(S.Settings, el(S.Status, 1), el(S.DeviceInformation, el(S.Status, 1))));
      const { information } = await device.partnership();
      assert.equal(information.model, 'M');
      assert.equal(information.userAgent, 'A');
      assert.equal(information.mobileOperator, version < 14 ? undefined : 'Op');
    });

    it(`gives the user's addresses at ${version} (MS-ASCMD R733, R3679, R3962, R5898, R5901, R5905, R5915)`, async () => {
      const answer = await bench.device(version).ask('Settings', el(S.Settings, getUser));
      const get = at(answer, S.UserInformation, S.Get);
      assert.equal(textAt(answer, S.UserInformation, S.Status), '1');
      const addresses = version < 14.1 ? at(get!, S.EmailAddresses) : at(get!, S.Accounts, S.Account, S.EmailAddresses);
      assert.ok(addresses);
      assert.deepEqual(
        childrenOf(addresses, S.SMTPAddress).map(({ content }) => content),
        ['ann@example.test', 'ann.alias@example.test'],
      );
      assert.equal(textAt(addresses, S.PrimarySmtpAddress), version < 14.1 ? undefined : 'ann@example.test');
      const account = at(get!, S.Accounts, S.Account);
      for (const absent of [S.AccountId, S.AccountName, S.SendDisabled, S.UserDisplayName]) {
        assert.equal(account && at(account, absent), undefined, absent.name);
      }
    });
  }

  it('keeps what was told before and is left out now', async () => {
    const device = bench.device(14.1);
    await device.ask('Settings', setInformation(el(S.Model, 'M'), el(S.OS, 'O')));
    await device.ask('Settings', setInformation(el(S.OS, 'P')));
    assert.deepEqual((await device.partnership()).information, { model: 'M', os: 'P' });
  });

  it('answers in the order of the questions (MS-ASCMD R469, R480, R5713)', async () => {
    const device = bench.device(14.1);
    for (const order of [
      [getUser, setModel],
      [setModel, getUser],
    ]) {
      const answer = await device.ask('Settings', el(S.Settings, ...order));
      assert.deepEqual(
        (answer.content as Element[]).map(({ tag }) => tag),
        [S.Status, ...order.map(({ tag }) => tag)],
      );
    }
  });

  it('answers 5 for device information that is empty or too long, and does the rest (MS-ASCMD R484, R5582)', async () => {
    const device = bench.device(14.1);
    for (const set of [el(S.Set), el(S.Set, el(S.Model, 'x'.repeat(1025)))]) {
      const answer = await device.ask('Settings', el(S.Settings, el(S.DeviceInformation, set), getUser));
      assert.equal(textAt(answer, S.Status), '1');
      assert.equal(textAt(answer, S.DeviceInformation, S.Status), '5');
      assert.equal(textAt(answer, S.UserInformation, S.Status), '1');
    }
    assert.deepEqual((await device.partnership()).information, {});
  });

  it('passes over device information of another version', async () => {
    const device = bench.device(12.1);
    const answer = await device.ask('Settings', setInformation(el(S.Model, 'M'), el(S.MobileOperator, 'Op')));
    assert.equal(textAt(answer, S.DeviceInformation, S.Status), '1');
  });

  it('refuses recovery passwords: 7, and 5 when too long (MS-ASCMD R4400, R4402)', async () => {
    const device = bench.device(14.1);
    for (const [password, status] of [
      ['secret', '7'],
      ['x'.repeat(256), '5'],
    ] as const) {
      const answer = await device.ask(
        'Settings',
        el(S.Settings, el(S.DevicePassword, el(S.Set, el(S.Password, password)))),
      );
      assert.equal(textAt(answer, S.DevicePassword, S.Status), status);
    }
  });

  it('has no rights management templates (MS-ASCMD R3863)', async () => {
    const question = el(S.Settings, el(S.RightsManagementInformation, el(S.Get)));
    const answer = await bench.device(14.1).ask('Settings', question);
    const templates = at(answer, S.RightsManagementInformation, S.Get, RightsManagement.RightsManagementTemplates);
    assert.deepEqual(templates, el(RightsManagement.RightsManagementTemplates));
    assert.equal(textAt(await bench.device(14).ask('Settings', question), S.Status), '2');
  });

  it('answers an out-of-office question with a status of its own', async () => {
    const question = el(S.Settings, el(S.Oof, el(S.Get, el(S.BodyType, 'Text'))), getUser);
    const answer = await bench.device(14.1).ask('Settings', question);
    assert.equal(textAt(answer, S.Oof, S.Status), '5');
    assert.equal(textAt(answer, S.UserInformation, S.Status), '1');
  });

  it('answers 2 and nothing else to what is no Settings request (MS-ASCMD R483)', async () => {
    const malformed = [
      el(S.Settings),
      el(S.Settings, getUser, getUser),
      el(S.Settings, el(S.UserInformation)),
      el(S.Settings, el(S.Model, 'x')),
      el(S.Settings, setModel, el(S.DevicePassword, el(S.Set))),
    ];
    for (const version of allVersions) {
      for (const sent of malformed) {
        const answer = await bench.device(version).ask('Settings', sent);
        assert.deepEqual(answer, el(S.Settings, el(S.Status, 2)));
      }
    }
    assert.deepEqual((await bench.device(14.1).partnership()).information, {});
  });
});
