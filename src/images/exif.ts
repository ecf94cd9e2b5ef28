/** The few texts of an EXIF block in which programs leave recipes. Hostile until parsed. */

const imageTags: Readonly<Record<number, string>> = {
  270: "ImageDescription",
  271: "Make",
  272: "Model",
  305: "Software",
};
const userCommentTag = 0x9286;
const exifFolderTag = 0x8769;
// a folder of more entries than this is no EXIF that any program writes
const maximumEntries = 512;

interface Entry {
  readonly tag: number;
  readonly bytes: Uint8Array;
  /** The entry's value read as an offset. */
  readonly offset: number;
}

/** Texts by tag name; what is damaged is left out. */
export function exifTexts(exif: Uint8Array): Record<string, string> {
  const marked = ascii(exif.subarray(0, 6)) === "Exif\0\0";
  const tiff = marked ? exif.subarray(6) : exif;
  const order = ascii(tiff.subarray(0, 2));
  if (tiff.length < 8 || (order !== "II" && order !== "MM")) return {};
  const little = order === "II";
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const texts: Record<string, string> = {};
  for (const { tag, bytes, offset } of folder(tiff, view, view.getUint32(4, little), little)) {
    const name = imageTags[tag];
    if (name) texts[name] = new TextDecoder().decode(bytes).replace(/\0+$/, "");
    if (tag !== exifFolderTag) continue;
    const comment = folder(tiff, view, offset, little).find(({ tag }) => tag === userCommentTag);
    if (comment) texts.UserComment = userComment(comment.bytes, little);
  }
  return texts;
}

/** Entries of one folder whose bytes lie inside the block. */
function folder(tiff: Uint8Array, view: DataView, start: number, little: boolean): Entry[] {
  if (start + 2 > tiff.length) return [];
  const count = view.getUint16(start, little);
  if (count > maximumEntries || start + 2 + 12 * count > tiff.length) return [];
  const entries: Entry[] = [];
  for (let i = 0; i < count; i++) {
    const at = start + 2 + 12 * i;
    const type = view.getUint16(at + 2, little);
    const length = view.getUint32(at + 4, little) * (type === 3 ? 2 : type === 4 ? 4 : 1);
    const offset = view.getUint32(at + 8, little);
    const from = length <= 4 ? at + 8 : offset;
    if (from + length > tiff.length) continue;
    entries.push({
      tag: view.getUint16(at, little),
      bytes: tiff.subarray(from, from + length),
      offset,
    });
  }
  return entries;
}

/** Eight bytes name the encoding (EXIF 2.32, 4.6.5). */
function userComment(bytes: Uint8Array, little: boolean): string {
  const encoding = ascii(bytes.subarray(0, 8)).replace(/\0+$/, "");
  const text = bytes.subarray(8);
  if (encoding !== "UNICODE") return new TextDecoder().decode(text).replace(/\0+$/, "");
  // some writers ignore the block's byte order: the side with more zero bytes is the high one
  let even = 0;
  let odd = 0;
  for (let i = 0; i + 1 < text.length; i += 2) {
    if (text[i] === 0) even++;
    if (text[i + 1] === 0) odd++;
  }
  const isLittle = even === odd ? little : odd > even;
  const label = isLittle ? "utf-16le" : "utf-16be";
  return new TextDecoder(label).decode(text).replace(/\0+$/, "");
}

function ascii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
