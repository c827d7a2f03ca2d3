// FolderSync, FolderCreate, FolderUpdate and FolderDelete against a real store.
import assert from 'node:assert/strict';
import { type Element, FolderHierarchy as F } from '../../wbxml/index.ts';
import { allVersions, at, Bench, childrenOf, el, TestDevice, textAt } from './bench.ts';

function folderSync(device: TestDevice, key: string): Promise<Element> {
  return device.ask('FolderSync', el(F.FolderSync, el(F.SyncKey, key)));
}

function create(device: TestDevice, key: string, name: string, { parent = '0', type = 12 } = {}): Promise<Element> {
  return device.ask(
    'FolderCreate',
    el(F.FolderCreate, el(F.SyncKey, key), el(F.ParentId, parent), el(F.DisplayName, name), el(F.Type, type)),
  );
}

function update(device: TestDevice, key: string, id: string, name: string, parent = '0'): Promise<Element> {
  return device.ask(
    'FolderUpdate',
    el(F.FolderUpdate, el(F.SyncKey, key), el(F.ServerId, id), el(F.ParentId, parent), el(F.DisplayName, name)),
  );
}

function remove(device: TestDevice, key: string, id: string): Promise<Element> {
  return device.ask('FolderDelete', el(F.FolderDelete, el(F.SyncKey, key), el(F.ServerId, id)));
}

const statusOf = (answer: Element) => textAt(answer, F.Status);
const keyOf = (answer: Element) => textAt(answer, F.SyncKey) ?? assert.fail('no SyncKey');
const idOf = (answer: Element) => textAt(answer, F.ServerId) ?? assert.fail('no ServerId');

/** What an answer tells of: `Add Name`, `Update Name`, `Delete id`. */
function told(answer: Element): string[] {
  const changes = at(answer, F.Changes);
  assert.ok(changes);
  const lines = [F.Update, F.Delete, F.Add].flatMap((tag) =>
    childrenOf(changes, tag).map((each) => `${tag.name} ${textAt(each, F.DisplayName) ?? textAt(each, F.ServerId)}`),
  );
  assert.equal(textAt(changes, F.Count), String(lines.length), 'Count (MS-ASCMD R2118)');
  return lines;
}

function idNamed(answer: Element, name: string): string {
  const add = childrenOf(at(answer, F.Changes)!, F.Add).find((each) => textAt(each, F.DisplayName) === name);
  assert.ok(add, `no folder ${name}`);
  return idOf(add);
}

