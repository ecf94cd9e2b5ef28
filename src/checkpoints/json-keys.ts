/**
 * The first key that an object in `json` holds twice, or null. `json` must already have parsed:
 * JSON.parse keeps the last of two equal keys, so a hostile file could show other readers another
 * tensor than us.
 */
export function repeatedKey(json: string): string | null {
  const open: (Set<string> | null)[] = []; // per open bracket: keys of an object, null for an array
  let expectKey = false;
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '"') {
      const end = endOfString(json, at);
      if (expectKey) {
        const key = JSON.parse(json.slice(at, end)) as string;
        const keys = open.at(-1);
        if (keys?.has(key)) return key;
        keys?.add(key);
        expectKey = false;
      }
      at = end - 1;
    } else if (character === "{") {
      open.push(new Set());
      expectKey = true;
    } else if (character === "[") {
      open.push(null);
      expectKey = false;
    } else if (character === "}" || character === "]") {
      open.pop();
      expectKey = false;
    } else if (character === ",") {
      expectKey = Boolean(open.at(-1));
    }
  }
  return null;
}

function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
  return at + 1;
}
