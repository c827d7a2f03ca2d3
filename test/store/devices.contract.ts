// Contract of every engine: device partnerships.
import assert from 'node:assert/strict';
import type { PartnershipId, UserId } from '../../src/protocol/ids.ts';
import { contract, office } from './engine.ts';

const device = { deviceId: 'Appl87941C1N3NS', deviceType: 'iPhone', userAgent: 'Apple-iPhone/1' };

export const devicesContract = contract('devices', (context) => {
  it('makes a partnership once and finds it whatever the case of its id', async () => {
    const { devices } = context.store;
    const { user } = await office(context.store, 'ada');
    assert.equal(await devices.find(user, device.deviceId), undefined);
    const made = await devices.findOrCreate(user, device, 10);
    assert.ok(made);
    const { id, firstSeen, lastSeen, ...rest } = made;
    assert.deepEqual(rest, {
      userId: user,
      ...device,
      protocolVersion: 0,
      information: {},
      policyKey: 0,
      pendingPolicyKey: 0,
      policyDigest: '',
      pingParameters: '',
      syncParameters: '',
    });
    assert.ok(Math.abs(Date.now() - firstSeen) < 60_000 && lastSeen % 60_000 === 0 && lastSeen <= firstSeen);
    assert.deepEqual(await devices.findOrCreate(user, { ...device, deviceId: 'appl87941c1n3ns' }, 10), made);
    assert.deepEqual(await devices.find(user, 'APPL87941C1N3NS'), made);
    assert.equal((await devices.list(user)).length, 3);
    assert.equal((await (await context.reopen()).devices.find(user, device.deviceId))?.id, id);
  });

  it('two requests that make it at once get the same', async () => {
    const { devices } = context.store;
    const { user } = await office(context.store, 'ada');
    const [a, b] = await Promise.all([devices.findOrCreate(user, device, 10), devices.findOrCreate(user, device, 10)]);
    assert.deepEqual(a, b);
  });

  it('is of its user alone', async () => {
    const ada = await office(context.store, 'ada');
    const bob = await office(context.store, 'bob');
    const mine = await context.store.devices.findOrCreate(ada.user, device, 10);
    const his = await context.store.devices.findOrCreate(bob.user, device, 10);
    assert.notEqual(mine?.id, his?.id);
    assert.equal((await context.store.devices.list(bob.user)).length, 3);
  });

  it('refuses more than the limit, but finds those there are', async () => {
    const { devices } = context.store;
    const { user } = await office(context.store, 'ada');
    assert.ok(await devices.findOrCreate(user, device, 3));
    assert.equal(await devices.findOrCreate(user, { ...device, deviceId: 'fourth' }, 3), undefined);
    assert.ok(await devices.findOrCreate(user, device, 1));
  });

  it('an update changes what it names and keeps the time of the last request to the minute', async () => {
    const { devices } = context.store;
    const { user } = await office(context.store, 'ada');
    const made = await devices.findOrCreate(user, device, 10);
    assert.ok(made);
    const change = {
      protocolVersion: 16.1,
      information: { model: 'Pi', os: 'ä' },
      policyKey: 4_294_967_295,
      pendingPolicyKey: 7,
      policyDigest: 'd',
      pingParameters: '{"h":470}',
      syncParameters: '[]',
      userAgent: 'new',
    };
    await devices.update(made.id, { ...change, lastSeen: 1_790_000_012_345 });
    const changed = { ...made, ...change, lastSeen: 1_790_000_012_345 - (1_790_000_012_345 % 60_000) };
    assert.deepEqual(await devices.find(user, device.deviceId), changed);
    await devices.update(made.id, { policyKey: 0 });
    assert.deepEqual(await devices.find(user, device.deviceId), { ...changed, policyKey: 0 });
    await devices.update(999_999 as PartnershipId, { policyKey: 1 });
  });

  it('removes it; a new one of the same device is another', async () => {
    const { devices } = context.store;
    const { user } = await office(context.store, 'ada');
    const made = await devices.findOrCreate(user, device, 10);
    await devices.remove(made!.id);
    assert.equal(await devices.find(user, device.deviceId), undefined);
    const again = await devices.findOrCreate(user, device, 10);
    assert.notEqual(again?.id, made?.id);
  });

  it('a user who is gone gets none', async () => {
    await assert.rejects(context.store.devices.findOrCreate(999 as UserId, device, 10), {
      name: 'StoreError',
      kind: 'gone',
    });
  });
});
