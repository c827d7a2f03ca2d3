// Passwords as argon2id hashes in PHC form (RFC 9106 section 3, Argon2 Algorithm).
import { hash, verify } from '@node-rs/argon2';

/** OWASP's least costly setting of argon2id, the library's default algorithm: about 20 ms on a thread of its own. KiB of memory. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Longer passwords are refused, in UTF-16 units; hashing is linear in the length. */
export const maximumPasswordLength = 1024;

/** The hash to store of a password. Throws RangeError for an empty or overlong one. */
export async function hashPassword(password: string): Promise<string> {
  if (password.length === 0 || password.length > maximumPasswordLength) {
    throw new RangeError(`a password has 1 to ${maximumPasswordLength} characters`);
  }
  return hash(prepared(password), cost);
}

/** Whether it is the password of the hash. False, too, where there is no hash; throws for a damaged one. */
export async function verifyPassword(passwordHash: string, password: string): Promise<boolean> {
  if (password.length === 0 || password.length > maximumPasswordLength || !passwordHash.startsWith('$argon2')) {
    return false;
  }
  return verify(passwordHash, prepared(password));
}

/** One spelling of composed letters: phones and desktops differ in it (RFC 8265 section 4.2, OpaqueString Profile). */
function prepared(password: string): string {
  return password.normalize('NFC');
}
