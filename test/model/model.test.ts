// The model test, a few seeds of it: whatever happens, each device ends with exactly what the server holds (design invariants: nothing lost, nothing twice).
// More: npm run model -- --seeds 500
import assert from 'node:assert/strict';
import { ModelServer } from './model-server.ts';
import { describeFailure, runSeed, shrink, Users } from './run.ts';

const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
const actionsPerSeed = 60;
const shrinkingRuns = 25;

describe('model: devices converge to the server whatever happens', function () {
  this.timeout(180_000);
  let server: ModelServer;
  let users: Users;

  before(async () => {
    server = await ModelServer.create(seeds.length + seeds.length * shrinkingRuns);
    users = new Users(server);
  });
  after(() => server.close());

  for (const seed of seeds) {
    it(`seed ${seed}`, async () => {
      const failure = await runSeed(server, users, seed, actionsPerSeed);
      if (failure === undefined) return;
      assert.fail(describeFailure(await shrink(server, users, failure, shrinkingRuns)));
    });
  }
});
