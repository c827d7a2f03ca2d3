// The hierarchy against a naive device under random histories: whatever is lost, a device that syncs in the end holds what the server holds.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { FolderId } from '../../src/protocol/ids.ts';
import { type Element, FolderHierarchy as F } from '../../wbxml/index.ts';
import { at, Bench, childrenOf, el, type TestDevice, textAt } from '../commands/bench.ts';

/** One thing that happens. `pick` chooses among what there is; `lost`: the answer does not reach the device. */
interface Step {
  readonly who: 'one' | 'two' | 'server';
  readonly what: 'create' | 'rename' | 'move' | 'delete' | 'sync' | 'again';
  readonly pick: number;
  readonly parent: number;
  readonly lost: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  who: fc.constantFrom('one', 'two', 'server'),
  what: fc.constantFrom('create', 'create', 'rename', 'move', 'move', 'move', 'delete', 'sync', 'again'),
  pick: fc.nat({ max: 1000 }),
  parent: fc.nat({ max: 1000 }),
  lost: fc.integer({ max: 3, min: 0 }).map((chance) => chance === 0),
});

/** Keeps what it is told and objects to what does not fit. */
class Replica {
  readonly folders = new Map<string, { parent: string; name: string }>();
  key = '0';
  private readonly device: TestDevice;
  private readonly seen = new Set<string>();
  private last: (() => Promise<void>) | undefined;

  constructor(device: TestDevice) {
    this.device = device;
  }

  private async ask(name: string, sent: Element, lost: boolean, apply: (answer: Element) => void): Promise<void> {
    const once = async (unheard: boolean) => {
      const answer = await this.device.ask(name, sent);
      if (textAt(answer, F.Status) !== '1') {
        assert.notEqual(textAt(answer, F.Status), '9', 'no key that the device has may be refused');
        this.last = undefined;
        return;
      }
      if (unheard) return;
      this.last = undefined;
      this.key = textAt(answer, F.SyncKey) ?? assert.fail('no key');
      apply(answer);
    };
    this.last = () => once(false);
    await once(lost);
  }

  /** The request whose answer was lost, once more. */
  async again(): Promise<void> {
    await this.last?.();
  }

  sync(lost: boolean): Promise<void> {
    const first = this.key === '0';
    return this.ask('FolderSync', el(F.FolderSync, el(F.SyncKey, this.key)), lost, (answer) => {
      if (first) this.folders.clear();
      const changes = at(answer, F.Changes) ?? assert.fail();
      const idOf = (each: Element) => textAt(each, F.ServerId) ?? assert.fail();
      const placed = (each: Element) => ({ parent: textAt(each, F.ParentId)!, name: textAt(each, F.DisplayName)! });
      for (const each of childrenOf(changes, F.Update)) {
        assert.ok(this.folders.has(idOf(each)), 'an Update is for a folder that the device has');
        this.folders.set(idOf(each), placed(each));
      }
      for (const each of childrenOf(changes, F.Delete)) {
        assert.ok(this.seen.has(idOf(each)), 'a Delete is for a folder that the device has or took away itself');
        this.forget(idOf(each));
      }
      for (const each of childrenOf(changes, F.Add)) {
        assert.ok(!this.folders.has(idOf(each)), 'an Add is for a folder that the device has not');
        this.place(idOf(each), placed(each));
      }
    });
  }

  create(parent: string, name: string, lost: boolean): Promise<void> {
    const sent = el(
      F.FolderCreate,
      el(F.SyncKey, this.key),
      el(F.ParentId, parent),
      el(F.DisplayName, name),
      el(F.Type, 12),
    );
    return this.ask('FolderCreate', sent, lost, (answer) => {
      this.place(textAt(answer, F.ServerId) ?? assert.fail(), { parent, name });
    });
  }