describe('FolderSync', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await Bench.open();
  });
  afterEach(() => bench.store.close());

  for (const version of allVersions) {
    it(`gives all folders at ${version} for key 0 (MS-ASCMD R119, R116)`, async () => {
      const answer = await folderSync(bench.device(version), '0');
      assert.equal(statusOf(answer), '1', 'MS-ASCMD R4074');
      assert.match(keyOf(answer), /^[1-9][0-9]*$/);
      const folders = await bench.store.mailboxes.folders(bench.ann.mailboxId);
      assert.deepEqual(told(answer).sort(), folders.map(({ name }) => `Add ${name}`).sort());
    });
  }

  it('keeps the key and counts nothing when nothing changed', async () => {
    const device = bench.device(14.1);
    const key = keyOf(await folderSync(device, '0'));
    await bench.deliver('Subject: x\n\nmail is no change of the hierarchy\n', await bench.folder(2));
    const again = await folderSync(device, key);
    assert.equal(keyOf(again), key);
    assert.deepEqual(told(again), []);
  });

  it('answers the same for a repeated key 0 and keeps ids', async () => {
    const device = bench.device(14.1);
    const first = await folderSync(device, '0');
    await bench.deliver('Subject: x\n\ny\n', await bench.folder(2));
    assert.deepEqual(await folderSync(device, '0'), first);
    assert.equal(statusOf(await folderSync(device, keyOf(first))), '1');
  });

  for (const key of ['17', '-1', 'abc', '', '01', '0x1', '9'.repeat(64)]) {
    it(`refuses the key "${key.slice(0, 8)}" with 9 (MS-ASCMD R4083, R4581)`, async () => {
      const device = bench.device(14.1);
      await folderSync(device, '0');
      const answer = await folderSync(device, key);
      assert.equal(statusOf(answer), '9');
      assert.equal(textAt(answer, F.SyncKey), undefined);
    });
  }

  for (const version of allVersions) {
    it(`answers 10 at ${version} when the request is malformed (MS-ASCMD R4086)`, async () => {
      const device = bench.device(version);
      assert.equal(statusOf(await device.ask('FolderSync', el(F.FolderSync))), '10');
      assert.equal(
        statusOf(await device.ask('FolderSync', el(F.FolderSync, el(F.SyncKey, '0'), el(F.Count, 1)))),
        '10',
      );
      assert.equal(
        statusOf(await device.ask('FolderSync', el(F.FolderSync, el(F.SyncKey, '0'), el(F.SyncKey, '0')))),
        '10',
      );
    });
  }

  it('tells one device of what another did, and the other nothing (MS-ASCMD R5860, R5863)', async () => {
    const one = bench.device(14.1, 'one');
    const two = bench.device(16.1, 'two');
    let oneKey = keyOf(await folderSync(one, '0'));
    let twoKey = keyOf(await folderSync(two, '0'));
    const created = await create(one, oneKey, 'Travel');
    const renamed = await update(one, keyOf(created), idOf(created), 'Journeys');
    assert.deepEqual(told(await folderSync(one, keyOf(renamed))), []);
    const news = await folderSync(two, twoKey);
    assert.deepEqual(told(news), ['Add Journeys']);
    twoKey = keyOf(await update(two, keyOf(news), idOf(created), 'Trips'));
    const oneNews = await folderSync(one, keyOf(renamed));
    assert.deepEqual(told(oneNews), ['Update Trips']);
    oneKey = keyOf(await remove(one, keyOf(oneNews), idOf(created)));
    assert.deepEqual(told(await folderSync(two, twoKey)), [`Delete ${idOf(created)}`]);
    assert.deepEqual(told(await folderSync(one, oneKey)), []);
  });

  it('does not mention a folder that came and went in between', async () => {
    const device = bench.device(14.1, 'one');
    const other = bench.device(14.1, 'two');
    const key = keyOf(await folderSync(device, '0'));
    const created = await create(other, keyOf(await folderSync(other, '0')), 'Short');
    await remove(other, keyOf(created), idOf(created));
    const answer = await folderSync(device, key);
    assert.deepEqual(told(answer), []);
    assert.equal(keyOf(answer), key);
  });

  it('does not tell a new device of folders that are long gone', async () => {
    const old = bench.device(14.1, 'old');
    const created = await create(old, keyOf(await folderSync(old, '0')), 'Gone');
    await remove(old, keyOf(created), idOf(created));
    const fresh = bench.device(14.1, 'fresh');
    const first = await folderSync(fresh, '0');
    assert.ok(told(first).every((line) => line.startsWith('Add ') && line !== 'Add Gone'));
    assert.deepEqual(told(await folderSync(fresh, keyOf(first))), []);
  });

  it('gives parents before their children', async () => {
    const device = bench.device(14.1, 'one');
    let answer = await create(device, keyOf(await folderSync(device, '0')), 'Parent');
    const parent = idOf(answer);
    answer = await create(device, keyOf(answer), 'Child', { parent });
    await update(device, keyOf(answer), parent, 'Renamed parent');
    const lines = told(await folderSync(bench.device(14.1, 'two'), '0'));
    assert.ok(lines.indexOf('Add Renamed parent') < lines.indexOf('Add Child'));
  });

  it('repeats an answer that was lost, and gives what happened since', async () => {
    const device = bench.device(14.1, 'one');
    const other = bench.device(14.1, 'two');
    const key = keyOf(await folderSync(device, '0'));
    const otherKey = keyOf(await folderSync(other, '0'));
    const first = await create(other, otherKey, 'A');
    const lost = await folderSync(device, key);
    assert.deepEqual(await folderSync(device, key), lost, 'the same answer under the same key');
    await create(other, keyOf(first), 'B');
    const more = await folderSync(device, key);
    assert.deepEqual(told(more), ['Add A', 'Add B']);
    assert.notEqual(keyOf(more), keyOf(lost), 'a key has one meaning');
    assert.equal(statusOf(await folderSync(device, keyOf(lost))), '9');
    assert.deepEqual(told(await folderSync(device, keyOf(more))), []);
  });

  it('answers DeviceId validate and keeps nothing of it', async () => {
    const device = bench.device(14.1, 'validate');
    const answer = await folderSync(device, '0');
    assert.ok(told(answer).length > 8);
    assert.equal(statusOf(await folderSync(device, keyOf(answer))), '9');
  });

  it('keeps one mailbox from another', async () => {
    const ann = bench.device(14.1);
    const created = await create(ann, keyOf(await folderSync(ann, '0')), 'Secret');
    const bob = new TestDevice(bench, bench.bob, 'device1', 14.1);
    const key = keyOf(await folderSync(bob, '0'));
    assert.equal(statusOf(await remove(bob, key, idOf(created))), '4');
    assert.equal(statusOf(await update(bob, key, idOf(created), 'Mine')), '4');
    assert.equal(statusOf(await create(bob, key, 'Inside', { parent: idOf(created) })), '5');
    assert.deepEqual(told(await folderSync(ann, keyOf(created))), []);
  });
});

