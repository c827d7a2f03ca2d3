// Basic authentication (MS-ASHTTP section 2.2.1.1.2.2, Authorization): argon2id once, then a keyed hash for a while.
import { createHmac, randomBytes } from 'node:crypto';
import { hashPassword, verifyPassword } from '../directory/passwords.ts';
import type { UserId } from '../protocol/ids.ts';
import type { DirectoryStore, User } from '../store/directory-store.ts';
import { type Login, parseBasic } from './credentials.ts';
import { type LoginLimiter, loginLimiter } from './login-limiter.ts';
import type { AuthenticationLimits } from './settings.ts';
import { turnstile } from './turnstile.ts';

export type Authentication =
  | { readonly kind: 'user'; readonly user: User; readonly credential: VerifiedCredential }
  /** No credentials, or wrong ones, or the account is disabled. */
  | { readonly kind: 'refused' }
  /** Too many failures, or too many logins at once. */
  | { readonly kind: 'slowed'; readonly retryAfterSeconds: number };

/** A credential that was verified lately. */
export interface VerifiedCredential {
  readonly user: UserId;
  /** What it was verified against: a changed password ends it at once. */
  readonly passwordHash: string;
  readonly verified: number;
  used: number;
}

export interface Authenticator {
  /** Authenticates the value of an Authorization header from an address. */
  authenticate(authorization: string | undefined, address: string): Promise<Authentication>;
  /** Keeps the credential for longer: it was in use until now (a Ping is held longer than a credential is kept). */
  touch(credential: VerifiedCredential): void;
}

/** What authenticators need of the directory. */
export type Logins = Pick<DirectoryStore, 'userByLogin' | 'user' | 'domains'>;

/** Longer headers are refused unread: names and passwords are shorter. */
const maximumHeaderLength = 4096;
const refused: Authentication = { kind: 'refused' };

/** `now` in milliseconds. */
export function createAuthenticator(
  directory: Logins,
  limits: AuthenticationLimits,
  now: () => number = Date.now,
): Authenticator {
  // Credentials are found by a hash under a key that only this process has. Finding them in a map is as good as comparing in
  // constant time: nobody can choose what the hash begins with.
  const key = randomBytes(32);
  const verified = new Map<string, VerifiedCredential>();
  const verifying = new Map<string, Promise<Authentication>>();
  const verifier = createVerifier(directory, limits, now);

  const remember = (digest: string, credential: VerifiedCredential) => {
    verified.delete(digest);
    verified.set(digest, credential);
    if (verified.size > limits.credentials) for (const oldest of verified.keys()) return verified.delete(oldest);
    return true;
  };

  return {
    async authenticate(authorization, address) {
      if (authorization === undefined || authorization.length > maximumHeaderLength) return refused;
      const digest = createHmac('sha256', key).update(authorization, 'latin1').digest('base64');
      const credential = verified.get(digest);
      if (credential !== undefined) {
        const user = await stillValid(directory, credential, limits, now());
        if (user !== undefined) {
          credential.used = now();
          return { kind: 'user', user, credential };
        }
        verified.delete(digest);
      }
      // A phone opens several connections at once; they share one verification.
      let attempt = verifying.get(digest);
      if (attempt === undefined) {
        attempt = verifier(authorization, address).finally(() => verifying.delete(digest));
        verifying.set(digest, attempt);
      }
      const outcome = await attempt;
      if (outcome.kind === 'user') remember(digest, outcome.credential);
      return outcome;
    },
    touch(credential) {
      credential.used = now();
    },
  };
}

async function stillValid(
  directory: Logins,
  { user: id, passwordHash, verified, used }: VerifiedCredential,
  { credentialTime, credentialLifetime }: AuthenticationLimits,
  time: number,
): Promise<User | undefined> {
  if (time - used > credentialTime || time - verified > credentialLifetime) return undefined;
  const user = await directory.user(id);
  return user?.enabled && user.passwordHash === passwordHash ? user : undefined;
}

function createVerifier(directory: Logins, limits: AuthenticationLimits, now: () => number) {
  const limiter: LoginLimiter = loginLimiter(limits, now);
  const gate = turnstile(limits.parallelVerifications, limits.waitingVerifications);
  // Somebody who does not exist takes as long as somebody who does.
  const nobody = hashPassword(randomBytes(16).toString('hex'));

  const matches = async (login: Login, user: User | undefined): Promise<User | undefined> => {
    const right = await verifyPassword(user?.passwordHash || (await nobody), login.password);
    return right && user?.enabled ? user : undefined;
  };
  return async (authorization: string, address: string): Promise<Authentication> => {
    const logins = parseBasic(authorization);
    const [first] = logins;
    if (first === undefined) return refused;
    const users = await findUsers(directory, logins);
    // Failures count for the user, by whichever of several names; for nobody, by what was given.
    const account = String(users.find((user) => user !== undefined)?.id ?? `${first.name}\n${first.domain ?? ''}`);
    const wait = limiter.attempt(account, address);
    if (wait > 0) return { kind: 'slowed', retryAfterSeconds: Math.ceil(wait / 1000) };
    const outcome = await gate.pass(async () => {
      for (const [index, login] of logins.entries()) {
        const user = await matches(login, users[index]);
        if (user !== undefined) return user;
      }
      return refused;
    });
    if (outcome === undefined) {
      limiter.withdrawn(account, address);
      return { kind: 'slowed', retryAfterSeconds: 5 };
    }
    if ('kind' in outcome) return outcome;
    limiter.succeeded(account, address);
    const time = now();
    return {
      kind: 'user',
      user: outcome,
      credential: { user: outcome.id, passwordHash: outcome.passwordHash, verified: time, used: time },
    };
  };
}

/** The user that each login names. Two readings of one header differ in the password, mostly. */
async function findUsers(directory: Logins, logins: readonly Login[]): Promise<readonly (User | undefined)[]> {
  const users: (User | undefined)[] = [];
  for (const [index, login] of logins.entries()) {
    const before = logins[index - 1];
    const same = before?.name === login.name && before.domain === login.domain;
    users.push(same ? users[index - 1] : await findUser(directory, login));
  }
  return users;
}

/** The user that a login names. A domain without dots is the first label of one of ours, as Windows has it. */
async function findUser(directory: Logins, { name, domain }: Login): Promise<User | undefined> {
  if (domain === undefined || domain.includes('.')) return directory.userByLogin(name, domain);
  const full = (await directory.domains()).filter((one) => one === domain || one.startsWith(`${domain}.`));
  return full.length === 1 ? directory.userByLogin(name, full[0]) : undefined;
}
