/** Text from a seed: common English words, numbers and a few symbols. */
import type { Random } from "../random/random.ts";
import { pick } from "./colours.ts";

const words = `about above across after again against all almost along already also always among
answer any around because been before began begin being below best better between big black blue
book both bring build but call came can carry change city clear close cold color come could country
course cover cut dark day different does done door down draw each early earth east easy end enough
even ever every example eye face fact family far fast feel few field figure find first five follow
food form found four friend from full game gave give gold good great green ground group grow half
hand happy hard have head hear heat help here high hold home horse hot hour house how hundred idea
image inch island just keep kind king knew know land language large last late laugh learn leave left
letter life light line list listen little live long look low machine made main make many map mark
matter mean measure men might mile mind minute money moon more morning most mountain move much music
must name near need never new next night north note nothing notice now number object often old once
only open order other own page paper part pass pattern people perhaps person picture piece place
plain plan plant play point power press problem produce question quick rain ran reach read ready
real record red remember rest right river road rock room round rule run said same saw say school
science sea second see seem sentence serve set several shape she ship short should show side simple
since sing size sleep slow small snow some song soon sound south space special spell stand star
start state stay step still stood stop story street strong study such summer sun sure table take
talk teach tell ten test than that the their them then there these they thing think this those
though thought thousand three through time told took top toward town travel tree true try turn two
under unit until use usual very voice vowel walk want war warm was watch water way week well went
were west what wheel when where which while white whole why will wind winter wish with wonder wood
word work world would write year yellow yes yet young your`.split(/\s+/);

/** A lower-case word. */
export function word(draws: Random): string {
  return pick(draws, words);
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Sentences of a given number of words, with numbers, percentages and formulas among them. */
export function prose(draws: Random, count: number): string[] {
  const out: string[] = [];
  let left = 0;
  while (out.length < count) {
    const first = left === 0;
    if (first) left = Math.min(6 + draws.integer(9), count - out.length);
    left--;
    const token = !first && draws.uniform() < 0.09 ? figure(draws) : word(draws);
    const end = left === 0 ? "." : draws.uniform() < 0.08 ? "," : "";
    out.push((first ? capitalised(token) : token) + end);
  }
  return out;
}

function figure(draws: Random): string {
  const number = String(1 + draws.integer(999));
  const forms = [number, `${number}.${draws.integer(10)}`, `${number}%`, `(${number})`];
  return pick(draws, [...forms, `${pick(draws, ["n", "k", "x"])}=${number}`]);
}