describe('FolderCreate', () => {
  let bench: Bench;
  let device: TestDevice;
  let key: string;
  beforeEach(async () => {
    bench = await Bench.open();
    device = bench.device(14.1);
    key = keyOf(await folderSync(device, '0'));
  });
  afterEach(() => bench.store.close());

  for (const version of allVersions) {
    it(`creates at ${version}, with a new key and an id (MS-ASCMD R79, R3903, R4011, R4569, R5872)`, async () => {
      device.version = version;
      const answer = await create(device, key, 'Travel');
      assert.equal(statusOf(answer), '1');
      assert.notEqual(keyOf(answer), key);
      assert.ok(idOf(answer).length <= 64);
      const child = await create(device, keyOf(answer), 'Italy', { parent: idOf(answer) });
      assert.equal(statusOf(child), '1');
      assert.equal(idNamed(await folderSync(bench.device(version, 'other'), '0'), 'Italy'), idOf(child));
    });
  }

  const refusals: [name: string, status: string, parent: string, type: number, display: string][] = [
    ['a name that the parent has, whatever its case (MS-ASCMD R4013)', '2', '0', 12, 'INBOX'],
    ['the recipient information cache as a parent (MS-ASCMD R4016, R5769)', '3', 'RI', 12, 'x'],
    ['a parent that does not exist (MS-ASCMD R4018, R4019)', '5', '123456', 12, 'x'],
    ['a parent that cannot be an id', '5', 'abc', 12, 'x'],
    ['a default folder (MS-ASCMD R4035)', '10', '0', 2, 'x'],
    ['a recipient information cache (MS-ASCMD R81)', '10', '0', 19, 'x'],
    ['a type that is none', '10', '0', 99, 'x'],
    ['a name that is too long (MS-ASCMD R2194)', '10', '0', 12, 'x'.repeat(257)],
    ['an empty name', '10', '0', 12, ''],
  ];
  for (const [name, status, parent, type, display] of refusals) {
    it(`refuses ${name} with ${status} and neither key nor id (MS-ASCMD R3904, R4570)`, async () => {
      const answer = await create(device, key, display, { parent, type });
      assert.equal(statusOf(answer), status);
      assert.equal(textAt(answer, F.SyncKey), undefined);
      assert.equal(textAt(answer, F.ServerId), undefined);
    });
  }

  for (const wrong of ['0', '1', 'x', '']) {
    it(`refuses the key "${wrong}" with 9 (MS-ASCMD R4032, R4573)`, async () => {
      assert.equal(statusOf(await create(device, wrong, 'Travel')), '9');
    });
  }

  it('takes all types that a user may create, generic as mail', async () => {
    let next = key;
    for (const type of [1, 12, 13, 14, 15, 16, 17]) {
      const answer = await create(device, next, `Type ${type}`, { type });
      assert.equal(statusOf(answer), '1');
      next = keyOf(answer);
    }
    const folders = await bench.store.mailboxes.folders(bench.ann.mailboxId);
    assert.equal(folders.find(({ name }) => name === 'Type 1')?.type, 12);
  });

  it('answers a repeated request as before, and a changed one anew', async () => {
    const lost = await create(device, key, 'Travel');
    assert.deepEqual(await create(device, key, 'Travel'), lost);
    const other = await create(device, key, 'Work');
    assert.equal(statusOf(other), '1');
    const news = await folderSync(device, keyOf(other));
    assert.deepEqual(told(news), ['Add Travel'], 'its answer never came');
    assert.equal(statusOf(await create(device, keyOf(news), 'Travel')), '2', 'under a new key it is a new request');
  });

  it('tells of the folder when the answer was lost and the device does not repeat', async () => {
    await create(device, key, 'Travel');
    assert.deepEqual(told(await folderSync(device, key)), ['Add Travel']);
  });

  it('takes two at once', async () => {
    const answers = await Promise.all([create(device, key, 'A'), create(device, key, 'B')]);
    const statuses = answers.map(statusOf);
    assert.ok(statuses.includes('1'));
    const names = (await bench.store.mailboxes.folders(bench.ann.mailboxId)).map(({ name }) => name);
    assert.ok(names.includes('A') || names.includes('B'));
  });
});