  update(id: string, parent: string, name: string, lost: boolean): Promise<void> {
    const sent = el(
      F.FolderUpdate,
      el(F.SyncKey, this.key),
      el(F.ServerId, id),
      el(F.ParentId, parent),
      el(F.DisplayName, name),
    );
    return this.ask('FolderUpdate', sent, lost, () => this.folders.set(id, { parent, name }));
  }

  remove(id: string, lost: boolean): Promise<void> {
    const sent = el(F.FolderDelete, el(F.SyncKey, this.key), el(F.ServerId, id));
    return this.ask('FolderDelete', sent, lost, () => this.forget(id));
  }

  private place(id: string, folder: { parent: string; name: string }): void {
    this.folders.set(id, folder);
    this.seen.add(id);
  }

  private forget(id: string): void {
    this.folders.delete(id);
    for (const [child, { parent }] of [...this.folders]) if (parent === id) this.forget(child);
  }
}

/** Default folders cannot be changed: they would take up the tries. */
const isOwn = (name: string) => /^n[0-9]+$/.test(name);

async function happen({ what, pick, parent, lost }: Step, replica: Replica): Promise<void> {
  if (what === 'again') return replica.again();
  if (what === 'sync' || replica.key === '0') return replica.sync(lost);
  const ids = [...replica.folders].filter(([, { name }]) => isOwn(name)).map(([own]) => own);
  const id = ids[pick % ids.length] ?? '0';
  const under = ['0', ...ids][parent % (ids.length + 1)] ?? '0';
  const known = replica.folders.get(id);
  if (what === 'create' || ids.length === 0) return replica.create(under, `n${pick % 50}`, lost);
  if (what === 'delete') return replica.remove(id, lost);
  return what === 'rename'
    ? replica.update(id, known?.parent ?? '0', `n${pick % 50}`, lost)
    : replica.update(id, under, known?.name ?? 'x', lost);
}

/** Some folders below each other, which both the device and the server know. */
async function nested(replica: Replica): Promise<void> {
  await replica.sync(false);
  let parent = '0';
  for (const name of ['n100', 'n101', 'n102', 'n103']) {
    await replica.create(parent, name, false);
    parent = [...replica.folders].find(([, folder]) => folder.name === name)?.[0] ?? '0';
  }
}

async function happenOnServer({ what, pick, parent }: Step, bench: Bench): Promise<void> {
  const { mailboxes } = bench.store;
  const { mailboxId } = bench.ann;
  const folders = (await mailboxes.folders(mailboxId)).filter(({ name }) => isOwn(name));
  const folder = folders[pick % folders.length];
  const under: FolderId | 0 = [0 as const, ...folders.map(({ id }) => id)][parent % (folders.length + 1)] ?? 0;
  if (what === 'create')
    await mailboxes.createFolder(mailboxId, { parentId: under, name: `n${pick % 50}`, type: 12 }, 0);
  else if (folder === undefined) return;
  else if (what === 'delete') await mailboxes.deleteFolder(mailboxId, folder.id, 0);
  else if (what === 'move')
    await mailboxes.updateFolder(mailboxId, folder.id, { parentId: under, name: folder.name }, 0);
}

describe('the hierarchy of a device', () => {
  it('is that of the server after a FolderSync, whatever happened and was lost before', async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
        const bench = await Bench.open();
        bench.validates = false;
        try {
          const replicas = {
            one: new Replica(bench.device(14.1, 'one')),
            two: new Replica(bench.device(16.1, 'two')),
          };
          await nested(replicas.one);
          for (const each of steps) {
            if (each.who === 'server') await happenOnServer(each, bench);
            else await happen(each, replicas[each.who]);
          }
          const held = (await bench.store.mailboxes.folders(bench.ann.mailboxId)).map(
            ({ id, parentId, name }) => [String(id), { parent: String(parentId), name }] as const,
          );
          for (const replica of Object.values(replicas)) {
            await replica.sync(false);
            assert.deepEqual(new Map([...replica.folders].sort()), new Map([...held].sort()));
          }
        } finally {
          await bench.store.close();
        }
      }),
      { numRuns: 400 },
    );
  });
});
