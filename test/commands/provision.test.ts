// Provision in both phases, and the gate before other commands.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { requiredProvisioning } from '../../src/provisioning/device-policy.ts';
import { decode, type Element, Provision as P, Settings as S } from '../../wbxml/index.ts';
import { allVersions, at, Bench, el, type Request, type TestDevice, textAt } from './bench.ts';

const wbxmlPolicies = 'MS-EAS-Provisioning-WBXML';
const captured = new URL(
  '../../../shared/fixtures/ios6-exchange-receive200Emails/008-Provision.resp.wbxml',
  import.meta.url,
);

function information(device: TestDevice): Element | undefined {
  if (device.version < 14.1) return undefined;
  return el(S.DeviceInformation, el(S.Set, el(S.Model, 'Phone 1'), el(S.OS, 'OS 1')));
}

function first(device: TestDevice, type = wbxmlPolicies, request: Request = {}): Promise<Element> {
  const policies = el(P.Policies, el(P.Policy, el(P.PolicyType, type)));
  return device.ask('Provision', el(P.Provision, information(device), policies), request);
}

function acknowledge(device: TestDevice, key: string, status = 1, request: Request = {}): Promise<Element> {
  const policy = el(P.Policy, el(P.PolicyType, wbxmlPolicies), el(P.PolicyKey, key), el(P.Status, status));
  return device.ask('Provision', el(P.Provision, el(P.Policies, policy)), request);
}

const policyOf = (answer: Element) => at(answer, P.Policies, P.Policy) ?? assert.fail('no Policy');
const keyOf = (answer: Element) => textAt(policyOf(answer), P.PolicyKey) ?? assert.fail('no PolicyKey');
const statusOf = (answer: Element) => textAt(answer, P.Status);
const policyStatusOf = (answer: Element) => textAt(policyOf(answer), P.Status);

