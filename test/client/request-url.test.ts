// The request line as the client writes it (MS-ASHTTP section 2.2.1.1.1, Request Line).
import assert from 'node:assert/strict';
import { base64Query, plainQuery, type QueryParts } from '../../src/client/request-url.ts';

const example: QueryParts = {
  command: 'FolderSync',
  user: 'rmjones',
  deviceId: 'v140Device',
  deviceType: 'SmartPhone',
  version: '14.0',
  policyKey: 0,
  locale: 0x0409,
  parameters: {},
};

describe('client: request line', () => {
  it('writes the plain form of the specification (MS-ASHTTP R16)', () => {
    assert.equal(
      plainQuery({ ...example, command: 'Sync' }),
      'Cmd=Sync&User=rmjones&DeviceId=v140Device&DeviceType=SmartPhone',
    );
  });

  it('writes the base64 form of the specification, with the user that it leaves out (MS-ASHTTP R16, R18)', () => {
    const written = Buffer.from(base64Query({ ...example, command: 'Sync', locale: 0x0409 }), 'base64');
    const specified = Buffer.from('jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25l', 'base64');
    assert.deepEqual(written.subarray(0, specified.length), specified);
    assert.deepEqual(written.subarray(specified.length), Buffer.from('\x08\x07rmjones', 'latin1'));
  });

  it('sets the option bits and the policy key', () => {
    const written = Buffer.from(
      base64Query({ ...example, policyKey: 0x01020304, parameters: { SaveInSent: true, AcceptMultiPart: true } }),
      'base64',
    );
    assert.ok(written.includes(Buffer.from([4, 4, 3, 2, 1])), 'the key is four octets, the lowest first');
    assert.deepEqual(written.subarray(-3), Buffer.from([7, 1, 3]));
  });

  it('writes SaveInSent as T and leaves AcceptMultiPart to the header', () => {
    const query = plainQuery({ ...example, parameters: { SaveInSent: true, AcceptMultiPart: true } });
    assert.match(query, /&SaveInSent=T$/);
  });

  it('refuses what the base64 form cannot say', () => {
    assert.throws(() => base64Query({ ...example, command: 'Nonsense' }), RangeError);
    assert.throws(() => base64Query({ ...example, parameters: { LongId: 'x'.repeat(256) } }), RangeError);
  });
});
