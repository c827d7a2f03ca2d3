// Makes the demo organisation in an empty directory.
import { randomInt } from 'node:crypto';
import { applyOrganisation } from '../organisation/apply-organisation.ts';
import { checkOrganisation } from '../organisation/organisation-file.ts';
import type { Store } from '../store/store.ts';

const demo = {
  domains: ['example.org'],
  users: [
    { name: 'anna', displayName: 'Anna Berg' },
    { name: 'bert', displayName: 'Bert Ohm' },
    { name: 'carla', displayName: 'Carla Diaz' },
  ],
  groups: [{ address: 'team', displayName: 'Team', members: ['anna', 'bert', 'carla'] }],
};

/** Characters that a phone's keyboard has on its first pages and that nobody mistakes for others. */
const letters = 'abcdefghkmnpqrstuvwxyz23456789';

/** 12 characters, 58 bits. */
function newPassword(): string {
  return Array.from({ length: 12 }, () => letters[randomInt(letters.length)]).join('');
}

/** Resolves with the logins. */
export async function loadDemo(store: Store, onProgress: (line: string) => void) {
  const accounts = demo.users.map(({ name }) => ({ user: `${name}@${demo.domains[0]}`, password: newPassword() }));
  const users = demo.users.map((user, index) => ({ ...user, password: accounts[index]!.password }));
  await applyOrganisation(checkOrganisation({ ...demo, users }, 'demo'), { store, onProgress });
  return accounts;
}
