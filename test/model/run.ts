// Runs seeds of the model test, and shrinks a run that fails.
import { type Action, actionsOf, agesInDays } from './actions.ts';
import type { ModelServer } from './model-server.ts';
import { perform } from './perform.ts';
import { checkSubjects } from './truth.ts';
import { World } from './world.ts';

/** A run that failed, and how. */
export interface Failure {
  readonly seed: number;
  readonly actions: readonly Action[];
  /** The action at which it failed; undefined for the look into the store at the end. */
  readonly failedAt: number | undefined;
  readonly error: unknown;
}

/** Mailboxes are used up: a run takes a fresh one, a shrinking many. */
export class Users {
  readonly #server: ModelServer;
  #next = 0;

  constructor(server: ModelServer) {
    this.#server = server;
  }

  take(): string | undefined {
    return this.#server.users[this.#next++];
  }
}

/** Mail of every age is in the mailbox when a run begins. */
const beginning: Action = { kind: 'restart', agesInDays: [...agesInDays, ...agesInDays] };

/** Does the actions on an empty mailbox; undefined when all is well. */
export async function run(
  server: ModelServer,
  user: string,
  seed: number,
  actions: readonly Action[],
): Promise<Failure | undefined> {
  const world = new World(server, user);
  let at = 0;
  try {
    await perform(world, beginning);
    for (; at < actions.length; at++) await perform(world, actions[at]!);
    checkSubjects(world, await server.storedSubjects(user));
    return undefined;
  } catch (error) {
    return { seed, actions, failedAt: at < actions.length ? at : undefined, error };
  } finally {
    world.close();
  }
}

/** Runs a seed in a fresh mailbox. */
export async function runSeed(
  server: ModelServer,
  users: Users,
  seed: number,
  length: number,
): Promise<Failure | undefined> {
  const user = users.take();
  if (user === undefined) throw new Error('no mailboxes left');
  return run(server, user, seed, actionsOf(seed, length));
}

const check: Action = { kind: 'check' };

/**
 * Leaves out whatever the failure does not need: large pieces first, single actions last. Stops when `budget` runs are used up. What remains
 * fails, though not always in the same way.
 */
export async function shrink(server: ModelServer, users: Users, failure: Failure, budget: number): Promise<Failure> {
  let best = failure;
  let runs = 0;
  const attempt = async (actions: readonly Action[]): Promise<boolean> => {
    const user = runs++ < budget ? users.take() : undefined;
    const found = user === undefined ? undefined : await run(server, user, failure.seed, actions);
    if (found !== undefined) best = found;
    return found !== undefined;
  };
  const { failedAt } = failure;
  if (failedAt !== undefined) await attempt([...failure.actions.slice(0, failedAt + 1), check]);
  for (
    let size = Math.ceil(best.actions.length / 2);
    size >= 1 && runs < budget;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let from = 0; from < best.actions.length && runs < budget; ) {
      const without = [...best.actions.slice(0, from), ...best.actions.slice(from + size)];
      if (without.length === 0 || !(await attempt(without))) from += size;
    }
  }
  return best;
}

/** What to print of a failure: the seed, the log of actions, the error. */
export function describeFailure({ seed, actions, failedAt, error }: Failure): string {
  const log = actions.map((action, index) => `${index === failedAt ? '>' : ' '} ${JSON.stringify(action)}`);
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `seed ${seed}, ${actions.length} actions:\n${log.join('\n')}\n${text}`;
}
