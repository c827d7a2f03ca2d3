// Files for the demo's attachments, made when they are needed: a picture, a document, a sound (PNG, ISO/IEC 15948; PDF 1.4; WAVE).
import { deflateSync } from 'node:zlib';

/** A picture of a kite: PNG, 96 by 96 points. `hue` is its colour as red, green, blue. */
export function kitePicture(hue: readonly [number, number, number]): Buffer {
  const side = 96;
  const rows = Buffer.alloc(side * (side * 3 + 1));
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const inside = Math.abs(x - 48) <= (y < 36 ? (y - 6) * 0.9 : (78 - y) * 0.65);
      const spar = inside && (x === 48 || y === 36);
      const tail = y >= 78 && Math.abs(x - 48 - 8 * Math.sin(y / 3)) < 1.5;
      const colour = spar || tail ? [70, 50, 40] : inside ? hue : [196 - y / 3, 222 - y / 4, 245];
      rows.set(colour.map(Math.round), y * (side * 3 + 1) + 1 + x * 3);
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([8, 2], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(checksum(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

// CRC-32 as in PNG; node:zlib has it only from Node 22 on.
function checksum(data: Buffer): number {
  let crc = 0xffffffff;
  for (const octet of data) {
    crc ^= octet;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** A one-page PDF that shows some lines of ASCII text. */
export function onePagePdf(lines: readonly string[]): Buffer {
  const text = lines.map((line) => `(${line.replace(/[()\\]/g, '\\$&')}) Tj T*`).join('\n');
  const stream = `BT /F1 14 Tf 18 TL 72 760 Td\n${text}\nET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let file = '%PDF-1.4\n';
  const places = objects.map((object, index) => {
    const place = file.length;
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(place).padStart(10, '0')} 00000 n \n`;
  });
  const table = file.length;
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${places.join('')}`;
  return Buffer.from(
    `${file}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`,
    'latin1',
  );
}

/** Half a minute of wind: WAVE, 16 bit, stereo, about 5 MB. The same octets every time. */
export function windRecording(): Buffer {
  const rate = 44_100;
  const frames = rate * 30;
  const file = Buffer.alloc(44 + frames * 4);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.set([1, 0, 2, 0], 20);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(rate * 4, 28);
  file.set([4, 0, 16, 0], 32);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(frames * 4, 40);
  const samples = new Int16Array(file.buffer, file.byteOffset + 44, frames * 2);
  let noise = 0x2545f491;
  let level = 0;
  let gust = 1;
  for (let at = 0; at < samples.length; at++) {
    // Gusts change slowly; a sine for every sample would take most of the time.
    if ((at & 1023) === 0) gust = 0.6 + 0.4 * Math.sin(at / 90_000);
    noise ^= noise << 13;
    noise ^= noise >>> 17;
    noise ^= noise << 5;
    level += ((noise >> 16) - level) * 0.05;
    samples[at] = level * gust;
  }
  return file;
}
