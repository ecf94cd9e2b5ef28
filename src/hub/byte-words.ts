/** Bytes as people read them: "310 MB", "9.2 GB". */
export function byteWords(bytes: number): string {
  const { name, bytes: unit } = byteUnit(bytes);
  const count = bytes / unit;
  return `${count >= 100 || unit === 1 ? Math.round(count) : count.toFixed(1)} ${name}`;
}

export interface ByteUnit {
  readonly name: string;
  readonly bytes: number;
}

/** The unit in which so many bytes are a short number. */
export function byteUnit(bytes: number): ByteUnit {
  if (bytes >= 1e9) return { name: "GB", bytes: 1e9 };
  if (bytes >= 1e6) return { name: "MB", bytes: 1e6 };
  return bytes >= 1e3 ? { name: "kB", bytes: 1e3 } : { name: "bytes", bytes: 1 };
}
