// The model test, a few seeds of it: whatever happens, each device ends with exactly what the server holds (design invariants: nothing lost, nothing twice).
// More: npm run model -- --seeds 500
import assert from 'node:assert/strict';
import { ModelServer } from './model-server.ts';
import { describeFailure, Runs, shrink } from './run.ts';

const seeds = [1, 2, 3, 4, 5, 6];
const actionsPerSeed = 50;
const shrinkingRuns = 25;

describe('model: devices converge to the server whatever happens', function () {
  this.timeout(180_000);
  let server: ModelServer;
  let runs: Runs;
  let hasShrunk = false;

  before(async () => {
    server = await ModelServer.create(seeds.length + shrinkingRuns);
    runs = new Runs(server);
  });
  after(() => server.close());

  for (const seed of seeds) {
    it(`seed ${seed}`, async () => {
      const failure = await runs.runSeed(seed, actionsPerSeed);
      if (failure === undefined) return;
      // One failure is shrunk; the mailboxes are used up then.
      const shrunk = hasShrunk ? failure : await shrink(runs, failure, shrinkingRuns);
      hasShrunk = true;
      assert.fail(describeFailure(shrunk));
    });
  }

  it('the store holds what the devices saw', () => runs.checkStore());
});
