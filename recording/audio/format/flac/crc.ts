/** The checksums of a FLAC frame (RFC 9639, 9.1.8 and 9.3). */

const CRC8 = tableOf(8, 0x07);
const CRC16 = tableOf(16, 0x8005);

function tableOf(bits: number, polynomial: number): Uint16Array {
  const [top, mask] = [1 << (bits - 1), 2 ** bits - 1];
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let crc = byte << (bits - 8);
    for (let bit = 0; bit < 8; bit += 1) crc = ((crc << 1) ^ (crc & top ? polynomial : 0)) & mask;
    return crc;
  });
}

/** The checksum of a frame's header (RFC 9639, section 9.1.8). */
export function crc8(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = CRC8[crc ^ byte] ?? 0;
  return crc;
}

/** The checksum of a whole frame (RFC 9639, section 9.3). */
export function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = ((crc << 8) & 0xffff) ^ (CRC16[(crc >>> 8) ^ byte] ?? 0);
  return crc;
}