describe('FolderUpdate', () => {
  let bench: Bench;
  let device: TestDevice;
  let key: string;
  let id: string;
  beforeEach(async () => {
    bench = await Bench.open();
    device = bench.device(14.1);
    const created = await create(device, keyOf(await folderSync(device, '0')), 'Travel');
    key = keyOf(created);
    id = idOf(created);
  });
  afterEach(() => bench.store.close());

  for (const version of allVersions) {
    it(`renames and moves at ${version} (MS-ASCMD R139, R140, R4100, R5784)`, async () => {
      device.version = version;
      const renamed = await update(device, key, id, 'Journeys');
      assert.equal(statusOf(renamed), '1');
      const parent = String(await bench.folder(2));
      const moved = await update(device, keyOf(renamed), id, 'Journeys', parent);
      assert.equal(statusOf(moved), '1');
      assert.notEqual(keyOf(moved), keyOf(renamed));
      const folder = (await bench.store.mailboxes.folders(bench.ann.mailboxId)).find((each) => String(each.id) === id);
      assert.equal(`${folder?.parentId}/${folder?.name}`, `${parent}/Journeys`);
    });
  }

  it('refuses with the status of each reason, without a key (MS-ASCMD R5786)', async () => {
    const inbox = String(await bench.folder(2));
    const cases: [reason: string, status: string, answer: Element][] = [
      ['name exists (R5438)', '2', await update(device, key, id, 'inbox')],
      ['special folder (R4101, R4102)', '2', await update(device, key, inbox, 'Post')],
      ['recipient information (R143, R4103)', '3', await update(device, key, 'RI', 'x')],
      ['no such folder (R4105, R4106)', '4', await update(device, key, '999999', 'x')],
      ['no id', '4', await update(device, key, 'abc', 'x')],
      ['no such parent (R4108, R4109)', '5', await update(device, key, id, 'x', '999999')],
      ['into itself', '10', await update(device, key, id, 'x', id)],
      ['unknown key (R4120)', '9', await update(device, '12', id, 'x')],
    ];
    for (const [reason, status, answer] of cases) {
      assert.equal(statusOf(answer), status, reason);
      assert.equal(textAt(answer, F.SyncKey), undefined, reason);
    }
  });

  it('answers 10 without a SyncKey and with a Status (MS-ASCMD R4568, R3102, R4123)', async () => {
    const rest = [el(F.ServerId, id), el(F.ParentId, '0'), el(F.DisplayName, 'x')];
    assert.equal(statusOf(await device.ask('FolderUpdate', el(F.FolderUpdate, ...rest))), '10');
    const withStatus = el(F.FolderUpdate, el(F.SyncKey, key), ...rest, el(F.Status, 1));
    assert.equal(statusOf(await device.ask('FolderUpdate', withStatus)), '10');
  });

  it('answers a repeated request as before', async () => {
    const lost = await update(device, key, id, 'Journeys');
    assert.deepEqual(await update(device, key, id, 'Journeys'), lost);
    assert.deepEqual(told(await folderSync(device, keyOf(lost))), []);
  });
});

describe('FolderDelete', () => {
  let bench: Bench;
  let device: TestDevice;
  let key: string;
  let id: string;
  beforeEach(async () => {
    bench = await Bench.open();
    device = bench.device(14.1);
    const created = await create(device, keyOf(await folderSync(device, '0')), 'Travel');
    const child = await create(device, keyOf(created), 'Italy', { parent: idOf(created) });
    key = keyOf(child);
    id = idOf(created);
  });
  afterEach(() => bench.store.close());

  for (const version of allVersions) {
    it(`deletes at ${version} with all below (MS-ASCMD R97, R98, R4045, R5783)`, async () => {
      device.version = version;
      const answer = await remove(device, key, id);
      assert.equal(statusOf(answer), '1');
      assert.deepEqual(told(await folderSync(device, keyOf(answer))), []);
      const names = (await bench.store.mailboxes.folders(bench.ann.mailboxId)).map(({ name }) => name);
      assert.ok(!names.includes('Travel') && !names.includes('Italy'));
    });
  }

  it('refuses with the status of each reason, without a key (MS-ASCMD R4040, R5785)', async () => {
    const cases: [reason: string, status: string, answer: Element][] = [
      ['special folder (R4046, R4047)', '3', await remove(device, key, String(await bench.folder(3)))],
      ['recipient information (R100, R101)', '3', await remove(device, key, 'RI')],
      ['no such folder (R4048, R4049)', '4', await remove(device, key, '999999')],
      ['unknown key (R4060)', '9', await remove(device, '12', id)],
      ['malformed (R4063)', '10', await device.ask('FolderDelete', el(F.FolderDelete, el(F.SyncKey, key)))],
    ];
    for (const [reason, status, answer] of cases) {
      assert.equal(statusOf(answer), status, reason);
      assert.equal(textAt(answer, F.SyncKey), undefined, reason);
    }
  });

  it('answers a repeated request as before, and 4 under a new key', async () => {
    const lost = await remove(device, key, id);
    assert.deepEqual(await remove(device, key, id), lost);
    assert.equal(statusOf(await remove(device, keyOf(lost), id)), '4');
  });

  it('tells of the deletion when the answer was lost and the device does not repeat', async () => {
    await remove(device, key, id);
    const lines = told(await folderSync(device, key));
    assert.ok(lines.includes(`Delete ${id}`));
    assert.equal(lines.length, 2, 'the folder and the one below');
  });
});
