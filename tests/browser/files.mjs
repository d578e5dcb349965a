// Files that the specs give to the page: drawn by the browser, or made of bytes here; and how they are dropped.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";

/** An image that the browser itself draws and encodes, left half red, right half blue: for `setInputFiles`. */
export async function drawn(page, name, mimeType, width, height) {
  const base64 = await page.evaluate(
    async ([type, width, height]) => {
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext("2d");
      context.fillStyle = "red";
      context.fillRect(0, 0, width / 2, height);
      context.fillStyle = "blue";
      context.fillRect(width / 2, 0, width / 2, height);
      const blob = await canvas.convertToBlob({ type, quality: 0.95 });
      const bytes = new Uint8Array(await blob.arrayBuffer());
      return btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(""));
    },
    [mimeType, width, height],
  );
  return { name, mimeType, buffer: Buffer.from(base64, "base64") };
}

/** A file of these words under whatever type. */
export const text = (name, mimeType, words) => ({ name, mimeType, buffer: Buffer.from(words) });

/** The JPEG with an Exif segment of these bytes. */
export function withExif(file, bytes) {
  const exif = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), bytes]);
  const head = Buffer.from([0xff, 0xe1, 0, exif.length + 2]);
  const buffer = Buffer.concat([file.buffer.subarray(0, 2), head, exif, file.buffer.subarray(2)]);
  return { ...file, buffer };
}

/** Exif that says: turn me clockwise. */
export const CLOCKWISE = Buffer.from("4d4d002a00000008" + "0001" + "011200030000000100060000" + "00000000", "hex");

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** A PNG of these bits a channel, kind of colour, and rows with their filter byte. */
function encoded(width, height, bits, kind, rows) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = bits;
  header[9] = kind;
  const magic = Buffer.from("89504e470d0a1a0a", "hex");
  const data = chunk("IDAT", deflateSync(rows, { level: 9 }));
  return Buffer.concat([magic, chunk("IHDR", header), data, chunk("IEND", Buffer.alloc(0))]);
}

/** The bytes of a PNG of about one colour. */
export function png(width, height, [red, green, blue]) {
  const row = Buffer.alloc(1 + width * 3);
  for (let x = 0; x < width; x++) row.set([red, green, (blue + x) % 256], 1 + x * 3);
  return encoded(width, height, 8, 2, Buffer.concat(Array.from({ length: height }, () => row)));
}

/** The bytes of a PNG of one bit a pixel, all black: 16000 × 16000 of them weigh 31 kB. */
export const bomb = (side) => encoded(side, side, 1, 0, Buffer.alloc((side / 8 + 1) * side));

/** Writes files by their paths into a folder; returns it. */
export function folderOf(folder, files) {
  for (const [path, bytes] of Object.entries(files)) {
    const place = join(folder, path);
    mkdirSync(join(place, ".."), { recursive: true });
    writeFileSync(place, bytes);
  }
  return folder;
}

/** Drops files on an element, as a hand would. */
export async function drop(page, files, selector = ".drop") {
  const plain = files.map(({ name, mimeType, buffer }) => [name, mimeType, buffer.toString("base64")]);
  const dataTransfer = await page.evaluateHandle((files) => {
    const transfer = new DataTransfer();
    for (const [name, type, base64] of files) {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      transfer.items.add(new File([bytes], name, { type }));
    }
    return transfer;
  }, plain);
  for (const kind of ["dragover", "drop"]) await page.dispatchEvent(selector, kind, { dataTransfer });
}
