import { clean } from "./mesh/clean.ts";

/** So many texts are remembered; a mesh has fewer, and strangers may send more. */
const MOST = 50_000;
const LONGEST = 1_024;
const cleaned = new Map<string, string>();

/** As `clean`, and one string for each text: names and labels come back with every pod and in every row of every answer. */
export function cleanOnce(text: string): string {
  const known = cleaned.get(text);
  if (known !== undefined) return known;
  const name = clean(text);
  if (text.length > LONGEST) return name;
  if (cleaned.size >= MOST) cleaned.clear();
  cleaned.set(text, name);
  return name;
}
