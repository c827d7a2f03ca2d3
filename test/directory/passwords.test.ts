// Password hashes (RFC 9106 section 3, Argon2 Algorithm).
import assert from 'node:assert/strict';
import { hashPassword, maximumPasswordLength, verifyPassword } from '../../src/directory/passwords.ts';

describe('directory: passwords', () => {
  it('are argon2id in PHC form, salted each time', async () => {
    const [first, second] = await Promise.all([hashPassword('secret'), hashPassword('secret')]);
    assert.match(first, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    assert.notEqual(first, second);
    assert.equal(await verifyPassword(first, 'secret'), true);
    assert.equal(await verifyPassword(second, 'secret'), true);
    assert.equal(await verifyPassword(first, 'Secret'), false);
  });

  it('are the same however their letters are composed', async () => {
    const hash = await hashPassword('grüße'.normalize('NFD'));
    assert.equal(await verifyPassword(hash, 'grüße'.normalize('NFC')), true);
  });

  it('are neither empty nor endless', async () => {
    await assert.rejects(hashPassword(''), RangeError);
    await assert.rejects(hashPassword('x'.repeat(maximumPasswordLength + 1)), RangeError);
    const hash = await hashPassword('x'.repeat(maximumPasswordLength));
    assert.equal(await verifyPassword(hash, ''), false);
    assert.equal(await verifyPassword(hash, 'x'.repeat(maximumPasswordLength + 1)), false);
  });

  it('match no user that has none', async () => {
    for (const hash of ['', 'secret', '*']) assert.equal(await verifyPassword(hash, hash), false);
  });
});
