/**
 * The XMP packet of a picture: the IPTC mark that a model made it, and the recipe.
 *
 * Written and read as text: no XML parser, so no entities to expand.
 */

import { nameOnly, type Recipe, recipeJson } from "./recipe.ts";

export const xmpKeyword = "XML:com.adobe.xmp";

const sourceTypes = "http://cv.iptc.org/newscodes/digitalsourcetype/";
const maximumPacketChars = 4 * 1024 * 1024;

/** IPTC's word for the origin of a picture (NewsCodes, digital source type). */
export type DigitalSourceType = "trainedAlgorithmicMedia" | "compositeWithTrainedAlgorithmicMedia";

/** The origin that a recipe implies: an edit of a real picture is a composite. */
export function sourceTypeOf(recipe: Recipe): DigitalSourceType {
  return recipe.edited ? "compositeWithTrainedAlgorithmicMedia" : "trainedAlgorithmicMedia";
}

/** A packet with the source type, three of the AI fields of IPTC 2025.1, and the whole recipe. */
export function xmpPacket(recipe: Recipe): string {
  const prompt = recipe.prompt ?? recipe.classLabel;
  const fields: [string, string | undefined][] = [
    ["Iptc4xmpExt:DigitalSourceType", sourceTypes + sourceTypeOf(recipe)],
    ["Iptc4xmpExt:AIPromptInformation", prompt],
    ["Iptc4xmpExt:AISystemUsed", `Ordo ${nameOnly(recipe.model)}`],
    ["Iptc4xmpExt:AISystemVersionUsed", recipe.ordoVersion],
    ["xmp:CreatorTool", `Ordo ${recipe.ordoVersion}`],
    ["ordo:recipe", recipeJson(recipe)],
  ];
  const attributes = fields
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}="${escaped(value!)}"`);
  return [
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>',
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">',
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
    '<rdf:Description rdf:about=""',
    'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"',
    'xmlns:xmp="http://ns.adobe.com/xap/1.0/"',
    'xmlns:ordo="urn:ordo:recipe#"',
    `${attributes.join("\n")}/>`,
    "</rdf:RDF>",
    "</x:xmpmeta>",
    '<?xpacket end="w"?>',
  ].join("\n");
}

/** What a packet says about origin and recipe; other programs may write the mark as an element. */
export function readXmp(packet: string): { recipe?: string; sourceType?: string } {
  if (packet.length > maximumPacketChars) return {};
  const recipe = /\sordo:recipe="([^"]*)"/.exec(packet)?.[1];
  const sourceType = /digitalsourcetype\/([A-Za-z]+)/.exec(packet)?.[1];
  return {
    ...(recipe === undefined ? {} : { recipe: unescaped(recipe) }),
    ...(sourceType === undefined ? {} : { sourceType }),
  };
}

function escaped(text: string): string {
  // XML has no way to write other control characters
  const plain = [...text].filter((c) => c >= " " || c === "\n" || c === "\t").join("");
  return plain.replace(/[&<>"\n\t]/g, (c) => `&#${c.charCodeAt(0)};`);
}

function unescaped(text: string): string {
  const names: Readonly<Record<string, string>> = {
    amp: "&",
    lt: "<",
    gt: ">",
    quot: '"',
    apos: "'",
  };
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name) return names[name] ?? whole;
    const code = hex ? Number.parseInt(hex, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