describe('Provision', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await Bench.open();
  });
  afterEach(() => bench.store.close());

  for (const version of allVersions) {
    it(`provisions in two phases at ${version} (MS-ASPROV R310, R417, R419, R605, R650, R662)`, async () => {
      const device = bench.device(version);
      const offer = await first(device);
      assert.equal(statusOf(offer), '1', 'R441');
      assert.equal(policyStatusOf(offer), '1', 'R466');
      assert.equal(textAt(policyOf(offer), P.PolicyType), wbxmlPolicies);
      assert.ok(at(policyOf(offer), P.Data, P.EASProvisionDoc), 'R209');
      assert.equal(textAt(offer, S.DeviceInformation, S.Status), version < 14.1 ? undefined : '1', 'R535');
      const answer = await acknowledge(device, keyOf(offer));
      assert.equal(statusOf(answer), '1');
      assert.equal(policyStatusOf(answer), '1');
      assert.equal(at(policyOf(answer), P.Data), undefined, 'R601');
      assert.notEqual(keyOf(answer), keyOf(offer));
      for (const key of [keyOf(offer), keyOf(answer)]) {
        assert.ok(Number(key) >= 1 && Number(key) < 2 ** 32 && /^[1-9][0-9]*$/.test(key), 'R711');
      }
      assert.equal(String((await device.partnership()).policyKey), keyOf(answer));
    });
  }

  it('gives what Exchange gives when nothing is restricted, but for the two obsolete algorithms', function () {
    if (!existsSync(captured)) {
      console.warn('      left out, comparison with a captured policy: ../shared/fixtures is not there');
      this.skip();
    }
    const exchange = at(decode(readFileSync(captured)), P.Policies, P.Policy, P.Data, P.EASProvisionDoc);
    assert.ok(Array.isArray(exchange?.content));
    const algorithms = [P.RequireSignedSMIMEAlgorithm, P.RequireEncryptionSMIMEAlgorithm];
    const expected = exchange.content.filter(({ tag }) => !algorithms.includes(tag));
    return first(bench.device(12.1)).then((offer) => {
      const ours = at(policyOf(offer), P.Data, P.EASProvisionDoc);
      assert.deepEqual(
        (ours?.content as Element[]).map(({ tag, content }) => [tag.name, content]),
        expected.map(({ tag, content }) => [tag.name, content]),
      );
    });
  });

  it('offers a new key each time and takes only the last (MS-ASPROV R475, R657, R695, R761)', async () => {
    const device = bench.device(14.1);
    const outdated = keyOf(await first(device));
    const offered = keyOf(await first(device));
    assert.notEqual(outdated, offered);
    for (const key of [outdated, '0', '', 'abc', '99999999999']) {
      const answer = await acknowledge(device, key);
      assert.equal(policyStatusOf(answer), '5', key);
      assert.equal(statusOf(answer), '1');
    }
    const final = await acknowledge(device, offered);
    assert.equal(policyStatusOf(final), '1');
    assert.equal(policyStatusOf(await acknowledge(device, keyOf(final))), '5', 'the final key acknowledges nothing');
  });

  it('answers 5 when nothing was offered', async () => {
    assert.equal(policyStatusOf(await acknowledge(bench.device(14.1), '12345')), '5');
  });

  it('answers a repeated acknowledgment as before', async () => {
    const device = bench.device(14.1);
    const offered = keyOf(await first(device));
    assert.deepEqual(await acknowledge(device, offered), await acknowledge(device, offered));
  });

  it('answers 3 for a type of policy that it does not know (MS-ASPROV R380, R502)', async () => {
    for (const type of ['MS-WAP-Provisioning-XML', 'Something']) {
      const answer = await first(bench.device(14.1), type);
      assert.equal(statusOf(answer), '1');
      assert.equal(policyStatusOf(answer), '3');
      assert.equal(at(policyOf(answer), P.Data), undefined);
    }
  });

  for (const version of allVersions) {
    it(`answers 2 at ${version} when the request is malformed (MS-ASCMD R4989, MS-ASPROV R450)`, async () => {
      const device = bench.device(version);
      const withoutType = el(P.Provision, information(device), el(P.Policies, el(P.Policy)));
      assert.equal(statusOf(await device.ask('Provision', withoutType)), '2');
      assert.equal(statusOf(await device.ask('Provision', el(P.Provision, el(P.Data, 'x')))), '2');
    });
  }

  it('answers a request without policies with a Status alone (MS-ASPROV R493, R654)', async () => {
    for (const version of allVersions) {
      const answer = await bench.device(version).ask('Provision', el(P.Provision));
      assert.deepEqual(answer, el(P.Provision, el(P.Status, 1)));
    }
  });

  it('wants DeviceInformation in the first phase from 14.1 on (MS-ASCMD R4954)', async () => {
    const policies = el(P.Policies, el(P.Policy, el(P.PolicyType, wbxmlPolicies)));
    for (const version of allVersions) {
      const answer = await bench.device(version).ask('Provision', el(P.Provision, policies));
      assert.equal(statusOf(answer), version < 14.1 ? '1' : '165');
    }
  });

  it('keeps what the device tells of itself (MS-ASPROV R488)', async () => {
    const device = bench.device(14.1);
    await first(device);
    assert.deepEqual((await device.partnership()).information, { model: 'Phone 1', os: 'OS 1' });
  });

  it('answers DeviceId validate without keeping anything', async () => {
    const device = bench.device(14.1, 'validate');
    const offer = await first(device);
    const answer = await acknowledge(device, keyOf(offer));
    assert.equal(policyStatusOf(answer), '1');
    const kept = await bench.store.devices.find(bench.ann.id, 'validate');
    assert.equal(kept?.policyKey ?? 0, 0);
  });

  describe('for a device that does not obey in full', () => {
    const strict = { settings: { allowNonProvisionable: false } };

    for (const [compliance, status] of [
      [2, '139'],
      [3, '139'],
      [4, '145'],
    ] as const) {
      it(`answers ${status} to ${compliance} under a strict policy, and goes on under the default (MS-ASPROV R681, R684, R686, R687, R1046)`, async () => {
        const device = bench.device(14.1);
        const offered = keyOf(await first(device));
        assert.equal(statusOf(await acknowledge(device, offered, compliance, strict)), status);
        assert.equal((await device.partnership()).policyKey, 0);
        assert.equal(policyStatusOf(await acknowledge(device, offered, compliance)), '1');
      });
    }

    it('says it by HTTP at 12.1, which has no such status', async () => {
      const device = bench.device(12.1);
      const offered = keyOf(await first(device));
      const policy = el(P.Policy, el(P.PolicyType, wbxmlPolicies), el(P.PolicyKey, offered), el(P.Status, 2));
      const answer = await device.send('Provision', el(P.Provision, el(P.Policies, policy)), strict);
      assert.equal(answer.status, 403);
    });
  });

  describe('as a gate', () => {
    const gate = async (device: TestDevice, policyKey: number | undefined, allowNonProvisionable: boolean) => {
      const request = policyKey === undefined ? {} : { policyKey };
      return requiredProvisioning(await device.context({ ...request, settings: { allowNonProvisionable } }));
    };

    it('lets devices work that never provision, unless the policy forbids it (MS-ASPROV R509, R685)', async () => {
      const device = bench.device(14.1);
      assert.equal(await gate(device, undefined, true), undefined);
      assert.equal(await gate(device, 0, true), undefined);
      assert.equal(await gate(device, undefined, false), 141);
      assert.equal(await gate(device, 0, false), 142);
    });

    it('wants the key of the acknowledgment (MS-ASPROV R537, MS-ASCMD R4912)', async () => {
      const device = bench.device(14.1);
      const offered = keyOf(await first(device));
      assert.equal(await gate(device, Number(offered), true), 144);
      const key = Number(keyOf(await acknowledge(device, offered)));
      for (const lenient of [true, false]) {
        assert.equal(await gate(device, key, lenient), undefined);
        assert.equal(await gate(device, key + 1, lenient), 144);
      }
    });

    it('wants a new acknowledgment when the policy changed (MS-ASPROV R693)', async () => {
      const device = bench.device(14.1);
      const key = Number(keyOf(await acknowledge(device, keyOf(await first(device)))));
      const { id } = await device.partnership();
      await bench.store.devices.update(id, { policyDigest: 'that of another policy' });
      assert.equal(await gate(device, key, true), 143);
    });

    it('does not ask again for another protocol version', async () => {
      const device = bench.device(12.1);
      const key = Number(keyOf(await acknowledge(device, keyOf(await first(device)))));
      device.version = 16.1;
      assert.equal(await gate(device, key, false), undefined);
    });
  });
});
