// The strict memory of a phone: what does not fit is an error, not a shrug.
import assert from 'node:assert/strict';
import { Replica, ReplicaError } from '../../src/client/replica.ts';
import type { ServerCommand, SyncCollectionAnswer } from '../../src/client/sync-answer.ts';
import { leaf } from '../../src/client/tree.ts';
import { Email } from '../../wbxml/index.ts';

function answer(commands: readonly ServerCommand[], other: Partial<SyncCollectionAnswer> = {}): SyncCollectionAnswer {
  return { collectionId: '5', syncKey: '2', status: 1, moreAvailable: false, commands, replies: [], ...other };
}
const add = (serverId: string): ServerCommand => ({
  kind: 'Add',
  serverId,
  properties: { 'Email:Subject': serverId, 'Email:Read': '0' },
});
const change = (serverId: string): ServerCommand => ({ kind: 'Change', serverId, properties: { 'Email:Read': '1' } });
const remove = (serverId: string): ServerCommand => ({ kind: 'Delete', serverId });

function replicaWith(...ids: readonly string[]): Replica {
  const replica = new Replica('5');
  replica.absorb(answer([], { syncKey: '1' }), []);
  replica.absorb(answer(ids.map(add)), []);
  return replica;
}

const mistakes: readonly [name: string, commands: readonly ServerCommand[]][] = [
  ['an Add of a known item', [add('5:1')]],
  ['a Change of an unknown item', [change('5:9')]],
  ['a Delete of an unknown item', [remove('5:9')]],
  ['an item named twice', [change('5:1'), remove('5:1')]],
];

describe('client: replica', () => {
  it('keeps what a Change does not mention', () => {
    const replica = replicaWith('5:1');
    replica.absorb(answer([change('5:1')], { syncKey: '3' }), []);
    assert.deepEqual(replica.items.get('5:1'), { 'Email:Subject': '5:1', 'Email:Read': '1' });
    assert.equal(replica.syncKey, '3');
  });

  for (const [name, commands] of mistakes) {
    it(`complains about ${name}, and does not when it is not strict`, () => {
      assert.throws(() => replicaWith('5:1').absorb(answer(commands), []), ReplicaError);
      const lenient = new Replica('5', false);
      lenient.absorb(answer([], { syncKey: '1' }), []);
      lenient.absorb(answer([add('5:1')]), []);
      lenient.absorb(answer(commands), []);
    });
  }

  it('complains about items under key 0 and about MoreAvailable without a new key', () => {
    assert.throws(() => new Replica('5').absorb(answer([add('5:1')]), []), ReplicaError);
    assert.throws(() => replicaWith('5:1').absorb(answer([], { moreAvailable: true }), []), ReplicaError);
  });

  it('takes its own changes as done unless a reply says otherwise', () => {
    const replica = replicaWith('5:1', '5:2', '5:3');
    const data = [leaf(Email.Read, true)];
    const replies = [{ kind: 'Change', serverId: '5:2', status: 7, properties: {} }] as const;
    replica.absorb(answer([], { syncKey: '3', replies }), [
      { kind: 'Change', serverId: '5:1', data },
      { kind: 'Change', serverId: '5:2', data },
      { kind: 'Delete', serverId: '5:3' },
    ]);
    assert.equal(replica.items.get('5:1')?.['Email:Read'], '1');
    assert.equal(replica.items.get('5:2')?.['Email:Read'], '0');
    assert.ok(!replica.items.has('5:3'));
  });

  it('allows a Delete of an item that it deleted itself in the same request', () => {
    const replica = replicaWith('5:1');
    replica.absorb(answer([remove('5:1')], { syncKey: '3' }), [{ kind: 'Delete', serverId: '5:1' }]);
    assert.equal(replica.items.size, 0);
  });

  it('complains about a reply to what was not sent and about an Add without a reply', () => {
    const replies = [{ kind: 'Change', serverId: '5:1', status: 8, properties: {} }] as const;
    assert.throws(() => replicaWith('5:1').absorb(answer([], { replies }), []), ReplicaError);
    assert.throws(
      () => replicaWith('5:1').absorb(answer([]), [{ kind: 'Add', clientId: 'c1', data: [] }]),
      ReplicaError,
    );
  });
});
