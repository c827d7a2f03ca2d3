// MIME bodies in Sync over HTTP: octets as they were delivered, S/MIME never in part (MS-ASCMD sections 2.2.3.110.3, MIMESupport (Sync), and
// 2.2.3.111, MIMETruncation).
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type SyncOptions, versions } from '../../src/client/index.ts';
import { BodyReader, bodyOf, messages, smimeForms, type } from './body-shapes.ts';

const sha256 = (octets: Buffer) => createHash('sha256').update(octets).digest('hex');

/** Each MIMETruncation and how much of a message of 12 MB comes (MS-ASCMD R3418 to R3426). */
const mimeTruncations = [0, 4096, 5120, 7168, 10_240, 20_480, 51_200, 102_400, Number.POSITIVE_INFINITY];

for (const version of versions) {
  describe(`MIME in Sync at ${version}`, function () {
    this.timeout(60_000);
    let reader: BodyReader;
    before(async () => {
      reader = await BodyReader.open(version);
    });
    after(() => reader.close());
    const fetched = (subject: string, options: SyncOptions) => reader.fetch(subject, options);

    for (const subject of ['8-bit', 'binary', 'utf-8', 'plain', 'html', 'empty', '12 MB']) {
      it(`gives the octets of MIME as they are: ${subject} (R307)`, async () => {
        const {
          octets,
          size,
          type: found,
        } = bodyOf(await fetched(subject, { mimeSupport: 2, bodyPreferences: [type(4)] }));
        const delivered = messages.get(subject)!;
        assert.equal(found, '4');
        assert.equal(size, delivered.length);
        assert.equal(sha256(octets ?? Buffer.alloc(0)), sha256(delivered));
      });
    }

    it('serves what iOS fetches: Type 4, MIMESupport 2, TruncationSize 32768', async () => {
      const options = { mimeSupport: 2, bodyPreferences: [type(4, { truncationSize: 32_768 })] } as const;
      const short = bodyOf(await fetched('plain', options));
      assert.deepEqual(short.octets, messages.get('plain'));
      assert.equal(short.truncated, undefined);
      const long = bodyOf(await fetched('12 MB', options));
      assert.equal(long.truncated, '1');
      assert.equal(long.size, messages.get('12 MB')?.length);
      assert.ok(long.octets && long.octets.length <= 32_768 && long.octets.length > 32_700);
      assert.deepEqual(long.octets, messages.get('12 MB')?.subarray(0, long.octets.length));
    });

    it('cuts MIME as MIMETruncation says (MS-ASCMD R3418 to R3426)', async () => {
      for (const [mimeTruncation, octets] of mimeTruncations.entries()) {
        const body = bodyOf(await fetched('12 MB', { mimeSupport: 2, mimeTruncation, bodyPreferences: [type(4)] }));
        const whole = messages.get('12 MB')!.length;
        const length = body.octets?.length ?? 0;
        assert.ok(
          length <= Math.min(octets, whole) && length >= Math.min(octets, whole) - 4,
          `${mimeTruncation}: ${length}`,
        );
        assert.equal(body.truncated, octets < whole ? '1' : undefined);
      }
    });

    for (const form of smimeForms) {
      for (const mimeSupport of [1, 2] as const) {
        it(`gives a ${form} message whole, MIMESupport ${mimeSupport} (MS-ASCMD R3408 to R3413)`, async () => {
          const body = bodyOf(await fetched(form, { mimeSupport, bodyPreferences: [type(1), type(2), type(4)] }));
          assert.equal(body.type, '4');
          assert.equal(body.truncated, '0');
          assert.equal(body.size, messages.get(form)?.length);
          assert.equal(sha256(body.octets ?? Buffer.alloc(0)), sha256(messages.get(form)!));
        });

        it(`never gives a part of a ${form} message, MIMESupport ${mimeSupport}`, async () => {
          const whole = messages.get(form)!.length;
          for (const options of [
            { bodyPreferences: [type(4, { truncationSize: whole - 1 }), type(1)] },
            { bodyPreferences: [type(4, { truncationSize: 0 })] },
            { mimeTruncation: 0, bodyPreferences: [type(4)] },
          ]) {
            const { data, truncated, type: found, size } = bodyOf(await fetched(form, { mimeSupport, ...options }));
            assert.deepEqual(
              { data, truncated, found, size },
              { data: undefined, truncated: '1', found: '4', size: whole },
            );
          }
        });
      }

      it(`gives a ${form} message as mail without S/MIME, MIMESupport 0`, async () => {
        const properties = await fetched(form, { mimeSupport: 0, bodyPreferences: [type(4), type(1)] });
        assert.equal(bodyOf(properties).type, '1');
        assert.ok(properties['AirSyncBase:Attachments'], 'its envelope or signature is attached');
      });
    }
  });
}
