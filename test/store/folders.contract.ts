// Contract of every engine: folders and their tombstones.
import assert from 'node:assert/strict';
import type { FolderId } from '../../src/protocol/ids.ts';
import type { Folder, FolderOutcome } from '../../src/store/mailbox-store.ts';
import { contract, mail, office, writtenOne } from './engine.ts';

function done(outcome: FolderOutcome): Folder {
  assert.equal(outcome.kind, 'done');
  return (outcome as Extract<FolderOutcome, { kind: 'done' }>).folder;
}

export const foldersContract = contract('folders', (context) => {
  it('a new mailbox has a default folder of each type, each found by its type', async () => {
    const { mailbox } = await office(context.store, 'ada');
    const folders = await context.store.mailboxes.folders(mailbox);
    assert.deepEqual(
      folders.map(({ type, name, parentId }) => [type, name, parentId]),
      [
        [2, 'Inbox', 0],
        [3, 'Drafts', 0],
        [4, 'Deleted Items', 0],
        [5, 'Sent Items', 0],
        [6, 'Outbox', 0],
        [7, 'Tasks', 0],
        [8, 'Calendar', 0],
        [9, 'Contacts', 0],
        [10, 'Notes', 0],
        [11, 'Journal', 0],
        [12, 'Junk Email', 0],
      ],
    );
    for (const folder of folders.filter(({ type }) => type < 12)) {
      assert.deepEqual(await context.store.mailboxes.folderOfType(mailbox, folder.type), folder);
    }
    assert.equal(await context.store.mailboxes.folderOfType(mailbox, 12), undefined);
    assert.equal(new Set(folders.map(({ changed }) => changed)).size, folders.length);
  });

  it('creates a folder, says who did, and lists parents before children even after a move', async () => {
    const { mailbox, phone } = await office(context.store, 'ada');
    const { mailboxes } = context.store;
    const child = done(await mailboxes.createFolder(mailbox, { parentId: 0, name: 'Child', type: 12 }, phone));
    const parent = done(await mailboxes.createFolder(mailbox, { parentId: 0, name: 'Parent', type: 1 }, 0));
    assert.equal(child.changedBy, phone);
    assert.equal(child.created, child.changed);
    const moved = done(await mailboxes.updateFolder(mailbox, child.id, { parentId: parent.id, name: 'Child' }, 0));
    assert.deepEqual(await mailboxes.folder(mailbox, child.id), moved);
    assert.ok(moved.changed > parent.changed && moved.created === child.created && moved.changedBy === 0);
    const ids = (await mailboxes.folders(mailbox)).map(({ id }) => id);
    assert.ok(ids.indexOf(parent.id) < ids.indexOf(child.id));
  });

  it('refuses a second sibling of a name, whatever its case or composition, but not elsewhere', async () => {
    const { mailbox, inbox } = await office(context.store, 'ada');
    const { mailboxes } = context.store;
    const cafe = done(await mailboxes.createFolder(mailbox, { parentId: 0, name: 'Caf\u00e9', type: 12 }, 0));
    const again = { parentId: 0 as const, name: 'CAFE\u0301', type: 12 };
    assert.deepEqual(await mailboxes.createFolder(mailbox, again, 0), { kind: 'name-exists' });
    const other = done(await mailboxes.createFolder(mailbox, { ...again, parentId: inbox }, 0));
    const up = await mailboxes.updateFolder(mailbox, other.id, { parentId: 0, name: 'caf\u00e9' }, 0);
    assert.deepEqual(up, { kind: 'name-exists' });
    const renamed = done(await mailboxes.updateFolder(mailbox, cafe.id, { parentId: 0, name: 'CAF\u00c9' }, 0));
    assert.equal(renamed.name, 'CAF\u00c9');
  });

  it('refuses default folders, unknown ones, unknown parents, and cycles', async () => {
    const { mailbox, inbox } = await office(context.store, 'ada');
    const { mailboxes } = context.store;
    const outer = done(await mailboxes.createFolder(mailbox, { parentId: 0, name: 'Outer', type: 12 }, 0));
    const inner = done(await mailboxes.createFolder(mailbox, { parentId: outer.id, name: 'Inner', type: 12 }, 0));
    const nowhere = 999_999 as FolderId;
    const before = await mailboxes.counter(mailbox);
    const outcomes = [
      await mailboxes.updateFolder(mailbox, inbox, { parentId: 0, name: 'In' }, 0),
      await mailboxes.deleteFolder(mailbox, inbox, 0),
      await mailboxes.updateFolder(mailbox, nowhere, { parentId: 0, name: 'X' }, 0),
      await mailboxes.deleteFolder(mailbox, nowhere, 0),
      await mailboxes.createFolder(mailbox, { parentId: nowhere, name: 'X', type: 12 }, 0),
      await mailboxes.updateFolder(mailbox, inner.id, { parentId: nowhere, name: 'X' }, 0),
      await mailboxes.updateFolder(mailbox, outer.id, { parentId: inner.id, name: 'Outer' }, 0),
      await mailboxes.updateFolder(mailbox, outer.id, { parentId: outer.id, name: 'Outer' }, 0),
    ];
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ['special', 'special', 'not-found', 'not-found', 'parent-not-found', 'parent-not-found', 'cycle', 'cycle'],
    );
    assert.equal(await mailboxes.counter(mailbox), before);
  });

  it('an update that changes nothing takes no counter value', async () => {
    const { mailbox } = await office(context.store, 'ada');
    const { mailboxes } = context.store;
    const folder = done(await mailboxes.createFolder(mailbox, { parentId: 0, name: 'Same', type: 12 }, 0));
    const same = await mailboxes.updateFolder(mailbox, folder.id, { parentId: 0, name: 'Same' }, 0);
    assert.deepEqual(same, { kind: 'done', folder });
    assert.equal(await mailboxes.counter(mailbox), folder.changed);
  });

  it('deletes a folder with its subfolders and items and tells of each folder once', async () => {
    const { mailbox, phone, inbox } = await office(context.store, 'ada');
    const { mailboxes } = context.store;
    const outer = done(await mailboxes.createFolder(mailbox, { parentId: 0, name: 'Outer', type: 12 }, 0));
    const inner = done(await mailboxes.createFolder(mailbox, { parentId: outer.id, name: 'Inner', type: 12 }, 0));
    const item = await writtenOne(context.store, mailbox, mail(inner.id, 1));
    const kept = await writtenOne(context.store, mailbox, mail(inbox, 1));
    const before = await mailboxes.counter(mailbox);
    assert.deepEqual(done(await mailboxes.deleteFolder(mailbox, outer.id, phone)), outer);
    const { folders, tombstones, reached } = await mailboxes.folderChanges(mailbox, before);
    assert.deepEqual(folders, []);
    assert.deepEqual(
      tombstones.map(({ id, created, deletedBy }) => ({ id, created, deletedBy })),
      [outer, inner].map(({ id, created }) => ({ id, created, deletedBy: phone })),
    );
    assert.equal(reached, await mailboxes.counter(mailbox));
    assert.ok(tombstones[0]!.deleted < tombstones[1]!.deleted && tombstones[1]!.deleted <= reached);
    assert.equal(await mailboxes.item(mailbox, item), undefined);
    assert.deepEqual(await mailboxes.write(mailbox, [{ kind: 'delete', itemId: item }], 0), {
      kind: 'done',
      results: [{ kind: 'gone' }],
    });
    assert.ok(await mailboxes.item(mailbox, kept));
    assert.deepEqual((await mailboxes.changesAfter(mailbox, inner.id, 0, 10)).changes, []);
    const range = { snapshot: reached, cursor: undefined, floor: 0, limit: 10 };
    assert.deepEqual(await mailboxes.backfill(mailbox, inner.id, range), []);
    assert.equal(await mailboxes.countBackfill(mailbox, inner.id, range), 0);
    const again = done(await mailboxes.createFolder(mailbox, { parentId: 0, name: 'Outer', type: 12 }, 0));
    assert.ok(![outer.id, inner.id].includes(again.id));
  });

  it('a deleted folder takes its sync states along', async () => {
    const { mailbox, phone } = await office(context.store, 'ada');
    const { mailboxes } = context.store;
    const folder = done(await mailboxes.createFolder(mailbox, { parentId: 0, name: 'F', type: 12 }, 0));
    const unit = {
      mailbox,
      partnership: phone,
      collection: folder.id,
      writes: [],
      generations: () => ({ current: { key: 1, data: '{}' } }),
    };
    assert.equal((await mailboxes.commitSync({ ...unit, expectedKey: undefined })).kind, 'done');
    await mailboxes.deleteFolder(mailbox, folder.id, 0);
    assert.deepEqual(await mailboxes.syncGenerations(phone, folder.id), {});
    assert.equal((await mailboxes.commitSync({ ...unit, expectedKey: 1 })).kind, 'stale');
    assert.equal((await mailboxes.commitSync({ ...unit, expectedKey: undefined })).kind, 'stale');
  });

  it('folderChanges gives what changed since, in order, each folder at most once', async () => {
    const { mailbox } = await office(context.store, 'ada');
    const { mailboxes } = context.store;
    const start = await mailboxes.counter(mailbox);
    assert.deepEqual(await mailboxes.folderChanges(mailbox, start), { folders: [], tombstones: [], reached: start });
    const a = done(await mailboxes.createFolder(mailbox, { parentId: 0, name: 'a', type: 12 }, 0));
    const b = done(await mailboxes.createFolder(mailbox, { parentId: 0, name: 'b', type: 12 }, 0));
    const a2 = done(await mailboxes.updateFolder(mailbox, a.id, { parentId: 0, name: 'a2' }, 0));
    assert.deepEqual((await mailboxes.folderChanges(mailbox, start)).folders, [b, a2]);
    assert.deepEqual((await mailboxes.folderChanges(mailbox, b.changed)).folders, [a2]);
    assert.equal((await mailboxes.folderChanges(mailbox, 0)).folders.length, 13);
  });

  it('holds 10,000 folders and refuses one more', async function () {
    this.timeout(60_000);
    const { mailbox } = await office(context.store, 'ada');
    const { mailboxes } = context.store;
    for (let number = 11; number < 10_000; number++) {
      await mailboxes.createFolder(mailbox, { parentId: 0, name: `Folder ${number}`, type: 12 }, 0);
    }
    assert.equal((await mailboxes.folders(mailbox)).length, 10_000);
    const more = { parentId: 0 as const, name: 'One more', type: 12 };
    assert.deepEqual(await mailboxes.createFolder(mailbox, more, 0), { kind: 'too-many' });
  });

  it("another mailbox's folders are not there", async () => {
    const ada = await office(context.store, 'ada');
    const bob = await office(context.store, 'bob');
    const { mailboxes } = context.store;
    const mine = done(await mailboxes.createFolder(ada.mailbox, { parentId: 0, name: 'Mine', type: 12 }, 0));
    assert.equal(await mailboxes.folder(bob.mailbox, mine.id), undefined);
    const outcomes = [
      await mailboxes.updateFolder(bob.mailbox, mine.id, { parentId: 0, name: 'X' }, 0),
      await mailboxes.deleteFolder(bob.mailbox, mine.id, 0),
      await mailboxes.createFolder(bob.mailbox, { parentId: mine.id, name: 'X', type: 12 }, 0),
    ];
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ['not-found', 'not-found', 'parent-not-found'],
    );
    assert.deepEqual(await mailboxes.folder(ada.mailbox, mine.id), mine);
  });
});
