// MD5, which names equal files; nothing rests on its being secure. R. Rivest, RFC 1321, 1992.

/** Bytes that are digested at once. */
const MD5_BLOCK_BYTES = 64;

/** What the state starts with. */
const MD5_START = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];

/** The sines of 1 to 64 radians, in 1/2^32: the constant of each step. */
const MD5_SINES = Int32Array.from({ length: 64 }, (_, index) =>
  Math.floor(Math.abs(Math.sin(index + 1)) * 2 ** 32)
);

/** Return the digest of bytes (Uint8Array) as 32 hexadecimal digits. */
function md5Hex(bytes) {
  const state = Int32Array.from(MD5_START);
  const whole = bytes.length - (bytes.length % MD5_BLOCK_BYTES);
  md5Blocks(state, bytes.subarray(0, whole));
  md5Blocks(state, md5Ending(bytes.subarray(whole), bytes.length));
  const digest = new DataView(new ArrayBuffer(16));
  state.forEach((number, index) => digest.setInt32(4 * index, number, true));
  return Array.from(new Uint8Array(digest.buffer), (byte) =>
    byte.toString(16).padStart(2, "0")
  ).join("");
}

/** Return the last blocks: the rest of the bytes, a one bit, zeros, and the length in bits. */
function md5Ending(rest, length) {
  const blocks = Math.ceil((rest.length + 9) / MD5_BLOCK_BYTES);
  const ending = new Uint8Array(MD5_BLOCK_BYTES * blocks);
  ending.set(rest);
  ending[rest.length] = 0x80;
  const view = new DataView(ending.buffer);
  view.setUint32(ending.length - 8, length << 3, true);
  view.setUint32(ending.length - 4, Math.floor(length / 2 ** 29), true);
  return ending;
}

/** Digest whole blocks into the state (Int32Array of 4). */
function md5Blocks(state, bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const block = new Int32Array(MD5_BLOCK_BYTES / 4);
  for (let start = 0; start < bytes.length; start += MD5_BLOCK_BYTES) {
    for (let index = 0; index < block.length; index++) {
      block[index] = view.getInt32(start + 4 * index, true);
    }
    md5Block(state, block);
  }
}

/** Digest a block of 16 words into the state: four rounds, their steps four at a time. */
function md5Block(state, m) {
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  for (let i = 0; i < 16; i += 4) {
    a = (b + md5Turned(a + (d ^ (b & (c ^ d))) + m[i] + MD5_SINES[i], 7)) | 0;
    d = (a + md5Turned(d + (c ^ (a & (b ^ c))) + m[i + 1] + MD5_SINES[i + 1], 12)) | 0;
    c = (d + md5Turned(c + (b ^ (d & (a ^ b))) + m[i + 2] + MD5_SINES[i + 2], 17)) | 0;
    b = (c + md5Turned(b + (a ^ (c & (d ^ a))) + m[i + 3] + MD5_SINES[i + 3], 22)) | 0;
  }
  for (let i = 16; i < 32; i += 4) {
    const word = 5 * i + 1;
    a = (b + md5Turned(a + (c ^ (d & (b ^ c))) + m[word & 15] + MD5_SINES[i], 5)) | 0;
    d = (a + md5Turned(d + (b ^ (c & (a ^ b))) + m[(word + 5) & 15] + MD5_SINES[i + 1], 9)) | 0;
    c = (d + md5Turned(c + (a ^ (b & (d ^ a))) + m[(word + 10) & 15] + MD5_SINES[i + 2], 14)) | 0;
    b = (c + md5Turned(b + (d ^ (a & (c ^ d))) + m[(word + 15) & 15] + MD5_SINES[i + 3], 20)) | 0;
  }
  for (let i = 32; i < 48; i += 4) {
    const word = 3 * i + 5;
    a = (b + md5Turned(a + (b ^ c ^ d) + m[word & 15] + MD5_SINES[i], 4)) | 0;
    d = (a + md5Turned(d + (a ^ b ^ c) + m[(word + 3) & 15] + MD5_SINES[i + 1], 11)) | 0;
    c = (d + md5Turned(c + (d ^ a ^ b) + m[(word + 6) & 15] + MD5_SINES[i + 2], 16)) | 0;
    b = (c + md5Turned(b + (c ^ d ^ a) + m[(word + 9) & 15] + MD5_SINES[i + 3], 23)) | 0;
  }
  for (let i = 48; i < 64; i += 4) {
    const word = 7 * i;
    a = (b + md5Turned(a + (c ^ (b | ~d)) + m[word & 15] + MD5_SINES[i], 6)) | 0;
    d = (a + md5Turned(d + (b ^ (a | ~c)) + m[(word + 7) & 15] + MD5_SINES[i + 1], 10)) | 0;
    c = (d + md5Turned(c + (a ^ (d | ~b)) + m[(word + 14) & 15] + MD5_SINES[i + 2], 15)) | 0;
    b = (c + md5Turned(b + (d ^ (c | ~a)) + m[(word + 21) & 15] + MD5_SINES[i + 3], 21)) | 0;
  }
  addToMd5State(state, a, b, c, d);
}

/** Return a sum of 32-bit numbers turned left by `count`. */
function md5Turned(sum, count) {
  return (sum << count) | (sum >>> (32 - count));
}

function addToMd5State(state, a, b, c, d) {
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
}
