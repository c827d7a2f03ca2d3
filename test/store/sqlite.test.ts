// The SQLite engine: the contracts of every engine, and what only it has.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deliveryContract } from './delivery.contract.ts';
import { devicesContract } from './devices.contract.ts';
import { directoryContract } from './directory.contract.ts';
import { durabilityContract } from './durability.contract.ts';
import type { Engine } from './engine.ts';
import { foldersContract } from './folders.contract.ts';
import { itemsContract } from './items.contract.ts';
import { rangesContract } from './ranges.contract.ts';
import { syncStatesContract } from './sync-states.contract.ts';

const engine: Engine = {
  name: 'SQLite',
  async create() {
    const directory = await mkdtemp(join(tmpdir(), 'store-'));
    return {
      options: {
        kind: 'sqlite',
        file: join(directory, 'store.db'),
        onBackgroundError(error) {
          throw error;
        },
      },
      remove: () => rm(directory, { recursive: true }),
    };
  },
};

foldersContract(engine);
itemsContract(engine);
rangesContract(engine);
syncStatesContract(engine);
devicesContract(engine);
directoryContract(engine);
deliveryContract(engine);
durabilityContract(engine);
